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

TEST(Ends, PairsOfAHeadlineAreCountedAsOftenAsItHasThem) {
  EXPECT_EQ(shared_pairs("渡口新桥通车", "昨日，新桥通车仪式在渡口举行。"), 4u);
  EXPECT_EQ(shared_pairs("新桥新桥", "老桥，新桥"), 2u);
  EXPECT_EQ(shared_pairs("新，桥", "新，桥"), 0u);
  EXPECT_EQ(shared_pairs("新桥", "新\n桥"), 0u);
  EXPECT_EQ(shared_pairs("", "新桥"), 0u);
}

TEST(Ends, FindsWhatStringsFind) {
  EXPECT_EQ(find("渡口新桥", "新桥"), 6u);
  EXPECT_EQ(find("渡口新桥", "旧桥"), std::string_view::npos);
}

TEST(Ends, PartsOfAParagraphAreJoinedByASpaceBetweenWordsOnly) {
  EXPECT_EQ(joint("东江上的", "第三座"), "");
  EXPECT_EQ(joint("推出 Ink", "Wash"), " ");
  EXPECT_EQ(joint("推出 Ink", "的公司"), "");
  EXPECT_EQ(joint("20", "25年"), "");
}

}  // namespace
}  // namespace inkwash::stages
