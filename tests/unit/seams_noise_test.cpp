#include "stages/seams_noise.h"

#include <gtest/gtest.h>

namespace inkwash::stages {
namespace {

const SeamNoise& noise() {
  static const StageOptions no_options;
  static Settings settings("seams", no_options, Rules(), "seams.toml");
  static const SeamNoise rules(settings);
  return rules;
}

TEST(SeamNoise, IsWhatASpaceSetsApart) {
  EXPECT_EQ(noise().without("。 记者昨天从港口 、"), "记者昨天从港口");
  EXPECT_EQ(noise().without("记者昨天从港口。"), "记者昨天从港口。");
}

TEST(SeamNoise, RulesAreNoiseBesideTheTextToo) {
  EXPECT_EQ(noise().without("|记者昨天从港口_"), "记者昨天从港口");
  EXPECT_EQ(noise().before("[ 记者"), 2u);
  EXPECT_EQ(noise().after("记者 ]"), 2u);
}

TEST(SeamNoise, NothingIsLeftOfMarksAlone) {
  EXPECT_EQ(noise().without("| 。 _"), "");
  EXPECT_EQ(noise().without(""), "");
}

}  // namespace
}  // namespace inkwash::stages
