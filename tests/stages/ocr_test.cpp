#include <filesystem>
#include <fstream>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_stage;

TEST(Ocr, MarksInChineseTextAreFullWidth) {
  EXPECT_EQ(run_stage("ocr", "老周說,今年的魚價好,明天再來看看: 好不好?"),
            "老周說，今年的魚價好，明天再來看看： 好不好？");
  EXPECT_EQ(run_stage("ocr", "他今年66歲,3個孩子都在外地; 一年回來2次,"),
            "他今年66歲，3個孩子都在外地； 一年回來2次，");
  EXPECT_EQ(run_stage("ocr", "港口昨日 (5月12日) 开港"), "港口昨日 （5月12日） 开港");
  EXPECT_EQ(run_stage("ocr", "港口昨日 〈5月12日) 开港"), "港口昨日 （5月12日） 开港");
}

TEST(Ocr, OtherMarksStay) {
  for (const char* text : {"全市共有1,250条线路，10:30发车", "The port opened today, he said (in May).",
                           "据《Port, Ship & Sea》报道，开港了", "他说“OK, let's go!”就走了"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
}

TEST(Ocr, HalfADash) {
  EXPECT_EQ(run_stage("ocr", "他在那里一—在码头边工作"), "他在那里——在码头边工作");
  EXPECT_EQ(run_stage("ocr", "他在那里——一个人工作"), "他在那里——一个人工作");
}

TEST(Ocr, AHyphenBesideADashIsHalfOfIt) {
  EXPECT_EQ(run_stage("ocr", "他在那里-—在码头边工作"), "他在那里——在码头边工作");
  EXPECT_EQ(run_stage("ocr", "他在那里—-在码头边工作"), "他在那里——在码头边工作");
  EXPECT_EQ(run_stage("ocr", "港口（一九六二-—一九七一）的船"), "港口（一九六二——一九七一）的船");
}

// A year has four numerals: one of three has lost 一 to the dash.
TEST(Ocr, OneThatIsADigitOrAWordOfItsOwnIsNoDash) {
  for (const char* text : {"从一九八一—九年以后", "从一九七〇—一九八年以后", "这是港口唯一—条航线"})
    EXPECT_EQ(run_stage("ocr", text), text);
  EXPECT_EQ(run_stage("ocr", "从一九七〇一—一九八五年"), "从一九七〇——一九八五年");
}

TEST(Ocr, FourPointsOrMoreAreAnEllipsis) {
  EXPECT_EQ(run_stage("ocr", std::string("老周說,今年的魚價好,明天再來,\n他想了想....·沒有回答\n他走了......\n")),
            "老周說，今年的魚價好，明天再來，\n他想了想……沒有回答\n他走了……\n");
  // Where nothing says that the text was recognised; three, which were typed; what is not Chinese.
  EXPECT_EQ(run_stage("ocr", "他想了想.....沒有回答\n"), "他想了想.....沒有回答\n");
  EXPECT_EQ(run_stage("ocr", "老周說,今年的魚價好,明天再來,\n他想了想...沒有回答\nPage.....5\n"),
            "老周說，今年的魚價好，明天再來，\n他想了想...沒有回答\nPage.....5\n");
}

TEST(Ocr, AFullStopLostAtTheEndOfAParagraphIsOnlyGuessed) {
  const std::string text =
      "市政府昨天召开会议,部署港口建设工作，各部门负责人参\n"
      "加了会议。会议指出，要加快港口建设，推动经济社会高质\n"
      "量发展，为人民群众创造更\n";
  const std::string begun =
      "市政府昨天召开会议，部署港口建设工作，各部门负责人参\n"
      "加了会议。会议指出，要加快港口建设，推动经济社会高质\n";
  const std::string open = "量发展，为人民群众创造更\n", whole = "量发展，促进经济社会发展\n";
  const std::string before = text.substr(0, text.rfind(open));
  EXPECT_EQ(run_stage("ocr:level=full", before + whole), begun + "量发展，促进经济社会发展。\n");
  EXPECT_EQ(run_stage("ocr", before + whole), begun + whole);
  // The sentence goes on; a line that is full; a source.
  EXPECT_EQ(run_stage("ocr:level=full", text), begun + open);
  EXPECT_EQ(run_stage("ocr:level=full", before), begun);
  EXPECT_EQ(run_stage("ocr:level=full", before + "量发展。报道 摄影/促进经济社会发展\n"),
            begun + "量发展。报道 摄影/促进经济社会发展\n");
}

TEST(Ocr, QuotationMarksAfterSentencesCloseWhatIsOpen) {
  EXPECT_EQ(
      run_stage("ocr", "他說——“港口开了。“渔民说：“鱼价好。“商人说：“船来了。“村民\n说：“回家吧。”于是大家走了。\n"),
      "他說——“港口开了。”渔民说：“鱼价好。”商人说：“船来了。”村民\n说：“回家吧。”于是大家走了。\n");
  // A single one may be the writer's; where the next mark closes, it may be a quotation inside of another.
  for (const std::string text : {"他说——“港口开了。“渔民说：“鱼价好。”他走了。\n",
                                 "他说——“甲。“乙”丙。”他说：“甲。“乙”丙。”他说：“甲。“乙”丙。”\n"})
    EXPECT_EQ(run_stage("ocr", text), text);
}

// Both dashes once took the 一 between them: two edits of one place fail the document.
TEST(Ocr, WhatStandsBetweenTwoDashesStays) {
  for (const char* text : {"港口的码头—一—昨天完工", "港口的码头——一—昨天完工"})
    EXPECT_EQ(run_stage("ocr", text), text);
  EXPECT_EQ(run_stage("ocr", "他在那里—一—一个人工作"), "他在那里—一——个人工作");
}

// A stop beside a pause at the gutter is a shadow and a doubled mark, and goes once.
TEST(Ocr, AStopThatIsDoubledAtTheGutterGoesOnce) {
  EXPECT_EQ(run_stage("ocr:level=full",
                      "今天上午新华社记者从有关部门获悉，今年我国粮食\n生产再获丰收，全国粮食总产量达到一万多亿斤，。\n"
                      "比上年增长百分之二点多，连续多年保持在这一水平\n"),
            "今天上午新华社记者从有关部门获悉，今年我国粮食\n生产再获丰收，全国粮食总产量达到一万多亿斤，\n"
            "比上年增长百分之二点多，连续多年保持在这一水平\n");
}

// Marks that were misread show that the text was recognised.
constexpr std::string_view recognised = "老周說,今年的魚價好,明天再來,後天也來,不買也行,\n";

constexpr const char* recognised_hans = "老周说,今年的鱼价好,明天再来,后天也来,不买也行,\n";
constexpr const char* mended_hans = "老周说，今年的鱼价好，明天再来，后天也来，不买也行，\n";

TEST(Ocr, CharactersAreMendedInTextThatWasRecognised) {
  const std::string mended = "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n";
  const std::string wrong = "中国共产觉的领导是中国特色社会主义最本质的特征\n";
  const std::string right = "中国共产党的领导是中国特色社会主义最本质的特征\n";
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + wrong), mended + right);
  EXPECT_EQ(run_stage("ocr", wrong), wrong);
  EXPECT_EQ(run_stage("ocr:level=full", wrong), right);
  EXPECT_EQ(run_stage("ocr:level=off", std::string(recognised) + wrong), std::string(recognised) + wrong);
  // Numbers are never mended, however unusual; a name is no error.
  for (const std::string text :
       {"展览每周二至周日上午九时至下午五时开放，周一休馆\n", "记者觉明从临江港发回报道说，码头今天开港\n"})
    EXPECT_EQ(run_stage("ocr", std::string(recognised) + text), mended + text);
}

TEST(Ocr, NeighboursAreMendedTogether) {
  EXPECT_EQ(run_stage("ocr:level=full", "全面建戊小康社会的重要历更时期\n"), "全面建成小康社会的重要历史时期\n");
}

// 滩 and 疾, 贫 and 获 each fit with neither of their neighbours, nor does what they may be until the other is mended.
TEST(Ocr, TwoNeighboursOfWhichNeitherLooksRightAloneAreMendedTogether) {
  EXPECT_EQ(run_stage("ocr:level=full", "地震造成交通滩疾\n"), "地震造成交通瘫痪\n");
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "暴露了帝国主义贫获的本性\n"),
            mended_hans + std::string("暴露了帝国主义贪婪的本性\n"));
}

// Of 自的 either half may be misread: 自己, 目的.
TEST(Ocr, WhatMayBeMendedInTwoPlacesStays) {
  const std::string text = "这是达不到自的的。一六四九年\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + text), mended_hans + text);
}

TEST(Ocr, WhatLooksAlikeIsACandidateThoughItWasNeverCounted) {
  const std::string counted = run_stage("ocr:level=full", "各族人民团结奋斗，发展经挤\n");
  EXPECT_EQ(counted, "各族人民团结奋斗，发展经济\n");
}

// News don't say 老公.
TEST(Ocr, TheBestGuessKnowsWhatIsSaidInShowsToo) {
  EXPECT_EQ(run_stage("ocr:level=full", "我跟我老分是同学\n"), "我跟我老公是同学\n");
}

// The same characters are around it, but the rest makes no sense.
TEST(Ocr, WhatStandsInDamagedTextIsLessSure) {
  EXPECT_EQ(run_stage("ocr:level=full", "你能不能帮我拿一下杯于\n"), "你能不能帮我拿一下杯子\n");
  const std::string damaged = "呐肋囤舷钙肘蹭绢我拿一下杯于\n";
  EXPECT_EQ(run_stage("ocr:level=full", damaged), damaged);
}

TEST(Ocr, TwoCharactersThatAreThePartsOfOneAreThatOne) {
  EXPECT_EQ(run_stage("ocr:level=full", "他女口果不来，我们也没办法\n"), "他如果不来，我们也没办法\n");
  EXPECT_EQ(run_stage("ocr", "老周说,今年的鱼价好,明天再来,后天也来,不买也行,\n人民的木又利受到保护\n"),
            "老周说，今年的鱼价好，明天再来，后天也来，不买也行，\n人民的权利受到保护\n");
  // Without another sign of recognition, too, but not where the two are a word.
  EXPECT_EQ(run_stage("ocr", "人民的木又利受到保护\n"), "人民的权利受到保护\n");
  EXPECT_EQ(run_stage("ocr:level=full", "女子排球队在日月潭边训练\n"), "女子排球队在日月潭边训练\n");
}

TEST(Ocr, WhatMakesNoWordIsMendedInAnyText) {
  EXPECT_EQ(run_stage("ocr", "渔船巳经到了港口，这是大家关心的间题。\n"), "渔船已经到了港口，这是大家关心的问题。\n");
  EXPECT_EQ(run_stage("ocr", "漁船己經到了港口，這是村裡歷更上的頭一回。\n"),
            "漁船已經到了港口，這是村裡歷史上的頭一回。\n");
  EXPECT_EQ(run_stage("ocr", "他们自已的事情要自已\n做，不能靠别人。\n"), "他们自己的事情要自己\n做，不能靠别人。\n");
  EXPECT_EQ(run_stage("ocr", "曰本的渔船昨天也来了\n"), "日本的渔船昨天也来了\n");
}

TEST(Ocr, TheBestGuessMustBeSurerWhereNothingSaysThatTheTextWasRecognised) {
  const std::string text =
      "港口的码头上停着几条新船，工人们一早就来了，把货物从船上搬到车上，再送到市里的商店去。\n"
      "今年的收成比往年好，村里的人都很高兴，老周家里也买了一条新船，准备明年春天出海打鱼。\n"
      "市里的领导昨天来到港口，看了新修的道路和仓库，还问了大家有什么困难，需要什么帮助。\n";
  const std::string misread = "基金会拉款整修码头\n", mended = "基金会拨款整修码头\n";
  EXPECT_EQ(run_stage("ocr:level=full", misread), mended);
  EXPECT_EQ(run_stage("ocr:level=full", text + misread), text + misread);
  EXPECT_EQ(run_stage("ocr:level=full", recognised_hans + text + misread), mended_hans + text + mended);
  // Words that are none say it, too.
  EXPECT_EQ(run_stage("ocr:level=full", "渔船巳经到了，这是大家关心的间题。\n" + text + misread),
            "渔船已经到了，这是大家关心的问题。\n" + text + mended);
}

TEST(Ocr, WhatOnlySeemsToMakeNoWordStays) {
  for (const char* text : {"他激动得不能自已\n", "周末来港口的人多\n", "節目電視上也看得到\n",
                           "小芳舅說，自己的船也是新的\n", "王曰本紀曰世家曰列傳\n"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
  // A hundred years ago it was written so, and sentences ended so.
  std::string old = "漁船巳經到了、還是你自已去看、那裡的人也狠少、\n";
  for (int i = 0; i < 8; ++i) old += "魚價一天比一天高、買魚的人一天比一天少、\n";
  EXPECT_EQ(run_stage("ocr", old), old);
  EXPECT_EQ(run_stage("ocr:level=off", "渔船巳经到了港口\n"), "渔船巳经到了港口\n");
}

TEST(Ocr, WhatMakesNoWordButIsANameStays) {
  for (const char* text :
       {"副市长李鹂出席会议。\n", "工程师姚妒先生和李宝贞老师来了。\n", "康煦、季强和杜鸽都来了。\n"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
  // What looks just like the word is none, however often it stands there.
  EXPECT_EQ(run_stage("ocr", "曰本的船来了。大家说，曰本的船很快，曰本的船也很新。\n"),
            "日本的船来了。大家说，日本的船很快，日本的船也很新。\n");
}

TEST(Ocr, WhatIsSpokenOfIsNotMended) {
  for (const char* text :
       {"“问题”不能写成间题\n", "“如果”误作“女口果”的人不少\n", "我姓张，弓长张。\n", "这个词是“间题”\n"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
}

TEST(Ocr, WordsEndWithTheirParagraph) {
  const std::string text = "大家解决了这个间\n\n题为港口的文章登出来了\n";
  EXPECT_EQ(run_stage("ocr", text), text);
}

TEST(Ocr, ABracketIsOfItsOtherHalfsKind) {
  EXPECT_EQ(run_stage("ocr", "本报讯【记者王小明)今天,港口开了\n"), "本报讯（记者王小明）今天，港口开了\n");
  EXPECT_EQ(run_stage("ocr", "本报讯〈《记者王小明)今天,港口开了\n"), "本报讯（记者王小明）今天，港口开了\n");
  EXPECT_EQ(run_stage("ocr", "本报讯《〈记者王小明)今天,港口开了\n"), "本报讯（记者王小明）今天，港口开了\n");
  EXPECT_EQ(run_stage("ocr", "【港口】(记者王小明)今天,港口开了\n"), "【港口】（记者王小明）今天，港口开了\n");
  EXPECT_EQ(run_stage("ocr", "她說,“早知道」就不來了\n"), "她說，「早知道」就不來了\n");
  EXPECT_EQ(run_stage("ocr", "她說,「我“早知道」就不來了\n"), "她說，「我“早知道」就不來了\n");
}

TEST(Ocr, WhatEndsAParagraphOfRecognisedTextIsAFullStop) {
  const std::string mended = "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n\n";
  for (const std::string mark : {"*", "."})
    EXPECT_EQ(run_stage("ocr", std::string(recognised) + "\n他們又回到了港口。" + "他們賣完了魚" + mark + "\n"),
              mended + "他們又回到了港口。他們賣完了魚。\n");
  EXPECT_EQ(run_stage("ocr", "他們賣完了魚*\n"), "他們賣完了魚*\n");
}

// 觉有 is misread, too: 觉得 fits, but nothing says that 得 goes on.
TEST(Ocr, WhatMayBeMisreadInTwoWaysStays) {
  const std::string text = "村里我觉有觉员二十名\n";
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + text),
            "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n" + text);
}

// 拨 of Simplified script is what looks like 拉.
TEST(Ocr, CandidatesAreOfTheTextsScript) {
  EXPECT_EQ(run_stage("ocr:level=full", "基金会拉款整修码头\n"), "基金会拨款整修码头\n");
  EXPECT_EQ(run_stage("ocr:level=full", "基金會拉款整修碼頭\n"), "基金會拉款整修碼頭\n");
}

TEST(Ocr, MarksBesideTypedQuotationMarksAndInARowAreFullWidth) {
  EXPECT_EQ(run_stage("ocr", "\"我们自己来干!\"他说,很好。\n他问:\"真的吗?\"\n太好了!!!真的??\n"),
            "\"我们自己来干！\"他说，很好。\n他问：\"真的吗？\"\n太好了！！！真的？？\n");
  EXPECT_EQ(run_stage("ocr", "他说:\"OK\",然后走了。\n"), "他说：\"OK\"，然后走了。\n");
  EXPECT_EQ(run_stage("ocr", "He said \"OK!\" and left\n"), "He said \"OK!\" and left\n");
}

// Two misread characters that neither counts nor shapes know, the last of a word and the first of another.
TEST(Ocr, TheBestGuessTellsTwoWordsByTheirFirstAndLastCharacters) {
  EXPECT_EQ(run_stage("ocr:level=full", "市领导前往困难职工家中看记环问，送去过冬的物资\n"),
            "市领导前往困难职工家中看望慰问，送去过冬的物资\n");
  const std::string sure = std::string(recognised_hans) + "市领导前往困难职工家中看记环问，送去过冬的物资\n";
  EXPECT_EQ(run_stage("ocr", sure), mended_hans + std::string("市领导前往困难职工家中看记环问，送去过冬的物资\n"));
}

// What recognition misreads once it misreads again: it is no name where the text has it right as often.
TEST(Ocr, WhatRepeatsIsMendedWhereTheTextHasItRightAsOften) {
  const std::string right = "广大人民群众受到压迫，反抗压迫的斗争，压迫越来越重。\n";
  const std::string wrong = "这些人民受压道的痛苦，反抗压道的斗争，压道越来越重。\n";
  std::string mended = wrong;
  for (std::size_t at; (at = mended.find("压道")) != std::string::npos;) mended.replace(at, 6, "压迫");
  EXPECT_EQ(run_stage("ocr", recognised_hans + right + wrong), mended_hans + right + mended);
  EXPECT_EQ(run_stage("ocr", recognised_hans + wrong), mended_hans + wrong);
}

// Ten kinds of characters are misread there.
constexpr const char* misread_page =
    "大家有很多间题。渔船巳经回来了。战土们也来了。这里的历更很长。大家对末来充满信心。人民有了硕望。大家回到了港口，"
    "老人和孩子都很高兴。中国共产觉的领导。暴露了帝国主义贫获的本性。加强社会主义建没。我们的国家是人民的国家，人民的生"
    "活"
    "一天比一天好。发展农业生产，提高人民的生活水平。改单开放以来，工作取得了很大成绩。\n";

/// What becomes of a paragraph below such a page, or below what stands on it from `from` on.
std::string below_page(const std::string& paragraph, std::string_view from = {}) {
  const std::string page = misread_page;
  const std::string cleaned = run_stage("ocr", recognised_hans + page.substr(page.find(from)) + paragraph + "\n");
  return cleaned.substr(cleaned.rfind('\n', cleaned.size() - 2) + 1);
}

// Nor where so much else is misread and this in most of its places.
TEST(Ocr, WhatRepeatsIsMendedWhereMuchElseIsMisread) {
  const std::string repeated = "这些人民受压道的痛苦，反抗压道的斗争，压道越来越重。";
  EXPECT_EQ(below_page(repeated), "这些人民受压迫的痛苦，反抗压迫的斗争，压迫越来越重。\n");
  EXPECT_EQ(below_page(repeated, "中国共产"), repeated + "\n");
  // A name, and a word that is right in most of its places.
  for (const std::string stays :
       {"秦方英昨日出席了会议。会后秦方英对记者说，工程进展顺利。在秦方英看来，这是一件好事。大家都认识秦方英。",
        "广大农民被道背井离乡。他被道士看见，被道长请去，又被道班的人带走。"})
    EXPECT_EQ(below_page(stays), stays + "\n");
}

// What is surely misread between different neighbours is so elsewhere, where that is less sure.
TEST(Ocr, WhatIsMisreadInSeveralPlacesNeedsLessEvidence) {
  EXPECT_EQ(below_page("压道越来越重。"), "压道越来越重。\n");
  EXPECT_EQ(below_page("广大农民被道背井离乡。他受到残酷的道害，压道越来越重。"),
            "广大农民被迫背井离乡。他受到残酷的迫害，压迫越来越重。\n");
}

TEST(Ocr, QuotationsWhoseHalvesStandTheOtherWayRoundAreTurned) {
  EXPECT_EQ(run_stage("ocr", "”港口很好“，他说。”鱼价也好“，她说。\n他说：”走吧。“\n”明天开港“，她笑着回答大家。\n"),
            "“港口很好”，他说。“鱼价也好”，她说。\n他说：“走吧。”\n“明天开港”，她笑着回答大家。\n");
  // Two may be the writer's; and what is right stays.
  for (const std::string text :
       {"”港口很好“，他说。”鱼价也好“，她说。\n",
        "“好，”他说，“走。”她说：“好。”他又说“好”，\n“好”了三次。“走，”他说，“走吧”。\n",
        "他说：“走。”他想了想说“……”，大家都笑了。他把“。”写成“，”，把“？”写成“！”，也把“；”写成“，”。\n"})
    EXPECT_EQ(run_stage("ocr", text), text);
}

// What nobody writes today looks misread.
TEST(Ocr, QuotationsOfClassicalTextAreProtected) {
  for (const std::string quoted : {"古人说：“学而时习之，不亦说乎。”\n", "古人說：「學而時習之，不亦說乎。」\n",
                                   "老師說：「子曰：『學而時習之，不亦說乎？』」\n"})
    EXPECT_EQ(run_stage("ocr:level=full", quoted), quoted);
  EXPECT_EQ(run_stage("ocr:level=full", "学而时习之，不亦说乎。\n"), "学而时习之，不亦乐乎。\n");
  // Today's.
  EXPECT_EQ(run_stage("ocr:level=full", "老师说：“我们学而时习之，不亦说乎。”\n"),
            "老师说：“我们学而时习之，不亦乐乎。”\n");
}

TEST(Ocr, NamesAndWordsThatRepeatAreProtected) {
  for (const std::string text : {"发展经挤，搞活经挤，振兴经挤\n", "（挤经济）\n"})
    EXPECT_EQ(run_stage("ocr:level=full", text), text);
}

// What follows 小 is a nickname, but where both are of a word.
TEST(Ocr, WordsThatHoldWhatNicknamesBeginWithAreMended) {
  EXPECT_EQ(run_stage("ocr", recognised_hans + std::string("渔港的大街小埠都点起了灯\n")),
            mended_hans + std::string("渔港的大街小巷都点起了灯\n"));
  for (const std::string nickname : {"渔港的小埠和阿埠都来了\n", "这天梁小秀没有来，冯小阳和林小妲来了\n"})
    EXPECT_EQ(run_stage("ocr", recognised_hans + nickname), mended_hans + nickname);
}

TEST(Ocr, ACorrectionSaysHowSureItIs) {
  const Document document = testing::run_document("ocr:level=full", "中国共产觉的领导\n");
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].rule, "ocr.choice");
  EXPECT_EQ(document.diagnostics()[0].message.find("觉 is 党 (1.00)"), 0u) << document.diagnostics()[0].message;
}

TEST(Ocr, WhatIsSuspectedAndLeftIsADiagnostic) {
  const std::string text = std::string(recognised) + "改单开放以来，改单的成果，改单的道路\n";
  const Document document = testing::run_document("ocr", text);
  ASSERT_FALSE(document.diagnostics().empty());
  EXPECT_EQ(document.diagnostics()[0].rule, "ocr.suspect");
  EXPECT_NE(document.diagnostics()[0].message.find("单 may be 革"), std::string::npos);
}

TEST(Ocr, AFullStopBesideAnotherMarkWasItsShadow) {
  EXPECT_EQ(run_stage("ocr", "老周說,、今年的魚價好\n"), "老周說，今年的魚價好\n");
  EXPECT_EQ(run_stage("ocr", "老周說。,今年的魚價，。比去年好。。"), "老周說，今年的魚價，比去年好。");
  EXPECT_EQ(run_stage("ocr", "老周說：「今年的魚價比去年好。,」他走了"), "老周說：「今年的魚價比去年好。」他走了");
  for (const std::string text : {"他想了想。。。沒有回答", "他走了。「好。」他說"})
    EXPECT_EQ(run_stage("ocr", text), text);
}

TEST(Ocr, WhatRecognitionAddedIsDropped) {
  // At the end of a full line, in mid-sentence: read in the gutter.
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + "各地铁路部门全力保障旅。\n客顺利返程，今天继续开\n"),
            "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n各地铁路部门全力保障旅\n客顺利返程，今天继续开\n");
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + "党的十和八大以来，各地都有了新变化\n"),
            "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n党的十八大以来，各地都有了新变化\n");
  // Closing quotation marks that begin lines, which kinsoku forbids; they are evidence themselves.
  EXPECT_EQ(run_stage("ocr",
                      "各地医院按照国务院联防机制部署\n”各项工作，可以招聘近五年来已\n”退休的医务人员，“重返岗位”。\n"),
            "各地医院按照国务院联防机制部署\n各项工作，可以招聘近五年来已\n退休的医务人员，“重返岗位”。\n");
  // Where sentences end, and where nothing says that the text was recognised.
  for (const std::string text :
       {"各地铁路部门全力保障旅客。\n今天继续开行夜间高铁，共\n", "这里和那里都开港了，很热闹\n"})
    EXPECT_EQ(run_stage("ocr", std::string(recognised) + text),
              "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n" + text);
  const std::string unsaid = "各地铁路部门全力保障旅。\n客顺利返程，今天继续开\n";
  EXPECT_EQ(run_stage("ocr", unsaid), unsaid);
}

TEST(Ocr, CommasThatWereReadAsOtherMarks) {
  const std::string mended = "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n";
  const std::string text = "他雖然生病.但是還要上班.所以很辛苦\n", stops = "我去。他去。你也去。\n";
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + stops + text),
            mended + stops + "他雖然生病，但是還要上班，所以很辛苦\n");
  EXPECT_EQ(run_stage("ocr", text), text);
  // Interpuncts of names, points between roles, ends of paragraphs.
  for (const std::string other :
       {"佐科.维多多总统昨天到访\n", "報導.攝影 王小明\n", "他說他不去了。\n但我們都去了。\n"})
    EXPECT_EQ(run_stage("ocr", std::string(recognised) + other), mended + other);
}

// Chinese text has no such marks between ideographs; a full stop it has, which must be less probable by far.
TEST(Ocr, MarksThatChineseTextHasNotAreThoseTheyAreReadFor) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "今年雨水少'但是收成很好\n"),
            mended_hans + std::string("今年雨水少，但是收成很好\n"));
  const std::string stop = "他不但会捕鱼。而且会补网\n";
  const Document document = testing::run_document("ocr", recognised_hans + stop);
  EXPECT_EQ(document.text(), mended_hans + stop);
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].message.find("。 may be ，"), 0u) << document.diagnostics()[0].message;
  // What reads marks as full-width ones reads them well: a dash alone tells that this was recognised.
  EXPECT_EQ(run_stage("ocr", "他在那里一—在码头边。今年雨水少'但是收成很好\n"),
            "他在那里——在码头边。今年雨水少'但是收成很好\n");
}

TEST(Ocr, AnOAmongChineseNumeralsIsZero) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "一六O四年建港，一七OO年开港\n"),
            mended_hans + std::string("一六〇四年建港，一七〇〇年开港\n"));
  const std::string others = "他买了一O型血袋，编号AO三五\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
  // It may have been typed so.
  EXPECT_EQ(run_stage("ocr", "一六O四年建港\n"), "一六O四年建港\n");
}

TEST(Ocr, ABracketThatTheNextLineCloses) {
  EXPECT_EQ(run_stage("ocr", "新船昨日开港(记者王小明 李大\n海)，码头上人很多。\n"),
            "新船昨日开港（记者王小明 李大\n海），码头上人很多。\n");
  EXPECT_EQ(run_stage("ocr", "新船昨日开港(记者王小明。\n\n海)上风大。\n"),
            "新船昨日开港(记者王小明。\n\n海）上风大。\n");
}

TEST(Ocr, TheBracketThatANumberOfAListHasLost) {
  EXPECT_EQ(run_stage("ocr", recognised_hans + std::string("（一）修路\n二）修好港口的吊车\n十一)修好船\n")),
            mended_hans + std::string("（一）修路\n（二）修好港口的吊车\n（十一）修好船\n"));
  const std::string others =
      "（一）港口有三条航线（一\n二）和两个码头（详细内容\n见今天的报纸和\n二）。一百）\n二十二号船\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
  EXPECT_EQ(run_stage("ocr", recognised_hans + std::string("二）修好港口的吊车\n")),
            mended_hans + std::string("二）修好港口的吊车\n"));
}

TEST(Ocr, ACommaBesideAPercentageOrABracket) {
  EXPECT_EQ(run_stage("ocr", "鱼价上涨6.2%,渔民很高兴"), "鱼价上涨6.2%，渔民很高兴");
  EXPECT_EQ(run_stage("ocr", "老周(周大海) ,今年還出海"), "老周（周大海） ，今年還出海");
  EXPECT_EQ(run_stage("ocr", "今年還出海, )很辛苦"), "今年還出海， )很辛苦");
  EXPECT_EQ(run_stage("ocr", "他回港了。(in May), he said"), "他回港了。(in May), he said");
}

TEST(Ocr, WhatAloneMayBeTheOtherHalfOfAQuotationMarkIsIt) {
  const std::string quotes = "他說：「今年的魚價好。」又說：「明天再來。」\n";
  const auto mend = [&](const std::string& text) {
    const std::string mended = run_stage("ocr", std::string(recognised) + quotes + text);
    return mended.substr(mended.find(quotes) + quotes.size());
  };
  EXPECT_EQ(mend("老周說：[漁船都回港了。」大家很高興。\n"), "老周說：「漁船都回港了。」大家很高興。\n");
  EXPECT_EQ(mend("老周說：「漁船都回港了。)\n大家很高興。「好。」\n"),
            "老周說：「漁船都回港了。」\n大家很高興。「好。」\n");
  EXPECT_EQ(mend("老周說：CC漁船都回港了。」大家很高興。\n"), "老周說：「漁船都回港了。」大家很高興。\n");
  EXPECT_EQ(mend("老周說：「漁船都回港了。g大家很高興。「好。」\n"),
            "老周說：「漁船都回港了。」大家很高興。「好。」\n");
  // What has its other half itself, what two things may be, and where nothing is missing.
  for (const std::string text :
       {"老周說：[漁船]都回港了。」大家很高興。\n", "老周說：[漁船和[大船都回港了。」大家很高興。\n",
        "老周說：「漁船[大船都回港了。」大家很高興。\n", "老周說：66艘漁船都回港了。」大家很高興。\n"})
    EXPECT_EQ(mend(text), text);
  // A text of few quotation marks, and one that nothing says was recognised.
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + "老周說：[漁船都回港了。」\n"),
            "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n老周說：[漁船都回港了。」\n");
  EXPECT_EQ(run_stage("ocr", quotes + "老周說：[漁船都回港了。」\n"), quotes + "老周說：[漁船都回港了。」\n");
}

TEST(Ocr, QuotationMarksWithinAQuotationAreSingle) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "他说：“船名叫“海燕”，很好听。”她点点头。\n"),
            mended_hans + std::string("他说：“船名叫‘海燕’，很好听。”她点点头。\n"));
  // Where one of them is turned, it is that and nothing else.
  const std::string turned = "他说“今年好。“老周说“好”了。\n他说“明年好。“老周说“好”了。\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + turned + "他说：“船名叫“海燕。“大家说“好听”极了”。\n"),
            mended_hans + std::string("他说“今年好。”老周说“好”了。\n他说“明年好。”老周说“好”了。\n"
                                      "他说：“船名叫“海燕。”大家说“好听”极了”。\n"));
  // Columns that are still mixed, in a text that was typed: one comma is not much.
  const std::string mixed = "鱼价，买“三\n船名为“海燕”，很好\n只送一”只,大家都来\n";
  EXPECT_EQ(run_stage("ocr", mixed), "鱼价，买“三\n船名为“海燕”，很好\n只送一”只，大家都来\n");
  // One of them was lost somewhere.
  const std::string lost = "他说：“船名很好听。她说：“叫“海燕”吧。”\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + lost), mended_hans + lost);
  EXPECT_EQ(run_stage("ocr", "他说：“船名叫“海燕”，很好听。”她点点头。\n"),
            "他说：“船名叫“海燕”，很好听。”她点点头。\n");
}

TEST(Ocr, TwoYearsInARowHaveADashBetweenThem) {
  for (const std::string years : {"一七一三一七九二年", "一七一三一一七九二年", "一七一三一一一七九二年"})
    EXPECT_EQ(run_stage("ocr", recognised_hans + years + "的渔港\n"),
              mended_hans + std::string("一七一三——一七九二年的渔港\n"));
  for (const std::string other : {"一七九二一七一三年的渔港\n", "编号三七一三一七九二年\n", "一七一三一七九二号\n"})
    EXPECT_EQ(run_stage("ocr", recognised_hans + other), mended_hans + other);
}

TEST(Ocr, HalfADashIsOneWhereTheTextWantsIt) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "这是唯—的出路，他有-天会明白\n"),
            mended_hans + std::string("这是唯一的出路，他有一天会明白\n"));
  const std::string others = "中国—东盟博览会和北京—上海高铁，产品-市场\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
  EXPECT_EQ(run_stage("ocr", "这是唯—的出路\n"), "这是唯—的出路\n");
}

TEST(Ocr, AZeroAmongChineseNumeralsIsTheChineseOne) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "二〇0八年和二00九年\n"),
            mended_hans + std::string("二〇〇八年和二〇〇九年\n"));
  const std::string others = "一0型的船，五100号\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
}

// What recognises line by line clips what stands at their ends.
TEST(Ocr, MarksLostAtTheEndsOfLinesAreTold) {
  std::string lines;
  for (int i = 0; i < 12; ++i)
    lines +=
        "渔民一早就出海，码头上人来人往，鱼价比去年高，大家都很高\n兴，收成也好。船回来的时候，天已经黑了，灯都亮起来了"
        "，他\n们"
        "把鱼卸下来，过了秤，装上车，连夜运到城里去卖，天亮前\n到市场，不但要卖得快，还要卖得好，价钱才不会跌下去太多了"
        "\n";
  const std::string lost =
      "会议指出，要坚持走中国特色社会主义道路，要全面深化改革开放\n推动经济社会高质量发展，为人民群众创造更加美好的幸福"
      "生活了\n";
  const std::string at = "改革开放\n推动", restored = "改革开放，\n推动";
  const Document told = testing::run_document("ocr", recognised_hans + lines + lost);
  EXPECT_NE(told.text().find(at), std::string::npos);
  EXPECT_TRUE(std::ranges::any_of(told.diagnostics(), [](const Diagnostic& d) {
    return d.rule == "ocr.suspect" && d.message.find("， may be lost after it") == 0;
  }));
  EXPECT_NE(run_stage("ocr:level=full", recognised_hans + lines + lost).find(restored), std::string::npos);
  // Text that has as many marks there as elsewhere has lost none.
  std::string marked = lines;
  for (std::size_t k = marked.find('\n'); k != std::string::npos; k = marked.find('\n', k + 4)) marked.insert(k, "，");
  EXPECT_NE(run_stage("ocr:level=full", recognised_hans + marked + lost).find(at), std::string::npos);
}

TEST(Ocr, LettersAmongDigitsAreDigits) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "2O23年售出l00吨，比前年多12O吨\n"),
            mended_hans + std::string("2023年售出100吨，比前年多120吨\n"));
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "到今年l0月2日和明年3月l日，O日\n"),
            mended_hans + std::string("到今年10月2日和明年3月1日，O日\n"));
  // Names of things have both, and so have addresses.
  const std::string others = "O2O平台、B2B、CO2、H1N1、5G和I20，见a.cn/12O，型号K-12O，编号12B，Q10\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
  // Nobody types it so.
  EXPECT_EQ(run_stage("ocr", "2O23年l月售出12O3箱\n"), "2023年1月售出1203箱\n");
  for (const char* text :
       {"房间l203和店名 W0RLD\n", "中国O2O年会和O2O月活\n", "权限是0o755\n", "OO年OO月OO日\n", "油箱55l，温度40o\n"})
    EXPECT_EQ(run_stage("ocr", text), text) << text;
}

TEST(Ocr, DigitsInsideWordsAreLetters) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "店名是 W0RLD 和 wor1d，还有 t0day\n"),
            mended_hans + std::string("店名是 WORLD 和 world，还有 today\n"));
  const std::string others = "代号 WH1TE、A0B、X9Y0Z、mp3 和 win10\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
}

TEST(Ocr, TwoOnesAreADashWhereTheTextWantsOne) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "大桥通车的部分一一公路隧道\n一一高速公路明年完工\n"),
            mended_hans + std::string("大桥通车的部分——公路隧道\n——高速公路明年完工\n"));
  const std::string others = "他同工作人员一一握手，问题一一得到落实。一九一一年一一八〇年\n";
  EXPECT_EQ(run_stage("ocr", recognised_hans + others), mended_hans + others);
  EXPECT_EQ(run_stage("ocr", "大桥通车的部分一一公路隧道\n"), "大桥通车的部分一一公路隧道\n");
}

// Neither counts nor shapes know 糙 for 稳.
TEST(Ocr, TheLanguageAloneProposesWhereWhatWasReadFitsNowhere) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised_hans) + "坚持糙中求进工作总基调\n"),
            mended_hans + std::string("坚持稳中求进工作总基调\n"));
  EXPECT_EQ(run_stage("ocr", "坚持糙中求进工作总基调\n"), "坚持糙中求进工作总基调\n");
}

TEST(Ocr, APointThatMayEndASentenceStays) {
  const std::string text = "今天召开会议。与会代表发言。会议今天结束.明天继续举行，气温12度.明天有雨，防寒。他说好。\n";
  const Document document = testing::run_document("ocr", std::string(recognised) + text);
  EXPECT_NE(document.text().find(text), std::string_view::npos) << document.text();
  EXPECT_TRUE(std::any_of(document.diagnostics().begin(), document.diagnostics().end(),
                          [](const auto& diagnostic) { return diagnostic.message.find(". may be ，") == 0; }));
}

// More sentences end with a point than with 。: the text was typed, and its marks say nothing of recognition.
TEST(Ocr, PointsOfTypedTextAreFullStops) {
  EXPECT_EQ(run_stage("ocr", "会议今天结束.明天继续.记者从会上获悉,今年收入3.5万元.\n气温12度.请注意,今天有雨.\n"),
            "会议今天结束。明天继续。记者从会上获悉，今年收入3.5万元。\n气温12度。请注意，今天有雨。\n");
  // Characters are not doubted in it, and other marks stay.
  EXPECT_EQ(run_stage("ocr", "中国共产觉的领导,他走了.我们也走了.sw\n渔民买了网、船.他说:真的....不知道--但是可以.\n"),
            "中国共产觉的领导，他走了。我们也走了.sw\n渔民买了网、船。他说：真的....不知道--但是可以。\n");
  // Numbers of a list, names.
  for (const std::string text : {"一.总则\n", "報導.攝影 王小明\n", "佐科.维多多总统昨天到访\n"})
    EXPECT_EQ(run_stage("ocr", "他走了.我们也走了,他不走.\n" + text), "他走了。我们也走了，他不走。\n" + text);
}

TEST(Ocr, ALineOfAFewLettersIsNoiseWhereTheTextWasRecognised) {
  EXPECT_EQ(run_stage("ocr", std::string(recognised) + "sw\n港口开了\n-ea\n"),
            "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n\n港口开了\n\n");
  EXPECT_EQ(run_stage("ocr", "sw\n港口开了\n"), "sw\n港口开了\n");
  for (const std::string text : {"AI\n港口开了\n", "5月\n港口开了\n"})
    EXPECT_EQ(run_stage("ocr", std::string(recognised) + text),
              "老周說，今年的魚價好，明天再來，後天也來，不買也行，\n" + text);
}

TEST(Ocr, EachChangeKnowsItsSource) {
  const Document document = testing::run_document("ocr", "老周說,今年的魚價好");
  EXPECT_EQ(document.source_of({9, 12}), (SourceRange{9, 10}));
}

/// The text after the best guess with a file of one's own in the rules' folder; or the first mistake in it.
std::string with_rules(const std::string& file, const std::string& content, const std::string& text) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("ocr-" + file);
  std::filesystem::create_directories(folder);
  std::ofstream(folder / file) << content;
  const Rules rules(folder.string());
  auto chain = Chain::make(*ChainSpec::of_stages("ocr:level=full"), builtin_stages(), rules);
  std::filesystem::remove_all(folder);
  if (!chain) return chain.error().front().where + ": " + chain.error().front().message;
  auto document = Document::from_bytes(std::string(text));
  EXPECT_TRUE(chain->run(*document));
  return std::string(document->text());
}

TEST(Ocr, WordsOfTheUsersListStay) {
  EXPECT_EQ(with_rules("protected.tsv", "# ours\n中国共产觉\n", "中国共产觉的领导\n"), "中国共产觉的领导\n");
  EXPECT_EQ(with_rules("protected.tsv", "共产觉悟\n", "中国共产觉的领导\n"), "中国共产党的领导\n");
}

/// Those that are built in are not looked at again when they are read.
TEST(Ocr, BuiltInTablesAreRight) {
  const auto chain = Chain::make("ocr", builtin_stages(), Rules(INKWASH_RULES));
  if (!chain)
    for (const auto& error : chain.error()) ADD_FAILURE() << error.where << ": " << error.message;
}

TEST(Ocr, MistakesInTheTablesAreNamed) {
  EXPECT_EQ(with_rules("shapes.tsv", "已\t己1\n", ""),
            "shapes.tsv: a line is: the character read, a tab, true ones with two digits each");
  EXPECT_EQ(with_rules("parts.tsv", "女\t如\n", ""),
            "parts.tsv: a line is: two characters, the one that they are the parts of");
  EXPECT_EQ(with_rules("shapes.tsv", "已\t己12\n士\t土10\n", ""),
            "shapes.tsv: lines must be sorted by the character read, each there once");
  EXPECT_EQ(with_rules("confusables.tsv", "已\t己\tmany\n", ""),
            "confusables.tsv: a line is: the character read, the true one, how often");
}

TEST(Ocr, ReportsAWrongLevel) { EXPECT_FALSE(Chain::make("ocr:level=most", builtin_stages(), Rules{})); }

// A full stop beside a comma, at a gutter: two rules would drop it, and edits that overlap fail the page.
TEST(Ocr, DropsAMarkOnce) {
  const std::string cleaned = run_stage("ocr",
                                        "江平說, 港口有許多船隻停泊, 長期沒\n人管理日漸破舊。去年他去年確診骨癌,。\n"
                                        "當時已經修好三艘船隻, 目前碼頭很新\n他說: 「修船、洗船、吃飯都在船上, 大家\n"
                                        "都很高興, 因為明年春天可以出海捕魚。」\n");
  EXPECT_NE(cleaned.find("骨癌，\n"), std::string::npos) << cleaned;
}

}  // namespace
}  // namespace inkwash
