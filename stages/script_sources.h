// The files of OpenCC's data folder that a compiled image was made of, and whether those that are installed are still
// the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace inkwash::stages {

/// A configuration or dictionary as it was when it was compiled. Its size and time tell it: packages keep the times of
/// their files, and a file whose time alone is another is read anew, which takes time and is not wrong.
struct ScriptSource {
  static constexpr std::size_t longest_name = 31;
  char name[longest_name + 1];  ///< in OpenCC's data folder; ends with a NUL
  std::uint64_t size;           ///< in bytes
  std::int64_t modified;        ///< in seconds since 1970

  friend bool operator==(const ScriptSource&, const ScriptSource&) = default;
};

/// The file as it is now; empty: there is none, or its name is longer than `longest_name`. Thread-safe.
[[nodiscard]] std::optional<ScriptSource> script_source(std::string_view folder, std::string_view name);

/// Whether one of the files is in `folder` and differs. Files that are not there have not changed: a program that is
/// copied to a machine without OpenCC's data goes by what it was built with. Thread-safe.
[[nodiscard]] bool sources_changed(std::span<const ScriptSource> sources, std::string_view folder);

}  // namespace inkwash::stages
