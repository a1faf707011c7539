#include "stages/spaces.h"

#include <algorithm>
#include <optional>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/names.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { letter_spacing, script_gap, mark_gap, separator };
constexpr RuleInfo rule_list[] = {
    {"spaces.letter-spacing", "remove white space between letter-spaced ideographs", Effect::space},
    {"spaces.script-gap", "remove white space between ideographs and digits or Latin letters", Effect::space},
    {"spaces.mark-gap", "remove white space at full-width punctuation", Effect::space},
    {"spaces.separator", "make separating white space one space", Effect::space},
};

/// A stretch of a line without white space, and the gap that follows it.
struct Stretch {
  TextRange range;
  TextRange gap;  ///< white space after it; empty after the last
  std::uint32_t gap_half_ems = 0;
  std::uint32_t ideographs = 0;
  std::uint32_t characters = 0;
  CharClass first = CharClass::other;
  CharClass last = CharClass::other;
  char32_t first_codepoint = 0;
  bool has_mark = false;  ///< holds a full-width stop or pause

  /// What letter-spacing leaves between two gaps: one character, perhaps with marks set to it.
  [[nodiscard]] bool is_short() const {
    return ideographs <= 1 && (is_cjk(first) || is_ideographic(first)) && is_cjk(last);
  }
};

bool ends_with_any(std::string_view text, const std::vector<std::string>& ends) {
  return std::any_of(ends.begin(), ends.end(), [&](const std::string& end) { return text.ends_with(end); });
}

bool begins_with_any(std::string_view text, const std::vector<std::string>& begins) {
  return std::any_of(begins.begin(), begins.end(), [&](const std::string& begin) { return text.starts_with(begin); });
}

/// has_old_punctuation() of a text, looked at when it is first asked for.
class OldPunctuation {
 public:
  explicit OldPunctuation(std::string_view text) : text_(text) {}
  bool operator()() {
    if (!is_old_) is_old_ = has_old_punctuation(text_);
    return *is_old_;
  }

 private:
  std::string_view text_;
  std::optional<bool> is_old_;
};

class SpacesStage final : public Stage {
 public:
  SpacesStage(Settings& settings, const StageOptions& options, const Rules& rules)
      : dateline_ends_(settings.strings("dateline_ends")),
        dateline_begins_(settings.strings("dateline_begins")),
        dateline_most_(settings.number("dateline_most", 0, 1000)),
        stretched_gaps_(settings.number("stretched_gaps", 1, 100)),
        stretched_ideographs_(settings.number("stretched_ideographs", 1, 100)),
        latin_share_(settings.number("latin_share", 0, 100)),
        headline_most_(settings.number("headline_most", 0, 1000)),
        clause_least_(settings.count("clause.least")),
        clause_most_(settings.count("clause.most")),
        clause_shortest_(settings.count("clause.shortest")),
        clause_uneven_(settings.count("clause.uneven")),
        clause_sure_(settings.cost("clause.sure")),
        model_(CoherenceModel::of(settings, rules)),
        names_(settings, options, rules) {}

  const StageInfo& info() const noexcept override { return spaces_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    std::vector<Stretch> stretches;
    std::vector<bool> keep;
    std::optional<SetSpaces> set;
    OldPunctuation is_old(text);
    const std::span<const Line> lines = document.lines();
    const std::vector<bool> rows = find_table_rows(text, lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!lines[i].has(CharClass::space) || !has_space(lines[i].ink.of(text))) continue;
      split(text, lines[i].ink, stretches);
      if (stretches.size() < 2) continue;
      // Names may have been cut from the word before them by the line's end.
      const bool names_open = i > 0 && lines[i].blanks_before <= 1 && names_.ends_with_role(lines[i - 1].ink.of(text));
      if (any_table_row(rows, i, i + 1) || is_table_row(text, lines, i, stretches)) {
        keep.assign(stretches.size(), true);
      } else {
        decide(text, lines[i], stretches, names_open, is_old, keep);
        for (std::size_t k = 0; k + 1 < stretches.size(); ++k) {
          const bool after_sentence = stretches.size() == 2 && ends_sentence(text, stretches[k]);
          if (!after_sentence && stretches[k].last != CharClass::pause && stretches[k].last != CharClass::stop)
            continue;
          if (!set) set = set_spaces(text, is_old());
          if (*set == SetSpaces::after_marks || (*set == SetSpaces::after_sentences && after_sentence)) keep[k] = true;
        }
        if (ends_in_lone_character(text, lines, i, stretches, is_old)) keep[stretches.size() - 2] = false;
        if (const std::size_t clause = find_clause(text, lines, i, stretches, keep)) keep[clause - 1] = true;
      }
      propose_line(text, stretches, keep, proposal);
    }
  }

 private:
  static void split(std::string_view text, TextRange ink, std::vector<Stretch>& stretches) {
    stretches.clear();
    for (ByteOffset at = ink.begin; at < ink.end;) {
      Stretch stretch;
      stretch.range.begin = at;
      while (at < ink.end) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        const CharClass c = class_of(codepoint);
        if (c == CharClass::space) break;
        if (stretch.characters++ == 0) {
          stretch.first = c;
          stretch.first_codepoint = codepoint;
        }
        stretch.last = c;
        stretch.ideographs += is_ideographic(c);
        stretch.has_mark |= c == CharClass::stop || c == CharClass::pause;
        at += length;
      }
      stretch.range.end = at;
      stretch.gap.begin = at;
      while (at < ink.end) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        if (class_of(codepoint) != CharClass::space) break;
        stretch.gap_half_ems += half_ems(codepoint);
        at += length;
      }
      stretch.gap.end = at;
      stretches.push_back(stretch);
    }
  }

  /// A letter-spaced headline of two clauses, all of whose gaps came out equal: the stretch that begins the second,
  /// where the words are sure enough that one ends and another begins; else 0.
  std::size_t find_clause(std::string_view text, std::span<const Line> lines, std::size_t i,
                          const std::vector<Stretch>& stretches, const std::vector<bool>& keep) const {
    const std::size_t count = stretches.size();
    if (count < clause_least_ || lines[i].width > headline_most_) return 0;
    if (std::find(keep.begin(), keep.end(), true) != keep.end()) return 0;
    // Text is letter-spaced too, but not one line of it.
    if ((i > 0 && is_stretched(lines[i - 1].ink.of(text))) ||
        (i + 1 < lines.size() && is_stretched(lines[i + 1].ink.of(text))))
      return 0;
    std::string whole;
    std::vector<std::size_t> begins;
    for (const Stretch& s : stretches) {
      if (s.characters != 1 || !(is_ideographic(s.first) || s.first == CharClass::digit)) return 0;
      if (s.gap_half_ems > 1) return 0;
      begins.push_back(whole.size());
      whole += s.range.of(text);
    }
    if (count > clause_most_) return 0;
    const std::string_view headline = whole;
    std::size_t best = 0;
    float best_score = clause_sure_;
    for (std::size_t k = clause_shortest_; k + clause_shortest_ <= count; ++k) {
      if (2 * k > count + clause_uneven_ || count > 2 * k + clause_uneven_) continue;
      const std::string_view left = headline.substr(0, begins[k]), right = headline.substr(begins[k]);
      const float score =
          0.5f * (model_.ends_paragraph(left) + model_.begins_paragraph(right)) - model_.continuation(left, right);
      if (score > best_score) {
        best_score = score;
        best = k;
      }
    }
    return best;
  }

  /// Spaces after marks that were set: where 、 ended sentences, a signature stood apart from its letter, and a verse
  /// from the next; else a sentence, seldom, from who wrote it. Where many marks have one, recognition saw it.
  enum class SetSpaces : std::uint8_t { none, after_sentences, after_marks };
  static SetSpaces set_spaces(std::string_view text, bool old) {
    const std::size_t often = old ? 8 : 20;
    std::size_t marks = 0, spaced = 0;
    for (const std::string_view mark : {"、", "。", "，"})
      for (std::size_t at = 0; (at = text.find(mark, at)) != std::string_view::npos; ++marks) {
        at += mark.size();
        std::size_t end = at;
        for (Decoded next; end < text.size(); end += next.length) {
          next = valid_utf8_next(text, end);
          if (class_of(next.codepoint) != CharClass::close) break;
        }
        spaced += end < text.size() && text[end] == ' ';
      }
    return spaced * often >= marks ? SetSpaces::none : old ? SetSpaces::after_marks : SetSpaces::after_sentences;
  }

  /// 。 or 。」: what was set apart from it by one space of its line, the writer set apart.
  static bool ends_sentence(std::string_view text, const Stretch& stretch) {
    if (stretch.gap.of(text) != " ") return false;
    for (ByteOffset at = stretch.range.end; at > stretch.range.begin;) {
      const auto [codepoint, length] = valid_utf8_previous(text, at);
      if (class_of(codepoint) == CharClass::stop) return true;
      if (class_of(codepoint) != CharClass::close) return false;
      at -= length;
    }
    return false;
  }

  /// A justified line of which only the last character stands off, as rounding sets it. No clause and no name
  /// begins there, but perhaps that of a headline broken behind it: so the line must be one of text.
  static bool ends_in_lone_character(std::string_view text, std::span<const Line> lines, std::size_t i,
                                     const std::vector<Stretch>& stretches, OldPunctuation& is_old) {
    const Stretch& left = stretches[stretches.size() - 2];
    const Stretch& right = stretches.back();
    constexpr std::uint32_t least = 4;
    if (right.characters != 1 || !is_ideographic(right.first) || !is_ideographic(left.last) || left.ideographs < least)
      return false;
    const auto is_of_text = [&] {
      if (has_sentence_marks(lines[i].ink.of(text))) return true;
      if (i == 0 || lines[i].blanks_before > 0) return false;
      const std::string_view above = lines[i - 1].ink.of(text);
      return is_open(above) && has_sentence_marks(above) && lines[i].width + 1 >= lines[i - 1].width &&
             lines[i].width <= lines[i - 1].width + 1;
    };
    return is_of_text() && !is_old();  // where 、 ends sentences, a space may
  }

  static bool is_figure(std::string_view cell) {
    return cell.find_first_not_of("0123456789.,%+-:") == std::string_view::npos;
  }

  /// Cells with figures, and the line above or below has as many cells. A table's head has no figures
  /// but the line below it has.
  static bool is_table_row(std::string_view text, std::span<const Line> lines, std::size_t i,
                           const std::vector<Stretch>& stretches) {
    if (stretches.size() < 2 || stretches.size() > 16) return false;
    std::size_t figures = 0;
    for (std::size_t k = 1; k < stretches.size(); ++k) {
      if (stretches[k].characters > 12) return false;
      figures += is_figure(stretches[k].range.of(text));
    }
    if (stretches.front().characters > 12) return false;
    const auto figures_of = [&](std::size_t k) -> std::size_t {
      std::size_t cells = 0, of_figures = 0;
      std::string_view ink = lines[k].ink.of(text);
      while (!ink.empty()) {
        const std::size_t end = std::min(ink.find(' '), ink.size());
        if (end > 0) {
          ++cells;
          of_figures += is_figure(ink.substr(0, end));
        }
        ink.remove_prefix(std::min(end + 1, ink.size()));
      }
      return cells == stretches.size() ? of_figures : 0;
    };
    const std::size_t above = i > 0 ? figures_of(i - 1) : 0;
    const std::size_t below = i + 1 < lines.size() ? figures_of(i + 1) : 0;
    // All cells but the first are figures; the head has as many cells and none.
    const std::size_t wanted = stretches.size() - 1;
    if (figures == wanted) return above >= wanted || below >= wanted;
    return figures == 0 && below >= wanted && wanted >= 2;
  }

  bool is_surname(const Stretch& stretch) const { return names_.is_surname(stretch.first_codepoint); }

  /// A whole name: two to four ideographs of which the first is a family name.
  bool is_name(const Stretch& stretch) const {
    return stretch.ideographs >= 2 && stretch.ideographs <= 4 && is_ideographic(stretch.first) && is_surname(stretch);
  }

  void decide(std::string_view text, const Line& line, const std::vector<Stretch>& stretches, bool names_open,
              OldPunctuation& is_old, std::vector<bool>& keep) const {
    const std::size_t count = stretches.size();
    keep.assign(count, false);
    std::uint32_t ideographs = 0, letters = 0, ideograph_gaps = 0, marks = 0, single = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Stretch& s = stretches[i];
      ideographs += s.ideographs;
      marks += s.has_mark;
      single += s.characters == 1;
      if (s.ideographs == 0 && s.first == CharClass::latin) letters += s.characters;
      if (i + 1 < count) ideograph_gaps += is_cjk(s.last) && is_cjk(stretches[i + 1].first);
    }
    const bool latin_text = letters > latin_share_ * ideographs;
    const bool may_be_headline = marks == 0 && line.width <= headline_most_;
    const bool letter_spaced = single >= 4 && std::size_t{10} * single >= 7 * count;
    const bool stretched =
        ideograph_gaps >= stretched_gaps_ && ideographs <= stretched_ideographs_ * (ideograph_gaps + 1);
    const std::uint32_t wide_gap = widest_ordinary_gap(stretches);

    for (std::size_t i = 0; i + 1 < count; ++i) {
      const Stretch& left = stretches[i];
      const std::string_view before = left.range.of(text);
      // 记 者 is a word as well; the names behind it have spaces only between them.
      if (!names_open && letter_spaced && left.characters == 1 && i > 0 && !keep[i - 1] &&
          is_surname(stretches[i + 1]) && ends_with_spaced_role(text, stretches, i)) {
        i = std::max(i + 1, keep_names(text, stretches, i + 1, keep)) - 1;
        continue;
      }
      if (!names_open && !latin_text && !names_.ends_with_role(before)) {
        const std::size_t end = keep_list(text, stretches, i, keep);
        if (end > i) {
          i = end - 1;
          continue;
        }
      }
      if (names_open || (is_ideographic(left.last) && is_surname(stretches[i + 1]) && names_.list_open(before))) {
        const std::size_t first = names_open ? i : i + 1;
        if (!names_open) keep[i] = true;
        names_open = false;
        i = keep_names(text, stretches, first, keep);
        if (i > 0) --i;  // the loop goes on with the gap after the names
        if (i < first && first > 0) i = first - 1;
        continue;
      }
      keep[i] =
          separates(text, line, stretches, i, latin_text, may_be_headline, stretched, letter_spaced, wide_gap, is_old);
    }
  }

  /// The letter-spaced characters up to this stretch are a word in brackets that names follow.
  bool ends_with_spaced_role(std::string_view text, const std::vector<Stretch>& stretches, std::size_t i) const {
    constexpr std::size_t longest = 4;
    std::string word;
    for (std::size_t k = i + 1 - std::min(i + 1, longest); k <= i; ++k) word += stretches[k].range.of(text);
    return names_.ends_with_tight_role(word);
  }

  /// Half-ems from which a gap of a letter-spaced line separates: twice the usual one.
  static std::uint32_t widest_ordinary_gap(const std::vector<Stretch>& stretches) {
    std::uint32_t counts[8] = {};
    for (std::size_t i = 0; i + 1 < stretches.size(); ++i)
      ++counts[std::min<std::uint32_t>(stretches[i].gap_half_ems, 7)];
    const auto usual = static_cast<std::uint32_t>(std::max_element(counts, counts + 8) - counts);
    return std::max(usual * 2, usual + 2);
  }

  bool separates(std::string_view text, const Line& line, const std::vector<Stretch>& stretches, std::size_t i,
                 bool latin_text, bool may_be_headline, bool stretched, bool letter_spaced, std::uint32_t wide_gap,
                 OldPunctuation& is_old) const {
    const Stretch& left = stretches[i];
    const Stretch& right = stretches[i + 1];
    const bool left_cjk = is_cjk(left.last);
    const bool right_cjk = is_cjk(right.first);
    if (latin_text) return true;
    if (is_broken_number(left.range.of(text), left.ideographs > 0, right.first)) return false;
    if (!left_cjk && !right_cjk)
      // Digits of a letter-spaced line: 1 4 . 6 %
      return !(letter_spaced && left.characters == 1 && right.characters == 1 && left.gap_half_ems < wide_gap &&
               left.last != CharClass::latin && right.first != CharClass::latin);
    if (ends_dateline(text, line, left)) {
      // Who reported it in brackets belongs to it.
      const Codepoint first = valid_utf8_next(text, right.range.begin).codepoint;
      return first != U'（' && first != U'(';
    }

    const bool left_han = is_ideographic(left.last);
    const bool right_han = is_ideographic(right.first);
    const bool spaced_run = left.is_short() && right.is_short()
                                ? true
                                : (left.is_short() && i > 0 && stretches[i - 1].is_short()) ||
                                      (right.is_short() && i + 2 < stretches.size() && stretches[i + 2].is_short());
    if (left_han && right_han) {
      if (left.gap_half_ems >= wide_gap && stretches.size() > 2) return true;
      return !spaced_run && !stretched;
    }
    if (left_cjk && right_cjk) {
      // At a mark. A clause of a headline may begin with a quotation, or end with one.
      const bool begins = left_han && right.first == CharClass::open;
      const bool ends = left.last == CharClass::close && right_han;
      if (!may_be_headline || !(begins || ends)) return false;
      // What stands in brackets is said of the word before them; on old pages it may be who wrote what the headline
      // names.
      const bool aside = begins ? right.first_codepoint == U'（' : left.range.of(text).ends_with("）");
      if (aside && !is_old()) return false;
      return left.gap_half_ems >= wide_gap ||
             (!spaced_run && !stretched && (begins ? right.ideographs >= 2 : left.ideographs >= 2));
    }
    // Between ideographs and digits or letters: a clause of a headline may begin with a number,
    // which is then not set apart on its other side.
    const bool lone_number = is_alphanumeric(right.first) && number_of_clause(text, right.range);
    return may_be_headline && left_han && left.ideographs >= 2 && lone_number && !stretched;
  }

  /// 达6. 2亿: a number broken at its mark; not a list's number, which begins its line.
  static bool is_broken_number(std::string_view left, bool amid, CharClass right) {
    if (!amid || right != CharClass::digit || left.size() < 2) return false;
    const char mark = left.back(), before = left[left.size() - 2];
    return (mark == '.' || mark == ',') && before >= '0' && before <= '9';
  }

  /// A number or word with an ideograph set to it, as a clause begins: 4口, 5G网络; not 2024》.
  static bool number_of_clause(std::string_view text, TextRange range) {
    for (ByteOffset at = range.begin; at < range.end;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const CharClass c = class_of(codepoint);
      if (is_ideographic(c)) return true;
      if (!is_alphanumeric(c) && c != CharClass::ascii_mark) return false;
      at += length;
    }
    return false;
  }

  /// The beginning of the line up to here is a dateline: 新华社北京7月1日电.
  bool ends_dateline(std::string_view text, const Line& line, const Stretch& left) const {
    const TextRange head{line.ink.begin, left.range.end};
    if (head.size() > 3 * dateline_most_) return false;
    const std::string_view so_far = head.of(text);
    return ends_with_any(so_far, dateline_ends_) && begins_with_any(so_far, dateline_begins_) &&
           valid_utf8_half_ems(so_far) <= dateline_most_;
  }

  /// Decides the gaps among the names that begin at stretch `first`: those between names stay,
  /// those within letter-spaced names go. Returns the index of the stretch that ends the names.
  std::size_t keep_names(std::string_view text, const std::vector<Stretch>& stretches, std::size_t first,
                         std::vector<bool>& keep) const {
    std::size_t i = first;
    const auto ends_names = [&](const Stretch& s) {
      // The names end inside this stretch: a bracket or mark closes them.
      for (ByteOffset at = s.range.begin; at < s.range.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        if (names_.ends_list(codepoint)) return true;
        at += length;
      }
      return false;
    };
    while (i < stretches.size()) {
      if (stretches[i].ideographs == 0 || stretches[i].ideographs > 4) {
        if (ends_names(stretches[i]) || stretches[i].ideographs == 0) return i;
        return i;
      }
      // One name: letter-spaced characters up to the next family name, or a stretch that is one.
      std::size_t last = i;
      if (stretches[i].ideographs == 1 && !ends_names(stretches[i])) {
        std::size_t length = 1;
        while (last + 1 < stretches.size() && length < 3 && letter_of_name(text, stretches[last + 1], ends_names)) {
          const auto could_begin = [&](std::size_t k) {
            return k < stretches.size() && is_surname(stretches[k]) && more_letters(text, stretches, k, ends_names);
          };
          // More names have three characters than two.
          if (length >= 2 && could_begin(last + 1) && !could_begin(last + 2)) break;
          ++last;
          ++length;
          if (ends_names(stretches[last])) break;
        }
      }
      if (ends_names(stretches[last])) return last;
      if (last + 1 >= stretches.size()) return last;
      keep[last] = stretches[last + 1].first != CharClass::close &&
                   (is_ideographic(stretches[last + 1].first) || is_alphanumeric(stretches[last + 1].first));
      i = last + 1;
    }
    return i - 1;
  }

  /// A single character of a letter-spaced name, perhaps with the mark that ends the names and what
  /// follows it.
  template <typename Ends>
  bool letter_of_name(std::string_view text, const Stretch& s, const Ends& ends_names) const {
    if (s.ideographs == 1 && is_ideographic(s.first)) return true;
    if (!is_ideographic(s.first) || !ends_names(s)) return false;
    const Decoded head = valid_utf8_next(text, s.range.begin);
    const Decoded next = valid_utf8_next(text, s.range.begin + head.length);
    return names_.ends_list(next.codepoint);
  }

  /// At least one more letter follows `at`, so a name can begin there.
  template <typename Ends>
  bool more_letters(std::string_view text, const std::vector<Stretch>& stretches, std::size_t at,
                    const Ends& ends_names) const {
    return !ends_names(stretches[at]) && at + 1 < stretches.size() &&
           letter_of_name(text, stretches[at + 1], ends_names);
  }

  /// Names in a row without a word that says so: decides the gap before them, those among them and the one after.
  /// Returns the first gap that is left to decide; `from` where no such list begins there or behind that stretch.
  std::size_t keep_list(std::string_view text, const std::vector<Stretch>& stretches, std::size_t from,
                        std::vector<bool>& keep) const {
    constexpr std::size_t least = 3, others = 2;
    if (stretches.size() < from + least) return from;
    // One character, as letter-spacing leaves them, that no name begins with.
    const Stretch& stretch = stretches[from];
    if (stretch.characters == 1 && !(is_ideographic(stretch.first) && is_surname(stretch))) return from;
    // Without what says whose they are (二等奖：陈丽), and up to the mark that ends them.
    const auto name_in = [&](std::size_t i, bool first) {
      std::string_view name = stretches[i].range.of(text);
      constexpr std::string_view colon = "：";
      if (const std::size_t at = name.rfind(colon); first && at != std::string_view::npos)
        name.remove_prefix(at + colon.size());
      for (std::size_t at = 0; at < name.size();) {
        const auto [codepoint, length] = valid_utf8_next(name, at);
        if (names_.ends_list(codepoint)) return name.substr(0, at);
        at += length;
      }
      return name;
    };
    const auto ends_names = [&](std::size_t i) {
      const std::string_view whole = stretches[i].range.of(text);
      return name_in(i, true).data() + name_in(i, true).size() != whole.data() + whole.size();
    };
    const auto is_one = [](std::string_view name) {
      if (name.empty()) return false;
      const auto [codepoint, length] = valid_utf8_next(name, 0);
      return length == name.size() && is_ideographic(class_of(codepoint));
    };
    // How many stretches are the name that begins here.
    const auto parts_at = [&](std::size_t i, bool first) -> std::size_t {
      const std::string_view name = name_in(i, first);
      if (names_.is_name(name)) return 1;
      return is_one(name) && !ends_names(i) && names_.is_surname(valid_utf8_next(name, 0).codepoint) &&
                     i + 1 < stretches.size() && is_one(name_in(i + 1, false))
                 ? 2
                 : 0;
    };
    std::size_t begin = from;
    if (parts_at(begin, true) == 0) {
      if (stretches[from].ideographs < 2 || !is_ideographic(stretches[from].last)) return from;
      ++begin;
    }
    std::vector<std::size_t> ends;  // one past each name's last stretch
    bool any_whole = false, any_long = false;
    std::size_t end = begin;
    while (end < stretches.size()) {
      const std::size_t parts = parts_at(end, ends.empty());
      if (parts == 0) break;
      constexpr std::size_t three_ideographs = 9;  // bytes
      any_whole |= parts == 1;
      any_long |= parts == 1 && name_in(end, ends.empty()).size() >= three_ideographs;
      end += parts;
      ends.push_back(end);
      if (ends_names(end - 1)) break;
    }
    // Words of two characters are names by chance; of those little else may be in the line.
    if (ends.size() < least || !any_whole || (!any_long && stretches.size() > end - begin + others)) return from;
    for (std::size_t i = from; i < std::min(end, keep.size()); ++i) keep[i] = i < begin;
    for (const std::size_t i : ends)
      keep[i - 1] = i < stretches.size() && (is_ideographic(stretches[i].first) || is_alphanumeric(stretches[i].first));
    return std::min(end, stretches.size()) - (ends_names(end - 1) || end == stretches.size());
  }

  static void propose_line(std::string_view text, const std::vector<Stretch>& stretches, const std::vector<bool>& keep,
                           Proposal& proposal) {
    for (std::size_t i = 0; i + 1 < stretches.size(); ++i) {
      const Stretch& left = stretches[i];
      if (keep[i]) {
        if (left.gap.of(text) != " ") proposal.replace(left.gap, " ", separator);
        continue;
      }
      const CharClass l = left.last;
      const CharClass r = stretches[i + 1].first;
      const RuleIndex rule = is_ideographic(l) && is_ideographic(r) ? letter_spacing
                             : is_cjk(l) && is_cjk(r)               ? mark_gap
                                                                    : script_gap;
      proposal.erase(left.gap, rule);
    }
  }

  std::vector<std::string> dateline_ends_, dateline_begins_;
  double dateline_most_, stretched_gaps_, stretched_ideographs_, latin_share_, headline_most_;
  std::size_t clause_least_, clause_most_, clause_shortest_, clause_uneven_;
  float clause_sure_;
  CoherenceModel model_;
  Names names_;
};

}  // namespace

const StageInfo spaces_info{
    "spaces", "removes spurious white space inside lines, keeps what separates", rule_list, {}, 1, false, Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_spaces(const StageOptions& options, const Rules& rules) {
  Settings settings("spaces", options, rules, "spaces.toml");
  auto stage = std::make_unique<SpacesStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
