// Properties of the default chain on random pages: text of our own, set in columns and damaged at random.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "inkwash/unicode.h"
#include "tests/run_chain.h"

namespace inkwash {
namespace {

using testing::run_document;

constexpr std::string_view sentences[] = {
    "临江港三号码头昨日完工，首批货轮今天清晨靠岸。",
    "港务局长介绍，新码头可以停靠五万吨级船舶，年吞吐量比去年增加一成半。",
    "记者在现场看到，二十多名工人正在装卸货物，吊车一直忙到天黑。",
    "“我在这里干了三十年，头一回看见这么大的船。”码头工人老周说。",
    "下一步，市交通局将再开三条夜间公共汽车线路，方便上夜班的市民。",
    "图书馆每周开放6天，晚上9时关门，藏书1.2万册都是街坊捐的。",
    "有市民问，票价会不会上涨？答复是不会。",
    "专家认为，老城区的排水管网应当在雨季之前全部疏通一遍。",
};

class Pages {
 public:
  explicit Pages(unsigned seed) : random_(seed) {}

  /// A page: headline, paragraphs wrapped to a width, with the damage of a text layer.
  std::string next() {
    const std::size_t ems = 12 + random_() % 14;
    const bool indents = random_() % 2 == 0;
    const bool double_spaced = random_() % 4 == 0;
    std::string page = random_() % 2 == 0 ? "综合 2031年5月6日 星期二 第7版\n" : "";
    page += "临江港扩建完工 夜班公交开行\n";
    for (std::size_t p = 0, n = 2 + random_() % 4; p < n; ++p) {
      std::string paragraph;
      for (std::size_t s = 0, m = 1 + random_() % 4; s < m; ++s)
        paragraph += sentences[random_() % std::size(sentences)];
      std::size_t width = indents ? 4 : 0;
      if (indents) page += "　　";
      for (std::size_t at = 0; at < paragraph.size();) {
        const auto [codepoint, length] = valid_utf8_next(paragraph, at);
        const CharClass c = class_of(codepoint);
        const bool may_begin = c != CharClass::pause && c != CharClass::stop && c != CharClass::close;
        if (width + half_ems(codepoint) > 2 * ems && may_begin) {
          page += random_() % 40 == 0 || double_spaced ? "\n\n" : "\n";
          width = 0;
        }
        page += paragraph.substr(at, length);
        if (random_() % 60 == 0 && is_ideographic(c)) page += "\u200B";
        width += half_ems(codepoint);
        at += length;
      }
      page += double_spaced ? "\n\n" : "\n";
    }
    return page;
  }

 private:
  std::mt19937 random_;
};

std::map<Codepoint, int> characters(std::string_view text) {
  std::map<Codepoint, int> counts;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    const CharClass c = class_of(codepoint);
    if (c != CharClass::space && c != CharClass::newline) ++counts[codepoint];
    at += length;
  }
  return counts;
}

TEST(Clean, TwiceChangesNothingMore) {
  Pages pages(5);
  for (int i = 0; i < 150; ++i) {
    const std::string page = pages.next();
    const std::string once = testing::run_stage("default", page);
    EXPECT_EQ(testing::run_stage("default", once), once) << page;
  }
}

TEST(Clean, NoCharacterIsLostOrInventedButThoseTheAccountNames) {
  Pages pages(6);
  for (int i = 0; i < 150; ++i) {
    const std::string page = pages.next();
    const Document document = run_document("furniture,columns,interleave,spaces,wraps,blocks", page, Account::edits);
    auto expected = characters(page);
    for (const AppliedStep& step : document.steps())
      for (const AppliedEdit& edit : step.edits) {
        for (const auto& [codepoint, count] : characters(step.before(edit))) expected[codepoint] -= count;
        for (const auto& [codepoint, count] : characters(step.after(edit))) expected[codepoint] += count;
      }
    std::erase_if(expected, [](const auto& entry) { return entry.second == 0; });
    EXPECT_EQ(characters(document.text()), expected) << page;
  }
}

TEST(Clean, EveryCharacterComesFromTheSourceItNames) {
  Pages pages(7);
  for (int i = 0; i < 60; ++i) {
    const std::string page = pages.next();
    const Document document = run_document("default", page);
    const std::string_view text = document.text();
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const TextRange range{static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + length)};
      at += length;
      if (!is_ideographic(class_of(codepoint))) continue;
      const SourceRange source = document.source_of(range);
      ASSERT_EQ(page.substr(source.begin, source.size()), range.of(text));
    }
  }
}

TEST(Clean, AnyBytesAreSurvived) {
  std::mt19937 random(8);
  const auto chain = Chain::make("hant", builtin_stages(), Rules{});
  ASSERT_TRUE(chain);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes;
    for (std::size_t n = random() % 80; n > 0; --n) {
      const auto kind = random() % 4;
      if (kind == 0) bytes += static_cast<char>(random() % 256);
      if (kind == 1) bytes += "\n";
      if (kind == 2) append_utf8(bytes, static_cast<Codepoint>(0x4E00 + random() % 0x300));
      if (kind == 3) bytes += sentences[random() % std::size(sentences)].substr(0, 3 * (1 + random() % 5));
    }
    auto document = Document::from_bytes(bytes);
    const auto done = chain->run(*document);
    if (!done) {
      EXPECT_EQ(done.error().message.find("fault of the stage"), std::string::npos) << done.error().message;
    }
    EXPECT_EQ(document->validate().value_or(""), "");
  }
}

// A hundred thousand lines of a character: nothing is lost or joined, and a diagnostic says so. In time: a stage that took
// the square of them would not end.
TEST(Clean, APageOfSingleCharactersIsLeftAsItIs) {
  constexpr std::string_view characters[] = {"江", "港", "码", "头", "船", "货", "桥", "站"};
  for (const std::string_view line_end : {"\n", "\n\n"}) {
    std::mt19937 random(3);
    std::string text, lines;
    for (int i = 0; i < 100'000; ++i) {
      const std::string_view character = characters[random() % std::size(characters)];
      (text += character) += line_end;
      (lines += character) += '\n';
    }
    const Document document = run_document("default", text);
    EXPECT_TRUE(document.text() == lines) << document.text().size() << " bytes of " << lines.size();
    ASSERT_FALSE(document.diagnostics().empty());
    EXPECT_EQ(document.diagnostics().back().rule, "wraps.narrow");
  }
}

}  // namespace
}  // namespace inkwash
