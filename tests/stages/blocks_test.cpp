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

TEST(Blocks, APictureSaysThatItIsOne) {
  const Document document = run_document("wraps,blocks",
                                         "三号码头昨日完工，首批货轮今天靠岸。\n"
                                         "图为货轮驶入三号码头。宋以宁摄\n"
                                         "港务局长说，货物将发往沿江各地。\n");
  EXPECT_EQ(document.text(),
            "三号码头昨日完工，首批货轮今天靠岸。\n"
            "港务局长说，货物将发往沿江各地。\n"
            "图为货轮驶入三号码头。宋以宁摄\n");
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

// Two texts that begin alike: either may be the headline's.
TEST(Blocks, HeadlinesStayWhereTheirTextIsInDoubt) {
  const std::string text =
      "两市合办运动会\n"
      "本报青埠7月2日电（记者林以宁）两市合办的运动会昨日开幕，八百人参加。\n"
      "本报临江7月2日电（记者宋以安）临江新区的夜班公交昨晚开通，居民纷纷称便。\n"
      "本报临江7月3日电（记者宋以安）临江新区的夜班公交今起改道，居民纷纷称便。\n"
      "（本报临江7月3日电）\n"
      "山区小学的新校舍启用了\n"
      "本报讯 校长说，可以容纳八百名学生。\n"
      "夜班公交开到临江新区\n";
  const Document document = testing::run_document("blocks", text);
  EXPECT_TRUE(document.text().ends_with("夜班公交开到临江新区\n")) << document.text();
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].rule, "blocks.unplaced");
}

// The headline's words tell its text, though another stands nearer.
TEST(Blocks, AHeadlineFindsItsTextPastAnother) {
  const std::string port =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天靠岸。\n"
      "港务局长说，货物将发往沿江各地。\n";
  const std::string buses =
      "本报临江7月2日电（记者宋以安）临江新区的夜班公交昨晚开通，居民纷纷称便。\n"
      "司机说，夜班公交每半小时一班。\n";
  EXPECT_EQ(testing::run_stage("blocks", port + buses + "青埠港三号码头昨日完工\n"),
            "青埠港三号码头昨日完工\n" + port + "\n" + buses);
}

// A text that ends with where it was sent from, its headline and byline below it; then one that has its own above.
TEST(Blocks, AHeadlineWithItsBylineGoesAboveTheTextThatWasSigned) {
  const std::string port =
      "青埠港三号码头昨日完工，这是青埠建港以来最大的工程。\n"
      "港务局长说，码头完工以后，货物将发往沿江各地。\n"
      "本报青埠7月2日电\n";
  const std::string buses =
      "夜班公交每半小时一班，经过火车站和医院，票价两元。\n"
      "居民纷纷称便，说夜里回家再也不用走路了。\n";
  const std::string name = "青埠港三号码头建成完工\n本报记者 林以宁\n";
  const std::string school =
      "山区小学的新校舍昨天启用，孩子们搬进了新教室。\n"
      "校长说，新校舍可以容纳八百名学生。\n";
  EXPECT_EQ(testing::run_stage("blocks", port + name + "夜班公交昨晚在临江新区开通\n" + buses +
                                             "林以安、宋以宁等参加上述活动。\n" + school + "山区小学新校舍启用了\n"),
            name + port + "\n夜班公交昨晚在临江新区开通\n" + buses +
                "林以安、宋以宁等参加上述活动。\n\n山区小学新校舍启用了\n" + school);
}

// A statement without a lead, below a report: it begins where its headline's words first stand.
TEST(Blocks, AStatementBeginsWhereItsHeadlinesWordsDo) {
  const std::string report =
      "本报青埠7月2日电（记者林以宁）两座城市的代表昨天在青埠会面，市民夹道欢迎。\n"
      "代表们参观了三号码头，还看了一场球赛。\n";
  const std::string statement =
      "应青埠商会邀请，临江商会代表团访问了青埠，双方就航运合作举行了会谈。\n"
      "双方同意，明年开通两地之间的定期航班。\n"
      "（本报青埠7月2日电）\n";
  const std::string other =
      "山区小学的新校舍昨天启用，孩子们搬进了新教室。\n"
      "校长说，新校舍可以容纳八百名学生。（本报临江7月2日电）\n";
  EXPECT_EQ(testing::run_stage(
                "blocks", report + statement + "青埠商会和临江商会航运合作声明\n" + other + "山区小学新校舍启用了\n"),
            report + "\n青埠商会和临江商会航运合作声明\n" + statement + "\n山区小学新校舍启用了\n" + other);
}

// Names and offices that sign a text are no headline.
TEST(Blocks, ASignatureStays) {
  const std::string text =
      "青埠和临江商定开通航班\n"
      "本报青埠7月2日电 双方同意，明年开通两地之间的定期航班。\n"
      "青埠商会 临江商会\n"
      "会长 会长\n"
      "林以宁 宋以安\n"
      "（本报青埠7月2日电）\n";
  EXPECT_EQ(testing::run_stage("blocks", text), text);
}

// Wrapping joined a kicker and a headline that stands whole on another line; their text has stood above.
TEST(Blocks, AKickerIsToldFromTheHeadlineThatThePageHasElsewhere) {
  const std::string letter =
      "本报青埠7月2日电 7月2日，青埠市长在本报发表题为《同舟共济 再写两江新篇》的署名文章，文章全文如下：\n";
  const std::string whole =
      "同舟共济 再写两江新篇\n"
      "青埠市市长 林以宁\n"
      "江水东流，两岸春深。我在这个时节写下这篇文章，谈谈两座城市的友谊。\n";
  const std::string ball =
      "山区小学举行运动会\n"
      "本报临江7月2日电 山区小学昨天举行运动会，八百名学生参加。\n";
  const std::string dinner =
      "新教室今天启用\n"
      "本报临江7月2日电 山区小学的新教室今天启用，孩子们十分高兴。\n";
  EXPECT_EQ(
      testing::run_stage("blocks", letter + whole + ball +
                                       "青埠市长在本报发表署名文章同舟共济再写两江新篇\n山区小学新教室今天启用了\n" +
                                       dinner.substr(dinner.find('\n') + 1)),
      "青埠市长在本报发表署名文章\n同舟共济 再写两江新篇\n" + letter + "\n" + whole + "\n" + ball +
          "\n山区小学新教室今天启用了\n" + dinner.substr(dinner.find('\n') + 1));
}

TEST(Blocks, ABylineAboveAHeadlineGoesBelowIt) {
  const std::string news =
      "三号码头昨日完工\n"
      "本报青埠7月2日电（记者林以安）三号码头昨日完工，首批货轮今天靠岸。\n";
  const std::string comment = "码头完工了，路还要接着修。有了路，货物才能运到山里。\n";
  const Document document = run_document("blocks", news + "本报评论员 宋以宁\n码头之后要修路\n" + comment);
  EXPECT_EQ(document.text(), news + "\n码头之后要修路\n本报评论员 宋以宁\n" + comment);
}

// What interrupts an article goes after it: pictures, a box with its own headlines, the line that says where the text
// is from.
TEST(Blocks, ABoxGoesAfterTheArticleItInterrupts) {
  const std::string headline = "三号码头完工 首批货轮靠岸\n";
  const std::string lead =
      "青埠港三号码头昨日完工，港务局长林以宁向记者介绍了工程的经过。他说，三号码头是青埠建港以来最大的工程，三千名工人"
      "奋战了两年零四个月，克服了江底淤泥深厚、洪水频繁、材料运输困难等许多问题，终于在预定的日期以前全部完工，质量也达"
      "到了预定的要求，这是全体建设者的光荣。\n";
  const std::string rest =
      "林以宁表示，三号码头完工以后，青埠港每年可以装卸八十万吨货物，货物将发往沿江各地，周边三个县的果农也将从中得到很"
      "大的好处。明年，青埠港还将增加两座冷库和一条铁路专线，届时青埠将成为本省最大的水果集散地，港务局为此已经做好了各"
      "方面的准备，资金也已经落实。\n";
  const std::string goes_on = "的许多朋友，都为青埠港的发展出了力，建设者不会忘记他们。\n";
  const std::string picture = "货轮驶入三号码头。本报记者 宋以宁摄\n";
  const std::string box =
      "数字看青埠港 三十年变化\n"
      "桥墩十八座\n"
      "三十年前，港口只有两座桥墩，如今已经有十八座。\n"
      "工人们在打桩。本报记者 宋以宁摄\n"
      "资料来源：港务局\n";
  EXPECT_EQ(testing::run_stage("blocks", "▲" + picture + headline + lead + box + rest + "据青埠日报\n" + goes_on),
            headline + lead + rest + goes_on + "据青埠日报\n" + picture + box);
}

// What stands inside a sentence goes after its article, and the sentence is whole again.
constexpr std::string_view kBridge = "东江大桥昨日合龙\n";
constexpr std::string_view kAbove = "东江大桥昨日凌晨合龙，三百多名工人在桥上欢呼。大桥全长一千二百米，有关部门已经做";
constexpr std::string_view kBelow = "好通车的准备，预计年底通车。\n";
constexpr std::string_view kNext = "市民说，届时两岸往来只要五分钟，他们已经等了很多年。\n";

std::string bridge(std::string_view inside) {
  return std::string(kBridge) + std::string(kAbove) + "\n" + std::string(inside) + std::string(kBelow) +
         std::string(kNext);
}
std::string whole_bridge(std::string_view below_headline, std::string_view after) {
  return std::string(kBridge) + std::string(below_headline) + std::string(kAbove) + std::string(kBelow) +
         std::string(kNext) + std::string(after);
}

TEST(Blocks, ABoxInsideASentenceGoesAfterTheArticle) {
  const std::string box = "数字东江\n桥墩十八座\n用钢九千吨\n";
  EXPECT_EQ(testing::run_stage("default", bridge(box)), whole_bridge("", box));
  // The same where lines are still wrapped, and what is clean stays.
  EXPECT_EQ(
      testing::run_stage("default",
                         "东江大桥昨日合龙\n"
                         "东江大桥昨日凌晨合龙，三百多名\n"
                         "工人在桥上欢呼。大桥全长一千二\n"
                         "百米，由本省的工程师设计，全部\n"
                         "工程只用了两年零四个月，比原来\n"
                         "数字东江\n"
                         "桥墩十八座\n"
                         "用钢九千吨\n"
                         "的计划提前了半年，预计年底就可\n"
                         "以通车。\n"),
      "东江大桥昨日合龙\n"
      "东江大桥昨日凌晨合龙，三百多名工人在桥上欢呼。大桥全长一千二百米，由本省的工程师设计，全部工程只用了两年零四"
      "个月，比原来的计划提前了半年，预计年底就可以通车。\n" +
          box);
  const std::string clean = whole_bridge("", box);
  EXPECT_EQ(testing::run_stage("default", clean), clean);
}

TEST(Blocks, ACaptionInsideASentenceGoesAfterTheArticle) {
  EXPECT_EQ(testing::run_stage("default", bridge("▲工人在桥上欢呼。 宋以宁 摄\n")),
            whole_bridge("", "工人在桥上欢呼。宋以宁 摄\n"));
  EXPECT_EQ(testing::run_stage("default", bridge("图为工人在桥上欢呼。本报记者 宋以宁 摄\n")),
            whole_bridge("", "图为工人在桥上欢呼。本报记者 宋以宁 摄\n"));
  // A wrapped one.
  EXPECT_EQ(testing::run_stage("default", bridge("▲工人在桥上欢呼，\n江上的船都鸣笛。 宋\n以宁 摄\n")),
            whole_bridge("", "工人在桥上欢呼，江上的船都鸣笛。宋以宁 摄\n"));
  // A sentence that does not go on below it stays as it is.
  EXPECT_EQ(testing::run_stage("default",
                               std::string(kBridge) + std::string(kAbove) +
                                   "\n▲工人在桥上欢呼。 宋以宁 摄\n昨天上午，记者从市政府了解到，新校舍启用了。\n"),
            std::string(kBridge) + std::string(kAbove) +
                "\n昨天上午，记者从市政府了解到，新校舍启用了。\n工人在桥上欢呼。宋以宁 摄\n");
}

TEST(Blocks, ABylineInsideASentenceGoesBelowTheHeadline) {
  EXPECT_EQ(testing::run_stage("default", bridge("本报记者 宋以宁\n")), whole_bridge("本报记者 宋以宁\n", ""));
  EXPECT_EQ(testing::run_stage("default", bridge("资料来源：市统计局\n")), whole_bridge("", "资料来源：市统计局\n"));
}

TEST(Blocks, AListBelowATextIsNoBoxInsideASentence) {
  const std::string list =
      "东江大桥昨日凌晨合龙，三百多名工人在桥上欢呼。大桥的数字如下：\n桥墩十八座\n用钢九千吨\n泊位四十个\n";
  EXPECT_EQ(testing::run_stage("blocks", std::string(kBridge) + list + std::string(kBelow)),
            std::string(kBridge) + list + std::string(kBelow));
  // Nor headings with numbers.
  const std::string headings =
      std::string(kBridge) + std::string(kAbove) + "\n一、造桥的经过\n（一）打桩的时候\n" + std::string(kBelow);
  EXPECT_EQ(testing::run_stage("blocks", headings), headings);
}

// A column of briefs whose headlines were set down below its texts, its name first.
TEST(Blocks, HeadlinesOfSeveralTextsBelowThemAreParted) {
  const std::string port =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天清晨靠岸，货物将发往沿江各地。\n"
      "港务局长说，明年还要再建两座。\n";
  const std::string buses = "临江新区的夜班公交昨晚开通，每半小时一班，居民纷纷称便。\n";
  const std::string school = "山区小学的新校舍今天启用，八百名孩子搬进了新教室。\n";
  EXPECT_EQ(
      testing::run_stage("blocks", port + buses + school + "青埠简讯\n临江新区夜班公交开通\n山区小学启用新校舍\n"),
      "青埠简讯\n" + port + "\n临江新区夜班公交开通\n" + buses + "\n山区小学启用新校舍\n" + school);
}

// pdftotext writes what is set in another type last: the headlines of all articles and their sub-headlines.
TEST(Blocks, HeadlinesAndSubheadlinesThatCameLastGoAboveTheirTexts) {
  const std::string port =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天清晨靠岸，货物将发往沿江各地。\n"
      "港务局长说，明年还要再建两座。\n";
  const std::string cranes = "他还说，码头上装了六台新吊车，吊车比从前快一倍，工人再也不用连夜装卸。\n";
  const std::string buses = "记者昨日从临江公交公司获悉，新区的夜班公交昨晚开通，每半小时一班，居民纷纷称便。\n";
  const std::string text =
      port + cranes + buses + "青埠港三号码头完工 首批货轮靠岸\n新吊车快一倍\n夜班公交开通 居民称便\n";
  EXPECT_EQ(testing::run_stage("blocks", text), "青埠港三号码头完工 首批货轮靠岸\n" + port + "新吊车快一倍\n" + cranes +
                                                    "\n夜班公交开通 居民称便\n" + buses);
}

// The only headline of a page that begins with what begins an article, amid its text; a sub-headline stays there.
TEST(Blocks, AHeadlineAmidTheArticleThatBeginsThePageGoesBeforeIt) {
  const std::string lead =
      "本报青埠7月2日电（记者林以宁）青埠港三号码头昨日完工，首批货轮今天清晨靠岸，货物将发往沿江各地。\n";
  const std::string rest = "他们还说，以后每年都会再来，因为这里的工人干活很快。\n";
  EXPECT_EQ(testing::run_stage("blocks", lead + "三号码头完工 首批货轮靠岸\n工人干活快\n" + rest),
            "三号码头完工 首批货轮靠岸\n" + lead + "工人干活快\n" + rest);
  // One that has an article of its own below it stays.
  const std::string other = "本报临江7月2日电（记者宋以安）临江新区的夜班公交昨晚开通，居民纷纷称便。\n";
  EXPECT_EQ(testing::run_stage("blocks", lead + "新区夜里出行方便 公交开通\n" + other),
            lead + "\n新区夜里出行方便 公交开通\n" + other);
}

// Two headlines one below the other, of which both speak of either text: none may be lost on its way.
TEST(Blocks, LosesNoHeadlineOfTwoThatWantOneText) {
  const std::string text =
      "河道清淤启动\n春季运动会圆满落幕\n本报讯（记者 "
      "高原）昨日，第三届全市职工春季运动会在体育中心圆满落参加了二十个项目的角逐。\n次。\n"
      "本报讯 记者从水务局获悉，城区八条河道清淤工程昨日启动，总长二十六公里，预计六月底前全部完工，届时水\n"
      "水务局提醒市民不要向河道倾倒垃\n";
  const std::string cleaned = testing::run_stage("blocks", text);
  for (const std::string_view headline : {"河道清淤启动\n", "春季运动会圆满落幕\n"})
    EXPECT_NE(cleaned.find(headline), std::string::npos) << cleaned;
}

}  // namespace
}  // namespace inkwash
