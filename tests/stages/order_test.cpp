#include "stages/assignment.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

/// The greatest sum by trying every assignment.
float best_sum(std::span<const float> gains, std::size_t rows, std::size_t columns, std::size_t row,
               std::vector<bool>& taken) {
  if (row == rows) return 0;
  float best = best_sum(gains, rows, columns, row + 1, taken);
  for (std::size_t c = 0; c < columns; ++c) {
    const float gain = gains[row * columns + c];
    if (taken[c] || gain == -std::numeric_limits<float>::infinity()) continue;
    taken[c] = true;
    best = std::max(best, gain + best_sum(gains, rows, columns, row + 1, taken));
    taken[c] = false;
  }
  return best;
}

TEST(Order, TheAssignmentIsTheBest) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 400; ++trial) {
    const std::size_t rows = random() % 6, columns = random() % 6;
    std::vector<float> gains(rows * columns);
    for (float& gain : gains)
      gain = random() % 4 == 0 ? -std::numeric_limits<float>::infinity() : static_cast<float>(random() % 200) / 10 - 8;
    const std::vector<std::int32_t> chosen = stages::assign(gains, rows, columns);
    float sum = 0;
    std::vector<bool> taken(columns, false);
    for (std::size_t r = 0; r < rows; ++r) {
      if (chosen[r] < 0) continue;
      const auto c = static_cast<std::size_t>(chosen[r]);
      EXPECT_FALSE(taken[c]);
      taken[c] = true;
      sum += gains[r * columns + c];
    }
    std::vector<bool> none(columns, false);
    EXPECT_NEAR(sum, best_sum(gains, rows, columns, 0, none), 1e-3);
  }
}

// A page of our own, in paragraphs.
constexpr std::string_view headline = "临江港三号码头完工 首批水果连夜上市";
constexpr std::string_view first =
    "本报讯 临江港三号码头昨日完工，首批货轮今天清晨靠岸。码头工人连夜卸下两千箱水果，赶在早市以前送到全市各个菜场。";
constexpr std::string_view second_head =
    "港务局负责人表示，三号码头明年还将增加两座冷库和一条铁路专线，届时每年可以装卸八十万吨货";
constexpr std::string_view second_tail = "物，成为本省最大的水果集散地，也将为周边果农带来更多的收入。";
constexpr std::string_view third = "据了解，市民在菜场里排起长队，许多人说，今年的水果比去年便宜三成，质量也更好一些。";

std::string page(std::initializer_list<std::string_view> fragments) {
  std::string text;
  for (const std::string_view fragment : fragments) text += (text.empty() ? "" : "\n\n") + std::string(fragment);
  return text + "\n";
}

const std::string second = std::string(second_head) + std::string(second_tail);

TEST(Order, ATailIsJoinedToItsHead) {
  EXPECT_EQ(testing::run_stage("order", page({headline, second_tail, third, first, second_head})),
            page({headline, first, second, third}));
}

TEST(Order, TextAtBothSidesOfASeamStandsOnce) {
  const std::string overlapping = "铁路专线，届时每年可以装卸八十万吨货" + std::string(second_tail);
  EXPECT_EQ(testing::run_stage("order", page({headline, overlapping, third, first, second_head})),
            page({headline, first, second, third}));
  EXPECT_EQ(testing::run_stage("order", page({headline, first, second_head, overlapping, third})),
            page({headline, first, second, third}));
}

TEST(Order, ASeamMayEndWithASentence) {
  const std::string twice = "吨货物，附近三个县的农产品从此可以直接上船运往沿江各地。";
  const std::string above = "铁路专线也将在年底以前接通，届时每年可以装卸八十万" + twice;
  const std::string rest = "港务局的负责人随后介绍了明年的工程安排和资金来源。";
  const std::string text = testing::run_stage("order", page({headline, first, above, twice + rest, third}));
  EXPECT_NE(text.find(above + "\n" + rest + "\n"), std::string::npos) << text;
}

TEST(Order, AHeadlineAfterItsArticleGoesBeforeIt) {
  EXPECT_EQ(testing::run_stage("order", page({first, second, third, headline})),
            page({headline, first, second, third}));
}

TEST(Order, TextInOrderStays) {
  const std::string text = page({headline, first, second, third});
  EXPECT_EQ(testing::run_stage("order", text), text);
}

TEST(Order, AFragmentWithoutAMateStaysAndIsNoted) {
  const std::string text = page({headline, first, second_head, third});
  const Document document = testing::run_document("order", text);
  EXPECT_EQ(document.text(), text);
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].rule, "order.unmatched");
}

TEST(Order, ARestWithoutItsHeadStaysAndIsNoted) {
  const std::string text = page({headline, first, second_tail, third});
  const Document document = testing::run_document("order", text);
  EXPECT_EQ(document.text(), text);
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].rule, "order.unmatched");
  EXPECT_NE(document.diagnostics()[0].message.find("begins in mid-sentence"), std::string::npos);
}

TEST(Order, EveryByteKnowsItsSource) {
  const std::string text = page({headline, second_tail, third, first, second_head});
  const Document document = testing::run_document("order", text);
  const auto at = static_cast<ByteOffset>(document.text().find("集散地"));
  const SourceRange source = document.source_of({at, at + 9});
  EXPECT_EQ(text.substr(source.begin, source.size()), "集散地");
}

TEST(Order, AHostilePageIsLeftAsItIs) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "港\n\n";
  EXPECT_EQ(testing::run_stage("order", text), text);
}

// An area that was torn off goes round: the article begins where the lead is.
TEST(Order, AnArticleBeginsWithItsLead) {
  const std::string lead = "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天靠岸。";
  EXPECT_EQ(testing::run_stage("order", page({headline, second_tail, third, lead, second_head})),
            page({headline, lead, second, third}));
}

// Where no area looks like an article's beginning least text moves.
TEST(Order, AShortHeadGoesUpToItsRest) {
  const std::string before = "港务局负责人表示，今后五";
  const std::string rest =
      "年里，三号码头还将增加两座冷库和一条铁路专线，届时每年可以装卸八十万吨货物，成为本省的集散地。";
  EXPECT_EQ(testing::run_stage("order", page({headline, first, rest, third, before})),
            page({headline, first, before + rest, third}));
}

TEST(Order, TextThatEndsLikeACreditMayBreakOff) {
  // 提供 ends credits of pictures, and clauses.
  const std::string before = "港务局的负责人说，铁路专线接通以后，将为沿江三个县的农产品外运提供";
  const std::string rest = "便利的条件，也为青埠吸引更多的企业前来投资。";
  EXPECT_EQ(testing::run_stage("order", page({headline, rest, third, first, before})),
            page({headline, first, before + rest, third}));
}

TEST(Order, AHeadlineDoesNotGoOnWithAWholeParagraph) {
  const std::string text =
      page({first, second, "市长林以宁表示，铁路专线要按期接通，决不拖延。", third, "铁路专线接通在即 市长林以宁"});
  EXPECT_EQ(testing::run_stage("order", text).find("市长林以宁市长"), std::string::npos);
}

// Before the 1930s a signature ended a text without a mark, and the next headline began as if it went on.
TEST(Order, OldPagesEndWithoutMarks) {
  const std::string text =
      "渡口茶棚記\n\n昨日友人自城外來、言及渡口新設茶棚、過客甚衆、余往觀之、果然熱鬧、主人乃舊識、相見甚歡、因記之、以"
      "爲我\n\n"
      "國花事談\n\n園中之菊、今年開得遲、霜降之後始見一二、其色淡黃、與往歲不同、園丁云、今秋雨少、故花小而色淺、余深以"
      "爲然、\n";
  EXPECT_EQ(testing::run_stage("order", text), text);
}

// A piece of a sentence without a mark is told from a headline by what goes on with it.
TEST(Order, APieceInTheMiddleOfASentenceIsText) {
  const std::string before = "码头工人说，他们最难忘的是去年冬天的一场大雪，当时正在参加省人民代表大";
  const std::string piece = "会常务委员";
  const std::string rest = "会会议的林以宁也赶到江边，和大家一起守了三天三夜，终于把最后一根桩打进了江底。";
  EXPECT_EQ(testing::run_stage("order", page({headline, first, second_head, piece, before, third, second_tail, rest})),
            page({headline, first, second, before + piece + rest, third}));
}

// What counts on goes on with what counted before.
TEST(Order, TheSecondGoesOnWithTheFirst) {
  const std::string one =
      "港务局负责人林以宁在昨天的开工仪式上告诉记者，明年要办好两件大事。一是建好两座冷库，推动港口经济高质量";
  const std::string two = "发展。二是接通铁路专线，使水果当天就能运到省城。";
  const std::string other = "来自沿江三个县的果农代表在仪式上表示，他们今后要改良品种，推动特色农业高质量";
  const std::string its_rest = "发展，让更多的人吃到新鲜可口的水果，让日子越过越好。";
  EXPECT_EQ(testing::run_stage("order", page({headline, first, one, other, second_head, two, second_tail, its_rest})),
            page({headline, first, one + two, other + its_rest, second}));
}

// Each paragraph, or what was torn off it, was an area: what stands below a rest does not go with it.
TEST(Order, ARestThatMovesTakesNoOtherParagraphWithIt) {
  const std::string a = "港务局负责人介绍，三号码头明年还将增加两座冷库，届时每年可以装卸八十万吨货";
  const std::string a_rest = "物，成为本省最大的水果集散地。";
  const std::string b = "铁路部门表示，通往码头的专线全长十二公里，目前已经进入铺轨阶段，预计今年年";
  const std::string b_rest = "底可以通车。";
  const std::string c = "沿江三个县的果农听到消息十分高兴，他们说，以前水果要用汽车运到省城，路上就要两天时";
  const std::string c_rest = "间，损耗很大。";
  const std::string d = "市民林以宁每天清晨都到菜场买水果，她告诉记者，码头完工以后水果新鲜了，价格也便宜了三";
  const std::string d_rest = "成左右。";
  EXPECT_EQ(testing::run_stage("order", page({headline, first, a_rest, b_rest, c_rest, d_rest, a, b, c, d, third})),
            page({headline, first, a + a_rest, b + b_rest, c + c_rest, d + d_rest, third}));
}

TEST(Order, BlocksOfLinesThatSurelyGoOnAreJoined) {
  const std::string a =
      "国务院总理昨天在北京会见来访的客人\n时说，两国建交以来各个领域的交流合\n作不断取得新的进展，两国人民的友好感";
  const std::string b =
      "情不断加深。他希望双方继续共同努力\n，推动两国关系得到更大的发展，造福\n两国人民。会见后，双方签署了文件。";
  const std::string c =
      "青埠港三号码头昨日完工，首批货轮\n今天靠岸，港务局长和工人们一起迎接\n，场面十分热闹，鞭炮响了一个钟头。";
  const std::string text = testing::run_stage("order", c + "\n\n" + b + "\n\n" + a + "\n");
  EXPECT_NE(text.find("友好感情不断加深"), std::string::npos) << text;
}

TEST(Order, WhatHasAnIndentGoesOnWithNoHeadline) {
  const std::string text =
      "　　里长表示，阿珍去年车祸后瘫痪，理赔金都付了手术费和看护费，当时读高二的独生女小芸休学照顾妈妈，“不料现在爸爸"
      "也病倒了。”医院建议用自费的药，“但每天要一千多元，哪里负担得起！”\n"
      "　　休学之后照顾妈妈\n\n"
      "　　小芸说，休学之后照顾妈妈，“难免会羡慕同学能够上学、无忧无虑的日子，但看妈妈从完全瘫痪到可以拄着拐杖走路，没"
      "有"
      "比这更好的了。”\n\n"
      "　　阿珍的老母亲说，五个子女家境都不好，帮不上什么忙，只能每个礼拜去看她一次，带一些自己种的菜。\n";
  EXPECT_EQ(testing::run_stage("order", text), text);
}

// Its paragraph would be parted inside what stands twice itself, and goes.
TEST(Order, WhatGoesIsPartedNowhere) {
  const std::string dock = "港区工人连夜装卸货物沿江各地的货船都来靠岸。";
  const std::string plan = "港务局长说明年还要再建两座新的码头和一座仓库，而且旧码头";
  EXPECT_EQ(testing::run_stage(
                "order", dock + plan + "要改成公园。\n\n" + dock + plan + "\n\n昨天傍晚记者在码头看见" + dock + "\n"),
            dock + plan + "要改成公园。\n\n昨天傍晚记者在码头看见" + dock + "\n");
}

// A jump line says that the rest is on another page: the headline below it, though it would fit the open sentence, is
// none.
TEST(Order, WhatGoesOnOnAnotherPageIsNotJoined) {
  const std::string article =
      "新城占地十二平方公里，分三期建设，第一期包括一所学校、一座医院和六千套住房，预计后年秋\n";
  const std::string next = "渔市今日开秤\n本报讯 休渔期昨天结束，渔市今天清晨五点开秤，头一天卖出黄鱼三百吨。\n";
  const std::string joined =
      testing::run_stage("decode,normalize,furniture,order", article + "（下转第2版）\n\n" + next);
  EXPECT_NE(joined.find("预计后年秋\n"), std::string::npos) << joined;
}

// What begins with a full stop is no rest of what ends with a comma, however far the one that it is the rest of.
TEST(Order, NoMarkFollowsAnother) {
  const std::string port = "港务局长林以宁向记者介绍说，三号码头扩建以后，从上游来的货轮不用再等，";
  const std::string trees =
      "街坊都知道他的难处，也都愿意帮忙，有人送来自家种的青菜，有人替他到医院去取药，还有人夜里来陪他。";
  const std::string rice =
      "社区每个月送来米和油，也送来药，干部说，只要他还在这里住一天，他们就会照顾他一天，不让他挨饿受冻。";
  const std::string buses = "夜班公交今起开行，市民出行更方便了，票价不变，还是两块钱，司机们都说";
  const std::string rest = "。末班车改到夜里一点，头一天晚上坐车的人不多，以后会慢慢多起来的。";
  const auto order = [](const std::string& text) { return testing::run_stage("order", text); };
  const std::string alone = order(port + "\n\n" + trees + "\n\n" + rest + "\n\n" + rice + "\n");
  EXPECT_EQ(alone.find(port + rest), std::string::npos) << alone;
  const std::string old_man =
      "他今年七十二岁，腿脚不便，平日里靠拣废纸过日子，一个月能挣三四百块钱，够他一个人买米买菜用的。";
  const std::string both = order(port + "\n\n" + trees + "\n\n" + rest + "\n\n" + rice +
                                 "\n\n货物当天就能运走，沿江三个县的果农也不用再担心水果会烂在船上卖不出去。\n\n" +
                                 buses + "\n\n" + old_man + "\n");
  EXPECT_NE(both.find(buses + rest), std::string::npos) << both;
}

}  // namespace
}  // namespace inkwash
