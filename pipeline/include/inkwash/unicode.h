// inkwash/unicode.h - codepoints, their classes and widths, and walking UTF-8.
//
// Two families of functions: `utf8_*` take any bytes and report what is wrong with them;
// `valid_utf8_*` take text that has been checked (every text a stage sees has been) and do no
// checking of their own.
//
//     for (std::size_t at = 0; at < text.size();) {
//       const auto [codepoint, length] = inkwash::valid_utf8_next(text, at);
//       width += inkwash::half_ems(codepoint);
//       at += length;
//     }
//
// All functions are pure and safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inkwash {

using Codepoint = char32_t;

/// What a codepoint is to a typesetter of newspapers. Not a Unicode property: the classes are
/// those that line breaking (kinsoku), spacing and column geometry tell apart.
enum class CharClass : std::uint8_t {
  other,        ///< symbols, controls, anything not below
  space,        ///< horizontal white space of any width
  newline,      ///< LF (the only line end after `normalize`)
  han,          ///< ideographs of all planes, 々 〇 and the like
  kana,         ///< hiragana, katakana, bopomofo
  latin,        ///< letters of alphabetic scripts, with their marks
  digit,        ///< ASCII and full-width decimal digits
  stop,         ///< ends a sentence: 。！？… and their full-width and ASCII forms except '.'
  pause,        ///< inside a sentence: ，、；：
  open,         ///< opening quotation marks and brackets of CJK text: （「『“《
  close,        ///< closing ones: ）」』”》
  cjk_symbol,   ///< other full-width marks: — · ～ □ ▲ ○
  ascii_open,   ///< ( [ {
  ascii_close,  ///< ) ] }
  ascii_mark,   ///< . , ; : ' " ! ? - / % and other ASCII punctuation
};

struct Decoded {
  Codepoint codepoint;
  std::uint32_t length;  ///< bytes, 1 to 4
};

/// Reads the codepoint at `at`. Precondition: `text` is valid UTF-8 and `at` is the first byte of a
/// codepoint.
[[nodiscard, gnu::always_inline]] inline Decoded valid_utf8_next(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  // The commonest first, and the marks of its bytes taken off together.
  if ((lead & 0xF0u) == 0xE0u)
    return {(char32_t{lead} << 12) + (char32_t{byte(1)} << 6) + byte(2) - ((0xE0u << 12) + (0x80u << 6) + 0x80u), 3};
  if (lead < 0x80) return {lead, 1};
  if (lead < 0xE0) return {char32_t(lead & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  return {char32_t(lead & 0x07u) << 18 | char32_t(byte(1) & 0x3Fu) << 12 | char32_t(byte(2) & 0x3Fu) << 6 |
              (byte(3) & 0x3Fu),
          4};
}

/// Whether one of U+4000 to U+9FFF stands at `at`, but for the hexagrams at U+4DC0: three bytes, CharClass::han, two
/// half-ems. Most characters of Chinese text are, and loops that need to know no more pass them fast. Precondition:
/// as above.
[[nodiscard]] inline bool is_common_han(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  return byte(0) >= 0xE4 && byte(0) <= 0xE9 && ((byte(0) ^ 0xE4) | (byte(1) ^ 0xB7)) != 0;
}

/// Whether `at` lies inside a codepoint of `text`: behind its first byte, before its last. No byte past the end does.
/// Precondition: `text` is valid UTF-8; in other bytes, those from 0x80 to 0xBF are taken for insides.
[[nodiscard]] inline bool valid_utf8_inside(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// The begin of the codepoint that `at` lies inside, or `at`. Precondition: as above.
[[nodiscard]] inline std::size_t valid_utf8_floor(std::string_view text, std::size_t at) noexcept {
  while (at > 0 && valid_utf8_inside(text, at)) --at;
  return at;
}

/// The end of the codepoint that `at` lies inside, or `at`. Precondition: as above.
[[nodiscard]] inline std::size_t valid_utf8_ceiling(std::string_view text, std::size_t at) noexcept {
  while (valid_utf8_inside(text, at)) ++at;
  return at;
}

/// Reads the codepoint that ends just before `at`. Precondition: as above, and `at` > 0.
[[nodiscard]] inline Decoded valid_utf8_previous(std::string_view text, std::size_t at) noexcept {
  if (at >= 3 && (static_cast<unsigned char>(text[at - 3]) & 0xF0u) == 0xE0u) return valid_utf8_next(text, at - 3);
  return valid_utf8_next(text, valid_utf8_floor(text, at - 1));
}

/// Reads one codepoint of any bytes: {U+FFFD, length of the maximal ill-formed part} where they are
/// not UTF-8 (Unicode 15, section 3.9, "substitution of maximal subparts").
/// `valid` says which it was.
struct AnyDecoded {
  Codepoint codepoint;
  std::uint32_t length;
  bool valid;
};
[[nodiscard]] AnyDecoded utf8_next(std::string_view bytes, std::size_t at) noexcept;

/// Offset of the first byte from `from` on that is not part of valid UTF-8, or bytes.size(). Precondition: a character
/// begins at `from`, or something that is none.
[[nodiscard]] std::size_t utf8_next_error(std::string_view bytes, std::size_t from) noexcept;

/// The same of all bytes.
[[nodiscard]] std::size_t utf8_first_error(std::string_view bytes) noexcept;

/// Appends `codepoint` (a scalar value) as UTF-8.
void append_utf8(std::string& to, Codepoint codepoint);

namespace detail {
extern const std::array<std::uint8_t, 0x10000> bmp_classes;  ///< CharClass | half-ems << 6
}

[[nodiscard]] inline CharClass class_of(Codepoint codepoint) noexcept {
  if (codepoint < 0x10000) return static_cast<CharClass>(detail::bmp_classes[codepoint] & 0x3F);
  return codepoint >= 0x20000 && codepoint < 0x40000 ? CharClass::han : CharClass::other;
}

/// Width in half-ems as newspapers set it: CJK = 2, Latin and ASCII = 1, marks and controls = 0.
[[nodiscard]] inline std::uint32_t half_ems(Codepoint codepoint) noexcept {
  return codepoint < 0x10000 ? detail::bmp_classes[codepoint] >> 6 : 2u;
}

/// Ideographs, kana and the punctuation set with them: text that is written without spaces.
[[nodiscard]] inline bool is_cjk(CharClass c) noexcept {
  return (c >= CharClass::han && c <= CharClass::kana) || (c >= CharClass::stop && c <= CharClass::cjk_symbol);
}
[[nodiscard]] inline bool is_ideographic(CharClass c) noexcept { return c == CharClass::han || c == CharClass::kana; }
[[nodiscard]] inline bool is_alphanumeric(CharClass c) noexcept {
  return c == CharClass::latin || c == CharClass::digit;
}

/// True where every codepoint is white space (an empty text is).
[[nodiscard]] bool is_blank(std::string_view valid_text) noexcept;

/// Total width in half-ems.
[[nodiscard]] std::uint32_t valid_utf8_half_ems(std::string_view text) noexcept;

/// Number of codepoints.
[[nodiscard]] std::size_t valid_utf8_length(std::string_view text) noexcept;

}  // namespace inkwash
