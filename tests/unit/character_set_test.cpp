#include "stages/character_set.h"

#include <gtest/gtest.h>

namespace {

using inkwash::stages::CharacterSet;

TEST(CharacterSet, HoldsWhatItWasMadeOfAndNothingElse) {
  const std::u32string of = U"!a、一上\U00020021";  // sorted
  const CharacterSet set(of);
  for (char32_t c = 0; c < 0x30000; ++c) EXPECT_EQ(set.contains(c), of.find(c) != std::u32string::npos) << static_cast<std::uint32_t>(c);
}

TEST(CharacterSet, IsEmptyAtFirst) {
  EXPECT_FALSE(CharacterSet().contains(0));
  EXPECT_FALSE(contains(CharacterSet(), U'一'));
}

}  // namespace
