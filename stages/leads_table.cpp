#include "stages/leads_table.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/coherence.h"

namespace inkwash::stages {
namespace {

constexpr int symbol_bits = 16;

/// As the coherence model reads it.
std::u16string symbols_of(std::string_view text) {
  std::u16string symbols;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (const auto symbol = CoherenceModel::shipped().read(codepoint); symbol != 0)
      symbols += static_cast<char16_t>(symbol);
  }
  return symbols;
}

std::u16string symbols_of(std::uint64_t key) {
  std::u16string symbols;
  for (int shift = (static_cast<int>(LeadsTable::longest) - 1) * symbol_bits; shift >= 0; shift -= symbol_bits)
    if (const auto symbol = static_cast<char16_t>(key >> shift); symbol != 0) symbols += symbol;
  return symbols;
}

}  // namespace

std::uint64_t LeadsTable::key_of(std::u16string_view symbols) noexcept {
  std::uint64_t key = 0;
  for (const char16_t symbol : symbols) key = key << symbol_bits | symbol;
  return key;
}

LeadsTable::Weights::Weights(std::span<const Weight> all) {
  std::vector<Weight> slots(std::bit_ceil(2 * all.size() + 1));
  for (const Weight& one : all)
    if (one.key != 0) slots[slot_of(slots, one.key)] = one;
  slots_ = ImageArray(std::move(slots));
}

LeadsTable::LeadsTable(Settings& settings, const Rules& rules) {
  std::vector<Weight> opening, near, early;
  settings.table(rules, file, 3, [&](Settings::Row row) {
    std::vector<Weight>* const weights = row[0] == "opening" ? &opening
                                         : row[0] == "near"  ? &near
                                         : row[0] == "early" ? &early
                                                             : nullptr;
    const std::u16string ngram = symbols_of(row[1]);
    const float weight = number_of(row[2]);
    if (weights == nullptr || row[1].empty() || ngram.size() > longest || weight == 0)
      settings.error(std::string(file), "a line is: opening, near or early; an n-gram of up to four; its weight");
    else
      weights->push_back({key_of(ngram), weight});
  });
  opening_ = Weights(opening);
  near_ = Weights(near);
  std::erase_if(early, [](const Weight& one) { return one.key == 0; });  // of no character that the model reads
  early_ = ImageArray(std::move(early));
}

LeadsTable::LeadsTable(std::string_view image) {
  ImageReader reader(image);
  members(*this, reader);
}

std::string LeadsTable::image() const {
  std::string image;
  ImageWriter writer(image);
  members(*this, writer);
  return image;
}

float LeadsTable::early_in(std::u16string_view text) const {
  float sum = 0;
  for (const Weight& one : early())
    if (text.find(symbols_of(one.key)) != std::u16string_view::npos) sum += one.weight;
  return sum;
}

float LeadsTable::early_most() const noexcept {
  float most = 0;
  for (const Weight& one : early()) most += std::max(one.weight, 0.0f);
  return most;
}

}  // namespace inkwash::stages
