// Personal names as newspapers set them, by rules/names.toml.
#pragma once

#include <bitset>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/stage.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Immutable after construction; thread-safe.
class Names {
 public:
  /// Mistakes in the rules are added to `settings`.
  Names(Settings& settings, const StageOptions& options, const Rules& rules);

  [[nodiscard]] bool is_surname(char32_t codepoint) const noexcept {
    return codepoint < single_.size() ? single_[codepoint] : contains(surnames_, codepoint);
  }
  /// The text ends with a word that names follow: 记者, 通讯员, 摄影.
  [[nodiscard]] bool ends_with_role(std::string_view text) const noexcept;
  /// The text ends inside a list of names: after 记者, or after a whole name that follows it.
  [[nodiscard]] bool list_open(std::string_view text) const noexcept;
  /// The text begins with a name of two to four ideographs and its end: a mark, a space.
  [[nodiscard]] bool begins_with_name(std::string_view text) const noexcept;
  /// The text ends with a word that a lone name follows without a space: （记者.
  [[nodiscard]] bool ends_with_tight_role(std::string_view text) const noexcept;
  /// A mark that ends a list of names.
  [[nodiscard]] bool ends_list(char32_t codepoint) const noexcept;
  /// Exactly one name: two to four ideographs that begin with a family name.
  [[nodiscard]] bool is_name(std::string_view text) const noexcept;

 private:
  std::u32string surnames_;
  std::bitset<0xA000> single_;  ///< the same, for it is asked at every join; all but the rarest are below
  std::vector<std::string> compound_;
  std::vector<std::string> roles_, tight_;
  std::size_t shortest_role_ = std::numeric_limits<std::size_t>::max();  ///< bytes
  std::u32string ends_;
};

}  // namespace inkwash::stages
