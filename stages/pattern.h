// Patterns of rules files: RE2 expressions, compiled when a text that may match is first seen.
//
// Compiling takes RE2 up to a millisecond a pattern, longer than a page takes to clean. Most pages need few of
// the patterns, and the characters of a text tell which: a byline with 记者 in it needs 记 or 記.
//
//     const Pattern dateline(lines, "dateline", lines.strings("dateline"));
//     if (dateline.begins(line)) ...
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stages/settings.h"

namespace re2 {
class RE2;
}

namespace inkwash::stages {

/// What the characters of a text tell of whether a pattern can match: never more than is true, and less of an
/// expression that is long or not understood.
struct Signs {
  std::vector<std::u32string> needs;  ///< whatever matches holds at least one character of each of these sets
  std::u32string first;               ///< and begins with one of these; empty: with any
  std::size_t longest = unlimited;    ///< and has no more characters than this

  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
};
[[nodiscard]] Signs signs_of(std::string_view pattern);

/// Matches what any of its alternatives does. Immutable but for what is compiled meanwhile; thread-safe. Movable,
/// not copyable.
class Pattern {
 public:
  Pattern() = default;
  /// \p{Han} is what CharClass::han is. An alternative that RE2 refuses is an error of `settings` that names `key`;
  /// those of the built-in rules, which the tests compile, are believed.
  Pattern(Settings& settings, std::string_view key, const std::vector<std::string>& alternatives);

  /// All of the text, its beginning, or any part of it.
  [[nodiscard]] bool matches(std::string_view text) const;
  [[nodiscard]] bool begins(std::string_view text) const;
  [[nodiscard]] bool found_in(std::string_view text) const;
  /// The first part of the text that matches; empty, at its end, where none does.
  [[nodiscard]] std::string_view first_in(std::string_view text) const;

 private:
  struct Alternative;
  struct Entry {
    std::shared_ptr<const Alternative> alternative;
    std::uint64_t needs;  ///< bits of the sets of which the text must have a character
    std::uint64_t first;  ///< the bit of the set that the match begins with; 0: with anything
  };
  /// The sets a character is in.
  struct Slot {
    char32_t codepoint = 0;  ///< 0: no character
    std::uint64_t needs = 0;
    std::uint64_t first = 0;
  };
  /// Calls `match` with the alternatives that may match until one does. `anchored`: at the beginning of the text,
  /// of which no match reaches past `reach` bytes.
  template <typename Match>
  bool any(std::string_view text, bool anchored, std::size_t reach, Match match) const;
  /// The bits `needs` of all characters in the first `reach` bytes of the text.
  [[nodiscard]] std::uint64_t sets_in(std::string_view text, std::size_t reach) const noexcept;
  /// The slot of a character, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(char32_t codepoint) const noexcept;

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< a hash table with open addressing; its size is a power of two, most of it empty
  /// By the low twelve bits of a codepoint, the last two bytes of nearly all: whether one in a slot has these.
  std::array<std::uint64_t, 64> may_be_{};
  std::size_t most_bytes_ = 0;  ///< of a match
};

[[nodiscard]] std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// One expression that matches where any of `patterns` does.
[[nodiscard]] std::string any_of(const std::vector<std::string>& patterns);

}  // namespace inkwash::stages
