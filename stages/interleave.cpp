#include "stages/interleave.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/brackets.h"
#include "stages/coherence.h"
#include "stages/coherence_counts.h"
#include "stages/coherence_lines.h"
#include "stages/ends.h"
#include "stages/interleave_headlines.h"
#include "stages/interleave_search.h"
#include "stages/line_shape.h"
#include "stages/pattern.h"
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

constexpr std::uint32_t narrowest_line = 8;  // half-ems: what of narrower ones goes on says nothing

class InterleaveStage final : public Stage {
 public:
  InterleaveStage(Settings& s, Settings& lines, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)),
        byline_(lines, "byline", lines.strings("byline")),
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
        left_open_(s.cost("cost.left_open")),
        change_(s.cost("cost.change_without_blank")),
        gain_(s.cost("cost.gain")),
        gain_per_line_(s.cost("cost.gain_per_line")),
        gain_without_blank_(s.cost("cost.gain_per_line_without_blank")),
        most_lines_(s.count("cost.most_lines")),
        beam_(static_cast<std::size_t>(s.number("cost.beam", 1, InterleaveSearch::widest_beam))),
        narrow_beam_(static_cast<std::size_t>(s.number("cost.narrow_beam", 1, InterleaveSearch::widest_beam))),
        more_columns_(s.count("cost.more_columns")),
        counts_{s.cost("counts.alone"), s.cost("counts.one"), s.cost("counts.two")},
        most_in_block_(s.count("cost.most_in_block")),
        shapes_(s, options, rules),
        brackets_(s, options, rules),
        shape_weight_(s.cost("shape.weight")),
        search_(InterleaveSearch::costs_of(s)),
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
      for (std::uint8_t column = 0; column < most_interleaved_columns; ++column)
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
  using Place = InterleaveSearch::Place;
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
      const RegionLines region(*this, text, lines, first, last);
      const auto is_better = [&](const InterleaveSearch::Result& result, const InterleaveSearch::Band& band) {
        return band.gain >= asked_gain(region.lines(), result.places, band);
      };
      const auto search = [&](std::size_t beam, std::size_t columns) {
        return search_(region.lines(), region, region.is_latin(), {beam, columns});
      };
      // Most regions are no columns after all: that, a narrow search tells.
      InterleaveSearch::Result result = search(narrow_beam_, most_interleaved_columns);
      if (std::ranges::none_of(result.bands, [&](const auto& band) { return is_better(result, band); })) continue;
      // And nearly always how many there are.
      const std::size_t columns = std::ranges::max(result.places, {}, &Place::column).column + 1 + more_columns_;
      result = search(beam_, columns);
      for (const InterleaveSearch::Band& band : result.bands)
        if (is_better(result, band))
          add_band(std::span(result.places).subspan(band.first, band.last - band.first), first + band.first, regions);
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

  /// How much better a line that can't end a sentence goes on with one below than with the next, the change of the
  /// column taken off; 0: not much.
  float suspicion(std::string_view text, std::span<const Line> lines, CoherenceLines& words, std::size_t i) const {
    if (lines[i].width < narrowest_line) return 0;
    const CoherenceModel::Tail& tail = words.tail(i);
    // One pair of Latin lines says little of how they go on: a blank line inside a sentence says more.
    if (tail.latin.kind != LatinLines::End::none)
      return lines[i + 1].blanks_before > 0 && tail.latin.kind != LatinLines::End::stop ? latin_blank_ : 0;
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

  /// No narrower is a line that fills its column, in half-ems.
  static std::uint32_t least_full_width(std::span<const Line> lines) {
    constexpr std::uint32_t indent = 4, ragged = 3;
    std::vector<std::uint32_t> widths(lines.size());
    std::ranges::transform(lines, widths.begin(), &Line::width);
    const auto usual = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() * 2 / 3);
    std::ranges::nth_element(widths, usual);
    return *usual + 1 - std::min(*usual + 1, indent + ragged);
  }

  /// How much the words say of what follows a line: after a sentence less, after a byline nothing.
  float weight_of_words(std::string_view text, const Line& line, std::uint32_t full) const {
    if (!is_open(line.ink.of(text))) return closed_;
    return line.width < full && byline_.matches(text, line) ? 0.0f : 1.0f;
  }

  /// Of line `b` below line `a`; 0 where `shapes` is empty.
  float shape_cost(std::span<const LineShape> shapes, std::size_t a, std::size_t b) const {
    return shapes.empty() ? 0 : -shape_weight_ * shapes_.odds(shapes[a], shapes[b]);
  }

  /// What the search asks of a region's lines.
  class RegionLines final : public InterleaveLinks {
   public:
    /// Of all lines of the text [first, last). Nothing of this may go before it.
    RegionLines(const InterleaveStage& stage, std::string_view text, std::span<const Line> all, std::size_t first,
                std::size_t last)
        : RegionLines(stage, text, all.subspan(first, last - first)) {
      if (first > 0) {
        const Line& before = all[first - 1];
        before_ = counts_.end_of(stage.model_.tail_of(before.ink.of(text)));
        weight_before_ = stage.weight_of_words(text, before, full_);
        begins_.resize(inks_.size());
      }
      if (last < all.size()) behind_ = counts_.beginning_of(stage.model_.head_of(all[last].ink.of(text)));
    }

   private:
    RegionLines(const InterleaveStage& stage, std::string_view text, std::span<const Line> lines)
        : stage_(stage),
          inks_(inks_of(text, lines)),
          counts_(stage.model_, stage.counts_, inks_),
          known_(std::bit_ceil(std::min(most_known, asked_of_each * lines.size()))) {
      const CoherenceModel& model = stage.model_;
      ends_.reserve(inks_.size());
      beginnings_.reserve(inks_.size());
      std::size_t latin = 0;
      for (std::size_t i = 0; i < inks_.size(); ++i) {
        ends_.push_back(counts_.end_of(model.tail_of(inks_[i])));
        beginnings_.push_back(counts_.beginning_of(model.head_of(inks_[i])));
        latin += ends_.back().tail.latin.kind != LatinLines::End::none;
      }
      is_latin_ = 2 * latin > inks_.size();
      shapes_ = stage.shapes_of(inks_);
      full_ = least_full_width(lines);
      for (std::size_t i = 0; i < inks_.size(); ++i) {
        weights_.push_back(stage.weight_of_words(text, lines[i], full_));
        const bool open = is_open(inks_[i]);
        lines_.push_back({lines[i].blanks_before > 0, begins_badly(inks_[i]), open, open && lines[i].width >= full_,
                          quotations_of(inks_[i])});
      }
      brackets_.reserve(inks_.size());
      for (const std::string_view ink : inks_) brackets_.push_back(stage.brackets_.of(ink));
    }

   public:
    [[nodiscard]] std::span<const InterleavedLine> lines() const noexcept { return lines_; }
    [[nodiscard]] bool is_latin() const noexcept { return is_latin_; }

    [[nodiscard]] float below(std::uint32_t a, std::uint32_t b) const override {
      // A line that begins with what may not begin one belongs to the line above it.
      constexpr float torn_apart = 12;
      if (lines_[b].begins_badly) return b == a + 1 ? stage_.least_cost_ : torn_apart;
      Known& known = known_of(a, b);
      if (known.above != a || known.below != b)
        known = {a, b,
                 stage_.shape_cost(shapes_, a, b) - stage_.brackets_.odds(brackets_[a], brackets_[b]) +
                     words_cost(a, beginnings_[b])};
      return known.cost;
    }
    [[nodiscard]] float begin(std::uint32_t line) const override {
      if (!before_) return 0;
      std::optional<float>& cost = begins_[line];
      if (!cost) cost = stage_.cost_of(weight_before_ * counts_.continuation(*before_, beginnings_[line]));
      return *cost;
    }
    [[nodiscard]] float end(std::uint32_t line) const override {
      if (behind_) return words_cost(line, *behind_);
      // What ends with a number or a Latin word may be a source or an address.
      return lines_[line].fills && is_cjk(last_class(inks_[line])) ? stage_.left_open_ : 0;
    }
    [[nodiscard]] float least() const override {
      return stage_.least_cost_ - stage_.shape_weight_ * stage_.shapes_.most() - stage_.brackets_.most();
    }
    void prefetch(std::uint32_t a, std::uint32_t b) const override {
      if (const Known& known = known_of(a, b); known.above != a || known.below != b)
        counts_.prefetch(ends_[a], beginnings_[b]);
    }

   private:
    /// What was asked last: each search asks again what the one before it did.
    struct Known {
      std::uint32_t above = none, below = none;
      float cost = 0;
    };
    [[nodiscard]] Known& known_of(std::uint32_t a, std::uint32_t b) const {
      return known_[(a * 0x9E3779B1u + b) & (known_.size() - 1)];
    }
    [[nodiscard]] float words_cost(std::uint32_t a, const CoherenceCounts::Beginning& b) const {
      const float words = counts_.continuation(ends_[a], b);
      return stage_.cost_of(weights_[a] * words);
    }
    static std::vector<std::string_view> inks_of(std::string_view text, std::span<const Line> lines) {
      std::vector<std::string_view> inks(lines.size());
      std::ranges::transform(lines, inks.begin(), [&](const Line& line) { return line.ink.of(text); });
      return inks;
    }

    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t asked_of_each = 32, most_known = std::size_t{1} << 15;

    const InterleaveStage& stage_;
    std::vector<std::string_view> inks_;
    CoherenceCounts counts_;
    mutable std::vector<Known> known_;                  ///< a power of two
    mutable std::vector<std::optional<float>> begins_;  ///< begin() of each line, once asked for
    std::vector<CoherenceCounts::End> ends_;
    std::vector<CoherenceCounts::Beginning> beginnings_;
    std::vector<LineShape> shapes_;
    std::vector<InterleavedLine> lines_;
    std::vector<float> weights_;  ///< of each line's words
    std::vector<Brackets> brackets_;
    std::optional<CoherenceCounts::End> before_;
    float weight_before_ = 0;
    std::uint32_t full_ = 0;  ///< no narrower is a line that fills its column, in half-ems
    std::optional<CoherenceCounts::Beginning> behind_;
    bool is_latin_ = false;
  };

  /// By how much the columns of a band must be better than its lines as they stand.
  float asked_gain(std::span<const InterleavedLine> lines, std::span<const Place> places,
                   const InterleaveSearch::Band& band) const {
    float asked = gain_;
    for (std::uint32_t i = band.first + 1; i < band.last; ++i)
      if (places[i].column != places[i - 1].column)
        asked += lines[i].blank_before ? gain_per_line_ : gain_without_blank_;
    return asked;
  }

  CoherenceModel model_;
  Pattern byline_;
  float next_at_most_, later_at_least_, better_by_;
  std::size_t lines_ahead_, least_;
  float shown_, fading_;
  std::size_t apart_, reach_, every_, every_below_, first_lines_, page_lines_, blocks_ahead_;
  std::uint32_t widest_column_;
  float latin_blank_;
  float base_, closed_, least_cost_, most_cost_, left_open_, change_, gain_, gain_per_line_, gain_without_blank_;
  std::size_t most_lines_, beam_, narrow_beam_, more_columns_;
  CoherenceCounts::Weights counts_;
  std::size_t most_in_block_;
  LineShapes shapes_;
  BracketOdds brackets_;
  float shape_weight_;
  InterleaveSearch search_;
  HalvedHeadlines headlines_;
};

}  // namespace

const StageInfo interleave_info{
    "interleave", "puts lines of columns that were read in turn back into columns", rule_list, {}, 1, false,
    Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_interleave(const StageOptions& options, const Rules& rules) {
  Settings settings("interleave", options, rules, "interleave.toml");
  Settings lines("interleave", options, rules, "lines.toml");
  auto stage = std::make_unique<InterleaveStage>(settings, lines, options, rules);
  if (!settings.ok() || !lines.ok()) {
    ConfigErrors errors = settings.take_errors();
    for (ConfigError& error : lines.take_errors()) errors.push_back(std::move(error));
    return unexpected(std::move(errors));
  }
  return stage;
}

}  // namespace inkwash::stages
