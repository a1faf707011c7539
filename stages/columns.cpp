#include "stages/columns.h"

#include <algorithm>
#include <map>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { gutter, order };
constexpr RuleInfo rule_list[] = {
    {"columns.gutter", "the white space between two columns becomes a line end", Effect::space},
    {"columns.order", "read columns one after another", Effect::move},
};

enum class Metric { characters, half_ems };

/// A stretch of a line between wide gaps.
struct Stretch {
  TextRange range;
  std::uint32_t place = 0;      ///< where it begins, in the metric
  std::uint32_t end_place = 0;  ///< the place after its last character
};

struct Row {
  std::size_t line = 0;  ///< index in the document's lines
  std::uint32_t blanks_before = 0;
  std::vector<Stretch> stretches;
};

/// Lines [first, last) of which text beginning at `place` is another column.
struct Gutter {
  std::uint32_t place;
  std::size_t first, last;
};

struct Region {
  std::size_t first, last;            ///< rows
  std::vector<std::uint32_t> places;  ///< of the second and later columns, ascending
};

class ColumnsStage final : public Stage {
 public:
  explicit ColumnsStage(Settings& s)
      : least_lines_(static_cast<std::size_t>(s.number("gutter.least_lines", 2, 1000))),
        least_share_(s.number("gutter.least_share", 0, 1)),
        most_across_(s.number("gutter.most_across", 0, 1)),
        indent_(static_cast<std::uint32_t>(s.number("gutter.indent", 0, 40))),
        least_gap_(static_cast<std::uint32_t>(s.number("gutter.least_gap", 1, 40))),
        least_width_(static_cast<std::uint32_t>(s.number("column.least_width", 0, 1000))),
        most_figures_(s.number("column.most_figures", 0, 1)),
        least_open_(s.number("column.least_open", 0, 1)) {}

  const StageInfo& info() const noexcept override { return columns_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    if (text.find("  ") == std::string_view::npos && text.find("\u3000") == std::string_view::npos &&
        text.find('\t') == std::string_view::npos)
      return;
    const std::span<const Line> lines = document.lines();
    std::vector<Region> best;
    std::vector<Row> best_rows;
    std::size_t best_splits = 0;
    for (const Metric metric : {Metric::characters, Metric::half_ems}) {
      std::vector<Row> rows = measure(text, lines, metric);
      std::vector<Region> regions = find_regions(text, rows);
      const std::size_t splits = exact_begins(rows, regions);
      if (splits > best_splits) {
        best_splits = splits;
        best = std::move(regions);
        best_rows = std::move(rows);
      }
    }
    if (!best.empty()) emit(text, lines, best_rows, best, proposal);
  }

 private:
  /// Stretches of each line with their places. A gap is `least_gap_` places of white space.
  std::vector<Row> measure(std::string_view text, std::span<const Line> lines, Metric metric) const {
    std::vector<Row> rows(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      Row& row = rows[i];
      row.line = i;
      row.blanks_before = lines[i].blanks_before;
      std::uint32_t place = 0, ink_place = 0;
      bool started = false;
      for (ByteOffset at = lines[i].range.begin; at < lines[i].ink.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        const std::uint32_t step = metric == Metric::characters ? 1 : half_ems(codepoint);
        if (class_of(codepoint) != CharClass::space) {
          if (!started || place - ink_place >= least_gap_) {
            row.stretches.push_back({{at, at}, place, place});
            started = true;
          }
          row.stretches.back().range.end = at + length;
          row.stretches.back().end_place = ink_place = place + step;
        }
        place += step;
        at += length;
      }
    }
    return rows;
  }

  /// Stretches that begin just where a column does: the metric that lines them up is the right one.
  static std::size_t exact_begins(const std::vector<Row>& rows, const std::vector<Region>& regions) {
    std::size_t count = 0;
    for (const Region& region : regions)
      for (std::size_t i = region.first; i < region.last; ++i)
        for (const Stretch& stretch : rows[i].stretches)
          count += std::binary_search(region.places.begin(), region.places.end(), stretch.place);
    return count;
  }

  enum class Crossing { none, begins, across, left };
  /// What a row has at a gutter: a stretch that begins there (perhaps indented), ink across it, or
  /// only ink to its left.
  Crossing crossing(const Row& row, std::uint32_t place) const {
    for (const Stretch& stretch : row.stretches) {
      if (stretch.end_place < place) continue;
      if (stretch.place < place) return stretch.end_place >= place ? Crossing::across : Crossing::none;
      if (stretch.place >= place + indent_) return Crossing::none;
      return Crossing::begins;
    }
    return Crossing::left;
  }

  std::vector<Region> find_regions(std::string_view text, const std::vector<Row>& rows) const {
    // Where stretches begin after a gap.
    std::map<std::uint32_t, std::size_t> begins;
    for (const Row& row : rows)
      for (const Stretch& stretch : row.stretches)
        if (stretch.place >= 6) ++begins[stretch.place];
    std::vector<Gutter> gutters;
    for (const auto& [place, count] : begins) {
      if (count < least_lines_) continue;
      // The same column's indented lines begin a little further on, but less often.
      bool lesser = false;
      for (std::uint32_t back = 1; back < indent_ && back <= place; ++back) {
        const auto before = begins.find(place - back);
        lesser |= before != begins.end() && before->second > count;
      }
      for (std::uint32_t on = 1; on < indent_; ++on) {
        const auto after = begins.find(place + on);
        lesser |= after != begins.end() && after->second > 3 * count;
      }
      if (!lesser) find_runs(rows, place, gutters);
    }
    if (gutters.empty()) return {};
    return combine(text, rows, gutters);
  }

  /// Runs of rows in which `place` is a gutter.
  void find_runs(const std::vector<Row>& rows, std::uint32_t place, std::vector<Gutter>& gutters) const {
    for (std::size_t i = 0; i < rows.size();) {
      if (crossing(rows[i], place) != Crossing::begins) {
        ++i;
        continue;
      }
      std::size_t last = i, support = 0, across = 0, seen = 0, streak = 0;
      for (std::size_t k = i; k < rows.size(); ++k) {
        const Crossing here = crossing(rows[k], place);
        ++seen;
        if (here == Crossing::begins) {
          ++support;
          last = k;
          streak = 0;
        } else if (here == Crossing::across) {
          ++across;
          if (++streak >= 2 || static_cast<double>(across) > 1 + most_across_ * static_cast<double>(seen)) break;
        }
      }
      const std::size_t length = last + 1 - i;
      std::size_t inside = 0;
      for (std::size_t k = i; k <= last; ++k) inside += crossing(rows[k], place) == Crossing::across;
      if (support >= least_lines_ &&
          static_cast<double>(support) >= least_share_ * static_cast<double>(length) &&
          static_cast<double>(inside) <= most_across_ * static_cast<double>(length))
        gutters.push_back({place, i, last + 1});
      i = last + 1;
    }
  }

  /// Regions are runs of rows with the same gutters; a gutter that ends earlier than its neighbours
  /// ends a column that is shorter than they are.
  std::vector<Region> combine(std::string_view text, const std::vector<Row>& rows,
                              std::vector<Gutter>& gutters) const {
    std::sort(gutters.begin(), gutters.end(),
              [](const Gutter& a, const Gutter& b) { return a.first != b.first ? a.first < b.first : a.place < b.place; });
    std::vector<Region> regions;
    for (std::size_t g = 0; g < gutters.size();) {
      Region region{gutters[g].first, gutters[g].last, {}};
      std::size_t end = g;
      while (end < gutters.size() && gutters[end].first < region.last) {
        region.last = std::max(region.last, gutters[end].last);
        region.places.push_back(gutters[end].place);
        ++end;
      }
      g = end;
      std::sort(region.places.begin(), region.places.end());
      region.places.erase(std::unique(region.places.begin(), region.places.end()), region.places.end());
      // Two places that are one column: its lines and their indent.
      for (std::size_t i = 1; i < region.places.size();)
        if (region.places[i] - region.places[i - 1] < indent_ + 1)
          region.places.erase(region.places.begin() + static_cast<std::ptrdiff_t>(i));
        else
          ++i;
      // The first column may go on below the others, or begin above them.
      while (region.last < rows.size() && goes_on(text, rows, region)) ++region.last;
      if (is_prose(text, rows, region)) regions.push_back(region);
    }
    return regions;
  }

  /// The row below a region is another line of its first column: next to it, no wider than its lines,
  /// and about as wide or begun in mid-sentence.
  static bool goes_on(std::string_view text, const std::vector<Row>& rows, const Region& region) {
    const Row& next = rows[region.last];
    if (next.blanks_before > 0 || next.stretches.size() != 1) return false;
    const std::uint32_t place = region.places.front();
    std::uint32_t widest = 0;
    TextRange above{};
    for (std::size_t i = region.first; i < region.last; ++i)
      for (const Stretch& stretch : rows[i].stretches)
        if (stretch.place < place) {
          if (stretch.end_place < place) widest = std::max(widest, stretch.end_place);
          above = stretch.range;
        }
    const std::uint32_t end = next.stretches.front().end_place;
    if (above.empty() || end >= place || end > widest + 3) return false;
    const CharClass last = class_of(valid_utf8_previous(text, above.end).codepoint);
    return 5 * end >= 3 * widest || is_ideographic(last) || last == CharClass::pause;
  }

  std::size_t column_of(const Region& region, const Stretch& stretch) const {
    std::size_t column = 0;
    while (column < region.places.size() && stretch.place >= region.places[column]) ++column;
    return column;
  }

  /// Columns of prose have lines of some width, mostly words, mostly without a mark at the end.
  bool is_prose(std::string_view text, const std::vector<Row>& rows, const Region& region) const {
    const std::size_t columns = region.places.size() + 1;
    std::vector<std::vector<std::uint32_t>> widths(columns);
    std::size_t characters = 0, figures = 0, open = 0, stretches = 0;
    for (std::size_t i = region.first; i < region.last; ++i)
      for (const Stretch& stretch : rows[i].stretches) {
        const std::string_view ink = stretch.range.of(text);
        widths[column_of(region, stretch)].push_back(valid_utf8_half_ems(ink));
        bool latin_word = false;
        for (std::size_t at = 0; at < ink.size();) {
          const auto [codepoint, length] = valid_utf8_next(ink, at);
          const CharClass c = class_of(codepoint);
          characters += c != CharClass::space;
          figures += c == CharClass::digit || c == CharClass::ascii_mark;
          latin_word |= c == CharClass::latin;
          at += length;
        }
        const CharClass last = class_of(valid_utf8_previous(ink, ink.size()).codepoint);
        open += is_ideographic(last) || last == CharClass::latin || last == CharClass::pause || latin_word;
        ++stretches;
      }
    for (auto& of_column : widths) {
      if (of_column.empty()) continue;
      const auto middle = of_column.begin() + static_cast<std::ptrdiff_t>(of_column.size() / 2);
      std::nth_element(of_column.begin(), middle, of_column.end());
      if (*middle < least_width_) return false;
    }
    return static_cast<double>(figures) <= most_figures_ * static_cast<double>(characters) &&
           static_cast<double>(open) >= least_open_ * static_cast<double>(stretches);
  }

  struct Part {
    TextRange range;
    std::size_t column;
  };

  void emit(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows,
            const std::vector<Region>& regions, Proposal& proposal) const {
    const auto size = static_cast<ByteOffset>(text.size());
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    const auto keep_until = [&](ByteOffset end) {
      if (end > done) order_list.push_back({done, end});
      done = end;
    };
    for (const Region& region : regions) {
      keep_until(lines[rows[region.first].line].range.begin);
      // The left edge of the first column is that of its outermost line.
      std::uint32_t margin = ~0u;
      for (std::size_t i = region.first; i < region.last; ++i)
        if (!rows[i].stretches.empty()) margin = std::min(margin, rows[i].stretches.front().place);
      std::vector<Part> parts;
      for (std::size_t i = region.first; i < region.last; ++i) {
        const Line& line = lines[rows[i].line];
        const ByteOffset next_line = i + 1 < region.last ? lines[rows[i + 1].line].range.begin
                                                          : std::min(size, line.range.end + 1);
        ByteOffset begin = line.range.begin;
        ByteOffset ink_end = begin;
        std::size_t column = 0;
        for (const Stretch& stretch : rows[i].stretches) {
          const std::size_t of_stretch = column_of(region, stretch);
          const std::uint32_t edge = of_stretch == 0 ? margin : region.places[of_stretch - 1];
          const bool indented = stretch.place >= edge + 2 && stretch.place <= edge + indent_;
          const std::string_view lead = indented ? "\u3000\u3000" : "";
          if (&stretch == &rows[i].stretches.front()) {
            if (TextRange gap{begin, stretch.range.begin}; gap.of(text) != lead)
              proposal.replace(gap, lead, gutter);
          } else if (of_stretch != column) {
            // The line end belongs to the column before, the indent to this one.
            const TextRange gap{ink_end, stretch.range.begin};
            const auto border = static_cast<ByteOffset>(ink_end + valid_utf8_next(text, ink_end).length);
            proposal.replace({gap.begin, border}, "\n", gutter);
            proposal.replace({border, gap.end}, lead, gutter);
            parts.push_back({{begin, border}, column});
            begin = border;
          }
          column = of_stretch;
          ink_end = stretch.range.end;
        }
        // What is left of the line, with the blank lines below it.
        if (TextRange tail{ink_end, next_line}; tail.of(text) != "\n") proposal.replace(tail, "\n", gutter);
        parts.push_back({{begin, next_line}, column});
      }
      done = parts.back().range.end;
      std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.column < b.column; });
      for (const Part& part : parts)
        if (!part.range.empty()) order_list.push_back(part.range);
    }
    keep_until(size);
    proposal.arrange(std::move(order_list), order);
  }

  std::size_t least_lines_;
  double least_share_, most_across_;
  std::uint32_t indent_, least_gap_, least_width_;
  double most_figures_, least_open_;
};

}  // namespace

const StageInfo columns_info{"columns", "reads columns that stand side by side one after another",
                             rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_columns(const StageOptions& options,
                                                                  const Rules& rules) {
  Settings settings("columns", options, rules, "columns.toml");
  auto stage = std::make_unique<ColumnsStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
