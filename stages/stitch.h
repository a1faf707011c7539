// stitch: joins an article that goes on on another page to its rest.
#pragma once

#include "inkwash/stage.h"

namespace inkwash::stages {

/// Stands after `blocks`. In a document that holds several pages, puts the rest of an article behind its beginning
/// where jump lines name each other's page and the text across the break goes together; inkwash/stitch.h does it over
/// several documents. Data: rules/stitch.toml, the coherence model.
extern const StageInfo stitch_info;
[[nodiscard]] expected<std::unique_ptr<const Stage>, ConfigErrors> make_stitch(const StageOptions& options,
                                                                               const Rules& rules);

}  // namespace inkwash::stages
