#include "stages/script_signs.h"

#include <algorithm>
#include <memory>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/Exception.hpp>
#include <opencc/Lexicon.hpp>
#include <string>

namespace inkwash::stages {
namespace {

/// OpenCC's dictionary of characters. The phrases take twenty times as long to load and hold no single character.
opencc::LexiconPtr characters(const std::string& file) {
  const std::string dict = R"({"type": "ocd2", "file": ")" + file + "\"}";
  opencc::Config config;
  return config
      .NewFromString(R"({"segmentation": {"type": "mmseg", "dict": )" + dict + R"(}, "conversion_chain": [{"dict": )" +
                         dict + "}]}",
                     "")
      ->GetConversionChain()
      ->GetConversions()
      .front()
      ->GetDict()
      ->GetLexicon();
}

/// Calls found(character) for each that is converted and is no form of itself.
template <typename Found>
void for_each_sign(const std::string& file, Found found) {
  const opencc::LexiconPtr entries = characters(file);
  for (const auto& entry : *entries) {
    const std::string key = entry->Key();
    const std::vector<std::string> forms = entry->Values();
    const auto [codepoint, length] = valid_utf8_next(key, 0);
    if (length == key.size() && std::find(forms.begin(), forms.end(), key) == forms.end()) found(codepoint);
  }
}

}  // namespace

const ScriptSigns* ScriptSigns::shared() {
  static const std::unique_ptr<const ScriptSigns> shared = [] {
    std::unique_ptr<ScriptSigns> signs(new ScriptSigns);
    const auto mark = [](auto& characters) {
      return [&characters](Codepoint c) {
        if (c >= first_han && c < end_han) characters.set(c - first_han);
      };
    };
    try {
      for_each_sign("TSCharacters.ocd2", mark(signs->traditional_));
      for_each_sign("STCharacters.ocd2", mark(signs->simplified_));
    } catch (const opencc::Exception&) {  // no std::exception
      signs.reset();
    } catch (const std::exception&) {
      signs.reset();
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
