#include "inkwash/coherence_training.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "stages/coherence.h"

namespace inkwash {
namespace {

using stages::CoherenceModel;

constexpr std::string_view article =
    "青埠港的三号码头昨天完工\n"
    "港务局说，三号码头每年装卸八十万吨货物\n"
    "货物从三号码头运往沿江各地，港务局说\n";

std::vector<CoherenceModel::Symbol> read(std::u32string_view text) {
  std::vector<CoherenceModel::Symbol> symbols;
  for (const char32_t c : text) symbols.push_back(CoherenceModel::shipped().read(c));
  return symbols;
}

TEST(CoherenceTraining, AModelKnowsItsText) {
  CoherenceTraining training;
  training.add_text(article);
  EXPECT_EQ(training.paragraphs(), 3u);
  EXPECT_EQ(training.characters(), 12u + 19u + 18u);
  const std::string bytes = training.model(CoherenceTraining::shipped_size);
  const auto model = CoherenceModel::from_bytes(bytes);
  ASSERT_TRUE(model) << model.error();
  EXPECT_GT(model->continuation("三号", "码头"), 1);
  EXPECT_GT(model->continuation("三号", "码头"), model->continuation("三号", "货物"));
}

TEST(CoherenceTraining, ProbabilitiesSumToOne) {
  CoherenceTraining training;
  training.add_text(article);
  const std::string bytes = training.model(CoherenceTraining::shipped_size);
  const auto model = CoherenceModel::from_bytes(bytes);
  ASSERT_TRUE(model);
  std::map<CoherenceModel::Symbol, int> kinds{{1, 0}};
  for (const auto symbol : read(U"青埠港的三号码头昨天完工务局说，每年装卸八十万吨货物从运往沿江各地")) kinds[symbol];
  for (const std::u32string_view context : {U"", U"三", U"三号", U"三号码", U"务局说", U"青青青"}) {
    const auto symbols = read(context);
    double sum = 0;
    for (const auto& [symbol, unused] : kinds)
      sum += std::exp(model->log_probability(symbols.data(), symbols.size(), symbol));
    EXPECT_NEAR(sum, 1, 0.06) << context.size();  // probabilities are stored in steps
  }
}

TEST(CoherenceTraining, ListsWhatStandsBesideWhat) {
  CoherenceTraining training;
  training.add_text(article);
  const std::string bytes = training.model(CoherenceTraining::shipped_size);
  const auto model = CoherenceModel::from_bytes(bytes);
  ASSERT_TRUE(model);
  using Symbols = std::vector<CoherenceModel::Symbol>;
  const auto of = [](std::span<const CoherenceModel::Symbol> list) { return Symbols(list.begin(), list.end()); };
  const auto sorted = [](std::u32string_view text) {
    Symbols symbols = read(text);
    std::ranges::sort(symbols);
    return symbols;
  };
  EXPECT_EQ(of(model->followers(read(U"港")[0])), sorted(U"的务"));
  EXPECT_EQ(of(model->predecessors(read(U"港")[0])), [&] {
    Symbols before = sorted(U"埠，");
    before.insert(before.begin(), 1);  // the border of a paragraph
    return before;
  }());
  EXPECT_TRUE(model->followers(read(U"春")[0]).empty());
  EXPECT_TRUE(model->predecessors(read(U"春")[0]).empty());
}

// The oracle counts as the definition says: after 三 comes 号 three times in three.
TEST(CoherenceTraining, DiscountsCounts) {
  CoherenceTraining training;
  training.add_text(article);
  const std::string bytes = training.model(CoherenceTraining::shipped_size);
  const auto model = CoherenceModel::from_bytes(bytes);
  ASSERT_TRUE(model);
  const double total = 12 + 19 + 18 + 3;  // with the borders of three paragraphs
  const double discount = 1.2;
  const double expected = (3 - discount) / 3 + discount / 3 * (3 / total);
  const auto symbols = read(U"三号");
  EXPECT_NEAR(std::exp(model->log_probability(symbols.data(), 1, symbols[1])), expected, 0.03);
}

TEST(CoherenceTraining, TheSameTextGivesTheSameBytes) {
  CoherenceTraining one, other;
  for (CoherenceTraining* training : {&one, &other}) {
    training->add_text(article, 0.3);
    training->add_text(article, 2);
    ASSERT_TRUE(training->add_counts("港口\t3.5\n# a remark\n码\t7\n", 0.1));
  }
  EXPECT_EQ(one.model(1000), other.model(1000));
}

TEST(CoherenceTraining, KeepsTheNgramsThatTellMost) {
  CoherenceTraining training;
  for (int i = 0; i < 20; ++i) training.add_text("三号码头");
  training.add_text(article);
  const std::string whole = training.model(CoherenceTraining::shipped_size), part = training.model(12);
  EXPECT_LT(part.size(), whole.size());
  const auto model = CoherenceModel::from_bytes(part);
  ASSERT_TRUE(model);
  const auto often = read(U"码头"), once = read(U"沿江");
  EXPECT_TRUE(model->has_seen(often.data(), 2));
  EXPECT_FALSE(model->has_seen(once.data(), 2));
}

TEST(CoherenceTraining, CountsOfAnotherCorpusAreAdded) {
  CoherenceTraining training;
  training.add_text(article);
  ASSERT_TRUE(training.add_counts("渔\t40\n渔船\t40\n船\t60\n", 0.5));
  const std::string bytes = training.model(CoherenceTraining::shipped_size);
  const auto model = CoherenceModel::from_bytes(bytes);
  ASSERT_TRUE(model);
  EXPECT_GT(model->continuation("渔", "船"), 0.5);
}

TEST(CoherenceTraining, AWrongTableIsAMessage) {
  for (const std::string_view table : {"码头\t3\n码头 4\n", "码头\t3\n码头\tvier\n", "码头\t3\n三号码头港\t1\n",
                                       "码头\t3\n码头\t-1\n", "码头\t3\n\t1\n", "码头\t3\n\xff\t1\n"}) {
    CoherenceTraining training;
    const auto added = training.add_counts(table, 1);
    ASSERT_FALSE(added) << table;
    EXPECT_TRUE(added.error().starts_with("line 2: ")) << added.error();
  }
}

TEST(CoherenceTraining, OfNothingNoModel) {
  CoherenceTraining training;
  training.add_text("\n \n");
  EXPECT_EQ(training.model(100), "");
}

}  // namespace
}  // namespace inkwash
