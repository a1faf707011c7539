#include "stages/leads.h"

#include <algorithm>
#include <array>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

constexpr std::size_t near = 10, early = 200;

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

}  // namespace

Leads::Leads(Settings& settings, const Rules& rules, const CoherenceModel& model) : model_(model) {
  if (!rules.path_of(LeadsTable::file).empty()) own_.emplace(settings, rules);
}

float Leads::of_beginning(const LeadsTable& table, std::u16string_view symbols) {
  float sum = 0;
  // The longest opening that is known says what the shorter ones say.
  for (std::size_t k = LeadsTable::longest; k > 0 && sum == 0; --k)
    if (k <= symbols.size()) sum = table.opening(symbols.substr(0, k));
  // Pairs overlap: each says half of what it would alone.
  for (std::size_t i = 0; i + 1 < std::min(near, symbols.size()); ++i) sum += 0.5f * table.near(symbols.substr(i, 2));
  return sum;
}

float Leads::likeness(std::string_view paragraph) const {
  const Symbols symbols(model_, paragraph);
  const std::u16string_view text = symbols.all();
  return of_beginning(table(), text) + table().early_in(text);
}

bool Leads::is_like(std::string_view paragraph, float least) const {
  static_assert(LeadsTable::longest <= near);
  constexpr float rounding = 1e-3f;
  if (of_beginning(table(), Symbols(model_, paragraph, near).all()) + table().early_most() + rounding < least)
    return false;
  return likeness(paragraph) >= least;
}

}  // namespace inkwash::stages
