// A text that is cleaned by lines, in pieces of any size, becomes what it becomes as a whole.
#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

Chain make_chain(std::string_view stages) {
  auto chain = Chain::make(*ChainSpec::of_stages(stages), builtin_stages(), Rules{});
  EXPECT_TRUE(chain);
  return std::move(*chain);
}

struct ByLines {
  std::string text;
  std::optional<Tally> tally;  ///< none: it has to be seen as a whole
};

/// Read `at_once` bytes at a time.
ByLines run_by_lines(const Chain& chain, std::string_view text, std::size_t at_once, std::size_t piece_size) {
  ByLines result;
  const auto read = [&](std::span<char> to) -> expected<std::size_t, std::string> {
    const std::size_t size = std::min({to.size(), at_once, text.size()});
    std::copy_n(text.begin(), size, to.begin());
    text.remove_prefix(size);
    return size;
  };
  const auto write = [&](std::string_view part) -> expected<void, std::string> {
    result.text += part;
    return {};
  };
  result.tally = *chain.run_by_lines(read, write, piece_size);
  return result;
}

std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> counts_of(std::span<const RuleCount> counts) {
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> by_rule;
  for (const RuleCount& count : counts) by_rule[count.rule] = {count.edits, count.characters};
  return by_rule;
}

/// Text of what normalizing, punctuation and conversion look at, some of it across the ends of lines.
std::string random_text(std::mt19937& random, std::size_t tokens) {
  constexpr std::string_view few[] = {"\n",     "\r\n", "\r",    "後來", "乾隆",   "發",      "髮", "头发",
                                      "\u00A0", "Ａ１", "&amp;", "&lt;", "\u0301", "e\u0301", "ﬁ",  "⼀",
                                      "\u200D", "……",   "...",   "\"",   "“",      "「",      "𠝹", "\u2028",
                                      "\f",     "—",    "--",    " ",    "abc",    "、"};
  constexpr std::string_view common[] = {"中", "国", "人", "的", "一", "不", "了",
                                         "后", "里", "面", "于", "干", "，", "。"};
  std::string text;
  for (std::size_t i = 0; i < tokens; ++i)
    if (random() % 2 == 0)
      text += common[random() % std::size(common)];
    else
      text += few[random() % std::size(few)];
  return text;
}

TEST(ByLines, PiecesOfAnySizeGiveWhatTheWholeGives) {
  std::mt19937 random(11);
  for (const std::string_view stages :
       {"decode,script:config=t2s", "decode,normalize,script:config=t2s", "decode,normalize,script:config=s2twp",
        "normalize,punctuation:quotes=curly", "script:config=s2t", "decode"}) {
    const Chain chain = make_chain(stages);
    ASSERT_TRUE(chain.looks_at_lines_alone());
    for (int round = 0; round < 60; ++round) {
      const std::string text = random_text(random, random() % 400);
      auto whole = Document::from_bytes(text);
      ASSERT_TRUE(chain.run(*whole));
      const std::size_t piece_size = 1 + random() % (round % 2 == 0 ? 20 : 2000);
      const ByLines pieces = run_by_lines(chain, text, 1 + random() % 300, piece_size);
      if (!pieces.tally) {  // the beginning is not plain text, or only as a whole
        ASSERT_TRUE(stages.starts_with("decode"));
        continue;
      }
      ASSERT_EQ(pieces.text, whole->text()) << stages << ", pieces of " << piece_size << ": " << text;
      EXPECT_EQ(counts_of(pieces.tally->counts), counts_of(whole->counts())) << text;
      EXPECT_EQ(pieces.tally->characters_read, whole->characters_read());
      EXPECT_EQ(pieces.tally->bytes_read, text.size());
    }
  }
}

TEST(ByLines, OneThreadAndTwoGiveTheSame) {
  std::mt19937 random(12);
  const Chain chain = make_chain("decode,normalize,script:config=s2t");
  std::string text;
  while (text.size() < (1u << 20))
    text += "记者从会上了解到，这里的头发和后来的发展。\n" + random_text(random, 30) + "\n";
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  const ByLines alone = run_by_lines(chain, text, 100000, 5000);
  ASSERT_TRUE(alone.tally);
  for (const std::size_t threads : {2, 4}) {
    const tbb::global_control more(tbb::global_control::max_allowed_parallelism, threads);
    const ByLines together = run_by_lines(chain, text, 100000, 5000);
    ASSERT_TRUE(together.tally);
    EXPECT_TRUE(together.text == alone.text);
    EXPECT_EQ(counts_of(together.tally->counts), counts_of(alone.tally->counts));
  }
}

// What is more to say of these than counts, or what is found in one part and decides of all, run() has to find.
TEST(ByLines, WhatHasToBeSeenAsAWholeIsNotCleaned) {
  const Chain chain = make_chain("decode,script:config=t2s");
  const std::string good = "這是一行正常的文字，沒有甚麼特別。\n";
  for (const std::string& bad :
       {std::string("\xFF"), std::string("\0", 1), std::string("锟斤拷"), std::string("\xE4\xB8")})
    for (const std::size_t lines_before : {0, 1, 50})
      for (const std::size_t piece_size : {1, 100, 100000}) {
        std::string text;
        for (std::size_t i = 0; i < lines_before; ++i) text += good;
        text += bad;
        for (int i = 0; i < 50; ++i) text += good;
        EXPECT_FALSE(run_by_lines(chain, text, 1000, piece_size).tally);
      }
  EXPECT_FALSE(run_by_lines(chain, "\xEF\xBB\xBF" + good, 1000, 100).tally);
  EXPECT_TRUE(run_by_lines(chain, good + good, 1000, 1).tally);
  EXPECT_TRUE(run_by_lines(chain, "", 1000, 1).tally);
}

TEST(ByLines, OnlyWhereNoStageLooksFurther) {
  EXPECT_TRUE(make_chain("decode,normalize,punctuation,script:config=t2s").looks_at_lines_alone());
  EXPECT_FALSE(make_chain("decode,script:config=hans").looks_at_lines_alone());  // asks what most lines are
  EXPECT_FALSE(make_chain("decode,wraps").looks_at_lines_alone());
  EXPECT_FALSE(make_chain("normalize,decode").looks_at_lines_alone());
}

TEST(ByLines, ErrorsOfReadingAndWritingEndIt) {
  const Chain chain = make_chain("decode");
  const auto read = [](std::span<char> to) -> expected<std::size_t, std::string> {
    std::fill(to.begin(), to.end(), '\n');
    return to.size();
  };
  const auto write = [](std::string_view) -> expected<void, std::string> { return {}; };
  const auto no_read = [](std::span<char>) -> expected<std::size_t, std::string> {
    return unexpected(std::string("r"));
  };
  const auto no_write = [](std::string_view) -> expected<void, std::string> { return unexpected(std::string("w")); };
  const auto unread = chain.run_by_lines(no_read, write);
  ASSERT_FALSE(unread);
  EXPECT_EQ(unread.error(), "r");
  const auto unwritten = chain.run_by_lines(read, no_write);
  ASSERT_FALSE(unwritten);
  EXPECT_EQ(unwritten.error(), "w");
}

}  // namespace
}  // namespace inkwash
