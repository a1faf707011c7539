// What the ink of one line shows of how it was wrapped: its end, its beginning, what it is made of.
//
// All functions are pure and safe to call from any thread; inks are valid UTF-8 and not empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "inkwash/document.h"
#include "stages/wraps_rows.h"

namespace inkwash::stages {

/// How the line ends, brackets and quotation marks aside.
[[nodiscard]] Ending ending_of(std::string_view ink, bool old_punctuation);

/// Half-ems of the first thing of a line that can't be parted from its beginning.
[[nodiscard]] Cost first_cluster(std::string_view ink);

/// What the characters of a line are.
struct Letters {
  std::uint32_t narrow = 0;            ///< ASCII letters, digits and marks
  std::uint32_t full_marks = 0;        ///< full-width marks but the brackets below
  bool latin = false;                  ///< the line is Latin text
  int round = 0, book = 0, quote = 0;  ///< open brackets less closed ones
  bool marks = false;                  ///< a stop or pause before the line's last characters
  bool spaces = false;                 ///< a space between ideographs
};
[[nodiscard]] Letters count_letters(std::string_view ink, const Line& line, bool old_punctuation);

/// The line ends inside the address of a page, which may be broken anywhere, and the next goes on with it.
/// `of_link`: it begins inside one.
[[nodiscard]] bool goes_on_with_link(std::string_view ink, bool of_link, std::string_view next, bool latin);

/// The Words of a Latin Headline Begin with Capitals, but for short ones.
[[nodiscard]] bool is_title_case(std::string_view ink, std::size_t least = 3);

/// Characters that both begin with, but for marks.
[[nodiscard]] std::size_t common_beginning(std::string_view a, std::string_view b);

/// Ideographs and nothing else.
[[nodiscard]] bool is_han(std::string_view ink);

/// ...」
[[nodiscard]] bool ends_in_quotation(std::string_view ink);

/// ... 「...」: the last clause, behind a space, is a quotation.
[[nodiscard]] bool ends_in_quoted_clause(std::string_view ink);

/// （...） and nothing else.
[[nodiscard]] bool in_brackets(std::string_view ink);

}  // namespace inkwash::stages
