// strays - sets pieces of text back that stand among the lines of another column.
//
// Where all columns but a few of their lines are in reading order, text extraction joined the lines of one row, or gave
// some lines of one column among those of another:
//
//     甲甲甲甲甲甲甲              甲甲甲甲甲甲甲
//     甲甲甲甲甲甲甲 乙乙乙乙乙乙乙    甲甲甲甲甲甲甲
//     甲甲甲。             ->     甲甲甲。
//     乙乙乙乙乙乙乙              乙乙乙乙乙乙乙
//     乙乙乙。                  乙乙乙乙乙乙乙
//                            乙乙乙。
//
// A piece (the right part of a row that is as wide as two columns, or a few lines) is moved where the text goes on
// better without it where it stands, and through it where it is set, by a clear margin over all other places.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo strays_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_strays(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
