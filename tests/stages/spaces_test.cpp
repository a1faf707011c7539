#include "tests/run_chain.h"

namespace inkwash {
namespace {

std::string spaces(std::string text) { return testing::run_stage("spaces", std::move(text)); }

TEST(Spaces, RemovesLetterSpacing) {
  EXPECT_EQ(spaces("永 久 全 面 合 作 关 系 发 展 ，新 蓝 图、作出新部署。"),
            "永久全面合作关系发展，新蓝图、作出新部署。");
  EXPECT_EQ(spaces("不 捨 老 母          病 男 撐 家"), "不捨老母 病男撐家");
  EXPECT_EQ(spaces("前 1 0 个 月 增 长 1 4 . 6 %"), "前10个月增长14.6%");
}

TEST(Spaces, RemovesSpacesAtDigitsLatinAndMarks) {
  EXPECT_EQ(spaces("7 月 2 日上午，F-16 战机起飞。"), "7月2日上午，F-16战机起飞。");
  EXPECT_EQ(spaces("他说 ：“ 好 ” 。"), "他说：“好”。");
}

TEST(Spaces, KeepsSpacesThatSeparate) {
  for (const char* text :
       {"同心笃行 续写临江新篇章", "临江市市长 宋以宁", "本报记者 宋以宁摄", "癌父撐家 「再苦也要撐」",
        "本报临江7月2日电 7月2日上午开港", "病父撐家 4子待哺", "The quick brown fox"})
    EXPECT_EQ(spaces(text), text);
}

TEST(Spaces, WhoReportedStandsBesideTheDateline) {
  EXPECT_EQ(spaces("本报临江7月2日电 （记者宋以宁）港口完工"), "本报临江7月2日电（记者宋以宁）港口完工");
}

TEST(Spaces, KnowsWhereNamesEnd) {
  EXPECT_EQ(spaces("（记者 董 雪）"), "（记者 董雪）");
  EXPECT_EQ(spaces("（记者\n杨 以 军 马 峥）当 地 时 间"), "（记者\n杨以军 马峥）当地时间");
  EXPECT_EQ(spaces("本报讯（记者曹望 宋芳）"), "本报讯（记者曹望 宋芳）");
}

TEST(Spaces, KnowsTheNamesAfterALetterSpacedRole) {
  EXPECT_EQ(spaces("本 报 讯 （ 记 者 宋 以 宁 高 望\n海）港口完工"), "本报讯（记者宋以宁 高望\n海）港口完工");
  // More names have three characters: 文 is a family name as well.
  EXPECT_EQ(spaces("（ 记 者 宋 以 文 高 望 海 ） 港 口"), "（记者宋以文 高望海）港口");
}

TEST(Spaces, WhatIsSetApartFromASentenceStaysApart) {
  const std::string text =
      "港口去年扩建，吞吐量增加，工人也多了，岸上的货场，旧的码头，都在修，工期很紧，大家都忙。\n"
      "渡轮改到南岸，早班六点，晚班十点，票价不变，学生半价，老人免费，残疾人免费，儿童免费。\n"
      "货主说，今年春天，沿江的水位，比往年高，船来得早，走得快，运费也低，年底再看。\n";
  EXPECT_EQ(spaces(text + "他說：「明年再來。」 工人都笑了\n"), text + "他說：「明年再來。」 工人都笑了\n");
  EXPECT_EQ(spaces(text + "他說，明年， 再來\n"), text + "他說，明年，再來\n");
  // Recognition sees such spaces at many marks.
  EXPECT_EQ(spaces("他說：「明年再來。」 工人都笑了，說好\n"), "他說：「明年再來。」工人都笑了，說好\n");
}

TEST(Spaces, NamesInARowAreAList) {
  EXPECT_EQ(spaces("出席会议的有 王小明 李 红 张建国 等人。"), "出席会议的有 王小明 李红 张建国 等人。");
  EXPECT_EQ(spaces("二等奖：陈丽 欧阳修文 赵 刚 孙 伟"), "二等奖：陈丽 欧阳修文 赵刚 孙伟");
  EXPECT_EQ(spaces("获奖者　李红　王 刚　赵伟，共三人。"), "获奖者 李红 王刚 赵伟，共三人。");
  EXPECT_EQ(spaces("获奖的有 李红 王小刚 赵 伟 。"), "获奖的有 李红 王小刚 赵伟。");
  // Words of a stretched line that could be names.
  EXPECT_EQ(spaces("今年 成果 和平 高速 发展 到处 有人 在说"), "今年成果和平高速发展到处有人在说");
}

TEST(Spaces, KeepsTheCellsOfATable) {
  EXPECT_EQ(spaces("东圃 420 63.5\n西圃 310 46.8"), "东圃 420 63.5\n西圃 310 46.8");
}

TEST(Spaces, MakesSeparatorsOneSpace) { EXPECT_EQ(spaces("同心笃行　　续写新篇"), "同心笃行 续写新篇"); }

TEST(Spaces, LeavesTheEdgesOfLinesToWraps) { EXPECT_EQ(spaces("　　他说好。  \n"), "　　他说好。  \n"); }

TEST(Spaces, ANumberIsClosedAtItsMark) {
  EXPECT_EQ(testing::run_stage("spaces", "全港货物吞吐量6. 2亿吨\n"), "全港货物吞吐量6.2亿吨\n");
  EXPECT_EQ(testing::run_stage("spaces", "1. 2024年的计划\n"), "1. 2024年的计划\n");
}

TEST(Spaces, AClauseOfAHeadlineMayEndWithAQuotation) {
  EXPECT_EQ(testing::run_stage("spaces", "让检查考核“瘦身” 为基层松绑减负\n"), "让检查考核“瘦身” 为基层松绑减负\n");
  EXPECT_EQ(testing::run_stage("spaces", "他说这是“瘦身” ，为基层松绑，大家都说好。\n"),
            "他说这是“瘦身”，为基层松绑，大家都说好。\n");
}

TEST(Spaces, ANumberAtALinesEndIsNoTable) {
  EXPECT_EQ(testing::run_stage("spaces", "装卸一次每吨就要 3、\n4000 元，这还只是运费\n"),
            "装卸一次每吨就要3、\n4000元，这还只是运费\n");
}

TEST(Spaces, ALineOfTextDoesNotEndInALoneCharacter) {
  EXPECT_EQ(spaces("港口去年扩建，吞吐量比上年增 加\n"), "港口去年扩建，吞吐量比上年增加\n");
  EXPECT_EQ(spaces("工人说，新的码头明年春天开\n始装卸第一批沿江运来的货 物\n"),
            "工人说，新的码头明年春天开\n始装卸第一批沿江运来的货物\n");
  // The headline may go on with a clause.
  EXPECT_EQ(spaces("临江港三号码头完工 货\n"), "临江港三号码头完工 货\n");
}

TEST(Spaces, AnOldSignatureStandsApart) {
  EXPECT_EQ(spaces("日來江上風大、小輪多停、旅客改由陸路、而車資驟漲、怨聲載道、\n"
                   "本埠渡輪、自下月起改訂時刻、乘客諸君、幸垂察焉、此啓、 林江客\n"),
            "日來江上風大、小輪多停、旅客改由陸路、而車資驟漲、怨聲載道、\n"
            "本埠渡輪、自下月起改訂時刻、乘客諸君、幸垂察焉、此啓、 林江客\n");
  EXPECT_EQ(spaces("日來江上風大、 小輪多停、 旅客改由陸路、 而車資驟漲、 怨聲載道、\n"
                   "本埠渡輪、 自下月起改訂時刻、 乘客諸君、 幸垂察焉、 此啓\n"),
            "日來江上風大、小輪多停、旅客改由陸路、而車資驟漲、怨聲載道、\n"
            "本埠渡輪、自下月起改訂時刻、乘客諸君、幸垂察焉、此啓\n");
}

TEST(Spaces, FindsTheClausesOfALetterSpacedHeadline) {
  EXPECT_EQ(spaces("病 母 難 工 作 少 年 打 工 撐 家\n兒子說，今年三月母親病倒。\n"),
            "病母難工作 少年打工撐家\n兒子說，今年三月母親病倒。\n");
  EXPECT_EQ(spaces("重 病 母 親 難 工 作 两 名 少 年 撐 家\n兒子說，今年三月母親病倒。\n"),
            "重病母親難工作 两名少年撐家\n兒子說，今年三月母親病倒。\n");
  // One clause, and a row of a text.
  EXPECT_EQ(spaces("临 江 港 三 号 码 头 昨 日 完 工\n"), "临江港三号码头昨日完工\n");
  EXPECT_EQ(spaces("病 母 難 工 作 少 年 打 工 撐 家\n病 母 難 工 作 少 年 打 工 撐 家\n"),
            "病母難工作少年打工撐家\n病母難工作少年打工撐家\n");
}

TEST(Spaces, BracketsBeginNoClause) {
  EXPECT_EQ(testing::run_stage("spaces", "渡口管理处昨天 （5月7日）\n宣布停航\n"),
            "渡口管理处昨天（5月7日）\n宣布停航\n");
  EXPECT_EQ(testing::run_stage("spaces", "新轮渡下水 “江鸥号”试航\n"), "新轮渡下水 “江鸥号”试航\n");
}

TEST(Spaces, KeepsTheCellsOfATableApart) {
  EXPECT_EQ(spaces("600001    临江实业  12.35\n600002    东港股份  8.20\n600003    南湖科技  21.07\n"),
            "600001 临江实业 12.35\n600002 东港股份 8.20\n600003 南湖科技 21.07\n");
  EXPECT_EQ(spaces("临江    晴    12    20\n东港    多云    10    18\n西山    小雨    8    15\n"),
            "临江 晴 12 20\n东港 多云 10 18\n西山 小雨 8 15\n");
}

}  // namespace
}  // namespace inkwash
