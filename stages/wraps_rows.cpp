#include "stages/wraps_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "inkwash/unicode.h"
#include "stages/character_set.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/latin.h"
#include "stages/names.h"
#include "stages/pattern.h"
#include "stages/settings.h"
#include "stages/wraps_alone.h"
#include "stages/wraps_ink.h"
#include "stages/wraps_interruptions.h"

namespace inkwash::stages {

class RowReader::Evidence {
 public:
  Evidence(Settings& s, Settings& lines, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)),
        names_(s, options, rules),
        latin_(LatinLines::of(s, rules)),
        lines_alone_(s, lines, model_),
        interrupted_(s, lines, rules, model_) {
    tolerance_ = s.cost("width.tolerance");
    old_tolerance_ = s.cost("width.old_tolerance");
    tolerance_per_letter_ = s.cost("width.tolerance_per_letter");
    squeeze_ = s.cost("width.squeeze");
    squeeze_most_ = s.cost("width.squeeze_most");
    blank_prior_ = s.cost("blank.prior");
    old_blank_ = s.cost("blank.old");
    open_blank_ = s.cost("blank.open");
    closed_blank_ = s.cost("blank.closed");
    echo_least_ = s.count("join.echo_least");
    echo_words_ = s.count("join.echo_words");
    strange_ = s.cost("join.strange");
    torn_least_ = static_cast<std::uint32_t>(s.cost("unwrapped.torn_least"));
    strange_side_ = s.cost("join.strange_side");
    strange_least_ = static_cast<std::uint32_t>(s.cost("join.strange_least"));
    strange_most_ = static_cast<std::uint32_t>(s.cost("join.strange_most"));
    echo_share_ = s.cost("join.echo_share");
    byline_width_ = static_cast<std::uint32_t>(s.number("join.byline_width", 0, 1000));
    marks_least_ = s.count("marks.least");
    marks_apart_ = s.count("marks.apart");
    caption_marks_ = CharacterSet(s.characters("marks.of_captions"));
    marks_credit_ = s.count("marks.credit");
    headline_ratio_ = s.cost("join.headline_ratio");
    headline_narrow_ = s.cost("join.headline_narrow");
    title_ratio_ = s.cost("latin.title_ratio");
    words_ = s.cost("join.words");
    words_most_ = s.cost("join.words_most");
    words_sure_ = s.cost("join.words_sure");
    headlines_ = s.cost("join.headlines");
    headlines_least_ = s.cost("join.headlines_least");
    begin_ = s.cost("join.begin");
    begin_most_ = s.cost("join.begin_most");
    clause_coherence_ = s.cost("join.clause_coherence");
    clause_ends_ = s.cost("join.clause_ends");
    clause_least_ = static_cast<std::uint32_t>(s.cost("join.clause_least"));
    clause_most_ = static_cast<std::uint32_t>(s.cost("join.clause_most"));
    chapter_narrower_ = static_cast<std::uint32_t>(s.cost("join.chapter_narrower"));
    chapter_lines_ = s.count("join.chapter_lines");
    headline_even_ = s.cost("join.headline_even");
    headline_rows_least_ = s.count("join.headline_rows_least");
    headline_rows_most_ = s.count("join.headline_rows_most");
    across_least_ = s.cost("break.across_least");
    across_columns_ = s.cost("break.across_columns");
    across_words_ = s.cost("break.across_words");
    latin_tolerance_ = s.cost("latin.tolerance");
    taken_ = CharacterSet(s.characters("credit.taken"));
    agency_ = CharacterSet(s.characters("credit.agency"));
    open_end_ = CharacterSet(s.characters("break.open_end"));
    open_begin_ = CharacterSet(s.characters("break.open_begin"));
    powers_ = CharacterSet(s.characters("break.powers"));
    dates_ = CharacterSet(s.characters("break.dates"));
    before_number_ = CharacterSet(s.characters("break.before_number"));
    dangling_ = CharacterSet(s.characters("break.dangling"));
    notes_ = s.strings("note.lines");
    lead_begins_ = CharacterSet(s.characters("lead.begins"));
    lead_most_ = s.cost("lead.most_width");
    numerals_ = CharacterSet(s.characters("note.numerals"));
    note_most_ = static_cast<std::uint32_t>(s.cost("note.most_width"));
    dateline_pattern_ = Pattern(lines, "dateline", lines.strings("dateline"));
    byline_pattern_ = Pattern(lines, "byline", lines.strings("byline"));
    item_pattern_ = Pattern(lines, "item", lines.strings("item"));
    credit_pattern_ = Pattern(lines, "credit_end", each_between(".*", lines.strings("credit_end"), {}));
    dateline_end_ = Pattern(lines, "dateline_end", {lines.string("dateline_end")});
    dateline_whole_ =
        Pattern(lines, "dateline_rest", each_between({}, lines.strings("dateline"), lines.string("dateline_rest")));
    slash_pattern_ = Pattern(lines, "slash_end", {lines.string("slash_end")});
    credit_line_ = Pattern(lines, "credit_line", {lines.string("credit_line")});
    old_part_ = Pattern(lines, "old_headline_part", lines.strings("old_headline_part"));
    lead_pattern_ = Pattern(lines, "lead", lines.strings("lead"));
    part_pattern_ = Pattern(lines, "headline_part", lines.strings("headline_part"));
    chapter_pattern_ = Pattern(lines, "chapter", {lines.string("chapter")});
    no_title_ = Pattern(lines, "no_title", lines.strings("no_title"));
    caption_pattern_ = Pattern(lines, "caption_begin", {lines.string("caption_begin")});
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
    const bool old_punctuation =
        has_old_punctuation(TextRange{lines.front().range.begin, lines.back().range.end}.of(text));
    std::vector<Letters> letters(lines.size());
    std::size_t indented = 0, indented_after_stop = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view ink = lines[i].ink.of(text);
      Row& row = rows[i];
      letters[i] = count_letters(ink, lines[i], old_punctuation);
      row.squeeze = std::min(squeeze_most_, squeeze_ * static_cast<Cost>(letters[i].full_marks));
      row.latin = letters[i].latin;
      row.clause = letters[i].marks;
      row.old_punctuation = old_punctuation;
      const std::uint32_t indent = lines[i].indent - margins[i];
      // Taken-out white space was about a quarter of an em at each gap.
      row.spaced = lines[i].gaps >= 3 && lines[i].gaps * 4 >= lines[i].width;
      row.indent = static_cast<Cost>(std::min(indent, 8u));
      row.width = static_cast<Cost>(lines[i].width) + row.indent +
                  (row.spaced ? 0.0f : 0.5f * static_cast<Cost>(lines[i].gaps));
      row.ending = ending_of(ink, old_punctuation);
      // A quotation is a clause of a headline behind a space, or where a headline may stand.
      if (row.ending == Ending::semi && !row.latin && !letters[i].marks && letters[i].quote == 0 &&
          ends_in_quotation(ink) &&
          (ends_in_quoted_clause(ink) || i == 0 || lines[i].blanks_before > 0 || rows[i - 1].ending == Ending::stop))
        row.ending = Ending::plain;
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
    lines_alone_.mark(text, lines, rows);

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
      row.capital_next = both_latin && row.ending == Ending::plain && LatinLines::begins_with_capital(next_ink);
      // A dateline and its reporters are the beginning of a paragraph, never all of it.
      row.dangling |= (last == U'）' || last == U')') && ink.size() <= 400 && dateline_end_.matches(text, lines[i]);
      // A slash at the end is followed by the photographer's name, which ends the paragraph.
      if ((last == U'╱' || last == U'／' || last == U'/') && next.width >= 4 && next.width <= 8 && is_han(next_ink))
        rows[i + 1].byline = true;
      row.lone = lines[i].width <= 2 && is_ideographic(ends);
      row.credit_next = (next.width <= 2 && contains(taken_, first)) ||
                        (row.ending == Ending::stop && next.width <= 40 && ends_with_taken(next_ink) &&
                         credit_line_.matches(text, next));
      row.dangling |= row.lone && next.width <= 6 && next.blanks_before == 0;
      row.names_open = row.ending == Ending::plain && lines[i].width <= byline_width_ && next.width <= byline_width_ &&
                       next.blanks_before == 0 && goes_on_with_names(ink, next_ink);
      if (old_punctuation && in_brackets(next_ink)) {
        // Who wrote the text stands in brackets at its end, "to be continued" too.
        row.note_next = (last == U'、' || last == U'。') && next.width <= note_most_;
        // Columns of a narrow heading: parts of a number, or of a name and a place.
        row.note_next |= in_brackets(ink) && next.width <= note_most_ && next.blanks_before == 0 &&
                         is_number_in_brackets(ink) == is_number_in_brackets(next_ink);
      }
      row.torn = row.clause && row.ending == Ending::plain && !old_punctuation && lines[i].width >= torn_least_ &&
                 find(ink, "。") != std::string_view::npos && goes_on(ink, next_ink);
      row.set_apart = letters[i].latin ? row.ending == Ending::plain && is_title_case(ink)
                                       : letters[i].spaces && !letters[i].marks && row.ending == Ending::plain;
      row.open_end =
          row.latin ? latin_->ends_openly(ink) || latin_->ends_in_abbreviation(ink) : contains(open_end_, last);
      row.unfinished = row.latin && latin_->ends_unfinished(ink) &&
                       (last == U',' || LatinLines::begins_small(ink) || !is_title_case(ink, 2));
      row.capital_next &= !row.unfinished;
      row.open_begin = contains(open_begin_, first);
      row.number_open = (contains(numerals_, last) && contains(powers_, first)) ||
                        (contains(powers_, last) && begins == CharClass::digit) ||
                        (ends == CharClass::digit && contains(dates_, first)) ||
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
      // A headline has no indent, and blank lines around it where other lines have none.
      const bool headline_next = row.blank_next && row.blank_join >= 1 && rows[i + 1].ending == Ending::plain &&
                                 i + 2 < lines.size() && lines[i + 2].blanks_before > 0;
      row.flush_next = indents_kept && indent <= 1 && !headline_next;
      row.indents_kept = indents_kept;
      row.apart =
          lines[i].kind != next.kind && (next.kind != BlockKind::unknown || lines[i].kind == BlockKind::byline ||
                                         lines[i].kind == BlockKind::headline);
      if (row.ending == Ending::plain && (contains(taken_, last) || contains(agency_, last)) &&
          credit_pattern_.matches(text, lines[i]))
        row.byline = true;
      if (row.ending == Ending::plain && !(next.width <= 2) && ends_with_credit(ink)) row.byline = true;
      if (old_punctuation && old_part_.begins(text, next)) {
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
          contains(lead_begins_, first) && (lead_pattern_.begins(text, next) || dateline_pattern_.begins(text, next));
      row.echo_next = echoes(text, lines, rows, i);
      // Patterns are looked for only where a paragraph can begin.
      const Cost around = std::max(i > 0 ? rows[i - 1].width : 0, rows[i + 1].width);
      const bool amid = i > 0 && rows[i - 1].ending <= Ending::pause && row.width + 6 >= around &&
                        rows[i - 1].width + 6 >= row.width &&
                        (row.clause || rows[i - 1].clause || rows[i - 1].ending == Ending::pause ||
                         row.width < rows[i + 1].width + 4);
      if (row.ending == Ending::plain && (row.width > 60 || amid) && !next.blanks_before && is_ideographic(begins))
        continue;
      if (row.ending == Ending::pause && !next.blanks_before) continue;
      row.dateline_next = next.kind == BlockKind::body || dateline_pattern_.begins(text, next);
      row.echo_next |=
          row.ending == Ending::plain && common_beginning(ink, next_ink) >= echo_least_ && !has_sentence_marks(ink);
      row.item_next = item_pattern_.begins(text, next);
      row.part_next = (!row.bracket_open && part_pattern_.begins(text, next)) || contains(caption_marks_, first) ||
                      (is_open(ink) && caption_pattern_.begins(text, next));
      row.byline_next |= next.width <= 60 && byline_pattern_.matches(text, next);
      rows[i + 1].byline |= row.byline_next;
      row.byline_next &= !row.note_next;
      rows[i + 1].dateline = row.dateline_next;
    }
    rows[0].dateline = dateline_pattern_.begins(text, lines[0]);
    if (lines[0].width <= 60) rows[0].byline |= byline_pattern_.matches(text, lines[0]);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i)
      if (rows[i].dateline) open_reporters(text, lines, rows, i);
    // What the model will be asked of, some lines before it is: it is larger than caches are.
    constexpr std::size_t ahead = 8;
    std::array<Ends, ahead + 1> ends_ahead;
    const auto look_ahead = [&](std::size_t i) {
      if (i + 1 >= lines.size() || !may_be_weighed(rows[i])) return;
      Ends& ends = ends_ahead[i % ends_ahead.size()];
      ends = {model_.tail_of(lines[i].ink.of(text)), model_.head_of(lines[i + 1].ink.of(text))};
      // Amid text few are weighed.
      if (rows[i].ending == Ending::plain && i > 0 && rows[i - 1].ending == Ending::plain && !rows[i - 1].blank_next)
        return;
      model_.prefetch_ending(ends.tail);
      model_.prefetch(ends.tail, ends.next);
      if (rows[i].ending == Ending::stop) model_.prefetch_beginning(ends.next);
    };
    if (!old_punctuation) find_headline_rows(text, lines, rows);
    for (std::size_t i = 0; i < ahead; ++i) look_ahead(i);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
      look_ahead(i + ahead);
      const Ends& ends = ends_ahead[i % ends_ahead.size()];
      const Row& next = rows[i + 1];
      rows[i].set_apart = rows[i].set_apart && !rows[i].dateline;
      // News in brief begins with a mark and a heading, which a space sets apart from its text.
      if (old_punctuation && rows[i].set_apart && item_pattern_.begins(text, lines[i])) rows[i].set_apart = false;
      // One character behind the space between two clauses of a headline begins a clause.
      rows[i].dangling |= rows[i].set_apart && !rows[i].latin && !rows[i].byline && next.ending == Ending::plain &&
                          !next.clause && !rows[i].part_next && next.width <= rows[i].width &&
                          ends_in_lone_character(lines[i].ink.of(text));
      // A dateline is followed by a sentence.
      rows[i].dangling |= rows[i].dateline && rows[i].ending == Ending::pause;
      rows[i].headline_next =
          rows[i].rows_of_one ||
          (rows[i].ending == Ending::plain && next.ending == Ending::plain && lines[i + 1].blanks_before == 0 &&
           !next.byline && !rows[i].byline &&
           (rows[i].width + (rows[i].set_apart && rows[i].width <= headline_narrow_ ? 1.5f : 0.0f) >=
                (rows[i].title_next ? title_ratio_ : headline_ratio_) * next.width ||
            // What the next begins with would not have fitted.
            (rows[i].title_next && rows[i].width + rows[i].next_cluster > next.width)) &&
           rows[i].width <= 64 && (rows[i].title_next || !(rows[i].set_apart && next.set_apart)));
      // Rows of one width, as narrow headlines have several.
      rows[i].headline_further = rows[i].headline_next && i > 0 && rows[i - 1].headline_next &&
                                 std::abs(rows[i - 1].width - rows[i].width) <= 1.5f;
      rows[i].across = is_across(text, lines, rows, i);
      weigh_words(text, lines, rows, i, ends);
      if (i > 0)
        if (const std::size_t strange = strange_lines(text, lines, rows, i))
          rows[i - 1].strange_next = rows[i + strange - 1].strange_next = true;
      // The model has not read newspapers of the time when 、 ended sentences.
      if (!old_punctuation) weigh_beginning(rows, i, ends);
    }
    if (!old_punctuation) find_chapters(text, lines, rows);
    interrupted_.mark(text, lines, rows);
    return rows;
  }

 private:
  /// A headline, perhaps behind a dateline, which the next two lines say again and do not go on with.
  bool echoes(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows, std::size_t i) const {
    const auto ink = [&](std::size_t k) { return lines[k].ink.of(text); };
    const auto may_be = [&](std::size_t k) {
      return rows[k].ending == Ending::plain && !rows[k].clause && !rows[k].latin && !rows[k].byline;
    };
    if (!may_be(i) || rows[i].old_punctuation) return false;
    constexpr std::size_t most_lines = 3, most_bytes = 240;
    const auto beginning_of = [&](std::string_view line) {
      return line.substr(0, valid_utf8_ceiling(line, std::min(line.size(), most_bytes)));
    };
    std::size_t first = i;
    while (first > 0 && i - first + 1 < most_lines && !rows[first].dateline && may_be(first - 1) &&
           !rows[first - 1].blank_next)
      --first;
    std::string_view headline = ink(i);
    std::string behind_dateline;
    if (rows[first].dateline) {
      for (std::size_t k = first; k <= i; ++k) behind_dateline += ink(k);
      const std::string_view dateline = dateline_whole_.beginning_of(behind_dateline);
      if (dateline.empty()) return false;
      headline = std::string_view(behind_dateline).substr(dateline.size());
    }
    const std::array next{beginning_of(ink(i + 1)),
                          i + 2 < lines.size() ? beginning_of(ink(i + 2)) : std::string_view()};
    const std::size_t again = shared_pairs(headline, next);
    if (again < echo_words_ ||
        static_cast<float>(again) < echo_share_ * static_cast<float>(shared_pairs(headline, headline)))
      return false;
    return !goes_on(ink(i), ink(i + 1));
  }

  /// Rather than that one ends a paragraph and the next begins one.
  bool goes_on(std::string_view ink, std::string_view next) const {
    return model_.continuation(ink, next) >= 0.5f * (model_.ends_paragraph(ink) + model_.begins_paragraph(next));
  }

  /// Ends with the word that follows a photographer's name.
  bool ends_with_taken(std::string_view ink) const {
    return contains(taken_, valid_utf8_previous(ink, ink.size()).codepoint);
  }

  /// A byline of several lines: a role or a list of names, and a name or the rest of one.
  bool goes_on_with_names(std::string_view ink, std::string_view next) const {
    const Decoded first = valid_utf8_next(next, 0);
    const bool rest =
        first.length == next.size() && is_ideographic(class_of(first.codepoint)) && !contains(taken_, first.codepoint);
    if (!rest && !names_.begins_with_name(next)) return false;
    if (!is_ideographic(last_class(ink)) || !names_.list_open(ink)) return false;
    return (!rest && names_.ends_with_role(ink)) || byline_pattern_.matches(ink);
  }

  /// ... 强 成
  bool ends_in_lone_character(std::string_view ink) const {
    const Decoded last = valid_utf8_previous(ink, ink.size());
    return class_of(last.codepoint) == CharClass::han && ink.size() > last.length + 6u &&
           ink[ink.size() - last.length - 1] == ' ' &&
           is_ideographic(class_of(valid_utf8_previous(ink, ink.size() - last.length - 1).codepoint)) &&
           !names_.ends_with_role(ink.substr(0, ink.size() - last.length - 1));
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

  /// A line's end and the beginning of the next, as the coherence model reads them; of lines that may be weighed.
  struct Ends {
    CoherenceModel::Tail tail;
    CoherenceModel::Head next;
  };
  /// The coherence model may be asked how the next line goes on with this one.
  static bool may_be_weighed(const Row& row) {
    return !row.latin && (row.ending == Ending::stop || (row.ending == Ending::plain && !row.byline));
  }

  /// A line without a mark, as the next is, below a byline or a headline that it does not go on with.
  static bool may_be_next_headline(const std::vector<Row>& rows, std::size_t i) {
    return !rows[i].old_punctuation && !rows[i].clause && !rows[i + 1].clause && rows[i + 1].ending == Ending::plain &&
           (rows[i - 1].byline || rows[i - 1].words_join > 0);
  }

  /// Asks the coherence model where a headline may end: at lines without a mark at their end that
  /// may be the first of their paragraph.
  void weigh_words(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows, std::size_t i,
                   const Ends& ends) const {
    Row& row = rows[i];
    if (row.ending != Ending::plain || row.byline || row.latin) return;
    const bool may_begin = i == 0 || rows[i - 1].ending != Ending::plain || rows[i - 1].blank_next ||
                           rows[i - 1].headline_next || row.width + 8 < rows[i - 1].width || row.set_apart ||
                           rows[i - 1].headlines > 0 || may_be_next_headline(rows, i);
    if (!may_begin) return;
    const std::string_view next = lines[i + 1].ink.of(text);
    // More than what weighs most changes nothing.
    float coherence = model_.continuation_below(ends.tail, ends.next, words_sure_ + words_most_ / words_);
    // A quotation goes on with anything: one that is a line of its own is a clause of a headline as well.
    if ((first_class(next) == CharClass::open && last_class(next) == CharClass::close) ||
        (!row.clause && ends_in_quotation(lines[i].ink.of(text))))
      coherence = std::min(coherence, 0.0f);
    if (coherence > words_sure_ && !(row.set_apart && rows[i + 1].set_apart) && !row.byline_next)
      row.words_break = std::min(words_most_, words_ * (coherence - words_sure_));
    else if (coherence < -words_sure_ && !row.clause && !row.rows_of_one)
      row.words_join = std::min(words_most_, words_ * (-coherence - words_sure_));
    if (coherence < 0 && !row.rows_of_one) row.headline_next = row.headline_further = false;
    // Two lines without a mark may be two headlines.
    if (coherence < 0 && !row.rows_of_one && !row.clause && rows[i + 1].ending == Ending::plain &&
        !rows[i + 1].clause) {
      const float parted = model_.ends_paragraph(lines[i].ink.of(text)) + model_.begins_paragraph(next) - coherence;
      row.headlines = std::max(0.0f, headlines_ * (parted - headlines_least_));
    }
    row.clause_next |=
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

  /// A dateline goes on with its reporters on the next line, and they with the text: they are no byline.
  void open_reporters(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows, std::size_t i) const {
    const std::string_view next = lines[i + 1].ink.of(text);
    if (!next.starts_with("（") && !next.starts_with("(")) return;
    std::string both(lines[i].ink.of(text));
    if (!dateline_pattern_.matches(both)) return;
    both += next;
    if (!dateline_end_.begins(both)) return;
    rows[i].dangling = true;
    rows[i].byline_next = rows[i + 1].byline = false;
    if (i + 2 < lines.size() && dateline_end_.matches(both)) rows[i + 1].dangling = true;
  }

  /// Lines of a headline below text that has not ended, and above text that it does not go on with; 0: none.
  std::size_t strange_lines(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows,
                            std::size_t i) const {
    const Row& above = rows[i - 1];
    if (above.ending > Ending::pause || !(above.clause || above.ending == Ending::pause) || above.kinsoku_next ||
        above.dangling || above.latin || above.byline || above.number_open || above.old_punctuation)
      return 0;
    const auto ink = [&](std::size_t k) { return lines[k].ink.of(text); };
    const auto is_part = [&](std::size_t k) {
      const bool quoted = first_class(ink(k)) == CharClass::open && last_class(ink(k)) == CharClass::close;
      return (rows[k].ending == Ending::plain || (quoted && rows[k].ending == Ending::semi)) && !rows[k].clause &&
             !rows[k].latin && !rows[k].byline && !rows[k].dateline && lines[k].width <= strange_most_;
    };
    if (lines[i].width < strange_least_ || !is_part(i)) return 0;
    const float begins = model_.begins_paragraph(ink(i)) - model_.continuation(ink(i - 1), ink(i));
    if (begins <= strange_side_) return 0;
    for (std::size_t k = i; k < std::min(i + 2, lines.size() - 1) && is_part(k); ++k) {
      if (rows[k].kinsoku_next || (k > i && lines[k].width > lines[i].width)) break;
      const float ends = model_.ends_paragraph(ink(k)) - model_.continuation(ink(k), ink(k + 1));
      if (std::min(begins, ends) > strange_side_ && begins + ends > strange_) return k - i + 1;
    }
    return 0;
  }

  /// Two short lines without a mark over text (over a byline: of one length), each a clause: a headline that was set
  /// over two lines, where one line would have had a space.
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
           !row.item_next && !row.dateline_next && (!rows[i + 1].byline_next || lines[i].width == lines[i + 1].width) &&
           lines[i + 2].width >= lines[i + 1].width;
  }

  /// A headline in several rows, of which one breaks off inside a word: those of its width are of its type, so they are
  /// its rows, too. Where one does not go on with the next two clauses meet.
  void find_headline_rows(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows) const {
    const auto is_row = [&](std::size_t k) {
      return rows[k].ending == Ending::plain && !rows[k].clause && !rows[k].latin && !rows[k].byline &&
             !rows[k].dateline && !rows[k].stands_alone && lines[k].width <= clause_most_;
    };
    for (std::size_t first = 0; first + 2 < rows.size(); ++first) {
      if (!is_row(first) || lines[first].width < clause_least_) continue;
      if (first > 0 && !rows[first - 1].blank_next && rows[first - 1].ending != Ending::stop) continue;
      std::size_t last = first;
      const auto parts = [&](std::size_t k) { return rows[k].blank_next || rows[k].byline_next || rows[k].part_next; };
      while (last + 1 < rows.size() && !parts(last) && is_row(last + 1) &&
             std::abs(rows[last].width - rows[first].width) <= headline_even_)
        ++last;
      // Else they may be narrow lines of text.
      const bool closed = last + 1 == rows.size() || parts(last);
      if (!closed || last - first + 1 < headline_rows_least_ || last - first + 1 > headline_rows_most_ ||
          rows[last].width > rows[first].width + headline_even_)
        continue;
      std::size_t wrapped = 0, clauses = 0, border = first;
      for (std::size_t k = first; k < last; ++k) {
        const std::string_view ink = lines[k].ink.of(text), next = lines[k + 1].ink.of(text);
        const float goes_on = model_.continuation(ink, next);
        wrapped += goes_on > clause_coherence_;
        if (goes_on >= 0 || lines[k + 1].width < clause_least_ ||
            goes_on >= clause_ends_ * (model_.ends_paragraph(ink) + model_.begins_paragraph(next)))
          continue;
        ++clauses;
        border = k;
      }
      if (wrapped > 0 && clauses <= 1)
        for (std::size_t k = first; k < last; ++k) {
          rows[k].rows_of_one = true;
          rows[k].clause_next = clauses == 1 && k == border;
        }
      first = last;
    }
  }

  /// 第二章 and its title on the line below, which are one headline, in a list of them too.
  void find_chapters(std::string_view text, std::span<const Line> lines, std::vector<Row>& rows) const {
    const auto is_chapter = [&](std::size_t i) { return chapter_pattern_.matches(text, lines[i]); };
    const auto is_title = [&](std::size_t i) {
      const Row& row = rows[i];
      const bool ends_so = row.ending == Ending::plain || lines[i].ink.of(text).ends_with("？");
      return ends_so && !row.clause && !row.byline && !row.dateline && !row.stands_alone &&
             !item_pattern_.begins(text, lines[i]) && !caption_pattern_.begins(text, lines[i]) && !is_chapter(i) &&
             !no_title_.matches(text, lines[i]);
    };
    for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
      if (!is_chapter(i) || !is_title(i + 1)) continue;
      const std::size_t below = i + 2;
      if (below < rows.size() && !is_chapter(below)) {
        // Else it is no title but a line of text, as wide as others or narrowed by a picture.
        std::uint32_t widest = 0;
        for (std::size_t k = below; k < std::min(rows.size(), below + chapter_lines_); ++k)
          widest = std::max(widest, lines[k].width);
        if (lines[i + 1].width + chapter_narrower_ > widest) continue;
        const bool is_text = lines[below].width + chapter_narrower_ > widest;
        if (!is_text && !is_title(below)) continue;
        rows[i + 1].part_next |= is_text;
      }
      if (i > 0 && !rows[i - 1].dangling && !rows[i - 1].open_end) rows[i - 1].part_next = true;
      rows[i].clause_next = rows[i].dangling = true;
    }
  }

  /// After the end of a sentence that fills its line: whether the next begins a paragraph or only a
  /// sentence.
  void weigh_beginning(std::vector<Row>& rows, std::size_t i, const Ends& ends) const {
    Row& row = rows[i];
    if (row.ending != Ending::stop || row.latin || row.kinsoku_next || row.credit_next) return;
    // A line far shorter than its neighbours ends its paragraph whatever follows.
    constexpr Cost far = 10;
    if (row.width + far < std::max(i > 0 ? rows[i - 1].width : 0, rows[i + 1].width)) return;
    const float begins = model_.begins_paragraph(ends.next) - model_.continuation(ends.tail, ends.next);
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

  CoherenceModel model_;
  Names names_;
  std::shared_ptr<const LatinLines> latin_;
  LinesAlone lines_alone_;
  std::size_t headline_rows_least_, headline_rows_most_;
  InterruptedLines interrupted_;
  Cost tolerance_, lead_most_, old_tolerance_, tolerance_per_letter_, squeeze_, squeeze_most_, blank_prior_, old_blank_,
      open_blank_, closed_blank_, headline_ratio_, headline_narrow_, headline_even_, title_ratio_, words_, words_most_,
      words_sure_, headlines_, headlines_least_, begin_, begin_most_, clause_coherence_, clause_ends_, across_least_,
      across_columns_, across_words_, latin_tolerance_;
  float echo_share_, strange_, strange_side_;
  std::size_t echo_least_, echo_words_, marks_least_, marks_apart_, marks_credit_, chapter_lines_;
  std::uint32_t torn_least_, strange_least_, strange_most_, byline_width_, clause_least_, clause_most_, note_most_,
      chapter_narrower_;
  CharacterSet caption_marks_, dangling_, numerals_, lead_begins_, open_end_, open_begin_, powers_, dates_,
      before_number_, taken_, agency_;
  std::vector<std::string> notes_;
  Pattern dateline_pattern_, byline_pattern_, item_pattern_, part_pattern_, caption_pattern_, lead_pattern_, old_part_,
      chapter_pattern_, no_title_, credit_pattern_, credit_line_, slash_pattern_, dateline_end_, dateline_whole_;
};

RowReader::RowReader(Settings& wraps, Settings& lines, const StageOptions& options, const Rules& rules)
    : evidence_(std::make_unique<const Evidence>(wraps, lines, options, rules)) {}

RowReader::~RowReader() = default;

std::vector<Row> RowReader::read(std::string_view text, std::span<const Line> lines) const {
  return evidence_->gather(text, lines);
}

}  // namespace inkwash::stages
