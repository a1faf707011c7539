// interleave: puts the lines of columns that were read line by line in turn back into columns.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// A text layer may give the lines of columns by their height on the page: a line of the first, a line
/// of the second, and so on. Geometry is gone then; coherence is left. Regions with lines that do not
/// go on with the next line but with a later one are searched by beam for the assignment of lines
/// to columns that is most coherent. Columns stand in bands: where an article ends all its columns do,
/// and those of the next begin below. A band is taken only where it is better than its lines as they
/// stand by a clear margin. Data: rules/interleave.toml, the coherence model.
extern const StageInfo interleave_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_interleave(const StageOptions& options,
                                                                                   const Rules& rules);

}  // namespace inkwash::stages
