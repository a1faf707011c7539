// Lines of which it is asked again and again how one goes on with another.
//
//     CoherenceLines lines(model, inks);
//     for (std::size_t i = 0; i + 1 < inks.size(); ++i) {
//       lines.approach(i, [&](std::size_t k) { return is_open(inks[k]); });
//       ... model.continuation(lines.tail(i), lines.head(i + 1)) ...
//     }
//
// The model is larger than caches are, so nearly all the time that asking takes is waiting for memory. What is asked of
// a line and the next is known long before: approach() asks the memory for it some lines ahead. It changes no result.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "stages/coherence.h"

namespace inkwash::stages {

class CoherenceLines {
 public:
  using Tail = CoherenceModel::Tail;
  using Head = CoherenceModel::Head;

  /// Keeps nothing of `inks`. `model` must outlive this.
  CoherenceLines(const CoherenceModel& model, std::span<const std::string_view> inks) : model_(model) {
    tails_.reserve(inks.size());
    heads_.reserve(inks.size());
    for (const std::string_view ink : inks) {
      tails_.push_back(model.tail_of(ink));
      heads_.push_back(model.head_of(ink));
    }
  }

  /// Prepared, when first asked for.
  [[nodiscard]] const Tail& tail(std::size_t i) {
    if (!tails_[i].ending) model_.prepare(tails_[i]);
    return tails_[i];
  }
  [[nodiscard]] const Head& head(std::size_t i) const { return heads_[i]; }

  /// To be called with rising `i` before line `i` and the next are asked for. `will_ask(k)`: whether that will be asked
  /// of line k, as far as it can be told.
  template <typename WillAsk>
  void approach(std::size_t i, WillAsk will_ask) {
    constexpr std::size_t near = 8, far = 16;
    const std::size_t end = heads_.empty() ? 0 : heads_.size() - 1;
    known_ = std::max(known_, i);
    pairs_ = std::max(pairs_, i);
    for (; known_ < std::min(i + far, end); ++known_)
      if (will_ask(known_)) model_.prefetch_ending(tails_[known_]);
    for (; pairs_ < std::min(i + near, end); ++pairs_)
      if (will_ask(pairs_)) prefetch(pairs_, pairs_ + 1);
  }
  /// Asks the memory for what is looked at first when it is asked whether line `below` goes on with line `above`.
  void prefetch(std::size_t above, std::size_t below) { model_.prefetch_first(tail(above), heads_[below]); }

 private:
  const CoherenceModel& model_;
  std::vector<Tail> tails_;
  std::vector<Head> heads_;
  std::size_t known_ = 0, pairs_ = 0;  ///< so many lines were approached
};

}  // namespace inkwash::stages
