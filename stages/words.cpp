#include "stages/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr CoherenceModel::Symbol unknown = 2;  // the greatest symbol that is no character

}  // namespace

Words::Words(Settings& settings, const Rules& rules, const CoherenceModel& model)
    : begins_(0x10001), pairs_(1U << hash_bits), are_words_(1U << hash_bits) {
  const auto list = rules.file(file);
  if (!list) {
    settings.error(list.error().where, list.error().message);
    return;
  }
  std::size_t number = 0, wrong = 0;  // lines, and the first that is no word
  std::vector<Key> words;
  for (std::string_view rest = list->view(); !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::array<Symbol, most> word{};
    std::size_t size = 0;
    bool is_read = true, is_word = true;
    for (std::size_t at = 0; at < line.size() && size <= most; ++size) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      at += length;
      is_word &= class_of(codepoint) == CharClass::han;
      if (size == most) continue;
      word[size] = model.read(codepoint);
      is_read &= word[size] > unknown;
    }
    if (!is_word || size < 2 || size > most) {
      wrong = wrong == 0 ? number : wrong;
      continue;
    }
    if (!is_read) continue;
    words.push_back(key_of(word));
    are_words_[hash(words.back())] = true;
    for (std::size_t i = 1; i < size; ++i) pairs_[hash(pair_of(word[i - 1], word[i]))] = true;
  }
  if (wrong != 0)
    settings.error(fmt::format("{}:{}", file, wrong), "a line is a word of two to four ideographs, and nothing else");
  else if (words.empty())
    settings.error(std::string(file), "there are no words");
  // The list is in order but where the model reads two characters as one: sorting it as a whole takes longer than this.
  const auto first_of = [](Key word) { return static_cast<std::size_t>(word >> (most - 1) * symbol_bits); };
  for (const Key word : words) ++begins_[first_of(word) + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  words_.resize(words.size());
  std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (const Key word : words) words_[next[first_of(word)]++] = word;
  for (std::size_t symbol = 0; symbol + 1 < begins_.size(); ++symbol) {
    const auto same_first = std::span(words_).subspan(begins_[symbol], begins_[symbol + 1] - begins_[symbol]);
    if (!std::ranges::is_sorted(same_first)) std::ranges::sort(same_first);
  }
}

auto Words::key_of(std::span<const Symbol> word) noexcept -> Key {
  Key key = 0;
  for (std::size_t i = 0; i < most; ++i) key = key << symbol_bits | (i < word.size() ? word[i] : Symbol{0});
  return key;
}

bool Words::has(std::span<const Symbol> word) const noexcept {
  const Key key = key_of(word);
  return are_words_[hash(key)] &&
         std::binary_search(words_.begin() + begins_[word.front()], words_.begin() + begins_[word.front() + 1], key);
}

std::size_t Words::longest_with(std::span<const Symbol> text, std::size_t i) const noexcept {
  // Most of what is asked for is in no word, and most of those are told by their pairs.
  const auto may_follow = [&](std::size_t at) { return pairs_[hash(pair_of(text[at - 1], text[at]))]; };
  std::size_t first = i, end = i + 1;  // of a run of pairs that words have
  while (first > 0 && i - first < most - 1 && may_follow(first)) --first;
  while (end < text.size() && end - i < most && may_follow(end)) ++end;
  for (std::size_t n = std::min(most, end - first); n > 1; --n)
    for (std::size_t begin = std::max(first, i + 1 - std::min(i + 1, n)); begin <= i && begin + n <= end; ++begin)
      if (has(text.subspan(begin, n))) return n;
  return 1;
}

}  // namespace inkwash::stages
