#include "stages/phrases.h"

#include <gtest/gtest.h>

#include <random>

namespace inkwash::stages {
namespace {

TEST(Phrases, AreFoundAtEachPlaceOfALongText) {
  const Phrases phrases({"锟斤拷", "烫烫烫"});
  for (std::size_t before = 0; before < 200; ++before) {
    const std::string text = std::string(before, 'x') + "烫烫锟斤" + std::string(300 - before, 'y');
    EXPECT_FALSE(phrases.any_in(text)) << before;
    EXPECT_TRUE(phrases.any_in(std::string(before, 'x') + "烫烫烫" + std::string(200 - before, 'y'))) << before;
    EXPECT_TRUE(phrases.any_in(text + "锟斤拷")) << before;
  }
}

TEST(Phrases, NoneAndEmptyOnesAreNowhere) {
  EXPECT_FALSE(Phrases().any_in("abc"));
  EXPECT_FALSE(Phrases({""}).any_in("abc"));
  EXPECT_FALSE(Phrases({"abc"}).any_in(""));
  EXPECT_FALSE(Phrases({"abc"}).any_in("ab"));
  EXPECT_TRUE(Phrases({"abc"}).any_in("abc"));
}

TEST(Phrases, ShortOnesAndBytesOfAnyKind) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 300, '\0');
    for (char& c : text) c = static_cast<char>("ab\x80\xFF"[random() % 4]);
    std::vector<std::string> list;
    for (std::size_t i = 0, n = 1 + random() % 3; i < n; ++i) {
      std::string& phrase = list.emplace_back(round % 2 == 0 ? 3 + random() % 5 : 1 + random() % 5, 'a');
      for (char& c : phrase) c = static_cast<char>("ab\x80\xFF"[random() % 4]);
    }
    bool any = false;
    for (const std::string& phrase : list) any |= text.find(phrase) != std::string::npos;
    ASSERT_EQ(Phrases(list).any_in(text), any) << text;
  }
}

}  // namespace
}  // namespace inkwash::stages
