#include "inkwash/unicode.h"

#include <gtest/gtest.h>

#include <unicode/utf8.h>
#include <random>
#include <vector>

namespace inkwash {
namespace {

/// ICU's count of well-formed bytes at the beginning.
std::size_t first_error_by_icu(std::string_view bytes) {
  std::int32_t at = 0;
  const auto size = static_cast<std::int32_t>(bytes.size());
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  while (at < size) {
    const std::int32_t before = at;
    UChar32 c = 0;
    U8_NEXT(data, at, size, c);
    if (c < 0) return static_cast<std::size_t>(before);
  }
  return bytes.size();
}

TEST(Unicode, EachErrorOfALongTextIsFound) {
  std::mt19937 random(3);
  const std::string_view wrong[] = {"\xFF", "\xE4\xB8", "\x80\x80\x80\x80\x80", "\xF0\x9F", "\xED\xA0\x80"};
  const std::string_view right[] = {"a", "é", "中", "𠝹"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    const std::size_t size = random() % 20000, rare = 1 + random() % 5000;
    while (text.size() < size) text += random() % rare == 0 ? wrong[random() % 5] : right[random() % 4];
    std::vector<std::size_t> wanted, found;
    for (std::size_t at = 0; at < text.size();) {
      const AnyDecoded next = utf8_next(text, at);
      if (!next.valid) wanted.push_back(at);
      at += next.length;
    }
    for (std::size_t at = 0; (at = utf8_next_error(text, at)) < text.size(); at += utf8_next(text, at).length)
      found.push_back(at);
    ASSERT_EQ(found, wanted);
    ASSERT_EQ(utf8_first_error(text), wanted.empty() ? text.size() : wanted.front());
  }
}

TEST(Unicode, FirstErrorAgreesWithIcuOnAllShortStrings) {
  // Bytes at which the rules of UTF-8 change.
  const unsigned char bytes[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  constexpr std::size_t n = std::size(bytes);
  for (std::size_t code = 0; code < n * n * n * n; ++code) {
    std::string text;
    for (std::size_t rest = code, i = 0; i < 4; ++i, rest /= n) text += static_cast<char>(bytes[rest % n]);
    ASSERT_EQ(utf8_first_error(text), first_error_by_icu(text));
  }
}

TEST(Unicode, WalksBothWays) {
  const std::string text = "aé港𠝹";
  EXPECT_EQ(valid_utf8_length(text), 4u);
  EXPECT_EQ(valid_utf8_next(text, 6).codepoint, U'𠝹');
  EXPECT_EQ(valid_utf8_previous(text, 6).codepoint, U'港');
  EXPECT_EQ(valid_utf8_half_ems(text), 6u);
}

TEST(Unicode, OffsetsInsideACodepointAreSetToItsEnds) {
  const std::string_view text = "a港𠝹";
  const std::size_t floors[] = {0, 1, 1, 1, 4, 4, 4, 4, 8}, ceilings[] = {0, 1, 4, 4, 4, 8, 8, 8, 8};
  for (std::size_t at = 0; at <= text.size(); ++at) {
    EXPECT_EQ(valid_utf8_floor(text, at), floors[at]) << at;
    EXPECT_EQ(valid_utf8_ceiling(text, at), ceilings[at]) << at;
    EXPECT_EQ(valid_utf8_inside(text, at), floors[at] != at) << at;
  }
  EXPECT_EQ(valid_utf8_floor("\x80\x80", 1), 0u) << "bytes that are not UTF-8";
}

TEST(Unicode, ClassesAreThoseOfATypesetter) {
  EXPECT_EQ(class_of(U'港'), CharClass::han);
  EXPECT_EQ(class_of(U'𠝹'), CharClass::han);
  EXPECT_EQ(class_of(U'々'), CharClass::han);
  EXPECT_EQ(class_of(U'。'), CharClass::stop);
  EXPECT_EQ(class_of(U'，'), CharClass::pause);
  EXPECT_EQ(class_of(U'「'), CharClass::open);
  EXPECT_EQ(class_of(U'”'), CharClass::close);
  EXPECT_EQ(class_of(U'　'), CharClass::space);
  EXPECT_EQ(class_of(U'é'), CharClass::latin);
  EXPECT_EQ(half_ems(U'５'), 2u);
  EXPECT_EQ(half_ems(U'5'), 1u);
}

}  // namespace
}  // namespace inkwash
