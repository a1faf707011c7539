#include "stages/seams_joints.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace inkwash::stages {
namespace {

const SeamJoints::Costs costs{CoherenceModel::shipped(), 2, -6, 4};

TEST(SeamJoints, TextsThatEndAlikeShareTheirEnd) {
  SeamJoints joints(costs);
  const SeamEnds a = joints.ends_of("码头工人连夜卸下货物"), b = joints.ends_of("船员们整理货物");
  EXPECT_NE(a.end, joints.ends_of("船员们整理行李").end);
  EXPECT_EQ(a.end, joints.ends_of("连夜卸下货物").end);
  EXPECT_NE(a.begin, b.begin);
  EXPECT_EQ(b.begin, joints.ends_of("船员们").begin);
  // What is left of a short text is all of it.
  EXPECT_NE(a.end, joints.ends_of("货物").end);
}

TEST(SeamJoints, CostsWhatTheModelSays) {
  SeamJoints joints(costs);
  constexpr std::string_view left = "码头工人连夜卸", right = "下两千箱水果，赶在早市以前", other = "鹦鹉";
  const auto cost = [&](std::string_view a, std::string_view b) {
    return joints.cost(joints.ends_of(a).end, joints.ends_of(b).begin);
  };
  for (const std::string_view next : {right, other}) {
    const float said = std::clamp(2 - costs.model.continuation(left, next), -6.0f, 4.0f);
    EXPECT_FLOAT_EQ(cost(left, next), said);
    EXPECT_FLOAT_EQ(cost(left, next), said) << "when asked again";
  }
  EXPECT_LT(cost(left, right), cost(left, other));
}

TEST(SeamJoints, KnowsWhatStandsInNoSentence) {
  SeamJoints joints(costs);
  const auto cost = [&](std::string_view a, std::string_view b) {
    return joints.cost(joints.ends_of(a).end, joints.ends_of(b).begin);
  };
  EXPECT_FLOAT_EQ(cost("", "下两千箱"), costs.base);
  EXPECT_FLOAT_EQ(cost("连夜卸", ""), costs.base);
  EXPECT_GT(cost("连夜卸", "，赶在早市以前"), costs.most) << "a line may not begin so";
  EXPECT_LE(cost("送到各个菜场。", "鹦鹉"), 0.75f * costs.base) << "what follows a sentence is hard to foresee";
  EXPECT_TRUE(joints.is_open(joints.ends_of("连夜卸").end));
  EXPECT_FALSE(joints.is_open(joints.ends_of("各个菜场。").end));
  EXPECT_FALSE(joints.is_open(joints.ends_of("").end));
}

}  // namespace
}  // namespace inkwash::stages
