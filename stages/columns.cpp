#include "stages/columns.h"

#include <algorithm>
#include <string>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/columns_bands.h"
#include "stages/columns_gutters.h"
#include "stages/columns_page.h"
#include "stages/ends.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { rule_gutter, rule_padding, rule_blank, rule_order, rule_vertical, rule_repeated, rule_unsure };

constexpr RuleInfo rules_list[] = {
    {"columns.gutter", "a gutter between two columns becomes a line end", Effect::space},
    {"columns.padding", "white space that only positions a column is removed", Effect::space},
    {"columns.blank", "blank lines between the lines of columns are removed", Effect::space},
    {"columns.order", "columns side by side are put below each other", Effect::move},
    {"columns.vertical", "characters set below each other become a line", Effect::space},
    {"columns.repeated", "lines that were read twice where areas overlap stand once", Effect::drop},
    {"columns.unsure", "lines that may be columns, left as they are", Effect::note},
};

constexpr std::uint32_t most_lines = 400;  ///< of a block: a page has fewer

class ColumnsStage final : public Stage {
 public:
  ColumnsStage(Settings& settings, const Rules& rules)
      : limits_(settings),
        bands_(settings, rules),
        model_(CoherenceModel::of(settings, rules)),
        repeated_most_(settings.count("repeated.most")),
        repeated_width_(static_cast<std::uint32_t>(settings.number("repeated.least_width", 2, 1000))),
        vertical_least_(settings.count("vertical.least")),
        vertical_most_(settings.count("vertical.most")),
        vertical_begins_(settings.cost("vertical.begins")),
        vertical_number_(static_cast<std::uint32_t>(settings.count("vertical.number"))) {}
  const StageInfo& info() const noexcept override { return columns_info; }
  void propose(const Document& document, Proposal& proposal) const override;

 private:
  /// Nearly all rows of the block that look like columns are cut. Where many are not, as on scanned pages, whose
  /// gutters wander with every row, the coherence of the text knows better where (`seams`).
  bool explains(const Page& page, std::span<const Fragment> block, std::span<const Placed> placed,
                std::span<const std::uint32_t> cut_by_gap) const;

  /// Joins the characters of text that was set from top to bottom and read a character a line. True where it did.
  /// `too_long`: takes what is more than a page has.
  bool join_vertical(const Document& document, Proposal& proposal, std::vector<TextRange>& too_long) const;

  /// Lines that stand again right below themselves, in the middle of a sentence, were read twice. True where any did.
  bool drop_repeated(const Document& document, Proposal& proposal) const;

  ColumnLimits limits_;
  ColumnBands bands_;
  CoherenceModel model_;
  std::size_t repeated_most_;
  std::uint32_t repeated_width_;
  std::size_t vertical_least_, vertical_most_;
  float vertical_begins_;
  std::uint32_t vertical_number_;
};

/// The white space that stands for a fragment's indent. Poppler writes a paragraph's indent of two
/// ems as two to four spaces, by its own measure: the later stages know it as two ideographic ones.
std::string indent_of(const Placed& item, std::int32_t most_indent) {
  const std::int32_t indent = item.fragment.begin.position.on[item.ruler] - item.edge;
  if (indent <= (item.ruler == by_characters ? 1 : 2)) return {};
  if (indent <= most_indent) return "\u3000\u3000";
  return std::string(static_cast<std::size_t>(indent), ' ');
}

/// Turns the fragments of one block, in reading order, into edits and ranges. Returns where the
/// block ends in the text.
ByteOffset place_block(const Page& page, std::span<const Placed> placed, std::uint32_t first_line,
                       std::uint32_t end_line, std::int32_t most_indent, std::vector<TextRange>& order,
                       Proposal& proposal) {
  const ByteOffset text_end = static_cast<ByteOffset>(page.text().size());
  const auto end_of_line = [&](std::uint32_t line) { return std::min(page.lines()[line].range.end + 1, text_end); };
  // In the order of the text, to know where one fragment's range ends and the next begins.
  std::vector<std::size_t> by_place(placed.size());
  for (std::size_t i = 0; i < placed.size(); ++i) by_place[i] = i;
  std::sort(by_place.begin(), by_place.end(), [&](std::size_t a, std::size_t b) {
    return placed[a].fragment.begin.byte < placed[b].fragment.begin.byte;
  });
  std::vector<TextRange> ranges(placed.size());
  for (std::size_t k = 0; k < by_place.size(); ++k) {
    const Placed& item = placed[by_place[k]];
    const Fragment& fragment = item.fragment;
    const Line& line = page.lines()[fragment.line];
    const bool first_of_line = k == 0 || placed[by_place[k - 1]].fragment.line != fragment.line;
    const ByteOffset white_begin = first_of_line ? line.range.begin : placed[by_place[k - 1]].fragment.end.byte;
    const TextRange white{white_begin, fragment.begin.byte};
    const std::string indent = indent_of(item, most_indent);
    ByteOffset begin = white_begin;
    if (!first_of_line) {
      // The line end stays with the fragment before, the indent goes with this one.
      const std::size_t last_space = valid_utf8_previous(page.text(), fragment.begin.byte).length;
      const ByteOffset cut_at = white.end - static_cast<ByteOffset>(last_space);
      if (indent.empty() || cut_at == white.begin) {
        proposal.replace(white, "\n", rule_gutter);
        begin = white.end;
      } else {
        proposal.replace({white.begin, cut_at}, "\n", rule_gutter);
        proposal.replace({cut_at, white.end}, indent, rule_padding);
        begin = cut_at;
      }
    } else if (item.region != 0) {
      if (white.of(page.text()) != indent) proposal.replace(white, indent, rule_padding);
      if (fragment.line != first_line) {
        const ByteOffset blanks_begin = end_of_line(fragment.line - 1);
        const bool inside = placed[by_place[k - 1]].region == item.region;
        if (blanks_begin != begin && inside) proposal.erase({blanks_begin, begin}, rule_blank);
        begin = blanks_begin;
      }
    } else if (fragment.line != first_line) {
      begin = end_of_line(fragment.line - 1);
    }
    ranges[by_place[k]].begin = begin;
    if (k != 0) ranges[by_place[k - 1]].end = begin;
  }
  const ByteOffset block_end = end_of_line(end_line - 1);
  ranges[by_place.back()].end = block_end;
  for (const TextRange& range : ranges) {
    if (!order.empty() && order.back().end == range.begin)
      order.back().end = range.end;
    else
      order.push_back(range);
  }
  return block_end;
}

bool ColumnsStage::explains(const Page& page, std::span<const Fragment> block, std::span<const Placed> placed,
                            std::span<const std::uint32_t> cut_by_gap) const {
  std::vector<std::uint32_t> parts(block.size(), 0);
  const std::uint32_t first = block.front().line;
  for (const Placed& item : placed) ++parts[item.fragment.line - first];
  std::size_t cut = 0, left = 0;
  for (const Fragment& fragment : block) {
    const bool may_be_columns = std::ranges::any_of(page.gaps_of(fragment), [&](const Gap& gap) {
      const auto on = [](const Place& place) { return place.position.on[by_half_ems]; };
      return on(gap.end) - on(gap.begin) >= limits_.wide_gap &&
             on(gap.begin) - on(fragment.begin) >= limits_.least_column_width &&
             on(fragment.end) - on(gap.end) >= limits_.least_column_width;
    });
    if (parts[fragment.line - first] > 1 && std::ranges::find(cut_by_gap, fragment.line) == cut_by_gap.end())
      ++cut;
    else
      left += may_be_columns;
  }
  return static_cast<double>(left) <= limits_.most_left * static_cast<double>(left + cut);
}

namespace {

bool is_number(std::string_view ink) { return ink.find_first_not_of("0123456789.,%") == std::string_view::npos; }

}  // namespace

bool ColumnsStage::join_vertical(const Document& document, Proposal& proposal, std::vector<TextRange>& too_long) const {
  const std::string_view text = document.text();
  const std::span<const Line> lines = document.lines();
  constexpr std::uint32_t one_character = 2;  // half-ems
  constexpr std::size_t context = 8;          // characters that the model is shown
  bool joined_any = false;
  for (std::size_t first = 0; first < lines.size();) {
    std::size_t end = first, ideographs = 0;
    // A number is set across the line, and read as one.
    const auto may_stand = [&](const Line& line) {
      return line.width <= one_character || (line.width <= vertical_number_ && is_number(line.ink.of(text)));
    };
    for (; end < lines.size() && may_stand(lines[end]) && (end == first || lines[end].blanks_before == 0); ++end)
      ideographs += is_ideographic(first_class(lines[end].ink.of(text)));
    if (end - first < vertical_least_ || 2 * ideographs < end - first) {
      first = std::max(end, first + 1);
      continue;
    }
    if (end - first > vertical_most_) {
      too_long.push_back({lines[first].ink.begin, lines[end - 1].ink.end});
      first = end;
      continue;
    }
    const auto characters = [&](std::size_t from, std::size_t to) {
      std::string joined;
      for (std::size_t k = std::max(from, first); k < std::min(to, end); ++k) joined += lines[k].ink.of(text);
      return joined;
    };
    for (std::size_t k = first; k + 1 < end; ++k) {
      const TextRange gap{lines[k].ink.end, lines[k + 1].ink.begin};
      const std::string_view next = lines[k + 1].ink.of(text);
      // Nothing tells where a paragraph ends but the words.
      if (!is_open(lines[k].ink.of(text)) && !begins_badly(next)) {
        const std::string left = characters(k - std::min(k, context), k + 1),
                          right = characters(k + 1, k + 1 + context);
        if (model_.begins_paragraph(right) - model_.continuation(left, right) > vertical_begins_) continue;
      }
      proposal.erase(gap, rule_vertical);
      joined_any = true;
    }
    first = end;
  }
  return joined_any;
}

bool ColumnsStage::drop_repeated(const Document& document, Proposal& proposal) const {
  const std::string_view text = document.text();
  const std::span<const Line> lines = document.lines();
  const auto ink = [&](std::size_t i) { return lines[i].ink.of(text); };
  // A wide line that ends inside a phrase: nothing that newspapers print twice does.
  const auto breaks_off = [&](std::size_t i) {
    const CharClass last = last_class(ink(i));
    return lines[i].width >= repeated_width_ &&
           (is_ideographic(last) || is_alphanumeric(last) || last == CharClass::open);
  };
  bool dropped = false;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    for (std::size_t n = 1; n <= repeated_most_ && i + 2 * n <= lines.size(); ++n) {
      if (lines[i].width != lines[i + n].width || ink(i) != ink(i + n)) continue;
      bool same = true, marks = false;
      for (std::size_t k = i; k < i + n && same; ++k) {
        same = ink(k) == ink(k + n);
        marks |= has_sentence_marks(ink(k));
      }
      const bool above = i > 0 && breaks_off(i - 1) && lines[i].blanks_before == 0 && has_sentence_marks(ink(i - 1));
      if (!same || !(above || (marks && breaks_off(i + n - 1)))) continue;
      proposal.erase({lines[i + n - 1].ink.end, lines[i + 2 * n - 1].ink.end}, rule_repeated);
      dropped = true;
      i += 2 * n - 2;
      break;
    }
  return dropped;
}

void ColumnsStage::propose(const Document& document, Proposal& proposal) const {
  std::vector<TextRange> too_long;
  if (join_vertical(document, proposal, too_long) || drop_repeated(document, proposal))
    return;  // what else there is to do is found when the stage is asked again
  for (const TextRange range : too_long)
    proposal.note(range, Severity::note, rule_unsure,
                  "more characters, one a line, than a page has; they were left as they are");
  if (!may_have_gutters(document.text())) return;
  Page page(document, limits_.least_width, limits_.most_characters);
  Gutters gutters(limits_, page);
  const auto lines = static_cast<std::uint32_t>(page.lines().size());
  std::vector<Fragment> block;
  std::vector<Placed> placed;
  std::vector<TextRange> order;
  ByteOffset done = 0;
  const std::vector<bool> rows = find_table_rows(document.text(), page.lines());
  for (std::uint32_t first = 0; first < lines;) {
    std::uint32_t end = first + 1;
    if (any_table_row(rows, first, end)) {  // a table's columns are no columns of text
      first = end;
      continue;
    }
    while (end < lines && !any_table_row(rows, end, end + 1) && end - first < most_lines &&
           page.lines()[end].blanks_before < limits_.most_blank_lines)
      ++end;
    page.measure(first, end, block);
    if (gutters.read(block, placed) && explains(page, block, placed, gutters.cut_by_gap())) {
      bands_.part(page, placed);
      const ByteOffset begin = page.lines()[first].range.begin;
      if (done != begin) order.push_back({done, begin});
      done = place_block(page, placed, first, end, limits_.most_indent, order, proposal);
    }
    first = end;
  }
  if (order.empty()) {
    // Only where nothing is left to do: the stage is asked again after a change.
    for (const auto& [first, last] : gutters.doubts())
      proposal.note({page.lines()[first].ink.begin, page.lines()[last].ink.end}, Severity::note, rule_unsure,
                    "these lines may be columns or a table; they were left as they are");
    return;
  }
  const auto text_end = static_cast<ByteOffset>(document.text().size());
  if (done != text_end) order.push_back({done, text_end});
  if (!document.text().ends_with('\n')) proposal.insert(text_end, "\n", rule_gutter);
  proposal.arrange(std::move(order), rule_order);
}

}  // namespace

const StageInfo columns_info{
    "columns", "puts columns that stand side by side in reading order", rules_list, {}, 4, false, Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_columns(const StageOptions& options, const Rules& rules) {
  Settings settings("columns", options, rules, "columns.toml");
  auto stage = std::make_unique<ColumnsStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
