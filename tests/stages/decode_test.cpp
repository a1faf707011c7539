#include <gmock/gmock.h>

#include "inkwash/unicode.h"
#include "tests/run_chain.h"

namespace inkwash {
namespace {

using ::testing::HasSubstr;
using testing::run_document;
using testing::run_stage;
using namespace std::string_literals;

TEST(Decode, LeavesUtf8Alone) {
  const Document document = run_document("decode", "临江今日开港。㗎𠝹\n");
  EXPECT_EQ(document.text(), "临江今日开港。㗎𠝹\n");
  EXPECT_TRUE(document.counts().empty());
  EXPECT_EQ(document.encoding(), "UTF-8");
}

TEST(Decode, DropsAByteOrderMark) { EXPECT_EQ(run_stage("decode", "\xEF\xBB\xBF港口"), "港口"); }

TEST(Decode, FindsGb18030AndKeepsProvenance) {
  // 本报讯：我们的港口今天开放了。
  const std::string gbk =
      "\xB1\xBE\xB1\xA8\xD1\xB6\xA3\xBA\xCE\xD2\xC3\xC7\xB5\xC4\xB8\xDB\xBF\xDA\xBD\xF1\xCC\xEC\xBF\xAA\xB7\xC5\xC1\xCB"
      "\xA1\xA3\n";
  const Document document = run_document("decode", gbk);
  EXPECT_EQ(document.text(), "本报讯：我们的港口今天开放了。\n");
  EXPECT_EQ(document.encoding(), "GB18030");
  const auto at = static_cast<ByteOffset>(document.text().find("港"));
  EXPECT_EQ(document.source_of({at, at + 3}), (SourceRange{14, 16}));
}

TEST(Decode, FindsBig5) {
  // 我們的港口今天開放了。
  const std::string big5 = "\xA7\xDA\xAD\xCC\xAA\xBA\xB4\xE4\xA4\x66\xA4\xB5\xA4\xD1\xB6\x7D\xA9\xF1\xA4\x46\xA1\x43\n";
  const Document document = run_document("decode", big5);
  EXPECT_EQ(document.text(), "我們的港口今天開放了。\n");
  EXPECT_EQ(document.encoding(), "Big5-HKSCS");
}

TEST(Decode, FindsEnglishInUtf16WithoutMark) {
  const std::string text = "The harbour board said: “The pier will open in May.” Nobody believed it.\n";
  for (const bool little : {true, false}) {
    std::string bytes;
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const auto low = static_cast<char>(codepoint & 0xFF), row = static_cast<char>(codepoint >> 8);
      bytes += {little ? low : row, little ? row : low};
      at += length;
    }
    EXPECT_EQ(testing::run_stage("decode", bytes), text);
  }
}

TEST(Decode, FindsUtf16WithAndWithoutMark) {
  const std::string text = "\x2D\x4E\xFD\x56\x84\x76\x0A\x00"s;  // 中国的
  EXPECT_EQ(run_stage("decode", text), "中国的\n");
  EXPECT_EQ(run_stage("decode", "\xFF\xFE" + text), "中国的\n");
}

TEST(Decode, ADeclaredEncodingWins) { EXPECT_EQ(run_stage("decode:encoding=windows-1252", "caf\xE9\n"), "café\n"); }

TEST(Decode, WhatIsSaidOfInvalidBytesNamesTheEncodingAsTheUserDid) {
  const Document document = run_document("decode:encoding=GBK", "abc\xB1 \n");
  ASSERT_FALSE(document.diagnostics().empty());
  EXPECT_THAT(document.diagnostics()[0].message, HasSubstr("are not GBK"));
}

TEST(Decode, NulsAndNumbersAreNoText) {
  const auto chain = Chain::make("decode", builtin_stages(), Rules{});
  std::string numbers;
  for (int i = 0; i < 4000; ++i) numbers += std::string{static_cast<char>(i % 7), '\0', '\0', '\0'};
  for (const std::string& bytes : {std::string(4096, '\0'), numbers}) {
    auto document = Document::from_bytes(bytes);
    const auto done = chain->run(*document);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("binary"));
  }
  EXPECT_EQ(run_stage("decode", "a\0\0\0\n\0\0\0\x2F\x6E\0\0\n\0\0\0"s), "a\n\u6E2F\n");
}

TEST(Decode, NamesTheKnownEncodings) {
  const auto chain = Chain::make("decode:encoding=klingon", builtin_stages(), Rules{});
  ASSERT_FALSE(chain);
  EXPECT_THAT(chain.error().front().message, HasSubstr("GB18030"));
}

TEST(Decode, InvalidBytesBecomeReplacementCharactersWithTheirOffset) {
  const Document document = run_document("decode", "abc\xFF临江的港口\xE4\xB8");
  EXPECT_EQ(document.text(), "abc\uFFFD临江的港口\uFFFD");
  ASSERT_EQ(document.diagnostics().size(), 2u);
  EXPECT_EQ(document.diagnostics()[0].where, (SourceRange{3, 4}));
  EXPECT_EQ(document.diagnostics()[1].where, (SourceRange{19, 21}));
  EXPECT_THAT(document.diagnostics()[0].message, HasSubstr("FF"));
}

TEST(Decode, RefusesBinaryData) {
  const auto chain = Chain::make("decode", builtin_stages(), Rules{});
  ASSERT_TRUE(chain);
  auto document = Document::from_bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06"s);
  const auto done = chain->run(*document);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().byte_offset, 8u);
  EXPECT_THAT(done.error().message, HasSubstr("binary"));
}

TEST(Decode, RepairsUtf8ThatWasReadAsLatin1) {
  const std::string text = "临江的港口今天开放了。";
  std::string wrong;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    wrong += static_cast<char>(0xC0 | byte >> 6);
    wrong += static_cast<char>(0x80 | (byte & 0x3F));
  }
  const Document document = run_document("decode", wrong);
  EXPECT_EQ(document.text(), text);
  ASSERT_FALSE(document.diagnostics().empty());
  EXPECT_THAT(document.diagnostics()[0].message, HasSubstr("read anew"));
}

TEST(Decode, ReportsLostBytes) {
  const Document document = run_document("decode", "港口锟斤拷今天开放");
  EXPECT_EQ(document.text(), "港口锟斤拷今天开放");
  ASSERT_EQ(document.diagnostics().size(), 1u);
  EXPECT_EQ(document.diagnostics()[0].rule, "decode.lost");
}

TEST(Decode, ReportsLostBytesFarDown) {
  std::string text;
  while (text.size() < 20000) text += "港口今天开放，首批货轮清晨靠岸。\n";
  EXPECT_TRUE(run_document("decode", text).diagnostics().empty());
  EXPECT_EQ(run_document("decode", text + "烫烫烫").diagnostics().size(), 1u);
}

TEST(Decode, EmptyIsEmpty) { EXPECT_EQ(run_stage("decode", ""), ""); }

}  // namespace
}  // namespace inkwash
