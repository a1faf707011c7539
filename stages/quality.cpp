#include "inkwash/quality.h"

#include <algorithm>
#include <cmath>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/script_signs.h"
#include "stages/settings.h"

namespace inkwash {
namespace {

bool is_strange(CharClass c) { return c == CharClass::latin || c == CharClass::other || c == CharClass::ascii_mark; }

bool has_sentence_marks(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    const CharClass c = class_of(codepoint);
    if (c == CharClass::stop || c == CharClass::pause) return true;
    at += length;
  }
  return false;
}

/// The script of a text by the characters that only one has. `mixed` is the share of the rarer from which
/// both are there.
std::string_view script_of(std::string_view text, const Quality& counts, double mixed) {
  if (counts.ideographs == 0) return counts.latin_letters > 0 ? "latin" : "none";
  const stages::ScriptSigns* const signs = stages::ScriptSigns::shared();
  if (signs == nullptr) return "none";
  constexpr std::size_t enough = 1u << 16;
  if (text.size() > enough) {
    std::size_t end = enough;
    while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  const auto [simplified, traditional] = signs->count(text);
  if (simplified + traditional == 0) return "none";
  const auto rarer = static_cast<double>(std::min(simplified, traditional));
  if (rarer >= mixed * static_cast<double>(simplified + traditional)) return "mixed";
  return simplified > traditional ? "hans" : "hant";
}

}  // namespace

expected<Judge, ConfigErrors> Judge::make(const Rules& rules) {
  const StageOptions none;
  stages::Settings settings("quality", none, rules, "quality.toml");
  Judge judge;
  judge.repaired_ = settings.number("weight.repaired", 0, 100);
  judge.strange_ = settings.number("weight.strange", 0, 100);
  judge.open_ = settings.number("weight.open", 0, 100);
  judge.notes_ = settings.number("weight.notes", 0, 100);
  judge.mixed_ = settings.number("script.mixed", 0, 1);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return judge;
}

Quality Judge::judge(const Document& document) const {
  Quality quality;
  const std::string_view text = document.text();
  CharClass before_last = CharClass::newline, last = CharClass::newline;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    const CharClass c = class_of(codepoint);
    quality.characters += c != CharClass::space && c != CharClass::newline;
    quality.ideographs += c == CharClass::han;
    quality.latin_letters += c == CharClass::latin;
    quality.digits += c == CharClass::digit;
    quality.strange += before_last == CharClass::han && is_strange(last) && c == CharClass::han;
    before_last = last;
    last = c;
  }
  for (const Line& line : document.lines()) {
    const std::string_view ink = line.ink.of(text);
    constexpr std::uint32_t longest_headline = 60;  // half-ems
    ++quality.paragraphs;
    quality.open_paragraphs += stages::is_open(ink) && (line.width > longest_headline || has_sentence_marks(ink));
  }
  for (const RuleCount& count : document.counts())
    if (count.stage == "ocr") quality.repaired += count.edits;
  quality.script = script_of(text, quality, mixed_);
  if (quality.characters == 0) return quality;
  const auto per_hundred = [&](std::size_t count) {
    return 100 * static_cast<double>(count) / static_cast<double>(quality.characters);
  };
  const auto paragraphs = static_cast<double>(quality.paragraphs);
  const double risk = repaired_ * std::sqrt(per_hundred(quality.repaired)) +
                      strange_ * std::sqrt(per_hundred(quality.strange)) +
                      open_ * std::sqrt(static_cast<double>(quality.open_paragraphs) / paragraphs) +
                      notes_ * static_cast<double>(document.diagnostics().size()) / paragraphs;
  quality.score = 1 - std::min(1.0, risk);
  return quality;
}

}  // namespace inkwash
