#include "inkwash/recurring_words.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "inkwash/stage.h"
#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/confusions.h"
#include "stages/settings.h"

namespace inkwash {
namespace {

using stages::CoherenceModel;
using stages::Confusions;
using Symbol = CoherenceModel::Symbol;

constexpr std::size_t shortest = 2, longest = 4;
constexpr std::size_t character_bits = 16;

std::uint64_t key_of(std::u16string_view word) {
  std::uint64_t key = 0;
  for (const char16_t c : word) key = key << character_bits | c;
  return key;
}

std::u16string word_of(std::uint64_t key) {
  std::u16string word;
  for (; key != 0; key >>= character_bits) word.insert(word.begin(), static_cast<char16_t>(key));
  return word;
}

/// What the stage `ocr` doubts and what it may take it for, by the rules that come with inkwash.
struct Recognition {
  float expected;
  const Confusions& confusions;

  static const Recognition& shipped() {
    static const Recognition recognition = [] {
      const StageOptions none;
      const Rules rules;
      stages::Settings settings("ocr", none, rules, "ocr.toml");
      const auto expected = static_cast<float>(settings.number("character.expected_full", -100, 0));
      return Recognition{expected, Confusions::shipped()};
    }();
    return recognition;
  }
};

bool corpus_has(const CoherenceModel& model, std::u16string_view word) {
  std::array<Symbol, longest> symbols{};
  for (std::size_t i = 0; i < word.size(); ++i) symbols[i] = model.read(word[i]);
  return model.has_seen(symbols.data(), word.size());
}

}  // namespace

void RecurringWords::add_text(std::string_view text) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const float expected = Recognition::shipped().expected;
  ++texts_;
  std::array<Symbol, CoherenceModel::reach> context{};
  std::size_t known = 0;
  std::u16string run;
  std::vector<bool> doubted;  // one for each of the run
  const auto end_run = [&] {
    if (run.size() >= shortest) add_run(run, doubted);
    run.clear();
    doubted.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    constexpr Codepoint first_plane_end = 0x10000;
    const bool is_han = class_of(codepoint) == CharClass::han && codepoint < first_plane_end;
    if (!is_han) end_run();
    if (codepoint == U'\n') known = 0;
    const Symbol symbol = model.read(codepoint);
    if (symbol == 0) continue;
    const bool surprises =
        known > 0 && model.log_probability(context.data() + context.size() - known, known, symbol) <= expected;
    if (is_han) {
      run += static_cast<char16_t>(codepoint);
      // One that is misread makes the next one improbable.
      if (surprises && !doubted.empty()) doubted.back() = true;
      doubted.push_back(surprises);
    }
    context = {context[1], context[2], symbol};
    known = std::min(known + 1, context.size());
  }
  end_run();
  constexpr std::size_t most = std::size_t{1} << 23;
  if (seen_.size() > most) forget_rare();
}

void RecurringWords::add_run(std::u16string_view ideographs, const std::vector<bool>& doubted) {
  for (std::size_t begin = 0; begin < ideographs.size(); ++begin)
    for (std::size_t n = shortest; n <= std::min(longest, ideographs.size() - begin); ++n) {
      const std::size_t end = begin + n;
      Seen& seen = seen_[key_of(ideographs.substr(begin, n))];
      ++seen.times;
      if (seen.last != texts_) ++seen.texts;
      seen.last = texts_;
      seen.left.add(begin > 0 ? ideographs[begin - 1] : u'\0');
      seen.right.add(end < ideographs.size() ? ideographs[end] : u'\0');
      seen.doubted |= std::find(doubted.begin() + static_cast<std::ptrdiff_t>(begin),
                                doubted.begin() + static_cast<std::ptrdiff_t>(end),
                                true) != doubted.begin() + static_cast<std::ptrdiff_t>(end);
    }
}

void RecurringWords::forget_rare() {
  std::erase_if(seen_, [](const auto& entry) { return entry.second.texts == 1; });
}

std::vector<RecurringWords::Word> RecurringWords::words(std::uint32_t least_texts) const {
  const CoherenceModel& model = CoherenceModel::shipped();
  const Confusions& confusions = Recognition::shipped().confusions;
  const auto texts_with = [&](std::u16string_view word) {
    const auto found = seen_.find(key_of(word));
    return found == seen_.end() ? 0 : found->second.texts;
  };
  const auto may_be_misread = [&](std::u16string word, std::uint32_t texts) {
    for (char16_t& c : word) {
      const char16_t was = c;
      bool is_there = false;
      confusions.find(was, [&](const Confusions::Candidate& candidate) {
        c = static_cast<char16_t>(candidate.codepoint);
        is_there = is_there || (c != was && c == candidate.codepoint && texts_with(word) >= texts);
      });
      if (is_there) return true;
      c = was;
    }
    return false;
  };
  struct Found {
    std::u16string word;
    std::uint32_t texts, times;
  };
  std::vector<Found> found;
  for (const auto& [key, seen] : seen_) {
    if (seen.texts < least_texts || !seen.doubted || !seen.left.varies || !seen.right.varies) continue;
    std::u16string word = word_of(key);
    if (!corpus_has(model, word) && !may_be_misread(word, seen.texts))
      found.push_back({std::move(word), seen.texts, seen.times});
  }
  // Of a word and its parts that are nowhere else, the word; longer ones first.
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tuple(b.word.size(), b.texts, std::u16string_view(a.word)) <
           std::tuple(a.word.size(), a.texts, std::u16string_view(b.word));
  });
  std::unordered_map<std::uint64_t, std::uint32_t> inside;  // how often a part is in a longer word
  std::vector<Word> words;
  for (const auto& [word, texts, times] : found) {
    const auto longer = inside.find(key_of(word));
    if (longer == inside.end() || longer->second < times) {
      std::string utf8;
      for (const char16_t c : word) append_utf8(utf8, c);
      words.push_back({std::move(utf8), texts});
    }
    for (std::size_t n = shortest; n < word.size(); ++n)
      for (std::size_t begin = 0; begin + n <= word.size(); ++begin) {
        std::uint32_t& most = inside[key_of(std::u16string_view(word).substr(begin, n))];
        most = std::max(most, times);
      }
  }
  std::ranges::stable_sort(words, std::ranges::greater{}, &Word::texts);
  return words;
}

}  // namespace inkwash
