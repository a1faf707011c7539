// OpenCC's configurations as they were compiled when inkwash was built (see scripts/embed_scripts.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace inkwash::stages {

/// What the images of the program begin with; the last one has no name.
struct EmbeddedScript {
  static constexpr std::size_t longest_name = 47;
  char name[longest_name + 1];  ///< ends with a NUL
  std::uint64_t begin, size;    ///< of the image, from the beginning of the first EmbeddedScript on
};

/// The image of that name, which lives forever; empty: there is none. Thread-safe.
[[nodiscard]] std::string_view embedded_script(std::string_view name) noexcept;

/// Names of the images that say which characters only one script has: bits as ScriptSigns holds them.
constexpr std::string_view embedded_simplified = "simplified", embedded_traditional = "traditional";

}  // namespace inkwash::stages
