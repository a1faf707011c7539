// Documents of several pages, and long ones, are shown to stages in parts.
#include "parts.h"

#include <gmock/gmock.h>
#include <tbb/task_arena.h>

#include "inkwash/chain.h"
#include "inkwash/log.h"
#include "run_chain.h"

namespace inkwash {
namespace {

using ::testing::ElementsAre;

std::string repeat(std::string_view text, std::size_t times) {
  std::string all;
  all.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// The parts put together; each of them as `parts_of` says where there is one page.
std::vector<std::string_view> parts(std::string_view text, Scope scope) {
  const TextRange page{0, static_cast<ByteOffset>(text.size())};
  std::vector<std::string_view> parts;
  std::string all;
  for (const TextRange part : parts_of(text, {&page, 1}, scope)) {
    parts.push_back(part.of(text));
    all += parts.back();
  }
  EXPECT_EQ(all, text);
  return parts;
}

const std::string article = "海风吹过码头，渔船一艘接一艘地回港。\n岸上的人把网收好，等着明天再出海。\n";

TEST(Parts, ShortTextIsOne) {
  EXPECT_THAT(parts("", Scope::line), ElementsAre(""));
  EXPECT_THAT(parts(article, Scope::article), ElementsAre(article));
}

TEST(Parts, LongTextIsCutWhereArticlesArePartedMost) {
  // A blank line behind each article, one inside a sentence, and two before the third part of the text.
  const std::string open = "岸上的人把网收好，\n\n等着明天再出海。\n\n";
  std::string text = repeat(article + open, part_size / (article.size() + open.size()) + 20);
  text += "\n";
  const std::size_t cut = text.size();
  text += repeat(article + open, 20000);
  const auto found = parts(text, Scope::article);
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].size(), cut);
  for (const std::string_view part : found) EXPECT_TRUE(part.ends_with("。\n\n") || part.ends_with("。\n\n\n"));
}

TEST(Parts, WithoutBlankLinesArticlesStayWhole) {
  const std::string text = repeat(article, 30000);
  EXPECT_EQ(parts(text, Scope::document).size(), 1u);
  EXPECT_EQ(parts(text, Scope::article).size(), 1u);
  const auto lines = parts(text, Scope::line);
  EXPECT_GE(lines.size(), 2u);
  for (const std::string_view part : lines) EXPECT_TRUE(part.ends_with("\n"));
}

TEST(Parts, PagesArePartsOfTheirOwn) {
  const std::string text = article + article;
  const auto half = static_cast<ByteOffset>(article.size());
  const std::vector<TextRange> pages{{0, half}, {half, 2 * half}};
  EXPECT_THAT(parts_of(text, pages, Scope::page), ElementsAre(pages[0], pages[1]));
  EXPECT_EQ(parts_of(text, pages, Scope::article).size(), 1u);
  EXPECT_EQ(parts_of(text, pages, Scope::document).size(), 1u);
}

TEST(Pages, EndAtFormFeedsOfTheSource) {
  const Document document =
      testing::run_document("decode,normalize,spaces", "第 一 页 的 文 字。\n\f第二页。\n\n\f第三页。");
  std::vector<std::string_view> pages;
  for (const TextRange page : document.pages()) pages.push_back(page.of(document.text()));
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_TRUE(pages[0].starts_with("第一页的文字。\n"));
  EXPECT_TRUE(pages[1].starts_with("第二页。\n"));
  EXPECT_EQ(pages[2], "第三页。");
}

TEST(Pages, AreFoundInOtherEncodingsToo) {
  // U+0C0C holds the bytes of two form feeds.
  const std::string utf16("\xFF\xFE\x0C\x0C\x0C\x00\x00\x4E", 8);
  const Document document = testing::run_document("decode,spaces", utf16);
  EXPECT_EQ(document.pages().size(), 2u);
}

TEST(Pages, OneThatAParagraphGoesOnOverIsNone) {
  const std::string page =
      "昨天下午的一场大雨过后，城\n南的老街积水很深，住户纷纷\n把桌椅搬到楼上。居委会的人\n挨家挨户地问，有没有老人需"
      "\n";
  const std::string next = "要先转移出去。到了晚上八点\n雨势才渐渐地小下来，街上的\n路灯一盏接一盏地亮了起来。\n";
  const Document document = testing::run_document("decode,normalize,wraps", page + "\f" + next);
  EXPECT_EQ(document.pages().size(), 1u) << document.text();
  EXPECT_THAT(document.text(), ::testing::HasSubstr("有没有老人需要先转移出去"));
}

/// Two columns, line after line in turn.
std::string columns_in_turn(std::string_view name) {
  const std::string first[] = {"昨天下午的一场大雨过后，", "城南的老街积水很深，住户", "纷纷把桌椅搬到楼上。居委",
                               "会的人挨家挨户地问，有没", "有老人需要先转移出去。"};
  const std::string second[] = {"图书馆今年添了三万册新书", "其中一半是孩子们的读物，", "馆长说周末来看书的人比去",
                                "年多了四成，座位常常不够", "下个月还要再开一间阅览室。"};
  std::string text;
  for (std::size_t i = 0; i < 5; ++i) text += first[i] + std::string(name) + "\n\n" + second[i] + "\n\n";
  return text;
}

// Columns end with their page: two pages of one file are cleaned as two files of one page each.
TEST(Pages, AreCleanedAsTheyWouldBeAlone) {
  for (const std::string_view stages : {"decode,normalize,columns,seams,interleave,strays,order,wraps"}) {
    const std::string one = columns_in_turn(""), two = columns_in_turn("");
    EXPECT_EQ(testing::run_stage(stages, one + "\f" + two),
              testing::run_stage(stages, one) + testing::run_stage(stages, two));
  }
}

/// Spaces, wraps, moves, labels, diagnostics and characters that change: about 3 MiB.
std::string long_text() {
  const std::string page = "第3版  2021年7月2日  要闻\n\n" + columns_in_turn("") +
                           "本 报 讯 （ 记 者 林 小 海 ） 港 口 昨 天 恢 复 通 航 ，\n等候多日的货船陆续靠岸。\n\n\n";
  return repeat(page, (3 << 20) / page.size());
}

TEST(Parts, WhatComesOutDoesNotDependOnThreads) {
  const std::string text = long_text();
  std::string texts[2], logs[2];
  for (const int threads : {1, 2}) {
    tbb::task_arena arena(threads);
    arena.execute([&] {
      const Document document = testing::run_document("default", text, Account::edits);
      texts[threads - 1] = document.text();
      logs[threads - 1] = write_log(document, {.name = "long", .program = "test"});
      const auto log = Log::parse(logs[threads - 1]);
      ASSERT_TRUE(log);
      EXPECT_TRUE(log->restore(document.text()) == text);
    });
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_EQ(logs[0], logs[1]);
}

}  // namespace
}  // namespace inkwash
