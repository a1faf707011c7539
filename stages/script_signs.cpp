#include "stages/script_signs.h"

#include <cstring>
#include <memory>
#include <string>

#include "stages/script_embedded.h"
#include "stages/script_opencc.h"

namespace inkwash::stages {

const ScriptSigns* ScriptSigns::shared() {
  static const std::unique_ptr<const ScriptSigns> shared = [] {
    std::unique_ptr<ScriptSigns> signs(new ScriptSigns);
    const auto read = [](std::string_view dictionary, Bits& to) {
      if (const std::string_view image = embedded_script(dictionary); image.size() == sizeof to) {
        std::memcpy(to.data(), image.data(), sizeof to);
        return true;
      }
      const auto characters = characters_converted(std::string(dictionary));
      if (characters) to = bits_of(*characters);
      return characters.has_value();
    };
    if (!read(simplified_characters, signs->simplified_) || !read(traditional_characters, signs->traditional_))
      signs.reset();
    return std::unique_ptr<const ScriptSigns>(std::move(signs));
  }();
  return shared.get();
}

ScriptSigns::Count ScriptSigns::count(std::string_view valid_text) const noexcept {
  const auto has = [](const Bits& bits, Codepoint c) { return bits[(c - first_han) / 64] >> (c - first_han) % 64 & 1; };
  Count count;
  for (std::size_t at = 0; at < valid_text.size();) {
    const auto [c, length] = valid_utf8_next(valid_text, at);
    at += length;
    if (c < first_han || c >= end_han) continue;
    count.simplified += has(simplified_, c);
    count.traditional += has(traditional_, c);
  }
  return count;
}

}  // namespace inkwash::stages
