#include "tests/run_chain.h"

namespace inkwash {
namespace {

// Two columns of a page of our own.
constexpr std::string_view left[] = {"临江港三号码头昨日完工，首批",     "货轮今天清晨靠岸。码头工人连夜卸",
                                     "下两千箱水果，赶在早市以前送到全", "市各个菜场。",
                                     "市民在菜场里排起长队，许多人",     "说，今年的水果比去年便宜三成，质",
                                     "量也更好一些。摊主告诉记者，往年"};
constexpr std::string_view right[] = {
    "的水果要从省城转运，路上要走两天", "时间，现在直接运到，当天就能摆上", "摊位。",
    "港务局负责人表示，三号码头明",     "年还将增加两座冷库和一条铁路专",   "线，届时每年可以装卸八十万吨货物"};

std::string across() {
  std::string text;
  for (std::size_t i = 0; i < std::size(left); ++i) {
    text += left[i];
    if (i < std::size(right)) text += " " + std::string(right[i]);
    text += "\n";
  }
  return text;
}

std::string below() {
  std::string text;
  for (const auto line : left) text += std::string(line) + "\n";
  for (const auto line : right) text += std::string(line) + "\n";
  return text;
}

TEST(Seams, PutsColumnsBelowEachOther) { EXPECT_EQ(testing::run_stage("seams", across()), below()); }

TEST(Seams, AHeadlineOverTheColumnsStays) {
  EXPECT_EQ(testing::run_stage("seams", "临江港三号码头完工\n" + across()), "临江港三号码头完工\n" + below());
}

TEST(Seams, EveryByteKnowsItsSource) {
  const std::string text = across();
  const Document document = testing::run_document("seams", text);
  const auto at = static_cast<ByteOffset>(document.text().find("装卸八十"));
  const SourceRange source = document.source_of({at, at + 12});
  EXPECT_EQ(text.substr(source.begin, source.size()), "装卸八十");
}

TEST(Seams, ARowMayHaveNoSpaceAtTheSeam) {
  std::string text = across();
  const std::size_t at = text.find("连夜卸 时间") + std::string_view("连夜卸").size();
  text.erase(at, 1);
  EXPECT_EQ(testing::run_stage("seams", text), below());
}

TEST(Seams, MarksOfAGutterAreDropped) {
  std::string text;
  for (std::size_t i = 0; i < std::size(left); ++i) {
    text += std::string(left[i]) + (i % 2 == 0 ? " 。" : "");
    if (i < std::size(right)) text += (i % 2 == 1 ? " 。 " : " ") + std::string(right[i]);
    text += "\n";
  }
  EXPECT_EQ(testing::run_stage("seams", text), below());
}

TEST(Seams, LeavesTextInOrderAlone) {
  EXPECT_EQ(testing::run_stage("seams", below()), below());
  // Spaces at the same width on every line are no seam where the text goes on across them.
  const std::string spaced =
      "记者 2024 年 5 月 12 日从市交通局获悉\n，全市 38 条公交线路已于 4 月底调整完\n毕，其中 12 条延长到新区，另 有 6 "
      "条增\n"
      "加了夜间班次，每天 运送乘客 21 万人次\n";
  EXPECT_EQ(testing::run_stage("seams", spaced), spaced);
}

TEST(Seams, FiveColumnsAreCutFourTimes) {
  constexpr std::string_view rows[][5] = {
      {"山城第一座空", "米，种了四十多种", "所以选的多是浅根", "住在对面的王", "园每天早上六点开"},
      {"中花园昨天开放，", "花草，浇花用的都", "的灌木。为了减轻", "阿姨每天早晨都来", "门，晚上九点关门，"},
      {"市民可以乘电梯登", "是屋顶收集的雨水。", "重量，土里掺了一", "打拳，她说从前站", "不收门票。"},
      {"上三十层高的楼顶，", "设计师说，楼", "半陶粒，花坛也用", "在窗口只看见水泥，", ""},
      {"在桂花树下看江景。", "顶的土层只有半米", "竹木做成，三年要", "现在看见的是一片", ""},
      {"花园占地两千平方", "厚，大树种不活，", "换一次。", "绿。物业表示，花", ""}};
  std::string text, expected;
  for (const auto& row : rows) {
    for (const auto piece : row)
      if (!piece.empty()) text += (piece.data() == row[0].data() ? "" : " ") + std::string(piece);
    text += "\n";
  }
  for (std::size_t column = 0; column < 5; ++column)
    for (const auto& row : rows)
      if (!row[column].empty()) expected += std::string(row[column]) + "\n";
  EXPECT_EQ(testing::run_stage("seams", text), expected);
}

TEST(Seams, ThreeColumnsAreCutTwice) {
  EXPECT_EQ(testing::run_stage("seams",
                               "青埠港的三号码头昨天 货轮今天上午靠岸，从 港务局长在码头上说，\n"
                               "完工，比原定的日期提 沿江三个县运来的农产 明年还要增建冷库和仓\n"
                               "前了两个月，工人们连 品开始装卸，码头工人 库，届时每年可以装卸\n"
                               "夜赶工，终于在雨季之 们敲锣打鼓迎接第一艘 八十万吨货物，铁路专\n"
                               "前浇筑了最后一块桥面 货轮，场面十分热闹， 线也将在年底以前接通\n"
                               "，全部工程没有发生一 附近的居民也赶来观看 ，从此货物可以直接上\n"
                               "起事故。 ，一直到中午才散去。 船运往各地。\n"),
            "青埠港的三号码头昨天\n"
            "完工，比原定的日期提\n"
            "前了两个月，工人们连\n"
            "夜赶工，终于在雨季之\n"
            "前浇筑了最后一块桥面\n"
            "，全部工程没有发生一\n"
            "起事故。\n"
            "货轮今天上午靠岸，从\n"
            "沿江三个县运来的农产\n"
            "品开始装卸，码头工人\n"
            "们敲锣打鼓迎接第一艘\n"
            "货轮，场面十分热闹，\n"
            "附近的居民也赶来观看\n"
            "，一直到中午才散去。\n"
            "港务局长在码头上说，\n"
            "明年还要增建冷库和仓\n"
            "库，届时每年可以装卸\n"
            "八十万吨货物，铁路专\n"
            "线也将在年底以前接通\n"
            "，从此货物可以直接上\n"
            "船运往各地。\n");
}

// Where recognition lost or garbled lines of a column words say little, and the gaps that it left say the more.
TEST(Seams, LinesThatRecognitionLostLeaveWideGaps) {
  EXPECT_EQ(testing::run_stage("seams",
                               "临江港三号码头完工\n"
                               "村人港三是巧头咋日元工，直批 的水果要从省城转运，路上要走两天\n"
                               "货乙今大清              时间，现在直接运到，当天就能摆上\n"
                               "生午林巾所用换攻，全志二才六训各 摊位。\n"
                               "市合个荣昜              港夯局负责人表不，三号码头明\n"
                               "年还将增加两座令库和一条铁路专\n"
                               "说，今年的水果便宜三成          线，届时每年可以装卸八十万吨货物\n"),
            "临江港三号码头完工\n"
            "村人港三是巧头咋日元工，直批\n"
            "货乙今大清\n"
            "生午林巾所用换攻，全志二才六训各\n"
            "市合个荣昜\n"
            "说，今年的水果便宜三成\n"
            "的水果要从省城转运，路上要走两天\n"
            "时间，现在直接运到，当天就能摆上\n"
            "摊位。\n"
            "港夯局负责人表不，三号码头明\n"
            "年还将增加两座令库和一条铁路专\n"
            "线，届时每年可以装卸八十万吨货物\n");
}

// A justified line of one column may come with a space between any two of its characters.
TEST(Seams, AColumnMayHaveALetterSpacedLine) {
  std::string text = across(), expected = below();
  for (std::string* t : {&text, &expected}) {
    const std::string_view line = "时间，现在直接运到，当天就能摆上";
    std::string spaced;
    for (std::size_t at = 0; at < line.size(); at += 3) spaced += (at > 0 ? " " : "") + std::string(line.substr(at, 3));
    t->replace(t->find(line), line.size(), spaced);
  }
  EXPECT_EQ(testing::run_stage("seams", text), expected);
}

// Rows of one column that stand half a line lower than the other's come alone, in turn with the other's.
template <class IsJoined>
std::string partly_across(IsJoined is_joined) {
  std::string text;
  for (std::size_t i = 0; i < std::size(left); ++i) {
    text += std::string(left[i]);
    if (i < std::size(right)) text += (is_joined(i) ? " " : "\n") + std::string(right[i]);
    text += "\n";
  }
  return text;
}

TEST(Seams, RowsInTurnBearOutFewThatWereJoined) {
  EXPECT_EQ(testing::run_stage("seams", partly_across([](std::size_t i) { return i == 0 || i == 1 || i == 4; })),
            below());
}

TEST(Seams, IndentsTellWhichColumnALineGoesOnIn) {
  EXPECT_EQ(testing::run_stage("seams", partly_across([](std::size_t i) { return i % 2 == 0; })), below());
}

// Of a letter-spaced row only the gaps that are wider than the others may be seams: trying all took seconds a page.
TEST(Seams, LetterSpacedRowsAreNoColumns) {
  std::string text;
  for (int i = 0; i < 12; ++i) text += "青 埠 港 的 三 号 码 头 昨 天 完 工 比 原 定 的 日 期 提 前\n";
  EXPECT_EQ(testing::run_stage("seams", text), text);
}

TEST(Seams, RowsOfATableStay) {
  for (const std::string text :
       {"学校招生人数\n一中    320    280\n二中    300    260\n三中    240    230\n四中    200    210\n五中    180    "
        "190\n",
        "临江    晴    12    20\n东港    多云    10    18\n西山    小雨    8    15\n南湖    阴    11    17\n",
        "Gold   1,250   1,260\nSilver   17.2   17.5\nCopper   3.1   3.2\nZinc   1.2   1.3\n"})
    EXPECT_EQ(testing::run_stage("seams", text), text);
}

}  // namespace
}  // namespace inkwash
