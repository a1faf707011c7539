// OpenCC's configurations as they were compiled when inkwash was built (see scripts/embed_scripts.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace inkwash::stages {

/// What the images of the program begin with; the last one has no name. Offsets are from the beginning of the first
/// EmbeddedScript on.
struct EmbeddedScript {
  static constexpr std::size_t longest_name = 31;
  char name[longest_name + 1];           ///< ends with a NUL
  std::uint64_t begin, size;             ///< of the image
  std::uint64_t sources_begin, sources;  ///< where its ScriptSources stand, and how many
};

/// The image of that name, which lives forever; empty: there is none, or one of the files it was made of is in `folder`
/// and differs, so that OpenCC must be asked. Thread-safe.
[[nodiscard]] std::string_view embedded_script(std::string_view name, std::string_view folder);
/// The same where OpenCC's data was when inkwash was built.
[[nodiscard]] std::string_view embedded_script(std::string_view name);

/// Images that say which characters only one script has, as bits that ScriptSigns holds, have the names of OpenCC's
/// dictionaries that convert them.
constexpr std::string_view simplified_characters = "STCharacters.ocd2", traditional_characters = "TSCharacters.ocd2";

}  // namespace inkwash::stages
