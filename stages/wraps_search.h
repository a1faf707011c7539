// Where paragraphs end: the cheapest account of all line ends of a text together.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "stages/wraps_rows.h"

namespace inkwash::stages {

/// A Viterbi search over the width of the column that a line was set in and over the line's place in its paragraph,
/// with the costs of rules/wraps.toml. Immutable; safe to use from any thread.
class WrapSearch {
 public:
  /// Mistakes in the rules are added to the settings, those of wraps.toml.
  explicit WrapSearch(Settings& settings);
  ~WrapSearch();
  WrapSearch(const WrapSearch&) = delete;
  WrapSearch& operator=(const WrapSearch&) = delete;

  /// For each line: whether it is joined to the one before it. Time and memory are linear in the lines.
  [[nodiscard]] std::vector<bool> joined(std::span<const Row> rows) const;

 private:
  class Decider;
  std::unique_ptr<const Decider> decider_;
};

}  // namespace inkwash::stages
