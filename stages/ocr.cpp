#include "stages/ocr.h"

#include <algorithm>
#include <array>
#include <span>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/names.h"
#include "stages/ocr_characters.h"
#include "stages/ocr_marks.h"
#include "stages/ocr_quotes.h"
#include "stages/ocr_rules.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

using ocr::Characters;
using ocr::Marks;
using ocr::Quotes;

constexpr RuleInfo rule_list[] = {
    {"ocr.mark", "an ASCII mark in Chinese text is the full-width one", Effect::character},
    {"ocr.stop", "a point in Chinese text that was typed with ASCII marks, or at a paragraph's end, is a full stop",
     Effect::character},
    {"ocr.lost_stop", "the full stop that recognition lost at the end of a paragraph of several lines",
     Effect::character},
    {"ocr.lost_mark", "a mark that recognition lost at the end of a line of a column", Effect::character},
    {"ocr.bracket",
     "a bracket or quotation mark in Chinese text is a full-width one, of its other half's kind; the one that a list's "
     "number has lost",
     Effect::character},
    {"ocr.half", "a bracket beside another one has no other half", Effect::drop},
    {"ocr.quote", "quotation marks that stand the wrong way round: one of a row that all open, or both of a pair",
     Effect::character},
    {"ocr.other_half", "the one thing that may be the other half of a quotation mark that has none", Effect::character},
    {"ocr.nested", "double quotation marks within a quotation are single ones", Effect::character},
    {"ocr.ellipsis", "four points or more in Chinese text that was recognised are an ellipsis", Effect::character},
    {"ocr.dash",
     "一 or - beside a dash is half of a dash, 一一 where no numeral stands and nothing between two years a whole one; "
     "half a dash or a hyphen is 一 where the text wants that",
     Effect::character},
    {"ocr.numeral", "O or 0 among Chinese numerals is 〇; a letter among digits is a digit, a digit in a word a letter",
     Effect::character},
    {"ocr.doubled",
     "a full stop or 、 beside another mark, or a comma between a full stop and a closing quotation mark, was read "
     "from its shadow",
     Effect::drop},
    {"ocr.shadow", "a stop or quotation mark in mid-sentence at a line's end or beginning was read in the gutter",
     Effect::drop},
    {"ocr.inserted", "a character that recognition adds where none is", Effect::drop},
    {"ocr.noise", "a line of a few letters in Chinese text that was recognised", Effect::drop},
    {"ocr.confused", "a mark between ideographs that recognition took for another", Effect::character},
    {"ocr.parts", "two characters that recognition read for the one whose parts they are", Effect::character},
    {"ocr.word", "a character that makes no word of two, and that recognition takes for the one that does",
     Effect::character},
    {"ocr.character", "a character that recognition took for another", Effect::character},
    {"ocr.choice", "what a character was corrected to, how sure that is, and what else it may be", Effect::note},
    {"ocr.suspect", "a character that may be misread: left as it is", Effect::note},
};
constexpr OptionInfo option_list[] = {
    {"level", "safe", "off; safe: only what is surely misread; full: the best guess"},
};

class OcrStage final : public Stage {
 public:
  OcrStage(Settings& settings, const Rules& rules)
      : on_(settings.option("level", "safe") != "off"),
        full_(settings.option("level", "safe") == "full"),
        model_(CoherenceModel::of(settings, rules)),
        names_(settings, {}, rules),
        marks_(settings, model_, names_),
        quotes_(settings),
        characters_(settings, rules, model_, names_, full_),
        least_share_(settings.number("least_share", 0, 1)),
        sample_(static_cast<std::size_t>(settings.number("character.sample", 1, 1e6))),
        least_sample_(static_cast<std::size_t>(settings.number("character.least_sample", 0, 1e6))),
        surprising_(static_cast<float>(settings.number("character.surprising", -100, 0))),
        most_surprises_(settings.number(full_ ? "character.most_surprises_full" : "character.most_surprises", 0, 1)),
        least_misread_(settings.number("mark.least_misread", 0, 100)),
        evidence_(static_cast<std::size_t>(settings.number("character.evidence", 1, 1e6))),
        evidence_quotes_(static_cast<std::size_t>(settings.number("character.evidence_quotes", 1, 1e6))) {
    const std::string level = settings.option("level", "safe");
    if (level != "off" && level != "safe" && level != "full")
      settings.error("stage ocr", "level is off, safe or full, not '" + level + "'");
  }

  const StageInfo& info() const noexcept override { return ocr_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    if (!on_) return;
    const std::string_view text = document.text();
    // Marks and figures that were misread tell that the text was recognised, and only then characters are doubted.
    const Quotes::Misread misread = quotes_.misread_in(document);
    const auto& [quotes, turned, swapped] = misread;
    const std::span<const Line> lines = document.lines();
    const auto has_marks = [&](const Line& line) { return Marks::has_marks(text, line); };
    const auto has_letters = [](const Line& line) { return line.has(CharClass::latin); };
    // But what makes no word is doubted anywhere; a hundred years ago words were written in other ways.
    const bool misread_words = characters_.has_misread_words(text) && !has_old_punctuation(text);
    if (!full_ && quotes.size() < evidence_quotes_ && turned.empty() && swapped.empty() && !misread_words &&
        std::ranges::none_of(lines, has_marks) && std::ranges::none_of(lines, has_letters))
      return;
    if (!is_chinese(text)) return;
    std::size_t opened = std::string_view::npos;  // a bracket, in the line above
    for (const Line& line : lines) {
      if (line.blanks_before > 0) opened = std::string_view::npos;
      opened = has_marks(line) ? marks_.mend_line(text, line.ink, opened, proposal) : std::string_view::npos;
    }
    for (const Line& line : lines)
      if (has_letters(line)) marks_.mend_digits(text, line.ink, Marks::Figures::sure, proposal);
    std::vector<ByteOffset> taken;  // by an edit of its line
    for (const Edit& edit : proposal.edits()) taken.push_back(edit.range.begin);
    std::ranges::sort(taken);
    const auto turn = [&](ByteOffset at) {
      constexpr std::string_view opening = "“", closing = "”";
      if (!std::ranges::binary_search(taken, at))
        proposal.replace({at, at + static_cast<ByteOffset>(opening.size())},
                         text.substr(at).starts_with(opening) ? closing : opening, ocr::quote, 95);
    };
    std::ranges::for_each(turned, turn);
    const bool typed = quotes.size() < evidence_quotes_ && Marks::is_typed(text);
    const bool recognised = (proposal.edits().size() >= evidence_ && !typed) || quotes.size() >= evidence_quotes_;
    const bool misreads = !typed && misreads_marks(text, proposal);
    std::ranges::for_each(swapped, turn);
    if (typed)
      for (const Line& line : lines) marks_.mend_points(text, line.ink, proposal);
    if (recognised) {
      for (std::size_t n = 0; n < lines.size(); ++n)
        if (Marks::is_noise(lines[n].ink.of(text)))
          proposal.erase(lines[n].ink, ocr::noise, 90);
        else if (!typed && !Marks::is_full(lines, n))
          Marks::mend_end(text, lines[n].ink, proposal);
      Marks::restore_brackets(text, lines, proposal);
      for (std::size_t n = 1; n < lines.size(); ++n) marks_.restore_stop(text, lines, n, full_, proposal);
      marks_.restore_ends(text, lines, full_, proposal);
      for (const Line& line : lines) {
        Marks::mend_ellipses(text, line.ink, proposal);
        Marks::mend_zeros(text, line.ink, proposal);
        if (has_letters(line)) marks_.mend_digits(text, line.ink, Marks::Figures::others, proposal);
        marks_.mend_ones(text, line.ink, proposal);
        marks_.mend_lone_dashes(text, line.ink, proposal);
        Marks::mend_years(text, line.ink, proposal);
      }
      if (swapped.empty()) quotes_.mend(document, misread, proposal);
    }
    if (!full_ && !recognised && !misread_words) return;
    const Known known = knows(text);
    const bool doubted = full_ || (recognised && known.is_known);
    if ((!known.is_known && !known.are_few) || (!doubted && !misread_words)) return;
    // The marks of a hundred years ago were others, too: they don't tell it.
    const bool seems_recognised = known.are_few || (recognised && !has_old_punctuation(text));
    std::vector<TextRange> mended;
    for (const Edit& edit : proposal.edits()) mended.push_back(edit.range);
    std::ranges::sort(mended, {}, &TextRange::begin);
    // So much at once, for what it takes to weigh a text is some fifty bytes a character, and words that repeat in so
    // much are the text's own.
    constexpr std::size_t most = 1u << 17;
    for (std::size_t first = 0, last = 0; first < lines.size(); first = last) {
      for (std::size_t size = 0; last < lines.size() && size < most; ++last) size += lines[last].ink.size();
      const std::span<const Line> some = lines.subspan(first, last - first);
      if (doubted)
        characters_.mend(text, some, {quotes, mended, misreads, misread_words, seems_recognised}, proposal);
      else
        characters_.mend_words(text, some, mended, proposal);
    }
  }

 private:
  struct Known {
    bool is_known;
    bool are_few;  ///< characters, which don't tell that, nor whether the text was recognised
  };
  /// Whether the model can judge the text: of the language of another time nearly every character is a surprise.
  Known knows(std::string_view text) const {
    std::vector<CoherenceModel::Symbol> symbols;
    std::vector<bool> is_asked;
    std::size_t seen = 0, surprises = 0;
    for (std::size_t at = 0; at < text.size() && seen < sample_;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      const CoherenceModel::Symbol symbol = model_.read(codepoint);
      if (symbol == 0) continue;
      is_asked.push_back(class_of(codepoint) == CharClass::han && symbols.size() >= CoherenceModel::reach);
      seen += is_asked.back();
      symbols.push_back(symbol);
    }
    model_.weigh(
        {}, 0, symbols.size(), [&](std::size_t i) { return symbols[i]; },
        [&](std::size_t i, const auto& weighed, const auto&) {
          surprises += is_asked[i] && weighed.by.back() < surprising_;
        });
    return {static_cast<double>(surprises) <= most_surprises_ * static_cast<double>(seen), seen < least_sample_};
  }

  /// What reads marks as full-width ones reads them well.
  bool misreads_marks(std::string_view text, const Proposal& proposal) const {
    const auto is_mark = [](const Edit& edit) { return edit.rule == ocr::mark; };
    const auto mended = std::ranges::count_if(proposal.edits(), is_mark);
    constexpr std::string_view comma = "，";
    std::size_t commas = 0;
    for (std::size_t at = 0; (at = text.find(comma, at)) != std::string_view::npos; at += comma.size()) ++commas;
    return mended > 0 && static_cast<double>(mended) >= least_misread_ * static_cast<double>(commas);
  }

  bool is_chinese(std::string_view text) const {
    constexpr std::size_t enough = 1u << 16;
    std::size_t han = 0, latin = 0;
    for (std::size_t at = 0; at < std::min(text.size(), enough);) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const CharClass c = class_of(codepoint);
      han += is_ideographic(c);
      latin += c == CharClass::latin;
      at += length;
    }
    // An ideograph says as much as two or three letters.
    const std::size_t all = han + latin / 3;
    return han > 0 && static_cast<double>(han) >= least_share_ * static_cast<double>(all);
  }

  bool on_, full_;
  CoherenceModel model_;
  Names names_;
  Marks marks_;
  Quotes quotes_;
  Characters characters_;
  double least_share_;
  std::size_t sample_, least_sample_;
  float surprising_;
  double most_surprises_;
  double least_misread_;
  std::size_t evidence_, evidence_quotes_;
};

}  // namespace

const StageInfo ocr_info{"ocr", "mends what recognition misread", rule_list, option_list, 1, false, Scope::article};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_ocr(const StageOptions& options, const Rules& rules) {
  Settings settings("ocr", options, rules, "ocr.toml");
  auto stage = std::make_unique<OcrStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
