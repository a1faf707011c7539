#include "stages/normalize.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <unordered_map>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { nfc, radicals, presentation, fullwidth, invisible, spaces, controls, line_ends, entities };
constexpr RuleInfo rule_list[] = {
    {"normalize.nfc", "canonical composition", Effect::character},
    {"normalize.radicals", "a radical that stands for an ideograph", Effect::character},
    {"normalize.presentation", "a vertical, small or half-width form, a ligature", Effect::character},
    {"normalize.fullwidth", "a full-width letter or digit", Effect::character},
    {"normalize.invisible", "drop an invisible character", Effect::drop},
    {"normalize.spaces", "white space of another width", Effect::space},
    {"normalize.controls", "drop a control character", Effect::drop},
    {"normalize.line-ends", "a line end other than LF", Effect::character},
    {"normalize.entities", "an HTML entity", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"nfc", "true", "canonical composition"},
    {"radicals", "true", "radicals that stand for ideographs"},
    {"presentation", "true", "vertical, small and half-width forms, ligatures"},
    {"fullwidth", "true", "full-width letters and digits to ASCII"},
    {"invisible", "true", "drop invisible characters"},
    {"spaces", "true", "white space of other widths to U+0020"},
    {"controls", "true", "drop control characters"},
    {"line_ends", "true", "line ends to LF"},
    {"entities", "true", "HTML entities"},
};

class NormalizeStage final : public Stage {
 public:
  NormalizeStage(Settings& settings, const Rules& rules) {
    for (std::size_t i = 0; i < on_.size(); ++i) {
      const std::string name(option_list[i].name);
      on_[i] = settings.option_flag(name, settings.flag("classes." + name));
    }
    settings.table(rules, "normalize.tsv", 3, [&](Settings::Row fields) {
      char32_t from = 0;
      std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), reinterpret_cast<std::uint32_t&>(from),
                      16);
      forms_[from] = {std::string(fields[1]), fields[2] == "radicals" ? radicals : presentation};
    });
    settings.table(rules, "entities.tsv", 2, [&](Settings::Row fields) {
      std::uint32_t codepoint = 0;
      std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), codepoint, 16);
      entities_[std::string(fields[0])] = codepoint;
    });
    UErrorCode status = U_ZERO_ERROR;
    nfc_ = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) settings.error("ICU", u_errorName(status));
    // Lead bytes of characters that may have to change; all others are passed over.
    for (int lead = 0; lead < 0x20; ++lead) look_[static_cast<std::size_t>(lead)] = lead != '\t' && lead != '\n';
    for (const int lead : {0x7F, int{'&'}, 0xC2, 0xCC, 0xCD, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0})
      look_[static_cast<std::size_t>(lead)] = true;
    // Full-width commas and the like, unless the rules have other forms for them.
    for (char32_t mark = 0xFF00; mark <= 0xFF20; ++mark)
      if (mark < 0xFF10 || mark > 0xFF19)
        pass_blocks_ &= !forms_.contains(mark) && nfc_ != nullptr && nfc_->isInert(static_cast<UChar32>(mark));
  }

  const StageInfo& info() const noexcept override { return normalize_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t size = text.size();
    for (std::size_t at = 0, checked = 0; at < size;) {
      if (at >= checked) {
        // Where a character ends past such a block, what is left of it is passed over.
        while (pass_blocks_ && at + block + 2 <= size && !may_change(text.data() + at))
          at = valid_utf8_ceiling(text, at + block);
        if (at >= size) break;
        checked = at + block;
      }
      const unsigned char lead = byte(at);
      if (lead >= 0xE4 && lead <= 0xE9) {  // ideographs, nearly all there is
        at += 3;
        continue;
      }
      if (!look_[lead]) {
        at += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        continue;
      }
      // The commonest of those that need no change: CJK punctuation, kana, quotation marks, dashes.
      if (lead == 0xE3 && !(byte(at + 1) == 0x82 && (byte(at + 2) == 0x99 || byte(at + 2) == 0x9A))) {
        at += 3;
        continue;
      }
      if (lead == 0xE2 && byte(at + 1) == 0x80 && byte(at + 2) >= 0x90 && byte(at + 2) <= 0xA7) {
        at += 3;
        continue;
      }
      at = look(text, at, proposal);
    }
  }

 private:
  static constexpr std::size_t block = 64;  ///< bytes

  /// Whether a character that begins in a block may have to change: most blocks have none. Two bytes past the block are
  /// read.
  [[nodiscard]] bool may_change(const char* text) const noexcept {
    using Bytes [[gnu::vector_size(16)]] = std::uint8_t;
    const auto load = [](const char* from) {
      Bytes bytes;
      std::memcpy(&bytes, from, sizeof bytes);
      return bytes;
    };
    const auto is = [](Bytes bytes, std::uint8_t what) { return Bytes(bytes == what); };
    const auto is_from = [](Bytes bytes, std::uint8_t first, std::uint8_t last) {
      return Bytes(bytes - first <= static_cast<std::uint8_t>(last - first));
    };
    Bytes any{};
    for (std::size_t i = 0; i < block; i += sizeof any) {
      const Bytes a = load(text + i), b = load(text + i + 1), c = load(text + i + 2);
      // The lead bytes of look_, without those of characters that need no change, as in propose().
      any |= (is_from(a, 0, 0x1F) & ~is_from(a, '\t', '\n')) | is(a, 0x7F) | is(a, '&') | is(a, 0xC2) |
             is_from(a, 0xCC, 0xCD) | is(a, 0xE1) | is(a, 0xF0);
      any |= is(a, 0xE2) & ~(is(b, 0x80) & is_from(c, 0x90, 0xA7));
      any |= is(a, 0xE3) & is(b, 0x82) & is_from(c, 0x99, 0x9A);
      any |= is(a, 0xEF) & ~(is(b, 0xBC) & (is_from(c, 0x80, 0x8F) | is_from(c, 0x9A, 0xA0)));
    }
    std::array<std::uint64_t, 2> words;
    std::memcpy(words.data(), &any, sizeof words);
    return (words[0] | words[1]) != 0;
  }

  /// Looks at the character at `at`; returns where to go on.
  std::size_t look(std::string_view text, std::size_t at, Proposal& proposal) const {
    const auto [c, length] = valid_utf8_next(text, at);
    const TextRange range{static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + length)};
    const std::size_t next = at + length;
    const auto put = [&](RuleIndex rule, std::string_view replacement) {
      if (on_[rule]) proposal.replace(range, replacement, rule);
      return next;
    };
    if (c == U'&') return on_[entities] ? look_at_entity(text, at, proposal) : next;
    if (c == U'\r') {
      if (!on_[line_ends]) return next;
      const bool pair = next < text.size() && text[next] == '\n';
      if (pair)
        proposal.erase(range, line_ends);
      else
        proposal.replace(range, "\n", line_ends);
      return next;
    }
    if (c == 0x0B || c == 0x0C || c == 0x85 || c == 0x2028) return put(line_ends, "\n");
    if (c == 0x2029) return put(line_ends, "\n\n");
    if (c < 0x20 || (c >= 0x7F && c <= 0x9F)) return put(controls, "");
    if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x1680) return put(spaces, " ");
    if (is_invisible(text, at, c, length)) return put(invisible, "");
    if ((c >= 0xFF10 && c <= 0xFF19) || (c >= 0xFF21 && c <= 0xFF3A) || (c >= 0xFF41 && c <= 0xFF5A)) {
      if (!on_[fullwidth]) return next;
      const char ascii = static_cast<char>(c - 0xFEE0);
      proposal.transcode(range, std::string_view(&ascii, 1), 3, 1, fullwidth);
      return next;
    }
    if ((c >= 0x2E80 && c <= 0x2FDF) || c >= 0xFB00) {
      if (const auto form = forms_.find(c); form != forms_.end()) return put(form->second.rule, form->second.text);
    }
    if (on_[nfc] && nfc_ != nullptr && !nfc_->isInert(static_cast<UChar32>(c)))
      return compose(text, at, next, proposal);
    return next;
  }

  static bool is_invisible(std::string_view text, std::size_t at, Codepoint c, std::uint32_t length) {
    if (c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0x200E || c == 0x200F ||
        (c >= 0x202A && c <= 0x202E) || (c >= 0x2061 && c <= 0x2069))
      return true;
    if (c != 0x200C && c != 0x200D) return false;
    // Joiners mean something between letters of scripts that join, and in emoji.
    const auto joins = [](Codepoint other) {
      return (other >= 0x0590 && other <= 0x1FFF) || other == 0xFE0F || other >= 0x1F000 ||
             (other >= 0x2600 && other <= 0x27BF);
    };
    if (at == 0 || at + length >= text.size()) return true;
    return !joins(valid_utf8_previous(text, at).codepoint) || !joins(valid_utf8_next(text, at + length).codepoint);
  }

  /// Brings the stretch around a character that may compose into NFC.
  std::size_t compose(std::string_view text, std::size_t at, std::size_t next, Proposal& proposal) const {
    std::size_t begin = at;
    // Back to a character that nothing before can change, but not into a proposed edit.
    const std::size_t floor = proposal.edits().empty() ? 0 : proposal.edits().back().range.end;
    while (begin > floor) {
      const Decoded here = valid_utf8_next(text, begin);
      if (nfc_->hasBoundaryBefore(static_cast<UChar32>(here.codepoint))) break;
      begin -= valid_utf8_previous(text, begin).length;
    }
    std::size_t end = next;
    while (end < text.size()) {
      const Decoded here = valid_utf8_next(text, end);
      if (nfc_->hasBoundaryBefore(static_cast<UChar32>(here.codepoint))) break;
      end += here.length;
    }
    const std::string_view old = text.substr(begin, end - begin);
    const icu::UnicodeString source =
        icu::UnicodeString::fromUTF8(icu::StringPiece(old.data(), static_cast<int32_t>(old.size())));
    UErrorCode status = U_ZERO_ERROR;
    std::string composed;
    nfc_->normalize(source, status).toUTF8String(composed);
    if (U_SUCCESS(status) && composed != old)
      proposal.replace({static_cast<ByteOffset>(begin), static_cast<ByteOffset>(end)}, composed, nfc);
    return end;
  }

  struct Entity {
    Codepoint codepoint;
    std::size_t length;  ///< bytes after the '&', with the semicolon
  };
  /// The entity whose name begins at `at` (after its '&').
  std::optional<Entity> entity_at(std::string_view text, std::size_t at) const {
    constexpr std::size_t longest = 12;
    const std::size_t semicolon = text.substr(at, longest).find(';');
    if (semicolon == std::string_view::npos || semicolon == 0) return std::nullopt;
    std::string_view name = text.substr(at, semicolon);
    if (name.front() != '#') {
      const auto found = entities_.find(name);
      if (found == entities_.end()) return std::nullopt;
      return Entity{found->second, semicolon + 1};
    }
    name.remove_prefix(1);
    const bool hex = !name.empty() && (name.front() == 'x' || name.front() == 'X');
    if (hex) name.remove_prefix(1);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, hex ? 16 : 10);
    if (error != std::errc() || end != name.data() + name.size() || value == 0 || value > 0x10FFFF ||
        (value >= 0xD800 && value <= 0xDFFF))
      return std::nullopt;
    return Entity{value, semicolon + 1};
  }

  /// &lt; but also &amp;lt; (escaped twice) in one go, so that a second run finds nothing.
  std::size_t look_at_entity(std::string_view text, std::size_t at, Proposal& proposal) const {
    std::size_t end = at + 1;
    Codepoint result = U'&';
    while (result == U'&') {
      const auto entity = entity_at(text, end);
      if (!entity) break;
      result = entity->codepoint;
      end += entity->length;
    }
    if (end == at + 1) return end;
    std::string replacement;
    append_utf8(replacement, result == 0xA0 ? U' ' : result);
    proposal.replace({static_cast<ByteOffset>(at), static_cast<ByteOffset>(end)}, replacement, entities);
    return end;
  }

  struct Form {
    std::string text;
    RuleIndex rule;
  };
  std::array<bool, 9> on_{};
  std::array<bool, 256> look_{};
  bool pass_blocks_ = true;  ///< U+FF00 to U+FF0F and U+FF1A to U+FF20 need no change, as may_change() takes it
  std::unordered_map<char32_t, Form> forms_;
  std::map<std::string, char32_t, std::less<>> entities_;
  const icu::Normalizer2* nfc_ = nullptr;
};

}  // namespace

// What an entity stood for may itself have to be made ordinary: more than one round.
const StageInfo normalize_info{"normalize", "makes unusual characters ordinary ones", rule_list, option_list, 8, false,
                               Scope::line};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_normalize(const StageOptions& options, const Rules& rules) {
  Settings settings("normalize", options, rules, "normalize.toml");
  auto stage = std::make_unique<NormalizeStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
