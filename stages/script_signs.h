// Which characters only one script has, by OpenCC's own dictionaries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "inkwash/unicode.h"

namespace inkwash::stages {

/// Immutable; safe to use from any thread.
class ScriptSigns {
 public:
  struct Count {
    std::size_t simplified = 0, traditional = 0;
  };
  /// A bit for each Han character of the basic block.
  static constexpr Codepoint first_han = 0x4E00, end_han = 0xA000;
  using Bits = std::array<std::uint64_t, (end_han - first_han) / 64>;
  [[nodiscard]] static constexpr Bits bits_of(std::span<const Codepoint> characters) noexcept {
    Bits bits{};
    for (const Codepoint c : characters)
      if (c >= first_han && c < end_han) bits[(c - first_han) / 64] |= std::uint64_t{1} << (c - first_han) % 64;
    return bits;
  }

  /// Null where OpenCC can't read its dictionaries of characters.
  [[nodiscard]] static const ScriptSigns* shared();
  [[nodiscard]] Count count(std::string_view valid_text) const noexcept;

 private:
  ScriptSigns() = default;

  Bits simplified_, traditional_;
};

}  // namespace inkwash::stages
