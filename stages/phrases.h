// A few phrases that are rare, and looked for in all of a text.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace inkwash::stages {

/// Immutable; safe to use from any thread.
class Phrases {
 public:
  Phrases() = default;
  /// Any bytes. An empty phrase is nowhere.
  explicit Phrases(std::vector<std::string> texts);

  [[nodiscard]] const std::vector<std::string>& texts() const noexcept { return texts_; }
  /// Whether any of them stands in `text`, any bytes. Fast where few of the phrases' first three bytes stand there.
  [[nodiscard]] bool any_in(std::string_view text) const noexcept;

 private:
  std::vector<std::string> texts_;
  std::vector<std::array<char, 3>> heads_;  ///< their first bytes
  bool are_long_ = true;                    ///< all have these
};

}  // namespace inkwash::stages
