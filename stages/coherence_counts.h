// The coherence model sharpened by what a text itself says again and again: its names, its subject.
//
//     CoherenceCounts counts(model, weights, lines);
//     counts.continuation(counts.end_of(model.tail_of(left)), counts.beginning_of(model.head_of(right)));
//
// Counts of one, two and three symbols inside the lines; never across their ends, which is what is asked for. They are
// mixed with the model's probabilities as a Dirichlet prior is with counts (MacKay and Peto, 1995).
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "stages/coherence.h"

namespace inkwash::stages {

class CoherenceCounts {
 public:
  struct Weights {
    float alone = 0;         ///< share of a symbol's own frequency in the text
    float one = 0, two = 0;  ///< how many counts after one and two symbols the model is worth
  };

  /// Copies nothing of `model`, which must outlive this.
  CoherenceCounts(const CoherenceModel& model, const Weights& weights, std::span<const std::string_view> lines);

  /// A head with what all its continuations have in common.
  struct Beginning {
    CoherenceModel::Head head;
    std::array<float, CoherenceModel::reach> own{};  ///< log probability of each symbol after those before it
    float second = 0;  ///< what the second gains where the first was never seen after the tail's last
    float first = 0;   ///< how often the text has the first
  };
  [[nodiscard]] Beginning beginning_of(const CoherenceModel::Head& head) const;

  /// A tail with what all that is tried after it has in common.
  struct End {
    CoherenceModel::Tail tail;  ///< prepared
    float one = 0, two = 0;     ///< how often the text has its last symbol, and its last two
  };
  [[nodiscard]] End end_of(const CoherenceModel::Tail& tail) const;

  /// As CoherenceModel::continuation.
  [[nodiscard]] float continuation(const End& left, const Beginning& right) const;
  /// Asks the memory for what continuation() looks at first.
  void prefetch(const End& left, const Beginning& right) const noexcept {
    const CoherenceModel::Tail& tail = left.tail;
    if (tail.count > 0) model_.prefetch(&tail.at[tail.count - 1], 1, right.head.at[0]);
  }

 private:
  using Symbol = CoherenceModel::Symbol;
  /// log P(symbol | context) by the model and the counts.
  [[nodiscard]] float log_probability(const Symbol* context, std::size_t length, Symbol symbol) const;
  /// The same; `by_model`: what the model says.
  [[nodiscard]] float mixed(float by_model, const Symbol* context, std::size_t length, Symbol symbol) const;
  /// The same of a beginning's first symbol, which the text never has after the end's last.
  [[nodiscard]] float mixed_unseen(float by_model, const End& left, const Beginning& right) const;

  /// Counts by the symbols, 16 bits each, the last lowest: open addressing with linear probing; 0 is a free place.
  struct Count {
    std::uint64_t key = 0;
    std::uint32_t count = 0;
  };
  [[nodiscard]] std::size_t place_of(std::uint64_t key) const noexcept;
  [[nodiscard]] float count_of(std::uint64_t key) const noexcept {
    return static_cast<float>(counts_[place_of(key)].count);
  }

  const CoherenceModel& model_;
  Weights weights_;
  float symbols_ = 0;
  std::vector<Count> counts_;  ///< a power of two, a quarter of them free
};

}  // namespace inkwash::stages
