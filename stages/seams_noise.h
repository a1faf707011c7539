// What recognition made of a gutter's rule or shadow, or of a page's edge: marks apart from the text of a column.
//
//     SeamNoise noise(settings);
//     noise.without("| 记者昨天从 _")   // 记者昨天从
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {

class SeamNoise {
 public:
  /// Reads noise.marks and noise.rules; mistakes are added to `settings`.
  explicit SeamNoise(Settings& settings)
      : marks_(settings.characters("noise.marks")), rules_(settings.characters("noise.rules")) {}

  /// Whether it may be noise where a space sets it apart.
  [[nodiscard]] bool is_mark(Codepoint codepoint) const noexcept { return contains(marks_, codepoint); }
  /// The text without its noise; empty where there is nothing else.
  [[nodiscard]] std::string_view without(std::string_view text) const noexcept;
  /// Bytes of noise that the text begins and ends with, and of the space beside it.
  [[nodiscard]] std::size_t before(std::string_view text) const noexcept;
  [[nodiscard]] std::size_t after(std::string_view text) const noexcept;

 private:
  std::u32string marks_;
  std::u32string rules_;  ///< those that are noise beside the text, too
};

}  // namespace inkwash::stages
