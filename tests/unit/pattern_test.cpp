#include "stages/pattern.h"

#include <gmock/gmock.h>
#include <re2/re2.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "inkwash/chain.h"

namespace {

using inkwash::stages::Pattern;
using inkwash::stages::Settings;
using inkwash::stages::Signs;
using inkwash::stages::signs_of;
using testing::ElementsAre;
using testing::IsEmpty;

Pattern make(const std::vector<std::string>& alternatives) {
  const inkwash::StageOptions none;
  const inkwash::Rules rules;
  Settings settings("test", none, rules, {});
  return {settings, "test", alternatives};
}

TEST(Signs, AreOfWhatEveryMatchHolds) {
  EXPECT_THAT(signs_of("电讯").needs, ElementsAre(U"电", U"讯"));
  EXPECT_THAT(signs_of("(?:记者|通訊員)?报[电電]").needs, ElementsAre(U"报", U"电電"));
  EXPECT_THAT(signs_of("(?:记者|通訊員)").needs, ElementsAre(U"记通", U"者員"));
  EXPECT_THAT(signs_of("(?:编辑|责任编辑|校对者)").needs, ElementsAre(U"编责校", U"辑辑者"));
  EXPECT_THAT(signs_of("a(?:bcd|xyz|)e").needs, ElementsAre(U"a", U"e"));
  EXPECT_THAT(signs_of(R"(\p{Han}{2,4}[^a]*.\S\x{4E00}\.?第+)").needs, ElementsAre(U"第"));
  EXPECT_THAT(signs_of("[a-c]{1,2}x{0,3}y*").needs, ElementsAre(U"abc"));
  EXPECT_THAT(signs_of(R"(a\s)").needs, ElementsAre(U"a", U"\t\n\f\r "));
}

TEST(Signs, AreOfWhatMatchesBeginWith) {
  EXPECT_EQ(signs_of("(?:□|■)?[一二]").first, U"□■一二");
  EXPECT_EQ(signs_of("第?").first, U"");
  EXPECT_EQ(signs_of("a|b*").first, U"");
  EXPECT_EQ(signs_of(R"(\p{Han}?第)").first, U"");
}

TEST(Signs, SayHowLongAMatchCanBe) {
  EXPECT_EQ(signs_of("电讯").longest, 2u);
  EXPECT_EQ(signs_of(R"(\p{Han}{2,4}(?:日报|通讯社)?[a-c]\s?)").longest, 9u);
  EXPECT_EQ(signs_of("(?:a{2}b){3}").longest, 9u);
  EXPECT_EQ(signs_of("a|bcd").longest, 3u);
  EXPECT_EQ(signs_of("x{,3}").longest, Signs::unlimited);
  for (const char* pattern : {"a*", "a+b", ".{2,}", "(?:ab)*", "(?i)page", "(?:a{0,100000}){0,100000}"})
    EXPECT_EQ(signs_of(pattern).longest, Signs::unlimited) << pattern;
}

TEST(Signs, PromiseNothingOfWhatIsNotUnderstood) {
  for (const char* pattern :
       {"(?i)page", "(?P<n>a)", R"(\Qa|b\E)", R"(\061)", "a|", "(?i:page)", "[[:alpha:]]", "a{0}"}) {
    EXPECT_THAT(signs_of(pattern).needs, IsEmpty()) << pattern;
    EXPECT_EQ(signs_of(pattern).first, U"") << pattern;
  }
  EXPECT_THAT(signs_of("(?:a{b|c)d").needs, ElementsAre(U"bc", U"d"));  // { as it is
}

TEST(Pattern, FindsTheFirstOfAll) {
  const Pattern pattern = make({"见[0-9]版", "转[0-9]版"});
  EXPECT_EQ(pattern.first_in("下转3版，见4版"), "转3版");
  EXPECT_EQ(pattern.first_in("没有"), "");
}

/// Whether it is compiled or not: a text that does not hold what it needs in that order is told before.
TEST(Pattern, NeedsItsCharactersInTheirOrder) {
  const Pattern pattern = make({"[0-9]月[0-9]日", "(?:电|專電)[讯訊]", "aa?b"});
  for (int round = 0; round < 2; ++round) {
    for (const char* none : {"5日6月", "6月日", "月6日5", "讯电", "專訊", "ba", "a", ""})
      EXPECT_FALSE(pattern.found_in(none)) << none;
    for (const char* some : {"6月5日", "日6月5日月", "專電訊", "电讯", "bab"})
      EXPECT_TRUE(pattern.found_in(some)) << some;
    EXPECT_EQ(pattern.first_in("日6月5日，讯"), "6月5日");
    EXPECT_EQ(pattern.beginning_of("6月5日"), "6月5日");
    EXPECT_EQ(pattern.beginning_of("5日6月"), "");
  }
}

TEST(Pattern, ComparesLiterals) {
  const Pattern pattern = make({"要闻", "国际新闻", "A(?:RTS)?"});
  EXPECT_TRUE(pattern.matches("国际新闻"));
  EXPECT_FALSE(pattern.matches("国际新"));
  EXPECT_TRUE(pattern.begins("要闻版"));
  EXPECT_FALSE(pattern.begins("今日要闻"));
  EXPECT_TRUE(pattern.found_in("今日要闻"));
  EXPECT_EQ(pattern.first_in("今日国际新闻、要闻"), "国际新闻");
  EXPECT_TRUE(pattern.matches("ARTS"));
}

TEST(Pattern, SaysWhatItBeginsATextWith) {
  const Pattern pattern = make({"见[0-9]{1,2}版", "见[0-9]", "下转"});
  EXPECT_EQ(pattern.beginning_of("见12版左下"), "见12版");
  EXPECT_EQ(pattern.beginning_of("见12页"), "见1");
  EXPECT_EQ(pattern.beginning_of("下转二版"), "下转");
  for (const char* none : {"", "请见12版", "见版"}) EXPECT_EQ(pattern.beginning_of(none), "") << none;
}

/// What is known of a line's characters only spares a look at them: near misses are told by the text.
TEST(Pattern, AsksALineOfItsInk) {
  const auto document = inkwash::Document::from_bytes("　（记者　宋以宁）\n记\n者\n 记者\n本报讯 记者\nabc\n");
  const std::span<const inkwash::Line> lines = document->lines();
  const std::string_view text = document->text();
  const Pattern pattern = make({R"(记者(?:\s\p{Han}+)?)", "abc"});
  std::vector<bool> found, begun, matched;
  for (const inkwash::Line& line : lines) {
    found.push_back(pattern.found_in(text, line));
    begun.push_back(pattern.begins(text, line));
    matched.push_back(pattern.matches(text, line));
  }
  EXPECT_THAT(found, ElementsAre(true, false, false, true, true, true));
  EXPECT_THAT(begun, ElementsAre(false, false, false, true, false, true));
  EXPECT_THAT(matched, ElementsAre(false, false, false, true, false, true));
}

TEST(Pattern, TilesATextWithOneMatchAfterAnother) {
  const Pattern pattern = make({R"([\s|])", "要闻", "要闻版", "[0-9]+年", "第[0-9]+版", R"(责编\p{Han}{2,4})"});
  for (const char* tiled : {"要闻", "2024年 第3版|要闻", "要闻版第12版", "|", "责编宋以宁第3版", "责编宋以宁要闻"})
    EXPECT_TRUE(pattern.tiles(tiled)) << tiled;
  for (const char* not_tiled : {"", "要", "要闻在", "2024年的要闻", "第版", "在要闻"})
    EXPECT_FALSE(pattern.tiles(not_tiled)) << not_tiled;
}

TEST(Pattern, IsCompiledOnceByManyThreads) {
  const Pattern pattern = make({R"([0-9]{1,2}月\p{Han}{2,8})"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(pattern.begins("5月临港开渔")); });
  for (std::thread& thread : threads) thread.join();
}

/// Every pattern of the built-in rules compiles: from a folder they are compiled at once.
TEST(Pattern, BuiltInRulesCompile) {
  const auto chain = inkwash::Chain::make("default", inkwash::builtin_stages(), inkwash::Rules(INKWASH_RULES));
  if (!chain)
    for (const auto& error : chain.error()) ADD_FAILURE() << error.where << ": " << error.message;
}

/// What is wrong in rules of the user's own is told before any work, though no text has met it yet.
TEST(Pattern, WrongOneOfTheUsersIsAnErrorAtOnce) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "inkwash_pattern_test";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(std::filesystem::path(INKWASH_RULES) / "blocks.toml", folder / "blocks.toml",
                             std::filesystem::copy_options::overwrite_existing);
  std::ifstream in(folder / "blocks.toml");
  std::stringstream contents;
  contents << in.rdbuf();
  std::string text = contents.str();
  text.replace(text.find("note = ["), 8, "note = ['(待续',");
  std::ofstream(folder / "blocks.toml") << text;
  const auto chain = inkwash::Chain::make("default", inkwash::builtin_stages(), inkwash::Rules(folder.native()));
  ASSERT_FALSE(chain);
  EXPECT_THAT(chain.error().front().where, "note");
  EXPECT_THAT(chain.error().front().message, testing::HasSubstr("missing )"));
  std::filesystem::remove_all(folder);
}

/// Signs only spare work: with them an expression matches what RE2 says it does. The expressions are those of the
/// rules, the texts the lines of the samples.
TEST(Pattern, MatchesWhatRe2Does) {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(INKWASH_SAMPLES)) {
    if (!entry.path().native().ends_with(".clean.txt")) continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);)
      if (!line.empty()) texts.push_back(line);
  }
  const std::vector<std::string> more = {"（记者　李明）",        "A12版", "Page 3", "见3版",
                                         "本报讯 记者王小明报道", "①一",   "By A"};
  texts.insert(texts.end(), more.begin(), more.end());
  std::size_t patterns = 0, matches = 0;
  for (const char* file : {"lines.toml", "blocks.toml", "furniture.toml"}) {
    std::ifstream in(std::string(INKWASH_RULES) + "/" + file);
    for (std::string line; std::getline(in, line);) {
      const std::size_t begin = line.find('\''), end = line.rfind('\'');
      if (line.starts_with('#') || begin == std::string::npos || begin + 1 >= end ||
          line.find("'''") != std::string::npos)
        continue;
      const std::string expression = line.substr(begin + 1, end - begin - 1);
      const re2::RE2 oracle(expression);
      if (!oracle.ok()) continue;  // several in one line
      const Pattern pattern = make({expression});
      ++patterns;
      for (const std::string& text : texts) {
        re2::StringPiece rest(text);
        // The same as a line, of which is known which characters it may hold.
        const auto document = inkwash::Document::from_bytes(text);
        const inkwash::Line& its_line = document->lines().front();
        const re2::StringPiece ink(text.data() + its_line.ink.begin, its_line.ink.size());
        re2::StringPiece rest_of_ink = ink;
        ASSERT_EQ(pattern.matches(text, its_line), re2::RE2::FullMatch(ink, oracle)) << expression << "\n" << text;
        ASSERT_EQ(pattern.begins(text, its_line), re2::RE2::Consume(&rest_of_ink, oracle)) << expression << "\n"
                                                                                           << text;
        ASSERT_EQ(pattern.found_in(text, its_line), re2::RE2::PartialMatch(ink, oracle)) << expression << "\n" << text;
        ASSERT_EQ(pattern.matches(text), re2::RE2::FullMatch(text, oracle)) << expression << "\n" << text;
        ASSERT_EQ(pattern.begins(text), re2::RE2::Consume(&rest, oracle)) << expression << "\n" << text;
        ASSERT_EQ(pattern.found_in(text), re2::RE2::PartialMatch(text, oracle)) << expression << "\n" << text;
        // The first match, also where another text stands before it.
        const std::string behind = "甲，" + text;
        re2::StringPiece first;
        oracle.Match(behind, 0, behind.size(), re2::RE2::UNANCHORED, &first, 1);
        ASSERT_EQ(pattern.first_in(behind), std::string_view(first.data(), first.size())) << expression << "\n" << text;
        matches += pattern.found_in(text);
      }
    }
  }
  EXPECT_GT(patterns, 40u);
  EXPECT_GT(matches, 100u);
}

}  // namespace
