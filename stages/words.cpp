#include "stages/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>
#include <vector>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr CoherenceModel::Symbol unknown = 2;  // the greatest symbol that is no character

}  // namespace

expected<Words, std::size_t> Words::of_list(std::string_view list, CoherenceModel::Map map) {
  std::size_t number = 0;  // lines
  std::vector<Key> words;
  std::vector<std::uint64_t> pairs((std::size_t{1} << hash_bits) / 64), are_words(pairs.size());
  const auto set = [](std::vector<std::uint64_t>& bits, std::size_t bit) {
    bits[bit / 64] |= std::uint64_t{1} << bit % 64;
  };
  while (!list.empty()) {
    const std::string_view line = list.substr(0, list.find('\n'));
    list.remove_prefix(std::min(line.size() + 1, list.size()));
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
      word[size] = codepoint < map.size() ? map[codepoint] : unknown;
      is_read &= word[size] > unknown;
    }
    if (!is_word || size < 2 || size > most) return unexpected(number);
    if (!is_read) continue;
    words.push_back(key_of(word));
    set(are_words, hash(words.back()));
    for (std::size_t i = 1; i < size; ++i) set(pairs, hash(pair_of(word[i - 1], word[i])));
  }
  if (words.empty()) return unexpected(std::size_t{0});
  // The list is in order but where the model reads two characters as one.
  std::ranges::sort(words);
  std::vector<std::uint32_t> begins(0x10001);
  for (const Key word : words) ++begins[static_cast<std::size_t>(word >> (most - 1) * symbol_bits) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  Words all;
  all.words_ = ImageArray(std::move(words));
  all.begins_ = ImageArray(std::move(begins));
  all.pairs_ = Bits(std::move(pairs));
  all.are_words_ = Bits(std::move(are_words));
  return all;
}

Words Words::of(Settings& settings, const Rules& rules, const CoherenceModel& model) {
  const auto list = rules.file(file);
  if (!list) {
    settings.error(list.error().where, list.error().message);
    return {};
  }
  auto words = of_list(list->view(), model.map());
  if (words) return std::move(*words);
  if (words.error() == 0)
    settings.error(std::string(file), "there are no words");
  else
    settings.error(fmt::format("{}:{}", file, words.error()),
                   "a line is a word of two to four ideographs, and nothing else");
  return {};
}

std::string Words::image() const {
  std::string image;
  ImageWriter writer(image);
  members(*this, writer);
  return image;
}

Words Words::of_image(std::string_view image) {
  Words words;
  ImageReader reader(image);
  members(words, reader);
  return words;
}

auto Words::key_of(std::span<const Symbol> word) noexcept -> Key {
  Key key = 0;
  for (std::size_t i = 0; i < most; ++i) key = key << symbol_bits | (i < word.size() ? word[i] : Symbol{0});
  return key;
}

bool Words::has(std::span<const Symbol> word) const noexcept {
  const Key key = key_of(word);
  return has_bit(are_words_, hash(key)) &&
         std::binary_search(words_.data() + begins_[word.front()], words_.data() + begins_[word.front() + 1u], key);
}

std::size_t Words::longest_with(std::span<const Symbol> text, std::size_t i) const noexcept {
  // Most of what is asked for is in no word, and most of those are told by their pairs.
  const auto may_follow = [&](std::size_t at) { return has_bit(pairs_, hash(pair_of(text[at - 1], text[at]))); };
  std::size_t first = i, end = i + 1;  // of a run of pairs that words have
  while (first > 0 && i - first < most - 1 && may_follow(first)) --first;
  while (end < text.size() && end - i < most && may_follow(end)) ++end;
  for (std::size_t n = std::min(most, end - first); n > 1; --n)
    for (std::size_t begin = std::max(first, i + 1 - std::min(i + 1, n)); begin <= i && begin + n <= end; ++begin)
      if (has(text.subspan(begin, n))) return n;
  return 1;
}

}  // namespace inkwash::stages
