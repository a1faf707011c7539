#include "stages/seams_noise.h"

namespace inkwash::stages {

std::string_view SeamNoise::without(std::string_view text) const noexcept {
  bool any = false;  // anything but marks
  for (std::size_t at = 0; at < text.size() && !any;) {
    const auto [c, length] = valid_utf8_next(text, at);
    any = class_of(c) != CharClass::space && !contains(marks_, c);
    at += length;
  }
  return any ? text.substr(before(text), text.size() - before(text) - after(text)) : std::string_view();
}

std::size_t SeamNoise::before(std::string_view text) const noexcept {
  std::size_t noise = 0;
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, length] = valid_utf8_next(text, at);
    at += length;
    if (class_of(c) == CharClass::space) {
      if (any) noise = at;
      continue;
    }
    if (!contains(marks_, c)) break;
    any = true;
    if (contains(rules_, c)) noise = at;
  }
  return noise;
}

std::size_t SeamNoise::after(std::string_view text) const noexcept {
  std::size_t noise = 0;
  bool any = false;
  for (std::size_t at = text.size(); at > 0;) {
    const auto [c, length] = valid_utf8_previous(text, at);
    at -= length;
    if (class_of(c) == CharClass::space) {
      if (any) noise = text.size() - at;
      continue;
    }
    if (!contains(marks_, c)) break;
    any = true;
    if (contains(rules_, c)) noise = text.size() - at;
  }
  return noise == text.size() ? 0 : noise;
}

}  // namespace inkwash::stages
