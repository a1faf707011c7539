#include "stages/leads.h"

#include <cstdlib>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr std::size_t longest_opening = 4, near = 10, early = 200;

/// The first `most` characters as the coherence model reads them.
std::u16string read(const CoherenceModel& model, std::string_view text, std::size_t most) {
  std::u16string symbols;
  for (std::size_t at = 0; at < text.size() && symbols.size() < most;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (const auto symbol = model.read(codepoint); symbol != 0) symbols += static_cast<char16_t>(symbol);
  }
  return symbols;
}

}  // namespace

Leads::Leads(Settings& settings, const Rules& rules, const CoherenceModel& model) : model_(model) {
  for (const std::vector<std::string>& row : settings.table(rules, "leads.tsv", 3)) {
    Weights* const weights = row[0] == "opening" ? &opening_
                             : row[0] == "near"  ? &near_
                             : row[0] == "early" ? &early_
                                                 : nullptr;
    if (weights == nullptr || row[1].empty()) {
      settings.error("leads.tsv", "a line is: opening, near or early; an n-gram; its weight");
      continue;
    }
    (*weights)[read(model_, row[1], early)] = std::strtof(row[2].c_str(), nullptr);
  }
}

float Leads::likeness(std::string_view paragraph) const {
  const std::u16string text = read(model_, paragraph, early);
  const auto weight = [](const Weights& weights, std::u16string ngram) {
    const auto found = weights.find(ngram);
    return found == weights.end() ? 0.0f : found->second;
  };
  float sum = 0;
  // The longest opening that is known says what the shorter ones say.
  for (std::size_t k = longest_opening; k > 0 && sum == 0; --k)
    if (k <= text.size()) sum = weight(opening_, text.substr(0, k));
  // Pairs overlap: each says half of what it would alone.
  for (std::size_t i = 0; i + 1 < std::min(near, text.size()); ++i) sum += 0.5f * weight(near_, text.substr(i, 2));
  for (const auto& [mark, mark_weight] : early_)
    if (text.find(mark) != std::u16string::npos) sum += mark_weight;
  return sum;
}

}  // namespace inkwash::stages
