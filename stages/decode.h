#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo decode_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_decode(const StageOptions& options,
                                                                        const Rules& rules);

}  // namespace inkwash::stages
