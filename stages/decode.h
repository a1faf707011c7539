// decode: finds the encoding of the source and makes it UTF-8.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// UTF-8, UTF-16, UTF-32, GB18030 (with GBK and GB2312), Big5-HKSCS (with Big5) and Windows-1252
/// by content, and every encoding ICU has by name (option `encoding`). Invalid bytes become U+FFFD with
/// a diagnostic. Text that was decoded wrongly once and stored as UTF-8 is repaired where the way
/// back is exact, and reported where it is not. Binary data are refused. Valid UTF-8 costs one
/// validation pass. Data: rules/decode.toml.
extern const StageInfo decode_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_decode(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
