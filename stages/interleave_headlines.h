// Headlines of two lines of which the other half came among the lines of a column: too few lines for a search, but the
// patterns are clear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "inkwash/document.h"
#include "stages/coherence.h"

namespace inkwash::stages {

class Settings;

/// Finds them, by the section `suspicion` of rules/interleave.toml. Immutable; thread-safe.
class HalvedHeadlines {
 public:
  /// The model must outlive this.
  HalvedHeadlines(Settings& settings, const CoherenceModel& model);

  /// A headline of two lines beside the text's first: line `first` is half a headline, below it stand a line of text,
  /// the other half, and more text.
  [[nodiscard]] bool is_in_turn(std::string_view text, std::span<const Line> lines, std::size_t first) const;

  /// A headline of two stretched lines at the top of a page, of which the other half came among the lines of a column:
  /// its text goes on around it, or it stands on a sub-headline, which is not stretched. Lines [first, second), which
  /// begin with the one half and end with the other; empty: there is none.
  [[nodiscard]] std::pair<std::size_t, std::size_t> find_stretched(std::string_view text,
                                                                   std::span<const Line> lines) const;

 private:
  /// A short line without a mark over wider text.
  [[nodiscard]] static bool is_sub_headline(std::string_view text, std::span<const Line> lines, std::size_t i);

  const CoherenceModel& model_;
  float better_by_;
  std::uint32_t widest_column_;  ///< half-ems
  float stretched_around_;
};

}  // namespace inkwash::stages
