// seams - undoes columns that were read across and joined by one space.
//
// Text extraction that reads a page row by row (`pdftotext -raw`) joins the lines of the columns that
// stand side by side: no gutter is left to be seen, only a space like any other.
//
//     甲甲甲甲甲甲 乙乙乙乙乙乙乙         甲甲甲甲甲甲
//     甲甲甲甲甲甲甲 乙乙乙乙。           甲甲甲甲甲甲甲
//     甲甲。 丙丙丙丙丙丙         ->      甲甲。
//     甲甲甲甲甲甲甲                      甲甲甲甲甲甲甲
//                                     乙乙乙乙乙乙乙
//                                     乙乙乙乙。
//                                     丙丙丙丙丙丙
//
// What tells a seam: the columns are equally wide, so most rows can be cut at about the same width;
// and cut there the text goes on down the columns better than across the row. All rows of a page are
// decided together.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo seams_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_seams(const StageOptions& options,
                                                                              const Rules& rules);

}  // namespace inkwash::stages
