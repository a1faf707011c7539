// Pages are set here as the tools set them: columns side by side, each line padded on one ruler.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/chain.h"
#include "inkwash/unicode.h"
#include "tests/run_chain.h"

namespace inkwash {
namespace {

using Lines = std::vector<std::string>;
using Made = expected<std::unique_ptr<const Stage>, ConfigErrors>;

constexpr std::string_view ferry =
    "　　渡口的早晨从六点开始。老船工周大河把缆绳解开，招呼第一批赶集的乡亲上船。他在这条河上摆渡31年，"
    "风里雨里没有误过一班。\n"
    "　　“桥通了以后，坐船的人少了。”他笑着说，“可是学生还要过河，药也要送过去。”去年冬天，镇上给渡船"
    "换了电机，每月能省下420元油钱。\n"
    "　　对岸的卫生站只有两名护士。她们说，只要听见汽笛，心里就踏实。\n";
constexpr std::string_view library =
    "　　旧粮仓改成的图书馆昨天开门，头一天就来了380多人。孩子们坐在木梯上看书，老人们围着一张长桌翻报纸。"
    "馆长林静告诉记者，馆里的1.2万册书都是街坊捐的。\n"
    "　　设计的人没有拆掉粮仓的圆顶。阳光从高处的小窗照下来，落在书脊上，像一粒粒谷子。\n"
    "　　图书馆每周开放6天，晚上9时关门。下个月，这里还要办一个修书的讲习班，教大家怎样补好一本旧书。\n";

/// Sets `text` in lines of `ems`; a paragraph's indent becomes as many spaces as the tool gives it.
Lines set(std::string_view text, std::uint32_t ems, std::string_view indent) {
  Lines lines;
  while (!text.empty()) {
    std::string_view paragraph = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), paragraph.size() + 1));
    std::string line;
    std::uint32_t width = 0;
    while (paragraph.starts_with("　")) {
      paragraph.remove_prefix(3);
      width += 2;
    }
    if (width != 0) line = indent;
    for (std::size_t at = 0; at < paragraph.size();) {
      const auto [codepoint, length] = valid_utf8_next(paragraph, at);
      const CharClass c = class_of(codepoint);
      const bool may_begin = c != CharClass::pause && c != CharClass::stop && c != CharClass::close;
      if (width + half_ems(codepoint) > 2 * ems && may_begin) {
        lines.push_back(line);
        line.clear();
        width = 0;
      }
      line += paragraph.substr(at, length);
      width += half_ems(codepoint);
      at += length;
    }
    lines.push_back(line);
  }
  return lines;
}

std::size_t by_characters(std::string_view text) { return valid_utf8_length(text); }
std::size_t by_half_ems(std::string_view text) { return valid_utf8_half_ems(text); }

/// The columns side by side. `out_of_step` puts every other column half a line lower.
std::string page(const std::vector<Lines>& columns, std::size_t gutter,
                 std::size_t (*ruler)(std::string_view) = by_characters, bool out_of_step = false) {
  std::size_t rows = 0;
  std::vector<std::size_t> edges;
  std::size_t edge = 0;
  for (const Lines& column : columns) {
    rows = std::max(rows, column.size());
    edges.push_back(edge);
    std::size_t width = 0;
    for (const std::string& line : column) width = std::max(width, ruler(line));
    edge += width + gutter;
  }
  std::string text;
  for (std::size_t row = 0; row < rows * (out_of_step ? 2 : 1); ++row) {
    std::string line;
    for (std::size_t k = 0; k < columns.size(); ++k) {
      const std::size_t at = out_of_step ? row / 2 : row;
      if (at >= columns[k].size() || columns[k][at].empty()) continue;
      if (out_of_step && row % 2 != k % 2) continue;
      line.append(edges[k] - ruler(line), ' ');
      line += columns[k][at];
    }
    text += line + '\n';
  }
  return text;
}

/// What is expected of the columns: below each other, indents as two ems.
std::string below(const std::vector<Lines>& columns) {
  std::string text;
  for (const Lines& column : columns)
    for (std::string line : column) {
      if (line.empty()) continue;
      if (const std::size_t ink = line.find_first_not_of(' '); ink != 0)
        line.replace(0, ink, ink <= 6 ? "　　" : std::string(ink, ' '));
      text += line + '\n';
    }
  return text;
}

std::pair<Lines, Lines> halves(Lines lines) {
  const auto middle = lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2);
  return {Lines(lines.begin(), middle), Lines(middle, lines.end())};
}

class Columns : public ::testing::Test {
 protected:
  static Document run(std::string_view text) {
    static const auto chain = Chain::make("columns", builtin_stages(), Rules{});
    auto document = Document::from_bytes(std::string(text), Account::edits);
    const auto done = chain->run(*document);
    EXPECT_TRUE(done) << done.error().message;
    return std::move(*document);
  }
  static std::string columns(std::string_view text) { return std::string(run(text).text()); }
  static std::string without_spaces(std::string_view text) {
    std::string ink;
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const CharClass c = class_of(codepoint);
      if (c != CharClass::space && c != CharClass::newline) ink += text.substr(at, length);
      at += length;
    }
    return ink;
  }
};

TEST_F(Columns, PutsTwoColumnsBelowEachOther) {
  const auto [left, right] = halves(set(library, 14, "  "));
  EXPECT_EQ(columns(page({left, right}, 3)), below({left, right}));
}

TEST_F(Columns, KnowsThePaddingOfTerminals) {
  const auto [left, right] = halves(set(library, 14, "    "));
  EXPECT_EQ(columns(page({left, right}, 3, by_half_ems)), below({left, right}));
}

TEST_F(Columns, ReadsThreeColumnsOfUnequalHeight) {
  Lines left = set(library, 12, "   ");
  Lines middle = set(ferry, 12, "   ");
  Lines right = halves(set(library, 12, "   ")).second;
  middle.resize(middle.size() - 3);
  EXPECT_EQ(columns(page({left, middle, right}, 4)), below({left, middle, right}));
}

TEST_F(Columns, LeavesOutEmptyPlacesOfAColumn) {
  const auto [left, right] = halves(set(library, 13, "  "));
  Lines middle = halves(set(ferry, 13, "  ")).first;
  middle[2] = middle[3] = "";
  Lines left_with_blank = left;
  left_with_blank.insert(left_with_blank.begin() + 4, "");
  EXPECT_EQ(columns(page({left_with_blank, middle, right}, 3)), below({left, middle, right}));
}

TEST_F(Columns, ReadsColumnsOutOfStep) {
  const auto [left, right] = halves(set(library, 14, "  "));
  EXPECT_EQ(columns(page({left, right}, 3, by_characters, true)), below({left, right}));
}

TEST_F(Columns, TakesAGutterThatShrankToOneSpace) {
  const auto [left, right] = halves(set(library, 14, "  "));
  std::string text = page({left, right}, 3);
  // One line as poppler writes it where the left column's line is full: no padding.
  std::size_t at = text.find('\n') + 1;
  at = text.find("  ", text.find('\n', at) + 1);
  const std::size_t end = text.find_first_not_of(' ', at);
  text.replace(at, end - at, " ");
  EXPECT_EQ(columns(text), below({left, right}));
}

TEST_F(Columns, KeepsHeadlinesAboveTheirColumns) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const auto [left2, right2] = halves(set(ferry, 14, "  "));
  const std::string headline = "          旧粮仓里书声琅琅  街坊捐出万册藏书\n";
  const std::string headline2 = "渡船换上电机以后的第一个冬天，河上的汽笛没有停过\n";
  EXPECT_EQ(columns(headline + page({left, right}, 3) + headline2 + page({left2, right2}, 3)),
            headline + below({left, right}) + headline2 + below({left2, right2}));
}

TEST_F(Columns, KeepsAHeadlineThatDoesNotCrossTheGutter) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const auto [left2, right2] = halves(set(ferry, 14, "  "));
  const std::string headline = "\n\n         渡口三十一年\n\n";
  EXPECT_EQ(columns(page({left, right}, 3) + headline + page({left2, right2}, 3)),
            below({left, right}) + headline + below({left2, right2}));
}

TEST_F(Columns, ReadsAnArticleToItsEndBeforeTheOneBelow) {
  const auto [left, right] = halves(set(library, 16, "  "));
  const auto [left2, right2] = halves(set(ferry, 16, "  "));
  EXPECT_EQ(columns(page({left, right}, 3) + "\n\n" + page({left2, right2}, 3)),
            below({left, right}) + "\n\n" + below({left2, right2}));
}

TEST_F(Columns, ReadsOnBelowAPicture) {
  const auto [left, right] = halves(set(library, 16, "  "));
  const auto [left2, right2] = halves(set(ferry, 16, "  "));
  const auto joined = [](Lines above, const Lines& below) {
    above.insert(above.end(), below.begin(), below.end());
    return above;
  };
  // The left column is all of one article, cut by blank lines, as the right one is of the other.
  const auto text = columns(page({left, left2}, 3) + "\n\n" + page({right, right2}, 3));
  EXPECT_EQ(without_spaces(text), without_spaces(below({joined(left, right), joined(left2, right2)})));
}

TEST_F(Columns, KnowsAShortHeadlineByItsByline) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const auto [left2, right2] = halves(set(ferry, 14, "  "));
  const std::string headline = "渡口三十一年\n           本报记者 林小满 周一舟\n";
  EXPECT_EQ(columns(page({left, right}, 3) + headline + page({left2, right2}, 3)),
            below({left, right}) + headline + below({left2, right2}));
}

TEST_F(Columns, KeepsALetterSpacedHeadlineWithAGap) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const std::string headline = "旧 仓 新 书            街 坊 共 读\n";
  EXPECT_EQ(columns(headline + page({left, right}, 3)), headline + below({left, right}));
}

TEST_F(Columns, ReadsAHeadlineOverTwoOfThreeColumns) {
  const Lines left = set(std::string(library) + std::string(ferry), 12, "  ");
  const auto [middle, right] = halves(set(library, 12, "  "));
  const auto [middle2, right2] = halves(set(ferry, 12, "  "));
  const std::string headline = "渡船换上电机以后的第一个冬天，河上的汽笛没有停过";
  Lines rest;
  const std::string inner = page({middle, right}, 3) + headline + "\n" + page({middle2, right2}, 3);
  for (std::size_t at = 0; at < inner.size();) {
    const std::size_t end = inner.find('\n', at);
    rest.push_back(inner.substr(at, end - at));
    at = end + 1;
  }
  EXPECT_EQ(columns(page({left, rest}, 3)), below({left, middle, right}) + headline + "\n" + below({middle2, right2}));
}

TEST_F(Columns, ReadsEachPageByItself) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const auto [left2, right2] = halves(set(ferry, 14, "  "));
  // As `normalize` does it: the form feed becomes a line end, the source still has it.
  static constexpr RuleInfo rules[] = {{"feed.line", "form feeds", Effect::character}};
  static constexpr StageInfo feed_info{"feed", "form feeds become line ends", rules, {}};
  class Feed final : public Stage {
   public:
    const StageInfo& info() const noexcept override { return feed_info; }
    void propose(const Document& document, Proposal& proposal) const override {
      const std::size_t at = document.text().find('\f');
      if (at != std::string_view::npos)
        proposal.replace({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + 1)}, "\n", 0);
    }
  };
  Registry registry = builtin_stages();
  const StageFactory make = [](const StageOptions&, const Rules&) -> Made { return std::make_unique<Feed>(); };
  ASSERT_TRUE(registry.add({&feed_info, make}));
  const auto chain = Chain::make("feed,columns", registry, Rules{});
  ASSERT_TRUE(chain);
  auto document = Document::from_bytes(page({left, right}, 3) + "\f" + page({left2, right2}, 3));
  ASSERT_TRUE(chain->run(*document));
  EXPECT_EQ(document->text(), below({left, right}) + "\n" + below({left2, right2}));
}

TEST_F(Columns, EndsTheTextWithANewline) {
  const auto [left, right] = halves(set(library, 14, "  "));
  std::string text = page({left, right}, 3);
  text.pop_back();
  EXPECT_EQ(columns(text), below({left, right}));
}

TEST_F(Columns, RemembersWhatWasDroppedInALine) {
  // A stage before it drops a jump line: the column behind it seems to begin further left.
  static constexpr RuleInfo drop_rules[] = {{"drop.jump", "jump lines", Effect::drop}};
  static constexpr StageInfo drop_info{"drop", "drops jump lines", drop_rules, {}};
  class Drop final : public Stage {
   public:
    const StageInfo& info() const noexcept override { return drop_info; }
    void propose(const Document& document, Proposal& proposal) const override {
      constexpr std::string_view jump = "（下转第二版）";
      const std::size_t at = document.text().find(jump);
      if (at != std::string_view::npos)
        proposal.erase({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + jump.size())}, 0);
    }
  };
  Registry registry = builtin_stages();
  const StageFactory make = [](const StageOptions&, const Rules&) -> Made { return std::make_unique<Drop>(); };
  ASSERT_TRUE(registry.add({&drop_info, make}));
  const auto chain = Chain::make("drop,columns", registry, Rules{});
  ASSERT_TRUE(chain);
  auto [left, right] = halves(set(library, 14, "  "));
  const Lines expected = left;
  left[5] = left[5].substr(0, 3 * 5) + "（下转第二版）";
  auto document = Document::from_bytes(page({left, right}, 3));
  ASSERT_TRUE(chain->run(*document));
  left[5] = left[5].substr(0, 3 * 5);
  EXPECT_EQ(document->text(), below({left, right}));
}

TEST_F(Columns, KeepsProvenance) {
  const auto [left, right] = halves(set(library, 14, "  "));
  const std::string source = page({left, right}, 3);
  const Document document = run(source);
  const std::size_t at = document.text().find("讲习班");
  ASSERT_NE(at, std::string_view::npos);
  const SourceRange from = document.source_of({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + 9)});
  EXPECT_EQ(from.of(source), "讲习班");
  EXPECT_THAT(document.steps(),
              ::testing::Contains(::testing::Field(&AppliedStep::order, ::testing::Not(::testing::IsEmpty()))));
}

TEST_F(Columns, ChangesNothingTheSecondTime) {
  for (std::uint32_t ems = 9; ems < 20; ++ems)
    for (std::size_t gutter = 2; gutter < 8; ++gutter)
      for (const bool out_of_step : {false, true}) {
        const auto [left, right] = halves(set(library, ems, "  "));
        const std::string text = page({left, set(ferry, ems, "  "), right}, gutter, by_characters, out_of_step);
        const std::string once = columns(text);
        EXPECT_EQ(columns(once), once) << text;
        std::string before = without_spaces(text);
        std::string after = without_spaces(once);
        std::sort(before.begin(), before.end());
        std::sort(after.begin(), after.end());
        EXPECT_EQ(after, before);
      }
}

// What looks like columns and is not.

TEST_F(Columns, LeavesTextWithoutGuttersAlone) {
  const std::string text = std::string(ferry) + std::string(library);
  const Document document = run(text);
  EXPECT_EQ(document.text(), text);
  EXPECT_TRUE(document.diagnostics().empty());
}

TEST_F(Columns, LeavesATableAlone) {
  const std::string text =
      "项目          一月      二月      三月\n"
      "渡船班次      1240      1188      1302\n"
      "过河学生      8650      7921      9014\n"
      "送药次数        31        28        35\n"
      "燃油支出      4200      4016      3988\n"
      "维修支出       760       120       340\n";
  EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, LeavesATimetableAlone) {
  const std::string text =
      "上午8时30分      开馆仪式            主楼大厅\n"
      "上午9时10分      捐书人见面会        二楼长桌旁\n"
      "上午10时         修书讲习班第一讲    东侧小教室\n"
      "下午2时          儿童朗读            木梯阅读区\n"
      "下午3时30分      旧报纸展览          西侧走廊\n"
      "下午5时          闭馆                主楼大厅\n";
  EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, LeavesVerseWithACaesuraAlone) {
  const std::string text =
      "渡口无人舟自横，  一声汽笛破三更。\n"
      "当年少小离乡去，  今日归来雪满城。\n"
      "河上新灯千万点，  心头旧梦两三声。\n"
      "明朝且向云深处，  再听船工唱晚晴。\n";
  EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, LeavesBylinesAndHeadersAlone) {
  const std::string text =
      "要闻      2031年5月6日  星期二      第3版\n"
      "旧粮仓里书声琅琅  街坊捐出万册藏书\n"
      "本报记者  林小满      摄影  周一舟\n" +
      std::string(library);
  EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, LeavesEnglishWithDoubleSpacesAlone) {
  const std::string text =
      "The ferry leaves at six.  Old Zhou has never missed a run in all the years, he says.\n"
      "Fewer people come since the bridge was built.  Still the pupils have to cross twice.\n"
      "Two nurses work on the other bank.  They listen for the whistle in the morning fog.\n"
      "Last winter the town paid for an electric motor.  It saves four hundred a month now.\n";
  EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, NotesWhatItLeavesInDoubt) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += "渡船班次与过河学生人数统计      12408650792131\n";
  const Document document = run(text);
  EXPECT_EQ(document.text(), text);
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics().front().rule, "columns.unsure");
}

TEST_F(Columns, NotesCharactersBelowEachOtherThatAreMoreThanAPageHas) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += i % 2 == 0 ? "渡\n" : "船\n";
  const Document document = run(text);
  EXPECT_TRUE(document.text() == text);
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics().front().rule, "columns.unsure");
}

TEST_F(Columns, SurvivesLongAndStrangeLines) {
  const std::string wide(5000, 'x');
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("  \n  \n"), wide + "  " + wide + "\n", std::string("　\n　　\n"),
        std::string("甲  乙"), std::string("甲　乙\n丙　丁\n戊　己\n")})
    EXPECT_EQ(columns(text), text);
}

TEST_F(Columns, RefusesBadRules) {
  const auto folder = std::filesystem::temp_directory_path() / "inkwash_columns_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "columns.toml") << "[gutter]\nleast_width = 99\n";
  const auto chain = Chain::make("columns", builtin_stages(), Rules(folder.string()));
  std::filesystem::remove_all(folder);
  ASSERT_FALSE(chain);
  EXPECT_GT(chain.error().size(), 10u);  // every missing key, not only the first
}

TEST_F(Columns, JoinsCharactersSetBelowEachOther) {
  EXPECT_EQ(inkwash::testing::run_stage(
                "columns", "临江港\n\n港\n务\n局\n昨\n日\n宣\n布\n，\n三\n号\n码\n头\n2\n0\n日\n完\n工\n。\n"),
            "临江港\n\n港务局昨日宣布，三号码头20日完工。\n");
  // A number set across the line.
  EXPECT_EQ(inkwash::testing::run_stage("columns", "港\n务\n局\n昨\n日\n宣\n布\n有\n2600\n吨\n货\n物\n。\n"),
            "港务局昨日宣布有2600吨货物。\n");
  // Numbers below each other are a list.
  const std::string list = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
  EXPECT_EQ(testing::run_stage("columns", list), list);
}

TEST_F(Columns, EnglishHasFewerMarks) {
  EXPECT_EQ(testing::run_stage("columns",
                               "The harbour board said that the     when the children of the island\n"
                               "old pier will be shut until the     have to be home from the school\n"
                               "works are over. On Sundays boats     behind the market. Nobody thinks\n"
                               "may land there until six in the     that this will be a mild winter,\n"
                               "evening, which is the very time     so the board has bought lanterns\n"),
            "The harbour board said that the\nold pier will be shut until the\nworks are over. On Sundays boats\n"
            "may land there until six in the\nevening, which is the very time\nwhen the children of the island\n"
            "have to be home from the school\nbehind the market. Nobody thinks\nthat this will be a mild winter,\n"
            "so the board has bought lanterns\n");
}

TEST_F(Columns, DropsLinesThatWereReadTwice) {
  EXPECT_EQ(testing::run_stage("columns",
                               "港务局昨日宣布，三号码头二十日\n完工，头一批货轮明天清晨靠岸，\n工人连夜装卸，"
                               "货物将发往\n\n完工，头一批货轮明天清晨靠岸，\n工人连夜装卸，货物将发往\n沿江各地。\n"),
            "港务局昨日宣布，三号码头二十日\n完工，头一批货轮明天清晨靠岸，\n工人连夜装卸，货物将发往\n沿江各地。\n");
  for (const std::string text :
       {"国内要闻\n国内要闻\n港口完工。\n", "归去来兮，田园将芜胡不归，\n归去来兮，田园将芜胡不归，\n"})
    EXPECT_EQ(testing::run_stage("columns", text), text);
}

TEST_F(Columns, RowsOfATableStay) {
  for (const std::string text :
       {"学校招生人数\n一中    320    280\n二中    300    260\n三中    240    230\n四中    200    210\n五中    180    "
        "190\n",
        "临江    晴    12    20\n东港    多云    10    18\n西山    小雨    8    15\n南湖    阴    11    17\n",
        "Gold   1,250   1,260\nSilver   17.2   17.5\nCopper   3.1   3.2\nZinc   1.2   1.3\n"})
    EXPECT_EQ(testing::run_stage("columns", text), text);
}

}  // namespace
}  // namespace inkwash
