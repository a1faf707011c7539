// The converter against OpenCC itself, line by line.
#include "stages/script_converter.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/Lexicon.hpp>
#include <opencc/MaxMatchSegmentation.hpp>
#include <opencc/Segments.hpp>
#include <random>
#include <tuple>

namespace inkwash::stages {
namespace {

using Places = std::vector<std::tuple<std::size_t, std::size_t, std::string>>;

/// OpenCC on a line.
class Oracle {
 public:
  explicit Oracle(const std::string& configuration) {
    opencc::Config config;
    library_ = config.NewFromFile(configuration + ".json");
  }

  std::string convert(const std::string& line) const { return library_->Convert(line); }

  Places changes(const std::string& line) const {
    Places places;
    const auto before = library_->GetSegmentation()->Segment(line);
    const auto after = library_->GetConversionChain()->Convert(before);
    std::size_t at = 0;
    for (std::size_t i = 0; i < before->Length(); ++i) {
      const std::string from = before->At(i), to = after->At(i);
      if (from != to) places.emplace_back(at, from.size(), to);
      at += from.size();
    }
    return places;
  }

  /// Of all its dictionaries.
  std::vector<std::string> keys_and_values() const {
    std::vector<std::string> all;
    const auto add = [&](const opencc::DictPtr& dict) {
      const auto lexicon = dict->GetLexicon();
      for (const auto& entry : *lexicon) {
        all.push_back(entry->Key());
        all.push_back(entry->GetDefault());
      }
    };
    add(std::dynamic_pointer_cast<opencc::MaxMatchSegmentation>(library_->GetSegmentation())->GetDict());
    for (const auto& conversion : library_->GetConversionChain()->GetConversions()) add(conversion->GetDict());
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

 private:
  opencc::ConverterPtr library_;
};

std::string converted(const ScriptConverter& converter, std::string_view text) {
  std::string to;
  converter.append(text, to);
  return to;
}

Places changes(const ScriptConverter& converter, std::string_view text) {
  Places places;
  converter.for_each_change(
      text, [&](std::size_t at, std::size_t length, std::string_view to) { places.emplace_back(at, length, to); });
  return places;
}

class EachConfiguration : public ::testing::TestWithParam<const char*> {
 protected:
  void expect_same(const std::string& line) const {
    ASSERT_EQ(converted(converter_, line), oracle_.convert(line)) << GetParam() << ": " << line;
    ASSERT_EQ(changes(converter_, line), oracle_.changes(line)) << GetParam() << ": " << line;
  }

  const Oracle oracle_{GetParam()};
  const ScriptConverter converter_ = *ScriptConverter::open(GetParam());
};
INSTANTIATE_TEST_SUITE_P(ScriptConverter, EachConfiguration,
                         ::testing::Values("s2t", "t2s", "s2tw", "tw2s", "s2twp", "tw2sp", "s2hk", "hk2s", "t2tw",
                                           "tw2t", "t2hk", "hk2t", "t2jp", "jp2t"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(EachConfiguration, IsCompiled) { EXPECT_EQ(converter_.engine(), ScriptConverter::Engine::compiled); }

TEST_P(EachConfiguration, ConvertsEachEntryAloneAndBetweenOthers) {
  const std::vector<std::string> words = oracle_.keys_and_values();
  std::mt19937 random(5);
  std::string line;
  for (const std::string& word : words) {
    ASSERT_EQ(converted(converter_, word), oracle_.convert(word)) << GetParam() << ": " << word;
    line += words[random() % words.size()] + word;
    if (line.size() > 200) {
      expect_same(line + "。");
      line.clear();
    }
  }
}

TEST_P(EachConfiguration, ConvertsPartsOfEntries) {
  const std::vector<std::string> words = oracle_.keys_and_values();
  std::mt19937 random(7);
  const auto part = [&] {
    const std::string& word = words[random() % words.size()];
    std::vector<std::size_t> borders;
    for (std::size_t at = 0; at < word.size(); at += valid_utf8_next(word, at).length) borders.push_back(at);
    borders.push_back(word.size());
    const std::size_t a = borders[random() % borders.size()], b = borders[random() % borders.size()];
    return word.substr(std::min(a, b), std::max(a, b) - std::min(a, b));
  };
  const std::vector<std::string> between = {"，", "a", "é", "𠝹", "𥟇", " ", "1", "后", "干", "裏", "着"};
  for (int round = 0; round < 4000; ++round) {
    std::string line;
    for (std::size_t i = 1 + random() % 16; i > 0; --i)
      line += random() % 6 == 0 ? between[random() % between.size()] : part();
    ASSERT_NO_FATAL_FAILURE(expect_same(line));
  }
}

// INKWASH_TEXTS names a folder with more text than the samples.
TEST_P(EachConfiguration, ConvertsNewspapers) {
  const char* const folder = std::getenv("INKWASH_TEXTS");
  std::size_t lines = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder != nullptr ? folder : INKWASH_SAMPLES)) {
    if (!file.is_regular_file() || file.path().extension() != ".txt") continue;
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (utf8_first_error(text) != text.size() || text.find('\0') != std::string::npos) continue;
    std::string expected;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string line = text.substr(begin, end - begin);
      expected += oracle_.convert(line);
      if (end != text.size()) expected += '\n';
      begin = end + 1;
      ++lines;
    }
    ASSERT_EQ(converted(converter_, text), expected) << file.path();
  }
  EXPECT_GT(lines, 100u);
}

TEST_P(EachConfiguration, TheLibraryGivesTheSameText) {
  const auto library = ScriptConverter::open(GetParam(), ScriptConverter::Engine::library);
  ASSERT_TRUE(library);
  EXPECT_EQ(library->engine(), ScriptConverter::Engine::library);
  using namespace std::string_literals;
  for (const std::string& text : {"后来发明的鼠标和软件，後來發明的滑鼠和軟體"s, "一\n头发\n\n頭髮\n"s, "头\0发\0頭髮"s,
                                  "发\xE5\x8F发\xFF髮\x80"s, "𠝹头𥟇é髮"s, ""s})
    EXPECT_EQ(converted(*library, text), converted(converter_, text)) << text;
}

TEST(ScriptConverter, LeavesAloneWhatIsNotUtf8) {
  using namespace std::string_literals;
  for (const auto engine : {ScriptConverter::Engine::compiled, ScriptConverter::Engine::library}) {
    const auto converter = ScriptConverter::open("t2s", engine);
    ASSERT_TRUE(converter);
    EXPECT_EQ(converted(*converter, "說\0話\xE8\xAA說\xED\xA0\x80話\xFF"s), "说\0话\xE8\xAA说\xED\xA0\x80话\xFF"s);
  }
}

// The library does not say where; what stays at both ends of a line is left out.
TEST(ScriptConverter, TheLibrarysChangesAreAsSmallAsTheyCanBeSeen) {
  const auto library = ScriptConverter::open("t2s", ScriptConverter::Engine::library);
  ASSERT_TRUE(library);
  EXPECT_EQ(changes(*library, "他說的話好\n好\n很長"), (Places{{3, 9, "说的话"}, {23, 3, "长"}}));
}

TEST(ScriptConverter, OpensAConfigurationByPath) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "configuration";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.txt") << "头发\t髪\n头\t頭 头\n";
  std::ofstream(folder / "mine.json") << R"({"segmentation": {"type": "mmseg", "dict": {"type": "group", "dicts": [
      {"type": "text", "file": "mine.txt"}, {"type": "ocd2", "file": "STPhrases.ocd2"}]}},
    "conversion_chain": [{"dict": {"type": "group", "dicts": [{"type": "text", "file": "mine.txt"},
      {"type": "ocd2", "file": "STPhrases.ocd2"}, {"type": "ocd2", "file": "STCharacters.ocd2"}]}}]})";
  const std::string path = (folder / "mine").string();
  const auto converter = ScriptConverter::open(path);
  ASSERT_TRUE(converter) << converter.error();
  EXPECT_EQ(converter->engine(), ScriptConverter::Engine::compiled);
  const Oracle oracle(path);
  for (const std::string text : {"头发", "头上的头发和发明", "回头是岸", "头里头"})
    EXPECT_EQ(converted(*converter, text), oracle.convert(text));
  EXPECT_EQ(converted(*converter, "头发和发明"), "髪和發明");
}

// An entry that is a surrogate is nothing for the matcher.
TEST(ScriptConverter, LeavesToTheLibraryWhatItCanNotCompile) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "odd";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "odd.txt") << "后\t後\n\xED\xA0\x80\tX\n";
  std::ofstream(folder / "odd.json") << R"({"segmentation": {"type": "mmseg", "dict": {"type": "text",
    "file": "odd.txt"}}, "conversion_chain": [{"dict": {"type": "text", "file": "odd.txt"}}]})";
  const auto converter = ScriptConverter::open((folder / "odd").string());
  ASSERT_TRUE(converter) << converter.error();
  EXPECT_EQ(converter->engine(), ScriptConverter::Engine::library);
  EXPECT_EQ(converted(*converter, "前后\n后"), "前後\n後");
}

TEST(ScriptConverter, SaysWhyThereIsNone) {
  const auto converter = ScriptConverter::open("x2y");
  ASSERT_FALSE(converter);
  EXPECT_NE(converter.error().find("x2y"), std::string::npos) << converter.error();
}

}  // namespace
}  // namespace inkwash::stages
