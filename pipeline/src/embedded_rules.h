// The files of rules/ as they were when the library was built (see scripts/embed_rules.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace inkwash {

struct EmbeddedRule {
  std::string_view name;      ///< path below rules/, with slashes
  std::string_view contents;  ///< of a TOML file RuleTable::packed()
  std::uint64_t digest;       ///< of the contents
};
[[nodiscard]] std::span<const EmbeddedRule> embedded_rules() noexcept;

}  // namespace inkwash
