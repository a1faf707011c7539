#include "stages/brackets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace inkwash::stages {
namespace {

const BracketOdds& shipped() {
  static const BracketOdds odds = [] {
    const StageOptions no_options;
    Settings settings("brackets", no_options, Rules(), "brackets.toml");
    return BracketOdds(settings, no_options, Rules());
  }();
  return odds;
}
float odds_of(std::string_view above, std::string_view below) {
  return shipped().odds(shipped().of(above), shipped().of(below));
}

TEST(Brackets, WhatIsOpenIsClosedBelow) {
  EXPECT_GT(odds_of("本报讯（记者何小满 杜", "宇）昨天下午三点"), 0);
  EXPECT_LT(odds_of("本报讯（记者何小满 杜", "没有括号的一行"), 0);
  EXPECT_LT(odds_of("没有括号的一行", "宇）昨天下午三点"), 0);
  EXPECT_EQ(odds_of("没有括号的一行", "也没有"), 0);
  EXPECT_EQ(odds_of("", ""), 0);
}

TEST(Brackets, ClosedOnesSayNothing) {
  EXPECT_EQ(odds_of("长篇小说《渡口》（上下册）", "去年（2019年）出版"), 0);
  EXPECT_EQ(odds_of("一（二（三）四）五", "（六）"), 0);
}

TEST(Brackets, KindsAreTold) {
  EXPECT_LT(odds_of("长篇小说《渡", "口）出版"), 0);
  EXPECT_GT(odds_of("长篇小说（《渡", "口》）出版"), 0);
  EXPECT_LT(odds_of("长篇小说（《渡", "口》上册"), 0);
}

TEST(Brackets, MistakesInTheRulesAreSaid) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "inkwash_brackets_test";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "brackets.toml") << "pairs = ['（']\n[odds]\nfit = 1\nat_odds = -1\n";
  const StageOptions no_options;
  Settings settings("brackets", no_options, Rules(), "interleave.toml");
  const BracketOdds odds(settings, no_options, Rules(folder.native()));
  EXPECT_FALSE(settings.ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace inkwash::stages
