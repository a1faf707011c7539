// normalize: makes the characters of a text ordinary ones.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// One pass over the bytes that stops only where something may have to change; text of ordinary
/// characters proposes nothing. The classes are in rules/normalize.toml; each is an option too.
/// Cleaning twice changes nothing more.
extern const StageInfo normalize_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_normalize(const StageOptions& options,
                                                                                  const Rules& rules);

}  // namespace inkwash::stages
