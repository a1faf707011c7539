// The grid of a page whose columns stand side by side: where on its line every stretch of ink is.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/unicode.h"

namespace inkwash::stages {

/// Tools pad lines by different rulers. Poppler counts characters, whatever their width; others
/// count half-ems. On the wrong ruler the edge of a column wanders with the digits of each line.
enum Ruler : std::uint8_t { by_characters, by_half_ems };
inline constexpr std::array<Ruler, 2> rulers = {by_characters, by_half_ems};

/// From the beginning of the line, on each ruler.
struct Position {
  std::array<std::int32_t, 2> on{};
};

/// A place in a line.
struct Place {
  ByteOffset byte = 0;  ///< of the text
  Position position;
};

/// White space between ink.
struct Gap {
  Place begin;
  Place end;
};

/// A part of a line: at first its ink, then what is on one side of a gutter.
struct Fragment {
  std::uint32_t line = 0;       ///< index in Document::lines()
  std::uint32_t first_gap = 0;  ///< its wide gaps, in Page::gaps
  std::uint32_t end_gap = 0;
  Place begin;
  Place end;

  [[nodiscard]] std::int32_t half_ems() const noexcept {
    return end.position.on[by_half_ems] - begin.position.on[by_half_ems];
  }
};

/// True where some line has two spaces or an ideographic one between ink, or begins far from the
/// margin: without that there is no gutter to be seen. Reads the text once, without decoding it.
[[nodiscard]] bool may_have_gutters(std::string_view text) noexcept;

/// Value type, valid as long as the document is not changed. Not thread-safe.
class Page {
 public:
  /// `least_gap` is the least width of a gap in half-ems; a line of more than `most_characters`
  /// belongs to no column and has no gaps.
  Page(const Document& document, std::int32_t least_gap, std::uint32_t most_characters);

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::span<const Line> lines() const noexcept { return lines_; }

  /// Measures the lines [first, end) and forgets the gaps of those measured before.
  void measure(std::uint32_t first, std::uint32_t end, std::vector<Fragment>& block);
  [[nodiscard]] std::span<const Gap> gaps_of(const Fragment& fragment) const noexcept {
    return std::span<const Gap>(gaps_).subspan(fragment.first_gap, fragment.end_gap - fragment.first_gap);
  }

  /// The two parts of a fragment that is cut at `gap`.
  [[nodiscard]] Fragment before(const Fragment& fragment, const Gap& gap) const noexcept;
  [[nodiscard]] Fragment behind(const Fragment& fragment, const Gap& gap) const noexcept;

  [[nodiscard]] CharClass last_class(const Fragment& fragment) const noexcept {
    return class_of(valid_utf8_previous(text_, fragment.end.byte).codepoint);
  }
  /// True where spaces part most of the characters.
  [[nodiscard]] bool is_letter_spaced(const Fragment& fragment) const noexcept;

 private:
  /// Characters that an earlier stage dropped inside a line, a jump line at the end of a column or
  /// a mark before a byline: what follows stood further right.
  struct Hole {
    ByteOffset at = 0;  ///< of the text
    Position width;
  };
  void find_holes();
  [[nodiscard]] Fragment fragment_of(std::uint32_t line);

  const Document& document_;
  std::string_view text_;
  std::span<const Line> lines_;
  std::int32_t least_gap_;
  std::uint32_t most_characters_;
  std::vector<Hole> holes_;  ///< sorted
  std::vector<Gap> gaps_;    ///< sorted
};

}  // namespace inkwash::stages
