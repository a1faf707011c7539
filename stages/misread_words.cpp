#include "stages/misread_words.h"

#include <array>
#include <tuple>
#include <utility>
#include <vector>

#include "inkwash/unicode.h"

namespace inkwash::stages {

MisreadWords::MisreadWords(Settings& settings, const Rules& rules, const CoherenceModel& model,
                           const Confusions& confusions) {
  std::vector<Entry> entries;
  std::vector<std::uint64_t> filter(std::size_t{1} << filter_bits);
  const auto add = [&](std::uint32_t pair) {
    const Place place(pair);
    filter[place.word] |= place.bits;
  };
  for (const auto& [left, right, whole] : confusions.parts()) add(pair_of(model.read(left), model.read(right)));
  const auto two_of = [](std::string_view word) {
    std::array<Codepoint, 2> two{};
    std::size_t at = 0, count = 0;
    for (; at < word.size() && count < two.size(); ++count) {
      const auto [codepoint, length] = valid_utf8_next(word, at);
      two[count] = codepoint;
      at += length;
    }
    return count == two.size() && at == word.size() ? two : std::array<Codepoint, 2>{};
  };
  std::vector<std::u32string> sets;
  for (const std::string& alike_ones : settings.strings("misread_words.alike")) {
    std::u32string& set = sets.emplace_back();
    for (std::size_t at = 0; at < alike_ones.size();) {
      const auto [codepoint, length] = valid_utf8_next(alike_ones, at);
      set += codepoint;
      at += length;
    }
  }
  settings.table(rules, file, 2, [&](Settings::Row row) {
    const auto read = two_of(row[0]), right = two_of(row[1]);
    if (read[0] == 0 || right[0] == 0 || (read[0] == right[0]) == (read[1] == right[1])) {
      settings.error(std::string(file), "a line is: two characters as read, and a word that differs in one of them");
      return;
    }
    const std::size_t misread = read[0] == right[0] ? 1 : 0;
    const Symbol symbol = model.read(right[misread]);
    if (symbol == model.read(read[misread])) return;  // the model can't tell them apart
    const bool are_alike = std::ranges::any_of(sets, [&](const std::u32string& set) {
      return set.find(read[misread]) != set.npos && set.find(right[misread]) != set.npos;
    });
    entries.push_back({pair_of(model.read(read[0]), model.read(read[1])), symbol,
                       static_cast<std::uint16_t>((misread == 1 ? second_one : 0) | (are_alike ? alike : 0))});
    add(entries.back().pair);
  });
  const auto key = [](const Entry& entry) { return std::tuple(entry.pair, entry.flags, entry.right); };
  std::ranges::sort(entries, {}, key);
  const auto doubled = std::ranges::unique(entries, {}, key);
  entries.erase(doubled.begin(), doubled.end());
  entries_ = ImageArray(std::move(entries));
  filter_ = ImageArray(std::move(filter));
}

MisreadWords::MisreadWords(std::string_view image) {
  ImageReader reader(image);
  members(*this, reader);
}

std::string MisreadWords::image() const {
  std::string image;
  ImageWriter writer(image);
  members(*this, writer);
  return image;
}

}  // namespace inkwash::stages
