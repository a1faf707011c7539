// What stands at the pages' edges of a text of many pages: numbers, running heads, footnotes.
//
// A page ends at a blank line where blank lines are page breaks: at most of them a number, a single
// character (a number misread) or a running head stands, and sentences go on over them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/pattern.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Finds them. Immutable after construction; thread-safe.
class PageEdges {
 public:
  PageEdges() = default;
  /// Reads [pages] of furniture.toml; mistakes are added to `settings`.
  explicit PageEdges(Settings& settings);

  enum class Part : std::uint8_t { text, number, head, note };
  /// What each of the lines is. Empty: all are text.
  [[nodiscard]] std::vector<Part> parts_of(std::string_view text, std::span<const Line> lines) const;
  /// Where `ink` refers to a footnote: circled numbers that begin no item of a list.
  [[nodiscard]] static std::vector<TextRange> references_in(std::string_view text, TextRange ink);

 private:
  [[nodiscard]] static bool is_number(std::string_view ink);
  [[nodiscard]] std::size_t begin_of_notes(std::string_view text, std::span<const Line> lines, std::size_t first,
                                           std::size_t end, bool paged) const;

  Pattern source_, link_, cited_, numbered_;
  std::size_t least_ = 0, most_note_ = 0;
  std::uint32_t widest_head_ = 0;
  double share_ = 0;
};

}  // namespace inkwash::stages
