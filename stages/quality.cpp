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

/// The script of a text by the characters that only one has. `mixed` is the share of the rarer from which
/// both are there.
std::string_view script_of(std::string_view text, const Quality& counts, double mixed) {
  if (counts.ideographs == 0) return counts.latin_letters > 0 ? "latin" : "none";
  const stages::ScriptSigns* const signs = stages::ScriptSigns::shared();
  if (signs == nullptr) return "none";
  constexpr std::size_t enough = 1u << 16;
  if (text.size() > enough) text = text.substr(0, valid_utf8_floor(text, enough));
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
  const auto read = [&](const std::string& name, Sign& sign) {
    sign.weight = settings.number(name + ".weight", 0, 1);
    sign.full_at = settings.number(name + ".full_at", 1e-6, 1e6);
  };
  read("repaired", judge.repaired_);
  read("strange", judge.strange_);
  read("open", judge.open_);
  read("in_turn", judge.in_turn_);
  read("notes", judge.notes_);
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
    quality.open_paragraphs +=
        stages::is_open(ink) && (line.width > longest_headline || stages::has_sentence_marks(ink));
  }
  std::uint64_t in_turn = 0;  // lines of columns that were read in turn
  for (const RuleCount& count : document.counts()) {
    if (count.stage == "ocr") quality.repaired += count.edits;
    if (count.stage == "interleave") in_turn += count.edits;
  }
  // What says how sure a correction is says nothing new of the text.
  const auto notes = std::count_if(document.diagnostics().begin(), document.diagnostics().end(),
                                   [](const Diagnostic& diagnostic) { return diagnostic.rule != "ocr.choice"; });
  quality.script = script_of(text, quality, mixed_);
  if (quality.paragraphs == 0) return quality;
  // The first few of a sign say the most.
  const auto risk = [](const Sign& sign, double amount) {
    return sign.weight * std::sqrt(std::min(1.0, amount / sign.full_at));
  };
  const auto paragraphs = static_cast<double>(quality.paragraphs);
  quality.score = 1 - std::min(1.0, risk(repaired_, static_cast<double>(quality.repaired)) +
                                        risk(strange_, static_cast<double>(quality.strange)) +
                                        risk(open_, static_cast<double>(quality.open_paragraphs) / paragraphs) +
                                        risk(in_turn_, static_cast<double>(in_turn) / paragraphs) +
                                        risk(notes_, static_cast<double>(notes) / paragraphs));
  return quality;
}

}  // namespace inkwash
