#include <chrono>

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
  EXPECT_EQ(furniture("临江晚报\n第05版\n正文。\n"), "\n\n正文。\n");
  EXPECT_EQ(furniture("临江晚报第05版\n正文。\n"), "\n正文。\n");
  EXPECT_EQ(furniture("A05 临江晚报 2031.9.16\n正文。\n"), "\n正文。\n");
  EXPECT_EQ(furniture("临江晚报 2031/09/16 05版\n正文。\n"), "\n正文。\n");
  EXPECT_EQ(furniture("临江晚报\n正文。\n"), "临江晚报\n正文。\n");
  EXPECT_EQ(furniture("The Alder Bay Courier   Page 3\nText here.\n"), "\nText here.\n");
}

TEST(Furniture, AHeaderMayHoldANameThatIsInNoList) {
  const std::string date = "2024年5月12日", page = "第3版";
  for (const std::string& header :
       {"京蔚观察 " + date + " " + page, date + " " + page + "·京蔚观察", date + " 京蔚观察 " + page,
        "责编：张三第3版 " + date, "京蔚观察|" + date + page + "|周末茶座",
        "The Alder Bay Courier " + date + " Page 3"})
    EXPECT_EQ(furniture(header + "\n临港开渔。\n"), "\n临港开渔。\n") << header;
  for (const std::string& text : {date + "京蔚观察" + page, "京蔚观察 " + date + " 周末茶座 " + page + " 又一栏目",
                                  "京蔚观察在 " + date + " 说了这么一句话 " + page})
    EXPECT_EQ(furniture(text + "\n临港开渔。\n"), text + "\n临港开渔。\n") << text;
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

// The space between two of them is no one's twice: that would fail the document.
TEST(Furniture, DropsJumpLinesThatStandBesideEachOther) {
  EXPECT_EQ(furniture("增添新动能。（下转第2版） （下转第3版）\n"), "增添新动能。\n\n");
  EXPECT_EQ(furniture("增添新动能。（下转第2版）　（下转第3版）临江新闻\n"), "增添新动能。\n\n临江新闻\n");
}

TEST(Furniture, KeepsWhatJumpLinesSaid) {
  struct Case {
    const char* text;
    JumpWay way;
    const char *page, *title, *beside;
  };
  for (const Case& expected : {
           Case{"增添新动能。 （下转第二版）临江新闻\n", JumpWay::onward, "2", "", "增添新动能。"},
           Case{"（上接1版）继续讲。\n", JumpWay::back, "1", "", "继续讲。"},
           Case{"継续。\n下轉A04版\n正文。\n", JumpWay::onward, "A4", "", "継续。"},
           Case{"甲。\n（下转第十二版 “码头完工”）\n", JumpWay::onward, "12", "码头完工", "甲。"},
           Case{"甲。\n（下转第3版《机场接驳线》）\n", JumpWay::onward, "3", "机场接驳线", "甲。"},
           Case{"《接力二十年》上接第1版\n乙。\n", JumpWay::back, "1", "接力二十年", "乙。"},
           Case{"甲。\n（下转第3版 码头昨日完工）\n", JumpWay::onward, "3", "码头昨日完工", "甲。"},
           Case{"甲。\n（未完，下轉第五版）\n", JumpWay::onward, "5", "", "甲。"},
           Case{"（紧接第一版）乙。\n", JumpWay::back, "1", "", "乙。"},
           Case{"甲。（转第6版）\n", JumpWay::onward, "6", "", "甲。"},
           Case{"It was the\n(Continued on page A3)\n", JumpWay::onward, "A3", "", "It was the"},
           Case{"BRIDGE, Continued from Page 1\nlast day.\n", JumpWay::back, "1", "BRIDGE", "last day."},
       }) {
    const Document document = run_document("furniture", expected.text);
    ASSERT_EQ(document.jumps().size(), 1u) << expected.text;
    const Jump& jump = document.jumps()[0];
    EXPECT_EQ(jump.way, expected.way) << expected.text;
    EXPECT_EQ(jump.page, expected.page) << expected.text;
    EXPECT_EQ(jump.title, expected.title) << expected.text;
    EXPECT_EQ(jump.beside.of(document.source()), expected.beside) << expected.text;
  }
  for (const char* text :
       {"他把书（第二版）给了我。\n", "（相关报道见第3版）\n", "（详见今日第5版）\n", "他转到第3版。\n"})
    EXPECT_TRUE(run_document("furniture", text).jumps().empty()) << text;
  EXPECT_EQ(run_document("furniture", "临江晚报 2031年9月16日 星期二 第02版\n正文。\n").folios()[0].page, "2");
}

TEST(Furniture, ALongLineOfJumpLinesTakesNoLongerThanItsLength) {
  std::string line;
  while (line.size() < 2'000'000) line += "（正文）在此（下转第二版）";
  const auto start = std::chrono::steady_clock::now();
  const std::string cleaned = furniture(line);
  // A quarter of a second; one that looked at all of the line each time would take minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(cleaned.find("下转"), std::string::npos);
}

TEST(Furniture, AJumpLineAmongColumnsBelongsToItsOwn) {
  const std::string text =
      "临江港三号码头昨日      芦湾河城区段清淤\n"
      "完工，首批货轮靠岸      工程已经完成九成\n"
      "（下转第二版）          累计清出淤泥，并\n";
  const Document document = run_document("furniture", text);
  ASSERT_EQ(document.jumps().size(), 1u);
  EXPECT_EQ(document.jumps()[0].beside.of(document.source()), "完工，首批货轮靠岸");
  // The other column stands where it stood.
  EXPECT_EQ(document.lines()[2].indent, 24u);
}

TEST(Furniture, DropsPageNumbersByTheirFormOrTheirRise) {
  EXPECT_EQ(furniture("甲。\n— 3 —\n乙。\n"), "甲。\n\n乙。\n");
  EXPECT_EQ(furniture("甲。\n第 12 页\n乙。\n"), "甲。\n\n乙。\n");
  std::string book;
  for (int page = 5; page < 9; ++page) book += "甲甲甲\n乙乙乙\n丙丙丙\n丁丁丁\n戊戊戊\n" + std::to_string(page) + "\n";
  EXPECT_EQ(furniture(book).find_first_of("5678"), std::string::npos);
  EXPECT_EQ(furniture("得票\n120\n得票\n96\n"), "得票\n120\n得票\n96\n");
}

TEST(Furniture, DropsTheMarkBeforeAByline) {
  const Document document = run_document("furniture", "□ 金望山\n正文在此。\n");
  EXPECT_EQ(document.text(), "金望山\n正文在此。\n");
  EXPECT_EQ(document.lines()[0].kind, BlockKind::byline);
}

TEST(Furniture, DropsHeadersThatRecognitionGarbled) {
  for (const char* line :
       {"时政”2031年?月3日 星期三”第9版", "综合”2031年月9晶 星期三 第上版", "時政。2031年4月28日 星期一”第8由",
        "经济                2031年10月24日 星期六        第1]版", "2031年9月25日 旺期六      第3版"})
    EXPECT_EQ(furniture(std::string(line) + "\n正文在此。\n"), "\n正文在此。\n") << line;
  // A date with its weekday is none.
  for (const std::string text :
       {"2031年5月6日，星期二，晴\n正文在此。\n", "定于2031年5月6日（星期二）在第三会议室召开\n"})
    EXPECT_EQ(furniture(text), text);
}

TEST(Furniture, KeepsPunctuationOnALineOfItsOwn) { EXPECT_EQ(furniture("交流\n\n。\n"), "交流\n\n。\n"); }

TEST(Furniture, RowsOfATableAreNoScatter) {
  for (const std::string text :
       {"本市昨日菜价（元/斤）\n白菜    1.2    1.5\n萝卜    0.9    1.1\n猪肉    14.5   15.0\n鸡蛋    5.2    5.6\n",
        "临江    晴    12    20\n东港    阴    10    18\n西山    雨    8     15\n", "甲    3    A\n乙    1    B\n",
        "Gold    1.2    1.5\nZinc    0.9    1.1\nTin     2.2    2.5\n"})
    EXPECT_EQ(testing::run_stage("furniture", text), text);
}

TEST(Furniture, ScatteredCharactersOfAPagesHeadAreDropped) {
  for (const char* line : {"风           AN", "要      闻", "x    ysl", "国                      二台", "甲尋>瑟格",
                           "园       信    1       AN", "V            「"})
    EXPECT_EQ(testing::run_stage("furniture", std::string(line) + "\n临江港开港\n"), "\n临江港开港\n") << line;
  // Names, and what stands further down, stay.
  for (const std::string text : {"周小舟        李 明\n临江港开港\n", "周舟    李明\n", "港口      码头\n",
                                 "春    晓\n临江港开港\n", "Tom    Ann\n", "要闻|国内\n", "<天气>\n", "天气    NBA\n",
                                 "白菜    1.2    1.5\n", "一\n二\n三\n四\n风           AN\n"})
    EXPECT_EQ(testing::run_stage("furniture", text), text);
}

// Pages of a book of our own: numbers (some misread), running heads, notes at the foot, sentences that go on.
constexpr std::string_view pages =
    "港口的第一座码头是用木头搭成的，涨潮时船\n可以一直靠到仓库①门前，到了冬天，江面\n"
    "①赵临江：《港口旧事》。江城出版社二〇〇三年\n版，第27页。\n\n"
    "8\n第一章港口的修建\n结冰，货物只好改走陆路。修建石头码头的事\n就这样提了出来，第二年春天\n\n"
    "第一章港口的修建\n9\n开始打桩。工人们从上游运来石料，一船\n一船地卸在岸边，忙了整整\n\n"
    "又\n第一章港口的修建\n三年。\n";

TEST(Furniture, DropsWhatStandsAtTheEdgesOfABooksPages) {
  EXPECT_EQ(furniture(std::string(pages)),
            "港口的第一座码头是用木头搭成的，涨潮时船\n可以一直靠到仓库门前，到了冬天，江面\n\n\n\n"
            "\n\n结冰，货物只好改走陆路。修建石头码头的事\n就这样提了出来，第二年春天\n\n"
            "\n\n开始打桩。工人们从上游运来石料，一船\n一船地卸在岸边，忙了整整\n\n"
            "\n\n三年。\n");
}

// A number misread is one character between two pages, but a text of single characters was set from top to bottom.
TEST(Furniture, SingleCharactersBetweenBlankLinesAreNoPageNumbers) {
  std::string text;
  for (const std::string_view character : {"春", "来", "江", "水", "绿", "如", "蓝", "能", "不", "忆", "江", "南"})
    text += std::string(character) + "\n\n";
  EXPECT_EQ(furniture(text), text);
}

TEST(Furniture, ANoteInMidSentenceIsOfThePage) {
  EXPECT_EQ(furniture("木头搭成的，涨潮时船\n①引自《港口旧事》，第15页。\n\n2\n可以靠到门前。\n"),
            "木头搭成的，涨潮时船\n\n\n\n可以靠到门前。\n");
  EXPECT_EQ(furniture("木头搭成的，涨潮时船\n7 https://port.example/history\n\n可以靠到门前。\n"),
            "木头搭成的，涨潮时船\n\n\n可以靠到门前。\n");
}

// A jump line, a notice, scattered characters that hold what refers to a note: two edits of one place would fail the
// document.
TEST(Furniture, AReferenceInsideWhatGoesIsNotDroppedTwice) {
  const std::string page(pages);
  EXPECT_EQ(furniture("（下转第2版《码头①完工》）\n" + page), "\n" + furniture(page));
  EXPECT_EQ(furniture("港①      口      风\n" + page), "\n" + furniture(page));
  EXPECT_EQ(furniture("版权所有①未经许可不得转载\n" + page), "\n" + furniture(page));
}

TEST(Furniture, ListsAndNumberedSectionsStay) {
  for (const std::string text : {"参加者要带：\n①身份证\n②照片两张\n\n报名到月底为止。\n",
                                 "港口开了。\n注：\n①赵临江：《港口旧事》，第15页。\n\n明天开市。\n",
                                 "他从小在码头长大。\n\n1\n那年他十岁。\n\n2\n后来他当了船工。\n\n3\n现在他老了。\n",
                                 "要闻\n\n港\n口\n开\n港\n\n5\n\n码\n头\n开\n工\n\n临江港昨日完\n\n6\n工，首批\n",
                                 "今日要闻\n港口开港。\n\n今日要闻\n菜价下降。\n\n今日要闻\n桥梁合龙。\n"})
    EXPECT_EQ(furniture(text), text);
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

// The foot of the page may come out anywhere, its number at the end of the text.
TEST(Furniture, NoTextEndsWithANumberOfItsOwn) {
  const std::string text =
      "东江大桥昨日合龙，三百多名工人\n在桥上欢呼。大桥全长一千二百米，\n是东江上的第三座公路桥，预计年底\n通车。\n"
      "东江大桥合龙\n本报记者 何小满\n";
  EXPECT_EQ(testing::run_stage("furniture", text + "24\n"), text + "\n");
  for (const std::string kept : {"主队得分：\n24\n", "18\n24\n", "主队\n18\n客队\n24\n", "今\n24\n", "1024\n"})
    EXPECT_EQ(testing::run_stage("furniture", text + kept), text + kept);
  EXPECT_EQ(testing::run_stage("furniture", "比分\n24\n"), "比分\n24\n");
}

// Vertical text that was read a character a line has its numbers and marks alone on theirs.
TEST(Furniture, NumbersOfVerticalTextStay) {
  std::string text;
  for (const std::string_view piece : {"他", "家", "養", "了", "3",  "頭", "羊", "和", "5", "隻", "鴨",
                                       "，", "攝", "影", "•",  "文", "字", "都", "有", "7", "頁", "。"})
    text += std::string(piece) + "\n";
  EXPECT_EQ(testing::run_stage("furniture", text), text);
}

}  // namespace
}  // namespace inkwash
