#include "differences.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace inkwash {
namespace {

TEST(Differences, AreRunsOfCharacters) {
  const auto found = differences_in_step("aé說話好說", "bé说话好说");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->characters, 4u);
  EXPECT_EQ(found->runs, 3u);
}

TEST(Differences, TextsThatAreNotInStepHaveNone) {
  EXPECT_FALSE(differences_in_step("說", "a"));
  EXPECT_FALSE(differences_in_step("說é", "é說"));
  const std::string before(70, 'a');
  EXPECT_FALSE(differences_in_step(before + "說é", before + "é說"));
  EXPECT_FALSE(differences_in_step("說" + before, "aé" + before));
}

// Of every length and with characters at every place of a block.
TEST(Differences, AreThoseSeenCharacterByCharacter) {
  const std::vector<std::vector<std::string>> letters = {
      {"a", "b"}, {"é", "è"}, {"說", "说", "话"}, {"𠝹", "𥟇"}};
  std::mt19937 random(17);
  for (std::size_t round = 0; round < 3000; ++round) {
    std::string before, after;
    const std::size_t size = random() % 300, change = 1 + random() % 5;
    while (before.size() < size) {
      const auto& of_length = letters[random() % letters.size()];
      before += of_length[0];
      after += of_length[random() % change == 0 ? random() % of_length.size() : 0];
    }
    Differences wanted;
    for_each_difference(before, after, [&](std::size_t begin, std::size_t end) {
      ++wanted.runs;
      wanted.characters += valid_utf8_length(std::string_view(before).substr(begin, end - begin));
    });
    const auto found = differences_in_step(before, after);
    ASSERT_TRUE(found) << before;
    ASSERT_EQ(found->runs, wanted.runs) << before << "\n" << after;
    ASSERT_EQ(found->characters, wanted.characters) << before << "\n" << after;
  }
}

}  // namespace
}  // namespace inkwash
