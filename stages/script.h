#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo script_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_script(const StageOptions& options,
                                                                        const Rules& rules);

}  // namespace inkwash::stages
