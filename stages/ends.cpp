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

std::size_t shared_pairs(std::string_view headline, std::span<const std::string_view> text) {
  // `before`: the ideograph behind which the part begins; 0: none.
  const auto for_each_pair = [](std::string_view part, Codepoint& before, const auto& see) {
    for (std::size_t at = 0; at < part.size();) {
      const bool is_common = is_common_han(part, at);
      const auto [codepoint, length] = valid_utf8_next(part, at);
      at += length;
      const bool is_ideograph = is_common || class_of(codepoint) == CharClass::han;
      if (is_ideograph && before != 0) see(std::uint64_t{before} << 32 | codepoint);
      before = is_ideograph ? codepoint : 0;
    }
  };
  // A table of places that may hold more than was put there, so that the text is looked through but once.
  std::bitset<4096> known;
  const auto place = [](std::uint64_t pair) { return pair * 0x9E3779B97F4A7C15u >> 52; };
  std::vector<std::uint64_t> pairs;
  pairs.reserve(headline.size() / 3);
  Codepoint before = 0;
  for_each_pair(headline, before, [&](std::uint64_t pair) {
    pairs.push_back(pair);
    known.set(place(pair));
  });
  if (pairs.empty()) return 0;
  std::size_t shared = 0;
  before = 0;
  for (const std::string_view part : text)
    for_each_pair(part, before, [&](std::uint64_t pair) {
      if (known[place(pair)]) shared += std::erase(pairs, pair);
    });
  return shared;
}

}  // namespace inkwash::stages
