// order - puts fragments of a page in reading order and joins them.
//
// A page scraped area by area has its areas out of order: a paragraph's tail stands before its head,
// the headline after its article, and where areas overlap the text at the seam stands twice.
//
//     乙乙，丙丙。                      标题
//                                     甲甲甲甲，乙乙，丙丙。
//     丁丁丁丁丁丁。             ->     丁丁丁丁丁丁。
//
//     甲甲甲甲，乙乙
//
//     标题
//
// Fragments (runs of lines between blank ones) that end in mid-sentence are given the fragments that
// go on with them by one assignment over the whole document, which maximises the sum of what the
// coherence model says; a decision without a clear margin is not made. Fragments between two such
// places stay together as they were.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo order_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_order(const StageOptions& options,
                                                                              const Rules& rules);

}  // namespace inkwash::stages
