#include "stages/leads.h"

#include <cassert>
#include <cstdlib>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr std::size_t longest_opening = 4, near = 10, early = 200;

constexpr std::string_view file = "leads.tsv";

/// The first `most` characters as the coherence model reads them.
std::u16string symbols_of(const CoherenceModel& model, std::string_view text, std::size_t most) {
  std::u16string symbols;
  for (std::size_t at = 0; at < text.size() && symbols.size() < most;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (const auto symbol = model.read(codepoint); symbol != 0) symbols += static_cast<char16_t>(symbol);
  }
  return symbols;
}

}  // namespace

Leads::Table Leads::read(Settings& settings, const Rules& rules) {
  Table table;
  for (const std::vector<std::string>& row : settings.table(rules, file, 3)) {
    Weights* const weights = row[0] == "opening" ? &table.opening
                             : row[0] == "near"  ? &table.near
                             : row[0] == "early" ? &table.early
                                                 : nullptr;
    if (weights == nullptr || row[1].empty()) {
      settings.error(std::string(file), "a line is: opening, near or early; an n-gram; its weight");
      continue;
    }
    (*weights)[symbols_of(CoherenceModel::shipped(), row[1], early)] = std::strtof(row[2].c_str(), nullptr);
  }
  return table;
}

const Leads::Table& Leads::built_in() {
  static const Table table = [] {
    const Rules rules;
    const StageOptions options;
    Settings settings("leads", options, rules, "");
    Table read_table = read(settings, rules);
    assert(settings.ok());
    return read_table;
  }();
  return table;
}

Leads::Leads(Settings& settings, const Rules& rules, const CoherenceModel& model) : model_(model) {
  if (!rules.path_of(file).empty()) own_ = read(settings, rules);
}

float Leads::likeness(std::string_view paragraph) const {
  const Table& table = own_ ? *own_ : built_in();
  const std::u16string text = symbols_of(model_, paragraph, early);
  const auto weight = [](const Weights& weights, const std::u16string& ngram) {
    const auto found = weights.find(ngram);
    return found == weights.end() ? 0.0f : found->second;
  };
  float sum = 0;
  // The longest opening that is known says what the shorter ones say.
  for (std::size_t k = longest_opening; k > 0 && sum == 0; --k)
    if (k <= text.size()) sum = weight(table.opening, text.substr(0, k));
  // Pairs overlap: each says half of what it would alone.
  for (std::size_t i = 0; i + 1 < std::min(near, text.size()); ++i) sum += 0.5f * weight(table.near, text.substr(i, 2));
  for (const auto& [mark, mark_weight] : table.early)
    if (text.find(mark) != std::u16string::npos) sum += mark_weight;
  return sum;
}

}  // namespace inkwash::stages
