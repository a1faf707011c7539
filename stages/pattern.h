// Patterns of rules files: RE2 expressions, compiled when a text that may match is first seen. One that is no more than
// the characters it matches is never compiled.
//
// Compiling takes RE2 up to a millisecond a pattern, longer than a page takes to clean; most of it goes into counted
// repetitions of large classes (`\p{Han}{0,14}` is fifteen classes). Most pages need few of the patterns, and the
// characters of a text tell which: a byline with 记者 in it needs 记 or 記, and then 者.
//
//     const Pattern dateline(lines, "dateline", lines.strings("dateline"));
//     if (dateline.begins(line)) ...
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// What the characters of a text tell of whether a pattern can match: never more than is true, and less of an
/// expression that is long or not understood.
struct Signs {
  std::vector<std::u32string> needs;  ///< whatever matches holds a character of each of these sets, in their order
  std::u32string first;               ///< and begins with one of these; empty: with any
  std::size_t longest = unlimited;    ///< and has no more characters than this

  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
};
[[nodiscard]] Signs signs_of(std::string_view pattern);

/// Matches what any of its alternatives does. Immutable but for what is made ready when it is first asked for;
/// thread-safe. Movable, not copyable; the empty pattern, which only makes room for another, can't be asked.
class Pattern {
 public:
  Pattern();
  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  /// \p{Han} is what CharClass::han is. An alternative that RE2 refuses is an error of `settings` that names `key`;
  /// those of the built-in rules, which the tests compile, are believed.
  Pattern(Settings& settings, std::string_view key, std::vector<std::string> alternatives);

  /// All of the text, its beginning, or any part of it.
  [[nodiscard]] bool matches(std::string_view text) const { return matches(text, nullptr); }
  [[nodiscard]] bool begins(std::string_view text) const { return begins(text, nullptr); }
  [[nodiscard]] bool found_in(std::string_view text) const { return found_in(text, nullptr); }
  /// The same of the ink of a line of `text`: most lines are told by what is known of their characters.
  [[nodiscard]] bool matches(std::string_view text, const Line& line) const { return matches(line.ink.of(text), &line); }
  [[nodiscard]] bool begins(std::string_view text, const Line& line) const { return begins(line.ink.of(text), &line); }
  [[nodiscard]] bool found_in(std::string_view text, const Line& line) const {
    return found_in(line.ink.of(text), &line);
  }
  /// What the first alternative that begins the text matches of it; empty: none does.
  [[nodiscard]] std::string_view beginning_of(std::string_view text) const;
  /// The first part of the text that matches; empty, at its end, where none does.
  [[nodiscard]] std::string_view first_in(std::string_view text) const;
  /// All of the text, as one match after another, each as long as its alternative prefers or shorter.
  [[nodiscard]] bool tiles(std::string_view text) const;

 private:
  struct Expression;
  class Alternative;
  class Index;
  [[nodiscard]] const Index& index() const;
  // `line`: whose ink the text is; null: it is no line's.
  [[nodiscard]] bool matches(std::string_view text, const Line* line) const;
  [[nodiscard]] bool begins(std::string_view text, const Line* line) const;
  [[nodiscard]] bool found_in(std::string_view text, const Line* line) const;

  struct Lazy;
  std::unique_ptr<const Lazy> lazy_;
};

[[nodiscard]] std::string replace_all(std::string text, std::string_view from, std::string_view to);

/// One expression that matches where any of `patterns` does. As alternatives of a Pattern only those that a text may
/// match are compiled.
[[nodiscard]] std::string any_of(const std::vector<std::string>& patterns);

/// Each of `patterns` between two others.
[[nodiscard]] std::vector<std::string> each_between(std::string_view before, std::vector<std::string> patterns,
                                                    std::string_view after);

}  // namespace inkwash::stages
