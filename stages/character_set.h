// A set of characters that a stage asks for many characters of a text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "stages/settings.h"

namespace inkwash::stages {

/// Most characters that are asked for are not of the set: a filter of bits tells nearly all of them at one look.
/// Immutable; thread-safe.
class CharacterSet {
 public:
  CharacterSet() = default;
  /// `sorted`: as Settings::characters() has them.
  explicit CharacterSet(std::u32string sorted) : sorted_(std::move(sorted)) {
    for (const char32_t c : sorted_) filter_[word_of(c)] |= bit_of(c);
  }

  [[nodiscard]] bool contains(char32_t c) const noexcept {
    return (filter_[word_of(c)] & bit_of(c)) != 0 && stages::contains(sorted_, c);
  }

 private:
  // The low ten bits of a codepoint.
  static std::size_t word_of(char32_t c) noexcept { return c >> 6 & 15; }
  static std::uint64_t bit_of(char32_t c) noexcept { return std::uint64_t{1} << (c & 63); }

  std::u32string sorted_;
  std::array<std::uint64_t, 16> filter_{};
};

[[nodiscard]] inline bool contains(const CharacterSet& set, char32_t codepoint) noexcept {
  return set.contains(codepoint);
}

}  // namespace inkwash::stages
