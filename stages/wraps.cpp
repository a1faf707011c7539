#include "stages/wraps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/latin.h"
#include "stages/names.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { join, join_space, join_names, join_clauses, join_dateline, hyphen, edge };
constexpr RuleInfo rule_list[] = {
    {"wraps.join", "join a wrapped line to the one before", Effect::space},
    {"wraps.join-space", "join a wrapped line of Latin text with a space", Effect::space},
    {"wraps.join-names", "join a wrapped list of names with a space", Effect::space},
    {"wraps.join-clauses", "join two clauses of a headline with a space", Effect::space},
    {"wraps.join-dateline", "join a text to its dateline with a space", Effect::space},
    {"wraps.hyphen", "undo hyphenation at a line's end", Effect::drop},
    {"wraps.edge", "one paragraph a line, without white space around it", Effect::space},
};

using Cost = float;
constexpr Cost impossible = 1e9f;

/// How a line ends.
enum class Ending : std::uint8_t { plain, pause, semi, stop };

/// The evidence of one line.
struct Row {              // of a long text there are many: small
  Cost width = 0;         ///< half-ems, indent included
  Cost indent = 0;        ///< half-ems of it that are indent
  Cost next_cluster = 0;  ///< half-ems of what the next line begins with and can't be broken
  Cost tolerance = 0;
  Cost squeeze = 0;                              ///< half-ems by which its full-width marks may have been narrowed
  Cost words_any_join = 0, words_any_break = 0;  ///< the same after the end of a sentence
  Cost words_join = 0;                           ///< what the words say against joining
  Cost words_break = 0;                          ///< and against breaking
  Cost headlines = 0;                            ///< what speaks for this and the next being two headlines
  Cost blank_join = 0;                           ///< what a blank line after it, or none, says against joining
  Cost blank_break = 0;                          ///< and against breaking
  Ending ending = Ending::plain;
  bool latin : 1 = false;
  bool old_punctuation : 1 = false;  ///< the page is of the time when 、 ended sentences
  bool wide_gap : 1 = false;         ///< more blank lines after it than lines of the page usually have
  bool tight : 1 = false;            ///< no blank line after it on a page whose lines have one
  bool credit_next : 1 = false;      ///< the next line says who took the picture above
  bool spaced : 1 = false;           ///< was letter-spaced: a full line
  bool stands_alone : 1 = false;     ///< a verse, a row of a table
  bool byline : 1 = false;
  bool dateline : 1 = false;         ///< begins with a dateline
  bool kinsoku_next : 1 = false;     ///< the next line begins with what may not begin a line, or this one
                                     ///< ends with what may not end one
  bool dangling : 1 = false;         ///< ends with a mark that something must follow
  bool broken_at_marks : 1 = false;  ///< in a caption whose lines were broken before its marks
  bool lone : 1 = false;             ///< is one ideograph, which is no paragraph
  bool clause : 1 = false;           ///< holds a mark that sentences have and headlines have not
  bool set_apart : 1 = false;        ///< no mark, but clauses with a space between them: a headline
  bool across : 1 = false;           ///< far wider than the columns around it, and goes on
  bool open_end : 1 = false;         ///< ends with a word that can't end a phrase
  bool open_begin : 1 = false;       ///< the next line begins with one that can't begin one
  bool small_next : 1 = false;       ///< the next line begins with a small letter
  bool capital_next : 1 = false;     ///< the next line begins with a capital, and no sentence ended
  bool title_next : 1 = false;       ///< Latin words with capitals, and so are the next line's
  bool quote_next : 1 = false;       ///< ends with a colon and the next line begins with a quotation
  bool bracket_open : 1 = false;     ///< a bracket opened on this line is closed on the next
  bool blank_next : 1 = false;
  bool indented_next : 1 = false;
  bool flush_next : 1 = false;    ///< the next line has no indent
  bool indents_kept : 1 = false;  ///< the page's paragraphs begin with one
  bool lead_next : 1 = false;     ///< the next line begins as the first sentence of a text does
  bool note_next : 1 = false;     ///< the next line is a note in brackets that belongs to this one
  bool dateline_next : 1 = false, item_next : 1 = false, byline_next : 1 = false, part_next : 1 = false;
  bool echo_next : 1 = false;          ///< the next line begins with the words that this one begins with
  bool clause_next : 1 = false;        ///< this line and the next are two clauses of one headline
  bool headline_next : 1 = false;      ///< the next line can continue a headline that this line began
  bool headline_further : 1 = false;   ///< and is as wide as the row of it before
  bool goes_on_elsewhere : 1 = false;  ///< a jump line says so
  bool apart : 1 = false;              ///< labelled otherwise than the next line
  bool link_next : 1 = false;          ///< ends inside the address of a page, with which the next goes on
  bool number_open : 1 = false;        ///< ends inside a number, or where one must follow
};

class WrapsStage final : public Stage {
 public:
  WrapsStage(Settings& s, Settings& lines, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)), names_(s, options, rules), latin_(LatinLines::of(s, rules)) {
    least_lines_ = static_cast<unsigned>(s.number("width.least_lines", 1, 100));
    most_candidates_ = static_cast<std::size_t>(s.number("width.most_candidates", 1, 60));
    change_ = s.cost("width.change");
    change_after_blank_ = s.cost("width.change_after_blank");
    change_after_headline_ = s.cost("width.change_after_headline");
    wrapped_ = s.cost("width.wrapped");
    tolerance_ = s.cost("width.tolerance");
    old_tolerance_ = s.cost("width.old_tolerance");
    tolerance_per_letter_ = s.cost("width.tolerance_per_letter");
    squeeze_ = s.cost("width.squeeze");
    squeeze_most_ = s.cost("width.squeeze_most");
    over_ = s.cost("width.over");
    over_per_half_em_ = s.cost("width.over_per_half_em");
    least_width_ = s.cost("width.least");
    most_width_ = s.cost("width.most");
    wide_ = s.cost("width.wide");
    join_ = {s.cost("join.plain"), s.cost("join.pause"), s.cost("join.semi"), s.cost("join.stop")};
    short_ = s.cost("join.short");
    short_per_half_em_ = s.cost("join.short_per_half_em");
    short_most_ = s.cost("join.short_most");
    short_stop_ = s.cost("join.short_stop");
    strict_ = s.cost("join.strict");
    strict_from_ = s.cost("join.strict_from");
    strict_lines_ = static_cast<unsigned>(s.cost("join.strict_lines"));
    indent_half_ems_ = s.cost("join.indent_half_ems");
    indented_next_ = s.cost("join.indented_next");
    wide_gap_ = s.cost("blank.wide_gap");
    blank_prior_ = s.cost("blank.prior");
    old_blank_ = s.cost("blank.old");
    open_blank_ = s.cost("blank.open");
    closed_blank_ = s.cost("blank.closed");
    dateline_next_ = s.cost("join.dateline_next");
    jump_ = s.cost("join.jump");
    item_next_ = s.cost("join.item_next");
    old_item_next_ = s.cost("join.old_item_next");
    old_stop_ = s.cost("join.old_stop");
    echo_next_ = s.cost("join.echo_next");
    echo_least_ = s.count("join.echo_least");
    byline_next_ = s.cost("join.byline_next");
    part_next_ = s.cost("join.part_next");
    alone_ = s.cost("join.alone");
    marks_least_ = s.count("marks.least");
    marks_apart_ = s.count("marks.apart");
    marks_credit_ = s.count("marks.credit");
    verse_lines_ = static_cast<std::size_t>(s.number("verse.least_lines", 2, 1000));
    verse_width_ = static_cast<std::uint32_t>(s.number("verse.most_width", 2, 1000));
    free_lines_ = static_cast<std::size_t>(s.number("verse.free_lines", 2, 1000));
    free_ragged_ = static_cast<std::size_t>(s.number("verse.free_ragged", 1, 1000));
    free_width_ = static_cast<std::uint32_t>(s.number("verse.free_width", 2, 1000));
    free_word_ = s.cost("verse.free_word");
    headline_ = s.cost("join.headline");
    headline_ratio_ = s.cost("join.headline_ratio");
    headline_narrow_ = s.cost("join.headline_narrow");
    title_ratio_ = s.cost("latin.title_ratio");
    after_byline_ = s.cost("join.after_byline");
    break_ = {0, s.cost("break.pause"), s.cost("break.semi"), s.cost("break.stop")};
    const std::vector<double> plain = s.numbers("break.plain", break_plain_.size());
    for (std::size_t i = 0; i < plain.size(); ++i) break_plain_[i] = static_cast<Cost>(plain[i]);
    full_ = s.cost("break.full");
    full_stop_ = s.cost("break.full_stop");
    full_old_stop_ = s.cost("break.full_old_stop");
    full_latin_stop_ = s.cost("break.full_latin_stop");
    spaced_ = s.cost("break.spaced");
    byline_ = s.cost("break.byline");
    not_indented_next_ = s.cost("break.not_indented_next");
    kinsoku_ = s.cost("break.kinsoku");
    bracket_ = s.cost("break.bracket");
    quote_ = s.cost("break.quote");
    clause_ = s.cost("break.clause");
    words_ = s.cost("join.words");
    words_most_ = s.cost("join.words_most");
    words_sure_ = s.cost("join.words_sure");
    headlines_ = s.cost("join.headlines");
    headlines_least_ = s.cost("join.headlines_least");
    begin_ = s.cost("join.begin");
    begin_most_ = s.cost("join.begin_most");
    set_apart_ = s.cost("join.set_apart");
    clause_next_ = s.cost("join.clause");
    clause_coherence_ = s.cost("join.clause_coherence");
    clause_ends_ = s.cost("join.clause_ends");
    clause_least_ = static_cast<std::uint32_t>(s.cost("join.clause_least"));
    clause_most_ = static_cast<std::uint32_t>(s.cost("join.clause_most"));
    across_ = s.cost("break.across");
    across_least_ = s.cost("break.across_least");
    across_columns_ = s.cost("break.across_columns");
    across_words_ = s.cost("break.across_words");
    open_ = s.cost("break.open");
    small_ = s.cost("break.small");
    capital_ = s.cost("join.capital");
    latin_tolerance_ = s.cost("latin.tolerance");
    latin_byline_ = s.cost("latin.byline_next");
    taken_ = s.characters("credit.taken");
    agency_ = s.characters("credit.agency");
    number_ = s.cost("break.number");
    open_end_ = s.characters("break.open_end");
    open_begin_ = s.characters("break.open_begin");
    powers_ = s.characters("break.powers");
    before_number_ = s.characters("break.before_number");
    dangling_ = s.characters("break.dangling");
    notes_ = s.strings("note.lines");
    lead_begins_ = s.characters("lead.begins");
    lead_most_ = s.cost("lead.most_width");
    numerals_ = s.characters("note.numerals");
    note_most_ = static_cast<std::uint32_t>(s.cost("note.most_width"));
    unwrapped_ = {s.cost("unwrapped.plain"), s.cost("unwrapped.pause"), s.cost("unwrapped.semi"),
                  s.cost("unwrapped.stop")};
    unwrapped_join_ = s.cost("unwrapped.join");
    headline_width_ = s.cost("unwrapped.headline_width");
    unwrapped_per_half_em_ = s.cost("unwrapped.per_half_em");
    unwrapped_long_ = s.cost("unwrapped.long_most");
    for (std::string& prefix : s.strings("latin.keep_hyphen_after")) keep_hyphen_.insert(std::move(prefix));
    dateline_pattern_ = Pattern(lines, "dateline", lines.strings("dateline"));
    byline_pattern_ = Pattern(lines, "byline", lines.strings("byline"));
    item_pattern_ = Pattern(lines, "item", lines.strings("item"));
    table_pattern_ = Pattern(lines, "table_row", lines.strings("table_row"));
    credit_pattern_ = Pattern(lines, "credit_end", {lines.string("credit_end")});
    dateline_end_ = Pattern(lines, "dateline_end", {lines.string("dateline_end")});
    slash_pattern_ = Pattern(lines, "slash_end", {lines.string("slash_end")});
    credit_line_ = Pattern(lines, "credit_line", {lines.string("credit_line")});
    old_part_ = Pattern(lines, "old_headline_part", lines.strings("old_headline_part"));
    lead_pattern_ = Pattern(lines, "lead", lines.strings("lead"));
    part_pattern_ = Pattern(lines, "headline_part", lines.strings("headline_part"));
  }

  const StageInfo& info() const noexcept override { return wraps_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.empty()) {
      if (!text.empty()) proposal.erase({0, static_cast<ByteOffset>(text.size())}, edge);
      return;
    }
    std::vector<Row> rows = gather(text, lines);
    for (const JumpPlace& jump : jump_places(document)) {
      // Where it is taken up right after, it goes on here: pages that stand below each other.
      if (jump.way == JumpWay::onward)
        rows[jump.line].goes_on_elsewhere = true;
      else if (jump.line > 0)
        rows[jump.line - 1].goes_on_elsewhere = !rows[jump.line - 1].goes_on_elsewhere;
    }
    const std::vector<bool> joined = decide(rows);
    emit(text, lines, rows, joined, proposal);
  }

 private:
  // ---- evidence ------------------------------------------------------------------------------

  static Ending ending_of(std::string_view ink, bool old_punctuation) {
    bool closed = false;
    for (std::size_t at = ink.size(); at > 0;) {
      const auto [codepoint, length] = valid_utf8_previous(ink, at);
      const CharClass c = class_of(codepoint);
      at -= length;
      // An ellipsis ends a speech, or only halts in it.
      if (codepoint == U'…' && !closed) return Ending::semi;
      if (c == CharClass::stop) return Ending::stop;
      if (codepoint == U'.' || codepoint == U'!' || codepoint == U'?') {
        // The full stop of Latin text, not of a number or an abbreviation like "U.S".
        return Ending::stop;
      }
      if (codepoint == U'》' || codepoint == U'〉') continue;  // the end of a title is no end of speech
      // What stands in brackets says nothing of the sentence before them.
      if (codepoint == U'）' && !closed && old_punctuation) return Ending::stop;  // who wrote it
      if (codepoint == U'）' && !closed)
        if (const std::size_t open = ink.rfind("（", at); open != std::string_view::npos && open > 0) {
          at = open;
          continue;
        }
      if (c == CharClass::close || c == CharClass::ascii_close || codepoint == U'"' || codepoint == U'\'') {
        closed = true;
        continue;
      }
      if (old_punctuation && codepoint == U'、') return Ending::stop;
      if (closed) return Ending::semi;
      if (codepoint == U'：' || codepoint == U'；' || codepoint == U':' || codepoint == U';') return Ending::semi;
      if (c == CharClass::pause || codepoint == U',') return Ending::pause;
      return Ending::plain;
    }
    return Ending::plain;
  }

  /// Half-ems of the first thing of a line that can't be parted from its beginning.
  static Cost first_cluster(std::string_view ink) {
    Cost width = 0;
    bool started = false;
    bool latin = false;
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      const CharClass c = class_of(codepoint);
      const bool word = is_alphanumeric(c) || c == CharClass::ascii_mark || codepoint == U'—' || codepoint == U'～';
      const bool closes =
          c == CharClass::close || c == CharClass::stop || c == CharClass::pause || c == CharClass::ascii_close;
      const bool opens = c == CharClass::open || c == CharClass::ascii_open;
      // 28℃: as UAX #14 (rule LB25) has it.
      const bool unit = codepoint == U'℃' || codepoint == U'％' || codepoint == U'‰' || codepoint == U'°';
      if (started && !closes && !(latin && (word || unit))) break;
      width += static_cast<Cost>(half_ems(codepoint));
      if (!opens) {
        started = true;
        latin = latin || word;
      }
      at += length;
    }
    return width;
  }

  struct Letters {
    std::uint32_t narrow = 0;            ///< ASCII letters, digits and marks
    std::uint32_t full_marks = 0;        ///< full-width marks but the brackets below
    bool latin = false;                  ///< the line is Latin text
    int round = 0, book = 0, quote = 0;  ///< open brackets less closed ones
    bool marks = false;                  ///< a stop or pause before the line's last characters
    bool spaces = false;                 ///< a space between ideographs
  };
  static Letters count_letters(std::string_view ink, const Line& line, bool old_punctuation) {
    Letters letters;
    constexpr unsigned ideographic =
        1u << static_cast<unsigned>(CharClass::han) | 1u << static_cast<unsigned>(CharClass::kana);
    if ((line.classes & ~ideographic) == 0) return letters;
    std::uint32_t ideographs = 0;
    std::uint32_t alphabetic = 0;
    const std::size_t inside = ink.size() > 6 ? ink.size() - 6 : 0;
    for (std::size_t at = 0; at < ink.size();) {
      const auto byte = static_cast<unsigned char>(ink[at]);
      if (byte < 0x80) {
        letters.narrow += byte != ' ';
        letters.spaces |= byte == ' ' && at > 0 && static_cast<unsigned char>(ink[at - 1]) >= 0x80;
        alphabetic += (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
        ++at;
        continue;
      }
      if (is_common_han(ink, at)) {
        ++ideographs;
        at += 3;
        continue;
      }
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      at += length;
      switch (codepoint) {
        case U'（': ++letters.round; break;
        case U'）': --letters.round; break;
        case U'“':
        case U'「':
        case U'『':
        case U'‘':
          ++letters.quote;
          ++letters.full_marks;
          break;
        case U'”':
        case U'」':
        case U'』':
        case U'’':
          --letters.quote;
          ++letters.full_marks;
          break;
        case U'《':
        case U'〈': ++letters.book; break;
        case U'》':
        case U'〉': --letters.book; break;
        case U'，':
        case U'。':
        case U'；':
        case U'、':
          letters.marks |= at < inside && (codepoint != U'、' || old_punctuation);
          ++letters.full_marks;
          ++ideographs;
          break;
        default: {
          const CharClass c = class_of(codepoint);
          ideographs += is_cjk(c);
          letters.full_marks += is_cjk(c) && !is_ideographic(c);
          break;
        }
      }
    }
    letters.latin = alphabetic > 2 * ideographs;
    return letters;
  }

  /// The line ends inside the address of a page, which may be broken anywhere, and the next goes on with it.
  /// `of_link`: it begins inside one.
  static bool goes_on_with_link(std::string_view ink, bool of_link, std::string_view next, bool latin) {
    const auto is_of_link = [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x80; };
    std::size_t begin = ink.size(), end = 0;
    while (begin > 0 && is_of_link(ink[begin - 1])) --begin;
    while (end < next.size() && is_of_link(next[end])) ++end;
    const std::string_view left = ink.substr(begin), right = next.substr(0, end);
    of_link = (of_link && begin == 0) || left.find("://") != std::string_view::npos ||
              left.find("www.") != std::string_view::npos;
    if (left.empty() || right.empty() || !of_link) return false;
    constexpr std::string_view marks = "/-_.=?&%#~";
    // Among ideographs there is no space that a line's end could have taken the place of.
    if (!latin || marks.find(left.back()) != std::string_view::npos) return true;
    const std::size_t mark = right.find_first_of(marks);
    return mark != std::string_view::npos && mark + 1 < right.size();
  }

  /// The Words of a Latin Headline Begin with Capitals, but for short ones.
  static bool is_title_case(std::string_view ink, std::size_t least = 3) {
    std::size_t capitals = 0, long_lower = 0;
    for (std::size_t at = 0; at < ink.size();) {
      const std::size_t end = std::min(ink.find(' ', at), ink.size());
      const char c = ink[at];
      capitals += c >= 'A' && c <= 'Z';
      long_lower += c >= 'a' && c <= 'z' && end - at >= 4;
      at = end + 1;
    }
    return capitals >= least && long_lower == 0;
  }

  std::vector<Row> gather(std::string_view text, std::span<const Line> lines) const {
    std::vector<Row> rows(lines.size());
    std::vector<std::uint32_t> margins(lines.size());
    constexpr std::size_t reach = 5;  // lines around a line that show the page's margin there
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::size_t first = i < reach ? 0 : i - reach;
      const std::size_t last = std::min(lines.size(), i + reach + 1);
      std::uint32_t least = lines[i].indent;
      for (std::size_t k = first; k < last; ++k) least = std::min(least, lines[k].indent);
      margins[i] = least;
    }
    const bool old_punctuation = has_old_punctuation(text);
    std::vector<Letters> letters(lines.size());
    std::size_t indented = 0, indented_after_stop = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view ink = lines[i].ink.of(text);
      Row& row = rows[i];
      letters[i] = count_letters(ink, lines[i], old_punctuation);
      row.squeeze = std::min(squeeze_most_, squeeze_ * static_cast<Cost>(letters[i].full_marks));
      row.latin = letters[i].latin;
      row.old_punctuation = old_punctuation;
      const std::uint32_t indent = lines[i].indent - margins[i];
      // Taken-out white space was about a quarter of an em at each gap.
      row.spaced = lines[i].gaps >= 3 && lines[i].gaps * 4 >= lines[i].width;
      row.indent = static_cast<Cost>(std::min(indent, 8u));
      row.width = static_cast<Cost>(lines[i].width) + row.indent +
                  (row.spaced ? 0.0f : 0.5f * static_cast<Cost>(lines[i].gaps));
      row.ending = ending_of(ink, old_punctuation);
      if (row.latin) {
        row.width = latin_->width_of(ink) + row.indent;
        if (latin_->ends_in_abbreviation(ink)) row.ending = Ending::plain;
      }
      row.tolerance = tolerance_ + (old_punctuation ? old_tolerance_ : 0) +
                      (letters[i].latin ? latin_tolerance_ * row.width
                                        : std::min(6.0f, tolerance_per_letter_ * static_cast<Cost>(letters[i].narrow)));
      if (indent >= (row.latin ? 2u : 3u) && indent <= 8) {
        ++indented;
        indented_after_stop += i == 0 || rows[i - 1].ending >= Ending::semi || lines[i].blanks_before;
      }
    }
    const bool indents_kept =
        indented >= 3 && indented * 25 >= lines.size() && indented_after_stop * 10 >= indented * 6;
    look_at_blanks(lines, rows);
    find_broken_at_marks(text, lines, rows);
    // Where 、 ends sentences, lines of prose often end so, and verses were set running on.
    if (!old_punctuation) find_verse(lines, rows);
    find_free_verse(text, lines, letters, rows);
    find_tables(text, lines, rows);

    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      Row& row = rows[i];
      const Line& next = lines[i + 1];
      const std::string_view ink = lines[i].ink.of(text);
      const std::string_view next_ink = next.ink.of(text);
      const bool both_latin = row.latin && letters[i + 1].latin;
      row.next_cluster =
          both_latin ? latin_->width_of(" ") + latin_->first_word_width(next_ink) : first_cluster(next_ink);
      const CharClass begins = class_of(valid_utf8_next(next_ink, 0).codepoint);
      const CharClass ends = class_of(valid_utf8_previous(ink, ink.size()).codepoint);
      const Codepoint first = valid_utf8_next(next_ink, 0).codepoint;
      row.kinsoku_next = (begins == CharClass::close || begins == CharClass::pause ||
                          (begins == CharClass::stop && first != U'…') || ends == CharClass::open) &&
                         (row.ending != Ending::stop || begins == CharClass::close);
      const Codepoint last = valid_utf8_previous(ink, ink.size()).codepoint;
      row.dangling = contains(dangling_, last) || (both_latin && LatinLines::ends_in_word(ink));
      row.link_next =
          last < 0x80 && first < 0x80 && goes_on_with_link(ink, i > 0 && rows[i - 1].link_next, next_ink, both_latin);
      row.dangling |= row.link_next;
      row.small_next = both_latin && LatinLines::begins_small(next_ink);
      row.capital_next = both_latin && row.ending <= Ending::pause && LatinLines::begins_with_capital(next_ink);
      // A dateline and its reporters are the beginning of a paragraph, never all of it.
      row.dangling |= (last == U'）' || last == U')') && ink.size() <= 400 && dateline_end_.matches(ink);
      // A slash at the end is followed by the photographer's name, which ends the paragraph.
      if ((last == U'╱' || last == U'／' || last == U'/') && next.width >= 4 && next.width <= 8 && is_han(next_ink))
        rows[i + 1].byline = true;
      row.lone = lines[i].width <= 2 && is_ideographic(ends);
      row.credit_next =
          (next.width <= 2 && contains(taken_, first)) || (row.ending == Ending::stop && next.width <= 40 &&
                                                           ends_with_taken(next_ink) && credit_line_.matches(next_ink));
      row.dangling |= row.lone && next.width <= 6 && next.blanks_before == 0;
      if (old_punctuation && in_brackets(next_ink)) {
        // Who wrote the text stands in brackets at its end, "to be continued" too.
        row.note_next = (last == U'、' || last == U'。') && next.width <= note_most_;
        // Columns of a narrow heading: parts of a number, or of a name and a place.
        row.note_next |= in_brackets(ink) && next.width <= note_most_ && next.blanks_before == 0 &&
                         is_number_in_brackets(ink) == is_number_in_brackets(next_ink);
      }
      row.clause = letters[i].marks;
      row.set_apart = letters[i].latin ? row.ending == Ending::plain && is_title_case(ink)
                                       : letters[i].spaces && !letters[i].marks && row.ending == Ending::plain;
      row.open_end =
          row.latin ? latin_->ends_openly(ink) || latin_->ends_in_abbreviation(ink) : contains(open_end_, last);
      row.open_begin = contains(open_begin_, first);
      row.number_open = (contains(numerals_, last) && contains(powers_, first)) ||
                        (contains(before_number_, last) && begins == CharClass::digit);
      // In a headline of capitals the words say what small letters say elsewhere.
      if (both_latin && is_title_case(ink, 2) && is_title_case(next_ink, 1)) {
        row.title_next = true;
        row.capital_next = false;
        row.open_begin = latin_->begins_openly(next_ink);
      }
      row.quote_next = (last == U'：' || last == U':') && begins == CharClass::open;
      row.bracket_open = (letters[i].round > 0 && letters[i + 1].round < 0) ||
                         (letters[i].book > 0 && letters[i + 1].book < 0) ||
                         (letters[i].quote > 0 && letters[i + 1].quote < 0 && row.ending == Ending::plain);
      const std::uint32_t indent = next.indent - margins[i + 1];
      row.indented_next = indent >= (letters[i + 1].latin ? 2u : 3u) && indent <= 8 &&
                          (lines[i].indent - margins[i] < indent || (indents_kept && lines[i].indent == next.indent));
      row.flush_next = indents_kept && indent <= 1;
      row.indents_kept = indents_kept;
      row.apart =
          lines[i].kind != next.kind && (next.kind != BlockKind::unknown || lines[i].kind == BlockKind::byline ||
                                         lines[i].kind == BlockKind::headline);
      if (row.ending == Ending::plain && (contains(taken_, last) || contains(agency_, last)) &&
          credit_pattern_.matches(ink))
        row.byline = true;
      if (row.ending == Ending::plain && !(next.width <= 2) && ends_with_credit(ink)) row.byline = true;
      if (old_punctuation && old_part_.begins(next_ink)) {
        row.part_next = true;
        continue;
      }
      row.note_next |= old_punctuation && next.blanks_before == 0 &&
                       std::find(notes_.begin(), notes_.end(), next_ink) != notes_.end();
      // Under a headline: who wrote the text, and where.
      if (old_punctuation && row.ending == Ending::plain && !row.clause && !row.note_next && in_brackets(next_ink) &&
          next.width <= note_most_)
        rows[i + 1].byline = row.byline_next = true;
      // Below a headline: how the first sentence of a text begins.
      row.lead_next =
          row.ending == Ending::plain && !row.clause && !row.byline && row.width <= lead_most_ &&
          !(i > 0 && rows[i - 1].clause && rows[i - 1].ending <= Ending::pause && !rows[i - 1].blank_next) &&
          contains(lead_begins_, first) && (lead_pattern_.begins(next_ink) || dateline_pattern_.begins(next_ink));
      // Patterns are looked for only where a paragraph can begin.
      const Cost around = std::max(i > 0 ? rows[i - 1].width : 0, rows[i + 1].width);
      const bool amid = i > 0 && rows[i - 1].ending <= Ending::pause && row.width + 6 >= around &&
                        rows[i - 1].width + 6 >= row.width &&
                        (row.clause || rows[i - 1].clause || rows[i - 1].ending == Ending::pause ||
                         row.width < rows[i + 1].width + 4);
      if (row.ending == Ending::plain && (row.width > 60 || amid) && !next.blanks_before && is_ideographic(begins))
        continue;
      if (row.ending == Ending::pause && !next.blanks_before) continue;
      row.dateline_next = next.kind == BlockKind::body || dateline_pattern_.begins(next_ink);
      row.echo_next =
          row.ending == Ending::plain && common_beginning(ink, next_ink) >= echo_least_ && !has_sentence_marks(ink);
      row.item_next = item_pattern_.begins(next_ink);
      row.part_next = part_pattern_.begins(next_ink);
      row.byline_next |= next.width <= 60 && byline_pattern_.matches(next_ink);
      rows[i + 1].byline |= row.byline_next;
      row.byline_next &= !row.note_next;
      rows[i + 1].dateline = row.dateline_next;
    }
    rows[0].dateline = dateline_pattern_.begins(lines[0].ink.of(text));
    if (lines[0].width <= 60) rows[0].byline |= byline_pattern_.matches(lines[0].ink.of(text));
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      constexpr std::size_t ahead = 8;
      if (i + ahead + 1 < lines.size() && may_be_weighed(rows[i + ahead]))
        model_.prefetch(model_.tail_of(lines[i + ahead].ink.of(text)),
                        model_.head_of(lines[i + ahead + 1].ink.of(text)));
      const Row& next = rows[i + 1];
      rows[i].set_apart = rows[i].set_apart && !rows[i].dateline;
      // News in brief begins with a mark and a heading, which a space sets apart from its text.
      if (old_punctuation && rows[i].set_apart && item_pattern_.begins(lines[i].ink.of(text)))
        rows[i].set_apart = false;
      // One character behind the space between two clauses of a headline begins a clause.
      rows[i].dangling |= rows[i].set_apart && !rows[i].latin && !rows[i].byline && next.ending == Ending::plain &&
                          !next.clause && !rows[i].part_next && next.width <= rows[i].width &&
                          ends_in_lone_character(lines[i].ink.of(text));
      // A dateline is followed by a sentence.
      rows[i].dangling |= rows[i].dateline && rows[i].ending == Ending::pause;
      rows[i].headline_next = rows[i].ending == Ending::plain && next.ending == Ending::plain &&
                              lines[i + 1].blanks_before == 0 && !next.byline && !rows[i].byline &&
                              rows[i].width + (rows[i].set_apart && rows[i].width <= headline_narrow_ ? 1.5f : 0.0f) >=
                                  (rows[i].title_next ? title_ratio_ : headline_ratio_) * next.width &&
                              rows[i].width <= 64 && (rows[i].title_next || !(rows[i].set_apart && next.set_apart));
      // Rows of one width, as narrow headlines have several.
      rows[i].headline_further = rows[i].headline_next && i > 0 && rows[i - 1].headline_next &&
                                 std::abs(rows[i - 1].width - rows[i].width) <= 1.5f;
      rows[i].across = is_across(text, lines, rows, i);
      weigh_words(text, lines, rows, i);
      // The model has not read newspapers of the time when 、 ended sentences.
      if (!old_punctuation) weigh_beginning(text, lines, rows, i);
    }
    return rows;
  }

  /// Characters that both begin with, but for marks.
  static std::size_t common_beginning(std::string_view a, std::string_view b) {
    std::size_t common = 0;
    for (std::size_t at = 0; at < std::min(a.size(), b.size());) {
      const auto [codepoint, length] = valid_utf8_next(a, at);
      if (codepoint != valid_utf8_next(b, at).codepoint) break;
      const CharClass c = class_of(codepoint);
      common += is_ideographic(c) || is_alphanumeric(c);
      at += length;
    }
    return common;
  }

  /// Ends with the word that follows a photographer's name.
  bool ends_with_taken(std::string_view ink) const {
    return contains(taken_, valid_utf8_previous(ink, ink.size()).codepoint);
  }

  static bool is_han(std::string_view ink) {
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      if (class_of(codepoint) != CharClass::han) return false;
      at += length;
    }
    return true;
  }

  /// ... 强 成
  bool ends_in_lone_character(std::string_view ink) const {
    const Decoded last = valid_utf8_previous(ink, ink.size());
    return class_of(last.codepoint) == CharClass::han && ink.size() > last.length + 6u &&
           ink[ink.size() - last.length - 1] == ' ' &&
           is_ideographic(class_of(valid_utf8_previous(ink, ink.size() - last.length - 1).codepoint)) &&
           !names_.ends_with_role(ink.substr(0, ink.size() - last.length - 1));
  }

  /// （...） and nothing else.
  static bool in_brackets(std::string_view ink) {
    constexpr std::string_view open = "（", close = "）";
    return ink.starts_with(open) && ink.find(close) == ink.size() - close.size() &&
           ink.find(open, open.size()) == std::string_view::npos;
  }

  /// （十二）
  bool is_number_in_brackets(std::string_view ink) const {
    constexpr std::size_t bracket = 3;
    for (std::size_t at = bracket; at + bracket < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      if (!contains(numerals_, codepoint)) return false;
      at += length;
    }
    return true;
  }

  /// ... 報導•攝影╱張嘉恬: a slash and a name are the last of the line.
  bool ends_with_credit(std::string_view ink) const {
    const std::string_view end = ink.substr(ink.size() - std::min<std::size_t>(ink.size(), 36));
    return (end.find("╱") != std::string_view::npos || end.find("／") != std::string_view::npos ||
            end.find('/') != std::string_view::npos) &&
           slash_pattern_.matches(ink);
  }

  /// Vertical captions come out broken before each mark, which no typesetter does: lines between a
  /// paragraph's end and the last mark, several of them begun by one and never many below each other
  /// without. What follows up to who took the picture is theirs.
  void find_broken_at_marks(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows) const {
    const auto ink = [&](std::size_t i) { return lines[i].ink.of(text); };
    const auto begins_with_mark = [&](std::size_t i) { return begins_badly(ink(i)); };
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!begins_with_mark(i)) continue;
      std::size_t first = i, last = i, marks = 1;
      if (first > 0 && rows[first - 1].ending == Ending::plain) --first;
      for (std::size_t k = i + 1; k < lines.size() && k <= last + marks_apart_; ++k)
        if (begins_with_mark(k)) {
          last = k;
          ++marks;
        }
      if (marks < marks_least_) continue;
      for (std::size_t k = last + 1; k < std::min(lines.size(), last + 1 + marks_credit_); ++k) {
        if (!is_han(ink(k)) && k > last + 1) break;
        if (ends_with_taken(ink(k))) rows[last = k].byline = true;
      }
      for (std::size_t k = first; k < last; ++k) rows[k].broken_at_marks = true;
      i = last;
    }
  }

  /// Lines of one width, all with a mark at their end, are verse: prose does not end its lines so.
  void find_verse(std::span<const Line> lines, std::vector<Row>& rows) const {
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t end = i + 1;
      while (end < lines.size() && lines[end].width == lines[i].width && ends_verse(rows[end])) ++end;
      if (end - i >= verse_lines_ && lines[i].width <= verse_width_ && ends_verse(rows[i]))
        for (std::size_t k = i; k < end; ++k) rows[k].stands_alone = true;
      i = end;
    }
  }

  /// Stanzas between blank lines, few of whose lines have a mark and several of which leave room for what the next
  /// begins with: free verse, or a list. Prose would fill them.
  void find_free_verse(std::string_view text, std::span<const Line> lines, std::span<const Letters> letters,
                       std::vector<Row>& rows) const {
    constexpr std::size_t shortest_stanza = 3;
    const auto may_be = [&](std::size_t i) {
      return !rows[i].latin && !letters[i].marks && lines[i].gaps == 0 && !lines[i].has(CharClass::space) &&
             lines[i].width >= 4 && lines[i].width <= free_width_;
    };
    std::vector<std::pair<std::size_t, std::size_t>> stanzas;  // one after another: lines [first, second)
    const auto flush = [&] {
      std::uint32_t widest = 0;
      for (const auto& [first, last] : stanzas)
        for (std::size_t k = first; k < last; ++k) widest = std::max(widest, lines[k].width);
      std::size_t count = 0, ragged = 0, plain = 0;
      for (const auto& [first, last] : stanzas) {
        count += last - first;
        for (std::size_t k = first; k < last; ++k) {
          const bool no_mark = rows[k].ending == Ending::plain;
          plain += no_mark;
          ragged += no_mark && k + 1 < last && lines[k].width + 2 <= widest;
        }
      }
      // Verses break between words; headlines below each other that are wrapped do not.
      const auto is_wrapped = [&] {
        for (const auto& [first, last] : stanzas)
          for (std::size_t k = first; k + 1 < last; ++k)
            if (rows[k].ending == Ending::plain && lines[k].width + 2 > widest &&
                model_.continuation(lines[k].ink.of(text), lines[k + 1].ink.of(text)) > free_word_)
              return true;
        return false;
      };
      if (count >= free_lines_ && ragged >= free_ragged_ && 2 * plain >= count && !is_wrapped()) {
        for (const auto& [first, last] : stanzas)
          for (std::size_t k = first; k < last; ++k) rows[k].stands_alone = true;
        // The title, or who wrote it.
        if (const std::size_t first = stanzas.front().first; first > 0 && rows[first - 1].ending == Ending::plain)
          rows[first - 1].stands_alone = true;
      }
      stanzas.clear();
    };
    for (std::size_t i = 0; i < lines.size();) {
      std::size_t end = i;
      while (end < lines.size() && may_be(end) && (end == i || lines[end].blanks_before == 0)) ++end;
      const bool closed = end == lines.size() || lines[end].blanks_before > 0;
      const bool opened = i == 0 || lines[i].blanks_before > 0;
      if (opened && closed && end - i >= shortest_stanza)
        stanzas.emplace_back(i, end);
      else
        flush();
      i = std::max(end, i + 1);
    }
    flush();
  }

  static bool ends_verse(const Row& row) { return row.ending == Ending::pause || row.ending == Ending::stop; }

  /// Rows of tables, at least two below each other with as many cells.
  void find_tables(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows) const {
    // The spaces of a line that may be a row; 0 of one that can't.
    const auto spaces_of = [&](std::size_t i) -> std::size_t {
      const std::string_view ink = lines[i].ink.of(text);
      if (lines[i].width > 80 || rows[i].latin || !lines[i].has(CharClass::space) || !lines[i].has(CharClass::digit))
        return 0;
      if (std::none_of(ink.begin(), ink.end(), [](char c) { return c >= '0' && c <= '9'; })) return 0;
      return static_cast<std::size_t>(std::count(ink.begin(), ink.end(), ' '));
    };
    if (const std::vector<bool> found = find_table_rows(text, lines); !found.empty())
      for (std::size_t i = 0; i < lines.size(); ++i) rows[i].stands_alone = rows[i].stands_alone || found[i];
    const auto is_row = [&](std::size_t i) { return table_pattern_.matches(lines[i].ink.of(text)); };
    std::size_t before = lines.empty() ? 0 : spaces_of(0);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const std::size_t here = spaces_of(i);
      if (here > 0 && here == before && is_row(i - 1) && is_row(i)) {
        rows[i - 1].stands_alone = rows[i].stands_alone = true;
        // What stands above with as many cells is the table's head.
        if (i >= 2) {
          const std::string_view head = lines[i - 2].ink.of(text);
          rows[i - 2].stands_alone |= static_cast<std::size_t>(std::count(head.begin(), head.end(), ' ')) == here;
        }
      }
      before = here;
    }
  }

  /// The coherence model may be asked how the next line goes on with this one.
  static bool may_be_weighed(const Row& row) {
    return !row.latin && (row.ending == Ending::stop || (row.ending == Ending::plain && !row.byline));
  }

  /// Asks the coherence model where a headline may end: at lines without a mark at their end that
  /// may be the first of their paragraph.
  void weigh_words(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows, std::size_t i) const {
    Row& row = rows[i];
    if (row.ending != Ending::plain || row.byline || row.latin) return;
    const bool may_begin = i == 0 || rows[i - 1].ending != Ending::plain || rows[i - 1].blank_next ||
                           rows[i - 1].headline_next || row.width + 8 < rows[i - 1].width || row.set_apart ||
                           rows[i - 1].headlines > 0;
    if (!may_begin) return;
    const std::string_view next = lines[i + 1].ink.of(text);
    float coherence = model_.continuation(lines[i].ink.of(text), next);
    // A quotation goes on with anything: one that is a line of its own is a clause of a headline as well.
    if (first_class(next) == CharClass::open && last_class(next) == CharClass::close)
      coherence = std::min(coherence, 0.0f);
    if (coherence > words_sure_ && !(row.set_apart && rows[i + 1].set_apart) && !row.byline_next)
      row.words_break = std::min(words_most_, words_ * (coherence - words_sure_));
    else if (coherence < -words_sure_ && !row.clause)
      row.words_join = std::min(words_most_, words_ * (-coherence - words_sure_));
    if (coherence < 0) row.headline_next = row.headline_further = false;
    // Two lines without a mark may be two headlines.
    if (coherence < 0 && !row.clause && rows[i + 1].ending == Ending::plain && !rows[i + 1].clause) {
      const float ends = model_.ends_paragraph(lines[i].ink.of(text)) + model_.begins_paragraph(next) - coherence;
      row.headlines = std::max(0.0f, headlines_ * (ends - headlines_least_));
    }
    row.clause_next =
        are_clauses(text, lines, rows, i) &&
        (coherence < clause_coherence_ ||
         coherence < clause_ends_ * (model_.ends_paragraph(lines[i].ink.of(text)) + model_.begins_paragraph(next)));
  }

  /// A caption under a picture is set across columns: its lines are far wider than theirs. One that
  /// ends inside a sentence is wrapped.
  bool is_across(std::string_view text, std::span<const Line> lines, std::span<const Row> rows, std::size_t i) const {
    const Row& row = rows[i];
    if (row.ending != Ending::plain || !row.clause || row.byline || row.latin || row.width < across_least_)
      return false;
    constexpr std::size_t reach = 12;
    std::vector<Cost> widths;
    for (std::size_t k = i - std::min(i, reach); k < std::min(rows.size(), i + reach + 1); ++k)
      widths.push_back(rows[k].width);
    const auto middle = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2);
    std::nth_element(widths.begin(), middle, widths.end());
    if (row.width <= across_columns_ * *middle) return false;
    // Its last line may be short: then the words must say so.
    return rows[i + 1].width > across_columns_ * *middle ||
           model_.continuation(lines[i].ink.of(text), lines[i + 1].ink.of(text)) > across_words_;
  }

  /// Two short lines without a mark over text, each a clause: a headline that was set over two lines,
  /// where one line would have had a space.
  bool are_clauses(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows,
                   std::size_t i) const {
    if (i + 2 >= rows.size()) return false;
    const auto first_of = [&](std::size_t k) { return class_of(valid_utf8_next(lines[k].ink.of(text), 0).codepoint); };
    const auto last_of = [&](std::size_t k) {
      const std::string_view ink = lines[k].ink.of(text);
      return class_of(valid_utf8_previous(ink, ink.size()).codepoint);
    };
    const auto is_clause = [&](std::size_t k) {
      const std::string_view ink = lines[k].ink.of(text);
      const bool quoted = first_of(k) == CharClass::open && last_of(k) == CharClass::close;
      return (rows[k].ending == Ending::plain || quoted) && !rows[k].clause && !rows[k].byline && !rows[k].dateline &&
             !rows[k].latin && lines[k].width >= clause_least_ && lines[k].width <= clause_most_ &&
             ink.find(' ') == std::string_view::npos && !ink.starts_with("（") && !ink.starts_with("(");
    };
    // One quotation of two short lines.
    const bool one_quotation = first_of(i) == CharClass::open && last_of(i) != CharClass::close &&
                               first_of(i + 1) != CharClass::open && last_of(i + 1) == CharClass::close &&
                               !rows[i].clause && !rows[i + 1].clause && lines[i].width <= clause_most_ &&
                               lines[i + 1].width <= clause_most_ && lines[i].width >= clause_least_;
    if (one_quotation) return true;
    // Further down the page a sub-headline may follow a displaced half of a headline.
    constexpr std::size_t top = 3;
    if (i > top || std::any_of(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(i),
                               [](const Row& row) { return row.ending != Ending::plain; }))
      return false;
    const Row& row = rows[i];
    return is_clause(i) && is_clause(i + 1) && !is_clause(i + 2) && !row.byline_next && !row.part_next &&
           !row.item_next && !row.dateline_next && !rows[i + 1].byline_next && lines[i + 2].width >= lines[i + 1].width;
  }

  /// After the end of a sentence that fills its line: whether the next begins a paragraph or only a
  /// sentence.
  void weigh_beginning(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows,
                       std::size_t i) const {
    Row& row = rows[i];
    if (row.ending != Ending::stop || row.latin || row.kinsoku_next || row.credit_next) return;
    // A line far shorter than its neighbours ends its paragraph whatever follows.
    constexpr Cost far = 10;
    if (row.width + far < std::max(i > 0 ? rows[i - 1].width : 0, rows[i + 1].width)) return;
    const std::string_view next = lines[i + 1].ink.of(text);
    const float begins = model_.begins_paragraph(next) - model_.continuation(lines[i].ink.of(text), next);
    if (begins > 0)
      row.words_any_join = std::min(begin_most_, begin_ * begins);
    else
      row.words_any_break = std::min(begin_most_, begin_ * -begins);
  }

  /// What a blank line says, or its absence, depends on the page. Around each line it is counted how
  /// often blank lines follow lines that can't end a paragraph, and lines that surely do.
  void look_at_blanks(std::span<const Line> lines, std::vector<Row>& rows) const {
    constexpr std::size_t reach = 24;
    const std::size_t count = lines.size();
    if (count < 2) return;
    // Prefix sums: open lines, of them with a blank line after; closed lines, of them likewise.
    std::vector<std::array<std::uint32_t, 4>> sums(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
      sums[i + 1] = sums[i];
      if (i + 1 == count) break;
      rows[i].blank_next = lines[i + 1].blanks_before > 0;
      Cost around = 0;
      for (std::size_t k = i < 3 ? 0 : i - 3; k < std::min(count, i + 4); ++k) around = std::max(around, rows[k].width);
      if (rows[i].ending <= Ending::pause && rows[i].width >= 0.75f * around) {
        ++sums[i + 1][0];
        sums[i + 1][1] += rows[i].blank_next;
      } else if (rows[i].ending == Ending::stop && rows[i].width < 0.8f * around) {
        ++sums[i + 1][2];
        sums[i + 1][3] += rows[i].blank_next;
      }
    }
    // More blank lines than the page's lines usually have between them part what they stand between.
    std::array<std::uint32_t, 8> gaps{};
    for (std::size_t i = 1; i < count; ++i)
      if (lines[i].blanks_before > 0) ++gaps[std::min<std::size_t>(lines[i].blanks_before, 7)];
    const auto usual = static_cast<std::size_t>(std::max_element(gaps.begin(), gaps.end()) - gaps.begin());
    for (std::size_t i = 0; i + 1 < count; ++i) {
      rows[i].wide_gap = lines[i + 1].blanks_before >= usual + 2;
      const auto& first = sums[i < reach ? 0 : i - reach];
      const auto& last = sums[std::min(count, i + reach + 1)];
      const auto in = [&](std::size_t k) { return static_cast<Cost>(last[k] - first[k]); };
      const Cost open = (in(1) + blank_prior_ * open_blank_) / (in(0) + blank_prior_);
      const Cost closed = (in(3) + blank_prior_ * closed_blank_) / (in(2) + blank_prior_);
      // That lines stand close never speaks against joining them; where others do not, it speaks for it.
      rows[i].blank_join = rows[i].blank_next ? -std::log(open) + (rows[i].old_punctuation ? old_blank_ : 0) : 0;
      rows[i].tight = !rows[i].blank_next && open > 0.5f;
      rows[i].blank_break = -std::log(rows[i].blank_next ? closed : 1 - closed);
    }
  }

  // ---- decision ------------------------------------------------------------------------------

  static constexpr std::size_t places = 4;  ///< of a line in its paragraph: 1st, 2nd, 3rd, later
  /// Columns are kept in lists that are filled up to whole vectors of `lanes` numbers.
  static constexpr std::size_t lanes = 8;
  static constexpr std::size_t most_widths = 3 * lanes;
  /// Calls `with` with how many numbers such a list of columns has, known when compiled.
  template <typename With>
  static void with_filled(std::size_t columns, const With& with) {
    static_assert(most_widths == 3 * lanes);
    if (columns <= lanes)
      with(std::integral_constant<std::size_t, lanes>());
    else if (columns <= 2 * lanes)
      with(std::integral_constant<std::size_t, 2 * lanes>());
    else
      with(std::integral_constant<std::size_t, 3 * lanes>());
  }
  static constexpr std::size_t chunk_lines = 64;  ///< lines that share a list of candidate widths
  static constexpr std::size_t chunk_reach = 32;  ///< lines around them that are looked at for it

  /// A column that lines may have been set in.
  struct Column {
    Cost width = 0;        ///< half-ems; 0: text that is not wrapped
    Cost lost_indent = 0;  ///< half-ems of indent that first lines had and the text does not show
    Cost strict = 0;       ///< what its even lines say against one that is shorter
  };

  /// Candidate columns of some lines; the first stands for text that is not wrapped.
  std::vector<Column> candidates(std::span<const Row> rows) const {
    std::array<std::uint16_t, 256> count{};
    for (const Row& row : rows)
      if (row.width >= least_width_ && row.width <= most_width_)
        ++count[static_cast<std::size_t>(std::lround(row.width))];
    struct Candidate {
      unsigned support;
      Cost width;
      Cost strict;
    };
    std::vector<Candidate> found;
    const auto at = [&](std::size_t i) { return i < count.size() ? count[i] : std::uint16_t{0}; };
    for (std::size_t w = static_cast<std::size_t>(least_width_); w < 200; ++w) {
      // Full lines are as wide as the column or, by kinsoku, a character narrower.
      const unsigned here = at(w) + at(w - 1);
      const unsigned support = here + at(w - 2) + at(w - 3) + at(w - 4);
      if (at(w) == 0 || support < least_lines_) continue;
      // Long paragraphs are now and then of about one length; of wide lines only equal ones count.
      if (static_cast<Cost>(w) > wide_ && here < least_lines_) continue;
      if (at(w + 1) > at(w) && at(w + 1) >= 2) continue;
      // Lines a little shorter, but for first lines, are rare where type is justified.
      const unsigned uneven = at(w - 2) + at(w - 3) + at(w - 5) + at(w - 6);
      const Cost even = static_cast<Cost>(here) / static_cast<Cost>(here + uneven);
      const Cost strict =
          here < strict_lines_ ? 0 : std::max(0.0f, (even - strict_from_) / (1 - strict_from_)) * strict_;
      found.push_back({3 * here + support, static_cast<Cost>(w), strict});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Candidate& a, const Candidate& b) { return a.support > b.support; });
    std::vector<Column> columns(1);
    for (const Candidate& candidate : found) {
      if (columns.size() + 2 > std::min(2 * most_candidates_ + 1, most_widths)) break;
      columns.push_back({candidate.width, 0, candidate.strict});
      columns.push_back({candidate.width, indent_half_ems_, candidate.strict});
    }
    return columns;
  }

  struct Decision {
    Cost join, broken;
  };
  using Decisions = std::array<Decision, places>;

  /// A number for each column of a list, side by side so that the compiler can use vectors.
  using OfColumn = std::array<Cost, most_widths>;
  /// A list of columns so written.
  struct Columns {
    explicit Columns(const std::vector<Column>& columns) {
      for (std::size_t w = 0; w < columns.size(); ++w) {
        width[w] = columns[w].width;
        lost_indent[w] = columns[w].lost_indent;
        strict[w] = columns[w].strict;
      }
    }
    OfColumn width{}, lost_indent{}, strict{};
  };
  /// Costs of joining and breaking, by place and column.
  struct Costs {
    std::array<OfColumn, places> join, broken;
  };

  /// What joining line and next, and breaking between them, costs whatever the column, for each place
  /// of the line in its paragraph.
  Decisions common_costs(const Row& row) const {
    Decision all{row.words_any_join, row.blank_break + row.words_any_break};
    if (row.wide_gap) all.join += wide_gap_;
    all.join += row.headlines;
    if (row.clause_next) all.broken += clause_next_;
    if (row.across) all.broken += across_;
    if (row.broken_at_marks) all.broken += kinsoku_;
    if (row.open_end) all.broken += open_;
    if (row.open_begin) all.broken += open_;
    if (row.number_open) all.broken += number_;
    // A headline may stand above what has no indent, a line of a paragraph not.
    if (row.flush_next && row.ending != Ending::stop && !row.byline && (row.clause || row.indent >= 3))
      all.broken += not_indented_next_;
    if (row.small_next) all.broken += small_;
    if (row.capital_next) all.join += capital_;
    if (row.dangling) all.broken += kinsoku_;
    if (row.quote_next) all.broken += quote_;
    if (row.bracket_open) all.broken += bracket_;
    if (row.kinsoku_next || row.credit_next || row.note_next) all.broken += kinsoku_;
    if (row.credit_next) all.join -= join_[static_cast<std::size_t>(row.ending)];
    if (row.indented_next) all.join += row.indents_kept ? 2 * indented_next_ : indented_next_;
    if (row.dateline_next || row.lead_next) all.join += dateline_next_;
    if (row.item_next) all.join += row.old_punctuation ? old_item_next_ : item_next_;
    if (row.echo_next) all.join += echo_next_;
    if (row.part_next) all.join += part_next_;
    if (row.byline_next) all.join += row.latin ? latin_byline_ : byline_next_;
    if (row.byline && !row.note_next) all.join += after_byline_;
    if (row.apart) all.join += part_next_;
    if (row.goes_on_elsewhere) all.join += jump_;
    if (row.stands_alone) all.join += alone_;
    Decisions costs;
    costs.fill(all);
    Decision& first = costs[0];
    first.join += row.words_join;
    first.broken += row.words_break;
    // Narrow headlines have several rows.
    if (row.headline_next) costs[1].broken += row.words_break, costs[2].broken += row.words_break;
    if (row.ending == Ending::plain && row.clause && !row.byline && row.width <= headline_width_ + 16)
      first.broken += clause_;
    if (row.set_apart && !row.headline_next) first.join += set_apart_;
    if (row.lone && !row.dangling) first.broken += kinsoku_;
    return costs;
  }

  /// Adds what each of the first `filled` columns says. The first column is text that is not wrapped.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void costs(const Row& row, const Columns& columns, Costs& of) const {
    const Decisions common = common_costs(row);
    const auto ending = static_cast<std::size_t>(row.ending);
    const OfColumn &width = columns.width, &strict = columns.strict;
    OfColumn lost;
    for (std::size_t w = 0; w < filled; ++w) lost[w] = std::max(0.0f, columns.lost_indent[w] - row.indent);
    const Cost needed = row.width + row.next_cluster + row.tolerance;
    const Cost widest = row.width - row.tolerance - row.squeeze;
    // No column of such a page is wide: that is a paragraph.
    const bool old_stop = row.old_punctuation && row.ending == Ending::stop && row.width <= wide_;
    const Cost base_join =
        row.kinsoku_next || row.note_next ? join_[0] : (old_stop ? old_stop_ : join_[ending]) + row.blank_join;
    const Cost base_broken = row.flush_next && row.ending == Ending::stop ? not_indented_next_ : 0;
    const Cost full_end = row.ending != Ending::stop ? full_
                          : row.latin                ? full_latin_stop_
                          : row.old_punctuation      ? full_old_stop_
                                                     : full_stop_;
    const Cost short_base = short_ + (row.ending == Ending::stop ? short_stop_ : 0);
    const Cost short_most = short_most_ + (row.ending == Ending::stop ? short_stop_ : 0);
    const bool no_gap = row.kinsoku_next || row.credit_next || row.note_next;
    const Cost alone = row.stands_alone ? 0.0f : 1.0f;
    // What the columns say of a line in its place; later lines are all alike.
    const auto of_columns = [&](std::size_t place) __attribute__((always_inline)) {
      const Cost full = row.set_apart && place == 0 ? 0 : full_end;
      // A headline has no indent, so it is full only where it is as wide as the column.
      const bool headline = place == 0 && row.ending == Ending::plain && !row.clause;
      const bool one_headline =
          (row.headline_next && place < 2) || row.headline_further || (row.clause_next && place == 0);
      const Cost most = no_gap ? 0 : one_headline ? std::min(short_most, headline_) : short_most;
      // Locals, and no branches: so that the compiler can use vectors.
      const Cost over_cost = over_, over_each = over_per_half_em_, short_each = short_per_half_em_, stretched = spaced_;
      const Cost row_width = row.width, wide_weight = row.kinsoku_next ? 0.0f : 1.0f;
      const Cost not_spaced = row.spaced && !row.byline_next ? 0.0f : impossible;
      const Cost end_indent = headline ? 1.0f : 0.0f, first = place == 0 ? 1.0f : 0.0f;
      OfColumn join, broken;
      for (std::size_t w = 0; w < filled; ++w) {
        const Cost indent = first * lost[w];
        const Cost room = width[w] - indent - needed;
        const Cost over = width[w] - indent - widest;  // below 0: too wide
        const Cost too_wide = over < 0 ? over_cost - over_each * over : 0;
        const bool spaced = row_width + indent >= 0.7f * width[w] + not_spaced;
        const Cost gap_here = short_base + strict[w] + short_each * room;
        const Cost gap = gap_here < most ? gap_here : most;
        const Cost open_gap = room < 0 ? 0 : gap;
        join[w] = wide_weight * too_wide + (spaced ? 0 : open_gap);
        const Cost end = room + end_indent * indent < 0 ? full : 0;
        broken[w] = too_wide + (spaced ? stretched : end);
      }
      std::copy_n(join.begin(), filled, of.join[place].begin());
      std::copy_n(broken.begin(), filled, of.broken[place].begin());
    };
    of_columns(0);
    of_columns(1);
    const std::size_t later = row.headline_next ? 2 : 1;
    if (later == 2) of_columns(2);
    for (std::size_t place = places; place-- > 0;) {
      const Cost join = base_join + common[place].join;
      const Cost broken = base_broken + common[place].broken +
                          (row.byline                    ? byline_
                           : row.ending == Ending::plain ? break_plain_[place]
                                                         : break_[ending]);
      const std::size_t from = std::min(place, later);
      for (std::size_t w = 0; w < filled; ++w) of.join[place][w] = of.join[from][w] + join;
      for (std::size_t w = 0; w < filled; ++w) of.broken[place][w] = alone * (broken + of.broken[from][w]);
      // Text that is not wrapped.
      Cost open = row.byline ? byline_ : unwrapped_[ending];
      if (row.ending == Ending::plain) {
        if (row.width > headline_width_)
          open += std::min(unwrapped_long_, unwrapped_per_half_em_ * (row.width - headline_width_));
        if (!row.byline) open += break_plain_[place] - break_plain_[0];
      }
      of.broken[place][0] = alone * (common[place].broken + open);
      of.join[place][0] = common[place].join + (row.kinsoku_next || row.credit_next || row.note_next ? join_[0]
                                                : row.clause_next || (row.headline_next && row.tight)
                                                    ? headline_
                                                    : unwrapped_join_ + row.blank_join);
    }
  }

  using Front = std::array<OfColumn, places>;

  /// Index of the least of the first `count` numbers, a multiple of `lanes`.
  [[gnu::always_inline]] static inline std::size_t cheapest(const OfColumn& costs, std::size_t count) {
    std::array<Cost, lanes> least;
    std::copy_n(costs.begin(), lanes, least.begin());
    for (std::size_t w = lanes; w < count; w += lanes)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        least[lane] = costs[w + lane] < least[lane] ? costs[w + lane] : least[lane];
    const Cost of_all = *std::min_element(least.begin(), least.end());
    return static_cast<std::size_t>(std::find(costs.begin(), costs.end(), of_all) - costs.begin());
  }

  /// Sets what is known of the columns of a list in the places of another list: of a column that is in
  /// both, or all but is.
  static void carry_over(const std::vector<Column>& before, const std::vector<Column>& now, Front& costs,
                         std::array<std::array<std::int32_t, most_widths>, places>& came_from) {
    const Front old_costs = costs;
    const auto old_from = came_from;
    for (std::size_t w = 0; w < now.size(); ++w) {
      for (std::size_t place = 0; place < places; ++place) costs[place][w] = impossible;
      for (std::size_t k = 0; k < before.size(); ++k) {
        if (before[k].lost_indent != now[w].lost_indent ||
            std::abs(before[k].width - now[w].width) > (now[w].width == 0 ? 0 : 1))
          continue;
        for (std::size_t place = 0; place < places; ++place) {
          costs[place][w] = old_costs[place][k];
          came_from[place][w] = old_from[place][k];
        }
      }
    }
  }

  /// What the search for the cheapest decisions knows after a line.
  struct Search {
    Front front;  ///< the cheapest way into each state
    Costs cost;
    Front same{};  ///< the cheapest way into each place without a change of the column
    std::array<std::array<std::int32_t, most_widths>, places> came_from{};  ///< and its state before
    std::array<Cost, places> any{};                                         ///< the cheapest with whatever column
    std::array<std::int32_t, places> any_from{};
  };
  /// The state before each state of the lines of a chunk, as width * places + place: a byte for each of the places and
  /// of the `filled` widths, which most pages have few of.
  struct Back {
    std::unique_ptr<std::uint8_t[]> before;
    std::size_t filled;

    [[nodiscard]] std::uint8_t* of(std::size_t line) const {
      return before.get() + line % chunk_lines * places * filled;
    }
  };

  /// The ways from the states of one line to those of the next, as long as the column stays the same.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void find_ways(const Row& row, const Columns& columns, Search& search) const {
    auto& [front, cost, same, came_from, any, any_from] = search;
    costs<filled>(row, columns, cost);
    static_assert(places == 4);
    for (std::size_t w = 0; w < filled; ++w) {
      const auto state = static_cast<std::int32_t>(w * places);
      Cost broken = front[0][w] + cost.broken[0][w];
      std::int32_t broken_from = state;
      for (std::int32_t place = 1; place < static_cast<std::int32_t>(places); ++place) {
        const Cost here = front[static_cast<std::size_t>(place)][w] + cost.broken[static_cast<std::size_t>(place)][w];
        broken_from = here < broken ? state + place : broken_from;
        broken = here < broken ? here : broken;
      }
      same[0][w] = broken;
      came_from[0][w] = broken_from;
      same[1][w] = front[0][w] + cost.join[0][w];
      came_from[1][w] = state;
      same[2][w] = front[1][w] + cost.join[1][w];
      came_from[2][w] = state + 1;
      const Cost third = front[2][w] + cost.join[2][w];
      const Cost later = front[3][w] + cost.join[3][w];
      same[3][w] = third <= later ? third : later;
      came_from[3][w] = third <= later ? state + 2 : state + 3;
    }
    for (std::size_t place = 0; place < places; ++place) {
      const std::size_t best = cheapest(same[place], filled);
      any[place] = same[place][best];
      any_from[place] = came_from[place][best];
    }
  }

  /// The cheaper of staying in the column and changing it, for each state of the next line.
  template <std::size_t filled>
  [[gnu::always_inline]] inline void choose(const Row& row, std::size_t widths, Search& search,
                                            std::uint8_t* back) const {
    auto& [front, cost, same, came_from, any, any_from] = search;
    const Cost change = row.blank_next ? change_after_blank_ : change_;
    const bool is_headline = row.ending == Ending::plain && !row.clause;
    for (std::size_t place = 0; place < places; ++place) {
      const Cost move = any[place] + (place == 0 && is_headline ? change * change_after_headline_ : change);
      std::array<std::int32_t, filled> from;
      for (std::size_t w = 0; w < filled; ++w) {
        const Cost stay = same[place][w];
        const std::int32_t stays = -static_cast<std::int32_t>(stay <= move);
        from[w] = (came_from[place][w] & stays) | (any_from[place] & ~stays);
      }
      for (std::size_t w = 0; w < filled; ++w) front[place][w] = std::min(same[place][w], move);
      for (std::size_t w = 0; w < filled; ++w) back[place * filled + w] = static_cast<std::uint8_t>(from[w]);
      std::fill(front[place].begin() + static_cast<std::ptrdiff_t>(widths), front[place].end(), impossible);
    }
  }

  // Both are compiled twice where that pays: with AVX2 vectors hold twice as many numbers. Additions and comparisons
  // are the same, so is what is decided.
  using FindWays = void (WrapsStage::*)(const Row&, const Columns&, Search&) const;
  using Choose = void (WrapsStage::*)(const Row&, std::size_t, Search&, std::uint8_t*) const;
  template <std::size_t filled>
  void find_ways_anywhere(const Row& row, const Columns& columns, Search& search) const {
    find_ways<filled>(row, columns, search);
  }
  template <std::size_t filled>
  void choose_anywhere(const Row& row, std::size_t widths, Search& search, std::uint8_t* back) const {
    choose<filled>(row, widths, search, back);
  }
#if defined(__x86_64__)
  template <std::size_t filled>
  [[gnu::target("avx2")]] void find_ways_avx2(const Row& row, const Columns& columns, Search& search) const {
    find_ways<filled>(row, columns, search);
  }
  template <std::size_t filled>
  [[gnu::target("avx2")]] void choose_avx2(const Row& row, std::size_t widths, Search& search,
                                           std::uint8_t* back) const {
    choose<filled>(row, widths, search, back);
  }
  template <std::size_t filled>
  FindWays ways_of() const {
    return has_avx2_ ? &WrapsStage::find_ways_avx2<filled> : &WrapsStage::find_ways_anywhere<filled>;
  }
  template <std::size_t filled>
  Choose choice_of() const {
    return has_avx2_ ? &WrapsStage::choose_avx2<filled> : &WrapsStage::choose_anywhere<filled>;
  }
  bool has_avx2_ = __builtin_cpu_supports("avx2") != 0;
#else
  template <std::size_t filled>
  FindWays ways_of() const {
    return &WrapsStage::find_ways_anywhere<filled>;
  }
  template <std::size_t filled>
  Choose choice_of() const {
    return &WrapsStage::choose_anywhere<filled>;
  }
#endif

  /// For each line: whether it is joined to the one before it.
  std::vector<bool> decide(std::span<const Row> rows) const {
    const std::size_t count = rows.size();
    std::vector<bool> joined(count, false);
    if (count < 2) return joined;

    std::vector<Back> back;
    const auto begin_chunk = [&](std::size_t filled) {
      const std::size_t lines = std::min(chunk_lines, count - back.size() * chunk_lines);
      back.push_back({std::make_unique_for_overwrite<std::uint8_t[]>(lines * places * filled), filled});
    };
    std::vector<Column> widths = candidates(rows.first(std::min(count, chunk_lines + chunk_reach)));
    Search search;
    for (auto& of_place : search.front) of_place.fill(impossible);
    for (std::size_t w = 0; w < widths.size(); ++w) search.front[0][w] = w == 0 ? 0 : wrapped_;

    Columns columns(widths);
    with_filled(widths.size(), begin_chunk);
    for (std::size_t i = 0; i + 1 < count; ++i) {
      const Row& row = rows[i];
      with_filled(widths.size(), [&](auto filled) { (this->*ways_of<filled>())(row, columns, search); });
      if ((i + 1) % chunk_lines == 0) {
        const std::size_t first = i + 1 - std::min(i + 1, chunk_reach);
        const std::size_t last = std::min(count, i + 1 + chunk_lines + chunk_reach);
        const std::vector<Column> before = std::exchange(widths, candidates(rows.subspan(first, last - first)));
        columns = Columns(widths);
        with_filled(widths.size(), begin_chunk);
        carry_over(before, widths, search.same, search.came_from);
      }
      with_filled(widths.size(), [&](auto filled) {
        (this->*choice_of<filled>())(row, widths.size(), search, back.back().of(i + 1));
      });
    }

    // The last line ends its paragraph.
    std::size_t best = 0;
    Cost best_cost = impossible;
    costs<most_widths>(rows[count - 1], columns, search.cost);
    for (std::size_t w = 0; w < widths.size(); ++w)
      for (std::size_t place = 0; place < places; ++place) {
        const Cost whole = search.front[place][w] + search.cost.broken[place][w];
        if (whole < best_cost) {
          best_cost = whole;
          best = w * places + place;
        }
      }
    for (std::size_t i = count - 1; i > 0; --i) {
      joined[i] = best % places != 0;
      const Back& chunk = back[i / chunk_lines];
      best = chunk.of(i)[best % places * chunk.filled + best / places];
    }
    return joined;
  }

  // ---- result --------------------------------------------------------------------------------

  void emit(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows,
            const std::vector<bool>& joined, Proposal& proposal) const {
    const auto put = [&](TextRange gap, std::string_view wanted, RuleIndex rule) {
      if (gap.of(text) != wanted) proposal.replace(gap, wanted, rule);
    };
    put({0, lines.front().ink.begin}, "", edge);
    for (std::size_t i = 1; i < lines.size(); ++i) {
      TextRange gap{lines[i - 1].ink.end, lines[i].ink.begin};
      if (!joined[i]) {
        put(gap, "\n", edge);
        continue;
      }
      const auto [left, left_length] = valid_utf8_previous(text, gap.begin);
      const auto right = valid_utf8_next(text, gap.end).codepoint;
      const CharClass left_class = class_of(left);
      if (rows[i - 1].link_next) {
        put(gap, "", join);
        continue;
      }
      if (left == U'-' && undo_hyphen(text, lines[i - 1].ink, lines[i].ink)) {
        proposal.erase({gap.begin - left_length, gap.end}, hyphen);
        continue;
      }
      const bool after_word = is_alphanumeric(left_class) || left_class == CharClass::ascii_close ||
                              (left_class == CharClass::ascii_mark && left != U'-' && left != U'/');
      const CharClass right_class = class_of(right);
      const bool before_word = is_alphanumeric(right_class) || right_class == CharClass::ascii_open || right == U'"' ||
                               right == U'\'' || right == U'$' || right == U'&' || right == U'-';
      const bool quoted_latin = before_latin_quote(text, gap, left_class, right_class);
      // In a vertical caption 摄 on a line of its own stood apart from the name.
      const bool took_it = rows[i - 1].broken_at_marks && rows[i].width <= 2 && rows[i].byline;
      const bool names = took_it || goes_on_with_name(text, lines[i - 1].ink, lines[i].ink);
      const bool digits =
          right_class == CharClass::digit && (left_class == CharClass::digit || ends_in_number(text, gap.begin));
      if (rows[i - 1].clause_next)
        put(gap, " ", join_clauses);
      else if (rows[i - 1].dateline && right != U'（' && right != U'(' && is_dateline(lines[i - 1].ink.of(text)))
        put(gap, " ", join_dateline);
      else if ((after_word && before_word && !digits) || quoted_latin || names)
        put(gap, " ", names ? join_names : join_space);
      else
        put(gap, "", join);
    }
    const TextRange tail{lines.back().ink.end, static_cast<ByteOffset>(text.size())};
    put(tail, "\n", edge);
  }

  /// "6." or "1,": a number that was broken at its mark.
  static bool ends_in_number(std::string_view text, std::size_t end) {
    return end >= 2 && (text[end - 1] == '.' || text[end - 1] == ',') && text[end - 2] >= '0' && text[end - 2] <= '9';
  }

  /// A dateline and nothing else: the space that sets the text apart from it went at the line's end.
  bool is_dateline(std::string_view ink) const {
    return dateline_pattern_.matches(ink) && !ink.ends_with("）") && !ink.ends_with(")") && !ink.ends_with("】");
  }

  /// The line ended between 记者 and a name, or between two names of such a list.
  bool goes_on_with_name(std::string_view text, TextRange left, TextRange right) const {
    const std::string_view next = right.of(text);
    if (!names_.begins_with_name(next) || !names_.list_open(left.of(text))) return false;
    // A lone name is set close: （记者宋以宁）. Before several, which have spaces between them, one may stand too.
    const std::size_t end = next.find_first_of(" ");
    return !names_.ends_with_tight_role(left.of(text)) || names_.is_name(next.substr(0, end));
  }

  /// Latin text with curly quotation marks at the join: “word / word” / “word.
  static bool before_latin_quote(std::string_view text, TextRange gap, CharClass left, CharClass right) {
    const auto is_latin_at = [&](std::size_t at) {
      return at < text.size() && class_of(valid_utf8_next(text, at).codepoint) == CharClass::latin;
    };
    if (right == CharClass::open && (is_alphanumeric(left) || left == CharClass::ascii_mark))
      return is_latin_at(gap.end + valid_utf8_next(text, gap.end).length);
    if (left == CharClass::close && is_alphanumeric(right)) {
      const Decoded mark = valid_utf8_previous(text, gap.begin);
      if (gap.begin <= mark.length) return false;
      const CharClass before = class_of(valid_utf8_previous(text, gap.begin - mark.length).codepoint);
      return before == CharClass::latin || before == CharClass::ascii_mark;
    }
    return false;
  }

  /// "develop-" + "ment": a word cut at a syllable; not "F-" + "16", not "well-" + "known".
  bool undo_hyphen(std::string_view text, TextRange left, TextRange right) const {
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    if (right.empty() || !lower(text[right.begin])) return false;
    ByteOffset end = left.end - 1;
    ByteOffset begin = end;
    while (begin > left.begin && (lower(text[begin - 1]) || (text[begin - 1] >= 'A' && text[begin - 1] <= 'Z')))
      --begin;
    if (end - begin < 2 || !lower(text[end - 1])) return false;
    if (begin > left.begin && text[begin - 1] == '-') return false;  // part of a longer compound
    std::string word(text.substr(begin, end - begin));
    for (char& c : word) c = static_cast<char>(c | 0x20);
    if (!keep_hyphen_.contains(word)) return true;
    // "cross-" may be half of "crossing": if that word stands elsewhere on the page, it is.
    ByteOffset rest = right.begin;
    while (rest < right.end && lower(text[rest])) ++rest;
    return text.find(word + std::string(text.substr(right.begin, rest - right.begin))) != std::string_view::npos;
  }

  CoherenceModel model_;
  Names names_;
  std::shared_ptr<const LatinLines> latin_;
  unsigned least_lines_ = 0;
  std::size_t most_candidates_ = 0;
  Cost change_, change_after_blank_, change_after_headline_, wrapped_, tolerance_, lead_most_, old_tolerance_,
      tolerance_per_letter_, squeeze_, squeeze_most_, over_, over_per_half_em_, least_width_, most_width_, wide_;
  std::array<Cost, 4> join_{}, break_{}, unwrapped_{};  // by Ending
  std::array<Cost, places> break_plain_{};
  Cost short_, short_per_half_em_, short_most_, short_stop_, strict_, strict_from_, indent_half_ems_, indented_next_,
      wide_gap_, blank_prior_, old_blank_, open_blank_, closed_blank_, dateline_next_, item_next_, old_item_next_,
      old_stop_, jump_, echo_next_, byline_next_, part_next_, headline_, headline_ratio_, headline_narrow_,
      title_ratio_, after_byline_;
  unsigned strict_lines_;
  std::size_t echo_least_;
  std::uint32_t clause_least_, clause_most_, note_most_;
  Cost full_, full_stop_, full_old_stop_, full_latin_stop_, spaced_, byline_, not_indented_next_, kinsoku_, bracket_,
      quote_, clause_, words_, words_most_, words_sure_, headlines_, headlines_least_, begin_, begin_most_, set_apart_,
      clause_next_, clause_coherence_, clause_ends_, across_, across_least_, across_columns_, across_words_, open_,
      number_, small_, capital_, latin_tolerance_, latin_byline_, unwrapped_join_, headline_width_,
      unwrapped_per_half_em_, unwrapped_long_;
  std::u32string dangling_, numerals_, lead_begins_, open_end_, open_begin_, powers_, before_number_, taken_, agency_;
  std::vector<std::string> notes_;
  std::unordered_set<std::string> keep_hyphen_;
  Pattern dateline_pattern_, byline_pattern_, item_pattern_, part_pattern_, lead_pattern_, old_part_, table_pattern_,
      credit_pattern_, credit_line_, slash_pattern_, dateline_end_;
  std::size_t verse_lines_ = 0, marks_least_ = 0, marks_apart_ = 0, marks_credit_ = 0;
  std::uint32_t verse_width_ = 0, free_width_ = 0;
  std::size_t free_lines_ = 0, free_ragged_ = 0;
  Cost alone_, free_word_;
};

}  // namespace

const StageInfo wraps_info{"wraps", "joins wrapped lines into paragraphs, one a line", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_wraps(const StageOptions& options, const Rules& rules) {
  Settings settings("wraps", options, rules, "wraps.toml");
  Settings lines("wraps", options, rules, "lines.toml");
  auto stage = std::make_unique<WrapsStage>(settings, lines, options, rules);
  if (!settings.ok() || !lines.ok()) {
    ConfigErrors errors = settings.take_errors();
    for (ConfigError& error : lines.take_errors()) errors.push_back(std::move(error));
    return unexpected(std::move(errors));
  }
  return stage;
}

}  // namespace inkwash::stages
