// furniture: drops what a newspaper prints on the page but not in the article.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Page headers and footers, page numbers, jump lines and decoration glyphs, by the patterns of
/// rules/furniture.toml. What it drops stays in the account of changes.
extern const StageInfo furniture_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_furniture(const StageOptions& options,
                                                                                  const Rules& rules);

}  // namespace inkwash::stages
