#include "stages/names.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/ends.h"

namespace inkwash::stages {

Names::Names(Settings& settings, const StageOptions& options, const Rules& rules) {
  Settings file("names", options, rules, "names.toml");
  surnames_ = file.characters("single");
  for (const char32_t surname : surnames_)
    if (surname < single_.size()) single_.set(surname);
  compound_ = file.strings("compound");
  roles_ = file.strings("roles");
  for (const std::string& role : roles_) shortest_role_ = std::min(shortest_role_, role.size());
  tight_ = file.strings("tight");
  ends_ = file.characters("ends");
  for (ConfigError& error : file.take_errors()) settings.error(std::move(error.where), std::move(error.message));
}

bool Names::ends_list(char32_t codepoint) const noexcept { return contains(ends_, codepoint); }

bool Names::ends_with_role(std::string_view text) const noexcept {
  if (text.size() < shortest_role_) return false;
  return std::any_of(roles_.begin(), roles_.end(), [&](const std::string& role) { return text.ends_with(role); });
}

bool Names::ends_with_tight_role(std::string_view text) const noexcept {
  return std::any_of(tight_.begin(), tight_.end(), [&](const std::string& role) { return text.ends_with(role); });
}

bool Names::is_name(std::string_view text) const noexcept {
  std::size_t ideographs = 0;
  bool compound = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (!is_ideographic(class_of(codepoint))) return false;
    if (at == 0) {
      compound = std::any_of(compound_.begin(), compound_.end(),
                             [&](const std::string& name) { return text.starts_with(name); });
      if (!compound && !is_surname(codepoint)) return false;
    }
    ++ideographs;
    at += length;
  }
  return ideographs >= (compound ? 3u : 2u) && ideographs <= (compound ? 4u : 3u);
}

bool Names::list_open(std::string_view text) const noexcept {
  // A list begins with a role's word: without one near the end there is none.
  constexpr std::size_t near = 120;
  if (text.size() > near) text.remove_prefix(valid_utf8_ceiling(text, text.size() - near));
  // Names are short: walk back over names and spaces to the word that began the list.
  for (int names = 0; names < 8; ++names) {
    if (ends_with_role(text)) return true;
    const std::size_t space = text.rfind(' ');
    std::string_view last = space == std::string_view::npos ? text : text.substr(space + 1);
    if (is_name(last)) {
      if (space == std::string_view::npos) return false;
      text = text.substr(0, space);
      continue;
    }
    // 记者杨依军: the first name may follow the word without a space.
    for (const std::string& role : roles_) {
      if (last.size() <= role.size() || find(last, role) == std::string_view::npos) continue;
      const std::size_t at = last.rfind(role);
      std::string_view name = last.substr(at + role.size());
      for (const std::string_view colon : {"：", ":"})
        if (name.starts_with(colon)) name.remove_prefix(colon.size());
      if (is_name(name)) return true;
    }
    return false;
  }
  return false;
}

bool Names::begins_with_name(std::string_view text) const noexcept {
  std::size_t at = 0;
  if (text.empty() || !is_surname(valid_utf8_next(text, 0).codepoint)) return false;
  while (at < text.size()) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (!is_ideographic(class_of(codepoint))) {
      return (ends_list(codepoint) || codepoint == U' ') && is_name(text.substr(0, at));
    }
    at += length;
    if (at > 4 * 4) return false;
  }
  return is_name(text);
}

}  // namespace inkwash::stages
