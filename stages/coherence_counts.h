// The coherence model sharpened by what a text itself says again and again: its names, its subject.
//
//     CoherenceCounts counts(model, weights, lines);
//     counts.continuation(model.tail_of(left), model.head_of(right));
//
// Counts of one, two and three symbols inside the lines; never across their ends, which is what is asked for. They are
// mixed with the model's probabilities as a Dirichlet prior is with counts (MacKay and Peto, 1995).
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
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

  /// As CoherenceModel::continuation.
  [[nodiscard]] float continuation(const CoherenceModel::Tail& left, const CoherenceModel::Head& right) const;

 private:
  using Symbol = CoherenceModel::Symbol;
  /// log P(symbol | context) by the model and the counts.
  [[nodiscard]] float log_probability(const Symbol* context, std::size_t length, Symbol symbol) const;
  [[nodiscard]] float count_of(std::uint64_t key) const;

  const CoherenceModel& model_;
  Weights weights_;
  float symbols_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> counts_;  ///< by the symbols, 16 bits each, the last lowest
};

}  // namespace inkwash::stages
