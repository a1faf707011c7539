#include "stages/coherence_counts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "inkwash/unicode.h"

namespace inkwash::stages {

CoherenceCounts::CoherenceCounts(const CoherenceModel& model, const Weights& weights,
                                 std::span<const std::string_view> lines)
    : model_(model), weights_(weights) {
  for (const std::string_view line : lines) {
    std::uint64_t key = 0;  // of the last three symbols; no symbol that is read is 0
    for (std::size_t at = 0; at < line.size();) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      at += length;
      const Symbol symbol = model.read(codepoint);
      if (symbol == 0) continue;
      key = (key << 16 | symbol) & 0xFFFF'FFFF'FFFF;
      ++symbols_;
      ++counts_[key & 0xFFFF];
      if (key >> 16 != 0) ++counts_[key & 0xFFFF'FFFF];
      if (key >> 32 != 0) ++counts_[key];
    }
  }
}

float CoherenceCounts::count_of(std::uint64_t key) const {
  const auto found = counts_.find(key);
  return found == counts_.end() ? 0.0f : static_cast<float>(found->second);
}

float CoherenceCounts::log_probability(const Symbol* context, std::size_t length, Symbol symbol) const {
  float probability = std::exp(model_.log_probability(context, length, symbol));
  if (symbols_ > 0) probability += weights_.alone * (count_of(symbol) / symbols_ - probability);
  const auto mix = [&](std::uint64_t before, float worth) {
    probability = (count_of(before << 16 | symbol) + worth * probability) / (count_of(before) + worth);
  };
  if (length >= 1) mix(context[length - 1], weights_.one);
  if (length >= 2) mix(std::uint64_t{context[length - 2]} << 16 | context[length - 1], weights_.two);
  return std::log(probability);
}

float CoherenceCounts::continuation(const CoherenceModel::Tail& left, const CoherenceModel::Head& right) const {
  if (left.count == 0 || right.count == 0) return 0;
  if (CoherenceModel::both_latin(left, right)) return model_.continuation(left, right);
  std::array<Symbol, 2 * CoherenceModel::reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  float sum = 0;
  for (std::size_t i = 0; i < right.count; ++i) {
    all[left.count + i] = right.at[i];
    sum += log_probability(all.data(), left.count + i, right.at[i]) -
           log_probability(all.data() + left.count, i, right.at[i]);
  }
  return CoherenceModel::calibrated(sum);
}

}  // namespace inkwash::stages
