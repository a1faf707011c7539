#include "stages/leads.h"

#include <gtest/gtest.h>

namespace inkwash::stages {
namespace {

class LeadsTest : public ::testing::Test {
 protected:
  Rules rules_;
  StageOptions options_;
  Settings settings_{"test", options_, rules_, ""};
};

TEST_F(LeadsTest, DatelinesBeginArticles) {
  const Leads leads(settings_, rules_, CoherenceModel::shipped());
  EXPECT_TRUE(settings_.ok());
  EXPECT_GT(leads.likeness("新华社青埠7月2日电 青埠港三号码头昨日完工。"), 5);
  EXPECT_GT(leads.likeness("近日，青埠港三号码头完工。"), leads.likeness("此外，三号码头也已完工。"));
  EXPECT_LT(leads.likeness("港务局长说，货物将发往沿江各地。"), 1);
  EXPECT_EQ(leads.likeness(""), 0);
}

/// The first characters alone never tell otherwise than all that count.
TEST_F(LeadsTest, IsLikeWhatIsAsLikelyAsThat) {
  const Leads leads(settings_, rules_, CoherenceModel::shipped());
  for (const char* text : {"", "新华社青埠7月2日电 青埠港三号码头昨日完工。", "此外，三号码头也已完工。",
                           "三号码头昨日完工（记者宋以宁/摄影/报道），首批货轮靠岸。", "近日，青埠港三号码头完工。"})
    for (float least = -8; least < 12; least += 0.25f)
      EXPECT_EQ(leads.is_like(text, least), leads.likeness(text) >= least) << text << least;
}

TEST_F(LeadsTest, ReadsBothScriptsAlike) {
  const Leads leads(settings_, rules_, CoherenceModel::shipped());
  EXPECT_FLOAT_EQ(leads.likeness("新華社青埠7月2日電 青埠港三號碼頭完工。"),
                  leads.likeness("新华社青埠9月5日电 青埠港三号码头完工。"));
}

}  // namespace
}  // namespace inkwash::stages
