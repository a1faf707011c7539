#include "stages/script_signs.h"

#include <memory>
#include <string>

#include "stages/script_converter.h"

namespace inkwash::stages {

const ScriptSigns* ScriptSigns::shared() {
  static const std::unique_ptr<const ScriptSigns> shared = [] {
    const auto simplify = ScriptConverter::open("t2s"), traditionalise = ScriptConverter::open("s2t");
    if (!simplify || !traditionalise) return std::unique_ptr<const ScriptSigns>();
    std::unique_ptr<ScriptSigns> signs(new ScriptSigns);
    std::string one;
    for (Codepoint c = first_han; c < end_han; ++c) {
      one.clear();
      append_utf8(one, c);
      // The conversion out of its script does not list it among its own forms.
      signs->traditional_[c - first_han] = simplify->must_change(one);
      signs->simplified_[c - first_han] = traditionalise->must_change(one);
    }
    return std::unique_ptr<const ScriptSigns>(std::move(signs));
  }();
  return shared.get();
}

ScriptSigns::Count ScriptSigns::count(std::string_view valid_text) const noexcept {
  Count count;
  for (std::size_t at = 0; at < valid_text.size();) {
    const auto [c, length] = valid_utf8_next(valid_text, at);
    at += length;
    if (c < first_han || c >= end_han) continue;
    count.simplified += simplified_[c - first_han];
    count.traditional += traditional_[c - first_han];
  }
  return count;
}

}  // namespace inkwash::stages
