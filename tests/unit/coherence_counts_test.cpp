#include "stages/coherence_counts.h"

#include <gtest/gtest.h>

#include <array>

namespace inkwash::stages {
namespace {

constexpr CoherenceCounts::Weights weights{0.05f, 20, 5};

float continuation(const CoherenceCounts& counts, std::string_view left, std::string_view right) {
  const CoherenceModel& model = CoherenceModel::shipped();
  return counts.continuation(counts.end_of(model.tail_of(left)), counts.beginning_of(model.head_of(right)));
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

// As what a text repeats is weighed by what it never says, too, both must be told the same way.
TEST(CoherenceCounts, WhatWasNeverSeenIsBelowWhatTheTextHasOnce) {
  const CoherenceModel& model = CoherenceModel::shipped();
  constexpr std::array<std::string_view, 2> once = {"那天早上石榛榛说", "她等了三天"},
                                            never = {"那天早上他说", "她等了三天"};
  const CoherenceCounts with(model, weights, once), without(model, weights, never);
  EXPECT_GT(continuation(with, "后来石榛", "榛回了家"), continuation(without, "后来石榛", "榛回了家"));
  EXPECT_LT(continuation(without, "后来石榛", "榛回了家"), 0);
}

}  // namespace
}  // namespace inkwash::stages
