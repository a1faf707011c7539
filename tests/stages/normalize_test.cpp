#include <random>

#include "inkwash/unicode.h"
#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_document;
using testing::run_stage;

std::string normalize(std::string text) { return run_stage("normalize", std::move(text)); }

TEST(Normalize, LeavesOrdinaryTextAlone) {
  const std::string text = "“临江”今日开港，第12批货物——机电产品，已装船！㗎𠝹「」\n　　段落 A1\n";
  EXPECT_EQ(normalize(text), text);
  EXPECT_TRUE(run_document("normalize", text).counts().empty());
}

TEST(Normalize, NeverTouchesFullWidthPunctuation) {
  const std::string marks = "，。；：？！（）、．／～％";
  EXPECT_EQ(normalize(marks), marks);
}

TEST(Normalize, EachClass) {
  EXPECT_EQ(normalize("ｅ２Ｚ"), "e2Z");
  EXPECT_EQ(normalize("\u2F42\u2E9F"), "文母");  // radicals
  EXPECT_EQ(normalize("\uF900"), "豈");          // compatibility ideograph
  EXPECT_EQ(normalize("e\u0301"), "é");          // NFC
  EXPECT_EQ(normalize("\uFE41甲\uFE42\uFE35乙\uFE36"), "「甲」（乙）");
  EXPECT_EQ(normalize("\uFB01ne"), "fine");
  EXPECT_EQ(normalize("甲\u200B乙\u00AD\uFEFF丙"), "甲乙丙");
  EXPECT_EQ(normalize("a\u00A0b\u2009c"), "a b c");
  EXPECT_EQ(normalize("甲\u3000乙"), "甲\u3000乙");  // an indent is evidence for later stages
  EXPECT_EQ(normalize(std::string("甲\x01\x7F乙", 8)), "甲乙");
  EXPECT_EQ(normalize("a\r\nb\rc\vd\fe\u2028f\u2029g\u0085h"), "a\nb\nc\nd\ne\nf\n\ng\nh");
  EXPECT_EQ(normalize("A&amp;B &lt;&#x4e2d;&#22269;&nbsp;&hellip;"), "A&B <中国 …");
  EXPECT_EQ(normalize("R&D; AT&T & 甲"), "R&D; AT&T & 甲");
}

/// Blocks of text without such characters are passed over as a whole: none is missed wherever it stands.
TEST(Normalize, FindsACharacterAnywhereInALongText) {
  std::string plain;
  for (int i = 0; i < 40; ++i) plain += "港口，“a”…开——。、か！";
  for (const std::string odd : {"ｅ", "\u2F42", "\uF900", "e\u0301", "\uFE41", "甲\u200B", "\u00A0", "\x01", "\x7F",
                                "\r\n", "&lt;", "か\u3099", "\uFB01", "\u2028", "\U0002F800"}) {
    const std::string wanted = normalize(odd);
    ASSERT_NE(wanted, odd);
    for (std::size_t at = 0; at < 150; ++at) {
      if (valid_utf8_inside(plain, at)) continue;
      EXPECT_EQ(normalize(plain.substr(0, at) + odd + plain.substr(at)), plain.substr(0, at) + wanted + plain.substr(at))
          << odd << at;
    }
  }
}

TEST(Normalize, WhatWasEscapedTwiceIsUndoneAtOnce) { EXPECT_EQ(normalize("&amp;amp;lt;"), "<"); }

TEST(Normalize, ClassesCanBeSwitchedOff) {
  EXPECT_EQ(run_stage("normalize:fullwidth=false", "ｅ２"), "ｅ２");
  EXPECT_EQ(run_stage("normalize:entities=false", "&lt;"), "&lt;");
}

TEST(Normalize, JoinersStayWhereTheyMeanSomething) {
  const std::string family = "👨\u200D👩";
  EXPECT_EQ(normalize(family), family);
}

TEST(Normalize, ASecondTimeChangesNothing) {
  std::mt19937 random(7);
  const std::vector<std::string> parts = {"&",      "amp;",   "#",      "x41;", "\r",     "\n",
                                          "\u0301", "e",      "\u00A0", "甲",   "\uFF21", "\u200D",
                                          "\u1100", "\u1161", "\u3099", "か",   "\uFE35", ";"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned i = 0; i < 12; ++i) text += parts[random() % parts.size()];
    const std::string once = normalize(text);
    EXPECT_EQ(normalize(once), once) << text;
  }
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (unsigned i = 0; i < 40; ++i) {
      const auto c = static_cast<Codepoint>(random() % 0x11000);
      append_utf8(text, c >= 0xD800 && c < 0xE000 ? U'甲' : c);
    }
    const std::string once = normalize(text);
    EXPECT_EQ(normalize(once), once);
  }
}

}  // namespace
}  // namespace inkwash
