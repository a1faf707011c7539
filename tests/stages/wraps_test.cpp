#include <gmock/gmock.h>

#include <algorithm>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

std::string wraps(std::string text) { return testing::run_stage("wraps", std::move(text)); }

// A column of 12 ems.
constexpr std::string_view page =
    "临江港扩建完工\n"
    "　　临江港三号码头昨日完工，\n"
    "首批货轮今天清晨靠岸，港区\n"
    "工人连夜装卸，货物将发往沿\n"
    "江各地。\n"
    "　　港务局长介绍，新码头可以\n"
    "停靠五万吨级船舶，年吞吐量\n"
    "比去年增加一成半，明年还要\n"
    "再建两座。\n";

TEST(Wraps, JoinsLinesIntoParagraphs) {
  EXPECT_EQ(wraps(std::string(page)),
            "临江港扩建完工\n"
            "临江港三号码头昨日完工，首批货轮今天清晨靠岸，港区工人连夜装卸，货物将发往沿江各地。\n"
            "港务局长介绍，新码头可以停靠五万吨级船舶，年吞吐量比去年增加一成半，明年还要再建两座。\n");
}

TEST(Wraps, JoinsOverAFalseBlankLine) {
  std::string text(page);
  text.insert(text.find("工人连夜"), "\n");
  EXPECT_EQ(wraps(text), wraps(std::string(page)));
}

TEST(Wraps, IsTheSameTheSecondTime) {
  const std::string once = wraps(std::string(page));
  EXPECT_EQ(wraps(once), once);
}

TEST(Wraps, LeavesCleanTextAlone) {
  const std::string text =
      "临江港扩建完工\n"
      "港务局表示，三号码头提前两个月完工，首批货轮今天清晨靠岸。\n"
      "市民来信\n"
      "有市民问，新码头会不会影响渡轮班次？港务局答复，不会。\n"
      "码头工人老周说，他在这里干了三十年，头一回看见这么大的船。\n";
  EXPECT_EQ(wraps(text), text);
}

TEST(Wraps, JoinsEnglishWithSpacesAndUndoesHyphenation) {
  EXPECT_EQ(wraps("The harbour board said on Monday that the\n"
                  "new pier would open in May, after a devel-\n"
                  "opment that took three years and a well-\n"
                  "known contractor who left the town early\n"
                  "last spring.\n"),
            "The harbour board said on Monday that the new pier would open in May, after a development that took "
            "three years and a well-known contractor who left the town early last spring.\n");
}

TEST(Wraps, KeepsVerseAndTablesApart) {
  const std::string verse = "江上青山雨后新，\n渡头杨柳绿无尘。\n谁家燕子衔泥去，\n飞过桥南又一春。\n";
  EXPECT_EQ(wraps(verse), verse);
  const std::string table = "村名 面积 产量\n东圃 420 63.5\n西圃 310 46.8\n河湾 205 30.7\n";
  EXPECT_EQ(wraps(table), table);
}

// Old newspapers set one of these before each of their short notices, which end with no stop.
TEST(Wraps, AMarkBeginsANotice) {
  for (const std::string mark : {"◉", "◎", "◆", "●"}) {
    const std::string notice =
        "東街米價近日稍跌、每石較上月減去三角、市民稱便、惟柴價仍昂、聞下月可望平復云云、市中商店皆已開市、"
        "行人往來不絕、頗為熱鬧\n";
    EXPECT_EQ(wraps(mark + "渡口新橋昨日開工、工人三百名、皆自\n" + "鄰縣招來、預計明年春日落成通車者\n" + mark +
                    "東街米價近日稍跌、每石較上月減去\n三角、市民稱便、惟柴價仍昂、聞下月\n"
                    "可望平復云云、市中商店皆已開市、行\n人往來不絕、頗為熱鬧\n"),
              mark + "渡口新橋昨日開工、工人三百名、皆自鄰縣招來、預計明年春日落成通車者\n" + mark + notice);
  }
}

TEST(Wraps, PutsASpaceBetweenNamesOfAList) {
  const std::string text = wraps(
      "　　本报讯（记者 杨望军\n"
      "马峥）当地时间七月二日中午\n"
      "港口新码头举行落成典礼，各\n"
      "界代表一百余人参加。\n");
  EXPECT_EQ(text, "本报讯（记者 杨望军 马峥）当地时间七月二日中午港口新码头举行落成典礼，各界代表一百余人参加。\n");
}

TEST(Wraps, AHeadlineOfCapitalsGoesOnWithAPreposition) {
  EXPECT_EQ(wraps("HARBOUR BRIDGE TO CLOSE\n"
                  "FOR EIGHT LONG WEEKS\n"
                  "By ANN WEIR\n"
                  "The harbour board said on Monday that the\n"
                  "old bridge will be shut until the works on\n"
                  "its bearings are over.\n"),
            "HARBOUR BRIDGE TO CLOSE FOR EIGHT LONG WEEKS\n"
            "By ANN WEIR\n"
            "The harbour board said on Monday that the old bridge will be shut until the works on its bearings are "
            "over.\n");
}

TEST(Wraps, EnglishLinesThatNeedAWordGoOnWithANameToo) {
  EXPECT_EQ(
      wraps("The ferry was late because the\n"
            "harbour board had asked for\n"
            "Holmquist, its oldest pilot, the\n"
            "Northern Star, its newest ship,\n"
            "Monday's mail and the crane.\n"),
      "The ferry was late because the harbour board had asked for Holmquist, its oldest pilot, the Northern Star, "
      "its newest ship, Monday's mail and the crane.\n");
}

TEST(Wraps, AWordListTellsWhatAHyphenCut) {
  EXPECT_EQ(
      wraps("An ex-\nample shows that the pro-\ngram of the ex-\nminister was cost-\neffective, and a non-mem-\nber "
            "of the co-\noperative agreed.\n"),
      "An example shows that the program of the ex-minister was cost-effective, and a non-member of the cooperative "
      "agreed.\n");
  // The text says it elsewhere.
  EXPECT_EQ(wraps("The new ropeway boat-\nlift, or boatlift as they say, is near the hill-\nfort. The hill-fort is "
                  "old.\n"),
            "The new ropeway boatlift, or boatlift as they say, is near the hill-fort. The hill-fort is old.\n");
}

TEST(Wraps, NumbersKeepTheirHyphen) {
  EXPECT_EQ(wraps("The harbour board will pay for about one-\n"
                  "third of the new pier, said a thirteen-\n"
                  "year-old who had asked the engineer.\n"),
            "The harbour board will pay for about one-third of the new pier, said a thirteen-year-old who had asked "
            "the engineer.\n");
}

TEST(Wraps, SetsTheTextApartFromItsDateline) {
  EXPECT_EQ(wraps("　　新华社临江港七月二日电\n"
                  "当地时间七月二日中午，港口新\n"
                  "码头举行落成典礼。\n"),
            "新华社临江港七月二日电 当地时间七月二日中午，港口新码头举行落成典礼。\n");
  EXPECT_EQ(wraps("　　新华社临江港七月二日电\n"
                  "（记者马峥）七月二日中午，港\n"
                  "口新码头举行落成典礼。\n"),
            "新华社临江港七月二日电（记者马峥）七月二日中午，港口新码头举行落成典礼。\n");
}

TEST(Wraps, SetsTheTextApartFromADatelineItReadsOnFrom) {
  const std::string rest = "口新码头举行落成典礼，沿江各\n地的代表一百余人参加，货轮从\n明天起可以停靠。\n";
  const std::string joined = "口新码头举行落成典礼，沿江各地的代表一百余人参加，货轮从明天起可以停靠。\n";
  EXPECT_EQ(wraps("　　新华社临江7月2日电中午港\n" + rest), "新华社临江7月2日电 中午港" + joined);
  EXPECT_EQ(wraps("　　新华社东方省临江市港区7月\n2日电当地时间今天中午时分，港\n" + rest),
            "新华社东方省临江市港区7月2日电 当地时间今天中午时分，港" + joined);
  EXPECT_EQ(wraps("　　新华社临江7月2日电称，港\n" + rest), "新华社临江7月2日电称，港" + joined);
}

// A brief whose dateline stands before its headline, the last line of which is full.
TEST(Wraps, AHeadlineIsWhatTheTextBelowSaysAgain) {
  EXPECT_EQ(wraps("新华社临江7月2日电（记者马峥 杨\n"
                  "望军）国际港口大会在临江市举行\n"
                  "国际港口协会昨天举办的首届国际\n"
                  "港口大会在临江市举行，与会代表\n"
                  "参观三号码头，讨论旧码头改成公\n"
                  "园的办法。\n"),
            "新华社临江7月2日电（记者马峥 杨望军）国际港口大会在临江市举行\n"
            "国际港口协会昨天举办的首届国际港口大会在临江市举行，与会代表参观三号码头，讨论旧码头改成公园的办法。\n");
}

// What stands above has not ended, but the headline is neither of it nor of what stands below.
TEST(Wraps, AHeadlineAmidOtherTextStaysALine) {
  EXPECT_EQ(wraps("临江港三号码头昨日完工，首批货\n"
                  "轮今天清晨靠岸，港区工人连夜装\n"
                  "卸，货物将发往沿江各地，明年，\n"
                  "「夜裡回家不怕」\n"
                  "居民说，夜班公交每半小时一班，\n"
                  "经过火车站和医院，票价两元，夜\n"
                  "里回家再也不用走路了。\n"),
            "临江港三号码头昨日完工，首批货轮今天清晨靠岸，港区工人连夜装卸，货物将发往沿江各地，明年，\n"
            "「夜裡回家不怕」\n"
            "居民说，夜班公交每半小时一班，经过火车站和医院，票价两元，夜里回家再也不用走路了。\n");
}

// What stands in brackets further on is of the headline.
TEST(Wraps, ADatelineEndsBehindItsReporters) {
  EXPECT_EQ(wraps("新华社临江7月2日电（记者马峥）临\n"
                  "江港三号码头建成（组图）开港啦\n"
                  "记者从临江港务局了解到，三号码\n"
                  "头昨天建成开港，首批货轮今晨靠\n"
                  "岸，货物将发往沿江各地，明年还\n"
                  "要再建两座。\n"),
            "新华社临江7月2日电（记者马峥）临江港三号码头建成（组图）开港啦\n"
            "记者从临江港务局了解到，三号码头昨天建成开港，首批货轮今晨靠岸，货物将发往沿江各地，明年还要再建两座。\n");
}

TEST(Wraps, ACompoundFamilyNameIsNoName) {
  EXPECT_EQ(wraps("　　本报讯（记者吕艳文 欧阳\n"
                  "阳明 马峥）当地时间七月二日，\n"
                  "港口新码头举行落成典礼。\n"),
            "本报讯（记者吕艳文 欧阳阳明 马峥）当地时间七月二日，港口新码头举行落成典礼。\n");
}

TEST(Wraps, SetsALoneNameCloseToItsRole) {
  EXPECT_EQ(wraps("　　本报临江港七月二日电（记者\n"
                  "马峥）当地时间七月二日中午，\n"
                  "港口新码头举行落成典礼。\n"),
            "本报临江港七月二日电（记者马峥）当地时间七月二日中午，港口新码头举行落成典礼。\n");
  EXPECT_EQ(wraps("　　本报临江港七月二日电（记者\n"
                  "马峥 杨望军）当地时间七月二日，\n"
                  "港口新码头举行落成典礼。\n"),
            "本报临江港七月二日电（记者马峥 杨望军）当地时间七月二日，港口新码头举行落成典礼。\n");
}

TEST(Wraps, EnglishGoesOnWithASmallLetter) {
  EXPECT_EQ(wraps("Harbour to\n"
                  "close in May\n"
                  "By Ann Weir\n"
                  "The harbour board said on Monday that\n"
                  "the old pier will be shut at 6 p.m.\n"
                  "until a contractor, perhaps from the\n"
                  "north, has left.\n"
                  "Ferries will go on, said Mr.\n"
                  "Holmquist, who runs two of them.\n"),
            "Harbour to close in May\n"
            "By Ann Weir\n"
            "The harbour board said on Monday that the old pier will be shut at 6 p.m. until a contractor, perhaps "
            "from the north, has left.\n"
            "Ferries will go on, said Mr. Holmquist, who runs two of them.\n");
}

TEST(Wraps, KinsokuJoins) { EXPECT_EQ(wraps("他连说三个好\n，大家都笑了。\n"), "他连说三个好，大家都笑了。\n"); }

TEST(Wraps, OneParagraphALineWithoutSpacesAround) {
  EXPECT_EQ(wraps("\n\n  第一段说完了。  \n\n\n　　第二段说完了。"), "第一段说完了。\n第二段说完了。\n");
  EXPECT_EQ(wraps(" \n\n"), "");
}

TEST(Wraps, TwoClausesOfAHeadlineAreJoinedWithASpace) {
  EXPECT_EQ(
      testing::run_stage("wraps",
                         "夜班公交開通\n居民拍手叫好\n市交通局昨天開通三條夜間公車路線，連接新區\n和舊城，當晚就有"
                         "四百多人搭乘。\n"),
      "夜班公交開通 居民拍手叫好\n市交通局昨天開通三條夜間公車路線，連接新區和舊城，當晚就有四百多人搭乘。\n");
}

TEST(Wraps, APhotographersNameEndsItsParagraph) {
  EXPECT_EQ(
      testing::run_stage("wraps",
                         "居民說以後晚上回家再也不用走路了，大家拍手叫\n好。報導．攝影╱\n周小舟\n司機老陳說，他開"
                         "了十二年夜車，從來沒有看\n過這麼多人一起搭車。\n"),
      "居民說以後晚上回家再也不用走路了，大家拍手叫好。報導．攝影╱周小舟\n司機老陳說，他開了十二年夜車，從來沒有看過這"
      "麼多人一起搭車。\n");
}

TEST(Wraps, TextGoesOnBehindAJumpLineInAParagraphOfItsOwn) {
  EXPECT_EQ(testing::run_stage("furniture,wraps",
                               "三号码头明年增建两座冷库\n（上接第1版）负责人说，届时每年可以装卸\n八十万吨货物。\n"),
            "三号码头明年增建两座冷库\n负责人说，届时每年可以装卸八十万吨货物。\n");
}

TEST(Wraps, ABylineAfterAStretchedHeadlineStaysApart) {
  EXPECT_EQ(testing::run_stage(
                "spaces,wraps",
                "码 头 建 设 步 入 新 时 代\n本报评论员\n\n三号码头明年增建冷库，届时每年可\n以装卸八十万吨货物。\n"),
            "码头建设步入新时代\n本报评论员\n三号码头明年增建冷库，届时每年可以装卸八十万吨货物。\n");
}

TEST(Wraps, AVerticalCaptionBrokenBeforeItsMarksIsJoined) {
  EXPECT_EQ(wraps("港区昨夜恢复通航。\n\n昨日傍晚\n\n，检修工人在三号码头更换缆桩\n\n，为今晨靠泊的货轮做准备\n\n。\n\n"
                  "图为工人合影\n\n。\n\n本报记者\n\n林北川\n\n摄\n\n渡口夜航下月开通\n"),
            "港区昨夜恢复通航。\n"
            "昨日傍晚，检修工人在三号码头更换缆桩，为今晨靠泊的货轮做准备。图为工人合影。本报记者 林北川 摄\n"
            "渡口夜航下月开通\n");
}

TEST(Wraps, ACaptionSetAcrossColumnsIsJoined) {
  const std::string above = std::string(page), below = "\n" + std::string(page.substr(page.find("　　港务")));
  const std::string first =
      "昨天清晨，第一批三十只集装箱在新建成的三号码头卸下货轮，港务局和航运公司的代表到场迎接，并为船员献上";
  const std::string second = "鲜花和本地出产的新茶，船长说他没有想到这座小城的港口装卸得这样快，下月还要再来两次。";
  const std::string text = wraps(above + "\n" + first + "\n\n" + second + "\n" + below);
  EXPECT_NE(text.find(first + second + "\n"), std::string::npos) << text;
}

TEST(Wraps, TheLastLineOfSuchACaptionMayBeShort) {
  const std::string first =
      "昨天清晨，第一批集装箱在新建成的三号码头卸下货轮，港务局和航运公司的代表到场迎接，市领导参加了这次活";
  const std::string second = "动，并向船员表示祝贺。（陈海摄）";
  const std::string text = wraps(std::string(page) + "\n" + first + "\n\n" + second + "\n\n" +
                                 std::string(page.substr(page.find("　　港务"))));
  EXPECT_NE(text.find(first + second + "\n"), std::string::npos) << text;
}

TEST(Wraps, TextThatBeginsAsItsHeadlineDoesIsNotPartOfIt) {
  EXPECT_EQ(wraps("临江港务局长称明年再建\n临江港务局长昨日对记者\n说，明年还要再建两座码\n头，今年先修好栈桥。\n"),
            "临江港务局长称明年再建\n临江港务局长昨日对记者说，明年还要再建两座码头，今年先修好栈桥。\n");
}

TEST(Wraps, ANameInBracketsEndsNoSentence) {
  std::string text(page);
  text.replace(text.find("比去年增加一成半，明年还要\n再建两座。"),
               std::string("比去年增加一成半，明年还要\n再建两座。").size(),
               "明年也比前任老局长（王平）\n在任时的计划多出一成半。");
  EXPECT_NE(wraps(text).find("（王平）在任时"), std::string::npos) << wraps(text);
}

TEST(Wraps, ANumberBrokenAtItsMarkGetsNoSpace) {
  EXPECT_NE(wraps("今年上半年全港货物吞吐量6.\n2亿吨，同比增长一成，创下\n历史同期的最高纪录。\n").find("6.2亿吨"),
            std::string::npos);
}

// A headline and the text under it begin alike; so may two lines of a text that says a thing twice.
TEST(Wraps, ANumberStaysWithItsUnitAndWithWhatItIsOf) {
  // 28℃ did not fit.
  EXPECT_EQ(wraps("芦湾气象台发布预报\n　　本报讯 市气象台预计，未来三天\n我市以多云天气为主，最高气温\n"
                  "28℃，早晚温差较大，请市民注意增\n减衣物。\n　　据悉，该项目总投资3.2亿元，由\n"
                  "市城投公司承建，2026年10月竣工。\n　　据悉，该项目总投资3.2亿元，由\n"
                  "市城投公司承建，2026年10月竣工。\n"),
            "芦湾气象台发布预报\n本报讯 "
            "市气象台预计，未来三天我市以多云天气为主，最高气温28℃，早晚温差较大，请市民注意增减衣物。\n"
            "据悉，该项目总投资3.2亿元，由市城投公司承建，2026年10月竣工。\n"
            "据悉，该项目总投资3.2亿元，由市城投公司承建，2026年10月竣工。\n");
  EXPECT_EQ(wraps("市政府昨日公布十件民生实事：\n一、新建社区食堂五十个；\n"
                  "二、改造老旧小区一百二十个，惠及居民六\n万户；\n三、新增公共停车位八千个；\n"),
            "市政府昨日公布十件民生实事：\n一、新建社区食堂五十个；\n"
            "二、改造老旧小区一百二十个，惠及居民六万户；\n三、新增公共停车位八千个；\n");
}

// Paragraphs a line, one of which was torn inside a number, a date, or after a word that something must follow.
TEST(Wraps, ATornNumberOrDateIsWhole) {
  const std::string text =
      "临江港务局的数据显示，今年第一季度三号码头装卸的货物比去年同期增加了一成半，港区的工人比去年多了一百余人。\n"
      "港务局长说，明年全年还要再建两座新的码头，沿江各地的货物都从这里上船，旧的码头改成公园，工人都搬进了新楼。\n";
  for (const auto& [torn, rest] :
       {std::pair<std::string, std::string>{"港区的工人说，今年春天三号码头的货物比去年多，"
                                            "每一天要装卸的已经超过1万",
                                            "8000多吨，明年还要再建两座新的码头。\n"},
        {"港区今天发布：2", "月10日起，三号码头停用十天，货物改走铁路，工人都去修旧码头。\n"},
        {"港区的工人说，今年春天三号码头的货物比去年多，货轮的数量截至",
         "昨天已经超过了去年全年，明年还要再建两座新的码头。\n"}})
    EXPECT_EQ(wraps(text + torn + "\n" + rest), text + torn + rest);
}

// Paragraphs a line, one of which ends inside its second sentence: no headline.
TEST(Wraps, ATornParagraphIsWhole) {
  const std::string text = "老船工阿旺说，今年春天的货物比去年多。他一早从家里走到码头，晚上摸黑回去，膝盖已经不能弯";
  EXPECT_EQ(wraps(text + "\n曲。\n新码头开港\n"), text + "曲。\n新码头开港\n");
}

// The line above it is full, so that its sentence's end alone says little.
TEST(Wraps, AHeadlineBetweenBlankLinesIsOneAmongIndentedParagraphs) {
  EXPECT_THAT(wraps("公交司机捡到三万元\n"
                    "\n"
                    "　　二路公交司机曹德顺\n"
                    "前天收车时，在后排座位\n"
                    "下发现一个黑色布包，里\n"
                    "面装有现金三万元和一张\n"
                    "住院单。\n"
                    "　　他没有回家，骑车赶\n"
                    "到单子上写的医院，在走\n"
                    "廊里找到了急得直哭的失\n"
                    "主。失主要拿两千元酬谢，\n"
                    "被他推了回去。\n"
                    "　　曹德顺开车十九年，\n"
                    "这是他第四次归还失物。\n"
                    "\n"
                    "高温来袭工地改作息\n"
                    "\n"
                    "　　气象台预报，本周最\n"
                    "高气温将达三十九度。住\n"
                    "建部门要求各工地避开中\n"
                    "午，上午十一时至下午四\n"
                    "时停止露天作业。\n"
                    "　　在城东安置房工地，\n"
                    "工人们清早五点开工，中\n"
                    "午回到装有空调的板房休\n"
                    "息。项目部还备下绿豆汤\n"
                    "和清凉油。\n"
                    "　　监察人员表示，违反\n"
                    "规定的企业将被责令整改。\n"),
              ::testing::HasSubstr("这是他第四次归还失物。\n高温来袭工地改作息\n气象台预报"));
}

// Recognition lost its last mark, and the next does not go on with it.
TEST(Wraps, AParagraphWithoutItsLastMarkIsWhole) {
  const std::string text =
      "昨日，港口的新码头已经建成。这是全市第三个深水码头，可以停靠大型货轮，明年起还将开通夜间班轮，市民出行更加方便\n"
      "李明华说，他在这里工作了三十年，从来没有见过这么多的船只一起进港。\n"
      "他还说，港口的明天会更好，年轻人也愿意回来工作，家里的老人都很高兴。\n";
  EXPECT_EQ(wraps(text), text);
}

// The words are asked below a byline, and below a headline that does not go on, as well.
TEST(Wraps, SubHeadlinesBelowABylineStayApart) {
  EXPECT_EQ(wraps("老船工阿旺说，今年春天的货物比\n"
                  "去年多，码头上人手不够，他一早\n"
                  "从家里走到码头，晚上回家。\n"
                  "老船工守着旧码头\n"
                  "本报记者 林以宁\n"
                  "膝盖疼痛走不了远路\n"
                  "儿子打工寄钱回家来\n"),
            "老船工阿旺说，今年春天的货物比去年多，码头上人手不够，他一早从家里走到码头，晚上回家。\n"
            "老船工守着旧码头\n本报记者 林以宁\n膝盖疼痛走不了远路\n儿子打工寄钱回家来\n");
}

TEST(Wraps, AMarkBeginsACaptionWhereverItStands) {
  EXPECT_EQ(wraps("　　老船工阿旺说，今年春天的货物比去年\n"
                  "多，码头上人手不够，他一早从家里走到码\n"
                  "头，晚上摸黑回家，还要给老母煮饭，大家\n"
                  "▲图为码头工人装卸货物。宋以安摄\n"
                  "　　阿旺又说，明年他就不做了，要回乡下去\n"
                  "种菜，不再装货。\n"),
            "老船工阿旺说，今年春天的货物比去年多，码头上人手不够，他一早从家里走到码头，晚上摸黑回家，还要给老母煮饭，"
            "大家\n▲图为码头工人装卸货物。宋以安摄\n阿旺又说，明年他就不做了，要回乡下去种菜，不再装货。\n");
}

TEST(Wraps, ReportersStayWithTheirDateline) {
  EXPECT_EQ(wraps("临江港口今日开港\n"
                  "本报临江7月2日电\n"
                  "（记者马峥 杨望军）\n"
                  "临江港三号码头今天开港，首批货\n"
                  "轮清晨靠岸，港区工人连夜装卸货\n"
                  "物，沿江各地的代表参加。\n"),
            "临江港口今日开港\n"
            "本报临江7月2日电（记者马峥 杨望军）临江港三号码头今天开港，首批货轮清晨靠岸，港区工人连夜装卸货物，"
            "沿江各地的代表参加。\n");
}

TEST(Wraps, ARepeatedSentenceIsNoHeadline) {
  EXPECT_EQ(wraps("港务局长介绍，新码头可以停靠五万吨\n"
                  "级船舶，年吞吐量增加一成半。有市\n"
                  "民问，票价会不会上涨？答复不会。有市\n"
                  "民问，票价会不会上涨？答复不会。临江\n"
                  "港三号码头昨日完工，首批货轮今天靠\n"
                  "岸。\n"),
            "港务局长介绍，新码头可以停靠五万吨级船舶，年吞吐量增加一成半。有市民问，票价会不会上涨？答复不会。"
            "有市民问，票价会不会上涨？答复不会。临江港三号码头昨日完工，首批货轮今天靠岸。\n");
}

TEST(Wraps, ANarrowHeadlineHasSeveralRows) {
  const std::string broken =
      wraps("临江港务局局\n长会见外国航\n运公司代表团\n" + std::string(page.substr(page.find("　　"))));
  EXPECT_TRUE(broken.starts_with("临江港务局局长会见外国航运公司代表团\n")) << broken;
  const std::string spaced = wraps("旧码头拆\n除 新航\n线将开通\n" + std::string(page.substr(page.find("　　"))));
  EXPECT_TRUE(spaced.starts_with("旧码头拆除 新航线将开通\n")) << spaced;
}

TEST(Wraps, AClauseOfAHeadlineIsMoreThanOneCharacter) {
  const std::string out = wraps("临江港三号码头昨日完工 货\n轮靠岸\n" + std::string(page.substr(page.find("　　"))));
  EXPECT_TRUE(out.starts_with("临江港三号码头昨日完工 货轮靠岸\n")) << out;
}

TEST(Wraps, ATextBeginsBelowItsHeadlineOfTwoRows) {
  const std::string rows =
      "昨日，港务局宣布三号码头完\n"
      "工，首批货轮今天清晨靠岸，\n"
      "港区工人连夜装卸，货物将发\n"
      "往沿江各地。\n";
  EXPECT_TRUE(wraps("港务局改造三号码头泊位\n工程提前三个月全部完成\n" + rows)
                  .starts_with("港务局改造三号码头泊位工程提前三个月全部完成\n昨日，港务局"))
      << wraps("港务局改造三号码头泊位\n工程提前三个月全部完成\n" + rows);
}

// Pages of the time when 、 ended sentences.
const std::string old_page =
    "港務新談\n"
    "（一）\n"
    "（二）\n"
    "林江客著\n"
    "不許轉載\n"
    "第三囘\n"
    "却說三號碼頭、昨日落成、首批貨輪、\n"
    "今晨卽可靠岸、工人裝卸、竟日不停、\n"
    "往來商賈、無不稱便、惟潮水漲落無\n"
    "常、引水之人、日夜守望、未敢稍懈、\n"
    "（未完）\n"
    "\n"
    "碼頭瑣聞\n"
    "（江客）\n"
    "日來江上風大、小輪多停、旅客改由\n"
    "陸路、而車資驟漲、怨聲載道、（海）\n"
    "◘啓事 本埠渡輪、自下月起改訂\n"
    "時刻、乘客諸君、幸垂察焉、此啓、\n"
    "◘又訊 新棧房落成、堆貨之費、\n"
    "較前略減云、\n";

TEST(Wraps, OldLinesEndAtAMarkAndGoOn) {
  EXPECT_NE(
      wraps(old_page).find("却說三號碼頭、昨日落成、首批貨輪、今晨卽可靠岸、工人裝卸、竟日不停、往來商賈、無不稱便、"
                           "惟潮水漲落無常、引水之人、日夜守望、未敢稍懈、（未完）\n碼頭瑣聞\n"),
      std::string::npos)
      << wraps(old_page);
}

TEST(Wraps, AnOldHeadingIsOfANumberABylineAndAChapter) {
  EXPECT_TRUE(wraps(old_page).starts_with("港務新談\n（一）（二）\n林江客著不許轉載\n第三囘\n却說")) << wraps(old_page);
  EXPECT_NE(wraps(old_page).find("\n（江客）\n日來"), std::string::npos) << wraps(old_page);
}

TEST(Wraps, OldNewsInBriefBeginsAtItsMark) {
  EXPECT_NE(wraps(old_page).find("（海）\n◘啓事 本埠渡輪、自下月起改訂時刻、乘客諸君、幸垂察焉、此啓、\n"
                                 "◘又訊 新棧房落成、堆貨之費、較前略減云、\n"),
            std::string::npos)
      << wraps(old_page);
}

TEST(Wraps, KeepsTheLinesOfFreeVerseApart) {
  for (const std::string last : {"", "。"}) {
    const std::string verse = "家乡的河\n弯弯地流过\n像妈妈的手\n轻轻抚着\n沉睡的村庄" + last + "\n";
    EXPECT_EQ(wraps(verse), verse);
    const std::string prose = "昨日，本市举行了朗诵会，来自各区的三百多名学生到场。\n";
    EXPECT_EQ(wraps(verse + "\n" + prose), verse + prose);
    EXPECT_EQ(wraps(prose + "\n" + verse + "\n" + verse), prose + verse + verse);
  }
  const std::string stanzas = "弯弯地流过\n像妈妈的手，\n轻轻抚着\n\n我在河边长大\n听着水声\n走远了\n";
  EXPECT_EQ(wraps("家乡的河\n\n" + stanzas + "\n（作者为本市教师）\n"),
            "家乡的河\n弯弯地流过\n像妈妈的手，\n轻轻抚着\n我在河边长大\n听着水声\n走远了\n（作者为本市教师）\n");
  // A narrow column without marks fills its lines.
  EXPECT_EQ(wraps("昨日下午港务局宣\n布三号码头二十日\n完工首批货轮将于\n次日靠岸\n"),
            "昨日下午港务局宣布三号码头二十日完工首批货轮将于次日靠岸\n");
}

TEST(Wraps, HeadlinesBelowEachOtherStayApart) {
  const std::string text =
      "市图书馆新馆下月起试开放\n港务局公布今年货物吞吐量\n省运动会火炬传递今天启动\n市民公园的荷花提前开放\n";
  EXPECT_EQ(wraps(text), text);
}

TEST(Wraps, HeadlinesBelowEachOtherAreNoVerse) {
  EXPECT_EQ(wraps("北港大桥将于今年五月\n底建成通车\n全市公开招聘中小学教\n师工作启动\n国内简讯\n稻米收购价格上调\n"),
            "北港大桥将于今年五月底建成通车\n全市公开招聘中小学教师工作启动\n国内简讯\n稻米收购价格上调\n");
}

TEST(Wraps, ACaptionEndsWithAName) {
  EXPECT_EQ(wraps("他说，码头工人连夜装卸货物，今天清晨首\n"
                  "批货轮已经靠岸，下个月还有三艘。\n"
                  "图为工人在码头上装卸货物。周海生摄\n"
                  "港务局介绍，新码头可以停靠五万吨级船\n"
                  "舶，年吞吐量比去年增加一成半。\n"),
            "他说，码头工人连夜装卸货物，今天清晨首批货轮已经靠岸，下个月还有三艘。\n"
            "图为工人在码头上装卸货物。周海生摄\n"
            "港务局介绍，新码头可以停靠五万吨级船舶，年吞吐量比去年增加一成半。\n");
}

TEST(Wraps, ABylineBelowASubHeadlineIsNoPartOfIt) {
  EXPECT_EQ(wraps("北港大桥今天建成通车\n"
                  "——三年建设克服多重困难\n"
                  "本报记者 周海生\n"
                  "昨天上午，北港大桥建成通车，首批车辆驶过江面。\n"),
            "北港大桥今天建成通车\n"
            "——三年建设克服多重困难\n"
            "本报记者 周海生\n"
            "昨天上午，北港大桥建成通车，首批车辆驶过江面。\n");
}

TEST(Wraps, WhatHasAnIndentBelowALineThatHasOneBeginsAParagraph) {
  EXPECT_EQ(wraps("　　全市今年新增公办幼儿园学位两万个，三年内还要再建\n"
                  "四十所。教育局说，其中一半在\n"
                  "新城区。\n"
                  "　　家长们表示欢迎。他们说，以前送孩子要走半个小时。\n"
                  "　　老城区的幼儿园也要改造。\n"),
            "全市今年新增公办幼儿园学位两万个，三年内还要再建四十所。教育局说，其中一半在新城区。\n"
            "家长们表示欢迎。他们说，以前送孩子要走半个小时。\n"
            "老城区的幼儿园也要改造。\n");
}

TEST(Wraps, AnAddressBrokenAnywhereIsWhole) {
  EXPECT_EQ(wraps("The report of the harbour board can be read at https://www.harbour-\n"
                  "board.example/reports/2024/annual-\n"
                  "report.pdf and at the town hall, or at https://www.harbour.example\n"
                  "for those who live abroad. Copies are sold there for three pounds.\n"),
            "The report of the harbour board can be read at "
            "https://www.harbour-board.example/reports/2024/annual-report.pdf and at the town hall, or at "
            "https://www.harbour.example for those who live abroad. Copies are sold there for three pounds.\n");
  EXPECT_EQ(wraps("　　基金会的网址是http://www.linjiang\n"
                  "wanbao.example/chari\n"
                  "ty一览，免费电话是0809\n"
                  "008585，读者可以来电询问。\n"),
            "基金会的网址是http://www.linjiangwanbao.example/charity一览，免费电话是0809008585，读者可以来电询问。\n");
}

TEST(Wraps, ALatinHeadlineBreaksWhereTheNextWordDoesNotFit) {
  EXPECT_EQ(wraps("Town Council\n"
                  "Purchases the Old Mill\n"
                  "The town council voted on Tuesday\n"
                  "night to buy the mill from its owners\n"
                  "for the sum of two million pounds, as\n"
                  "recommended by Treasurer Harold\n"
                  "Lindqvist, and to let the rooms on the\n"
                  "upper floor to those who need them.\n"),
            "Town Council Purchases the Old Mill\n"
            "The town council voted on Tuesday night to buy the mill from its owners for the sum of two million "
            "pounds, as recommended by Treasurer Harold Lindqvist, and to let the rooms on the upper floor to those "
            "who need them.\n");
}

TEST(Wraps, ABylineMayHaveSeveralLines) {
  EXPECT_EQ(wraps("北港大桥建成通车\n"
                  "本报记者\n"
                  "周海生 王立\n"
                  "新\n"
                  "昨天上午，北港大桥建成通车，首批车辆驶过江面。\n"),
            "北港大桥建成通车\n"
            "本报记者 周海生 王立新\n"
            "昨天上午，北港大桥建成通车，首批车辆驶过江面。\n");
}

// The words would go on with it.
TEST(Wraps, ACaptionIsNotJoinedToTheSentenceItInterrupts) {
  const std::string text =
      "东江大桥昨日凌晨合龙，三百多名工人在桥上\n欢呼。大桥全长一千二百米，是东江上的\n\n图为大桥合龙时的情景。王海摄\n"
      "\n"
      "第三座公路桥，预计年底通车。\n";
  const std::string joined = testing::run_stage("wraps", text);
  EXPECT_NE(joined.find("是东江上的\n图为大桥合龙时的情景。王海摄\n第三座"), std::string::npos) << joined;
}

// Rows of one width are of one type: where one of them breaks off inside a word the others are rows of that headline.
TEST(Wraps, RowsOfOneWidthAreOneHeadline) {
  const std::string text =
      "本报记者 王立新 "
      "宋以宁\n本报东江9月13日电（记者\n吴文）假期里，各地落实新办\n法，游客在景点可以用多种方\n式买票，市民都说方便。"
      "\n";
  const std::string joined =
      "本报记者 王立新 "
      "宋以宁\n本报东江9月13日电（记者吴文）假期里，各地落实新办法，游客在景点可以用多种方式买票，市民都"
      "说方便。\n";
  // Two clauses meet where one does not go on with the next.
  EXPECT_EQ(wraps("新桥昨通车\n假期外地游\n客出行便捷\n" + text), "新桥昨通车 假期外地游客出行便捷\n" + joined);
  EXPECT_EQ(wraps("新办法落地\n假期本地游\n客买票更便捷\n" + text), "新办法落地假期本地游客买票更便捷\n" + joined);
}

TEST(Wraps, AQuotedClauseEndsItsHeadline) {
  EXPECT_EQ(
      wraps("港口少年學藝 「不怕辛苦累」\n"
            "碼頭邊上，16歲阿強聽同事\n"
            "陳大姊教導，記好一件件工具名稱、\n"
            "把它們排放整齊。陳大姊跟記者說，\n"
            "阿強很懂事，「他爸爸中風病了，靠\n"
            "他做事養家。」\n"
            "陳大姊說，阿強的爸爸原來也在碼頭\n"
            "做工，年初病了，家裡困難。\n"),
      "港口少年學藝 「不怕辛苦累」\n"
      "碼頭邊上，16歲阿強聽同事陳大姊教導，記好一件件工具名稱、把它們排放整齊。陳大姊跟記者說，阿強很懂事，「他爸爸中風"
      "病了，靠他做事養家。」\n"
      "陳大姊說，阿強的爸爸原來也在碼頭做工，年初病了，家裡困難。\n");
}

// One that ends well and is all of a line below a sentence is a sub-headline, however well the text goes on with its
// mark.
TEST(Wraps, AQuotationAloneIsASubHeadline) {
  for (const std::string headline : {"「不讓祖母辛苦」", "「當祖母的依靠」"})
    EXPECT_EQ(wraps("阿強每天清晨到碼頭賣\n"
                    "魚，父親上船打工去了，\n"
                    "家中只有祖母照顧他。\n" +
                    headline +
                    "\n王文清說，早年爸爸\n"
                    "開店做生意虧了錢，後來\n"
                    "爸媽都病了，當時他還在\n"
                    "讀書，現在他白天上課，\n"
                    "夜裡搬貨。\n"),
              "阿強每天清晨到碼頭賣魚，父親上船打工去了，家中只有祖母照顧他。\n" + headline +
                  "\n王文清說，早年爸爸開店做生意虧了錢，後來爸媽都病了，當時他還在讀書，現在他白天上課，夜裡搬貨。\n");
  // Inside a sentence it is a part of that.
  EXPECT_EQ(wraps("阿強說，他每天清晨到碼\n"
                  "頭賣魚。祖母常對他說\n"
                  "「不要太辛苦」這句話，\n"
                  "然後把飯菜端上桌，一家\n"
                  "三口坐下來吃飯。\n"),
            "阿強說，他每天清晨到碼頭賣魚。祖母常對他說「不要太辛苦」這句話，然後把飯菜端上桌，一家三口坐下來吃飯。\n");
}

TEST(Wraps, TwoClausesOfOneLengthMayHaveABylineBelow) {
  const std::string text = "本報記者 宋以寧 王文清\n10歲的阿強每天清晨到碼頭賣魚，父親上船打工去了。\n";
  EXPECT_EQ(wraps("父親下船去\n10歲兒賣魚\n" + text), "父親下船去 10歲兒賣魚\n" + text);
}

// The number of a chapter stands before its title, and the text below both.
class Chapters : public ::testing::Test {
 protected:
  static constexpr std::string_view body =
      "渔港的冬天很长，北风从海上吹来，码头上的木板结\n了一层薄冰，老人们坐在屋里补网，孩子们在门口看\n船。天亮以前灯就"
      "都点起来了，女人们在灯下剥虾，\n一直剥到中午。\n";
  static std::string joined() {
    std::string text(body);
    std::erase(text, '\n');
    return text + '\n';
  }
  static void expect(const std::string& head, const std::string& cleaned) {
    EXPECT_EQ(wraps(head + std::string(body)), cleaned + joined());
  }
};

TEST_F(Chapters, NumberAndTitleAreOneHeadline) {
  expect("第十二章\n渔港的冬天\n", "第十二章 渔港的冬天\n");
  expect("第二节\n\n谁来补网？\n", "第二节 谁来补网？\n");
  expect("第三講\n漁港的冬天\n", "第三講 漁港的冬天\n");
  expect("第三章\n渔港的冬天和补网的人们在码头上度\n过的日子\n", "第三章 渔港的冬天和补网的人们在码头上度过的日子\n");
  expect("第一章\n渔港的冬天\n第二章\n补网的人们\n第三章\n开港\n",
         "第一章 渔港的冬天\n第二章 补网的人们\n第三章 开港\n");
}

// A sub-headline begins with a dash, but not inside brackets.
TEST(Wraps, ATitleInBracketsGoesOnWithItsDash) {
  EXPECT_EQ(
      wraps("老人们在报上读到一篇文章，题为《渔港的冬天和补网\n——记一个老渔村》，大家都说写得好，要把它贴在墙上，\n"
            "让来往的人都能读到它。\n"),
      "老人们在报上读到一篇文章，题为《渔港的冬天和补网——记一个老渔村》，大家都说写得好，要把它贴在墙上，让来往的人都能"
      "读到它。\n");
}

TEST_F(Chapters, WhatIsNoTitleStandsAlone) {
  for (const std::string head : {"第三章\n下雪了！\n", "第一节\n28:20\n", "第二章\n第九条 停泊\n", "第三章\n图为渔港\n",
                                 "第一讲\n一、渔港\n", "第三章\n下雪了。\n"})
    expect(head, head);
  // A line of text, as wide as the others, and one beside a picture.
  EXPECT_EQ(wraps("第三章\n" + std::string(body)), "第三章\n" + joined());
  EXPECT_EQ(wraps("第三章\n那年冬天老人们坐在屋里补\n着网，孩子们在门口看船，\n天亮以前灯就都点起来了。\n" +
                  std::string(body)),
            "第三章\n那年冬天老人们坐在屋里补着网，孩子们在门口看船，天亮以前灯就都点起来了。\n" + joined());
}

}  // namespace
}  // namespace inkwash
