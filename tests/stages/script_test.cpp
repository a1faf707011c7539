#include <filesystem>
#include <fstream>
#include <opencc/SimpleConverter.hpp>
#include <random>
#include <thread>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_document;
using testing::run_stage;

constexpr const char* configurations[] = {"s2t",  "t2s",  "s2tw", "tw2s", "s2twp", "tw2sp", "s2hk",
                                          "hk2s", "t2tw", "tw2t", "t2hk", "hk2t",  "t2jp",  "jp2t"};

TEST(Script, IsWhatOpenccMakesOfIt) {
  const std::vector<std::string> words = {"发明", "后来", "頭髮", "皇后", "干净", "乾燥", "鼠标", "軟體",
                                          "里面", "裏",   "说",   "說",   "A1",   "，",   "台",   "臺",
                                          "面条", "麵",   "着",   "𠝹",   "了解", "瞭望", "游泳", "。"};
  std::mt19937 random(3);
  for (const char* configuration : configurations) {
    const opencc::SimpleConverter oracle(configuration);
    const auto spec = ChainSpec::parse(std::string("script:config=") + configuration, Rules{});
    const auto chain = Chain::make(*spec, builtin_stages(), Rules{});
    ASSERT_TRUE(chain);
    for (int round = 0; round < 60; ++round) {
      std::string text;
      for (unsigned i = 0; i < 20; ++i) text += words[random() % words.size()];
      auto document = Document::from_bytes(text);
      ASSERT_TRUE(chain->run(*document));
      EXPECT_EQ(document->text(), oracle.Convert(text)) << configuration;
      EXPECT_EQ(document->validate().value_or(""), "");
    }
  }
}

TEST(Script, KeepsTheScriptByDefault) { EXPECT_EQ(run_stage("script", "後來发明"), "後來发明"); }

TEST(Script, EachCharacterKeepsItsSource) {
  const Document document = run_document("script:config=t2s", "他說頭髮很長");
  EXPECT_EQ(document.text(), "他说头发很长");
  EXPECT_EQ(document.source_of({3, 6}), (SourceRange{3, 6}));
  EXPECT_EQ(document.source_of({9, 12}), (SourceRange{9, 12}));
}

TEST(Script, LeavesDocumentsAloneThatAreInTheTarget) {
  EXPECT_EQ(run_stage("script:config=hant", "這裡說過後來的發明"), "這裡說過後來的發明");
  EXPECT_EQ(run_stage("script:config=hans", "這裡說過後來的發明"), "这里说过后来的发明");
}

// 里, 后, 台, 只, 干 are Traditional characters too, with other meanings.
TEST(Script, LeavesTraditionalLinesAloneBesideSimplifiedOnes) {
  EXPECT_EQ(run_stage("script:config=hant", "王后在這里只說了幾句\n他后来发明了说话的鼠标\n里面\n"),
            "王后在這里只說了幾句\n他後來發明了說話的鼠標\n裏面\n");
  EXPECT_EQ(run_stage("script:config=hant", "國家发展計劃，后里的台灣"), "國家發展計劃，后里的台灣");
  EXPECT_EQ(run_stage("script:config=hans", "乾隆说过\n後來說過\n"), "乾隆说过\n后来说过\n");
  EXPECT_EQ(run_stage("script:config=s2twp:auto=true", "只說台灣的後里"), "只說台灣的後里");
}

TEST(Script, AutoNeedsTwoScripts) {
  EXPECT_FALSE(Chain::make("script:config=t2tw:auto=true", builtin_stages(), Rules{}));
}

TEST(Script, TermsAreConvertedWithoutAConfigurationToo) {
  const auto folder = std::filesystem::path(::testing::TempDir());
  std::ofstream(folder / "only-terms.txt") << "鼠标\t滑鼠\n";
  EXPECT_EQ(run_stage("script:dictionary=" + (folder / "only-terms.txt").string(), "鼠标后来"), "滑鼠后来");
}

TEST(Script, UserDictionariesAndProtectedTermsWin) {
  const auto folder = std::filesystem::path(::testing::TempDir());
  std::ofstream(folder / "terms.txt") << "鼠标\t老鼠標\n";
  std::ofstream(folder / "protect.txt") << "后里\n";
  const std::string chain = "script:config=s2t:dictionary=" + (folder / "terms.txt").string() +
                            ":protect=" + (folder / "protect.txt").string();
  EXPECT_EQ(run_stage(chain, "后里的鼠标后来"), "后里的老鼠標後來");
}

TEST(Script, ReportsEveryMistake) {
  const auto chain = Chain::make("script:config=x2y:dictionary=/no/such/file", builtin_stages(), Rules{});
  ASSERT_FALSE(chain);
  EXPECT_EQ(chain.error().size(), 2u);
}

// A segment of a character of four bytes and one of two is as long as two of three; found by fuzzing.
TEST(Script, CharactersOfFourBytesStayWhole) {
  const opencc::SimpleConverter oracle("t2s");
  for (const char* text : {"\uFFFD𥟇蔭\uFFFD", "𥟇蔭說", "說𠝹話𥟇", "𥟇𠝹蔭", "𥟇é說", "é𥟇蔭é"})
    EXPECT_EQ(run_stage("decode,script:config=t2s", text), oracle.Convert(text)) << text;
  // Each character with its own source, so that a wrong cut shows.
  const Document document =
      run_document("decode:encoding=UTF-16LE,script:config=t2s", std::string("\x55\xD8\xC7\xDF\xE9\x00\xAA\x8A", 8));
  EXPECT_EQ(document.text(), "𥟇é说");
  EXPECT_EQ(document.source_of({6, 9}), (SourceRange{6, 8}));
}

TEST(Script, ManyThreadsAtOnce) {
  const auto chain = Chain::make("script:config=s2twp", builtin_stages(), Rules{});
  ASSERT_TRUE(chain);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        auto document = Document::from_bytes("后来发明的鼠标和软件");
        ASSERT_TRUE(chain->run(*document));
        ASSERT_EQ(document->text(), "後來發明的滑鼠和軟體");
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace inkwash
