#include "stages/seams_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace inkwash::stages {
namespace {
constexpr std::uint32_t none = ~0u;

/// Of a column with this first and last piece. The hash of several is that of each, together (Zobrist, "A new hashing
/// method with application for game playing", 1970), so that a piece changes one of them.
std::uint64_t hash_of(std::size_t column, std::uint32_t first, std::uint32_t last) {
  constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = ((std::uint64_t{first} << 32 | last) + (column << 28)) * multiplier;
  hash ^= hash >> 32;
  return hash * multiplier;
}

}  // namespace

SeamSearch::Costs SeamSearch::costs_of(Settings& s) {
  return {
      s.cost("cost.base"),          s.cost("cost.region"),       1 - 1 / std::max(1.0f, s.cost("cost.skipped_kept")),
      s.cost("cost.skipped_least"), s.cost("cost.skipped_most"), s.cost("cost.skipped_first"),
      s.cost("cost.hopeless")};
}

/// The last and first piece of each column so far (of no column where the row stands across).
struct SeamSearch::State {
  std::array<std::uint32_t, most_seam_columns> last, first;
  std::uint32_t across;  ///< the last row across; none inside a region
  float cost;
  float rows, skipped;   ///< of the columns, and those of them that skip one; older ones count less
  std::uint8_t columns;  ///< how many the region has so far
  std::uint64_t hash;    ///< of `last`, `first` and `across`

  [[nodiscard]] bool is_same(const State& other) const {
    return hash == other.hash && last == other.last && first == other.first && across == other.across;
  }
};

/// Rows of one column are half a line lower than another's all down a page or nowhere: what one more costs is the
/// logarithm of how rare they were among the last rows, within limits.
float SeamSearch::cost_of_skipping(const State& state) const {
  constexpr float prior = 0.5f;  // of an adaptive code of yes and no (Krichevsky and Trofimov, 1981)
  return std::clamp(std::log((state.rows + 2 * prior) / (state.skipped + prior)), costs_.skipped_least,
                    costs_.skipped_most);
}

float SeamSearch::close(const SeamLinks& links, const State& state) {
  float cost = 0;
  std::uint32_t before = none;
  for (std::size_t c = 0; c < most_seam_columns; ++c) {
    if (state.first[c] == none) continue;
    if (before != none) cost += links.next_column(before, state.first[c]);
    before = state.last[c];
  }
  return cost;
}

/// A state that may follow one of the row above: by that reading of the row. States are made of the few that stay.
struct SeamSearch::Successor {
  float cost;
  std::uint32_t parent, reading;
};

/// How a state came about: kept of every row.
struct SeamSearch::Step {
  std::uint32_t parent, reading;
};

/// `own`: what the reading costs by itself; `skipping`: what one that skips a column costs after that state. Where it
/// will surely be above `limit`, infinite.
float SeamSearch::cost_of(const SeamLinks& links, const State& parent, const SeamReading& reading, float own,
                          float skipping, float limit, float least) const {
  float cost = parent.cost + own;
  if (reading.across) {
    if (parent.columns > 0) return cost + (close(links, parent) + 0.5f * costs_.base + costs_.region);
    return parent.across == none ? cost : cost + links.below(parent.across, reading.pieces[0]);
  }
  if (reading.skips) cost += skipping;
  std::uint8_t columns = parent.columns;
  if (columns == 0) {
    cost += costs_.region + (reading.skips ? costs_.skipped_first : 0);
    if (parent.across != none) cost += links.below(parent.across, reading.pieces[0]);
  }
  for (std::size_t k = 0; k < reading.count; ++k) {
    // What goes on with what is the dearest to ask.
    if (cost + static_cast<float>(reading.count - k) * least > limit) return std::numeric_limits<float>::infinity();
    const std::uint32_t above = parent.last[reading.columns[k]];
    if (above != none)
      cost += links.below(above, reading.pieces[k]);
    else if (columns++ > 0)
      cost += costs_.base;
  }
  return cost;
}

/// Makes of the parent's state the successor's.
void SeamSearch::go_on(State& state, const Successor& successor, const SeamReading& reading) const {
  state.cost = successor.cost;
  if (reading.across) {
    state.last.fill(none);
    state.first.fill(none);
    state.columns = 0;
    state.across = reading.pieces[0];
    state.hash = hash_of(most_seam_columns, state.across, state.across);
    return;
  }
  if (state.columns == 0) state.hash = 0;
  state.across = none;
  state.rows = 1 + costs_.skipped_kept * state.rows;
  state.skipped = (reading.skips ? 1.0f : 0.0f) + costs_.skipped_kept * state.skipped;
  for (std::size_t k = 0; k < reading.count; ++k) {
    const std::uint8_t c = reading.columns[k];
    if (state.last[c] == none) {
      state.first[c] = reading.pieces[k];
      ++state.columns;
    } else {
      state.hash ^= hash_of(c, state.first[c], state.last[c]);
    }
    state.last[c] = reading.pieces[k];
    state.hash ^= hash_of(c, state.first[c], state.last[c]);
  }
}

/// All rows stay across.
SeamSearch::Result SeamSearch::uncut(std::span<const std::vector<SeamReading>> readings, const SeamLinks& links) {
  // Of each reading of a row, the cheapest way up to it.
  struct Way {
    std::uint32_t reading, parent;
    float cost;
  };
  std::vector<Way> ways{{none, none, 0}};
  std::size_t above = 0;  // where those of the row above begin
  for (std::size_t i = 0; i < readings.size(); ++i) {
    links.approach(i);
    const std::size_t here = ways.size();
    for (std::uint32_t r = 0; r < readings[i].size(); ++r) {
      const SeamReading& reading = readings[i][r];
      if (!reading.across) continue;
      Way best{r, none, std::numeric_limits<float>::infinity()};
      for (std::size_t w = above; w < here; ++w) {
        float cost = ways[w].cost + reading.cost;
        if (i > 0) cost += links.below(readings[i - 1][ways[w].reading].pieces[0], reading.pieces[0]);
        if (cost < best.cost) best = {r, static_cast<std::uint32_t>(w), cost};
      }
      ways.push_back(best);
    }
    above = here;
  }
  const Way* best =
      &*std::ranges::min_element(ways.begin() + static_cast<std::ptrdiff_t>(above), ways.end(), {}, &Way::cost);
  Result result{best->cost, std::vector<std::uint32_t>(readings.size())};
  for (std::size_t i = readings.size(); i-- > 0; best = &ways[best->parent]) result.readings[i] = best->reading;
  return result;
}

SeamSearch::Result SeamSearch::operator()(std::span<const std::vector<SeamReading>> readings, const SeamLinks& links,
                                          std::size_t most_pieces, std::size_t beam) const {
  if (most_pieces == 0) return uncut(readings, links);
  State start{};
  start.last.fill(none);
  start.first.fill(none);
  start.across = none;
  std::vector<State> front{start}, next_front;
  std::vector<Step> steps;  // of all rows one after another
  std::vector<std::size_t> begins{0};
  std::vector<Successor> successors;
  std::vector<std::uint32_t> places;
  const float least = links.least();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    links.approach(i);
    successors.clear();
    float best = std::numeric_limits<float>::infinity();
    for (std::uint32_t p = 0; p < front.size(); ++p) {
      const State& parent = front[p];
      const float skipping = cost_of_skipping(parent);
      for (std::uint32_t r = 0; r < readings[i].size(); ++r) {
        const SeamReading& reading = readings[i][r];
        if (!reading.across && reading.count > most_pieces) continue;
        // Most are hopeless however well their pieces go on, which is the dearest to ask.
        const int asked = reading.across ? std::max(1, parent.columns - 1) : parent.columns == 0 ? 1 : reading.count;
        constexpr float rounding = 0.01f;
        // Where no columns are looked for, none are expected.
        const float own = reading.cost + (most_pieces > 1 ? reading.prior : 0);
        if (parent.cost + own + static_cast<float>(asked) * least > best + costs_.hopeless + rounding) continue;
        const float cost = cost_of(links, parent, reading, own, skipping, best + costs_.hopeless + rounding, least);
        if (cost > best + costs_.hopeless) continue;
        best = std::min(best, cost);
        successors.push_back({cost, p, r});
      }
    }
    sort(successors);
    keep(successors, front, readings[i], beam, next_front, places, steps);
    begins.push_back(steps.size());
    front.swap(next_front);
  }
  std::size_t best = 0;
  float best_cost = std::numeric_limits<float>::infinity();
  for (std::size_t s = 0; s < front.size(); ++s)
    if (const float cost = front[s].cost + close(links, front[s]); cost < best_cost) {
      best = s;
      best_cost = cost;
    }
  Result result{best_cost, std::vector<std::uint32_t>(readings.size())};
  for (std::size_t i = readings.size(); i-- > 0;) {
    const Step& step = steps[begins[i] + best];
    result.readings[i] = step.reading;
    best = step.parent;
  }
  return result;
}

/// The successors that are not hopeless, the cheapest first.
void SeamSearch::sort(std::vector<Successor>& successors) const {
  const auto cheaper = [](const auto& a, const auto& b) { return a.cost < b.cost; };
  const float best = std::ranges::min_element(successors, cheaper)->cost;
  std::erase_if(successors, [&](const Successor& successor) { return successor.cost > best + costs_.hopeless; });
  std::ranges::sort(successors, cheaper);
}

/// The states that stay, the cheapest first: what no row to come can tell apart is the same; the cheapest of it is
/// kept. `places`: memory for a table.
void SeamSearch::keep(std::span<const Successor> sorted, std::span<const State> parents,
                      std::span<const SeamReading> readings, std::size_t beam, std::vector<State>& kept,
                      std::vector<std::uint32_t>& places, std::vector<Step>& steps) const {
  kept.clear();
  places.assign(std::bit_ceil(2 * std::min(beam, sorted.size()) + 1), none);  // open addressing, in `kept`
  for (const Successor& next : sorted) {
    if (kept.size() == beam) break;
    kept.push_back(parents[next.parent]);
    State& state = kept.back();
    go_on(state, next, readings[next.reading]);
    std::size_t place = (state.hash >> 32) & (places.size() - 1);
    while (places[place] != none && !kept[places[place]].is_same(state)) place = (place + 1) & (places.size() - 1);
    if (places[place] != none) {
      kept.pop_back();
      continue;
    }
    places[place] = static_cast<std::uint32_t>(kept.size() - 1);
    steps.push_back({next.parent, next.reading});
  }
}

}  // namespace inkwash::stages
