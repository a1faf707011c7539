#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_document;
using testing::run_stage;

std::string furniture(std::string text) { return run_stage("furniture", std::move(text)); }

TEST(Furniture, DropsPageHeaders) {
  EXPECT_EQ(furniture("综合   2031年5月6日 星期二   第7版\n正文在此。\n"), "\n正文在此。\n");
  EXPECT_EQ(furniture("要聞\n\n2031年5月6日 星期二\n\n第 A7 版\n正文在此。\n"), "\n\n\n\n\n正文在此。\n");
  EXPECT_EQ(furniture("临江晚报 2031年9月16日 星期二 第1版\n正文。\n"), "\n正文。\n");
  EXPECT_EQ(furniture("The Alder Bay Courier   Page 3\nText here.\n"), "\nText here.\n");
}

TEST(Furniture, ADateInTheTextIsNoHeader) {
  const std::string text = "一\n二\n三\n四\n五\n2031年5月6日\n六\n七\n八\n九\n十\n";
  EXPECT_EQ(furniture(text), text);
}

TEST(Furniture, DropsJumpLinesAndPartsWhatFollows) {
  EXPECT_EQ(furniture("增添新动能。 （下转第二版）临江新闻\n"), "增添新动能。\n临江新闻\n");
  EXPECT_EQ(furniture("（上接1版）继续讲。\n"), "继续讲。\n");
  EXPECT_EQ(furniture("増添動能。(下轉A4版)\n"), "増添動能。\n");
  EXPECT_EQ(furniture("下转第3版\n正文。\n"), "\n正文。\n");
  EXPECT_EQ(furniture("他把书（第二版）给了我。\n"), "他把书（第二版）给了我。\n");
}

TEST(Furniture, DropsPageNumbersByTheirFormOrTheirRise) {
  EXPECT_EQ(furniture("甲。\n— 3 —\n乙。\n"), "甲。\n\n乙。\n");
  EXPECT_EQ(furniture("甲。\n第 12 页\n乙。\n"), "甲。\n\n乙。\n");
  std::string book;
  for (int page = 5; page < 9; ++page) book += "甲\n乙\n丙\n丁\n戊\n" + std::to_string(page) + "\n";
  EXPECT_EQ(furniture(book).find_first_of("5678"), std::string::npos);
  EXPECT_EQ(furniture("得票\n120\n得票\n96\n"), "得票\n120\n得票\n96\n");
}

TEST(Furniture, DropsTheMarkBeforeAByline) {
  const Document document = run_document("furniture", "□ 金望山\n正文在此。\n");
  EXPECT_EQ(document.text(), "金望山\n正文在此。\n");
  EXPECT_EQ(document.lines()[0].kind, BlockKind::byline);
}

TEST(Furniture, KeepsPunctuationOnALineOfItsOwn) { EXPECT_EQ(furniture("交流\n\n。\n"), "交流\n\n。\n"); }

TEST(Furniture, ScatteredCharactersOfAPagesHeadAreDropped) {
  for (const char* line : {"风           AN", "要      闻", "园       信    1       AN", "V            「"})
    EXPECT_EQ(testing::run_stage("furniture", std::string(line) + "\n临江港开港\n"), "\n临江港开港\n") << line;
  // Names, and what stands further down, stay.
  for (const std::string text :
       {"周小舟        李 明\n临江港开港\n", "周舟    李明\n", "港口      码头\n", "一\n二\n三\n四\n风           AN\n"})
    EXPECT_EQ(testing::run_stage("furniture", text), text);
}

TEST(Furniture, DropsTheNavigationOfSites) {
  EXPECT_EQ(testing::run_stage("furniture",
                               "第05版：综合\n上一版 下一版\n2024年05月12日\n放大 缩小 默认\n临江港扩建完工\n"
                               "三号码头昨日完工。\n上一篇 下一篇\n版权所有 未经书面授权禁止转载\n"),
            "\n\n\n\n临江港扩建完工\n三号码头昨日完工。\n\n\n");
  EXPECT_EQ(testing::run_stage("furniture", "港口扩建後，返回目錄的船隻增加。\n他說未經許可不得轉載，大家都笑了。\n"),
            "港口扩建後，返回目錄的船隻增加。\n他說未經許可不得轉載，大家都笑了。\n");
}

TEST(Furniture, DropsEnglishHeaders) {
  EXPECT_EQ(testing::run_stage("furniture", "WORLD\n\nFriday, April 7, 2016\n\nPage 16\n\nHarbour to close\n"),
            "\n\n\n\n\n\nHarbour to close\n");
}

TEST(Furniture, DropsAHeaderThatWasReadInPieces) {
  EXPECT_EQ(testing::run_stage("furniture",
                               "国际\n\n港口完工\n三号码头昨日完工，首批货轮靠岸，\n\n2024年5月12日 星期日\n"
                               "工人连夜装卸，货物发往\n沿江各地。\n市民前来参观。\n港区张灯结彩。\n\n第5版\n"
                               "渡轮也增加了班次。\n"),
            "\n\n港口完工\n三号码头昨日完工，首批货轮靠岸，\n\n\n工人连夜装卸，货物发往\n沿江各地。\n市民前来参观。\n"
            "港区张灯结彩。\n\n\n渡轮也增加了班次。\n");
  const std::string headline = "国际\n港口完工\n三号码头昨日完工。\n";
  EXPECT_EQ(testing::run_stage("furniture", headline), headline);
}

TEST(Furniture, ANumberBelowTheTextIsThePages) {
  EXPECT_EQ(testing::run_stage("furniture", "三号码头昨日完工。\n\n12\n"), "三号码头昨日完工。\n\n\n");
  EXPECT_EQ(testing::run_stage("furniture", "三号码头昨日完工，工人共\n12\n"), "三号码头昨日完工，工人共\n12\n");
}

TEST(Furniture, DropsEnglishJumpLines) {
  EXPECT_EQ(testing::run_stage("furniture",
                               "The pier will be shut.\nSee PIER, Page A4\nContinued on Page 5\n"
                               "(Continued from page 1)\nHe turned to page 5 and read on.\n"),
            "The pier will be shut.\n\n\n\nHe turned to page 5 and read on.\n");
}

TEST(Furniture, AMarkBesideAHeaderBelongsToTheText) {
  EXPECT_EQ(testing::run_stage("furniture", "了\n。\n综合 2016年5月2日 星期日 第12版\n李\n"), "了\n。\n\n李\n");
}

}  // namespace
}  // namespace inkwash
