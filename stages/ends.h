// How a line or fragment begins and ends: what stages that join text ask first.
//
// All functions are pure and safe to call from any thread; texts are valid UTF-8 and not empty.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "inkwash/unicode.h"

namespace inkwash::stages {

[[nodiscard]] inline CharClass first_class(std::string_view text) noexcept {
  return class_of(valid_utf8_next(text, 0).codepoint);
}
[[nodiscard]] inline CharClass last_class(std::string_view text) noexcept {
  return class_of(valid_utf8_previous(text, text.size()).codepoint);
}

/// Ends where no sentence does.
[[nodiscard]] bool is_open(std::string_view text) noexcept;

/// Begins with a mark that kinsoku forbids at the beginning of a line.
[[nodiscard]] bool begins_badly(std::string_view text) noexcept;

/// What stands between the two parts of a paragraph that were torn apart: nothing, or a space between words.
[[nodiscard]] std::string_view joint(std::string_view left, std::string_view right) noexcept;

/// Letter-spaced from end to end: a space between any two characters.
[[nodiscard]] bool is_stretched(std::string_view text) noexcept;

/// Holds a mark that sentences have and headlines have not; a colon, which notes and sources have, is none.
[[nodiscard]] bool has_sentence_marks(std::string_view ink) noexcept;

/// Holds a space as `normalize` leaves them: U+0020, U+3000 or a tab.
[[nodiscard]] bool has_space(std::string_view text) noexcept;

/// Newspapers before the 1930s set 、 where later ones set ，and 。: there it ends sentences too.
/// Looks at the beginning of a long text only. An empty text has none.
[[nodiscard]] bool has_old_punctuation(std::string_view text) noexcept;

/// text.find(part), which looks at each place that part's first byte stands at: slow for Chinese, where that is
/// every tenth or so.
[[nodiscard]] std::size_t find(std::string_view text, std::string_view part) noexcept;

/// How many pairs of ideographs of `headline` stand in `text` too, which goes on from each part to the next.
[[nodiscard]] std::size_t shared_pairs(std::string_view headline, std::span<const std::string_view> text);
[[nodiscard]] inline std::size_t shared_pairs(std::string_view headline, std::string_view text) {
  return shared_pairs(headline, std::span(&text, 1));
}

}  // namespace inkwash::stages
