#include "stages/ends.h"

#include <cstdint>
#include <cstring>

namespace inkwash::stages {

bool is_open(std::string_view text) noexcept {
  const CharClass last = last_class(text);
  return is_ideographic(last) || is_alphanumeric(last) || last == CharClass::pause || last == CharClass::open;
}

bool begins_badly(std::string_view text) noexcept {
  const CharClass first = first_class(text);
  return first == CharClass::pause || first == CharClass::stop || first == CharClass::close;
}

bool is_stretched(std::string_view text) noexcept {
  std::size_t characters = 0, gaps = 0;
  char before = 0;
  for (const char c : text) {
    gaps += c == ' ' && before != ' ';
    characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 && c != ' ';
    before = c;
  }
  return characters >= 3 && gaps + 1 >= characters;
}

bool has_old_punctuation(std::string_view text) noexcept {
  constexpr std::size_t enough = 1u << 16;
  constexpr std::string_view enumeration = "、", comma = "，";
  text = text.substr(0, enough);
  // Bytes are compared one by one, which the compiler makes vectors of.
  const auto count_of = [&](std::string_view mark) {
    std::uint32_t marks = 0;
    for (std::size_t at = 0; at + 2 < text.size(); ++at)
      marks += static_cast<std::uint32_t>((text[at] == mark[0]) & (text[at + 1] == mark[1]) & (text[at + 2] == mark[2]));
    return marks;
  };
  const std::uint32_t old = count_of(enumeration);
  return old >= 8 && old > 8 * count_of(comma);
}

bool has_sentence_marks(std::string_view ink) noexcept {
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    const CharClass c = class_of(codepoint);
    constexpr Codepoint colon = U'：';  // which notes and sources have
    if ((c == CharClass::pause && codepoint != colon) || c == CharClass::stop) return true;
    at += length;
  }
  return false;
}

bool has_space(std::string_view text) noexcept {
  constexpr std::string_view ideographic = "\u3000";
  return text.find(' ') != std::string_view::npos || text.find(ideographic) != std::string_view::npos ||
         text.find('\t') != std::string_view::npos;
}

std::size_t find(std::string_view text, std::string_view part) noexcept {
  const void* const at = ::memmem(text.data(), text.size(), part.data(), part.size());
  return at == nullptr ? std::string_view::npos
                       : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

std::size_t shared_pairs(std::string_view headline, std::string_view text) noexcept {
  std::size_t pairs = 0;
  for (std::size_t at = 0; at < headline.size();) {
    const auto [codepoint, length] = valid_utf8_next(headline, at);
    if (at + length >= headline.size()) break;
    const auto [after, after_length] = valid_utf8_next(headline, at + length);
    if (class_of(codepoint) == CharClass::han && class_of(after) == CharClass::han)
      pairs += find(text, headline.substr(at, length + after_length)) != std::string_view::npos;
    at += length;
  }
  return pairs;
}

}  // namespace inkwash::stages
