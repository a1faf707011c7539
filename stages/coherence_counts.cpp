#include "stages/coherence_counts.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "inkwash/unicode.h"

namespace inkwash::stages {

CoherenceCounts::CoherenceCounts(const CoherenceModel& model, const Weights& weights,
                                 std::span<const std::string_view> lines)
    : model_(model), weights_(weights) {
  std::vector<Symbol> symbols;  // 0 before each line
  for (const std::string_view line : lines) {
    symbols.push_back(0);
    for (std::size_t at = 0; at < line.size();) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      at += length;
      if (const Symbol symbol = model.read(codepoint); symbol != 0) symbols.push_back(symbol);
    }
  }
  counts_.resize(std::bit_ceil(4 * symbols.size() + 1));
  const auto add = [&](std::uint64_t key) {
    Count& count = counts_[place_of(key)];
    count.key = key;
    ++count.count;
  };
  std::uint64_t key = 0;  // of the last three symbols
  for (const Symbol symbol : symbols) {
    if (symbol == 0) {
      key = 0;
      continue;
    }
    key = (key << 16 | symbol) & 0xFFFF'FFFF'FFFF;
    ++symbols_;
    add(key & 0xFFFF);
    if (key >> 16 != 0) add(key & 0xFFFF'FFFF);
    if (key >> 32 != 0) add(key);
  }
}

std::size_t CoherenceCounts::place_of(std::uint64_t key) const noexcept {
  const std::size_t last = counts_.size() - 1;
  std::size_t place = CoherenceModel::Hash(key).bits & last;
  while (counts_[place].key != key && counts_[place].key != 0) place = (place + 1) & last;
  return place;
}

float CoherenceCounts::log_probability(const Symbol* context, std::size_t length, Symbol symbol) const {
  return mixed(model_.log_probability(context, length, symbol), context, length, symbol);
}

float CoherenceCounts::mixed(float by_model, const Symbol* context, std::size_t length, Symbol symbol) const {
  float probability = std::exp(by_model);
  if (symbols_ > 0) probability += weights_.alone * (count_of(symbol) / symbols_ - probability);
  const auto mix = [&](std::uint64_t before, float worth) {
    probability = (count_of(before << 16 | symbol) + worth * probability) / (count_of(before) + worth);
  };
  if (length >= 1) mix(context[length - 1], weights_.one);
  if (length >= 2) mix(std::uint64_t{context[length - 2]} << 16 | context[length - 1], weights_.two);
  return std::log(probability);
}

float CoherenceCounts::mixed_unseen(float by_model, const End& left, const Beginning& right) const {
  float probability = std::exp(by_model);
  if (symbols_ > 0) probability += weights_.alone * (right.first / symbols_ - probability);
  probability = weights_.one * probability / (left.one + weights_.one);
  if (left.tail.count >= 2) probability = weights_.two * probability / (left.two + weights_.two);
  return std::log(probability);
}

CoherenceCounts::End CoherenceCounts::end_of(const CoherenceModel::Tail& tail) const {
  End end{tail};
  model_.prepare(end.tail);
  if (tail.count >= 1) end.one = count_of(tail.at[tail.count - 1]);
  if (tail.count >= 2) end.two = count_of(std::uint64_t{tail.at[tail.count - 2]} << 16 | tail.at[tail.count - 1]);
  return end;
}

CoherenceCounts::Beginning CoherenceCounts::beginning_of(const CoherenceModel::Head& head) const {
  Beginning beginning{head};
  if (head.count >= 1) beginning.first = count_of(head.at[0]);
  for (std::size_t i = 0; i < head.count; ++i) beginning.own[i] = log_probability(head.at.data(), i, head.at[i]);
  if (head.count >= 2) {
    constexpr Symbol never = 1;  // the border of a paragraph: no text has it
    const std::array<Symbol, 2> context{never, head.at[0]};
    beginning.second =
        mixed(model_.log_probability(head.at.data(), 1, head.at[1]), context.data(), 2, head.at[1]) - beginning.own[1];
  }
  return beginning;
}

float CoherenceCounts::continuation(const End& end, const Beginning& right) const {
  const CoherenceModel::Tail& left = end.tail;
  const CoherenceModel::Head& head = right.head;
  if (left.count == 0 || head.count == 0) return 0;
  if (CoherenceModel::both_latin(left, head)) return model_.continuation(left, head);
  const Symbol last = left.at[left.count - 1], first = head.at[0];
  // What neither the corpus nor the text has over the border leaves what follows as probable as it is without `left`.
  if (const std::array<Symbol, 2> pair{last, first};
      !model_.has_seen(pair.data(), pair.size()) && count_of(std::uint64_t{last} << 16 | first) == 0) {
    const float by_model = model_.log_probability_unseen(left, first);
    return CoherenceModel::calibrated(mixed_unseen(by_model, end, right) - right.own[0] + right.second);
  }
  std::array<Symbol, 2 * CoherenceModel::reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  float sum = 0;
  for (std::size_t i = 0; i < head.count; ++i) {
    all[left.count + i] = head.at[i];
    sum += log_probability(all.data(), left.count + i, head.at[i]) - right.own[i];
  }
  return CoherenceModel::calibrated(sum);
}

}  // namespace inkwash::stages
