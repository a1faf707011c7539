// What may stand between two characters by the language alone: which characters the coherence model's corpus has after
// one, and how a text of a script writes what the model reads.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/coherence.h"

namespace inkwash::stages {

/// What it answers is the model's alone; it is found when it is first asked for, and kept. Thread-safe.
class Followers {
 public:
  using Symbol = CoherenceModel::Symbol;

  /// The model must outlive it.
  explicit Followers(const CoherenceModel& model) : model_(model), lists_(1u << 16) {}
  ~Followers();
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  /// The ideographs that the corpus has after `symbol`.
  [[nodiscard]] std::span<const Symbol> after(Symbol symbol) const;
  /// The ideographs that the model reads as `symbol`.
  [[nodiscard]] std::span<const Codepoint> forms_of(Symbol symbol) const;

 private:
  void find_forms() const;

  const CoherenceModel& model_;
  mutable std::vector<std::atomic<const std::vector<Symbol>*>> lists_;  ///< by the symbol; null: not asked for yet
  mutable std::once_flag once_;
  mutable std::vector<Symbol> known_;                  ///< all ideographs of the corpus
  mutable std::vector<std::vector<Codepoint>> forms_;  ///< by the symbol
};

}  // namespace inkwash::stages
