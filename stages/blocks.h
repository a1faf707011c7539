// blocks: says what each paragraph is and sets articles apart.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Stands after `wraps`, where a line is a paragraph. Labels headlines, sub-headlines, bylines,
/// captions, notes and body; puts a blank line before each article that begins with a headline and
/// a byline or dateline; drops the mark before a caption and moves a caption that interrupts an
/// article behind it. Data: rules/blocks.toml, rules/lines.toml.
extern const StageInfo blocks_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_blocks(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
