// punctuation: writes dashes, ellipses, interpuncts and quotation marks in one way, where that is asked for.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Newspapers, text layers and recognition write one mark in several ways (——, ──, ――). In Chinese text, which
/// is where a mark stands next to an ideograph or full-width mark, each becomes the first form of its group;
/// quotation marks become “ ” or 「 」 with the option `quotes`. Not in any chain: the default keeps marks as
/// printed. Data: rules/punctuation.toml.
extern const StageInfo punctuation_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_punctuation(const StageOptions& options,
                                                                                    const Rules& rules);

}  // namespace inkwash::stages
