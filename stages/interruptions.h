// Whether lines interrupt a sentence that stands above and below them: a box, a caption, a headline, a byline.
//
//     甲甲甲甲甲甲甲甲
//     方框标题
//     一项                甲甲甲甲 and 乙乙乙乙 are one sentence
//     两项
//     乙乙乙乙乙乙乙乙
//
// `wraps` asks it where such lines begin and end, `blocks` sets them after the article and joins the sentence: both get
// the same answer, since only the ends of texts are looked at.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "stages/coherence.h"
#include "stages/pattern.h"

namespace inkwash::stages {

class Settings;

/// Immutable; thread-safe.
class Interruptions {
 public:
  /// Mistakes in rules/interruptions.toml are added to `settings`. The model must outlive this.
  Interruptions(Settings& settings, const Rules& rules, const CoherenceModel& model);

  /// A sentence may be interrupted at the end of this text: it ends inside one, and announces nothing.
  [[nodiscard]] static bool may_break_off(std::string_view above) noexcept;

  /// By how much it is likelier that `above` goes on with `below`, and what stands between them is a text of its own,
  /// than that they are read as they stand or part there, as a natural logarithm, less what is asked for. Above 0: it
  /// interrupts. `between`: one line or more, all not empty; `known`: they look like what interrupts (a caption, a
  /// byline), not only like what may stand anywhere; `short_lines`: how many of them leave room for what the next
  /// begins with, which lines of a paragraph don't.
  [[nodiscard]] float gain(std::string_view above, std::span<const std::string_view> between, std::string_view below,
                           bool known, std::size_t short_lines) const;

  /// Lines of a box are no text: most don't go on with each other.
  [[nodiscard]] bool are_parted(std::string_view left, std::string_view right) const {
    return model_.continuation(left, right) < 0;
  }

  /// Most lines of what interrupts.
  [[nodiscard]] std::size_t most_lines() const noexcept { return most_lines_; }

 private:
  const CoherenceModel& model_;
  Pattern item_;
  std::size_t most_lines_, most_short_, box_lines_;
  float across_, across_known_, most_begins_, most_ahead_, sure_, per_line_, least_, least_known_;
};

}  // namespace inkwash::stages
