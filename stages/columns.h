// columns: undoes columns that stand side by side on a line.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Finds gutters: places where stretches of text begin on many lines, one below the other, with
/// white space before them. Places are counted in characters (`pdftotext -layout` sets a character a
/// cell, whatever its width) or in half-ems (terminals, OCR), whichever shows gutters. Lines that run
/// across a gutter, such as headlines, end its region. The columns of a region are read one after
/// another; blank lines inside it go. Tables, verse and pages without a visible gutter are left as
/// they are. Data: rules/columns.toml.
extern const StageInfo columns_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_columns(
    const StageOptions& options, const Rules& rules);

}  // namespace inkwash::stages
