#include "stages/latin.h"

#include <utility>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_small(static_cast<char>(c | 0x20)); }

/// The last word with what stands after it, in small letters.
std::string last_word(std::string_view ink) {
  const std::size_t space = ink.rfind(' ');
  std::string word(space == std::string_view::npos ? ink : ink.substr(space + 1));
  for (char& c : word)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return word;
}

}  // namespace

LatinLines::LatinLines(Settings& settings) {
  widths_.fill(1);
  constexpr std::array<const char*, 7> classes{"hair", "narrow", "small", "letter", "capital", "wide", "widest"};
  for (const char* of : classes) {
    const std::string key = std::string("width.") + of;
    const float width = settings.cost(key);
    for (const char32_t codepoint : settings.characters(std::string("letters.") + of))
      if (codepoint < widths_.size()) widths_[codepoint] = width;
  }
  for (std::string& word : settings.strings("words.open")) open_.insert(std::move(word));
  for (std::string& word : settings.strings("words.abbreviations")) abbreviations_.insert(std::move(word));
}

float LatinLines::width_of(std::string_view ink) const noexcept {
  float width = 0;
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    width += codepoint < widths_.size() ? widths_[codepoint] : static_cast<float>(half_ems(codepoint));
    at += length;
  }
  return width;
}

float LatinLines::first_word_width(std::string_view ink) const noexcept {
  std::size_t end = ink.find(' ');
  if (end == std::string_view::npos) end = ink.size();
  if (const std::size_t dash = ink.find('-'); dash > 0 && dash < end) end = dash + 1;
  return width_of(ink.substr(0, end));
}

bool LatinLines::begins_small(std::string_view ink) noexcept { return is_small(ink.front()); }

bool LatinLines::begins_with_capital(std::string_view ink) noexcept {
  if (ink.front() == '"' || ink.starts_with("“")) return true;
  if (ink.front() < 'A' || ink.front() > 'Z') return false;
  return ink.front() != 'I' || (ink.size() > 1 && is_letter(ink[1]));
}

bool LatinLines::ends_openly(std::string_view ink) const { return open_.contains(last_word(ink)); }

bool LatinLines::ends_in_abbreviation(std::string_view ink) const {
  return ink.back() == '.' && abbreviations_.contains(last_word(ink.substr(0, ink.size() - 1)));
}

bool LatinLines::ends_in_word(std::string_view ink) noexcept {
  return ink.size() >= 3 && ink.back() == '-' && is_letter(ink[ink.size() - 2]) && is_letter(ink[ink.size() - 3]);
}

}  // namespace inkwash::stages
