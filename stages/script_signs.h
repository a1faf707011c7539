// Which characters only one script has, by OpenCC's own dictionaries.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

#include "inkwash/unicode.h"

namespace inkwash::stages {

/// Immutable; safe to use from any thread.
class ScriptSigns {
 public:
  struct Count {
    std::size_t simplified = 0, traditional = 0;
  };

  /// Made at the first call (it takes some milliseconds); null where OpenCC lacks its dictionaries of characters.
  [[nodiscard]] static const ScriptSigns* shared();
  [[nodiscard]] Count count(std::string_view valid_text) const noexcept;

 private:
  ScriptSigns() = default;

  static constexpr Codepoint first_han = 0x4E00, end_han = 0xA000;
  std::bitset<end_han - first_han> simplified_, traditional_;
};

}  // namespace inkwash::stages
