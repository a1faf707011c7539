#include "stages/ends.h"

#include <bitset>
#include <cstdint>
#include <cstring>
#include <vector>

namespace inkwash::stages {

bool is_open(std::string_view text) noexcept {
  const CharClass last = last_class(text);
  return is_ideographic(last) || is_alphanumeric(last) || last == CharClass::pause || last == CharClass::open;
}

bool begins_badly(std::string_view text) noexcept {
  const CharClass first = first_class(text);
  return first == CharClass::pause || first == CharClass::stop || first == CharClass::close;
}

std::string_view joint(std::string_view left, std::string_view right) noexcept {
  const CharClass last = last_class(left), first = first_class(right);
  const bool words =
      is_alphanumeric(last) && is_alphanumeric(first) && (last == CharClass::latin || first == CharClass::latin);
  return words ? " " : "";
}

bool is_stretched(std::string_view text) noexcept {
  if (text.find(' ') == std::string_view::npos) return false;  // as most
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
    for (std::size_t at = 0; at + 2 < text.size(); ++at) {
      const auto same = [&](std::size_t i) { return static_cast<std::uint32_t>(text[at + i] == mark[i]); };
      marks += same(0) & same(1) & same(2);
    }
    return marks;
  };
  const std::uint32_t old = count_of(enumeration);
  return old >= 8 && old > 8 * count_of(comma);
}

bool has_sentence_marks(std::string_view ink) noexcept {
  for (std::size_t at = 0; at < ink.size();) {
    if (is_common_han(ink, at)) {
      at += 3;
      continue;
    }
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
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

std::size_t shared_pairs(std::string_view headline, std::string_view text) {
  const auto is_pair = [](Codepoint a, Codepoint b) {
    return class_of(a) == CharClass::han && class_of(b) == CharClass::han;
  };
  const auto key = [](Codepoint a, Codepoint b) { return std::uint64_t{a} << 32 | b; };
  // A table of places that may hold more than was put there, so that the text is looked through but once.
  std::bitset<4096> known;
  const auto place = [](Codepoint a, Codepoint b) { return (a * 0x9E3779B1u ^ b * 0x85EBCA77u) >> 20; };
  std::vector<std::uint64_t> pairs;
  Codepoint before = 0;
  for (std::size_t at = 0; at < headline.size();) {
    const auto [codepoint, length] = valid_utf8_next(headline, at);
    at += length;
    if (is_pair(before, codepoint)) {
      pairs.push_back(key(before, codepoint));
      known.set(place(before, codepoint));
    }
    before = codepoint;
  }
  std::size_t shared = 0;
  before = 0;
  for (std::size_t at = 0; at < text.size() && !pairs.empty();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (known[place(before, codepoint)]) shared += std::erase(pairs, key(before, codepoint));
    before = codepoint;
  }
  return shared;
}

}  // namespace inkwash::stages
