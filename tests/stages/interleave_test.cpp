#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <vector>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

// Two columns of a page of our own, a line of each in turn.
constexpr std::string_view left[] = {"　　本报讯 记者昨天从市交通局", "获悉，全市新开通的夜间公共汽",
                                     "车线路受到市民欢迎，一个月来",  "共运送乘客十二万人次，平均每",
                                     "天四千人次，其中医院和车站附",  "近的站点客流最多，高峰时段每"};
constexpr std::string_view right[] = {"十分钟就有一班车。交通局有关负", "责人表示，下一步将根据客流情",
                                      "况调整发车时间，并在大学城增加", "两个站点，方便学生出行，同时加",
                                      "强驾驶员的安全教育，确保夜间行", "车安全。"};

std::string in_turn() {
  std::string text;
  for (std::size_t i = 0; i < std::size(left); ++i) {
    text += left[i];
    text += "\n\n";
    text += right[i];
    text += "\n\n";
  }
  return text;
}

TEST(Interleave, PutsColumnsBack) {
  std::string expected;
  for (const auto line : left) expected += std::string(line) + "\n";
  for (const auto line : right) expected += std::string(line) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", in_turn()), expected);
}

// Two articles, one below the other: the columns of the first end, in mid-sentence, where the headline of the second
// stands across. Were a `band` dearer than about twice what it is, or cheaper than nothing, they would not.
TEST(Interleave, ColumnsOfAnArticleEndWhereTheNextBegins) {
  constexpr std::string_view headline = "山区小学迎来第一间图书室";
  constexpr std::string_view below_left[] = {"　　本报讯 县教育局昨天宣布，全", "县最后一所没有图书室的小学已经",
                                             "有了自己的图书室。学校在海拔两",  "千米的山上，学生只有三十多人，",
                                             "过去看书要走两个小时的山路，到",  "镇上去借。"};
  constexpr std::string_view below_right[] = {"　　这里的书由各地的读者捐赠，", "共有三千多册，其中一半是少年儿",
                                              "童读物。校长说，孩子们放学以后", "都不愿意回家，老师只好陪着他们",
                                              "一起看书。明年春天，志愿者还将", "送来电脑。"};
  std::string text = in_turn(), expected;
  text += std::string(headline) + "\n\n";
  for (std::size_t i = 0; i < std::size(below_left); ++i)
    text += std::string(below_left[i]) + "\n\n" + std::string(below_right[i]) + "\n\n";
  const auto add = [&](const auto& lines) {
    for (const auto line : lines) expected += std::string(line) + "\n";
  };
  add(left);
  add(right);
  expected += std::string(headline) + "\n";
  add(below_left);
  add(below_right);
  std::string cleaned = testing::run_stage("interleave", text);
  for (std::size_t at; (at = cleaned.find("\n\n")) != std::string::npos;) cleaned.erase(at, 1);
  EXPECT_EQ(cleaned, expected);
}

// Five columns; the last one ends early. (With at most four the rows would be read a column further down each.)
TEST(Interleave, PutsFiveColumnsBack) {
  constexpr std::string_view rows[][5] = {
      {"　　本报讯 山城第一", "两千平方米，种了四十", "种不活，所以选的多是", "　　住在对面的王阿姨",
       "每天早上六点开门，晚"},
      {"座空中花园昨天开放，", "多种花草，浇花用的都", "浅根的灌木。为了减轻", "每天早晨都来打拳，她",
       "上九点关门，不收门票。"},
      {"市民可以乘电梯登上三", "是屋顶收集的雨水。", "重量，土里掺了一半陶", "说从前站在窗口只看见", ""},
      {"十层高的楼顶，在桂花", "　　设计师说，楼顶的", "粒，花坛也用竹木做成，", "水泥，现在看见的是一", ""},
      {"树下看江景。花园占地", "土层只有半米厚，大树", "三年要换一次。", "片绿。物业表示，花园", ""}};
  std::string text, expected;
  for (const auto& row : rows)
    for (const auto line : row)
      if (!line.empty()) text += std::string(line) + "\n\n";
  text.pop_back();
  for (std::size_t column = 0; column < 5; ++column)
    for (const auto& row : rows)
      if (!row[column].empty()) expected += std::string(row[column]) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

// Two columns all of whose lines but a few have a blank line between: `change_without_blank` may not be much more than
// it is; nor much less, or lines with no blank line between at all would be taken for columns by so little evidence.
TEST(Interleave, AFewBlankLinesMayBeMissing) {
  std::string expected, all, few;
  for (const auto line : left) expected += std::string(line) + "\n";
  for (const auto line : right) expected += std::string(line) + "\n";
  for (std::size_t i = 0; i < std::size(left); ++i)
    for (const auto line : {left[i], right[i]}) {
      const bool is_missing = line == right[1] || line == left[3];
      few += std::string(line) + (is_missing ? "\n" : "\n\n");
      all += std::string(line) + "\n";
    }
  few.pop_back();
  EXPECT_EQ(testing::run_stage("interleave", few), expected);
  EXPECT_EQ(testing::run_stage("interleave", all), all);
}

// Of three columns the middle one has nothing beside two rows of the others: the rows are still read from left to
// right.
TEST(Interleave, AColumnMayPauseAmongTheOthers) {
  constexpr std::string_view rows[][3] = {
      {"市气象台昨天发布消息，未来", "农业部门提醒农民，要抓紧时", "交通部门表示，已经准备好除"},
      {"三天本市将有大到暴雪，气温", "间加固蔬菜大棚，给果树培土", "雪车六十台、融雪剂两千吨，"},
      {"下降十度左右，局部地区还会", "防寒，同时做好牲畜棚舍的保", "出现积雪的路段将及时清理，"},
      {"出现冰冻。专家建议市民减少", "", "保证主要道路畅通。公交公司"},
      {"外出，老人和孩子尤其要注意", "", "也将增加班次，方便市民上下"},
      {"保暖，使用煤炉取暖的家庭要", "温工作，减少损失。各乡镇的", "班。铁路部门说，列车目前运"},
      {"保持通风，防止一氧化碳中", "农技人员已经到田间地头，帮", "行正常，旅客如需改签车票，"},
      {"毒，遇到危险及时报警。", "助农户解决实际困难。", "可以到车站窗口办理。"}};
  std::string text, expected;
  for (const auto& row : rows)
    for (const auto line : row)
      if (!line.empty()) text += std::string(line) + "\n\n";
  for (std::size_t column = 0; column < 3; ++column)
    for (const auto& row : rows)
      if (!row[column].empty()) expected += std::string(row[column]) + "\n";
  std::string cleaned = testing::run_stage("interleave", text);
  for (std::size_t at; (at = cleaned.find("\n\n")) != std::string::npos;) cleaned.erase(at, 1);
  EXPECT_EQ(cleaned, expected);
}

// Both columns are in mid-paragraph where 奥运 at the end of a line of one goes better on with 会 of the other: but
// then nothing would keep the line of the other from coming first.
TEST(Interleave, ColumnsDoNotSwapInMidParagraph) {
  constexpr std::string_view rows[][2] = {{"　　本报讯 城北老年大学今年秋", "时候，他带来了自己的工具箱，"},
                                          {"天新开了一门修表课，来报名的", "里面有镊子、放大镜和各种各样"},
                                          {"有六十多人，最大的八十二岁，", "的小螺丝刀，学员们围在桌子旁"},
                                          {"最小的也过了五十五岁，教室里", "边，看他把一只停了二十年的闹"},
                                          {"坐得满满当当，晚来的人只好站", "钟拆开，洗净上油，再一个一个"},
                                          {"在走廊里听。他先讲一只奥运", "地装回去。学得最快的是李爷爷"},
                                          {"怀表的来历，再讲怎么挑选螺丝", "会修闹钟以后又学修表，赢得了"},
                                          {"刀和镊子，他说，一块好表只要", "一片热烈掌声。有的学员说，回家"},
                                          {"保养得当，可以走上一百年，现", "以后要把父亲留下来的手表找出"},
                                          {"在的年轻人不再修表，手艺快要", "来修好，留给孙子做纪念。学校"},
                                          {"失传了，所以学校请他来讲课，", "负责人表示，明年春天还要再开"},
                                          {"他马上就答应了。", "两个班，让更多老人来学习。"}};
  std::string text, expected;
  for (const auto& row : rows)
    for (const auto line : row) text += std::string(line) + "\n\n";
  for (std::size_t column = 0; column < 2; ++column)
    for (const auto& row : rows) expected += std::string(row[column]) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

// As above, in three columns of which two would change places; but the one is inside a quotation, the other is not.
TEST(Interleave, AQuotationClosesInItsColumn) {
  constexpr std::string_view rows[][3] = {
      {"　　本报讯 市气象台昨天发布消息", "　　城北老年大学今年秋天新开了", "　　下课的时候，他带来了自己的"},
      {"说，未来三天本市将有大到暴雪，", "一门修表课，来报名的有六十多人，", "工具箱，里面有镊子、放大镜和各"},
      {"气温下降十度左右，局部地区还会", "最大的八十二岁，最小的也过了五", "种各样的“宝贝”，学员们围在桌"},
      {"出现冰冻。专家建议市民减少外出", "十五岁，教室里坐得满满当当，晚", "子旁边，看他把一只停了二十年的"},
      {"的次数，老人和孩子尤其要注意保", "来的人只好站在走廊里听。老师傅", "闹钟拆开，洗净上油，再一个一个"},
      {"暖，使用煤炉取暖的家庭要保持通", "说：“我先给大家讲一讲这只奥运", "地装回去。学得最快的是李爷爷"},
      {"风，防止一氧化碳中毒，遇到危险", "怀表的来历，再讲怎么挑选螺丝刀", "会修闹钟以后又学修表，赢得了一"},
      {"要及时报警。交通部门已经准备好", "和镊子，一块好表只要保养得当可", "片热烈掌声。有的学员说，回家以"},
      {"除雪车六十台、融雪剂两千吨，出", "以走上一百年。”现在的年轻人不", "后要把父亲留下来的手表找出来修"},
      {"现积雪的路段将及时清理，保证主", "再修表，手艺快要失传了，所以学", "好，留给孙子做纪念。学校的负责"},
      {"要道路畅通。公交公司也将增加班", "校请他来讲课，他马上就答应了下", "人表示，明年春天还要再开两个“"},
      {"次，方便市民上下班。", "来，一讲就是三年。", "修表班”，让更多老人来学习。"}};
  std::string text, expected;
  for (const auto& row : rows)
    for (const auto line : row) text += std::string(line) + "\n\n";
  for (std::size_t column = 0; column < 3; ++column)
    for (const auto& row : rows) expected += std::string(row[column]) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

// Of a page of our own, most of the first of two columns, and the second.
constexpr std::string_view swept[] = {
    "头扫地，从来没有人请她来，也没有", "人付过她一分钱。", "陈阿婆说，桥是大家的，自己走",
    "得最多，扫一扫是应该的。有一年她", "病了三个月，桥头积了一层树叶，几", "个学生放学以后就替她扫，一直扫到",
    "她出院。", "这几个学生后来都上了大学，每年", "春节回来都要去看她，小魏又"};
constexpr std::string_view minded_by_students[] = {
    "抱来一盆水仙。她把这几个好",       "学生的照片贴在墙上，有人上门便",
    "指给人看，说这些都是自己的孙子。", "居委会主任说，社区打算给阿婆送",
    "一把新扫帚，再做一件红马甲，让",   "来往的司机远远就能看见她。",
    "阿婆听了直摆手，说旧扫帚用顺了",   "换不得，红马甲还是留给年轻人穿，",
    "她要有一顶草帽，夏天不晒，就能",   "一直扫下去。"};

// A page of these lines, then two columns a line of each in turn, cleaned by these rules: whether the columns come out
// one below the other.
bool come_below_each_other(std::initializer_list<std::string_view> heads, std::span<const std::string_view> first,
                           std::span<const std::string_view> second, const Rules& rules = {}) {
  std::string text, expected;
  for (const auto line : heads) text += std::string(line) + "\n";
  expected = text;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i > 0) text += "\n";
    if (i < first.size()) text += std::string(first[i]) + "\n";
    if (i < second.size()) text += "\n" + std::string(second[i]) + "\n";
  }
  for (const auto& lines : {first, second})
    for (const auto line : lines) expected += std::string(line) + "\n";
  const auto without_blanks = [](std::string lines) {
    for (std::size_t at; (at = lines.find("\n\n")) != std::string::npos;) lines.erase(at, 1);
    return lines;
  };
  const auto chain = Chain::make(*ChainSpec::of_stages("interleave"), builtin_stages(), rules);
  auto document = Document::from_bytes(text);
  EXPECT_TRUE(chain && document && chain->run(*document));
  return without_blanks(std::string(document->text())) == without_blanks(expected);
}

// What stands at the end of the text must end it: 小魏又 goes on at the top of the other column, though the words say
// little of that, and the name of the page could head either.
TEST(Interleave, ATextDoesNotEndInMidSentence) {
  std::vector<std::string_view> lines{"本报讯 家住河西的陈阿婆今年八", "十三岁，三十年来每天清早都要到桥"};
  lines.insert(lines.end(), std::begin(swept), std::end(swept));
  EXPECT_TRUE(come_below_each_other({"街坊邻里\n", "扫了三十年的桥", "本报记者 何小满 杜春生"}, lines, minded_by_students));
}

// The name in a bracket is torn: it goes on where the bracket closes. Were brackets against that, it would not.
TEST(Interleave, ABracketClosesInItsColumn) {
  std::vector<std::string_view> lines{"本报江城3月1日电（记者 邓", "宇）家住河西的陈阿婆今年八",
                                      "十三岁，三十年来每天清早都要到桥"};
  lines.insert(lines.end(), std::begin(swept), std::end(swept));
  EXPECT_TRUE(come_below_each_other({"扫了三十年的桥"}, lines, minded_by_students));

  const auto folder = std::filesystem::path(::testing::TempDir()) / "inkwash_interleave_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "brackets.toml") << "pairs = ['（）']\n[odds]\nfit = -15\nat_odds = 0\n";
  EXPECT_FALSE(come_below_each_other({"扫了三十年的桥"}, lines, minded_by_students, Rules(folder.native())));
  std::filesystem::remove_all(folder);
}

// The two lines of a headline stand closer than those of the text beside it: both may come before its next.
TEST(Interleave, TheLinesOfAHeadlineMayStandCloser) {
  constexpr std::string_view with_headline[] = {"　　本报讯 市气象台昨天发布消息",
                                                "说，未来三天本市将有大到暴雪，",
                                                "气温下降十度左右，局部地区还会",
                                                "出现冰冻。专家建议市民减少外出",
                                                "的次数，并注意保暖。",
                                                "修表班开课",
                                                "老人坐满堂",
                                                "　　城北老年大学今年秋天新开了",
                                                "一门修表课，来报名的有六十多人，",
                                                "最大的八十二岁，最小的也过了五",
                                                "十五岁，教室里坐得满满当当，晚",
                                                "来的人只好站在走廊里听讲。"};
  constexpr std::string_view beside[] = {
      "　　下课的时候，他带来了自己的", "工具箱，里面有镊子、放大镜和各", "种各样的小螺丝刀，学员们围在桌",
      "子旁边，看他把一只停了二十年的", "闹钟拆开，洗净上油，再一个一个", "地装回去。学得最快的是一位退休",
      "教师，他修好了家里的挂钟，赢得", "一片热烈掌声。有的学员说，回家", "以后要把父亲留下来的手表找出来",
      "修好，留给孙子做纪念。学校的负", "责人表示，明年春天再开两个班。"};
  std::string text, expected;
  const auto set = [&](std::string_view line) { text += std::string(line) + "\n\n"; };
  constexpr std::size_t headline = 5;  // its first line, in its column
  for (std::size_t i = 0, k = 0; i < std::size(with_headline); ++i) {
    set(with_headline[i]);
    if (i != headline && k < std::size(beside)) set(beside[k++]);
  }
  for (const auto line : with_headline) expected += std::string(line) + "\n";
  for (const auto line : beside) expected += std::string(line) + "\n";
  std::string cleaned = testing::run_stage("interleave", text);
  for (std::size_t at; (at = cleaned.find("\n\n")) != std::string::npos;) cleaned.erase(at, 1);
  EXPECT_EQ(cleaned, expected);
}

// The words leave open which of the two paragraphs goes on with which: the first line of one is narrower by its indent,
// and can't stand in mid-paragraph.
TEST(Interleave, WidthsSayWhereAParagraphBegins) {
  constexpr std::string_view first[] = {"姚岚说完望着窗外",
                                        "的老槐树，那年春天特",
                                        "别冷，花开得也比往年",
                                        "晚。",
                                        "那只旧木箱还靠在",
                                        "门后，里面的信一封也",
                                        "没有少。"};
  constexpr std::string_view second[] = {"屋里很静，远处有", "钟声，一下又一下地响", "着，像在数谁的脚步。",
                                         "柏师傅拿起了那只", "瓷碗，对着灯看了又看", "他说釉色没有变过，连",
                                         "底也没有磨。"};
  std::string text, expected;
  for (std::size_t i = 0; i < std::size(first); ++i)
    text += std::string(first[i]) + "\n\n" + std::string(second[i]) + "\n\n";
  for (const auto line : first) expected += std::string(line) + "\n";
  for (const auto line : second) expected += std::string(line) + "\n";
  const std::string cleaned = testing::run_stage("interleave", text);
  EXPECT_EQ(cleaned.substr(0, expected.size()), expected);
}

// Far below where a text begins that goes on from line to line only some lines are looked at.
TEST(Interleave, PutsColumnsBackFarBelowAText) {
  constexpr std::string_view above[] = {"　　本报讯 县图书馆今年为乡镇",  "送去图书两万册，并为十二个村建",
                                        "起了书屋。馆长介绍，农闲时节",   "来借书的人最多，老人喜欢看戏曲",
                                        "故事，孩子们喜欢看连环画和科学", "读物。年底还要再送一批新书去。"};
  std::string text;
  for (int k = 0; k < 8; ++k)
    for (const auto line : above) text += std::string(line) + "\n";
  std::string expected = text;
  text += in_turn();
  for (const auto line : left) expected += std::string(line) + "\n";
  for (const auto line : right) expected += std::string(line) + "\n";
  std::string cleaned = testing::run_stage("interleave", text);
  for (std::size_t at; (at = cleaned.find("\n\n")) != std::string::npos;) cleaned.erase(at, 1);
  EXPECT_EQ(cleaned, expected);
}

TEST(Interleave, EveryByteKnowsItsSource) {
  const std::string text = in_turn();
  const Document document = testing::run_document("interleave", text);
  const auto at = static_cast<ByteOffset>(document.text().find("大学城"));
  const SourceRange source = document.source_of({at, at + 9});
  EXPECT_EQ(text.substr(source.begin, source.size()), "大学城");
}

TEST(Interleave, LeavesLinesInOrderAlone) {
  std::string text;
  for (const auto line : left) text += std::string(line) + "\n";
  for (const auto line : right) text += std::string(line) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), text);
}

// Paragraphs that stand on a line each are no lines of columns, however well each goes on with one further down.
TEST(Interleave, LeavesWholeParagraphsAlone) {
  std::string text;
  for (std::size_t i = 0; i < std::size(left); ++i)
    for (const auto line : {left[i], right[i]}) {
      const std::string_view beginning = line.substr(0, 9);
      text += beginning;
      for (int k = 0; k < 3; ++k) text += "临港市昨日启动防台风三级应急响应，";
      text += std::string(line.substr(beginning.size())) + "\n\n";
    }
  EXPECT_EQ(testing::run_stage("interleave", text), text);
}

TEST(Interleave, TheOtherHalfOfAStretchedHeadlineComesUp) {
  std::string text = "夜 班 公 交 受 欢 迎\n", expected = text + "新 区 居 民 称 便\n";
  for (const auto line : left) {
    text += std::string(line) + "\n";
    expected += std::string(line) + "\n";
  }
  text += "\n新 区 居 民 称 便\n";
  for (const auto line : right) {
    text += std::string(line) + "\n";
    expected += std::string(line) + "\n";
  }
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

TEST(Interleave, TheRestOfAHeadlineBelowTheTextBesideItIsJoined) {
  EXPECT_EQ(testing::run_stage("interleave",
                               "夜班公交新线受居民欢\n"
                               "新区的三条夜班公交线路昨晚开通，记者随车采访了居\n"
                               "迎\n"
                               "民和司机，他们都说这条线路来得及时，今后下班不必打\n"
                               "车回家。\n"),
            "夜班公交新线受居民欢迎\n"
            "新区的三条夜班公交线路昨晚开通，记者随车采访了居\n"
            "民和司机，他们都说这条线路来得及时，今后下班不必打\n"
            "车回家。\n");
}

TEST(Interleave, AHeadlineOfTwoClausesIsNoRest) {
  const std::string text =
      "夜班公交新线受欢迎 市民盼加密班次\n"
      "新区的三条夜班公交线路昨晚开通，记者随车采访了居民和司机，他们也\n"
      "车次不够 还要再加\n"
      "市民认为这条线路来得及时，今后下班不必打车回家，只是车次还少了些\n";
  EXPECT_EQ(testing::run_stage("interleave", text), text);
}

// Blocks of several lines of each column in turn: what a line goes on with is the first line of a block.
TEST(Interleave, PutsBlocksOfColumnsBack) {
  std::string text, expected;
  for (std::size_t i = 0; i < std::size(left); i += 2) {
    for (const auto& column : {left, right}) {
      for (std::size_t k = i; k < i + 2; ++k) text += std::string(column[k]) + "\n";
      text += "\n";
    }
  }
  text.pop_back();
  for (const auto line : left) expected += std::string(line) + "\n";
  for (const auto line : right) expected += std::string(line) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

TEST(Interleave, TheOtherHalfOfAStretchedHeadlineMayStandOnASubHeadline) {
  std::string text = "夜 班 公 交 受 欢 迎\n", expected = text + "新 区 居 民 称 便\n";
  for (std::size_t i = 0; i < 5; ++i) {
    text += std::string(left[i]) + "\n";
    expected += std::string(left[i]) + "\n";
  }
  const std::string rest = "近的站点客流最多。\n",
                    below = "客流高峰增加班次\n" + std::string(right[1]) + "\n" + std::string(right[2]) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text + rest + "\n新 区 居 民 称 便\n" + below), expected + rest + below);
}

TEST(Interleave, ABylineSaysNothingOfWhatFollows) {
  // 因 would go on with 为.
  constexpr std::string_view byline = "沿江早稻开镰\n收购窗口添到六个\n本报记者 周因\n";
  const std::vector<std::vector<std::string_view>> columns = {
      {"本报临江六月八日电（记者孙青林", "白）沿江三县的早稻昨天开镰收割，", "三万名农民下到田里。县农业局说，", "今年雨水均匀，每亩可以多收五十", "斤。"},
      {"收割机手老陈说，他们要赶在雨季", "以前收完，夜里也不停机；粮站已", "经腾出八个仓，磅秤全部校过一遍，", "只等新粮入库，并且派人到村里登", "记。"},
      {"为方便农民卖粮，粮站把过秤的窗", "口从两个添到六个，又在门口搭了", "凉棚，备下茶水。站长说，卖粮的", "钱当天就能领到手，不必再等。"}};
  std::string text(byline), expected = text + "\n";
  for (std::size_t first = 0, lines = 1; first < columns[0].size(); first += lines, lines = 2)
    for (const auto& column : columns) {
      text += "\n";
      for (std::size_t i = first; i < std::min(first + lines, column.size()); ++i) text += std::string(column[i]) + "\n";
    }
  for (const auto& column : columns)
    for (const std::string_view line : column) expected += std::string(line) + "\n";
  EXPECT_EQ(testing::run_stage("interleave", text), expected);
}

TEST(Interleave, PutsColumnsOfEnglishBack) {
  const std::string first =
      "The harbour board said on Monday that\n"
      "the old pier will be shut for the whole\n"
      "of the winter. The posts that it stands\n"
      "on have to be replaced by new ones, the\n"
      "engineer reported. Nobody had looked at\n"
      "them since the storm, which had car-\n"
      "ried away the lamp and a part of the\n"
      "railing. Ferries will go on to run from\n"
      "the fish market, and at noon a boat of\n";
  const std::string second =
      "the coast guard will bring the children\n"
      "home. Captain Holm, who was born on the\n"
      "island, said that he had never seen a\n"
      "pier that was shut for so long. It would\n"
      "be a hard winter for the shops, which\n"
      "live on those who wait for the ferry.\n"
      "Mrs. Weir has sold tea to them for thir-\n"
      "ty years. She hopes that the board will\n"
      "put up a bench for her at the market.\n";
  std::string raw;
  for (std::size_t a = 0, b = 0; a < first.size();) {
    const std::size_t end_a = first.find('\n', a) + 1, end_b = second.find('\n', b) + 1;
    raw += first.substr(a, end_a - a) + "\n" + second.substr(b, end_b - b) + "\n";
    a = end_a;
    b = end_b;
  }
  EXPECT_EQ(testing::run_stage("interleave", raw), first + second);
}

TEST(Interleave, RowsOfATableStay) {
  for (const std::string text :
       {"学校招生人数\n一中    320    280\n二中    300    260\n三中    240    230\n四中    200    210\n五中    180    "
        "190\n",
        "临江    晴    12    20\n东港    多云    10    18\n西山    小雨    8    15\n南湖    阴    11    17\n",
        "Gold   1,250   1,260\nSilver   17.2   17.5\nCopper   3.1   3.2\nZinc   1.2   1.3\n"})
    EXPECT_EQ(testing::run_stage("interleave", text), text);
}

}  // namespace
}  // namespace inkwash
