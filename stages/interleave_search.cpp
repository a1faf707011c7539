#include "stages/interleave_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace inkwash::stages {
namespace {

constexpr std::size_t most_columns = most_interleaved_columns;
constexpr std::uint32_t none = ~0u;
constexpr float infinite = std::numeric_limits<float>::infinity();

/// How a state came about: kept of every line.
struct Step {  // there are as many as lines times states: small
  std::uint16_t parent;
  std::uint8_t column;
  bool begins_band;
};

/// Lines of one height come one after another, from the first column to the last.
enum class Turn : std::uint8_t { unknown, in, out };

/// Of a column with this first and last line. The hash of several is that of each, together (Zobrist, "A new hashing
/// method with application for game playing", 1970), so that a line changes one of them.
std::uint64_t hash_of(std::size_t column, std::uint32_t first, std::uint32_t last) {
  constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = ((std::uint64_t{first} << 32 | last) + (column << 28)) * multiplier;
  hash ^= hash >> 32;
  return hash * multiplier;
}

/// The columns of a band in reading order.
using Sequence = std::array<std::uint8_t, most_columns>;

}  // namespace

InterleaveSearch::Costs InterleaveSearch::costs_of(Settings& s) {
  return {s.cost("cost.column"),
          s.cost("cost.many_columns"),
          s.count("cost.few_columns"),
          s.cost("cost.out_of_order"),
          s.cost("cost.band"),
          s.cost("cost.change_without_blank"),
          s.cost("cost.latin_change_without_blank"),
          1 - 1 / std::max(1.0f, s.cost("cost.turns_kept")),
          s.cost("cost.turns_before"),
          s.cost("cost.out_of_turn_least"),
          s.cost("cost.out_of_turn_most"),
          s.cost("cost.latin_out_of_turn"),
          s.cost("cost.again"),
          static_cast<std::uint8_t>(s.number("cost.missed_turns", 1, 255)),
          s.cost("cost.resumed"),
          s.cost("cost.quotation"),
          s.cost("cost.hopeless"),
          static_cast<std::size_t>(s.number("cost.most_columns", 1, most_columns)),
          s.count("cost.band_beam")};
}

/// The last and first line of each column of the band so far.
struct InterleaveSearch::State {
  std::array<std::uint32_t, most_columns> last, first;
  float cost;
  float turns, out_of_turn;      ///< lines after a blank line, and those of them not in turn; older ones count less
  std::uint64_t hash;            ///< of `last` and `first`
  std::uint8_t columns, column;  ///< the column of the last line
  bool again;                    ///< the last block of lines came below another in the same column
  std::array<std::uint8_t, most_columns> missed;  ///< turns of each column since its last line
  std::array<QuotationState, most_columns> quotations;
};

/// What reading the columns of a band in this sequence costs.
struct InterleaveSearch::Reading {
  float cost = infinite;
  Sequence sequence{};
};

/// A state that may follow `parent`: line `i` in that column. States are made of the few that stay.
struct InterleaveSearch::Successor {
  std::uint64_t hash;  ///< of the state
  float cost;
  std::uint32_t parent;
  std::uint8_t column, columns;
  Turn turn;
};

/// A column goes on at the top of the next. The columns may stand in any order: which was met first says little where
/// the region begins in mid-page; a band below another begins with its first.
class InterleaveSearch::Sequences {
 public:
  Sequences(const Costs& costs, const InterleaveLinks& links) : costs_(costs), links_(links) {}

  /// The best sequence of a band's columns, and of what follows them; none that costs `limit`.
  /// `after_column(a)`: what it costs that column `a` is the last.
  template <typename AfterColumn>
  [[nodiscard]] Reading best(const State& state, const AfterColumn& after_column, float limit) {
    const std::size_t columns = state.columns;
    const bool is_first = state.first[0] == 0;
    std::array<std::array<float, most_columns>, most_columns> after{};  // of one column, another
    std::array<float, most_columns> first{}, last{};
    float least = infinite;
    for (std::size_t a = 0; a < columns; ++a) {
      first[a] = is_first ? below(none, state.first[a]) : a == 0 ? 0 : infinite;
      last[a] = after_column(a);
      least = std::min(least, last[a]);
      for (std::size_t b = 0; b < columns; ++b)
        if (a != b)
          after[a][b] = below(state.last[a], state.first[b]) + (a > b ? costs_.out_of_order : 0) +
                        (state.quotations[a].is_at_odds_with(state.quotations[b]) ? costs_.quotation : 0);
    }
    // Each column has one above it, or is the first: were all that are not read yet below the best there is, the rest
    // would cost so much.
    const std::size_t sets = std::size_t{1} << columns;
    std::array<float, most_columns> least_above{};
    for (std::size_t b = 0; b < columns; ++b) {
      least_above[b] = first[b];
      for (std::size_t a = 0; a < columns; ++a)
        if (a != b) least_above[b] = std::min(least_above[b], after[a][b]);
    }
    if (std::accumulate(least_above.begin(), least_above.begin() + static_cast<std::ptrdiff_t>(columns), least) >=
        limit)
      return {};
    rest_[sets - 1] = least;
    for (std::size_t set = sets - 1; set-- > 0;) {
      const auto unread = static_cast<std::size_t>(std::countr_one(set));
      rest_[set] = rest_[set | std::size_t{1} << unread] + least_above[unread];
    }
    // Of each set of columns that were read, and the last of them, the cheapest sequence.
    for (std::size_t set = 1; set < sets; ++set)
      for (std::size_t k = 0; k < columns; ++k) read_[set][k].cost = infinite;
    for (std::size_t k = 0; k < columns; ++k) read_[std::size_t{1} << k][k] = {first[k], 0};
    for (std::size_t set = 1; set < sets; ++set)
      for (std::size_t k = 0; k < columns; ++k) {
        const float so_far = read_[set][k].cost;
        if (so_far + rest_[set] >= limit) continue;
        for (std::size_t j = 0; j < columns; ++j) {
          if (set >> j & 1) continue;
          Read& next_read = read_[set | std::size_t{1} << j][j];
          if (const float cost = so_far + after[k][j]; cost < next_read.cost)
            next_read = {cost, static_cast<std::uint8_t>(k)};
        }
      }
    Reading reading;
    std::size_t at = 0, set = sets - 1;
    for (std::size_t k = 0; k < columns; ++k)
      if (const float cost = read_[set][k].cost + last[k]; cost < reading.cost) {
        reading.cost = cost;
        at = k;
      }
    if (reading.cost >= limit) return {};
    for (std::size_t k = columns; k-- > 0;) {
      reading.sequence[k] = static_cast<std::uint8_t>(at);
      const std::size_t above = read_[set][at].above;
      set &= ~(std::size_t{1} << at);
      at = above;
    }
    return reading;
  }

 private:
  struct Read {
    float cost;
    std::uint8_t above;
  };
  float below(std::uint32_t a, std::uint32_t b) { return a == none ? links_.begin(b) : links_.below(a, b); }

  const Costs& costs_;
  const InterleaveLinks& links_;
  std::array<std::array<Read, most_columns>, std::size_t{1} << most_columns> read_{};
  std::array<float, std::size_t{1} << most_columns> rest_{};
};

/// Of beginning another column besides so many.
float InterleaveSearch::cost_of_column(std::size_t columns) const {
  const std::size_t many = columns < costs_.few_columns ? 0 : columns + 1 - costs_.few_columns;
  return costs_.column + costs_.many_columns * static_cast<float>(many);
}

/// Lines are out of turn either hardly ever or often, which changes down a page: what one more of them costs is the
/// logarithm of how rare they were among the last lines, within limits.
float InterleaveSearch::cost_of_turn(const State& state) const {
  constexpr float prior = 0.5f;  // of an adaptive code of yes and no (Krichevsky and Trofimov, 1981)
  const float rare = std::log((state.turns + 2 * prior) / (state.out_of_turn + prior));
  return std::clamp(rare, costs_.out_of_turn_least, costs_.out_of_turn_most);
}

bool InterleaveSearch::has_ended(const State& state, std::size_t column) const {
  return state.missed[column] >= costs_.missed_turns;
}

/// The column whose turn comes after the last line's.
std::size_t InterleaveSearch::next_turn(const State& state) const {
  std::size_t next = state.column;
  do
    if (++next == state.columns) next = 0;
  while (next != state.column && has_ended(state, next));
  return next;
}

/// `quotations`: of line `i`.
InterleaveSearch::State InterleaveSearch::state_of(const Successor& successor, std::span<const State> parents,
                                                   std::uint32_t i, const Quotations& quotations) const {
  State state = parents[successor.parent];
  if (successor.column != state.column)
    state.again = false;
  else if (successor.turn != Turn::unknown)
    state.again = true;
  state.cost = successor.cost;
  state.hash = successor.hash;
  state.column = successor.column;
  state.last[successor.column] = i;
  if (successor.column == state.columns) {
    state.first[successor.column] = i;
    state.quotations[successor.column] = {};
    ++state.columns;
  }
  state.quotations[successor.column].add(quotations);
  if (successor.turn != Turn::unknown) {
    // Those between the last line's column and this one had none.
    const std::size_t before = parents[successor.parent].column;
    for (std::size_t k = before + 1; k != before + state.columns; ++k) {
      const std::size_t missing = k < state.columns ? k : k - state.columns;
      if (missing == successor.column) break;
      if (!has_ended(state, missing)) ++state.missed[missing];
    }
  }
  state.missed[successor.column] = 0;
  if (successor.turn != Turn::unknown) {
    state.turns = 1 + costs_.turns_kept * state.turns;
    state.out_of_turn = (successor.turn == Turn::out ? 1.0f : 0.0f) + costs_.turns_kept * state.out_of_turn;
  }
  return state;
}

/// Of states that no line to come can tell apart the cheapest stays; of the others the best few.
/// `best`: the cost of the cheapest.
void InterleaveSearch::thin(std::vector<Successor>& successors, std::span<const State> parents, std::uint32_t i,
                            float best, std::size_t beam) const {
  // The lines that a column of the state begins and ends with.
  const auto ends_of = [&](const Successor& s, std::size_t column) {
    const State& parent = parents[s.parent];
    const std::uint32_t first = column == parent.columns ? i : parent.first[column];
    return std::pair{first, column == s.column ? i : parent.last[column]};
  };
  const auto are_equal = [&](const Successor& a, const Successor& b) {
    if (a.hash != b.hash || a.columns != b.columns) return false;
    for (std::size_t c = 0; c < a.columns; ++c)
      if (ends_of(a, c) != ends_of(b, c)) return false;
    return true;
  };
  // Equal states are found by a table of hashes; where two others share a place in it, an equal one may stay besides.
  constexpr std::size_t places = 4096;
  std::array<std::uint32_t, places> seen{};
  std::array<std::size_t, most_columns + 1> states_of{};  // of so many columns
  std::size_t kept = 0;
  for (const Successor& state : successors) {
    if (state.cost > best + costs_.hopeless) continue;
    std::uint32_t& place = seen[state.hash >> 52];
    if (place != 0 && are_equal(successors[place - 1u], state)) {
      if (state.cost < successors[place - 1u].cost) successors[place - 1u] = state;
      continue;
    }
    successors[kept] = state;
    ++states_of[state.columns];
    place = static_cast<std::uint32_t>(++kept);
  }
  successors.resize(kept);
  if (std::ranges::max(states_of) <= beam) return;
  std::size_t stay = 0;
  auto begin = successors.begin();
  for (std::size_t columns = 1; columns <= most_columns; ++columns) {
    if (states_of[columns] == 0) continue;
    const auto end =
        states_of[columns] == static_cast<std::size_t>(successors.end() - begin)
            ? successors.end()
            : std::partition(begin, successors.end(), [&](const Successor& s) { return s.columns == columns; });
    auto last = end;
    if (states_of[columns] > beam) {
      last = begin + static_cast<std::ptrdiff_t>(beam);
      std::nth_element(begin, last, end, [](const Successor& a, const Successor& b) { return a.cost < b.cost; });
    }
    stay = static_cast<std::size_t>(std::move(begin, last, successors.begin() + static_cast<std::ptrdiff_t>(stay)) -
                                    successors.begin());
    begin = end;
  }
  successors.resize(stay);
}

InterleaveSearch::Result InterleaveSearch::operator()(std::span<const InterleavedLine> lines,
                                                      const InterleaveLinks& links, bool is_latin, Width width) const {
  const std::size_t most = std::min(width.columns, costs_.most_columns);
  const auto count = static_cast<std::uint32_t>(lines.size());
  const float change = is_latin ? costs_.latin_change : costs_.change;
  const float least = links.least();
  // Words of Latin text say less of how lines go on, so the columns must be more regular.
  const float out_of_turn = is_latin ? costs_.latin_out_of_turn : costs_.out_of_turn_least;
  std::vector<float> as_they_stand(count);  // the lines up to each
  QuotationState standing;
  for (std::uint32_t i = 0; i < count; ++i) {
    as_they_stand[i] = i == 0 ? links.begin(0) : as_they_stand[i - 1] + links.below(i - 1, i);
    if (standing.is_at_odds_with(lines[i].quotations)) as_they_stand[i] += costs_.quotation;
    standing.add(lines[i].quotations);
  }
  as_they_stand[count - 1] += links.end(count - 1);

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
    for (const std::uint32_t end : ends) links.prefetch(end, i);
    for (const std::uint32_t end : ends) costs_below[end] = links.below(end, i);
  };

  // Of a line that columns begin with, the least that setting it below any line that columns end with costs.
  std::vector<float> costs_above(count);
  std::vector<std::uint32_t> looked_at(count, none);
  const auto least_above = [&](std::uint32_t first, std::uint32_t i) {
    float& least_cost = costs_above[first];
    if (std::exchange(looked_at[first], i) == i) return least_cost;
    least_cost = infinite;
    for (const std::uint32_t end : ends) links.prefetch(end, first);
    for (const std::uint32_t end : ends)
      if (end != first) least_cost = std::min(least_cost, links.below(end, first));
    return least_cost;
  };
  // No less does it cost to read the columns of a band, and line `i` after them.
  const auto least_to_read = [&](const State& state, std::uint32_t i) {
    float least_cost = infinite, above = 0;
    for (std::uint8_t c = 0; c < state.columns; ++c) {
      const float begins = state.first[0] == 0 ? links.begin(state.first[c]) : c == 0 ? 0 : infinite;
      above += std::min(begins, least_above(state.first[c], i));
      least_cost = std::min(least_cost, costs_below[state.last[c]]);
    }
    return above + least_cost;
  };

  Sequences sequences(costs_, links);
  std::vector<std::vector<Step>> steps(count);
  std::vector<Reading> ends_above(count);  // of each line, how the band above it is read best; the cost up to it
  std::vector<State> front, next_front;
  std::vector<Successor> successors;
  std::vector<std::pair<float, std::uint32_t>> likely;  // to be the last of their band: what they cost, and which
  const auto begin_band = [&](std::uint32_t i) {
    State state{};
    state.last.fill(none);
    state.first.fill(none);
    state.last[0] = state.first[0] = i;
    state.columns = 1;
    state.hash = hash_of(0, i, i);
    state.quotations[0].add(lines[i].quotations);
    return state;
  };
  front.push_back(begin_band(0));
  front[0].turns = costs_.turns_before;
  steps[0].push_back({0, 0, false});
  for (std::uint32_t i = 1; i < count; ++i) {
    const InterleavedLine& line = lines[i];
    ask(front, i);
    successors.clear();
    // What is far above the best goes anyway, and the best costs no more than the line below the last one, out of turn.
    float best = infinite;
    for (const State& parent : front) {
      const std::uint8_t c = parent.column;
      float cost = parent.cost + costs_below[parent.last[c]];
      if (parent.quotations[c].is_at_odds_with(line.quotations)) cost += costs_.quotation;
      if (line.blank_before && parent.columns > 1)
        cost += std::max(costs_.out_of_turn_most, out_of_turn) + costs_.again;
      best = std::min(best, cost);
    }
    for (std::uint32_t p = 0; p < front.size(); ++p) {
      const State& parent = front[p];
      const float cost_out_of_turn =
          line.blank_before && parent.columns > 1 ? std::max(cost_of_turn(parent), out_of_turn) : 0;
      const std::size_t next = next_turn(parent);
      const std::size_t choices = std::min<std::size_t>(parent.columns + (line.begins_badly ? 0u : 1u), most);
      for (std::uint8_t c = 0; c < choices; ++c) {
        const bool new_column = c == parent.columns;
        float cost = parent.cost + (new_column ? cost_of_column(parent.columns) : costs_below[parent.last[c]]);
        if (cost > best + costs_.hopeless) continue;  // most
        if (!new_column && parent.quotations[c].is_at_odds_with(line.quotations)) cost += costs_.quotation;
        Turn turn = Turn::unknown;
        if (parent.columns > 1 || c > 0) {
          if (c != parent.column && !line.blank_before) cost += change;
          if (line.blank_before && !new_column) turn = c == next ? Turn::in : Turn::out;
          if (!new_column && has_ended(parent, c)) cost += costs_.resumed;
          if (turn == Turn::out) {
            cost += cost_out_of_turn;
            // The lines of a headline stand closer or further apart than those of the text beside it.
            const InterleavedLine& above = lines[parent.last[c]];
            if (c == parent.column && !parent.again && lines[parent.last[next]].fills &&
                (above.fills || !above.is_open))
              cost += costs_.again;
          }
        }
        if (cost > best + costs_.hopeless) continue;
        best = std::min(best, cost);
        const std::uint32_t first = new_column ? i : parent.first[c];
        const std::uint64_t before = new_column ? 0 : hash_of(c, first, parent.last[c]);
        successors.push_back({parent.hash ^ before ^ hash_of(c, first, i), cost, p, c,
                              static_cast<std::uint8_t>(parent.columns + new_column), turn});
      }
    }
    // The line may begin another band below all columns: then it matters no more how they came about.
    State band{};
    std::uint32_t above = none;  // the last state of the band above
    if (!line.begins_badly) {
      band = begin_band(i);
      band.cost = infinite;
      // What the columns of a band cost to read is dear to ask; of the best few states one nearly always wins.
      likely.clear();
      for (std::uint32_t p = 0; p < front.size(); ++p)
        if (front[p].columns > 1) likely.emplace_back(front[p].cost, p);
      if (likely.size() > costs_.band_beam) {
        std::ranges::nth_element(likely, likely.begin() + static_cast<std::ptrdiff_t>(costs_.band_beam));
        likely.resize(costs_.band_beam);
      }
      const float of_band = costs_.band + (line.blank_before ? 0 : change);
      // Most can't be the last, however they are read.
      std::erase_if(likely, [&](const std::pair<float, std::uint32_t>& one) {
        const State& parent = front[one.second];
        const float limit = best + costs_.hopeless - (one.first + of_band);
        return static_cast<float>(parent.columns) * least >= limit || least_to_read(parent, i) >= limit;
      });
      std::ranges::sort(likely);
      for (const auto& [parent_cost, p] : likely) {
        const State& parent = front[p];
        const float so_far = parent_cost + of_band;
        const float limit = std::min(band.cost, best + costs_.hopeless) - so_far;
        if (least_to_read(parent, i) >= limit) continue;
        const Reading reading = sequences.best(
            parent, [&](std::size_t a) { return costs_below[parent.last[a]]; }, limit);
        if (reading.cost >= limit) continue;
        band.cost = so_far + reading.cost;
        band.turns = parent.turns;
        band.out_of_turn = parent.out_of_turn;
        ends_above[i] = {band.cost, reading.sequence};
        above = p;
      }
      best = std::min(best, band.cost);
    }
    thin(successors, front, i, best, width.beam);
    next_front.clear();
    steps[i].reserve(successors.size() + 1);
    for (const Successor& successor : successors) {
      next_front.push_back(state_of(successor, front, i, line.quotations));
      steps[i].push_back({static_cast<std::uint16_t>(successor.parent), successor.column, false});
    }
    if (above != none && band.cost <= best + costs_.hopeless) {
      next_front.push_back(band);
      steps[i].push_back({static_cast<std::uint16_t>(above), 0, true});
    }
    front.swap(next_front);
  }
  std::uint32_t state = 0;
  Result result{infinite, std::vector<Place>(count), {}};
  Sequence sequence{};
  for (std::uint32_t s = 0; s < front.size(); ++s) {
    const Reading reading = sequences.best(
        front[s], [&](std::size_t a) { return links.end(front[s].last[a]); }, result.cost - front[s].cost);
    if (front[s].cost + reading.cost >= result.cost) continue;
    result.cost = front[s].cost + reading.cost;
    sequence = reading.sequence;
    state = s;
  }
  float cost = result.cost;
  for (std::uint32_t i = count, end = count; i-- > 0;) {
    const Step step = steps[i][state];
    const auto at = std::ranges::find(sequence, step.column);
    result.places[i] = {static_cast<std::uint8_t>(at - sequence.begin()), i == 0 || step.begins_band};
    state = step.parent;
    if (!result.places[i].begins_band) continue;
    const float so_far = i > 0 ? ends_above[i].cost : 0, stood = i > 0 ? as_they_stand[i] : 0;
    result.bands.push_back({i, end, as_they_stand[std::min(end, count - 1)] - stood - (cost - so_far)});
    cost = so_far;
    sequence = ends_above[i].sequence;
    end = i;
  }
  std::ranges::reverse(result.bands);
  return result;
}

}  // namespace inkwash::stages
