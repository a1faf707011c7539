#include "stages/seams_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace inkwash::stages {
namespace {
constexpr std::uint32_t none = ~0u;
}

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
  float rows, skipped;  ///< of the columns, and those of them that skip one; older ones count less
  std::uint32_t parent, reading;
  std::uint8_t columns;  ///< how many the region has so far
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

/// `own`: what the reading costs by itself; `skipping`: what one that skips a column costs after that state.
float SeamSearch::cost_of(const SeamLinks& links, const State& parent, const SeamReading& reading, float own,
                          float skipping) const {
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
    const std::uint32_t above = parent.last[reading.columns[k]];
    if (above != none)
      cost += links.below(above, reading.pieces[k]);
    else if (columns++ > 0)
      cost += costs_.base;
  }
  return cost;
}

SeamSearch::State SeamSearch::state_of(const Successor& successor, const State& parent,
                                       const SeamReading& reading) const {
  State state = parent;
  state.cost = successor.cost;
  state.parent = successor.parent;
  state.reading = successor.reading;
  state.across = none;
  if (reading.across) {
    state.last.fill(none);
    state.first.fill(none);
    state.columns = 0;
    state.across = reading.pieces[0];
    return state;
  }
  state.rows = 1 + costs_.skipped_kept * parent.rows;
  state.skipped = (reading.skips ? 1.0f : 0.0f) + costs_.skipped_kept * parent.skipped;
  for (std::size_t k = 0; k < reading.count; ++k) {
    const std::uint8_t c = reading.columns[k];
    if (state.last[c] == none) {
      state.first[c] = reading.pieces[k];
      ++state.columns;
    }
    state.last[c] = reading.pieces[k];
  }
  return state;
}

SeamSearch::Result SeamSearch::operator()(std::span<const std::vector<SeamReading>> readings, const SeamLinks& links,
                                          std::size_t most_pieces, std::size_t beam) const {
  std::vector<std::vector<State>> fronts(readings.size() + 1);
  State start{};
  start.last.fill(none);
  start.first.fill(none);
  start.across = none;
  start.parent = start.reading = none;
  fronts[0].push_back(start);
  std::vector<Successor> successors;
  const float least = links.least();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    links.approach(i);
    successors.clear();
    float best = std::numeric_limits<float>::infinity();
    for (std::uint32_t p = 0; p < fronts[i].size(); ++p) {
      const State& parent = fronts[i][p];
      const float skipping = most_pieces > 0 ? cost_of_skipping(parent) : 0;
      for (std::uint32_t r = 0; r < readings[i].size(); ++r) {
        const SeamReading& reading = readings[i][r];
        if (!reading.across && reading.count > most_pieces) continue;
        // Most are hopeless however well their pieces go on, which is the dearest to ask.
        const int asked = reading.across ? std::max(1, parent.columns - 1) : parent.columns == 0 ? 1 : reading.count;
        constexpr float rounding = 0.01f;
        // Where no columns are looked for, none are expected.
        const float own = reading.cost + (most_pieces > 1 ? reading.prior : 0);
        if (parent.cost + own + static_cast<float>(asked) * least > best + costs_.hopeless + rounding) continue;
        const float cost = cost_of(links, parent, reading, own, skipping);
        if (cost > best + costs_.hopeless) continue;
        best = std::min(best, cost);
        successors.push_back({cost, p, r});
      }
    }
    fronts[i + 1] = thin(successors, fronts[i], readings[i], beam);
  }
  const State* best = nullptr;
  float best_cost = 0;
  for (const State& state : fronts.back()) {
    const float cost = state.cost + close(links, state);
    if (best == nullptr || cost < best_cost) {
      best = &state;
      best_cost = cost;
    }
  }
  Result result{best_cost, std::vector<std::uint32_t>(readings.size())};
  for (std::size_t i = readings.size(); i-- > 0;) {
    result.readings[i] = best->reading;
    best = &fronts[i][best->parent];
  }
  return result;
}

/// The states that stay, the cheapest first.
std::vector<SeamSearch::State> SeamSearch::thin(std::vector<Successor>& successors, std::span<const State> parents,
                                                std::span<const SeamReading> readings, std::size_t beam) const {
  const auto cheaper = [](const auto& a, const auto& b) { return a.cost < b.cost; };
  const float best = std::ranges::min_element(successors, cheaper)->cost;
  std::erase_if(successors, [&](const Successor& successor) { return successor.cost > best + costs_.hopeless; });
  std::ranges::sort(successors, cheaper);
  // What no row to come can tell apart is the same; the cheapest of it is kept.
  const auto are_same = [](const State& a, const State& b) {
    return a.last == b.last && a.first == b.first && a.across == b.across;
  };
  const auto hash_of = [](const State& state) {
    std::size_t sum = state.across;
    for (std::size_t c = 0; c < most_seam_columns; ++c)
      sum = ((sum ^ state.last[c]) * 0x9E3779B97F4A7C15u ^ state.first[c]) * 0x9E3779B97F4A7C15u;
    return sum >> 32;
  };
  std::vector<State> kept;
  kept.reserve(std::min(beam, successors.size()));
  std::vector<std::uint32_t> places(std::bit_ceil(2 * kept.capacity() + 1), none);  // open addressing, in `kept`
  for (const Successor& next : successors) {
    if (kept.size() == beam) break;
    const State state = state_of(next, parents[next.parent], readings[next.reading]);
    std::size_t place = hash_of(state) & (places.size() - 1);
    while (places[place] != none && !are_same(kept[places[place]], state)) place = (place + 1) & (places.size() - 1);
    if (places[place] != none) continue;
    places[place] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(state);
  }
  return kept;
}

}  // namespace inkwash::stages
