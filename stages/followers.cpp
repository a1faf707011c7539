#include "stages/followers.h"

#include <array>

namespace inkwash::stages {
namespace {

constexpr Codepoint first_han = 0x4E00, end_han = 0xA000;
constexpr CoherenceModel::Symbol unknown = 2;  ///< the greatest symbol that is no character

}  // namespace

Followers::~Followers() {
  for (const auto& list : lists_) delete list.load(std::memory_order_relaxed);
}

void Followers::find_forms() const {
  constexpr float rarest = -13;  // of the corpus; others it may lack altogether
  forms_.resize(end_han);
  for (Codepoint codepoint = first_han; codepoint < end_han; ++codepoint) {
    const Symbol symbol = model_.read(codepoint);
    if (symbol <= unknown || symbol >= end_han) continue;
    forms_[symbol].push_back(codepoint);
    if (symbol == codepoint && model_.log_probability(nullptr, 0, symbol) > rarest) known_.push_back(symbol);
  }
}

std::span<const Codepoint> Followers::forms_of(Symbol symbol) const {
  std::call_once(once_, [this] { find_forms(); });
  if (symbol >= forms_.size()) return {};
  return forms_[symbol];
}

std::span<const Followers::Symbol> Followers::after(Symbol symbol) const {
  std::atomic<const std::vector<Symbol>*>& slot = lists_[symbol];
  if (const auto* const known = slot.load(std::memory_order_acquire)) return *known;
  std::call_once(once_, [this] { find_forms(); });
  auto found = std::make_unique<std::vector<Symbol>>();
  // The model is larger than caches are: what is asked is asked from memory some characters before.
  constexpr std::size_t ahead = 16;
  for (std::size_t n = 0; n < known_.size(); ++n) {
    if (n + ahead < known_.size()) model_.prefetch(&symbol, 1, known_[n + ahead]);
    const Symbol next = known_[n];
    const std::array<Symbol, 2> pair{symbol, next};
    if (model_.has_seen(pair.data(), pair.size())) found->push_back(next);
  }
  const std::vector<Symbol>* none = nullptr;
  // Another thread may have found the same meanwhile.
  if (!slot.compare_exchange_strong(none, found.get(), std::memory_order_acq_rel)) return *none;
  return *found.release();
}

}  // namespace inkwash::stages
