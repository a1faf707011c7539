// Commands that make one thing of many clean texts, a model or a list.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "flags.h"

namespace inkwash::cli {

/// Adds what is wrong with where it goes: --output is there already, or an input. `made`: what it is.
void check_output(const Arguments& arguments, std::string_view made, std::vector<std::string>& errors);

/// Hands each text of the inputs to `add`, but what a run before left at --output. `fail` is told of files that can't
/// be read or are not UTF-8.
void read_clean_texts(const Arguments& arguments,
                      const std::function<void(const std::string& path, std::string_view reason)>& fail,
                      const std::function<void(const std::filesystem::path& path, std::string_view text)>& add);

}  // namespace inkwash::cli
