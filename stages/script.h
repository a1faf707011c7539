// script: converts between Simplified and Traditional through OpenCC.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Paragraph by paragraph, byte for byte what OpenCC's SimpleConverter makes of it, but for the
/// user's dictionaries and protected terms, which win over OpenCC's by longest match. Stands after
/// `wraps`, since a phrase that a line end splits converts wrongly. Default: keep the script.
extern const StageInfo script_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_script(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
