#include "inkwash/stitch.h"

#include <gmock/gmock.h>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::run_document;
using testing::run_stage;

constexpr std::string_view first_page =
    "临江晚报 2031年9月16日 星期二 第1版\n"
    "旧纱厂里读书声\n"
    "本报记者 宋以宁\n"
    "　　早晨8时30分，离开馆还有半个小时，门口已经排起了长队。\n"
    "　　设计师说，车间里的铸铁柱没有包裹，墙上的标语没有粉刷，连地面上被机器磨出的\n"
    "（下转第二版）\n";
constexpr std::string_view second_page =
    "临江晚报 2031年9月16日 星期二 第2版\n"
    "芦湾河清淤进入尾声\n"
    "　　本报讯（记者 谢以安）芦湾河城区段清淤工程已经完成九成，累计清出淤泥21万立方米。\n"
    "（上接第一版）\n"
    "痕迹也保留了下来，成为展览的一部分。\n"
    "　　上午9时，大门打开，读者有序进入大厅，在书架之间寻找自己想看的书。\n"
    "社区食堂添了窗口\n"
    "　　本报讯（记者 郑一苇）昨天中午，社区食堂多了一个绿色窗口。\n";

Stitcher stitcher() {
  auto made = Stitcher::make(Rules{});
  EXPECT_TRUE(made);
  return std::move(*made);
}

struct Pages {
  std::vector<Document> documents;
  std::vector<std::vector<LooseEnd>> ends;
  StitchPlan plan;

  explicit Pages(const std::vector<std::string>& texts) {
    const Stitcher with = stitcher();
    for (const std::string& text : texts) {
      documents.push_back(run_document("default", text, Account::edits));
      ends.push_back(with.loose_ends(documents.back()));
    }
    plan = with.plan(ends);
    std::vector<Document*> pages;
    std::vector<std::string> names;
    for (Document& document : documents) {
      pages.push_back(&document);
      names.push_back("page " + std::to_string(pages.size()));
    }
    EXPECT_TRUE(with.carry_out(pages, ends, plan, names));
    for (const Document& document : documents) EXPECT_EQ(document.validate().value_or(""), "");
  }
};

std::string with(std::string_view text, std::string_view what, std::string_view instead) {
  std::string changed(text);
  const std::size_t at = changed.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? changed : changed.replace(at, what.size(), instead);
}

TEST(Stitch, JoinsAnArticleToItsRestOnAnotherPage) {
  const Pages pages({std::string(first_page), std::string(second_page)});
  EXPECT_EQ(
      pages.documents[0].text(),
      "旧纱厂里读书声\n本报记者 宋以宁\n早晨8时30分，离开馆还有半个小时，门口已经排起了长队。\n"
      "设计师说，车间里的铸铁柱没有包裹，墙上的标语没有粉刷，连地面上被机器磨出的痕迹也保留了下来，成为展览的一部分。\n"
      "上午9时，大门打开，读者有序进入大厅，在书架之间寻找自己想看的书。\n");
  EXPECT_EQ(pages.documents[1].text(),
            "芦湾河清淤进入尾声\n本报讯（记者 谢以安）芦湾河城区段清淤工程已经完成九成，累计清出淤泥21万立方米。\n\n"
            "社区食堂添了窗口\n本报讯（记者 郑一苇）昨天中午，社区食堂多了一个绿色窗口。\n");
  for (const Line& line : pages.documents[0].lines()) EXPECT_NE(line.kind, BlockKind::unknown);
}

TEST(Stitch, ReadsTheJumpLinesOfBothScripts) {
  Pages pages({"港口開港\n　　本報訊 他說，今年第一艘貨輪昨天\n（下轉第貳版）\n", "x\n"});
  EXPECT_TRUE(pages.plan.joins.empty());  // 貳 is no number it knows
  pages = Pages({with(with(first_page, "（下转第二版）", "（下轉A02版）"), "第1版", "第A01版"),
                 with(with(second_page, "（上接第一版）", "【上接A1版】"), "第2版", "A2版")});
  EXPECT_EQ(pages.plan.joins.size(), 1u);
}

TEST(Stitch, AJumpLineMayNameTheHeadline) {
  const Pages pages({with(first_page, "（下转第二版）", "（下转第2版《旧纱厂里读书声》）"),
                     with(second_page, "（上接第一版）", "旧纱厂里读书声\n（上接第1版）")});
  ASSERT_EQ(pages.plan.joins.size(), 1u);
  EXPECT_EQ(pages.ends[0][0].title, "旧纱厂里读书声");
  EXPECT_GT(pages.plan.joins[0].gain, 6);
  // The headline above the rest is furniture then.
  EXPECT_EQ(pages.documents[1].text().find("旧纱厂"), std::string_view::npos);
  const Pages other({with(first_page, "（下转第二版）", "（下转第2版《海滩上的音乐会》）"),
                     with(second_page, "（上接第一版）", "旧纱厂里读书声\n（上接第1版）")});
  EXPECT_EQ(other.plan.joins.size(), 1u);  // its article's own headline is the same
}

TEST(Stitch, PagesThatDoNotNameEachOtherAreLeft) {
  const Pages pages({std::string(first_page), with(second_page, "第2版", "第3版")});
  EXPECT_TRUE(pages.plan.joins.empty());
  ASSERT_EQ(pages.plan.doubts.size(), 2u);
  EXPECT_THAT(pages.documents[0].diagnostics().back().message, HasSubstr("goes on on page 2, where nothing"));
  EXPECT_THAT(pages.documents[1].diagnostics().back().message, HasSubstr("comes from page 1, where nothing"));
  EXPECT_THAT(std::string(pages.documents[1].text()), HasSubstr("痕迹也保留"));
}

TEST(Stitch, WhatMayBeTwoIsLeftAndTold) {
  const Pages pages({std::string(first_page), std::string(second_page), std::string(second_page)});
  EXPECT_TRUE(pages.plan.joins.empty());
  EXPECT_THAT(pages.documents[0].diagnostics().back().message,
              HasSubstr("more than one place may fit: page 2, page 3"));
  EXPECT_THAT(pages.documents[2].diagnostics().back().message,
              HasSubstr("comes from page 1; page 1 may fit, which may fit another as well"));
}

TEST(Stitch, WhatDoesNotGoTogetherIsLeft) {
  for (const char* rest : {"亿元，同比增长百分之三。", "米的铁路桥。", "二十四名游客全部获救。"}) {
    const Pages pages({std::string(first_page), with(second_page, "痕迹也保留了下来，成为展览的一部分。", rest)});
    EXPECT_TRUE(pages.plan.joins.empty()) << rest << pages.plan.joins[0].gain;
  }
}

TEST(Stitch, AnArticleMayGoOnOverThreePages) {
  const Pages pages({std::string(first_page),
                     with(second_page, "寻找自己想看的书。\n", "寻找自己想看的\n（下转第三版）\n"),
                     "第3版\n（上接第二版）\n书籍，一直到傍晚才离开。\n"});
  EXPECT_EQ(pages.plan.joins.size(), 2u);
  EXPECT_THAT(std::string(pages.documents[0].text()), HasSubstr("寻找自己想看的书籍，一直到傍晚才离开。\n"));
  EXPECT_EQ(pages.documents[2].text(), "");
}

TEST(Stitch, JoinsWithinADocumentOfSeveralPages) {
  const std::string text = std::string(first_page) + std::string(second_page);
  const Document document = run_document("default", text);
  EXPECT_EQ(
      document.text(),
      "旧纱厂里读书声\n本报记者 宋以宁\n早晨8时30分，离开馆还有半个小时，门口已经排起了长队。\n"
      "设计师说，车间里的铸铁柱没有包裹，墙上的标语没有粉刷，连地面上被机器磨出的痕迹也保留了下来，成为展览的一部分。\n"
      "上午9时，大门打开，读者有序进入大厅，在书架之间寻找自己想看的书。\n\n"
      "芦湾河清淤进入尾声\n本报讯（记者 谢以安）芦湾河城区段清淤工程已经完成九成，累计清出淤泥21万立方米。\n\n"
      "社区食堂添了窗口\n本报讯（记者 郑一苇）昨天中午，社区食堂多了一个绿色窗口。\n");
  // Text that was moved still knows where it came from.
  const std::size_t at = document.text().find("痕迹");
  const SourceRange source = document.source_of({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + 6)});
  EXPECT_EQ(source.of(document.source()), "痕迹");
}

TEST(Stitch, WhatIsNotJoinedWithinADocumentIsNoted) {
  const auto notes = [](const std::string& text) {
    const Document document = run_document("default", text);
    return std::count_if(document.diagnostics().begin(), document.diagnostics().end(),
                         [](const auto& diagnostic) { return diagnostic.rule == "stitch.loose"; });
  };
  const std::string loose =
      std::string(first_page) + with(second_page, "痕迹也保留了下来，成为展览的一部分。", "二十四名游客全部获救。");
  EXPECT_EQ(notes(loose), 2);
  // The other part is on a page that is not here.
  EXPECT_EQ(notes(std::string(first_page)), 0);
}

TEST(Stitch, AHeaderMayHaveThePapersNameBetweenItsOtherParts) {
  const std::string text =
      with(first_page, "临江晚报 2031年9月16日 星期二 第1版", "第01版：要闻    临江晚报    2031年9月16日") +
      with(second_page, "临江晚报 2031年9月16日 星期二 第2版", "第02版：综合    临江晚报    2031年9月16日");
  const Document document = run_document("default", text);
  EXPECT_THAT(std::string(document.text()), HasSubstr("被机器磨出的痕迹也保留了下来"));
  EXPECT_EQ(document.text().find("第0"), std::string_view::npos) << document.text();
}

TEST(Stitch, JoinsEnglishWithASpace) {
  const Pages pages(
      {"The Alder Bay Courier   Page 1\nBridge reopens early\nBy Ann Lee\nThe bridge across the bay opened again on "
       "Monday after crews had worked through the\n(Continued on page 3)\n",
       "The Alder Bay Courier   Page 3\nBRIDGE, Continued from Page 1\nwinter to replace its cables and its deck.\n"});
  ASSERT_EQ(pages.plan.joins.size(), 1u);
  EXPECT_THAT(std::string(pages.documents[0].text()), HasSubstr("worked through the winter to replace"));
}

TEST(Stitch, TheNameOfAFileTellsItsPageAndIssue) {
  const Stitcher with = stitcher();
  const auto sheet = [&](std::string_view path) {
    const Sheet found = with.sheet_of(path);
    return found.issue + " " + found.page;
  };
  EXPECT_EQ(sheet("a/20310916-02.txt"), "a/20310916 2");
  EXPECT_EQ(sheet("a/2031-09-16_A02.txt.gz"), "a/20310916 A2");
  EXPECT_EQ(sheet("a/临江晚报2031年9月16日第十二版.txt"), "a/2031916 12");
  EXPECT_EQ(sheet("a/02版-要闻.txt"), "a/ 2");
  EXPECT_EQ(sheet("a/03.txt"), "a/ 3");
  EXPECT_EQ(sheet("a/page-3.txt"), "a/ 3");
  EXPECT_EQ(sheet("a/B03/food.txt"), "a/ B3");
  EXPECT_EQ(sheet("20310916/food.txt"), "20310916/ ");
  EXPECT_EQ(sheet("a/2031-09-16.txt"), "a/20310916 ");
  EXPECT_EQ(sheet("bad\xFF/02.txt"), "bad\xFF/ ");
}

TEST(Stitch, ALineThatOnlyNamesAnotherArticleIsNoLooseEnd) {
  const Document document = run_document("default", with(first_page, "（下转第二版）", "（相关报道见第3版）"));
  EXPECT_TRUE(document.jumps().empty());
  EXPECT_TRUE(stitcher().loose_ends(document).empty());
}

}  // namespace
}  // namespace inkwash
