#include "inkwash/unicode.h"

#include <simdjson.h>

#include <algorithm>
#include <array>

namespace inkwash {
namespace {

struct ClassRange {
  char32_t first, last;
  CharClass char_class;
  std::uint8_t half_ems;
};

// Later ranges win. The classes follow the blocks of Unicode 15 and the line breaking classes of
// UAX #14 (OP, CL, NS); widths follow newspaper type, where the dashes, ellipses and curly
// quotation marks of Chinese text fill an em (East Asian Width "ambiguous" read as wide).
constexpr ClassRange class_ranges[] = {
    {0x0000, 0xFFFF, CharClass::other, 2},      {0x0000, 0x001F, CharClass::other, 0},
    {0x0009, 0x0009, CharClass::space, 2},      {0x000A, 0x000A, CharClass::newline, 0},
    {0x0020, 0x0020, CharClass::space, 1},      {0x0021, 0x002F, CharClass::ascii_mark, 1},
    {0x0028, 0x0028, CharClass::ascii_open, 1}, {0x0029, 0x0029, CharClass::ascii_close, 1},
    {0x0030, 0x0039, CharClass::digit, 1},      {0x003A, 0x0040, CharClass::ascii_mark, 1},
    {0x0041, 0x005A, CharClass::latin, 1},      {0x005B, 0x0060, CharClass::ascii_mark, 1},
    {0x005B, 0x005B, CharClass::ascii_open, 1}, {0x005D, 0x005D, CharClass::ascii_close, 1},
    {0x0061, 0x007A, CharClass::latin, 1},      {0x007B, 0x007B, CharClass::ascii_open, 1},
    {0x007C, 0x007C, CharClass::ascii_mark, 1}, {0x007D, 0x007D, CharClass::ascii_close, 1},
    {0x007E, 0x007E, CharClass::ascii_mark, 1}, {0x007F, 0x009F, CharClass::other, 0},
    {0x00A0, 0x00A0, CharClass::space, 1},      {0x00A1, 0x00BF, CharClass::other, 1},
    {0x00AA, 0x00AA, CharClass::latin, 1},      {0x00B7, 0x00B7, CharClass::cjk_symbol, 2},
    {0x00BA, 0x00BA, CharClass::latin, 1},      {0x00C0, 0x024F, CharClass::latin, 1},
    {0x00D7, 0x00D7, CharClass::other, 2},      {0x00F7, 0x00F7, CharClass::other, 2},
    {0x0250, 0x02FF, CharClass::latin, 1},      {0x0300, 0x036F, CharClass::latin, 0},
    {0x0370, 0x1FFF, CharClass::latin, 1},      {0x1100, 0x11FF, CharClass::other, 2},
    {0x2000, 0x200A, CharClass::space, 1},      {0x2003, 0x2003, CharClass::space, 2},
    {0x200B, 0x200F, CharClass::other, 0},      {0x2010, 0x2011, CharClass::ascii_mark, 1},
    {0x2012, 0x2017, CharClass::cjk_symbol, 2}, {0x2018, 0x2018, CharClass::open, 2},
    {0x2019, 0x2019, CharClass::close, 2},      {0x201C, 0x201C, CharClass::open, 2},
    {0x201D, 0x201D, CharClass::close, 2},      {0x2020, 0x2027, CharClass::cjk_symbol, 2},
    {0x2026, 0x2026, CharClass::stop, 2},       {0x2028, 0x202E, CharClass::other, 0},
    {0x202F, 0x202F, CharClass::space, 1},      {0x2030, 0x203A, CharClass::other, 2},
    {0x205F, 0x205F, CharClass::space, 1},      {0x2060, 0x206F, CharClass::other, 0},
    {0x2070, 0x209F, CharClass::digit, 1},      {0x20A0, 0x20CF, CharClass::other, 1},
    {0x2100, 0x24FF, CharClass::other, 2},      {0x2500, 0x27BF, CharClass::cjk_symbol, 2},
    {0x2C00, 0x2DFF, CharClass::latin, 1},      {0x2E80, 0x2FDF, CharClass::han, 2},
    {0x3000, 0x3000, CharClass::space, 2},      {0x3001, 0x3001, CharClass::pause, 2},
    {0x3002, 0x3002, CharClass::stop, 2},       {0x3003, 0x3004, CharClass::cjk_symbol, 2},
    {0x3005, 0x3007, CharClass::han, 2},        {0x3008, 0x3008, CharClass::open, 2},
    {0x3009, 0x3009, CharClass::close, 2},      {0x300A, 0x300A, CharClass::open, 2},
    {0x300B, 0x300B, CharClass::close, 2},      {0x300C, 0x300C, CharClass::open, 2},
    {0x300D, 0x300D, CharClass::close, 2},      {0x300E, 0x300E, CharClass::open, 2},
    {0x300F, 0x300F, CharClass::close, 2},      {0x3010, 0x3010, CharClass::open, 2},
    {0x3011, 0x3011, CharClass::close, 2},      {0x3012, 0x3013, CharClass::cjk_symbol, 2},
    {0x3014, 0x3014, CharClass::open, 2},       {0x3015, 0x3015, CharClass::close, 2},
    {0x3016, 0x3016, CharClass::open, 2},       {0x3017, 0x3017, CharClass::close, 2},
    {0x3018, 0x3018, CharClass::open, 2},       {0x3019, 0x3019, CharClass::close, 2},
    {0x301C, 0x301C, CharClass::cjk_symbol, 2}, {0x301D, 0x301D, CharClass::open, 2},
    {0x301E, 0x301F, CharClass::close, 2},      {0x3020, 0x3020, CharClass::cjk_symbol, 2},
    {0x3021, 0x3029, CharClass::han, 2},        {0x3030, 0x3037, CharClass::cjk_symbol, 2},
    {0x3038, 0x303B, CharClass::han, 2},        {0x303D, 0x303F, CharClass::cjk_symbol, 2},
    {0x3041, 0x30FF, CharClass::kana, 2},       {0x30FB, 0x30FB, CharClass::cjk_symbol, 2},
    {0x3100, 0x312F, CharClass::kana, 2},       {0x3130, 0x318F, CharClass::latin, 2},
    {0x3190, 0x31BF, CharClass::kana, 2},       {0x31C0, 0x31EF, CharClass::han, 2},
    {0x31F0, 0x31FF, CharClass::kana, 2},       {0x3200, 0x33FF, CharClass::cjk_symbol, 2},
    {0x3400, 0x4DBF, CharClass::han, 2},        {0x4DC0, 0x4DFF, CharClass::cjk_symbol, 2},
    {0x4E00, 0x9FFF, CharClass::han, 2},        {0xA000, 0xA4CF, CharClass::other, 2},
    {0xA4D0, 0xABFF, CharClass::latin, 1},      {0xAC00, 0xD7AF, CharClass::latin, 2},  // hangul is written with spaces
    {0xE000, 0xF8FF, CharClass::han, 2},  // private use: gaiji of newspaper fonts
    {0xF900, 0xFAFF, CharClass::han, 2},        {0xFB00, 0xFB4F, CharClass::latin, 1},
    {0xFB50, 0xFDFF, CharClass::latin, 1},      {0xFE00, 0xFE0F, CharClass::other, 0},
    {0xFE10, 0xFE1F, CharClass::cjk_symbol, 2}, {0xFE30, 0xFE6F, CharClass::cjk_symbol, 2},
    {0xFE70, 0xFEFE, CharClass::latin, 1},      {0xFEFF, 0xFEFF, CharClass::other, 0},
    {0xFF01, 0xFF01, CharClass::stop, 2},       {0xFF02, 0xFF07, CharClass::cjk_symbol, 2},
    {0xFF08, 0xFF08, CharClass::open, 2},       {0xFF09, 0xFF09, CharClass::close, 2},
    {0xFF0A, 0xFF0B, CharClass::cjk_symbol, 2}, {0xFF0C, 0xFF0C, CharClass::pause, 2},
    {0xFF0D, 0xFF0D, CharClass::cjk_symbol, 2}, {0xFF0E, 0xFF0E, CharClass::cjk_symbol, 2},
    {0xFF0F, 0xFF0F, CharClass::cjk_symbol, 2}, {0xFF10, 0xFF19, CharClass::digit, 2},
    {0xFF1A, 0xFF1B, CharClass::pause, 2},      {0xFF1C, 0xFF1E, CharClass::cjk_symbol, 2},
    {0xFF1F, 0xFF1F, CharClass::stop, 2},       {0xFF20, 0xFF20, CharClass::cjk_symbol, 2},
    {0xFF21, 0xFF3A, CharClass::latin, 2},      {0xFF3B, 0xFF3B, CharClass::open, 2},
    {0xFF3C, 0xFF3C, CharClass::cjk_symbol, 2}, {0xFF3D, 0xFF3D, CharClass::close, 2},
    {0xFF3E, 0xFF40, CharClass::cjk_symbol, 2}, {0xFF41, 0xFF5A, CharClass::latin, 2},
    {0xFF5B, 0xFF5B, CharClass::open, 2},       {0xFF5C, 0xFF5C, CharClass::cjk_symbol, 2},
    {0xFF5D, 0xFF5D, CharClass::close, 2},      {0xFF5E, 0xFF5E, CharClass::cjk_symbol, 2},
    {0xFF5F, 0xFF5F, CharClass::open, 2},       {0xFF60, 0xFF60, CharClass::close, 2},
    {0xFF61, 0xFF61, CharClass::stop, 1},       {0xFF62, 0xFF62, CharClass::open, 1},
    {0xFF63, 0xFF63, CharClass::close, 1},      {0xFF64, 0xFF64, CharClass::pause, 1},
    {0xFF65, 0xFF9F, CharClass::kana, 1},       {0xFFA0, 0xFFDF, CharClass::latin, 1},
    {0xFFE0, 0xFFE6, CharClass::cjk_symbol, 2}, {0xFFFD, 0xFFFD, CharClass::other, 2},
};

constexpr auto make_table() {
  std::array<std::uint8_t, 0x10000> table{};
  for (const ClassRange& range : class_ranges)
    for (char32_t c = range.first; c <= range.last; ++c)
      table[c] = static_cast<std::uint8_t>(static_cast<unsigned>(range.char_class) |
                                           static_cast<unsigned>(range.half_ems) << 6);
  return table;
}

}  // namespace

namespace detail {
constinit const std::array<std::uint8_t, 0x10000> bmp_classes = make_table();
}

AnyDecoded utf8_next(std::string_view bytes, std::size_t at) noexcept {
  constexpr AnyDecoded bad{0xFFFD, 1, false};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
  const std::size_t left = bytes.size() - at;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return bad;
  const std::uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte is narrower after these leads: no overlong forms, surrogates, beyond U+10FFFF.
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (left < 2 || byte(1) < low || byte(1) > high) return bad;
  for (std::uint32_t i = 2; i < length; ++i)
    if (left <= i || (byte(i) & 0xC0) != 0x80) return {0xFFFD, i, false};
  const auto [codepoint, size] = valid_utf8_next(bytes, at);
  return {codepoint, size, true};
}

std::size_t utf8_next_error(std::string_view bytes, std::size_t from) noexcept {
  // Parts of whole characters, of which one with an error is looked at more closely.
  constexpr std::size_t part = 4096, longest = 4;
  while (from < bytes.size()) {
    std::size_t end = std::min(from + part, bytes.size());
    for (std::size_t i = 1; i < longest && end < bytes.size() && valid_utf8_inside(bytes, end); ++i) --end;
    if (simdjson::validate_utf8(bytes.data() + from, end - from)) {
      from = end;
      continue;
    }
    while (from < end) {
      const AnyDecoded next = utf8_next(bytes, from);
      if (!next.valid) return from;
      from += next.length;
    }
  }
  return bytes.size();
}

std::size_t utf8_first_error(std::string_view bytes) noexcept {
  return simdjson::validate_utf8(bytes.data(), bytes.size()) ? bytes.size() : utf8_next_error(bytes, 0);
}

void append_utf8(std::string& to, Codepoint codepoint) {
  if (codepoint < 0x80) {
    to += static_cast<char>(codepoint);
  } else if (codepoint < 0x800) {
    to += static_cast<char>(0xC0 | codepoint >> 6);
    to += static_cast<char>(0x80 | (codepoint & 0x3F));
  } else if (codepoint < 0x10000) {
    to += static_cast<char>(0xE0 | codepoint >> 12);
    to += static_cast<char>(0x80 | (codepoint >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (codepoint & 0x3F));
  } else {
    to += static_cast<char>(0xF0 | codepoint >> 18);
    to += static_cast<char>(0x80 | (codepoint >> 12 & 0x3F));
    to += static_cast<char>(0x80 | (codepoint >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (codepoint & 0x3F));
  }
}

bool is_blank(std::string_view valid_text) noexcept {
  for (std::size_t at = 0; at < valid_text.size();) {
    const auto [codepoint, length] = valid_utf8_next(valid_text, at);
    const CharClass c = class_of(codepoint);
    if (c != CharClass::space && c != CharClass::newline) return false;
    at += length;
  }
  return true;
}

std::uint32_t valid_utf8_half_ems(std::string_view text) noexcept {
  std::uint32_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    width += half_ems(codepoint);
    at += length;
  }
  return width;
}

namespace {

[[gnu::always_inline]] inline std::size_t length_of(std::string_view text) {
  // Sums in bytes, which do not overflow in so many steps, are vectors.
  constexpr std::size_t lanes = 64, steps = 255;
  const auto begins = [](char c) { return static_cast<unsigned char>(static_cast<signed char>(c) > -65); };
  std::size_t count = 0;
  while (text.size() >= lanes) {
    std::array<unsigned char, lanes> sums{};
    const std::size_t rounds = std::min(text.size() / lanes, steps);
    for (std::size_t i = 0; i < rounds; ++i)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        sums[lane] = static_cast<unsigned char>(sums[lane] + begins(text[i * lanes + lane]));
    for (const unsigned char sum : sums) count += sum;
    text.remove_prefix(rounds * lanes);
  }
  for (const char c : text) count += begins(c);
  return count;
}

#if defined(__x86_64__) && defined(__GNUC__)
#define INKWASH_AVX2
[[gnu::target("avx2")]] std::size_t length_of_avx2(std::string_view text) { return length_of(text); }
#endif

}  // namespace

std::size_t valid_utf8_length(std::string_view text) noexcept {
#ifdef INKWASH_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return length_of_avx2(text);
#endif
  return length_of(text);
}

}  // namespace inkwash
