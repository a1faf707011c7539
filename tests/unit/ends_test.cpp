#include "stages/ends.h"

#include <gtest/gtest.h>

namespace inkwash::stages {
namespace {

TEST(Ends, OpenTextEndsInsideASentence) {
  for (const char* text : {"货轮今天", "货轮，", "他说：", "5", "port", "他说「"}) EXPECT_TRUE(is_open(text)) << text;
  for (const char* text : {"货轮。", "好！」", "（完）", "……"}) EXPECT_FALSE(is_open(text)) << text;
}

TEST(Ends, StretchedTextHasAGapBetweenAnyTwoCharacters) {
  EXPECT_TRUE(is_stretched("夜 班 公 交"));
  EXPECT_TRUE(is_stretched("夜  班  公  交"));
  EXPECT_FALSE(is_stretched("夜班      公交"));
  EXPECT_FALSE(is_stretched("夜 班"));
}

TEST(Ends, OldPunctuationHasOneMarkForAll) {
  std::string old;
  for (int i = 0; i < 12; ++i) old += "昨日下雨、";
  EXPECT_TRUE(has_old_punctuation(old));
  EXPECT_FALSE(has_old_punctuation("梨、桃、杏，都熟了。"));
  EXPECT_FALSE(has_old_punctuation(""));
}

}  // namespace
}  // namespace inkwash::stages
