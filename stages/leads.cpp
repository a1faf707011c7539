#include "stages/leads.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr std::size_t longest_opening = 4, near = 10, early = 200;

constexpr std::string_view file = "leads.tsv";

/// The first characters, so many at most, as the coherence model reads them.
class Symbols {
 public:
  Symbols(const CoherenceModel& model, std::string_view text, std::size_t most = early) {
    for (std::size_t at = 0; at < text.size() && size_ < most;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      if (const auto symbol = model.read(codepoint); symbol != 0) symbols_[size_++] = static_cast<char16_t>(symbol);
    }
  }
  [[nodiscard]] std::u16string_view all() const noexcept { return {symbols_.data(), size_}; }

 private:
  std::array<char16_t, early> symbols_;
  std::size_t size_ = 0;
};

std::uint64_t key_of(std::u16string_view symbols) {
  std::uint64_t key = 0;
  for (const char16_t symbol : symbols) key = key << 16 | symbol;
  return key;
}

}  // namespace

void Leads::Weights::set(std::uint64_t key, float weight) {
  if (key == 0) return;  // of no character that the model reads
  if (2 * (count_ + 1) > slots_.size()) {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
    for (const Slot& slot : before)
      if (slot.first != 0) slots_[slot_of(slot.first)] = slot;
  }
  Slot& slot = slots_[slot_of(key)];
  count_ += slot.first == 0;
  slot = {key, weight};
}

Leads::Table Leads::read(Settings& settings, const Rules& rules) {
  Table table;
  settings.table(rules, file, 3, [&](Settings::Row row) {
    const Symbols symbols(CoherenceModel::shipped(), row[1]);
    const std::u16string_view ngram = symbols.all();
    const float weight = number_of(row[2]);
    if (row[1].empty() || weight == 0 || (row[0] != "opening" && row[0] != "near" && row[0] != "early"))
      settings.error(std::string(file), "a line is: opening, near or early; an n-gram; its weight");
    else if (row[0] == "early")
      table.early[std::u16string(ngram)] = weight;
    else if (ngram.size() <= longest_opening)
      (row[0] == "near" ? table.near : table.opening).set(key_of(ngram), weight);
  });
  for (const auto& [mark, weight] : table.early) table.early_most += std::max(weight, 0.0f);
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

float Leads::of_beginning(const Table& table, std::u16string_view symbols) {
  float sum = 0;
  // The longest opening that is known says what the shorter ones say.
  for (std::size_t k = longest_opening; k > 0 && sum == 0; --k)
    if (k <= symbols.size()) sum = table.opening.of(key_of(symbols.substr(0, k)));
  // Pairs overlap: each says half of what it would alone.
  for (std::size_t i = 0; i + 1 < std::min(near, symbols.size()); ++i)
    sum += 0.5f * table.near.of(key_of(symbols.substr(i, 2)));
  return sum;
}

float Leads::likeness(std::string_view paragraph) const {
  const Symbols symbols(model_, paragraph);
  const std::u16string_view text = symbols.all();
  float sum = of_beginning(table(), text);
  for (const auto& [mark, weight] : table().early)
    if (text.find(mark) != std::u16string_view::npos) sum += weight;
  return sum;
}

bool Leads::is_like(std::string_view paragraph, float least) const {
  static_assert(longest_opening <= near);
  constexpr float rounding = 1e-3f;
  if (of_beginning(table(), Symbols(model_, paragraph, near).all()) + table().early_most + rounding < least)
    return false;
  return likeness(paragraph) >= least;
}

}  // namespace inkwash::stages
