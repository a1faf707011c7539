#include "stages/tables.h"

#include <algorithm>
#include <cstddef>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr std::size_t least_rows = 3;
constexpr std::size_t most_cells = 16;
constexpr std::size_t most_characters = 12;  // of a cell
constexpr std::uint32_t widest_row = 160;    // half-ems
constexpr std::uint32_t wide_gap = 2;        // half-ems: names have a space of one in them

/// The cells of a line, told by any white space or only by wide gaps; 0: there are none, or the line is no row.
struct Cells {
  std::size_t all = 0, wide = 0;
  std::size_t figures = 0;  ///< of all, but the first
  bool first_is_figure = false, last_is_figure = false;
  bool words = false;  ///< a cell has more than one character
};

bool is_space(Codepoint codepoint) { return class_of(codepoint) == CharClass::space; }

/// A number, perhaps with a sign before it or a measure after it.
bool is_figure(std::string_view cell) {
  std::size_t digits = 0, others = 0;
  for (std::size_t at = 0; at < cell.size();) {
    const auto [codepoint, length] = valid_utf8_next(cell, at);
    at += length;
    const CharClass c = class_of(codepoint);
    if (c == CharClass::digit)
      ++digits;
    else if (is_ideographic(c) || c == CharClass::latin)
      ++others;
    else if (c == CharClass::stop || c == CharClass::pause)
      return false;
    if (digits == 0 && others > 0) return false;
  }
  return digits > 0 && others <= 2;
}

Cells cells_of(std::string_view text, const Line& line) {
  const std::string_view ink = line.ink.of(text);
  if (line.width > widest_row || !line.has(CharClass::space)) return {};
  Cells cells;
  for (std::size_t at = 0; at < ink.size();) {
    const std::size_t begin = at;
    std::size_t characters = 0;
    Codepoint codepoint = 0;
    while (at < ink.size()) {
      const auto next = valid_utf8_next(ink, at);
      if (is_space(next.codepoint)) break;
      codepoint = next.codepoint;
      if (class_of(codepoint) == CharClass::stop || class_of(codepoint) == CharClass::pause) return {};
      at += next.length;
      ++characters;
    }
    if (characters > most_characters) return {};
    cells.words |= characters > 1;
    cells.last_is_figure = is_figure(ink.substr(begin, at - begin));
    if (cells.all == 0)
      cells.first_is_figure = cells.last_is_figure;
    else
      cells.figures += cells.last_is_figure;
    ++cells.all;
    std::uint32_t gap = 0;
    while (at < ink.size()) {
      const auto next = valid_utf8_next(ink, at);
      if (!is_space(next.codepoint)) break;
      gap += half_ems(next.codepoint);
      at += next.length;
    }
    cells.wide += gap >= wide_gap || at >= ink.size();
  }
  if (cells.all < 2 || cells.all > most_cells || !cells.words) return {};
  return cells;
}

/// Where gaps are no wider than between words all cells but the first must be figures, or half of all and the last.
bool has_figures(const Cells& cells) {
  if (cells.all == 0) return false;
  if (cells.wide > 1) return 2 * cells.figures >= cells.wide - 1;
  const std::size_t figures = cells.figures + cells.first_is_figure;
  return cells.figures == cells.all - 1 || (cells.last_is_figure && figures >= 2 && 2 * figures >= cells.all);
}

bool has_as_many(const Cells& a, const Cells& b) { return a.all == b.all || (a.wide == b.wide && a.wide >= 2); }

}  // namespace

std::vector<bool> find_table_rows(std::string_view text, std::span<const Line> lines) {
  std::vector<bool> rows;
  for (std::size_t i = 0; i < lines.size();) {
    if (!lines[i].has(CharClass::digit)) {
      ++i;
      continue;
    }
    Cells above = cells_of(text, lines[i]);
    std::size_t end = i + 1;
    if (has_figures(above)) {
      const Cells first = above;
      for (; end < lines.size() && lines[end].blanks_before <= 1 && lines[end].has(CharClass::digit); ++end) {
        const Cells here = cells_of(text, lines[end]);
        if (!has_figures(here) || !has_as_many(above, here)) break;
        above = here;
      }
      if (end - i >= least_rows) {
        if (rows.empty()) rows.resize(lines.size(), false);
        std::fill(rows.begin() + static_cast<std::ptrdiff_t>(i), rows.begin() + static_cast<std::ptrdiff_t>(end), true);
        if (i > 0 && !rows[i - 1]) {
          const Cells head = cells_of(text, lines[i - 1]);
          rows[i - 1] = head.all > 0 && head.figures == 0 && has_as_many(head, first);
        }
      }
    }
    i = end;
  }
  return rows;
}

bool any_table_row(const std::vector<bool>& rows, std::size_t first, std::size_t last) {
  if (rows.empty()) return false;
  const auto at = [&](std::size_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
  return std::find(at(first), at(last), true) != at(last);
}

}  // namespace inkwash::stages
