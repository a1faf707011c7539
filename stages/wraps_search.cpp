#include "stages/wraps_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>
#include <utility>

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

constexpr Cost impossible = 1e9f;

}  // namespace

class WrapSearch::Decider {
 public:
  explicit Decider(Settings& s) {
    least_lines_ = static_cast<unsigned>(s.number("width.least_lines", 1, 100));
    most_candidates_ = static_cast<std::size_t>(s.number("width.most_candidates", 1, 60));
    change_ = s.cost("width.change");
    change_after_blank_ = s.cost("width.change_after_blank");
    change_after_headline_ = s.cost("width.change_after_headline");
    wrapped_ = s.cost("width.wrapped");
    over_ = s.cost("width.over");
    over_per_half_em_ = s.cost("width.over_per_half_em");
    least_width_ = s.cost("width.least");
    most_width_ = s.cost("width.most");
    wide_ = s.cost("width.wide");
    join_ = {s.cost("join.plain"), s.cost("join.pause"), s.cost("join.semi"), s.cost("join.stop")};
    short_ = s.cost("join.short");
    short_per_half_em_ = s.cost("join.short_per_half_em");
    short_most_ = s.cost("join.short_most");
    short_stop_ = s.cost("join.short_stop");
    strict_ = s.cost("join.strict");
    strict_from_ = s.cost("join.strict_from");
    strict_lines_ = static_cast<unsigned>(s.cost("join.strict_lines"));
    indent_half_ems_ = s.cost("join.indent_half_ems");
    indented_next_ = s.cost("join.indented_next");
    wide_gap_ = s.cost("blank.wide_gap");
    dateline_next_ = s.cost("join.dateline_next");
    jump_ = s.cost("join.jump");
    item_next_ = s.cost("join.item_next");
    old_item_next_ = s.cost("join.old_item_next");
    old_stop_ = s.cost("join.old_stop");
    echo_next_ = s.cost("join.echo_next");
    strange_next_ = s.cost("join.strange_next");
    byline_next_ = s.cost("join.byline_next");
    part_next_ = s.cost("join.part_next");
    alone_ = s.cost("join.alone");
    headline_ = s.cost("join.headline");
    after_byline_ = s.cost("join.after_byline");
    break_ = {0, s.cost("break.pause"), s.cost("break.semi"), s.cost("break.stop")};
    const std::vector<double> plain = s.numbers("break.plain", break_plain_.size());
    for (std::size_t i = 0; i < plain.size(); ++i) break_plain_[i] = static_cast<Cost>(plain[i]);
    full_ = s.cost("break.full");
    full_stop_ = s.cost("break.full_stop");
    full_old_stop_ = s.cost("break.full_old_stop");
    full_latin_stop_ = s.cost("break.full_latin_stop");
    spaced_ = s.cost("break.spaced");
    byline_ = s.cost("break.byline");
    not_indented_next_ = s.cost("break.not_indented_next");
    kinsoku_ = s.cost("break.kinsoku");
    bracket_ = s.cost("break.bracket");
    quote_ = s.cost("break.quote");
    clause_ = s.cost("break.clause");
    set_apart_ = s.cost("join.set_apart");
    clause_next_ = s.cost("join.clause");
    across_ = s.cost("break.across");
    open_ = s.cost("break.open");
    unfinished_ = s.cost("latin.unfinished");
    small_ = s.cost("break.small");
    capital_ = s.cost("join.capital");
    latin_byline_ = s.cost("latin.byline_next");
    number_ = s.cost("break.number");
    unwrapped_ = {s.cost("unwrapped.plain"), s.cost("unwrapped.pause"), s.cost("unwrapped.semi"),
                  s.cost("unwrapped.stop")};
    unwrapped_join_ = s.cost("unwrapped.join");
    torn_ = s.cost("unwrapped.torn");
    headline_width_ = s.cost("unwrapped.headline_width");
    unwrapped_per_half_em_ = s.cost("unwrapped.per_half_em");
    unwrapped_long_ = s.cost("unwrapped.long_most");
  }

  /// For each line: whether it is joined to the one before it.
  std::vector<bool> decide(std::span<const Row> rows) const {
    const std::size_t count = rows.size();
    std::vector<bool> joined(count, false);
    if (count < 2) return joined;

    std::vector<Back> back;
    const auto begin_chunk = [&](std::size_t filled) {
      const std::size_t lines = std::min(chunk_lines, count - back.size() * chunk_lines);
      back.push_back({std::make_unique_for_overwrite<std::uint8_t[]>(lines * places * filled), filled});
    };
    std::vector<Column> widths = candidates(rows.first(std::min(count, chunk_lines + chunk_reach)));
    Search search;
    for (auto& of_place : search.front) of_place.fill(impossible);
    for (std::size_t w = 0; w < widths.size(); ++w) search.front[0][w] = w == 0 ? 0 : wrapped_;

    Columns columns(widths);
    with_filled(widths.size(), begin_chunk);
    for (std::size_t i = 0; i + 1 < count; ++i) {
      const Row& row = rows[i];
      with_filled(widths.size(), [&](auto filled) { (this->*ways_of<filled>())(row, columns, search); });
      if ((i + 1) % chunk_lines == 0) {
        const std::size_t first = i + 1 - std::min(i + 1, chunk_reach);
        const std::size_t last = std::min(count, i + 1 + chunk_lines + chunk_reach);
        const std::vector<Column> before = std::exchange(widths, candidates(rows.subspan(first, last - first)));
        columns = Columns(widths);
        with_filled(widths.size(), begin_chunk);
        carry_over(before, widths, search.same, search.came_from);
      }
      with_filled(widths.size(), [&](auto filled) {
        (this->*choice_of<filled>())(row, widths.size(), search, back.back().of(i + 1));
      });
    }

    // The last line ends its paragraph.
    std::size_t best = 0;
    Cost best_cost = impossible;
    costs<most_widths>(rows[count - 1], columns, search.cost);
    for (std::size_t w = 0; w < widths.size(); ++w)
      for (std::size_t place = 0; place < places; ++place) {
        const Cost whole = search.front[place][w] + search.cost.broken[place][w];
        if (whole < best_cost) {
          best_cost = whole;
          best = w * places + place;
        }
      }
    for (std::size_t i = count - 1; i > 0; --i) {
      joined[i] = best % places != 0;
      const Back& chunk = back[i / chunk_lines];
      best = chunk.of(i)[best % places * chunk.filled + best / places];
    }
    return joined;
  }

 private:
  static constexpr std::size_t places = 4;  ///< of a line in its paragraph: 1st, 2nd, 3rd, later
  /// Columns are kept in lists that are filled up to whole vectors of `lanes` numbers.
  static constexpr std::size_t lanes = 8;
  static constexpr std::size_t most_widths = 3 * lanes;
  /// Calls `with` with how many numbers such a list of columns has, known when compiled.
  template <typename With>
  static void with_filled(std::size_t columns, const With& with) {
    static_assert(most_widths == 3 * lanes);
    if (columns <= lanes)
      with(std::integral_constant<std::size_t, lanes>());
    else if (columns <= 2 * lanes)
      with(std::integral_constant<std::size_t, 2 * lanes>());
    else
      with(std::integral_constant<std::size_t, 3 * lanes>());
  }
  static constexpr std::size_t chunk_lines = 64;  ///< lines that share a list of candidate widths
  static constexpr std::size_t chunk_reach = 32;  ///< lines around them that are looked at for it

  /// A column that lines may have been set in.
  struct Column {
    Cost width = 0;        ///< half-ems; 0: text that is not wrapped
    Cost lost_indent = 0;  ///< half-ems of indent that first lines had and the text does not show
    Cost strict = 0;       ///< what its even lines say against one that is shorter
  };

  /// Candidate columns of some lines; the first stands for text that is not wrapped.
  std::vector<Column> candidates(std::span<const Row> rows) const {
    std::array<std::uint16_t, 256> count{};
    for (const Row& row : rows)
      if (row.width >= least_width_ && row.width <= most_width_)
        ++count[static_cast<std::size_t>(std::lround(row.width))];
    struct Candidate {
      unsigned support;
      Cost width;
      Cost strict;
    };
    std::vector<Candidate> found;
    const auto at = [&](std::size_t i) { return i < count.size() ? count[i] : std::uint16_t{0}; };
    for (std::size_t w = static_cast<std::size_t>(least_width_); w < 200; ++w) {
      // Full lines are as wide as the column or, by kinsoku, a character narrower.
      const unsigned here = at(w) + at(w - 1);
      const unsigned support = here + at(w - 2) + at(w - 3) + at(w - 4);
      if (at(w) == 0 || support < least_lines_) continue;
      // Long paragraphs are now and then of about one length; of wide lines only equal ones count.
      if (static_cast<Cost>(w) > wide_ && here < least_lines_) continue;
      if (at(w + 1) > at(w) && at(w + 1) >= 2) continue;
      // Lines a little shorter, but for first lines, are rare where type is justified.
      const unsigned uneven = at(w - 2) + at(w - 3) + at(w - 5) + at(w - 6);
      const Cost even = static_cast<Cost>(here) / static_cast<Cost>(here + uneven);
      const Cost strict =
          here < strict_lines_ ? 0 : std::max(0.0f, (even - strict_from_) / (1 - strict_from_)) * strict_;
      found.push_back({3 * here + support, static_cast<Cost>(w), strict});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Candidate& a, const Candidate& b) { return a.support > b.support; });
    std::vector<Column> columns(1);
    for (const Candidate& candidate : found) {
      if (columns.size() + 2 > std::min(2 * most_candidates_ + 1, most_widths)) break;
      columns.push_back({candidate.width, 0, candidate.strict});
      columns.push_back({candidate.width, indent_half_ems_, candidate.strict});
    }
    return columns;
  }

  struct Decision {
    Cost join, broken;
  };
  using Decisions = std::array<Decision, places>;

  /// A number for each column of a list, side by side so that the compiler can use vectors.
  using OfColumn = std::array<Cost, most_widths>;
  /// A list of columns so written.
  struct Columns {
    explicit Columns(const std::vector<Column>& columns) {
      for (std::size_t w = 0; w < columns.size(); ++w) {
        width[w] = columns[w].width;
        lost_indent[w] = columns[w].lost_indent;
        strict[w] = columns[w].strict;
      }
    }
    OfColumn width{}, lost_indent{}, strict{};
  };
  /// Costs of joining and breaking, by place and column.
  struct Costs {
    std::array<OfColumn, places> join, broken;
  };

  /// What joining line and next, and breaking between them, costs whatever the column, for each place
  /// of the line in its paragraph.
  Decisions common_costs(const Row& row) const {
    Decision all{row.words_any_join, row.blank_break + row.words_any_break};
    if (row.wide_gap) all.join += wide_gap_;
    all.join += row.headlines;
    if (row.clause_next || row.rows_of_one) all.broken += clause_next_;
    if (row.across) all.broken += across_;
    if (row.broken_at_marks) all.broken += kinsoku_;
    if (row.open_end) all.broken += open_;
    if (row.unfinished) all.broken += unfinished_;
    if (row.open_begin) all.broken += open_;
    if (row.number_open) all.broken += number_;
    // A headline may stand above what has no indent, a line of a paragraph not.
    if (row.flush_next && row.ending != Ending::stop && !row.byline && (row.clause || row.indent >= 3))
      all.broken += not_indented_next_;
    if (row.small_next) all.broken += small_;
    if (row.capital_next) all.join += capital_;
    if (row.dangling) all.broken += kinsoku_;
    if (row.quote_next) all.broken += quote_;
    if (row.bracket_open) all.broken += bracket_;
    if (row.kinsoku_next || row.credit_next || row.note_next) all.broken += kinsoku_;
    if (row.credit_next) all.join -= join_[static_cast<std::size_t>(row.ending)];
    if (row.indented_next) all.join += row.indents_kept ? 2 * indented_next_ : indented_next_;
    if (row.dateline_next || row.lead_next) all.join += dateline_next_;
    if (row.item_next) all.join += row.old_punctuation ? old_item_next_ : item_next_;
    if (row.echo_next) all.join += echo_next_;
    if (row.part_next) all.join += part_next_;
    if (row.strange_next) all.join += strange_next_;
    if (row.names_open) all.broken += kinsoku_;
    if (row.byline_next) all.join += row.latin ? latin_byline_ : byline_next_;
    if (row.byline && !row.note_next && !row.names_open) all.join += after_byline_;
    if (row.apart) all.join += part_next_;
    if (row.goes_on_elsewhere) all.join += jump_;
    if (row.stands_alone || row.interrupted) all.join += alone_;
    Decisions costs;
    costs.fill(all);
    Decision& first = costs[0];
    first.join += row.words_join;
    first.broken += row.words_break;
    // Narrow headlines have several rows.
    if (row.headline_next) costs[1].broken += row.words_break, costs[2].broken += row.words_break;
    if (row.ending == Ending::plain && row.clause && !row.byline && row.width <= headline_width_ + 16)
      first.broken += clause_;
    if (row.set_apart && !row.headline_next) first.join += set_apart_;
    if (row.lone && !row.dangling) first.broken += kinsoku_;
    return costs;
  }

  /// Adds what each of the first `filled` columns says. The first column is text that is not wrapped.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void costs(const Row& row, const Columns& columns, Costs& of) const {
    const Decisions common = common_costs(row);
    const auto ending = static_cast<std::size_t>(row.ending);
    const OfColumn &width = columns.width, &strict = columns.strict;
    OfColumn lost;
    for (std::size_t w = 0; w < filled; ++w) lost[w] = std::max(0.0f, columns.lost_indent[w] - row.indent);
    const Cost needed = row.width + row.next_cluster + row.tolerance;
    const Cost widest = row.width - row.tolerance - row.squeeze;
    // No column of such a page is wide: that is a paragraph.
    const bool old_stop = row.old_punctuation && row.ending == Ending::stop && row.width <= wide_;
    const Cost base_join =
        row.kinsoku_next || row.note_next ? join_[0] : (old_stop ? old_stop_ : join_[ending]) + row.blank_join;
    const Cost base_broken = row.flush_next && row.ending == Ending::stop ? not_indented_next_ : 0;
    const Cost full_end = row.ending != Ending::stop ? full_
                          : row.latin                ? full_latin_stop_
                          : row.old_punctuation      ? full_old_stop_
                                                     : full_stop_;
    const Cost short_base = short_ + (row.ending == Ending::stop ? short_stop_ : 0);
    const Cost short_most = short_most_ + (row.ending == Ending::stop ? short_stop_ : 0);
    const bool no_gap = row.kinsoku_next || row.credit_next || row.note_next;
    const Cost alone = row.stands_alone || row.interrupted ? 0.0f : 1.0f;
    // What the columns say of a line in its place; later lines are all alike.
    const auto of_columns = [&](std::size_t place) __attribute__((always_inline)) {
      const Cost full = row.set_apart && place == 0 ? 0 : full_end;
      // A headline has no indent, so it is full only where it is as wide as the column.
      const bool headline = place == 0 && row.ending == Ending::plain && !row.clause;
      const bool one_headline =
          (row.headline_next && place < 2) || row.headline_further || (row.clause_next && place == 0);
      const Cost most = no_gap ? 0 : one_headline ? std::min(short_most, headline_) : short_most;
      // Locals, and no branches: so that the compiler can use vectors.
      const Cost over_cost = over_, over_each = over_per_half_em_, short_each = short_per_half_em_, stretched = spaced_;
      const Cost row_width = row.width, wide_weight = row.kinsoku_next ? 0.0f : 1.0f;
      const Cost not_spaced = row.spaced && !row.byline_next ? 0.0f : impossible;
      const Cost end_indent = headline ? 1.0f : 0.0f, first = place == 0 ? 1.0f : 0.0f;
      OfColumn join, broken;
      for (std::size_t w = 0; w < filled; ++w) {
        const Cost indent = first * lost[w];
        const Cost room = width[w] - indent - needed;
        const Cost over = width[w] - indent - widest;  // below 0: too wide
        const Cost too_wide = over < 0 ? over_cost - over_each * over : 0;
        const bool spaced = row_width + indent >= 0.7f * width[w] + not_spaced;
        const Cost gap_here = short_base + strict[w] + short_each * room;
        const Cost gap = gap_here < most ? gap_here : most;
        const Cost open_gap = room < 0 ? 0 : gap;
        join[w] = wide_weight * too_wide + (spaced ? 0 : open_gap);
        const Cost end = room + end_indent * indent < 0 ? full : 0;
        broken[w] = too_wide + (spaced ? stretched : end);
      }
      std::copy_n(join.begin(), filled, of.join[place].begin());
      std::copy_n(broken.begin(), filled, of.broken[place].begin());
    };
    of_columns(0);
    of_columns(1);
    const std::size_t later = row.headline_next ? 2 : 1;
    if (later == 2) of_columns(2);
    for (std::size_t place = places; place-- > 0;) {
      const Cost join = base_join + common[place].join;
      const Cost broken = base_broken + common[place].broken +
                          (row.byline                    ? byline_
                           : row.ending == Ending::plain ? break_plain_[place]
                                                         : break_[ending]);
      const std::size_t from = std::min(place, later);
      for (std::size_t w = 0; w < filled; ++w) of.join[place][w] = of.join[from][w] + join;
      for (std::size_t w = 0; w < filled; ++w) of.broken[place][w] = alone * (broken + of.broken[from][w]);
      // Text that is not wrapped.
      Cost open = row.byline ? byline_ : unwrapped_[ending];
      if (row.ending == Ending::plain) {
        if (row.width > headline_width_)
          open += std::min(unwrapped_long_, unwrapped_per_half_em_ * (row.width - headline_width_));
        if (!row.byline) open += break_plain_[place] - break_plain_[0] + (row.torn ? torn_ : 0);
      }
      of.broken[place][0] = alone * (common[place].broken + open);
      of.join[place][0] = common[place].join + (row.kinsoku_next || row.credit_next || row.note_next ? join_[0]
                                                : row.clause_next || (row.headline_next && row.tight)
                                                    ? headline_
                                                    : unwrapped_join_ + row.blank_join);
    }
  }

  using Front = std::array<OfColumn, places>;

  /// Index of the least of the first `count` numbers, a multiple of `lanes`.
  [[gnu::always_inline]] static inline std::size_t cheapest(const OfColumn& costs, std::size_t count) {
    std::array<Cost, lanes> least;
    std::copy_n(costs.begin(), lanes, least.begin());
    for (std::size_t w = lanes; w < count; w += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        least[lane] = costs[w + lane] < least[lane] ? costs[w + lane] : least[lane];
    const Cost of_all = *std::min_element(least.begin(), least.end());
    return static_cast<std::size_t>(std::find(costs.begin(), costs.end(), of_all) - costs.begin());
  }

  /// Sets what is known of the columns of a list in the places of another list: of a column that is in
  /// both, or all but is.
  static void carry_over(const std::vector<Column>& before, const std::vector<Column>& now, Front& costs,
                         std::array<std::array<std::int32_t, most_widths>, places>& came_from) {
    const Front old_costs = costs;
    const auto old_from = came_from;
    for (std::size_t w = 0; w < now.size(); ++w) {
      for (std::size_t place = 0; place < places; ++place) costs[place][w] = impossible;
      for (std::size_t k = 0; k < before.size(); ++k) {
        if (before[k].lost_indent != now[w].lost_indent ||
            std::abs(before[k].width - now[w].width) > (now[w].width == 0 ? 0 : 1))
          continue;
        for (std::size_t place = 0; place < places; ++place) {
          costs[place][w] = old_costs[place][k];
          came_from[place][w] = old_from[place][k];
        }
      }
    }
  }

  /// What the search for the cheapest decisions knows after a line.
  struct Search {
    Front front;  ///< the cheapest way into each state
    Costs cost;
    Front same{};  ///< the cheapest way into each place without a change of the column
    std::array<std::array<std::int32_t, most_widths>, places> came_from{};  ///< and its state before
    std::array<Cost, places> any{};                                         ///< the cheapest with whatever column
    std::array<std::int32_t, places> any_from{};
  };
  /// The state before each state of the lines of a chunk, as width * places + place: a byte for each of the places and
  /// of the `filled` widths, which most pages have few of.
  struct Back {
    std::unique_ptr<std::uint8_t[]> before;
    std::size_t filled;

    [[nodiscard]] std::uint8_t* of(std::size_t line) const {
      return before.get() + line % chunk_lines * places * filled;
    }
  };

  /// The ways from the states of one line to those of the next, as long as the column stays the same.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void find_ways(const Row& row, const Columns& columns, Search& search) const {
    auto& [front, cost, same, came_from, any, any_from] = search;
    costs<filled>(row, columns, cost);
    static_assert(places == 4);
    for (std::size_t w = 0; w < filled; ++w) {
      const auto state = static_cast<std::int32_t>(w * places);
      Cost broken = front[0][w] + cost.broken[0][w];
      std::int32_t broken_from = state;
      for (std::int32_t place = 1; place < static_cast<std::int32_t>(places); ++place) {
        const Cost here = front[static_cast<std::size_t>(place)][w] + cost.broken[static_cast<std::size_t>(place)][w];
        broken_from = here < broken ? state + place : broken_from;
        broken = here < broken ? here : broken;
      }
      same[0][w] = broken;
      came_from[0][w] = broken_from;
      same[1][w] = front[0][w] + cost.join[0][w];
      came_from[1][w] = state;
      same[2][w] = front[1][w] + cost.join[1][w];
      came_from[2][w] = state + 1;
      const Cost third = front[2][w] + cost.join[2][w];
      const Cost later = front[3][w] + cost.join[3][w];
      same[3][w] = third <= later ? third : later;
      came_from[3][w] = third <= later ? state + 2 : state + 3;
    }
    for (std::size_t place = 0; place < places; ++place) {
      const std::size_t best = cheapest(same[place], filled);
      any[place] = same[place][best];
      any_from[place] = came_from[place][best];
    }
  }

  /// The cheaper of staying in the column and changing it, for each state of the next line.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void choose(const Row& row, std::size_t widths, Search& search,
                                            std::uint8_t* back) const {
    auto& [front, cost, same, came_from, any, any_from] = search;
    const Cost change = row.blank_next ? change_after_blank_ : change_;
    const bool is_headline = row.ending == Ending::plain && !row.clause;
    for (std::size_t place = 0; place < places; ++place) {
      const Cost move = any[place] + (place == 0 && is_headline ? change * change_after_headline_ : change);
      std::array<std::int32_t, filled> from;
      for (std::size_t w = 0; w < filled; ++w) {
        const Cost stay = same[place][w];
        const std::int32_t stays = -static_cast<std::int32_t>(stay <= move);
        from[w] = (came_from[place][w] & stays) | (any_from[place] & ~stays);
      }
      for (std::size_t w = 0; w < filled; ++w) front[place][w] = std::min(same[place][w], move);
      for (std::size_t w = 0; w < filled; ++w) back[place * filled + w] = static_cast<std::uint8_t>(from[w]);
      std::fill(front[place].begin() + static_cast<std::ptrdiff_t>(widths), front[place].end(), impossible);
    }
  }

  // Both are compiled twice where that pays: with AVX2 vectors hold twice as many numbers. Additions and comparisons
  // are the same, so is what is decided.
  using FindWays = void (Decider::*)(const Row&, const Columns&, Search&) const;
  using Choose = void (Decider::*)(const Row&, std::size_t, Search&, std::uint8_t*) const;
  template <std::size_t filled>
  void find_ways_anywhere(const Row& row, const Columns& columns, Search& search) const {
    find_ways<filled>(row, columns, search);
  }
  template <std::size_t filled>
  void choose_anywhere(const Row& row, std::size_t widths, Search& search, std::uint8_t* back) const {
    choose<filled>(row, widths, search, back);
  }
#if defined(__x86_64__)
  template <std::size_t filled>
  [[gnu::target("avx2")]] void find_ways_avx2(const Row& row, const Columns& columns, Search& search) const {
    find_ways<filled>(row, columns, search);
  }
  template <std::size_t filled>
  [[gnu::target("avx2")]] void choose_avx2(const Row& row, std::size_t widths, Search& search,
                                           std::uint8_t* back) const {
    choose<filled>(row, widths, search, back);
  }
  template <std::size_t filled>
  FindWays ways_of() const {
    return has_avx2_ ? &Decider::find_ways_avx2<filled> : &Decider::find_ways_anywhere<filled>;
  }
  template <std::size_t filled>
  Choose choice_of() const {
    return has_avx2_ ? &Decider::choose_avx2<filled> : &Decider::choose_anywhere<filled>;
  }
  bool has_avx2_ = __builtin_cpu_supports("avx2") != 0;
#else
  template <std::size_t filled>
  FindWays ways_of() const {
    return &Decider::find_ways_anywhere<filled>;
  }
  template <std::size_t filled>
  Choose choice_of() const {
    return &Decider::choose_anywhere<filled>;
  }
#endif

  unsigned least_lines_ = 0, strict_lines_;
  std::size_t most_candidates_ = 0;
  Cost change_, change_after_blank_, change_after_headline_, wrapped_, over_, over_per_half_em_, least_width_,
      most_width_, wide_, short_, short_per_half_em_, short_most_, short_stop_, strict_, strict_from_, indent_half_ems_,
      indented_next_, wide_gap_, dateline_next_, item_next_, old_item_next_, old_stop_, jump_, echo_next_,
      strange_next_, byline_next_, part_next_, headline_, after_byline_, full_, full_stop_, full_old_stop_,
      full_latin_stop_, spaced_, byline_, not_indented_next_, kinsoku_, bracket_, quote_, clause_, set_apart_,
      clause_next_, across_, open_, unfinished_, number_, small_, capital_, latin_byline_, unwrapped_join_,
      headline_width_, unwrapped_per_half_em_, unwrapped_long_, torn_, alone_;
  std::array<Cost, 4> join_{}, break_{}, unwrapped_{};
  std::array<Cost, places> break_plain_{};
};

WrapSearch::WrapSearch(Settings& settings) : decider_(std::make_unique<const Decider>(settings)) {}

WrapSearch::~WrapSearch() = default;

std::vector<bool> WrapSearch::joined(std::span<const Row> rows) const { return decider_->decide(rows); }

}  // namespace inkwash::stages
