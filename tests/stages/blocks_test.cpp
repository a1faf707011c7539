#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_document;

TEST(Blocks, TellsHeadlinesBylinesAndBody) {
  const Document document = run_document("wraps,blocks",
                                         "临江港三号码头完工\n"
                                         "本报记者 宋以宁\n"
                                         "临江港三号码头昨日完工，首批货轮今天靠岸。\n"
                                         "工人连夜装卸\n"
                                         "港务局长说，货物将发往沿江各地。\n");
  const auto blocks = document.blocks();
  ASSERT_EQ(blocks.size(), 5u);
  EXPECT_EQ(blocks[0].kind, BlockKind::headline);
  EXPECT_EQ(blocks[1].kind, BlockKind::byline);
  EXPECT_EQ(blocks[2].kind, BlockKind::body);
  EXPECT_EQ(blocks[3].kind, BlockKind::subheadline);
}

TEST(Blocks, SetsArticlesApart) {
  const std::string text = testing::run_stage("wraps,blocks",
                                              "临江港三号码头完工\n"
                                              "本报临江7月2日电 三号码头昨日完工。\n"
                                              "青埠开通夜班公交\n"
                                              "本报青埠7月2日电 夜班公交今起开行。\n");
  EXPECT_EQ(text,
            "临江港三号码头完工\n本报临江7月2日电 三号码头昨日完工。\n\n"
            "青埠开通夜班公交\n本报青埠7月2日电 夜班公交今起开行。\n");
  EXPECT_EQ(testing::run_stage("wraps,blocks", text), text);
}

TEST(Blocks, ACaptionGoesAfterTheArticleItInterrupts) {
  const Document document = run_document("wraps,blocks",
                                         "三号码头昨日完工，首批货轮今天靠岸。\n"
                                         "▲货轮驶入三号码头。本报记者 宋以宁摄\n"
                                         "港务局长说，货物将发往沿江各地。\n");
  EXPECT_EQ(document.text(),
            "三号码头昨日完工，首批货轮今天靠岸。\n"
            "港务局长说，货物将发往沿江各地。\n"
            "货轮驶入三号码头。本报记者 宋以宁摄\n");
  EXPECT_EQ(document.blocks().back().kind, BlockKind::caption);
}

TEST(Blocks, AListMayBeginWithTriangles) {
  const std::string text = "▲福里街道昨日停水。\n▲南坡路今起施工。\n";
  EXPECT_EQ(testing::run_stage("wraps,blocks", text), text);
}

// Electronic editions that set down text areas give the text first and the headline after it.
TEST(Blocks, HeadlinesThatCameAfterTheirTextGoBeforeIt) {
  const std::string port =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天靠岸。\n"
      "港务局长说，货物将发往沿江各地。\n";
  const std::string buses =
      "本报临江7月2日电（记者宋以安）临江新区的夜班公交昨晚开通，居民纷纷称便。\n"
      "司机说，夜班公交每半小时一班。\n";
  EXPECT_EQ(testing::run_stage("blocks", port + "青埠港三号码头完工\n" + buses + "临江开通夜班公交\n——新区居民称便\n"),
            "青埠港三号码头完工\n" + port + "\n临江开通夜班公交\n——新区居民称便\n" + buses);
}

TEST(Blocks, HeadlinesStayWhereTheirTextIsInDoubt) {
  const std::string text =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天靠岸。\n"
      "本报临江7月2日电（记者宋以安）临江新区的夜班公交昨晚开通，居民纷纷称便。\n"
      "司机说，夜班公交每半小时一班。\n"
      "青埠港三号码头完工\n";
  EXPECT_EQ(testing::run_document("blocks", text).text().ends_with("青埠港三号码头完工\n"), true);
}

}  // namespace
}  // namespace inkwash
