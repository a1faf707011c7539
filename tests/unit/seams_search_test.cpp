// The search for how rows are cut, against one that tries all ways there are.
#include "stages/seams_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace inkwash::stages {
namespace {

using Rows = std::vector<std::vector<SeamReading>>;

/// Costs of pieces below each other that are drawn at random, but always the same for the same pieces.
class DrawnLinks final : public SeamLinks {
 public:
  explicit DrawnLinks(std::uint32_t seed) : seed_(seed) {}
  float below(std::uint32_t above, std::uint32_t below) const override { return drawn(2 * above, below); }
  float next_column(std::uint32_t bottom, std::uint32_t top) const override { return drawn(2 * bottom + 1, top); }
  float least() const override { return -6; }
  void approach(std::size_t) const override {}

 private:
  float drawn(std::uint32_t a, std::uint32_t b) const {
    std::seed_seq seeds{seed_, a, b};
    std::uint32_t value;
    seeds.generate(&value, &value + 1);
    return -6.0f + 10.0f * static_cast<float>(value >> 8) / static_cast<float>(1u << 24);
  }
  std::uint32_t seed_;
};

/// Rows of which each may stand across and has some ways to be cut into columns.
Rows draw_rows(std::mt19937& random, std::size_t count, std::uint8_t columns) {
  std::uint32_t pieces = 0;
  std::uniform_real_distribution<float> cost(-1, 3);
  Rows rows(count);
  for (auto& readings : rows) {
    SeamReading across{{pieces++}, {}, 1, true, cost(random), false};
    across.prior = random() % 2 == 0 ? 1.5f : 0;
    readings.push_back(across);
    for (std::size_t k = 0; k < 3 + random() % 2; ++k) {
      const auto set = static_cast<std::uint32_t>(1 + random() % ((1u << columns) - 1));
      SeamReading reading{{}, {}, 0, false, cost(random), (set & (set + 1)) != 0};
      for (std::uint8_t c = 0; c < columns; ++c)
        if (set >> c & 1) {
          reading.pieces[reading.count] = pieces++;
          reading.columns[reading.count++] = c;
        }
      readings.push_back(reading);
    }
  }
  return rows;
}

/// What these readings of the rows cost together, told from the whole page: region by region, column by column.
float cost_of(const Rows& rows, const std::vector<std::uint32_t>& chosen, const SeamLinks& links,
              const SeamSearch::Costs& costs, std::size_t most_pieces) {
  const auto reading_of = [&](std::size_t i) -> const SeamReading& { return rows[i][chosen[i]]; };
  float cost = 0, in_columns = 0, skipped = 0;
  for (std::size_t begin = 0, end; begin < rows.size(); begin = end) {
    end = begin + 1;
    if (reading_of(begin).across) {
      cost += reading_of(begin).cost + (most_pieces > 1 ? reading_of(begin).prior : 0);
      if (begin > 0 && reading_of(begin - 1).across)
        cost += links.below(reading_of(begin - 1).pieces[0], reading_of(begin).pieces[0]);
      continue;
    }
    while (end < rows.size() && !reading_of(end).across) ++end;
    cost += costs.region + (reading_of(begin).skips ? costs.skipped_first : 0);
    if (begin > 0) cost += links.below(reading_of(begin - 1).pieces[0], reading_of(begin).pieces[0]);
    std::vector<std::vector<std::uint32_t>> columns(most_seam_columns);
    for (std::size_t i = begin; i < end; ++i) {
      const SeamReading& reading = reading_of(i);
      cost += reading.cost;
      const float rare = std::log((in_columns + 1) / (skipped + 0.5f));
      if (reading.skips) cost += std::clamp(rare, costs.skipped_least, costs.skipped_most);
      in_columns = 1 + costs.skipped_kept * in_columns;
      skipped = (reading.skips ? 1.0f : 0.0f) + costs.skipped_kept * skipped;
      for (std::size_t k = 0; k < reading.count; ++k) columns[reading.columns[k]].push_back(reading.pieces[k]);
    }
    std::erase_if(columns, [](const auto& column) { return column.empty(); });
    cost += costs.base * static_cast<float>(columns.size() - 1);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      for (std::size_t k = 1; k < columns[c].size(); ++k) cost += links.below(columns[c][k - 1], columns[c][k]);
      if (c > 0) cost += links.next_column(columns[c - 1].back(), columns[c].front());
    }
    if (end < rows.size()) cost += 0.5f * costs.base + costs.region;
  }
  return cost;
}

float cheapest_of_all(const Rows& rows, const SeamLinks& links, const SeamSearch::Costs& costs,
                      std::size_t most_pieces) {
  float best = std::numeric_limits<float>::infinity();
  std::vector<std::uint32_t> chosen(rows.size());
  for (;;) {
    bool may_be = true;
    for (std::size_t i = 0; i < rows.size(); ++i)
      may_be &= rows[i][chosen[i]].across || rows[i][chosen[i]].count <= most_pieces;
    if (may_be) best = std::min(best, cost_of(rows, chosen, links, costs, most_pieces));
    std::size_t i = 0;
    while (i < rows.size() && ++chosen[i] == rows[i].size()) chosen[i++] = 0;
    if (i == rows.size()) return best;
  }
}

constexpr std::size_t pages = 120, wide_enough = 100000;
constexpr float rounding = 1e-3f;

TEST(SeamSearch, FindsTheCheapestOfAllReadings) {
  // What a row that skips a column costs depends on those before it; else nothing that is left out can matter.
  SeamSearch::Costs costs{2, 3, 0.9f, 1.5f, 1.5f, 1.5f, 1000};
  std::mt19937 random(1);
  for (std::uint32_t page = 0; page < pages; ++page) {
    const DrawnLinks links(page);
    const Rows rows = draw_rows(random, 5, static_cast<std::uint8_t>(2 + page % 3));
    for (const std::size_t most_pieces : {std::size_t{0}, std::size_t{1}, most_seam_columns}) {
      const SeamSearch::Result result = SeamSearch(costs)(rows, links, most_pieces, wide_enough);
      EXPECT_NEAR(result.cost, cheapest_of_all(rows, links, costs, most_pieces), rounding) << "page " << page;
      EXPECT_NEAR(result.cost, cost_of(rows, result.readings, links, costs, most_pieces), rounding) << "page " << page;
    }
  }
}

// With the costs and the beam of the rules it may miss the cheapest where rows are as wild as these, but by little, and
// what it says of its own holds.
TEST(SeamSearch, LosesLittleToItsBeam) {
  const StageOptions no_options;
  Settings settings("seams", no_options, Rules(), "seams.toml");
  const SeamSearch::Costs costs = SeamSearch::costs_of(settings);
  const std::size_t beam = settings.count("cost.beam");
  std::mt19937 random(2);
  float lost = 0;
  for (std::uint32_t page = 0; page < pages; ++page) {
    const DrawnLinks links(1000 + page);
    const Rows rows = draw_rows(random, 5, static_cast<std::uint8_t>(2 + page % 3));
    const SeamSearch::Result result = SeamSearch(costs)(rows, links, most_seam_columns, beam);
    const float best = cheapest_of_all(rows, links, costs, most_seam_columns);
    EXPECT_NEAR(result.cost, cost_of(rows, result.readings, links, costs, most_seam_columns), rounding);
    EXPECT_GE(result.cost, best - rounding);
    lost += result.cost - best;
  }
  EXPECT_LE(lost / static_cast<float>(pages), 0.1f * costs.hopeless);
}

}  // namespace
}  // namespace inkwash::stages
