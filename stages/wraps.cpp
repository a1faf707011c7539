#include "stages/wraps.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/character_set.h"
#include "stages/ends.h"
#include "stages/latin.h"
#include "stages/names.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"
#include "stages/wraps_rows.h"
#include "stages/wraps_search.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { join, join_space, join_names, join_clauses, join_dateline, hyphen, edge, narrow };
constexpr RuleInfo rule_list[] = {
    {"wraps.join", "join a wrapped line to the one before", Effect::space},
    {"wraps.join-space", "join a wrapped line of Latin text with a space", Effect::space},
    {"wraps.join-names", "join a wrapped list of names with a space", Effect::space},
    {"wraps.join-clauses", "join two clauses of a headline with a space", Effect::space},
    {"wraps.join-dateline", "join a text to its dateline with a space", Effect::space},
    {"wraps.hyphen", "undo hyphenation at a line's end", Effect::drop},
    {"wraps.edge", "one paragraph a line, without white space around it", Effect::space},
    {"wraps.narrow", "lines of one character, which no column has, left as they are", Effect::note},
};

class WrapsStage final : public Stage {
 public:
  WrapsStage(Settings& s, Settings& lines, const StageOptions& options, const Rules& rules)
      : reader_(s, lines, options, rules), search_(s), names_(s, options, rules), latin_(LatinLines::of(s, rules)) {
    dateline_pattern_ = Pattern(lines, "dateline", lines.strings("dateline"));
    dateline_head_ = Pattern(lines, "dateline_head", {lines.string("dateline_head")});
    dateline_begins_ = CharacterSet(lines.characters("dateline_begins"));
    goes_on_ = CharacterSet(lines.characters("dateline_goes_on"));
    narrow_least_ = s.count("narrow.least");
    around_page_end_ = s.count("pages.around_end");
  }

  const StageInfo& info() const noexcept override { return wraps_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.empty()) {
      if (!text.empty()) proposal.erase({0, static_cast<ByteOffset>(text.size())}, edge);
      return;
    }
    Account account;
    std::vector<std::size_t> elsewhere;  // lines behind which the article goes on on another page
    for (const JumpPlace& jump : jump_places(document)) {
      if (jump.way == JumpWay::back && jump.line == 0) continue;
      const std::size_t line = jump.way == JumpWay::onward ? jump.line : jump.line - 1;
      const auto known = std::ranges::find(elsewhere, line);
      if (known == elsewhere.end())
        elsewhere.push_back(line);
      else if (jump.way == JumpWay::back)  // taken up right after, it goes on here: pages that stand below each other
        elsewhere.erase(known);
    }
    std::size_t first = 0;
    for (const TextRange page : document.pages()) {
      std::size_t end = first;
      while (end < lines.size() && lines[end].range.begin < page.end) ++end;
      if (end == first) continue;
      Account of_page = decide(text, lines, first, end, elsewhere);
      if (are_narrow(lines.subspan(first, end - first))) {
        of_page.joined.assign(end - first, false);
        proposal.note({lines[first].ink.begin, lines[end - 1].ink.end}, Severity::note, narrow,
                      "most lines are of one character, which no column has; they were left as they are");
      } else if (first > 0) {
        // Where a page ends is decided by what stands around it alone, as if it went on.
        const std::size_t before = std::min(around_page_end_, first), behind = std::min(around_page_end_, end - first);
        const Account around = decide(text, lines, first - before, first + behind, elsewhere);
        of_page.joined.front() = around.joined[before];
        account.rows.back() = around.rows[before - 1];
      }
      if (first == 0) {
        account = std::move(of_page);
      } else {
        account.rows.insert(account.rows.end(), of_page.rows.begin(), of_page.rows.end());
        account.joined.insert(account.joined.end(), of_page.joined.begin(), of_page.joined.end());
      }
      first = end;
    }
    emit(text, lines, account.rows, account.joined, proposal);
  }

 private:
  /// Of lines: what is known of each, and whether it is joined to the one before.
  struct Account {
    std::vector<Row> rows;
    std::vector<bool> joined;
  };
  Account decide(std::string_view text, std::span<const Line> lines, std::size_t first, std::size_t end,
                 std::span<const std::size_t> elsewhere) const {
    Account account;
    account.rows = reader_.read(text, lines.subspan(first, end - first));
    for (const std::size_t line : elsewhere)
      if (line >= first && line < end) account.rows[line - first].goes_on_elsewhere = true;
    account.joined = search_.joined(account.rows);
    return account;
  }

  /// Most lines are of one character, and `columns` knew them for no text that was set from top to bottom.
  bool are_narrow(std::span<const Line> lines) const {
    constexpr std::uint32_t one_character = 2;  // half-ems
    const auto is_narrow = [](const Line& line) { return line.width <= one_character; };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(lines, is_narrow));
    return count >= narrow_least_ && 2 * count > lines.size();
  }

  void emit(std::string_view text, std::span<const Line> lines, const std::vector<Row>& rows,
            const std::vector<bool>& joined, Proposal& proposal) const {
    const auto put = [&](TextRange gap, std::string_view wanted, RuleIndex rule) {
      if (gap.of(text) != wanted) proposal.replace(gap, wanted, rule);
    };
    put({0, lines.front().ink.begin}, "", edge);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (!joined[i]) open_dateline(text, lines.subspan(i), joined.begin() + static_cast<std::ptrdiff_t>(i), proposal);
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
      const bool names = took_it || goes_on_with_name(text, lines[i - 1].ink, lines[i].ink, rows[i].spaced);
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

  /// 新华社临江7月2日电今天: the space that newspapers set behind a dateline is lost where text was letter-spaced or
  /// stood upright, and the text would read on.
  void open_dateline(std::string_view text, std::span<const Line> lines, std::vector<bool>::const_iterator joined,
                     Proposal& proposal) const {
    // Upright lines are short: it may go over several.
    constexpr std::size_t longest = 90, most_lines = 8;  // bytes; lines
    if (!contains(dateline_begins_, valid_utf8_next(text, lines.front().ink.begin).codepoint)) return;
    std::string head;
    std::size_t end = 0;
    while (end < std::min(lines.size(), most_lines) && head.size() < longest &&
           (end == 0 || joined[static_cast<std::ptrdiff_t>(end)]))
      head += lines[end++].ink.of(text);
    const std::string_view dateline = dateline_head_.first_in(head);
    if (dateline.empty() || dateline.data() != head.data() || dateline.size() == head.size()) return;
    const char32_t next = valid_utf8_next(head, dateline.size()).codepoint;
    if (!is_ideographic(class_of(next)) || contains(goes_on_, next)) return;
    std::size_t at = dateline.size();
    for (const Line& line : lines.first(end)) {
      if (at < line.ink.size()) {
        // Between lines it is set where they are joined.
        if (at > 0) proposal.insert(line.ink.begin + static_cast<ByteOffset>(at), " ", join_dateline);
        return;
      }
      at -= line.ink.size();
    }
  }

  /// The line ended between 记者 and a name, or between two names of such a list.
  bool goes_on_with_name(std::string_view text, TextRange left, TextRange right, bool spaced) const {
    const std::string_view next = right.of(text);
    if (!names_.begins_with_name(next) || !names_.list_open(left.of(text))) return false;
    if (!names_.ends_with_tight_role(left.of(text))) return true;
    // Names are set close: （记者宋以宁）. Before several of a letter-spaced line one may stand too.
    return spaced && names_.is_name(next.substr(0, next.find(' ')));
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
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (right.empty() || !is_small(text[right.begin])) return false;
    const ByteOffset end = left.end - 1;
    ByteOffset begin = end, rest_end = right.begin;
    while (begin > left.begin && (is_small(text[begin - 1]) || is_capital(text[begin - 1]))) --begin;
    while (rest_end < right.end && is_small(text[rest_end])) ++rest_end;
    if (end - begin < 2 || !is_small(text[end - 1])) return false;
    const std::string word(text.substr(begin, end - begin)), rest(text.substr(right.begin, rest_end - right.begin));
    std::string small = word;
    for (char& c : small) c = static_cast<char>(c | 0x20);
    if (latin_->knows(small + rest)) return true;
    // What no list has the text around may have.
    constexpr ByteOffset reach = 1u << 16;
    const ByteOffset first = begin - std::min(begin, reach);
    const std::string_view around = text.substr(first, 2 * reach);
    if (around.find(word + rest) != std::string_view::npos) return true;
    if (begin > left.begin && text[begin - 1] == '-') return false;  // part of a longer compound
    return around.find(word + '-' + rest) == std::string_view::npos && !(latin_->knows(small) && latin_->knows(rest));
  }

  RowReader reader_;
  WrapSearch search_;
  Names names_;
  Pattern dateline_pattern_, dateline_head_;
  CharacterSet dateline_begins_, goes_on_;
  std::shared_ptr<const LatinLines> latin_;
  std::size_t narrow_least_ = 0, around_page_end_ = 0;  ///< lines
};

}  // namespace

const StageInfo wraps_info{"wraps",       "joins wrapped lines into paragraphs, one a line", rule_list, {}, 1, false,
                           Scope::article};

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
