#include "stages/interleave.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/coherence_counts.h"
#include "stages/coherence_lines.h"
#include "stages/ends.h"
#include "stages/interleave_headlines.h"
#include "stages/line_shape.h"
#include "stages/quotations.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { blank, headline, order, too_large };
constexpr RuleInfo rule_list[] = {
    {"interleave.blank", "blank lines between lines of different columns go", Effect::space},
    {"interleave.headline", "join the rest of a headline that came below the text beside it", Effect::space},
    {"interleave.order", "set each line below the line it goes on with", Effect::move},
    {"interleave.too-large", "a region too large to search", Effect::note},
};

constexpr std::size_t most_columns = 8;
constexpr std::uint32_t widest_beam = 60000;  // a state's number has 16 bits
constexpr std::uint32_t none = ~0u;
constexpr std::uint32_t narrowest_line = 8;  // half-ems: what of narrower ones goes on says nothing

class InterleaveStage final : public Stage {
 public:
  InterleaveStage(Settings& s, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)),
        next_at_most_(s.cost("suspicion.next_at_most")),
        later_at_least_(s.cost("suspicion.later_at_least")),
        better_by_(s.cost("suspicion.better_by")),
        lines_ahead_(s.count("suspicion.lines_ahead")),
        least_(s.count("suspicion.least")),
        shown_(s.cost("suspicion.shown")),
        fading_(s.cost("suspicion.fading")),
        apart_(s.count("suspicion.apart")),
        reach_(s.count("suspicion.reach")),
        every_(s.count("suspicion.every")),
        every_below_(s.count("suspicion.every_below")),
        first_lines_(s.count("suspicion.first_lines")),
        page_lines_(s.count("suspicion.page")),
        blocks_ahead_(s.count("suspicion.blocks_ahead")),
        widest_column_(static_cast<std::uint32_t>(s.number("suspicion.widest_column", 1, 10000))),
        latin_blank_(s.cost("suspicion.latin_blank")),
        base_(s.cost("cost.base")),
        closed_(s.cost("cost.closed")),
        least_cost_(s.cost("cost.least")),
        most_cost_(s.cost("cost.most")),
        column_(s.cost("cost.column")),
        many_columns_(s.cost("cost.many_columns")),
        few_columns_(s.count("cost.few_columns")),
        out_of_order_(s.cost("cost.out_of_order")),
        band_(s.cost("cost.band")),
        change_(s.cost("cost.change_without_blank")),
        turns_kept_(1 - 1 / std::max(1.0f, s.cost("cost.turns_kept"))),
        turns_before_(s.cost("cost.turns_before")),
        out_of_turn_least_(s.cost("cost.out_of_turn_least")),
        out_of_turn_most_(s.cost("cost.out_of_turn_most")),
        again_(s.cost("cost.again")),
        quotation_(s.cost("cost.quotation")),
        latin_change_(s.cost("cost.latin_change_without_blank")),
        latin_out_of_turn_(s.cost("cost.latin_out_of_turn")),
        gain_(s.cost("cost.gain")),
        gain_per_line_(s.cost("cost.gain_per_line")),
        gain_without_blank_(s.cost("cost.gain_per_line_without_blank")),
        columns_(static_cast<std::size_t>(s.number("cost.most_columns", 1, most_columns))),
        most_lines_(s.count("cost.most_lines")),
        hopeless_(s.cost("cost.hopeless")),
        beam_(static_cast<std::size_t>(s.number("cost.beam", 1, widest_beam))),
        narrow_beam_(static_cast<std::size_t>(s.number("cost.narrow_beam", 1, widest_beam))),
        band_beam_(s.count("cost.band_beam")),
        counts_{s.cost("counts.alone"), s.cost("counts.one"), s.cost("counts.two")},
        most_in_block_(s.count("cost.most_in_block")),
        shapes_(s, options, rules),
        shape_weight_(s.cost("shape.weight")),
        headlines_(s, model_) {}

  const StageInfo& info() const noexcept override { return interleave_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.size() < 4) return;
    const std::vector<Region> regions = decide(text, lines, proposal);
    if (regions.empty()) return;
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    for (const auto& [first, last, columns, rest_of_headline] : regions) {
      if (lines[first].range.begin > done) order_list.push_back({done, lines[first].range.begin});
      done = last < lines.size() ? lines[last].range.begin : static_cast<ByteOffset>(text.size());
      for (std::uint8_t column = 0; column < most_columns; ++column)
        for (std::size_t i = first; i < last; ++i) {
          if (columns[i - first] != column) continue;
          const ByteOffset end = i + 1 < last ? lines[i + 1].range.begin : done;
          order_list.push_back({lines[i].range.begin, end});
        }
      for (std::size_t i = first; i < last; ++i) {
        const TextRange gap{lines[i].range.end, i + 1 < last ? lines[i + 1].range.begin : done};
        const bool joined = i == first && rest_of_headline;
        if (const std::string_view between = joined ? "" : "\n"; gap.of(text) != between)
          proposal.replace(gap, between, joined ? headline : blank);
      }
    }
    if (done < text.size()) order_list.push_back({done, static_cast<ByteOffset>(text.size())});
    proposal.arrange(std::move(order_list), order, 90);
  }

 private:
  using Span = std::pair<std::size_t, std::size_t>;  ///< lines [first, second)
  /// Where a line stands: its column, in reading order from 0; a band of columns ends where the next begins.
  struct Place {
    std::uint8_t column;
    bool begins_band;
  };
  /// Lines [first, last) and the column of each, in reading order from 0.
  struct Region {
    std::size_t first, last;
    std::vector<std::uint8_t> columns;
    bool rest_of_headline = false;  ///< the second line to be read is the rest of the first
  };

  /// The parts of regions between tables, whose rows stay.
  static std::vector<Span> without_tables(std::string_view text, std::span<const Line> lines,
                                          std::vector<Span> regions) {
    if (regions.empty()) return regions;
    const std::vector<bool> rows = find_table_rows(text, lines);
    if (rows.empty()) return regions;
    std::vector<Span> parts;
    for (const auto& [first, last] : regions)
      for (std::size_t begin = first; begin < last;) {
        std::size_t end = begin;
        while (end < last && !rows[end]) ++end;
        if (end - begin >= 4) parts.emplace_back(begin, end);
        begin = end + 1;
      }
    return parts;
  }

  /// The regions whose lines are to be moved, from above, none over another.
  std::vector<Region> decide(std::string_view text, std::span<const Line> lines, Proposal& proposal) const {
    std::vector<Region> regions;
    const auto is_free = [&](std::size_t first, std::size_t last) {
      return std::none_of(regions.begin(), regions.end(),
                          [&](const Region& region) { return first < region.last && region.first < last; });
    };
    for (const auto& [first, last] : without_tables(text, lines, find_regions(text, lines))) {
      if (last - first > most_lines_) {
        proposal.note({lines[first].range.begin, lines[last - 1].range.end}, Severity::note, too_large,
                      fmt::format("{} lines seem to be columns read in turn, more than are searched; "
                                  "they are left as they are",
                                  last - first));
        continue;
      }
      // Most regions are no columns after all: that, a narrow search tells.
      const auto searched = [&, first = first, last = last](std::size_t beam) {
        return search(text, lines.subspan(first, last - first),
                      first > 0 ? lines[first - 1].ink.of(text) : std::string_view(), beam);
      };
      std::vector<Place> places = searched(narrow_beam_);
      if (std::ranges::none_of(places, [](const Place& place) { return place.column > 0; })) continue;
      places = searched(beam_);
      for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
        end = begin + 1;
        while (end < places.size() && !places[end].begins_band) ++end;
        add_band(std::span(places).subspan(begin, end - begin), first + begin, regions);
      }
    }
    for (std::size_t i = 0; i + 3 < lines.size(); ++i) {
      const bool starts = i == 0 || !is_open(lines[i - 1].ink.of(text));
      if (starts && headlines_.is_in_turn(text, lines, i) && is_free(i, i + 3))
        regions.push_back({i, i + 3, {0, 1, 0}, 3 * lines[i + 2].width <= lines[i].width});
    }
    if (const Span half = headlines_.find_stretched(text, lines);
        half.first < half.second && is_free(half.first, half.second))
      regions.push_back({half.first, half.second, halves_first(half.second - half.first), false});
    std::sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) { return a.first < b.first; });
    return regions;
  }

  /// Adds the lines of a band that are to be moved.
  void add_band(std::span<const Place> band, std::size_t first, std::vector<Region>& regions) const {
    // What stays where it stands keeps its blank lines.
    const std::uint8_t last_column = std::ranges::max(band, {}, &Place::column).column;
    if (last_column == 0) return;
    while (band[0].column == 0 && band[1].column == 0) {
      band = band.subspan(1);
      ++first;
    }
    while (band.back().column == last_column && band[band.size() - 2].column == last_column)
      band = band.first(band.size() - 1);
    // Notes at the foot of each page interrupt the text too, but not so often.
    std::vector<std::size_t> blocks{1};
    for (std::size_t i = 1; i < band.size(); ++i)
      if (band[i].column == band[i - 1].column)
        ++blocks.back();
      else
        blocks.push_back(1);
    const auto middle = blocks.begin() + static_cast<std::ptrdiff_t>(blocks.size() / 2);
    std::nth_element(blocks.begin(), middle, blocks.end());
    if (*middle > most_in_block_) return;
    std::vector<std::uint8_t> columns(band.size());
    std::ranges::transform(band, columns.begin(), &Place::column);
    regions.push_back({first, first + band.size(), std::move(columns), false});
  }

  static std::vector<std::uint8_t> halves_first(std::size_t lines) {
    std::vector<std::uint8_t> columns(lines, 1);
    columns.front() = columns.back() = 0;
    return columns;
  }

  /// Of setting a line below another, by how it goes on with it.
  float cost_of(float continuation) const { return std::clamp(base_ - continuation, least_cost_, most_cost_); }

  /// Of beginning another column besides so many.
  float cost_of_column(std::size_t columns) const {
    return column_ + (columns < few_columns_ ? 0 : many_columns_ * static_cast<float>(columns - few_columns_ + 1));
  }

  /// How much better a line that can't end a sentence goes on with one below than with the next, the change of the
  /// column taken off; 0: not much.
  float suspicion(std::string_view text, std::span<const Line> lines, CoherenceLines& words, std::size_t i) const {
    if (lines[i].width < narrowest_line) return 0;
    const CoherenceModel::Tail& tail = words.tail(i);
    // One pair of Latin lines says little of how they go on: a blank line inside a sentence says more.
    if (tail.latin != LatinLines::End::none)
      return lines[i + 1].blanks_before > 0 && tail.latin != LatinLines::End::stop ? latin_blank_ : 0;
    if (!is_open(lines[i].ink.of(text))) return 0;
    const float next = model_.continuation_below(tail, words.head(i + 1), next_at_most_);
    if (next > next_at_most_) return 0;
    // One of the lines below, or the first of a block below. Several are asked from memory before the first of them
    // is looked at.
    const float enough = std::max(later_at_least_, next + better_by_);
    float best = enough;
    std::array<std::size_t, 16> asked;
    std::size_t count = 0, blocks = 0;
    const auto look = [&] {
      for (std::size_t k = 0; k < count; ++k)
        best = std::max(best, model_.continuation_above(tail, words.head(asked[k]), best));
      count = 0;
    };
    for (std::size_t k = i + 2; k < lines.size() && k <= i + reach_ && blocks <= blocks_ahead_; ++k) {
      const bool starts_block = lines[k].blanks_before > 0;
      blocks += starts_block;
      if (!starts_block && k > i + 1 + lines_ahead_) continue;
      if (count == asked.size()) look();
      asked[count++] = k;
      words.prefetch(i, k);
    }
    look();
    if (best <= enough) return 0;
    const float change = lines[i + 1].blanks_before > 0 ? 0 : change_;
    return std::max(cost_of(next) - cost_of(best) - change, 0.0f);
  }

  std::vector<Span> find_regions(std::string_view text, std::span<const Line> lines) const {
    std::vector<Span> regions;
    std::size_t first = 0, last = 0, found = 0;
    float shown = 0, most = 0;  // by the suspicious lines up to here, fading, and the most it was
    const auto flush = [&] {
      if (found >= least_ && most >= shown_) {
        // Columns begin above and end below the lines that show them.
        std::size_t begin = first, end = last + 2;
        while (begin > 0 && first - begin < reach_ && lines[begin - 1].width <= widest_column_) --begin;
        while (end < lines.size() && end - last < reach_ + 2 && lines[end].width <= widest_column_) ++end;
        // Pages one after another are searched one by one where together they are too many lines.
        if (!regions.empty()) begin = std::max(begin, std::min(first, regions.back().second));
        const bool adjoins = !regions.empty() && begin <= regions.back().second;
        if (adjoins && end - regions.back().first <= most_lines_)
          regions.back().second = end;
        else
          regions.emplace_back(adjoins ? regions.back().second : begin, end);
      }
      found = 0;
      shown = most = 0;
    };
    std::vector<std::string_view> inks;
    inks.reserve(lines.size());
    for (const Line& line : lines) inks.push_back(line.ink.of(text));
    CoherenceLines words(model_, inks);
    // Where lines are in turn most are suspicious: looking at some of them finds the place, and then at all there.
    const auto step_from = [&](std::size_t i, std::size_t most_lines) {
      std::size_t step = 1;
      while (step < most_lines && i + step + 1 < lines.size() && lines[i + step].blanks_before == 0 &&
             lines[i + step + 1].blanks_before == 0)
        ++step;
      return step;
    };
    std::size_t step = 1, top = 0;                 // the first of the lines that stand together
    std::size_t looked_at = 0, looked_at_all = 0;  // the line before, and up to where all are
    for (std::size_t i = 0; i + 2 < lines.size(); i += step) {
      if (found > 0 && i > last + 2 + apart_) flush();
      // Of many pages one after another each is a region, as well as that can be told.
      if (found > 0 && i > first + page_lines_ && lines[i + 1].blanks_before > 0 && !is_open(lines[i].ink.of(text)))
        flush();
      // Among lines that are wider than columns are no columns.
      if (lines[i].width > widest_column_ && lines[i + 1].width > widest_column_) flush();
      if (lines[i].blanks_before > 0) top = i;
      step = found > 0 || i < looked_at_all ? 1 : step_from(i, i < top + first_lines_ ? every_ : every_below_);
      words.approach(i, [&](std::size_t k) {
        return (k - i) % step == 0 && lines[k].width >= narrowest_line && is_open(inks[k]);
      });
      const float here = suspicion(text, lines, words, i);
      const std::size_t before = std::exchange(looked_at, i);
      if (here == 0) continue;
      if (found == 0 && i > before + 1) {
        looked_at_all = i;
        i = looked_at = before;
        step = 1;
        continue;
      }
      if (found++ == 0) first = last = i;
      shown = std::max(0.0f, shown - fading_ * static_cast<float>(i - last)) + here;
      most = std::max(most, shown);
      last = i;
    }
    flush();
    return regions;
  }

  /// Nothing where the lines are no paragraphs whose first lines are indented.
  std::vector<LineShape> shapes_of(std::span<const std::string_view> inks) const {
    constexpr std::uint32_t least = 12, widest = 120;  // half-ems
    std::vector<std::uint32_t> widths(inks.size());
    std::array<std::uint32_t, widest + 2> lines{};
    for (std::size_t i = 0; i < inks.size(); ++i) {
      widths[i] = is_stretched(inks[i]) ? 0 : set_width(inks[i]);
      if (widths[i] >= least && widths[i] <= widest) ++lines[widths[i]];
    }
    std::uint32_t column = 0, most = 0;
    for (std::uint32_t w = least; w <= widest; ++w)
      if (const std::uint32_t about = 2 * lines[w] + lines[w - 1] + lines[w + 1]; lines[w] > 0 && about >= most) {
        most = about;
        column = w;
      }
    std::vector<LineShape> shapes(inks.size(), LineShape::none);
    LineShapes::Count count;
    for (std::size_t i = 0; i < inks.size(); ++i) {
      if (widths[i] != 0) shapes[i] = shapes_.of(widths[i], column, is_open(inks[i]));
      count.add(shapes[i]);
    }
    if (!count.are_indented()) shapes.clear();
    return shapes;
  }

  /// Of each line, whether it is in mid-paragraph: about as wide as lines of a column are, and no sentence ends with
  /// it.
  static std::vector<bool> fills_column(std::span<const Line> lines, const std::vector<bool>& open) {
    constexpr std::uint32_t indent = 4, ragged = 3;  // half-ems
    std::vector<std::uint32_t> widths(lines.size());
    std::ranges::transform(lines, widths.begin(), &Line::width);
    const auto usual = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() * 2 / 3);
    std::ranges::nth_element(widths, usual);
    std::vector<bool> fills(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) fills[i] = open[i] && lines[i].width + indent + ragged > *usual;
    return fills;
  }

  /// Of line `b` below line `a`; 0 where `shapes` is empty.
  float shape_cost(std::span<const LineShape> shapes, std::size_t a, std::size_t b) const {
    return shapes.empty() ? 0 : -shape_weight_ * shapes_.odds(shapes[a], shapes[b]);
  }

  /// The last and first line of each column of the band so far.
  struct State {
    std::array<std::uint32_t, most_columns> last, first;
    float cost;
    float turns, out_of_turn;      ///< lines after a blank line, and those of them not in turn; older ones count less
    std::uint8_t columns, column;  ///< the column of the last line
    bool again;                    ///< the last block of lines came below another in the same column
    std::array<QuotationState, most_columns> quotations;
  };
  /// How a state came about: kept of every line.
  struct Step {  // there are as many as lines times states: small
    std::uint16_t parent;
    std::uint8_t column;
    bool begins_band;
  };
  /// The columns of a band in reading order, and what reading them so costs.
  using Sequence = std::array<std::uint8_t, most_columns>;
  struct Reading {
    float cost = std::numeric_limits<float>::infinity();
    Sequence sequence{};
  };
  /// Lines of one height come one after another, from the first column to the last.
  enum class Turn : std::uint8_t { unknown, in, out };
  /// A state that may follow `parent`: line `i` in that column. States are made of the few that stay.
  struct Successor {
    std::uint64_t hash;  ///< of the state
    float cost;
    std::uint32_t parent;
    std::uint8_t column;
    Turn turn;
  };
  /// `quotations`: of line `i`.
  State state_of(const Successor& successor, std::span<const State> parents, std::uint32_t i,
                 const Quotations& quotations) const {
    State state = parents[successor.parent];
    if (successor.column != state.column)
      state.again = false;
    else if (successor.turn != Turn::unknown)
      state.again = true;
    state.cost = successor.cost;
    state.column = successor.column;
    state.last[successor.column] = i;
    if (successor.column == state.columns) {
      state.first[successor.column] = i;
      state.quotations[successor.column] = {};
      ++state.columns;
    }
    state.quotations[successor.column].add(quotations);
    if (successor.turn != Turn::unknown) {
      state.turns = 1 + turns_kept_ * state.turns;
      state.out_of_turn = (successor.turn == Turn::out ? 1.0f : 0.0f) + turns_kept_ * state.out_of_turn;
    }
    return state;
  }
  /// Of the state with line `i` in that column.
  static std::uint64_t hash_of(const State& parent, std::uint8_t column, std::uint32_t i) {
    const bool is_new = column == parent.columns;
    const auto mix = [](std::uint64_t h, std::uint32_t last, std::uint32_t first) {
      return (h ^ (std::uint64_t{last} << 32 | first)) * 0x9E3779B97F4A7C15u;
    };
    std::uint64_t h = parent.columns + std::uint64_t{is_new};
    std::size_t c = 0;
    for (; c < column; ++c) h = mix(h, parent.last[c], parent.first[c]);
    h = mix(h, i, is_new ? i : parent.first[c]);
    for (++c; c < most_columns; ++c) h = mix(h, parent.last[c], parent.first[c]);
    return h;
  }

  /// Of states that no line to come can tell apart the cheapest stays; of the others the best few.
  /// `best`: the cost of the cheapest.
  void thin(std::vector<Successor>& front, std::span<const State> parents, std::uint32_t i, float best,
            std::size_t beam) const {
    std::erase_if(front, [&](const Successor& s) { return s.cost > best + hopeless_; });
    for (Successor& s : front) s.hash = hash_of(parents[s.parent], s.column, i);
    const auto are_equal = [&](const Successor& a, const Successor& b) {
      if (a.hash != b.hash) return false;
      const State of_a = state_of(a, parents, i, {}), of_b = state_of(b, parents, i, {});
      return of_a.last == of_b.last && of_a.first == of_b.first;
    };
    // Equal states are found by a table of hashes; a collision costs a state, not correctness.
    constexpr std::size_t places = 2048;
    std::array<std::uint32_t, places> seen{};
    std::size_t kept = 0;
    for (const Successor& state : front) {
      std::uint32_t& place = seen[state.hash >> 53];
      if (place != 0 && are_equal(front[place - 1], state)) {
        if (state.cost < front[place - 1].cost) front[place - 1] = state;
        continue;
      }
      front[kept] = state;
      place = static_cast<std::uint32_t>(++kept);
    }
    front.resize(kept);
    // Guesses of more columns are cheap at first, as nothing is known of a column's only line: each number of columns
    // has a beam of its own.
    const auto columns_of = [&](const Successor& s) {
      const std::uint8_t before = parents[s.parent].columns;
      return std::max(before, static_cast<std::uint8_t>(s.column + 1));
    };
    auto begin = front.begin();
    std::vector<Successor> stay;
    if (front.size() > beam) {
      for (std::uint8_t columns = 1; columns <= most_columns; ++columns) {
        const auto end =
            std::partition(begin, front.end(), [&](const Successor& s) { return columns_of(s) == columns; });
        const auto first = begin;
        auto last = end;
        if (static_cast<std::size_t>(end - first) > beam) {
          last = first + static_cast<std::ptrdiff_t>(beam);
          std::nth_element(first, last, end, cheaper);
        }
        stay.insert(stay.end(), first, last);
        begin = end;
      }
      front.swap(stay);
    }
  }
  static bool cheaper(const Successor& a, const Successor& b) { return a.cost < b.cost; }

  /// Lines are out of turn either hardly ever or often, which changes down a page: what one more of them costs is the
  /// logarithm of how rare they were among the last lines, within limits.
  float cost_of_turn(const State& state) const {
    constexpr float prior = 0.5f;  // of an adaptive code of yes and no (Krichevsky and Trofimov, 1981)
    const float rare = std::log((state.turns + 2 * prior) / (state.out_of_turn + prior));
    return std::clamp(rare, out_of_turn_least_, out_of_turn_most_);
  }

  /// For each line its place; of a band that is better left as it stands all in the first column.
  /// `before` is the line before the first, or empty; `beam`: states that are kept.
  std::vector<Place> search(std::string_view text, std::span<const Line> lines, std::string_view before,
                            std::size_t beam) const {
    const auto count = static_cast<std::uint32_t>(lines.size());
    std::vector<CoherenceModel::Tail> tails;
    tails.reserve(count);
    std::vector<std::string_view> inks(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      inks[i] = lines[i].ink.of(text);
      model_.prepare(tails.emplace_back(model_.tail_of(inks[i])));
    }
    const std::vector<LineShape> shapes = shapes_of(inks);
    const CoherenceCounts counts(model_, counts_, inks);
    std::vector<CoherenceCounts::Beginning> beginnings;
    beginnings.reserve(count);
    for (const std::string_view ink : inks) beginnings.push_back(counts.beginning_of(model_.head_of(ink)));
    // What follows a sentence or a headline has less to do with its words.
    std::vector<bool> open(count);
    for (std::uint32_t i = 0; i < count; ++i) open[i] = is_open(inks[i]);
    const std::vector<bool> fills = fills_column(lines, open);
    std::vector<Quotations> quotations(count);
    std::ranges::transform(inks, quotations.begin(), quotations_of);
    const auto badly = [&](std::uint32_t b) { return begins_badly(inks[b]); };
    // A line that begins with what may not begin one belongs to the line above it.
    const auto below_badly = [&](std::uint32_t a, std::uint32_t b) {
      constexpr float torn_apart = 12;
      return b == a + 1 ? least_cost_ : torn_apart;
    };
    // Costs of setting one line below another.
    const auto below = [&](std::uint32_t a, std::uint32_t b) {
      if (badly(b)) return below_badly(a, b);
      const float words = counts.continuation(tails[a], beginnings[b]);
      return shape_cost(shapes, a, b) + cost_of(open[a] ? words : closed_ * words);
    };
    CoherenceModel::Tail line_before = model_.tail_of(before);
    model_.prepare(line_before);
    // Latin words say less of how lines go on, so the columns must be more regular.
    const auto latin = static_cast<std::size_t>(std::count_if(
        tails.begin(), tails.end(), [](const auto& tail) { return tail.latin != LatinLines::End::none; }));
    const bool is_latin = 2 * latin > count;
    const float change = is_latin ? latin_change_ : change_,
                out_of_turn = is_latin ? latin_out_of_turn_ : out_of_turn_least_;
    const auto enter = [&](std::uint32_t b) {
      return before.empty() ? 0.0f : cost_of(counts.continuation(line_before, beginnings[b]));
    };
    std::vector<float> as_they_stand(count);  // the lines up to each
    as_they_stand[0] = enter(0);
    QuotationState standing;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) as_they_stand[i] = as_they_stand[i - 1] + below(i - 1, i);
      if (standing.is_at_odds_with(quotations[i])) as_they_stand[i] += quotation_;
      standing.add(quotations[i]);
    }

    // Of a line, what setting it below each of the lines that columns end with costs.
    std::vector<float> costs_below(count);
    std::vector<std::uint32_t> asked_for(count, none), ends;
    const auto ask = [&](const std::vector<State>& front, std::uint32_t i) {
      ends.clear();
      for (const State& state : front)
        for (std::uint8_t c = 0; c < state.columns; ++c)
          if (std::uint32_t& asked = asked_for[state.last[c]]; asked != i) {
            asked = i;
            ends.push_back(state.last[c]);
          }
      for (const std::uint32_t end : ends) counts.prefetch(tails[end], beginnings[i]);
      for (const std::uint32_t end : ends) costs_below[end] = below(end, i);
    };

    // A column goes on at the top of the next. The columns may stand in any order: which was met first says little
    // where the region begins in mid-page; a band below another begins with its first.
    struct Known {
      std::uint32_t above = none, below = none;
      float cost = 0;
    };
    constexpr std::size_t most_known = 1u << 12;  // pairs: most of the states have most of their columns in common
    std::vector<Known> known(most_known);
    const auto known_below = [&](std::uint32_t a, std::uint32_t b) {
      Known& pair = known[(a * 0x9E3779B1u + b) % most_known];
      if (pair.above != a || pair.below != b) pair = {a, b, a == none ? enter(b) : below(a, b)};
      return pair.cost;
    };
    /// The best sequence of a band's columns, and of `next` after them if there is one.
    struct Read {
      float cost = std::numeric_limits<float>::infinity();
      std::uint8_t before = 0;
    };
    std::vector<std::array<Read, most_columns>> read_so_far(std::size_t{1} << most_columns);
    const auto read = [&](const State& state, std::uint32_t next, float limit) {
      std::array<std::array<float, most_columns>, most_columns> after{};  // of one column, another
      for (std::uint8_t a = 0; a < state.columns; ++a)
        for (std::uint8_t b = 0; b < state.columns; ++b)
          if (a != b)
            after[a][b] = known_below(state.last[a], state.first[b]) +
                          (state.quotations[a].is_at_odds_with(state.quotations[b]) ? quotation_ : 0);
      const bool is_first = state.first[0] == 0;
      std::array<float, most_columns> first{}, last{};
      for (std::uint8_t a = 0; a < state.columns; ++a) {
        if (is_first) first[a] = known_below(none, state.first[a]);
        if (next != none) last[a] = costs_below[state.last[a]];
      }
      // Each column has one above it, or is the first: were all of them the best there are, it would cost so much.
      float least = next != none ? *std::min_element(last.begin(), last.begin() + state.columns) : 0;
      for (std::uint8_t b = 0; b < state.columns; ++b) {
        float above = is_first ? first[b] : b == 0 ? 0 : std::numeric_limits<float>::infinity();
        for (std::uint8_t a = 0; a < state.columns; ++a)
          if (a != b) above = std::min(above, after[a][b] + (a > b ? out_of_order_ : 0));
        least += above;
      }
      if (least >= limit) return Reading{};
      // Held and Karp's: of each set of columns that were read, and the last of them, the cheapest sequence.
      const std::size_t columns = state.columns, sets = std::size_t{1} << columns;
      for (std::size_t set = 1; set < sets; ++set)
        for (std::size_t k = 0; k < columns; ++k) {
          Read& here = read_so_far[set][k];
          here = {};
          if ((set >> k & 1) == 0) continue;
          const std::size_t others = set & ~(std::size_t{1} << k);
          if (others == 0) {
            if (is_first || k == 0) here.cost = first[k];
            continue;
          }
          for (std::size_t j = 0; j < columns; ++j) {
            if ((others >> j & 1) == 0) continue;
            const float cost = read_so_far[others][j].cost + after[j][k] + (j > k ? out_of_order_ : 0);
            if (cost < here.cost) here = {cost, static_cast<std::uint8_t>(j)};
          }
        }
      Reading best;
      std::size_t at = 0, set = sets - 1;
      for (std::size_t k = 0; k < columns; ++k)
        if (const float cost = read_so_far[set][k].cost + last[k]; cost < best.cost) {
          best.cost = cost;
          at = k;
        }
      for (std::size_t k = columns; k-- > 0;) {
        best.sequence[k] = static_cast<std::uint8_t>(at);
        const std::size_t above = read_so_far[set][at].before;
        set &= ~(std::size_t{1} << at);
        at = above;
      }
      return best;
    };

    std::vector<std::vector<Step>> steps(count);
    std::vector<Reading> ends_above(count);  // of each line, how the band above it is read best; the cost up to it
    std::vector<State> front, next_front;
    std::vector<Successor> successors;
    std::vector<std::uint32_t> likely;  // to be the last of their band
    State start{};
    start.last.fill(none);
    start.first.fill(none);
    start.last[0] = start.first[0] = 0;
    start.columns = 1;
    start.turns = turns_before_;
    start.quotations[0].add(quotations[0]);
    front.push_back(start);
    steps[0].push_back({0, 0, false});
    for (std::uint32_t i = 1; i < count; ++i) {
      const bool blank_before = lines[i].blanks_before > 0, begins_line_badly = badly(i);
      ask(front, i);
      successors.clear();
      float best = std::numeric_limits<float>::infinity();  // what is far above it goes anyway
      for (std::uint32_t p = 0; p < front.size(); ++p) {
        const State& parent = front[p];
        const float cost_out_of_turn =
            blank_before && parent.columns > 1 ? std::max(cost_of_turn(parent), out_of_turn) : 0;
        const std::size_t choices = std::min<std::size_t>(parent.columns + (begins_line_badly ? 0u : 1u), columns_);
        for (std::uint8_t c = 0; c < choices; ++c) {
          const bool new_column = c == parent.columns;
          float cost = parent.cost + (new_column ? cost_of_column(parent.columns) : costs_below[parent.last[c]]);
          if (!new_column && parent.quotations[c].is_at_odds_with(quotations[i])) cost += quotation_;
          Turn turn = Turn::unknown;
          if (parent.columns > 1 || c > 0) {
            if (c != parent.column && !blank_before) cost += change;
            if (blank_before && !new_column) turn = c == (parent.column + 1) % parent.columns ? Turn::in : Turn::out;
            if (turn == Turn::out) {
              cost += cost_out_of_turn;
              const std::size_t next = (parent.column + 1u) % parent.columns;
              // The lines of a headline stand closer or further apart than those of the text beside it.
              const std::uint32_t above = parent.last[c];
              if (c == parent.column && !parent.again && fills[parent.last[next]] && (fills[above] || !open[above]))
                cost += again_;
            }
          }
          if (cost > best + hopeless_) continue;
          best = std::min(best, cost);
          successors.push_back({0, cost, p, c, turn});
        }
      }
      // The line may begin another band below all columns: then it matters no more how they came about.
      State band{};
      std::uint32_t above = none;  // the last state of the band above
      if (!begins_line_badly) {
        band.cost = std::numeric_limits<float>::infinity();
        // What the columns of a band cost to read is dear to ask; of the best few states one nearly always wins.
        likely.resize(front.size());
        std::iota(likely.begin(), likely.end(), 0u);
        if (likely.size() > band_beam_) {
          std::ranges::partial_sort(likely, likely.begin() + static_cast<std::ptrdiff_t>(band_beam_), {},
                                   [&](std::uint32_t p) { return front[p].cost; });
          likely.resize(band_beam_);
        }
        for (const std::uint32_t p : likely) {
          const State& parent = front[p];
          if (parent.columns == 1) continue;
          const float so_far = parent.cost + band_ + (blank_before ? 0 : change);
          if (so_far + static_cast<float>(parent.columns) * least_cost_ > std::min(band.cost, best + hopeless_))
            continue;
          const Reading reading = read(parent, i, std::min(band.cost, best + hopeless_) - so_far);
          if (so_far + reading.cost >= band.cost) continue;
          band.cost = so_far + reading.cost;
          ends_above[i] = {band.cost, reading.sequence};
          above = p;
        }
        if (above != none) {
          const State& parent = front[above];
          band.last.fill(none);
          band.first.fill(none);
          band.last[0] = band.first[0] = i;
          band.columns = 1;
          band.quotations[0].add(quotations[i]);
          band.turns = parent.turns;
          band.out_of_turn = parent.out_of_turn;
          best = std::min(best, band.cost);
        }
      }
      thin(successors, front, i, best, beam);
      next_front.clear();
      steps[i].reserve(successors.size() + 1);
      for (const Successor& successor : successors) {
        next_front.push_back(state_of(successor, front, i, quotations[i]));
        steps[i].push_back({static_cast<std::uint16_t>(successor.parent), successor.column, false});
      }
      if (above != none && band.cost <= best + hopeless_) {
        next_front.push_back(band);
        steps[i].push_back({static_cast<std::uint16_t>(above), 0, true});
      }
      front.swap(next_front);
    }
    std::uint32_t state = 0;
    float best_cost = std::numeric_limits<float>::infinity();
    Sequence sequence{};
    for (std::uint32_t s = 0; s < front.size(); ++s) {
      const Reading reading = read(front[s], none, best_cost - front[s].cost);
      if (front[s].cost + reading.cost >= best_cost) continue;
      best_cost = front[s].cost + reading.cost;
      sequence = reading.sequence;
      state = s;
    }
    std::vector<Place> places(count);
    float asked_gain = gain_;
    std::uint32_t end = count;  // of the band
    for (std::uint32_t i = count; i-- > 0;) {
      const Step step = steps[i][state];
      const auto at = std::ranges::find(sequence, step.column);
      places[i] = {static_cast<std::uint8_t>(at - sequence.begin()), step.begins_band};
      state = step.parent;
      if (i > 0 && !step.begins_band) {
        if (step.column != steps[i - 1][state].column)
          asked_gain += lines[i].blanks_before > 0 ? gain_per_line_ : gain_without_blank_;
        continue;
      }
      // Each band has to be better than its lines as they stand.
      const float so_far = i > 0 ? ends_above[i].cost : 0, stood = i > 0 ? as_they_stand[i] : 0;
      const float gain = as_they_stand[std::min(end, count - 1)] - stood - (best_cost - so_far);
      if (gain < asked_gain)
        for (std::uint32_t k = i; k < end; ++k) places[k].column = 0;
      best_cost = so_far;
      sequence = ends_above[i].sequence;
      end = i;
      asked_gain = gain_;
    }
    return places;
  }

  CoherenceModel model_;
  float next_at_most_, later_at_least_, better_by_;
  std::size_t lines_ahead_, least_;
  float shown_, fading_;
  std::size_t apart_, reach_, every_, every_below_, first_lines_, page_lines_, blocks_ahead_;
  std::uint32_t widest_column_;
  float latin_blank_;
  float base_, closed_, least_cost_, most_cost_, column_, many_columns_;
  std::size_t few_columns_;
  float out_of_order_, band_, change_, turns_kept_, turns_before_, out_of_turn_least_, out_of_turn_most_, again_,
      quotation_, latin_change_, latin_out_of_turn_, gain_, gain_per_line_, gain_without_blank_;
  std::size_t columns_, most_lines_;
  float hopeless_;
  std::size_t beam_, narrow_beam_, band_beam_;
  CoherenceCounts::Weights counts_;
  std::size_t most_in_block_;
  LineShapes shapes_;
  float shape_weight_;
  HalvedHeadlines headlines_;
};

}  // namespace

const StageInfo interleave_info{
    "interleave", "puts lines of columns that were read in turn back into columns", rule_list, {}, 1, false,
    Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_interleave(const StageOptions& options, const Rules& rules) {
  Settings settings("interleave", options, rules, "interleave.toml");
  auto stage = std::make_unique<InterleaveStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
