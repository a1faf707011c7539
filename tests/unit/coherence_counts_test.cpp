#include "stages/coherence_counts.h"

#include <gtest/gtest.h>

#include <array>

namespace inkwash::stages {
namespace {

constexpr CoherenceCounts::Weights weights{0.05f, 20, 5};

float continuation(const CoherenceCounts& counts, std::string_view left, std::string_view right) {
  const CoherenceModel& model = CoherenceModel::shipped();
  return counts.continuation(model.tail_of(left), model.head_of(right));
}

TEST(CoherenceCounts, NamesOfTheTextGoOn) {
  const CoherenceModel& model = CoherenceModel::shipped();
  constexpr std::array<std::string_view, 3> lines = {"石榛榛说她等了三天", "邻居都叫石榛榛小石头", "后来石榛榛回了家"};
  const CoherenceCounts counts(model, weights, lines);
  EXPECT_GT(continuation(counts, "那天早上石榛", "榛起得很早"), model.continuation("那天早上石榛", "榛起得很早") + 1);
}

TEST(CoherenceCounts, WithoutLinesItIsTheModel) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const CoherenceCounts counts(model, weights, {});
  for (const auto& [left, right] : {std::pair{"记者从市交通运", "输局获悉"}, std::pair{"他說，希望", "大家都能"}})
    EXPECT_NEAR(continuation(counts, left, right), model.continuation(left, right), 0.01);
  EXPECT_EQ(continuation(counts, "", "输局获悉"), 0);
}

}  // namespace
}  // namespace inkwash::stages
