// wraps: joins the lines that wrapping, column ends and page ends broke into paragraphs.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Decides all line ends of a page together: a Viterbi search over the width of the column a line
/// was set in and over the line's place in its paragraph, with the costs of rules/wraps.toml. The
/// central evidence is greedy line breaking: a line that ended although the next word would have
/// fitted was ended on purpose. Each paragraph comes out as one line without white space around
/// it; blank lines and what else stood between lines goes.
///
/// Time is linear in the lines; memory about one byte for each byte of text.
extern const StageInfo wraps_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_wraps(const StageOptions& options,
                                                                              const Rules& rules);

}  // namespace inkwash::stages
