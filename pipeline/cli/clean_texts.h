// Commands that make one thing of many clean texts, a model or a list.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "flags.h"

namespace inkwash::cli {

using Fail = std::function<void(const std::string& name, std::string_view reason)>;
using Add = std::function<void(const std::filesystem::path& path, std::string_view text)>;

/// Adds what is wrong with where it goes: --output is there already, or an input. `made`: what it is.
void check_output(const Arguments& arguments, std::string_view made, std::vector<std::string>& errors);

/// Hands each text of the inputs to `add`, with the file that it is in: a file, plain or compressed, a member of an
/// archive, or the "text" of a JSON Lines record. A file that is reached twice is read once, and what a run before left
/// at --output is no text. `fail` is told of what can't be read or is not UTF-8.
void read_clean_texts(const Arguments& arguments, const Fail& fail, const Add& add);

}  // namespace inkwash::cli
