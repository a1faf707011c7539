#include "stages/wraps_alone.h"

#include <algorithm>
#include <utility>

#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

bool ends_verse(const Row& row) { return row.ending == Ending::pause || row.ending == Ending::stop; }

}  // namespace

LinesAlone::LinesAlone(Settings& wraps, Settings& lines, CoherenceModel model)
    : model_(std::move(model)),
      verse_lines_(static_cast<std::size_t>(wraps.number("verse.least_lines", 2, 1000))),
      free_lines_(static_cast<std::size_t>(wraps.number("verse.free_lines", 2, 1000))),
      free_ragged_(static_cast<std::size_t>(wraps.number("verse.free_ragged", 1, 1000))),
      verse_width_(static_cast<std::uint32_t>(wraps.number("verse.most_width", 2, 1000))),
      free_width_(static_cast<std::uint32_t>(wraps.number("verse.free_width", 2, 1000))),
      free_word_(wraps.cost("verse.free_word")),
      table_pattern_(lines, "table_row", lines.strings("table_row")) {}

void LinesAlone::mark(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const {
  // Where 、 ends sentences, lines of prose often end so, and verses were set running on.
  if (!rows.empty() && !rows[0].old_punctuation) find_verse(lines, rows);
  find_free_verse(text, lines, rows);
  find_tables(text, lines, rows);
}

void LinesAlone::find_verse(std::span<const Line> lines, std::span<Row> rows) const {
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i + 1;
    while (end < lines.size() && lines[end].width == lines[i].width && ends_verse(rows[end])) ++end;
    if (end - i >= verse_lines_ && lines[i].width <= verse_width_ && ends_verse(rows[i]))
      for (std::size_t k = i; k < end; ++k) rows[k].stands_alone = true;
    i = end;
  }
}

void LinesAlone::find_free_verse(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const {
  constexpr std::size_t shortest_stanza = 3;
  const auto may_be = [&](std::size_t i) {
    return !rows[i].latin && !rows[i].clause && lines[i].gaps == 0 && !lines[i].has(CharClass::space) &&
           lines[i].width >= 4 && lines[i].width <= free_width_;
  };
  std::vector<std::pair<std::size_t, std::size_t>> stanzas;  // one after another: lines [first, second)
  const auto flush = [&] {
    std::uint32_t widest = 0;
    for (const auto& [first, last] : stanzas)
      for (std::size_t k = first; k < last; ++k) widest = std::max(widest, lines[k].width);
    std::size_t count = 0, ragged = 0, plain = 0;
    for (const auto& [first, last] : stanzas) {
      count += last - first;
      for (std::size_t k = first; k < last; ++k) {
        const bool no_mark = rows[k].ending == Ending::plain;
        plain += no_mark;
        ragged += no_mark && k + 1 < last && lines[k].width + 2 <= widest;
      }
    }
    // Verses break between words; headlines below each other that are wrapped do not.
    const auto is_wrapped = [&] {
      for (const auto& [first, last] : stanzas)
        for (std::size_t k = first; k + 1 < last; ++k)
          if (rows[k].ending == Ending::plain && lines[k].width + 2 > widest &&
              model_.continuation(lines[k].ink.of(text), lines[k + 1].ink.of(text)) > free_word_)
            return true;
      return false;
    };
    if (count >= free_lines_ && ragged >= free_ragged_ && 2 * plain >= count && !is_wrapped()) {
      for (const auto& [first, last] : stanzas)
        for (std::size_t k = first; k < last; ++k) rows[k].stands_alone = true;
      // The title, or who wrote it.
      if (const std::size_t first = stanzas.front().first; first > 0 && rows[first - 1].ending == Ending::plain)
        rows[first - 1].stands_alone = true;
    }
    stanzas.clear();
  };
  for (std::size_t i = 0; i < lines.size();) {
    std::size_t end = i;
    while (end < lines.size() && may_be(end) && (end == i || lines[end].blanks_before == 0)) ++end;
    const bool closed = end == lines.size() || lines[end].blanks_before > 0;
    const bool opened = i == 0 || lines[i].blanks_before > 0;
    if (opened && closed && end - i >= shortest_stanza)
      stanzas.emplace_back(i, end);
    else
      flush();
    i = std::max(end, i + 1);
  }
  flush();
}

void LinesAlone::find_tables(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const {
  // The spaces of a line that may be a row; 0 of one that can't.
  const auto spaces_of = [&](std::size_t i) -> std::size_t {
    const std::string_view ink = lines[i].ink.of(text);
    if (lines[i].width > 80 || rows[i].latin || !lines[i].has(CharClass::space) || !lines[i].has(CharClass::digit))
      return 0;
    if (std::none_of(ink.begin(), ink.end(), [](char c) { return c >= '0' && c <= '9'; })) return 0;
    return static_cast<std::size_t>(std::count(ink.begin(), ink.end(), ' '));
  };
  if (const std::vector<bool> found = find_table_rows(text, lines); !found.empty())
    for (std::size_t i = 0; i < lines.size(); ++i) rows[i].stands_alone = rows[i].stands_alone || found[i];
  const auto is_row = [&](std::size_t i) { return table_pattern_.matches(text, lines[i]); };
  std::size_t before = lines.empty() ? 0 : spaces_of(0);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t here = spaces_of(i);
    if (here > 0 && here == before && is_row(i - 1) && is_row(i)) {
      rows[i - 1].stands_alone = rows[i].stands_alone = true;
      // What stands above with as many cells is the table's head.
      if (i >= 2) {
        const std::string_view head = lines[i - 2].ink.of(text);
        rows[i - 2].stands_alone |= static_cast<std::size_t>(std::count(head.begin(), head.end(), ' ')) == here;
      }
    }
    before = here;
  }
}

}  // namespace inkwash::stages
