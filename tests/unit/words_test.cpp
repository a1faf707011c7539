#include "stages/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

using Symbol = Words::Symbol;

std::vector<Symbol> read(std::string_view text) {
  std::vector<Symbol> symbols;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    symbols.push_back(CoherenceModel::shipped().read(codepoint));
    at += length;
  }
  return symbols;
}

Words words_of(const Rules& rules, ConfigErrors* errors = nullptr) {
  static const StageOptions no_options;
  Settings settings("words", no_options, rules, "");
  Words words = Words::of(settings, rules, CoherenceModel::shipped());
  if (errors != nullptr) *errors = settings.take_errors();
  return words;
}

class OwnWords : public ::testing::Test {
 protected:
  explicit OwnWords()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("inkwash_words_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~OwnWords() override { std::filesystem::remove_all(folder_); }
  Words words(std::string_view list, ConfigErrors* errors = nullptr) {
    std::ofstream(folder_ / Words::file) << list;
    return words_of(Rules(folder_.native()), errors);
  }
  std::filesystem::path folder_;
};

TEST(Words, ThoseThatAreBuiltInAreThoseOfTheList) {
  EXPECT_TRUE(Words::shipped().image() == words_of(Rules()).image());
}

TEST(Words, TheLongestThatHasACharacterIsFound) {
  const Words words = words_of(Rules());
  const std::vector<Symbol> text = read("他们看望慰问了老人");
  EXPECT_EQ(words.longest_with(text, 0), 2u);  // 他们
  EXPECT_EQ(words.longest_with(text, 2), 2u);  // 看望
  EXPECT_EQ(words.longest_with(text, 5), 2u);  // 慰问
  EXPECT_EQ(words.longest_with(read("实事求是"), 2), 4u);
  EXPECT_EQ(words.longest_with(read("看记环问"), 1), 1u);
}

TEST(Words, ScriptsAreReadAsOne) {
  const Words words = words_of(Rules());
  EXPECT_TRUE(words.has(read("慰問")));
  EXPECT_EQ(words.longest_with(read("實事求是"), 0), 4u);
}

TEST_F(OwnWords, AreReadInAnyOrder) {
  const Words words = this->words("# a comment\n港口\n吊车\n港务局\n吊臂\n");
  for (const char* const word : {"港口", "港务局", "吊车", "吊臂"}) EXPECT_TRUE(words.has(read(word))) << word;
  for (const char* const word : {"港务", "口港", "吊车臂", "看望"}) EXPECT_FALSE(words.has(read(word))) << word;
  std::vector<Symbol> last;
  words.find_last(read("吊").front(), [&](Symbol symbol) { last.push_back(symbol); });
  EXPECT_THAT(last, ::testing::ElementsAre(read("臂").front(), read("车").front()));
  // Of longer ones nothing is the last.
  last.clear();
  words.find_last(read("港").front(), [&](Symbol symbol) { last.push_back(symbol); });
  EXPECT_THAT(last, ::testing::ElementsAre(read("口").front()));
}

TEST_F(OwnWords, MistakesAreTold) {
  ConfigErrors errors;
  for (const char* const list :
       {"# ours\n港口\n港\n", "# ours\n港口\n港口管理局\n", "# ours\n港口\n吊车\r\n", "\n港口\n吊车\t3\n"}) {
    words(list, &errors);
    ASSERT_EQ(errors.size(), 1u) << list;
    EXPECT_EQ(errors.front().where, "words-chinese.txt:3");
    EXPECT_EQ(errors.front().message, "a line is a word of two to four ideographs, and nothing else");
  }
  words("# none\n", &errors);
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors.front().message, "there are no words");
}

}  // namespace
}  // namespace inkwash::stages
