#include "stages/script_matcher.h"

#include <gtest/gtest.h>

#include <random>

namespace inkwash::stages {
namespace {

std::string converted(const ScriptMatcher& matcher, std::string_view text) {
  std::string to;
  matcher.append(text, to);
  return to;
}

/// That all but what is said to be uneven is in step.
void expect_in_step(const ScriptMatcher& matcher, std::string_view text) {
  std::string to;
  std::vector<ScriptMatcher::Change> uneven;
  matcher.append(text, to, &uneven);
  std::size_t at = 0, at_to = 0;
  const auto expect_until = [&](std::size_t end, std::size_t end_to) {
    ASSERT_EQ(end - at, end_to - at_to) << text;
    for (; at < end; ++at, ++at_to) ASSERT_EQ(valid_utf8_inside(text, at), valid_utf8_inside(to, at_to)) << text;
  };
  for (const auto& change : uneven) {
    ASSERT_NO_FATAL_FAILURE(expect_until(change.begin, change.to_begin));
    at += change.size;
    at_to += change.to_size;
  }
  expect_until(text.size(), to.size());
}

/// The same from the places of its changes.
std::string changed(const ScriptMatcher& matcher, std::string_view text) {
  std::string to;
  std::size_t done = 0;
  matcher.for_each_change(text, [&](std::size_t at, std::size_t length, std::string_view converted) {
    to += text.substr(done, at - done);
    to += converted;
    done = at + length;
  });
  return to += text.substr(done);
}

/// OpenCC's algorithm as it is written there.
class Oracle {
 public:
  explicit Oracle(const ScriptChain& chain) : chain_(chain) {}

  std::string convert(std::string_view text) const {
    std::string to;
    for (std::string segment : segments(text)) {
      for (const ScriptDictionaries& conversion : chain_.conversions) {
        std::string after;
        for (std::string_view rest = segment; !rest.empty();) {
          const ScriptEntry* const entry = match(conversion, rest);
          const std::size_t length = entry != nullptr ? entry->from.size() : valid_utf8_next(rest, 0).length;
          after += entry != nullptr ? entry->to : rest.substr(0, length);
          rest.remove_prefix(length);
        }
        segment = after;
      }
      to += segment;
    }
    return to;
  }

 private:
  const ScriptEntry* match(const ScriptDictionaries& dictionaries, std::string_view text) const {
    for (const std::size_t dictionary : dictionaries) {
      const ScriptEntry* longest = nullptr;
      for (const ScriptEntry& entry : chain_.dictionaries[dictionary])
        if (text.starts_with(entry.from) && (longest == nullptr || entry.from.size() > longest->from.size()))
          longest = &entry;
      if (longest != nullptr) return longest;
    }
    return nullptr;
  }

  std::vector<std::string> segments(std::string_view text) const {
    std::vector<std::string> all;
    std::string run;
    const auto end_run = [&] {
      if (!run.empty()) all.push_back(run);
      run.clear();
    };
    while (!text.empty()) {
      const ScriptEntry* const entry = match(chain_.segmentation, text);
      const std::size_t length = entry != nullptr ? entry->from.size() : valid_utf8_next(text, 0).length;
      if (entry != nullptr) {
        end_run();
        all.push_back(entry->from);
      } else {
        run += text.substr(0, length);
      }
      text.remove_prefix(length);
    }
    end_run();
    return all;
  }

  const ScriptChain& chain_;
};

ScriptMatcher compiled(const ScriptChain& chain) {
  auto matcher = ScriptMatcher::compile(chain);
  EXPECT_TRUE(matcher);
  return std::move(*matcher);
}

TEST(ScriptMatcher, TakesTheFirstDictionaryWithAnEntry) {
  const ScriptMatcher matcher = compiled({{{{"后", "後"}}, {{"后来", "X"}, {"来", "來"}}}, {0, 1}, {{0, 1}}});
  EXPECT_EQ(converted(matcher, "后来来"), "後來來");
}

TEST(ScriptMatcher, ConvertsAcrossCharactersOfARun) {
  // The second conversion knows what the first one makes of two characters of a run.
  const ScriptChain chain{{{{"甲乙", "甲乙"}}, {{"说", "說"}, {"话", "話"}}, {{"說話", "講話"}}}, {0}, {{1}, {2}}};
  const ScriptMatcher matcher = compiled(chain);
  EXPECT_EQ(converted(matcher, "说话"), "講話");
  EXPECT_EQ(converted(matcher, "说甲乙话说话"), "說甲乙話講話");
}

// What an entry does matters only where a segment begins there, which entries that do nothing before it decide.
TEST(ScriptMatcher, AnEntryThatChangesNothingCoversOneThatWould) {
  const ScriptMatcher matcher = compiled({{{{"甲乙", "甲乙"}, {"丙甲", "丙甲"}, {"乙后", "乙後"}}}, {0}, {{0}}});
  EXPECT_EQ(converted(matcher, "乙后"), "乙後");
  EXPECT_EQ(converted(matcher, "甲乙后"), "甲乙后");
  EXPECT_EQ(converted(matcher, "丙甲乙后"), "丙甲乙後");
  EXPECT_EQ(converted(matcher, "a甲乙后丁丙甲乙后\n乙后"), "a甲乙后丁丙甲乙後\n乙後");
}

TEST(ScriptMatcher, ReportsSegments) {
  const ScriptMatcher matcher = compiled({{{{"后来", "後來"}}, {{"说", "說"}}}, {0}, {{0, 1}}});
  std::vector<std::string> seen;
  matcher.for_each_change("他说了后来\n说", [&](std::size_t at, std::size_t length, std::string_view to) {
    seen.push_back(std::to_string(at) + "+" + std::to_string(length) + " " + std::string(to));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"0+9 他說了", "9+6 後來", "16+3 說"}));
}

TEST(ScriptMatcher, LeavesAloneWhatIsNotUtf8) {
  const ScriptMatcher matcher = compiled({{{{"后来", "後來"}, {"A来", "B來"}}, {{"说", "說"}}}, {0}, {{0, 1}}});
  using namespace std::string_literals;
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\xE5\x90后来", "\xE5\x90後來"},          // cut short
           {"说\xE5", "說\xE5"},                      // at the end
           {"\x8E来说\xFF", "\x8E来說\xFF"},          // no beginning
           {"\xE0\x81\x81来说", "\xE0\x81\x81来說"},  // an overlong A
           {"\xED\xA0\x80说", "\xED\xA0\x80說"},      // a surrogate
           {"说\0说\n后\0来"s, "說\0說\n后\0来"s},
       }) {
    // With and without enough behind it for a block.
    const std::string more = "甲乙丙丁戊己庚辛壬癸甲乙丙丁戊己庚辛壬癸";
    EXPECT_EQ(converted(matcher, from), to);
    EXPECT_EQ(converted(matcher, from + more), to + more);
    EXPECT_EQ(changed(matcher, more + from + more), more + to + more);
  }
}

TEST(ScriptMatcher, RefusesWhatIsNoDictionary) {
  using namespace std::string_literals;
  for (const ScriptEntry& entry : std::vector<ScriptEntry>{{"", "a"},
                                                           {"a", ""},
                                                           {"a\nb", "c"},
                                                           {"a", "b\n"},
                                                           {"a\0b"s, "c"},
                                                           {"\xE5\x90", "c"},
                                                           {"a", "\xFF"},
                                                           {std::string(5000, 'a'), "b"}})
    EXPECT_FALSE(ScriptMatcher::compile({{{entry}}, {0}, {{0}}}));
  EXPECT_TRUE(ScriptMatcher::compile({{{{"a", "b"}}}, {0}, {{0}}}));
  EXPECT_TRUE(ScriptMatcher::compile({}));
}

// Few characters, so that everything lies across everything.
TEST(ScriptMatcher, IsTheAlgorithmOnRandomDictionaries) {
  const std::vector<std::string> letters = {"后", "来", "说", "A", "é", "𠝹"};
  std::mt19937 random(11);
  const auto upto = [&](std::size_t most) { return 1 + random() % most; };
  std::size_t of_kinds = 1;
  const auto word = [&](std::size_t most) {
    std::string text;
    for (std::size_t i = upto(most); i > 0; --i) text += letters[random() % of_kinds];
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    of_kinds = round % 2 == 0 ? 3 : letters.size();
    ScriptChain chain;
    for (std::size_t i = upto(4); i > 0; --i) {
      ScriptDictionary& dictionary = chain.dictionaries.emplace_back();
      for (std::size_t n = upto(6); n > 0; --n) {
        ScriptEntry entry{word(3), word(round % 3 == 0 ? 2 : 1)};
        const bool known = std::any_of(dictionary.begin(), dictionary.end(),
                                       [&](const ScriptEntry& other) { return other.from == entry.from; });
        if (!known) dictionary.push_back(std::move(entry));
      }
    }
    const auto some = [&] {
      ScriptDictionaries of;
      for (std::size_t n = upto(2); n > 0; --n) of.push_back(random() % chain.dictionaries.size());
      return of;
    };
    chain.segmentation = some();
    for (std::size_t n = upto(3); n > 0; --n) chain.conversions.push_back(some());
    const ScriptMatcher matcher = compiled(chain);
    const std::string image = matcher.image();
    const ScriptMatcher same = ScriptMatcher::of_image(image);
    const Oracle oracle(chain);
    for (int i = 0; i < 20; ++i) {
      const std::string text = word(i < 10 ? 8 : 60);
      ASSERT_EQ(converted(matcher, text), oracle.convert(text)) << text;
      ASSERT_EQ(changed(matcher, text), oracle.convert(text)) << text;
      ASSERT_EQ(converted(same, text), oracle.convert(text)) << text;
      ASSERT_EQ(changed(same, text), oracle.convert(text)) << text;
      ASSERT_NO_FATAL_FAILURE(expect_in_step(matcher, text));
    }
  }
}

}  // namespace
}  // namespace inkwash::stages
