// What OpenCC's library tells of its configurations and dictionaries, by reading them all: some take it 20 ms.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inkwash/expected.h"
#include "inkwash/unicode.h"
#include "stages/script_matcher.h"

namespace opencc {
class Converter;
}

namespace inkwash::stages {

/// `configuration`: a name that OpenCC knows or a path, without ".json". Error: why there is no such configuration.
[[nodiscard]] expected<std::shared_ptr<opencc::Converter>, std::string> open_opencc(const std::string& configuration);

/// Empty where OpenCC does not show what it does (from 1.3 on it may leave out the segmentation, or put a step
/// before it).
[[nodiscard]] std::optional<ScriptMatcher> compile(const opencc::Converter& library);

/// The characters that a dictionary of characters converts and that are no form of themselves, in its order. `file`:
/// one of OpenCC's (TSCharacters.ocd2). Error: why there are none.
[[nodiscard]] expected<std::vector<Codepoint>, std::string> characters_converted(const std::string& file);

}  // namespace inkwash::stages
