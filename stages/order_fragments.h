// The pieces of a page that `order` sets in order, and what can be said of one by itself.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/unicode.h"

namespace inkwash::stages {

class Settings;

namespace ordering {

/// Lines between blank ones.
struct Fragment {
  std::uint32_t first, last;  ///< lines, both included
  TextRange ink;
  std::uint32_t width;                ///< of all lines, half-ems
  std::uint32_t widest, last_width;   ///< of its lines
  std::uint32_t indent;               ///< of its first line, half-ems
  bool goes_on_elsewhere = false;     ///< a jump line below it says so
  bool comes_from_elsewhere = false;  ///< one above it does
};

/// Fragment `next` goes on after fragment `before`; what stands at the seam twice ends `before`.
struct Link {
  std::uint32_t before, next;
  TextRange twice;       ///< empty: nothing does
  std::uint32_t first;   ///< fragment in which that begins; those after it, up to `before`, go wholly
  ByteOffset ended = 0;  ///< where in `next` the paragraph ends that stood twice; 0: it goes on
};

/// A set of pairs of characters that may hold more than was put into it.
using Pairs = std::bitset<1u << 16>;
inline std::size_t pair_of(Codepoint a, Codepoint b) { return (a * 0x9E3779B1u ^ b * 0x85EBCA77u) >> 16; }

[[nodiscard]] std::vector<Fragment> fragments_of(const Document& document);

/// What stands on the last lines of a text, below the last of them that ends a sentence.
[[nodiscard]] std::string_view last_paragraph(std::string_view text);

/// It has sentences and ends inside one.
[[nodiscard]] bool breaks_off(std::string_view text, const Fragment& fragment);

/// Tells headlines from text. Immutable; thread-safe.
class Headings {
 public:
  explicit Headings(Settings& settings);

  [[nodiscard]] bool is_headline(std::string_view text, const Fragment& fragment) const;
  /// And neither a number alone nor a byline or source.
  [[nodiscard]] bool is_heading(std::string_view text, const Fragment& fragment) const;

 private:
  std::vector<std::string> no_headline_;
  std::uint32_t headline_width_;
};

}  // namespace ordering
}  // namespace inkwash::stages
