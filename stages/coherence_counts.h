// The coherence model sharpened by what a text itself says again and again: its names, its subject.
//
//     CoherenceCounts counts(model, weights, lines);
//     counts.continuation(prepared_tail, counts.beginning_of(model.head_of(right)));
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
  };
  [[nodiscard]] Beginning beginning_of(const CoherenceModel::Head& head) const;

  /// As CoherenceModel::continuation, after a tail that CoherenceModel::prepare() has seen.
  [[nodiscard]] float continuation(const CoherenceModel::Tail& left, const Beginning& right) const;
  /// Asks the memory for what continuation() looks at first.
  void prefetch(const CoherenceModel::Tail& left, const Beginning& right) const noexcept {
    if (left.count > 0) model_.prefetch(&left.at[left.count - 1], 1, right.head.at[0]);
  }

 private:
  using Symbol = CoherenceModel::Symbol;
  /// log P(symbol | context) by the model and the counts.
  [[nodiscard]] float log_probability(const Symbol* context, std::size_t length, Symbol symbol) const;
  /// The same; `by_model`: what the model says.
  [[nodiscard]] float mixed(float by_model, const Symbol* context, std::size_t length, Symbol symbol) const;

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
