// spaces: removes the white space that justification, letter-spacing and text layers put into a
// line and keeps the white space that separates.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Works line by line on what stands between the first and the last character of a line; the
/// white space around a line is evidence for `wraps` and is left to it. Data: rules/spaces.toml,
/// rules/names.toml.
extern const StageInfo spaces_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_spaces(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
