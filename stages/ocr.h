// ocr - mends what recognition misread.
//
//     「不好意思,我又生病拖累了妳 。」  ->  「不好意思，我又生病拖累了妳。」
//
// ASCII marks that stand for full-width ones are told by their neighbours; misread characters by a
// noisy channel: what recognition makes of a character (counts of real confusions) against how well
// the reading fits its context (the coherence model).
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

extern const StageInfo ocr_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_ocr(const StageOptions& options,
                                                                            const Rules& rules);

}  // namespace inkwash::stages
