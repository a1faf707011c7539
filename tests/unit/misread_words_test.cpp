#include "stages/misread_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "stages/confusions.h"
#include "stages/leads_table.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

using Symbol = MisreadWords::Symbol;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Symbol read(char32_t codepoint) { return CoherenceModel::shipped().read(codepoint); }

/// Of two characters, which of them is misread, and for what.
std::vector<std::pair<bool, Symbol>> found(const MisreadWords& words, char32_t first, char32_t second) {
  std::vector<std::pair<bool, Symbol>> all;
  words.find(read(first), read(second),
             [&](const MisreadWords::Right& right) { all.emplace_back(right.is_second, right.symbol); });
  return all;
}

/// Calls `make` with the settings of `ocr` under these rules.
template <typename Make>
auto with_settings(const Rules& rules, ConfigErrors* errors, const Make& make) {
  static const StageOptions no_options;
  Settings settings("ocr", no_options, rules, "ocr.toml");
  auto made = make(settings);
  if (errors != nullptr) *errors = settings.take_errors();
  return made;
}

MisreadWords words_of(const Rules& rules, ConfigErrors* errors = nullptr) {
  return with_settings(rules, errors, [&](Settings& settings) {
    return MisreadWords(settings, rules, CoherenceModel::shipped(), Confusions::shipped());
  });
}

TEST(EmbeddedTables, AreThoseOfTheRules) {
  const Rules rules;
  EXPECT_TRUE(MisreadWords::shipped().image() == words_of(rules).image());
  const auto image_of = [&](const auto& make) { return with_settings(rules, nullptr, make).image(); };
  EXPECT_TRUE(Confusions::shipped().image() == image_of([&](Settings& s) { return Confusions(s, rules); }));
  EXPECT_TRUE(LeadsTable::shipped().image() == image_of([&](Settings& s) { return LeadsTable(s, rules); }));
}

TEST(MisreadWords, AreFoundInBothScripts) {
  const MisreadWords& words = MisreadWords::shipped();
  EXPECT_THAT(found(words, U'间', U'题'), ElementsAre(Pair(false, read(U'问'))));
  EXPECT_THAT(found(words, U'間', U'題'), ElementsAre(Pair(false, read(U'問'))));
  EXPECT_THAT(found(words, U'历', U'更'), ElementsAre(Pair(true, read(U'史'))));
  EXPECT_THAT(found(words, U'问', U'题'), IsEmpty());
}

class OwnMisreadWords : public ::testing::Test {
 protected:
  OwnMisreadWords()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("inkwash_misread_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~OwnMisreadWords() override { std::filesystem::remove_all(folder_); }
  MisreadWords words(std::string_view list, ConfigErrors* errors = nullptr) {
    std::ofstream(folder_ / MisreadWords::file) << list;
    return words_of(Rules(folder_.native()), errors);
  }
  std::filesystem::path folder_;
};

TEST_F(OwnMisreadWords, TakeThePlaceOfThoseThatAreBuiltIn) {
  // One that may be two words, and one that is listed twice.
  const MisreadWords words = this->words("# ours\n巷口\t港口\n巷口\t巷子\n巷口\t港口\n");
  EXPECT_THAT(found(words, U'巷', U'口'), ElementsAre(Pair(false, read(U'港')), Pair(true, read(U'子'))));
  EXPECT_THAT(found(words, U'间', U'题'), IsEmpty());
}

TEST_F(OwnMisreadWords, MistakesAreTold) {
  ConfigErrors errors;
  for (const char* const list : {"港口\t港口\n", "巷子\t港口\n", "港\t港口\n", "巷务局\t港务局\n", "巷口\t\n"}) {
    words(list, &errors);
    ASSERT_EQ(errors.size(), 1u) << list;
    EXPECT_EQ(errors.front().message, "a line is: two characters as read, and a word that differs in one of them");
  }
}

}  // namespace
}  // namespace inkwash::stages
