// The files of rules/ as they were when the library was built (see scripts/embed_rules.cmake).
#pragma once

#include <span>
#include <string_view>

namespace inkwash {

struct EmbeddedRule {
  std::string_view name;  ///< path below rules/, with slashes
  std::string_view contents;
};
[[nodiscard]] std::span<const EmbeddedRule> embedded_rules() noexcept;

}  // namespace inkwash
