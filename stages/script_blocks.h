// Most of a text's characters have three bytes and become others of three, each by itself: many at once.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/image.h"

namespace inkwash::stages {

static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

inline std::uint32_t load32(const char* from) {
  std::uint32_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline std::uint32_t load24(const char* from) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, 3);
  return value;
}

/// A character of three bytes, as long as it is not overlong and no surrogate.
constexpr bool has_three_bytes(std::uint32_t word) { return (word & 0xC0C0F0) == 0x8080E0; }
constexpr Codepoint of_three_bytes(std::uint32_t word) {
  return (word & 0xF) << 12 | (word >> 2 & 0xFC0) | (word >> 16 & 0x3F);
}

// What a character of the BMP becomes by itself, in four bytes: those of its conversion, and above them
constexpr unsigned own_length_shift = 24;  // their number, where it is one character as long; or 0: it is another
constexpr std::uint32_t own_length_mask = 3;
constexpr unsigned own_deed_second_shift = 27;  // such an entry may have it for its second, as of own_deed_shift
constexpr unsigned own_second_shift = 28;  // a longer entry may have the character for its second, or be crossed there
constexpr unsigned own_starts_shift = 29;  // a longer entry may begin with the character, or a conversion cross it
constexpr unsigned own_other_shift = 30;   // its length is not three
constexpr unsigned own_deed_shift = 31;    // such an entry may begin that does more than its characters do
constexpr std::uint32_t own_starts = 1u << own_starts_shift, own_deed = 1u << own_deed_shift;
constexpr std::uint32_t own_second = 1u << own_second_shift, own_deed_second = 1u << own_deed_second_shift;
constexpr std::uint32_t own_length(std::uint32_t own) { return own >> own_length_shift & own_length_mask; }

/// A set of beginnings, two or three characters each, in a few bits each: two of a word. Now and then it is wrong about
/// one that it does not have.
class ScriptBeginnings {
 public:
  explicit ScriptBeginnings(std::size_t most = 0) {
    const std::size_t bits = std::bit_ceil(std::clamp<std::size_t>(16 * most, 32, std::size_t{1} << 27));
    shift_ = static_cast<unsigned>(33 - std::bit_width(bits));
    bits_ = ImageArray(std::vector<std::uint32_t>(bits / 32));
  }
  /// Precondition: it was not read from an image.
  void insert(Codepoint first, Codepoint second, Codepoint third = 0) noexcept {
    const std::uint32_t hash = View::hash_of(first, second, third);
    bits_.own()[hash >> shift_ >> View::bit_shift] |=
        View::bit(hash >> shift_) | View::bit(hash >> (shift_ - View::bit_shift));
  }

  struct View {
    const std::uint32_t* bits;
    unsigned shift;

    static constexpr unsigned bit_shift = 5;  ///< of a word of 32 bits
    static constexpr std::uint32_t bit(std::uint32_t place) noexcept { return std::uint32_t{1} << place % 32; }
    static constexpr std::uint32_t first_factor = 0x9E3779B1, second_factor = 0x85EBCA77, third_factor = 0xC2B2AE3D;
    /// Of products, the highest bits are the best mixed: they say which word, the next ones its bits.
    static constexpr std::uint32_t hash_of(Codepoint first, Codepoint second, Codepoint third) noexcept {
      return first * first_factor + second * second_factor + third * third_factor;
    }
    [[nodiscard]] bool may_hold(Codepoint first, Codepoint second, Codepoint third = 0) const noexcept {
      const std::uint32_t hash = hash_of(first, second, third), place = hash >> shift;
      const std::uint32_t word = bits[place >> bit_shift];
      return (word >> place % 32 & word >> (hash >> (shift - bit_shift)) % 32 & 1) != 0;
    }
  };
  [[nodiscard]] View view() const noexcept { return {bits_.data(), shift_}; }
  [[nodiscard]] bool may_hold(Codepoint first, Codepoint second) const noexcept {
    return view().may_hold(first, second);
  }

  /// Writes it to an image, or reads it from one.
  template <typename Self, typename Image>
  static void pass(Self& self, Image& image) {
    image(self.bits_);
    image(self.shift_);
  }

 private:
  ImageArray<std::uint32_t> bits_;
  unsigned shift_;
};

/// Which entries may begin at a character of three bytes: some by two characters, others by three of three bytes.
struct ScriptOpenings {
  unsigned starts_shift;  ///< of the bit of what a character becomes by itself that says whether any does
  unsigned second_shift;  ///< of the bit that says whether it is the second of any
  ScriptBeginnings::View pairs;
  std::optional<ScriptBeginnings::View> triples;
  bool pass_ascii;  ///< it stays, and nothing is to be known of it
};

/// Where a conversion of many characters stopped.
struct Block {
  std::size_t begin = 0;   ///< bytes before it, which were converted and of which no more is to be known
  std::size_t size = 0;    ///< bytes of it that were converted, of whole characters
  std::uint64_t open = 0;  ///< a bit for the first byte of each character of which more is to be known: a longer entry
                           ///< may begin, or it is not as long
};
constexpr std::size_t block = 64;         ///< most bytes of one
constexpr std::size_t behind_block = 16;  ///< bytes that are read behind the last one, and written

/// Converts characters of three bytes at `in`, as if each were by itself, to `to`, and passes ASCII if the openings say
/// so: up to a block in which more is to be known of a character, to a character of another kind, or until less than
/// one is left of `most` bytes. A longer entry may begin at a character as `openings` say, and at one that has none of
/// three bytes behind it. Precondition: there are `behind_block` bytes more than `most` to read and to write.
using BlockConverter = Block (*)(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                                 const ScriptOpenings& openings);
/// The fastest on this processor.
[[nodiscard]] BlockConverter block_converter() noexcept;
/// All that this processor can run, the fastest first.
[[nodiscard]] std::vector<BlockConverter> block_converters();

}  // namespace inkwash::stages
