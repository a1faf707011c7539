#include "stages/punctuation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { dash, ellipsis, interpunct, quote };
constexpr RuleInfo rule_list[] = {
    {"punctuation.dash", "dashes in one form", Effect::character},
    {"punctuation.ellipsis", "ellipses in one form", Effect::character},
    {"punctuation.interpunct", "one form of the mark between the parts of a foreign name", Effect::character},
    {"punctuation.quote", "quotation marks of one kind", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"marks", "true", "dashes, ellipses and interpuncts in one form"},
    {"quotes", "keep", "keep, curly (“ ”) or corner (「 」)"},
};

class PunctuationStage final : public Stage {
 public:
  explicit PunctuationStage(Settings& settings) {
    if (settings.option_flag("marks", true)) {
      add_group(settings, "dash", dash, false);
      add_group(settings, "ellipsis", ellipsis, false);
      add_group(settings, "interpunct", interpunct, true);
    }
    const std::string quotes = settings.option("quotes", "keep");
    if (quotes == "curly" || quotes == "corner") {
      const std::vector<std::string> curly = settings.strings("quotes.curly"),
                                     corner = settings.strings("quotes.corner");
      if (curly.size() != corner.size()) settings.error("quotes", "curly and corner must have as many marks");
      const bool to_curly = quotes == "curly";
      for (std::size_t i = 0; i < std::min(curly.size(), corner.size()); ++i)
        forms_.push_back({to_curly ? corner[i] : curly[i], to_curly ? curly[i] : corner[i], quote, false});
      const std::vector<std::string>& wanted = to_curly ? curly : corner;
      if (wanted.size() >= 2) typed_ = {wanted[0], wanted[1]};
    } else if (quotes != "keep") {
      settings.error("stage punctuation", fmt::format("quotes is keep, curly or corner, not '{}'", quotes));
    }
    // The longest form that stands at a place is the one that is meant.
    std::stable_sort(forms_.begin(), forms_.end(),
                     [](const Form& a, const Form& b) { return a.from.size() > b.from.size(); });
    for (const Form& form : forms_) begins_[static_cast<unsigned char>(form.from.front())] = true;
  }

  const StageInfo& info() const noexcept override { return punctuation_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    for (std::size_t at = 0; at < text.size();) {
      const Form* const form = begins_[static_cast<unsigned char>(text[at])] ? form_at(text, at) : nullptr;
      if (form == nullptr) {
        at += valid_utf8_next(text, at).length;
        continue;
      }
      const std::size_t end = at + form->from.size();
      if (form->from != form->to)
        proposal.replace({static_cast<ByteOffset>(at), static_cast<ByteOffset>(end)}, form->to, form->rule);
      at = end;
    }
    if (!typed_[0].empty())
      for (const Line& line : document.lines()) pair_typed(text, line.ink, proposal);
  }

 private:
  struct Form {
    std::string from, to;
    RuleIndex rule;
    bool between;  ///< only between two ideographs
  };

  /// The marks " of a line that opens as many as it closes, where they stand in Chinese text. A single one is an inch
  /// or a mistake.
  void pair_typed(std::string_view text, TextRange line, Proposal& proposal) const {
    std::vector<ByteOffset> marks;
    for (std::size_t at = text.find('"', line.begin); at < line.end; at = text.find('"', at + 1))
      marks.push_back(static_cast<ByteOffset>(at));
    if (marks.size() % 2 != 0) return;
    for (std::size_t i = 0; i < marks.size(); i += 2) {
      const ByteOffset open = marks[i], close = marks[i + 1];
      bool chinese = close + 1 < line.end && is_cjk(class_of(valid_utf8_next(text, close + 1).codepoint));
      for (std::size_t at = open > line.begin ? open - valid_utf8_previous(text, open).length : open;
           at < close && !chinese;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        chinese = is_cjk(class_of(codepoint));
        at += length;
      }
      if (!chinese || close == open + 1) continue;
      proposal.replace({open, open + 1}, typed_[0], quote);
      proposal.replace({close, close + 1}, typed_[1], quote);
    }
  }

  /// A group of forms, of which the first is the one that is wanted.
  void add_group(Settings& settings, std::string_view key, RuleIndex rule, bool between) {
    const std::vector<std::string> forms = settings.strings(key);
    for (const std::string& form : forms) {
      if (form.empty()) settings.error(std::string(key), "an empty form");
      if (!form.empty()) forms_.push_back({form, forms.front(), rule, between});
    }
  }

  const Form* form_at(std::string_view text, std::size_t at) const {
    for (const Form& form : forms_)
      if (text.substr(at).starts_with(form.from) && fits(text, at, form)) return &form;
    return nullptr;
  }

  /// In Chinese text: what stands next to it is written without spaces.
  static bool fits(std::string_view text, std::size_t at, const Form& form) {
    const std::size_t end = at + form.from.size();
    // A longer run of them is something else: .... is no … and a full stop.
    const char first = form.from.front();
    if ((first == '.' || first == '-') &&
        ((at > 0 && text[at - 1] == first) || (end < text.size() && text[end] == first)))
      return false;
    const CharClass before = at > 0 ? class_of(valid_utf8_previous(text, at).codepoint) : CharClass::newline;
    const CharClass after = end < text.size() ? class_of(valid_utf8_next(text, end).codepoint) : CharClass::newline;
    if (form.between) return before == CharClass::han && after == CharClass::han;
    return is_cjk(before) || is_cjk(after);
  }

  std::vector<Form> forms_;
  std::array<std::string, 2> typed_;  ///< what " stands for, opening and closing; empty: it stays
  std::array<bool, 256> begins_{};    // first bytes of forms
};

}  // namespace

const StageInfo punctuation_info{"punctuation",
                                 "writes dashes, ellipses, interpuncts and quotation marks in one way",
                                 rule_list,
                                 option_list,
                                 1,
                                 false,
                                 Scope::line};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_punctuation(const StageOptions& options, const Rules& rules) {
  Settings settings("punctuation", options, rules, "punctuation.toml");
  auto stage = std::make_unique<PunctuationStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
