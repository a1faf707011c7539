#include "stages/wraps_interruptions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages {

InterruptedLines::InterruptedLines(Settings& wraps, Settings& lines, const Rules& rules, const CoherenceModel& model)
    : interruptions_(wraps, rules, model),
      marks_(wraps.characters("marks.of_captions")),
      caption_(lines, "caption_begin", {lines.string("caption_begin")}),
      credit_(lines, "credit_end", each_between(".*", lines.strings("credit_end"), {})),
      byline_(lines, "byline", lines.strings("byline")),
      source_(lines, "source", lines.strings("source")),
      most_caption_(wraps.count("interrupted.caption")),
      unlike_(wraps.cost("interrupted.unlike")),
      indent_(wraps.cost("join.indent_half_ems")),
      widest_(wraps.cost("interrupted.widest")) {}

void InterruptedLines::mark(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const {
  if (rows.empty() || rows[0].old_punctuation) return;
  for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
    const Row& row = rows[i];
    const bool of_text = row.clause || row.ending == Ending::pause ||
                         (i > 0 && rows[i - 1].ending <= Ending::pause && rows[i - 1].clause);
    if (row.ending > Ending::pause || !of_text || row.latin || row.byline || row.kinsoku_next || row.stands_alone ||
        !Interruptions::may_break_off(lines[i].ink.of(text)))
      continue;
    const auto [count, is_caption] = lines_below(text, lines, rows, i);
    if (count == 0) continue;
    rows[i].interrupted = rows[i + count].interrupted = true;
    for (std::size_t k = i + 1; k < i + count; ++k)
      if (is_caption)
        rows[k].dangling = true;
      else if (count > 2 && !rows[i + 1].clause)  // two may be one headline
        rows[k].interrupted = interruptions_.are_parted(lines[k].ink.of(text), lines[k + 1].ink.of(text));
    i += count;
  }
}

InterruptedLines::Known InterruptedLines::lines_below(std::string_view text, std::span<const Line> lines,
                                                      std::span<const Row> rows, std::size_t i) const {
  const auto ink = [&](std::size_t k) { return lines[k].ink.of(text); };
  const auto is_unlike = [&](std::size_t k) {
    return (rows[i].blank_next && rows[i].blank_join >= 1) || rows[k].width < rows[i].width - unlike_ ||
           rows[k].width > rows[i].width + indent_ + unlike_;
  };
  const auto is_short = [&](std::size_t k) {
    return rows[k].width + rows[k].next_cluster + rows[k].tolerance <= rows[i].width;
  };
  const auto is_plain = [&](std::size_t k) {
    const bool quoted = first_class(ink(k)) == CharClass::open && last_class(ink(k)) == CharClass::close;
    return (rows[k].ending == Ending::plain || quoted) && !rows[k].clause && !rows[k].latin && !rows[k].dateline &&
           !rows[k].stands_alone && rows[k].width <= widest_ && is_unlike(k);
  };
  const Known below = known_lines(text, lines, i + 1);
  if (below.is_whole) return below;
  const std::size_t known = below.lines;
  const std::size_t most = std::min(rows.size() - i - 2, interruptions_.most_lines());
  std::vector<std::string_view> between;
  float best = 0;
  std::size_t count = 0, short_lines = 0;
  bool plain = true;
  for (std::size_t n = 1; n <= most; ++n) {
    plain &= is_plain(i + n);
    if (!plain && n > known) break;
    between.push_back(ink(i + n));
    short_lines += plain && is_short(i + n);
    if (rows[i + n].kinsoku_next || rows[i + n + 1].latin || n < known) continue;
    if (is_plain(i + n + 1) && is_short(i + n + 1)) continue;  // more of it
    const float gain = interruptions_.gain(ink(i), between, ink(i + n + 1), n == known, short_lines);
    if (gain <= best) continue;
    best = gain;
    count = n;
  }
  return {count, false};
}

InterruptedLines::Known InterruptedLines::known_lines(std::string_view text, std::span<const Line> lines,
                                                      std::size_t i) const {
  const bool marked = contains(marks_, valid_utf8_next(text, lines[i].ink.begin).codepoint);
  if (!marked && !caption_.begins(text, lines[i]))
    return {byline_.matches(text, lines[i]) || source_.matches(text, lines[i]) || credit_.matches(text, lines[i]),
            false};
  std::string caption;
  for (std::size_t k = i; k < std::min(lines.size(), i + most_caption_); ++k) {
    caption += lines[k].ink.of(text);
    if (credit_.matches(caption)) return {k - i + 1, true};
  }
  // Else it ends with its first sentence.
  for (std::size_t k = i; k < std::min(lines.size(), i + most_caption_); ++k)
    if (last_class(lines[k].ink.of(text)) == CharClass::stop) return {k - i + 1, false};
  return {marked ? 1u : 0u, false};
}

}  // namespace inkwash::stages
