// The channel of recognition for marks: how probable it is that one is read as another, counted in
// rules/confusable_marks.tsv. Immutable after construction; thread-safe.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {

class MarkConfusions {
 public:
  struct Candidate {
    Codepoint codepoint;  ///< 0: nothing
    float channel;        ///< log P(read | this one)
  };

  /// Mistakes in the table are added to `settings`.
  MarkConfusions(Settings& settings, const Rules& rules);

  /// What a mark that was read may stand for, itself among it; empty for what is in no count.
  [[nodiscard]] std::span<const Candidate> find(Codepoint read) const;

 private:
  std::unordered_map<Codepoint, std::vector<Candidate>> candidates_;  ///< by what was read
};

}  // namespace inkwash::stages
