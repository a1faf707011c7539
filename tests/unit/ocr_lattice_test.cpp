#include "stages/ocr_lattice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace inkwash::stages::ocr {
namespace {

using Symbol = CoherenceModel::Symbol;

/// Says of each few symbols something else, but always the same.
struct AnyJudge {
  static constexpr std::size_t reach = 3;

  static float said(std::span<const Symbol> symbols, std::uint32_t seed) {
    for (const Symbol symbol : symbols) seed = (seed ^ symbol) * 0x9E3779B1u + 7;
    return static_cast<float>(seed >> 20) / 1024.0f - 2.0f;
  }
  float goes_on(std::span<const Symbol> text, std::size_t i) const {
    const std::size_t first = i - std::min(i, reach);
    return said(text.subspan(first, i + 1 - first), 1);
  }
  float change(std::span<const Symbol> text, std::size_t i, Symbol read) const {
    const std::size_t first = i - std::min(i, reach), last = std::min(text.size(), i + 1 + reach);
    return said(text.subspan(first, last - first), read);
  }
};

/// Each path by itself, over the whole text.
std::vector<std::vector<double>> odds_one_by_one(const std::vector<Symbol>& text, const std::vector<Place>& places) {
  const AnyJudge judge;
  std::vector<std::vector<double>> odds;
  for (const Place& place : places) odds.emplace_back(1 + place.options.size());
  std::vector<std::size_t> taken(places.size());
  const auto all = [&](const std::vector<Symbol>& path) {
    double sum = 0;
    for (std::size_t i = 0; i < path.size(); ++i) sum += static_cast<double>(judge.goes_on(path, i));
    return sum;
  };
  const std::function<void(std::size_t)> choose = [&](std::size_t n) {
    if (n < places.size()) {
      for (taken[n] = 0; taken[n] <= places[n].options.size(); ++taken[n]) choose(n + 1);
      return;
    }
    std::vector<Symbol> path = text;
    for (std::size_t k = 0; k < places.size(); ++k)
      if (taken[k] > 0) path[places[k].at] = places[k].options[taken[k] - 1].symbol;
    double sum = all(path) - all(text);
    for (std::size_t k = 0; k < places.size(); ++k)
      if (taken[k] > 0)
        sum += static_cast<double>(places[k].options[taken[k] - 1].odds +
                                   judge.change(path, places[k].at, text[places[k].at]));
    for (std::size_t k = 0; k < places.size(); ++k) odds[k][taken[k]] += std::exp(sum);
  };
  choose(0);
  for (auto& of_place : odds)
    for (double& one : of_place) one = std::log(one);
  return odds;
}

class Lattices {
 public:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }
  std::vector<Symbol> text() {
    std::vector<Symbol> text(1 + below(14));
    for (Symbol& symbol : text) symbol = static_cast<Symbol>(below(5));
    return text;
  }
  std::vector<Place> places(const std::vector<Symbol>& text) {
    std::vector<Place> places;
    for (std::size_t i = below(text.size()); i < text.size() && places.size() < 5; i += 1 + below(3)) {
      Place& place = places.emplace_back(Place{i, text[i], {}});
      for (std::size_t n = 1 + below(3); n > 0; --n)
        place.options.push_back({0, static_cast<Symbol>(10 + n), static_cast<float>(below(40)) / 10 - 3});
    }
    return places;
  }

 private:
  std::minstd_rand random_{7};
};

TEST(OcrLattice, SaysWhatAllPathsTogetherSay) {
  Lattices lattices;
  for (int round = 0; round < 300; ++round) {
    const std::vector<Symbol> text = lattices.text();
    const std::vector<Place> places = lattices.places(text);
    const auto odds = odds_of_paths(text, places, AnyJudge{}, 10'000), expected = odds_one_by_one(text, places);
    ASSERT_EQ(odds.size(), expected.size());
    for (std::size_t n = 0; n < odds.size(); ++n) {
      ASSERT_EQ(odds[n].size(), expected[n].size());
      for (std::size_t k = 0; k < odds[n].size(); ++k) EXPECT_NEAR(odds[n][k], expected[n][k], 1e-3) << round;
    }
  }
}

// A long run that is misread all over: the odds of all changes together are more than a number holds.
TEST(OcrLattice, WeighsManyChangesAtOnce) {
  constexpr float sure = 20;
  const std::vector<Symbol> text(200, 7);
  std::vector<Place> places;
  for (std::size_t i = 0; i < text.size(); ++i) places.push_back({i, text[i], {{U'天', 9, sure}}});
  const auto odds = odds_of_paths(text, places, AnyJudge(), 16);
  for (const std::vector<double>& of_place : odds) {
    EXPECT_TRUE(std::isfinite(of_place[0]));
    EXPECT_TRUE(std::isfinite(of_place[1]));
    EXPECT_GT(of_place[1], of_place[0]);
  }
}

// However narrow the beam is, it is known how probable it is that nothing was misread.
TEST(OcrLattice, ANarrowBeamFollowsWhatWasReadAndTheBestPaths) {
  Lattices lattices;
  std::size_t same = 0, all = 0;
  for (int round = 0; round < 300; ++round) {
    const std::vector<Symbol> text = lattices.text();
    const std::vector<Place> places = lattices.places(text);
    const auto best_of = [](const std::vector<double>& odds) { return std::ranges::max_element(odds) - odds.begin(); };
    const auto alone = odds_of_paths(text, places, AnyJudge{}, 1);
    const auto narrow = odds_of_paths(text, places, AnyJudge{}, 64), expected = odds_one_by_one(text, places);
    for (std::size_t n = 0; n < places.size(); ++n) {
      EXPECT_GE(alone[n][0], 0);
      all += 1;
      same += best_of(narrow[n]) == best_of(expected[n]);
    }
  }
  EXPECT_GT(same, all * 9 / 10);
}

}  // namespace
}  // namespace inkwash::stages::ocr
