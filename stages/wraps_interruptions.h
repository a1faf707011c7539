// Where lines interrupt a sentence, before `wraps` decides where paragraphs end.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "inkwash/stage.h"
#include "stages/character_set.h"
#include "stages/coherence.h"
#include "stages/interruptions.h"
#include "stages/pattern.h"
#include "stages/wraps_rows.h"

namespace inkwash::stages {

class Settings;

/// Immutable; safe to use from any thread.
class InterruptedLines {
 public:
  /// Mistakes in the rules are added to `wraps` and `lines`, the settings of wraps.toml and lines.toml. The model must
  /// outlive this.
  InterruptedLines(Settings& wraps, Settings& lines, const Rules& rules, const CoherenceModel& model);

  /// Marks in `rows`, a row for each line of which all else is known, those that what interrupts a sentence begins
  /// below, and its last lines.
  void mark(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const;

 private:
  /// Lines from line `i` on that look like a caption, or a byline or source; 0: none. Whole: from its mark to who took
  /// the picture, which is no sentence's.
  struct Known {
    std::size_t lines = 0;
    bool is_whole = false;
  };
  Known known_lines(std::string_view text, std::span<const Line> lines, std::size_t i) const;
  /// Of what interrupts the sentence that line `i` ends in; 0: nothing does.
  Known lines_below(std::string_view text, std::span<const Line> lines, std::span<const Row> rows, std::size_t i) const;

  Interruptions interruptions_;
  CharacterSet marks_;
  Pattern caption_, credit_, byline_, source_;
  std::size_t most_caption_;
  Cost unlike_, indent_, widest_;  ///< half-ems
};

}  // namespace inkwash::stages
