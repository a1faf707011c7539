// The search for the columns of lines that were read in turn, against one that tries all columns there are.
#include "stages/interleave_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

namespace inkwash::stages {
namespace {

/// Costs of lines below each other that are drawn at random, but always the same for the same lines.
class DrawnLinks final : public InterleaveLinks {
 public:
  explicit DrawnLinks(std::uint32_t seed) : seed_(seed) {}
  float below(std::uint32_t above, std::uint32_t below) const override { return drawn(above + 1, below); }
  float begin(std::uint32_t line) const override { return drawn(0, line); }
  float end(std::uint32_t line) const override { return drawn(line + 1, ~0u); }
  float least() const override { return -4.2f; }
  void prefetch(std::uint32_t, std::uint32_t) const override {}

 private:
  float drawn(std::uint32_t a, std::uint32_t b) const {
    std::seed_seq seeds{seed_, a, b};
    std::uint32_t value;
    seeds.generate(&value, &value + 1);
    return -4.2f + 8.2f * static_cast<float>(value >> 8) / static_cast<float>(1u << 24);
  }
  std::uint32_t seed_;
};

std::vector<InterleavedLine> draw_lines(std::mt19937& random, std::size_t count) {
  std::vector<InterleavedLine> lines(count);
  for (std::size_t i = 0; i < count; ++i) {
    lines[i].blank_before = random() % 3 != 0;
    lines[i].begins_badly = i > 0 && random() % 8 == 0;
    lines[i].is_open = random() % 4 != 0;
    lines[i].fills = lines[i].is_open && random() % 4 != 0;
    if (random() % 3 == 0) lines[i].quotations = {QuotationMark::opens, QuotationMark::opens, random() % 2 == 0};
    if (random() % 3 == 0) lines[i].quotations = {QuotationMark::closes, QuotationMark::closes, false};
  }
  return lines;
}

/// Lines of one band: of each its column, numbered as they begin.
struct Band {
  std::uint32_t first, last;
  std::vector<std::uint32_t> columns;
  std::uint32_t count() const { return 1 + *std::ranges::max_element(columns); }
};

/// All that a page's places cost, told from the whole page.
class Page {
 public:
  Page(std::span<const InterleavedLine> lines, const InterleaveLinks& links, const InterleaveSearch::Costs& costs)
      : lines_(lines), links_(links), costs_(costs) {}

  /// The cheapest that columns of this page can be read for.
  float cheapest() const {
    float best = std::numeric_limits<float>::infinity();
    std::vector<Band> bands;
    try_all(0, bands, [&] { best = std::min(best, cost_of(bands, {})); });
    return best;
  }
  /// What these places cost.
  float cost_of(std::span<const InterleaveSearch::Place> places) const {
    std::vector<Band> bands;
    std::vector<std::vector<std::uint32_t>> sequences;
    for (std::uint32_t i = 0; i < places.size(); ++i) {
      if (places[i].begins_band) {
        bands.push_back({i, i, {}});
        sequences.emplace_back();
      }
      auto& seen = sequences.back();  // columns as they are read, in the order in which they begin
      auto at = std::ranges::find(seen, places[i].column);
      if (at == seen.end()) at = seen.insert(seen.end(), places[i].column);
      bands.back().columns.push_back(static_cast<std::uint32_t>(at - seen.begin()));
      bands.back().last = i + 1;
    }
    for (auto& seen : sequences) {
      std::vector<std::uint32_t> sequence(seen.size());
      for (std::uint32_t k = 0; k < seen.size(); ++k) sequence[seen[k]] = k;
      seen = std::move(sequence);
    }
    return cost_of(bands, sequences);
  }

 private:
  template <typename Use>
  void try_all(std::uint32_t i, std::vector<Band>& bands, const Use& use) const {
    if (i == lines_.size()) return use();
    const std::uint32_t columns = bands.empty() ? 0 : bands.back().count();
    const bool may_begin = i == 0 || !lines_[i].begins_badly;
    if (may_begin && (i == 0 || columns > 1)) {
      bands.push_back({i, i + 1, {0}});
      try_all(i + 1, bands, use);
      bands.pop_back();
    }
    if (i == 0) return;
    for (std::uint32_t c = 0; c < std::min<std::size_t>(columns + (may_begin ? 1 : 0), costs_.most_columns); ++c) {
      bands.back().columns.push_back(c);
      bands.back().last = i + 1;
      try_all(i + 1, bands, use);
      bands.back().columns.pop_back();
      bands.back().last = i;
    }
  }

  /// `sequences`: in which the columns of each band are read; none: the cheapest ones.
  float cost_of(std::span<const Band> bands, std::span<const std::vector<std::uint32_t>> sequences) const {
    float cost = 0;
    for (std::size_t b = 0; b < bands.size(); ++b) {
      const Band& band = bands[b];
      cost += cost_inside(band);
      if (b > 0) cost += costs_.band + (lines_[band.first].blank_before ? 0 : costs_.change);
      const std::uint32_t next = b + 1 < bands.size() ? bands[b + 1].first : ~0u;
      std::vector<std::uint32_t> sequence(band.count());
      std::iota(sequence.begin(), sequence.end(), 0u);
      float best = std::numeric_limits<float>::infinity();
      if (!sequences.empty()) {
        best = cost_of_sequence(band, sequences[b], next);
      } else {
        do
          if (b == 0 || sequence[0] == 0) best = std::min(best, cost_of_sequence(band, sequence, next));
        while (std::ranges::next_permutation(sequence).found);
      }
      cost += best;
    }
    return cost;
  }
  float cost_of_sequence(const Band& band, std::span<const std::uint32_t> sequence, std::uint32_t next) const {
    std::vector<std::uint32_t> first(band.count(), ~0u), last(band.count());
    for (std::uint32_t i = band.first; i < band.last; ++i) {
      const std::uint32_t c = band.columns[i - band.first];
      if (first[c] == ~0u) first[c] = i;
      last[c] = i;
    }
    float cost = band.first == 0 ? links_.begin(first[sequence[0]]) : 0;
    for (std::size_t k = 1; k < sequence.size(); ++k) {
      cost += links_.below(last[sequence[k - 1]], first[sequence[k]]);
      if (sequence[k - 1] > sequence[k]) cost += costs_.out_of_order;
      QuotationState above, below;
      for (std::uint32_t i = band.first; i < band.last; ++i) {
        if (band.columns[i - band.first] == sequence[k - 1]) above.add(lines_[i].quotations);
        if (band.columns[i - band.first] == sequence[k]) below.add(lines_[i].quotations);
      }
      if (above.is_at_odds_with(below)) cost += costs_.quotation;
    }
    return cost + (next != ~0u ? links_.below(last[sequence.back()], next) : links_.end(last[sequence.back()]));
  }
  float cost_inside(const Band& band) const {
    float cost = 0;
    std::vector<std::vector<std::uint32_t>> columns;  // the lines of each so far
    std::vector<QuotationState> quotations;
    std::vector<std::uint32_t> missed;  // turns of each since its last line
    std::uint32_t before = 0;
    bool again = false;
    for (std::uint32_t i = band.first; i < band.last; ++i) {
      const std::uint32_t c = band.columns[i - band.first];
      const bool begins = c == columns.size(), blank = lines_[i].blank_before;
      bool in_turn = false, out_of_turn = false;
      if (i > band.first) {
        const auto count = static_cast<std::uint32_t>(columns.size());
        if (begins) {
          cost += costs_.column;
          if (count >= costs_.few_columns)
            cost += costs_.many_columns * static_cast<float>(count - costs_.few_columns + 1);
        } else {
          cost += links_.below(columns[c].back(), i);
          if (quotations[c].is_at_odds_with(lines_[i].quotations)) cost += costs_.quotation;
        }
        if (c != before && !blank) cost += costs_.change;
        std::uint32_t next = before;
        do next = (next + 1) % count;
        while (next != before && missed[next] >= costs_.missed_turns);
        in_turn = !begins && count > 1 && blank && c == next;
        if (!begins && missed[c] >= costs_.missed_turns) cost += costs_.resumed;
        out_of_turn = !begins && count > 1 && blank && !in_turn;
        if (out_of_turn) {
          cost += costs_.out_of_turn_least;
          const InterleavedLine& above = lines_[columns[c].back()];
          if (c == before && !again && lines_[columns[next].back()].fills && (above.fills || !above.is_open))
            cost += costs_.again;
        }
      }
      if (c != before)
        again = false;
      else if (in_turn || out_of_turn)
        again = true;
      if (in_turn || out_of_turn)
        for (std::uint32_t k = 1; k < columns.size() && (before + k) % columns.size() != c; ++k)
          ++missed[(before + k) % columns.size()];
      if (begins) {
        columns.emplace_back();
        quotations.emplace_back();
        missed.emplace_back();
      }
      missed[c] = 0;
      columns[c].push_back(i);
      quotations[c].add(lines_[i].quotations);
      before = c;
    }
    return cost;
  }

  std::span<const InterleavedLine> lines_;
  const InterleaveLinks& links_;
  const InterleaveSearch::Costs& costs_;
};

InterleaveSearch::Costs costs_of_rules() {
  const StageOptions no_options;
  Settings settings("interleave", no_options, Rules(), "interleave.toml");
  return InterleaveSearch::costs_of(settings);
}

constexpr std::size_t wide_enough = InterleaveSearch::widest_beam;
constexpr float rounding = 1e-3f;

// Quotations and turns, which a state is not told apart by, cost nothing here, and no column ends: so nothing can be
// lost.
TEST(InterleaveSearch, FindsTheCheapestOfAllColumns) {
  InterleaveSearch::Costs costs = costs_of_rules();
  costs.quotation = costs.again = 0;
  costs.missed_turns = 255;
  costs.out_of_turn_most = costs.latin_out_of_turn = costs.out_of_turn_least;
  costs.hopeless = 1000;
  costs.band_beam = wide_enough;
  costs.few_columns = 2;
  std::mt19937 random(1);
  for (std::uint32_t page = 0; page < 40; ++page) {
    const DrawnLinks links(page);
    const std::vector<InterleavedLine> lines = draw_lines(random, 3 + page % 5);
    const Page oracle(lines, links, costs);
    const InterleaveSearch::Result result =
        InterleaveSearch(costs)(lines, links, false, {wide_enough, most_interleaved_columns});
    EXPECT_NEAR(result.cost, oracle.cheapest(), rounding) << "page " << page;
    EXPECT_NEAR(result.cost, oracle.cost_of(result.places), rounding) << "page " << page;
  }
}

// With all costs of the rules and their beam it may miss the cheapest, but seldom, and what it says of its own holds.
TEST(InterleaveSearch, LosesLittleToItsBeam) {
  InterleaveSearch::Costs costs = costs_of_rules();
  costs.missed_turns = 1;                            // as the pages are short
  costs.out_of_turn_most = costs.out_of_turn_least;  // what is rare on a page of few lines is told by another test
  std::mt19937 random(2);
  std::size_t missed = 0;
  constexpr std::size_t pages = 40;
  for (std::uint32_t page = 0; page < pages; ++page) {
    const DrawnLinks links(1000 + page);
    const std::vector<InterleavedLine> lines = draw_lines(random, 3 + page % 5);
    const Page oracle(lines, links, costs);
    const InterleaveSearch::Result result =
        InterleaveSearch(costs)(lines, links, false, {250, most_interleaved_columns});
    const float best = oracle.cheapest();
    EXPECT_NEAR(result.cost, oracle.cost_of(result.places), rounding) << "page " << page;
    EXPECT_GE(result.cost, best - rounding) << "page " << page;
    missed += result.cost > best + rounding;
  }
  EXPECT_LE(missed, pages / 10);
}

TEST(InterleaveSearch, LooksForNoMoreColumnsThanAsked) {
  const InterleaveSearch::Costs costs = costs_of_rules();
  std::mt19937 random(4);
  std::size_t fewer = 0;
  for (std::uint32_t page = 0; page < 20; ++page) {
    const DrawnLinks links(3000 + page);
    const std::vector<InterleavedLine> lines = draw_lines(random, 16);
    const auto columns_of = [&](std::size_t columns) {
      const InterleaveSearch::Result result = InterleaveSearch(costs)(lines, links, false, {250, columns});
      return std::ranges::max(result.places, {}, &InterleaveSearch::Place::column).column + std::size_t{1};
    };
    EXPECT_LE(columns_of(2), 2u) << "page " << page;
    fewer += columns_of(2) < columns_of(most_interleaved_columns);
  }
  EXPECT_GT(fewer, 0u);
}

// Each band's gain is what its columns save over its lines as they stand; together they are what the page saves.
TEST(InterleaveSearch, GainsOfBandsAddUp) {
  const InterleaveSearch::Costs costs = costs_of_rules();
  std::mt19937 random(3);
  for (std::uint32_t page = 0; page < 40; ++page) {
    const DrawnLinks links(2000 + page);
    const std::vector<InterleavedLine> lines = draw_lines(random, 24);
    const InterleaveSearch::Result result =
        InterleaveSearch(costs)(lines, links, false, {100, most_interleaved_columns});
    float stand = links.begin(0), gain = 0;
    QuotationState standing;
    standing.add(lines[0].quotations);
    for (std::uint32_t i = 1; i < lines.size(); ++i) {
      stand += links.below(i - 1, i) + (standing.is_at_odds_with(lines[i].quotations) ? costs.quotation : 0);
      standing.add(lines[i].quotations);
    }
    stand += links.end(static_cast<std::uint32_t>(lines.size()) - 1);
    std::uint32_t end = 0;
    for (const InterleaveSearch::Band& band : result.bands) {
      EXPECT_EQ(band.first, end);
      end = band.last;
      gain += band.gain;
    }
    EXPECT_EQ(end, lines.size());
    EXPECT_NEAR(gain, stand - result.cost, rounding);
  }
}

}  // namespace
}  // namespace inkwash::stages
