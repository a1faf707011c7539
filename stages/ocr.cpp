#include "stages/ocr.h"

#include <algorithm>
#include <array>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { mark, bracket, dash };
constexpr RuleInfo rule_list[] = {
    {"ocr.mark", "an ASCII mark in Chinese text is the full-width one", Effect::character},
    {"ocr.bracket", "a bracket in Chinese text is a full-width one, of its other half's kind", Effect::character},
    {"ocr.dash", "一 beside a dash is half of a dash", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"level", "safe", "off, or safe: only what is surely misread"},
};

/// What stands beside a mark, white space not counted.
enum class Beside : std::uint8_t { nothing, chinese, digit, latin, other };

class OcrStage final : public Stage {
 public:
  explicit OcrStage(Settings& settings) : least_share_(settings.number("least_share", 0, 1)) {
    const std::string level = settings.option("level", "safe");
    if (level != "off" && level != "safe") settings.error("stage ocr", "level is off or safe, not '" + level + "'");
    on_ = level == "safe";
    for (const std::string& pair : settings.strings("marks")) {
      const std::size_t length = pair.empty() ? 0 : valid_utf8_next(pair, 0).length;
      if (length == 0 || length == pair.size())
        settings.error("ocr.toml", "a mark is written as itself and what it stands for, not as '" + pair + "'");
      else
        marks_.emplace_back(valid_utf8_next(pair, 0).codepoint, pair.substr(length));
    }
  }

  const StageInfo& info() const noexcept override { return ocr_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    if (!on_) return;
    const std::string_view text = document.text();
    if (text.find_first_of(",:;?!()") == std::string_view::npos && text.find("—") == std::string_view::npos) return;
    if (!is_chinese(text)) return;
    for (const Line& line : document.lines()) mend_line(text, line.ink, proposal);
  }

 private:
  bool is_chinese(std::string_view text) const {
    std::size_t han = 0, latin = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const CharClass c = class_of(codepoint);
      han += is_ideographic(c);
      latin += c == CharClass::latin;
      at += length;
    }
    // An ideograph says as much as two or three letters.
    return han > 0 && static_cast<double>(han) >= least_share_ * static_cast<double>(han + latin / 3);
  }

  static Beside kind(Codepoint codepoint) {
    const CharClass c = class_of(codepoint);
    if (is_cjk(c)) return Beside::chinese;
    if (c == CharClass::digit) return Beside::digit;
    if (c == CharClass::latin) return Beside::latin;
    return Beside::other;
  }
  static Beside before(std::string_view line, std::size_t at) {
    while (at > 0) {
      const auto [codepoint, length] = valid_utf8_previous(line, at);
      if (class_of(codepoint) != CharClass::space) return kind(codepoint);
      at -= length;
    }
    return Beside::nothing;
  }
  static Beside after(std::string_view line, std::size_t at) {
    while (at < line.size()) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      if (class_of(codepoint) != CharClass::space) return kind(codepoint);
      at += length;
    }
    return Beside::nothing;
  }

  void mend_line(std::string_view text, TextRange range, Proposal& proposal) const {
    const std::string_view line = range.of(text);
    if (line.find_first_of(",:;?!()") == std::string_view::npos && line.find("—") == std::string_view::npos) return;
    const auto put = [&](std::size_t at, std::size_t length, std::string_view with, RuleIndex rule) {
      const auto begin = range.begin + static_cast<ByteOffset>(at);
      proposal.replace({begin, begin + static_cast<ByteOffset>(length)}, with, rule, 99);
    };
    constexpr std::size_t none = std::string_view::npos;
    std::size_t open_at = none;  // of a bracket not closed yet
    for (std::size_t at = 0; at < line.size();) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      if (codepoint == U'(' || codepoint == U'〈' || codepoint == U'（') {
        open_at = at;
      } else if (codepoint == U'〉') {
        open_at = none;
      } else if (codepoint == U')' || codepoint == U'）') {
        mend_brackets(line, open_at, at, put);
        open_at = none;
      } else if (codepoint == U'—') {
        mend_dash(line, at, put);
      } else if (const auto found = std::find_if(marks_.begin(), marks_.end(),
                                                 [c = codepoint](const auto& entry) { return entry.first == c; });
                 found != marks_.end() && is_full_width(line, at)) {
        put(at, length, found->second, mark);
      }
      at += length;
    }
  }

  /// Chinese text stands before the mark and none that is written with ASCII marks after it.
  static bool is_full_width(std::string_view line, std::size_t at) {
    const Beside left = before(line, at);
    const Beside right = after(line, at + 1);
    if (left == Beside::chinese) return right != Beside::other;
    // 2 歲, 今年; but 1,000 and 10:30 and "Taipei, Taiwan".
    return (left == Beside::digit || left == Beside::latin) && right == Beside::chinese;
  }

  template <typename Put>
  static void mend_brackets(std::string_view line, std::size_t open, std::size_t close, const Put& put) {
    const auto opening = open == std::string_view::npos ? Decoded{0, 0} : valid_utf8_next(line, open);
    const auto closing = valid_utf8_next(line, close);
    if (opening.codepoint == 0) {
      // Its other half was lost: what it closes must be Chinese on both sides.
      if (closing.codepoint == U')' && before(line, close) == Beside::chinese &&
          after(line, close + closing.length) == Beside::chinese)
        put(close, closing.length, "）", bracket);
      return;
    }
    const std::string_view inside = line.substr(open + opening.length, close - open - opening.length);
    bool chinese = false;
    for (std::size_t at = 0; at < inside.size();) {
      const auto [codepoint, length] = valid_utf8_next(inside, at);
      chinese |= is_ideographic(class_of(codepoint));
      at += length;
    }
    if (!chinese && !(before(line, open) == Beside::chinese && after(line, close + closing.length) == Beside::chinese))
      return;
    if (opening.codepoint != U'（') put(open, opening.length, "（", bracket);
    if (closing.codepoint != U'）') put(close, closing.length, "）", bracket);
  }

  /// 一— and —一 are —— where that has only one half.
  template <typename Put>
  static void mend_dash(std::string_view line, std::size_t at, const Put& put) {
    constexpr std::string_view em = "—", one = "一";
    const std::string_view left = line.substr(0, at), right = line.substr(at + em.size());
    if (left.ends_with(em) || right.starts_with(em)) return;
    if (left.ends_with(one))
      put(at - one.size(), one.size(), em, dash);
    else if (right.starts_with(one))
      put(at + em.size(), one.size(), em, dash);
  }

  double least_share_;
  bool on_ = true;
  std::vector<std::pair<Codepoint, std::string>> marks_;
};

}  // namespace

const StageInfo ocr_info{"ocr", "mends what recognition misread", rule_list, option_list};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_ocr(const StageOptions& options, const Rules& rules) {
  Settings settings("ocr", options, rules, "ocr.toml");
  auto stage = std::make_unique<OcrStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
