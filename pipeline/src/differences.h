// Two texts in step: as many bytes, each character as long in one as in the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "inkwash/unicode.h"

namespace inkwash {

struct Differences {
  std::uint64_t characters = 0;  ///< that differ
  std::uint64_t runs = 0;        ///< of neighbours that do
};

/// nullopt: the texts are not in step. Precondition: both are valid UTF-8.
[[nodiscard]] std::optional<Differences> differences_in_step(std::string_view before, std::string_view after) noexcept;

/// Calls run(begin, end) for each run of characters that differ, in order. Precondition: the texts are in step.
template <typename Run>
void for_each_difference(std::string_view before, std::string_view after, Run run) {
  const auto differs = [&](std::size_t at, std::size_t length) {
    return before.substr(at, length) != after.substr(at, length);
  };
  for (std::size_t at = 0; at < before.size();) {
    const std::size_t begin = at;
    std::uint32_t length = 0;
    while (at < before.size() && differs(at, length = valid_utf8_next(before, at).length)) at += length;
    if (at > begin) run(begin, at);
    at += length;
  }
}

}  // namespace inkwash
