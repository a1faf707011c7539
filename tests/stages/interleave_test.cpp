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
