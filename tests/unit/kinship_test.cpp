#include "stages/kinship.h"

#include <gtest/gtest.h>

#include "stages/settings.h"

namespace inkwash::stages {
namespace {

const Kinship& kinship() {
  static const StageOptions no_options;
  static Settings settings("kinship", no_options, Rules(), "kinship.toml");
  static const Kinship rules(settings, Rules(), CoherenceModel::shipped());
  return rules;
}

TEST(Kinship, AHeadlineSpeaksOfWhatItsTextDoes) {
  const Vocabulary port(kinship(), "青埠港三号码头昨日完工，首批货轮今天清晨靠岸。港务局长说，货物将发往沿江各地。");
  const Vocabulary buses(kinship(), "临江新区的夜班公交昨晚开通，居民纷纷称便。司机说，夜班公交每半小时一班。");
  EXPECT_GT(port.kinship("三号码头建成完工"), 4);
  EXPECT_LT(buses.kinship("三号码头建成完工"), 0);
  EXPECT_GT(buses.kinship("临江开通夜班公交"), 4);
  EXPECT_LT(port.kinship("临江开通夜班公交"), 0);
}

TEST(Kinship, ScriptsAreReadAsOne) {
  const Vocabulary port(kinship(), "青埠港三號碼頭昨日完工，首批貨輪今天清晨靠岸。");
  EXPECT_GT(port.kinship("三号码头完工"), 4);
}

TEST(Kinship, WithoutIdeographsNothingIsSaid) {
  EXPECT_EQ(Vocabulary(kinship(), "").kinship("port 2024"), 0);
  EXPECT_EQ(Vocabulary(kinship(), "码头完工").kinship(""), 0);
}

}  // namespace
}  // namespace inkwash::stages
