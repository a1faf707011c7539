// columns - undoes columns that stand side by side on a line.
//
// Text extraction that keeps the layout of a page (`pdftotext -layout`) writes the columns of an
// article next to each other, padded with spaces. This stage finds the gutters, cuts the lines
// there and puts the columns below each other in reading order:
//
//     标题                                标题
//       甲甲甲甲甲甲     乙乙乙乙乙乙         甲甲甲甲甲甲
//     甲甲甲甲甲甲甲     乙乙。         ->   甲甲甲甲甲甲甲
//     甲甲甲。            丙丙丙丙丙         甲甲甲。
//                                       乙乙乙乙乙乙
//                                       乙乙。
//                                         丙丙丙丙丙
//
// A paragraph's indent stays as white space before its first line. Tables, verse, bylines and
// headlines with wide spaces are left as they are.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo columns_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_columns(const StageOptions& options,
                                                                                const Rules& rules);

}  // namespace inkwash::stages
