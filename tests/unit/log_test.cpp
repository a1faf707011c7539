#include "inkwash/log.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

using ::testing::HasSubstr;
using testing::run_document;

/// What restore() makes of a text that was cleaned with this chain.
expected<std::string, Error> there_and_back(std::string_view chain, const std::string& bytes) {
  const Document document = run_document(chain, bytes, Account::edits);
  const auto log = Log::parse(write_log(document, {.name = "page.txt"}));
  if (!log) return unexpected(log.error());
  return log->restore(document.text());
}

constexpr std::string_view page =
    "临 江 港 扩 建 完 工\r\n　　临江港三号码头昨日完工，\r\n首批货轮今天清晨靠岸，港区\r\n"
    "工人连夜装卸，货物将发往沿\r\n江各地。（下转第二版）\r\n";

TEST(Log, RestoresEveryByte) { EXPECT_EQ(there_and_back("default", std::string(page)), std::string(page)); }

TEST(Log, RestoresOtherEncodingsAndInvalidBytes) {
  for (const std::string& bytes : {
           std::string("\xC1\xD9\xBD\xAD\xB8\xDB\xC0\xA9\xBD\xA8\xCD\xEA\xB9\xA4\xA3\xAC\xC2\xEB\xCD\xB7\xBF\xAA\xB7"
                       "\xC5\xA1\xA3\n"),
           std::string("\xEF\xBB\xBF\xE4\xB8\xB4\xE6\xB1\x9F\xE6\xB8\xAF\r\n"),
           std::string("\xFF\xFE\x34\x4E\x5F\x6C\x2F\x6E\x0A\x00", 10),
           std::string("\xE4\xB8\xB4\xE6\xB1\x9F\xFF\xE6\xB8\xAF\xE4\xB8\n"),
           std::string("\r\r\n\n\x0C\xE4\xB8\xB4\0\xE6\xB1\x9F", 12),
           std::string(),
           std::string("\n"),
       }) {
    const auto back = there_and_back("default", bytes);
    if (back) {
      EXPECT_EQ(*back, bytes);
    } else {
      ADD_FAILURE() << back.error().message;
    }
  }
}

TEST(Log, RestoresMovedText) {
  const std::string source = "甲乙丙\n丁戊己\n庚辛壬\n";
  EXPECT_EQ(there_and_back("decode,interleave,order,wraps", source), source);
}

TEST(Log, RestoresRandomBytes) {
  std::mt19937 random(11);
  const std::vector<std::string> words = {"临",   "江",    "港，", "。", " ",   "　",   "\n",       "\r\n",
                                          "\n\n", "第2版", "A",    "1",  "-\n", "\xFF", "\xC1\xD9", "（下转第二版）",
                                          "“",    "”",     "\t",   "\f", "曰",  "日"};
  for (int i = 0; i < 10000; ++i) {
    std::string bytes;
    for (std::size_t n = random() % 60; n > 0; --n)
      bytes += i % 4 == 0 ? std::string(1, static_cast<char>(random() % 256)) : words[random() % words.size()];
    auto document = Document::from_bytes(bytes, Account::edits);
    static const auto chain = Chain::make("default", builtin_stages(), Rules{});
    if (!chain->run(*document)) continue;  // binary data is refused
    const auto log = Log::parse(write_log(*document, {}));
    ASSERT_TRUE(log) << log.error().message;
    ASSERT_EQ(log->restore(document->text()), bytes);
  }
}

/// Every page below `folder` comes back, whatever it is written in.
void restores_pages_of(const std::filesystem::path& folder) {
  std::size_t pages = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".txt") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto back = there_and_back("default", bytes);
    EXPECT_TRUE(back && *back == bytes) << entry.path();
    ++pages;
  }
  EXPECT_GT(pages, 0u);
}

TEST(Log, RestoresEverySample) { restores_pages_of(INKWASH_SAMPLES); }

TEST(Log, RestoresEveryCase) {
  const std::filesystem::path cases = std::filesystem::path(INKWASH_SAMPLES) / "../../shared/bench/cases";
  if (!std::filesystem::exists(cases)) GTEST_SKIP() << "no cases beside the project";
  restores_pages_of(cases);
}

TEST(Log, NamesTheFirstPlaceWhereATextDoesNotFit) {
  std::string source;
  for (int i = 0; i < 300; ++i) source += "第" + std::to_string(i) + "号 码 头 完 工。\n";
  const Document document = run_document("decode,spaces", source, Account::edits);
  const auto log = Log::parse(write_log(document, {}));
  ASSERT_TRUE(log);
  std::string text(document.text());
  text[2500] ^= 1;
  const auto changed = log->restore(text);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().byte_offset, 2048u);
  const auto cut = log->restore(document.text().substr(0, 3000));
  ASSERT_FALSE(cut);
  EXPECT_GE(cut.error().byte_offset, 2048u);
  EXPECT_LE(cut.error().byte_offset, 3000u);
  const auto longer = log->restore(std::string(document.text()) + "尾");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().byte_offset, document.text().size());
}

TEST(Log, IsSmallerThanAnOrdinaryPage) {
  const std::string bytes(page);
  std::string all;
  for (int i = 0; i < 20; ++i) all += bytes;
  const Document document = run_document("default", all, Account::edits);
  EXPECT_LT(write_log(document, {}).size(), all.size());
}

TEST(Log, RefusesWhatIsNoLog) {
  const Document document = run_document("default", std::string(page), Account::edits);
  const std::string log = write_log(document, {});
  EXPECT_THAT(Log::parse("").error().message, HasSubstr("empty"));
  EXPECT_THAT(Log::parse("{}\n").error().message, HasSubstr("no edit log"));
  std::string newer = log;
  newer.replace(newer.find(":1,"), 3, ":9,");
  EXPECT_THAT(Log::parse(newer).error().message, HasSubstr("version 9"));
  // Cut off anywhere: refused when read or when used, never a crash, never other bytes.
  for (std::size_t size = 0; size < log.size(); size += 7) {
    const auto read = Log::parse(log.substr(0, size));
    if (read && size + 1 < log.size()) {
      EXPECT_FALSE(read->restore(document.text())) << size;
    }
  }
}

TEST(Log, SurvivesEveryDamage) {
  const Document document = run_document("default", std::string(page), Account::edits);
  const std::string log = write_log(document, {});
  std::mt19937 random(3);
  const std::string_view digits = "0123456789,[]\"-{}";
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = log;
    for (int n = 0; n < 3; ++n) damaged[random() % damaged.size()] = digits[random() % digits.size()];
    const auto read = Log::parse(damaged);
    if (!read) continue;
    if (const auto back = read->restore(document.text())) {
      EXPECT_EQ(*back, page);
    }
  }
}

}  // namespace
}  // namespace inkwash
