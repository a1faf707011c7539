#include "inkwash/encodings.h"

#include <gtest/gtest.h>

namespace inkwash {
namespace {

TEST(Encodings, AreFoundByAnyNameOfIcu) {
  for (const char* const name : {"GB18030", "gbk", "GB2312"})
    EXPECT_EQ(utf8_of("\xD6\xD0\xB9\xFA", name), "中国") << name;
  EXPECT_EQ(utf8_of("\xA4\xA4\xB0\xEA", "Big5"), "中國");
  EXPECT_EQ(utf8_of("\xA4\xA4\x87\x40", "Big5-HKSCS"), "中䏰");
  EXPECT_EQ(utf8_of(std::string_view("\x2D\x4E\x0A\x00", 4), "UTF-16LE"), "中\n");
  EXPECT_EQ(utf8_of("a\xFF", "UTF-8"), "a\uFFFD");
  EXPECT_EQ(utf8_of("a", "no such encoding"), "");
  EXPECT_EQ(utf8_of("", "Big5"), "");
}

}  // namespace
}  // namespace inkwash
