#include "stages/furniture.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/character_set.h"
#include "stages/ends.h"
#include "stages/furniture_pages.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex {
  header,
  jump,
  page_number,
  notice,
  decoration,
  scatter,
  running_head,
  footnote,
  byline_label,
  continued
};
constexpr RuleInfo rule_list[] = {
    {"furniture.header", "drop page headers and footers, and what sites print to be clicked on", Effect::drop},
    {"furniture.jump", "drop jump lines (to and from other pages)", Effect::drop},
    {"furniture.page-number", "drop page numbers", Effect::drop},
    {"furniture.notice", "drop a site's notices of who owns the text", Effect::drop},
    {"furniture.decoration", "drop glyphs that only decorate", Effect::drop},
    {"furniture.scatter", "drop what recognition read in a page's head: a few characters far apart", Effect::drop},
    {"furniture.running-head", "drop a line that stands at the top of many pages", Effect::drop},
    {"furniture.footnote", "drop footnotes and what refers to them", Effect::drop},
    {"furniture.byline", "a mark before a short line says it is a byline", Effect::label},
    {"furniture.continued", "a jump line before it says that text of another page goes on here", Effect::label},
};

/// What a line has of a page header.
struct HeaderParts {
  bool only_parts = false;  ///< nothing but parts of a header
  bool strong = false;
  bool date = false;
  bool other = false;
};

class FurnitureStage final : public Stage {
 public:
  explicit FurnitureStage(Settings& settings) {
    const std::string number = settings.string("header.number");
    const auto patterns = [&](std::string_view key) {
      std::vector<std::string> list = settings.strings(key);
      for (std::string& pattern : list) pattern = replace_all(std::move(pattern), "NUMBER", number);
      return list;
    };
    const std::string pages = replace_all(settings.string("jump.pages"), "NUMBER", number);
    const std::string hint = settings.string("jump.hint");
    const auto jumps = [&](std::string_view key) {
      std::vector<std::string> list = settings.strings(key);
      for (std::string& pattern : list)
        for (const auto& [name, stands_for] : {std::pair<std::string_view, std::string>{"PAGES", pages},
                                               {"HINT", hint},
                                               {"OPEN", settings.string("jump.open")},
                                               {"CLOSE", settings.string("jump.close")}})
          pattern = replace_all(std::move(pattern), name, stands_for);
      return list;
    };
    const std::vector<std::string> strong = patterns("header.strong");
    const std::vector<std::string> date = patterns("header.date");
    const std::vector<std::string> other = patterns("header.other");
    const std::vector<std::string> sections = patterns("header.sections");
    header_strong_ = Pattern(settings, "header.strong", strong);
    header_date_ = Pattern(settings, "header.date", date);
    header_other_ = Pattern(settings, "header.other", other);
    const std::string separator = "[" + settings.string("header.separators") + "]";
    std::vector<std::string> parts = {separator};
    for (const std::vector<std::string>* list : {&strong, &date, &other, &sections})
      parts.insert(parts.end(), list->begin(), list->end());
    header_separator_ = Pattern(settings, "header.separators", {separator});
    header_listed_ = Pattern(settings, "header", parts);
    for (std::string& paper : settings.strings("header.paper")) parts.push_back(std::move(paper));
    header_parts_ = Pattern(settings, "header", std::move(parts));
    std::vector<std::string> blurred = settings.strings("header.blurred");
    for (std::string& pattern : blurred) pattern = replace_all(std::move(pattern), "SECTION", any_of(sections));
    header_blurred_ = Pattern(settings, "header.blurred", blurred);
    header_title_ = Pattern(settings, "header.title", {settings.string("header.title")});
    jump_inline_ = Pattern(settings, "jump.inline", jumps("jump.inline"));
    jump_line_ = Pattern(settings, "jump.line", jumps("jump.line"));
    jump_pages_ = Pattern(settings, "jump.pages", {pages});
    jump_hint_ = Pattern(settings, "jump.hint", {hint});
    jump_onward_ = Pattern(settings, "jump.onward", settings.strings("jump.onward"));
    jump_back_ = Pattern(settings, "jump.back", settings.strings("jump.back"));
    jump_verb_ = Pattern(settings, "jump.verb", settings.strings("jump.verb"));
    jump_untitled_ = Pattern(settings, "jump.untitled", settings.strings("jump.untitled"));
    title_marks_ = CharacterSet(settings.characters("jump.title_marks"));
    gutter_ = static_cast<std::uint32_t>(settings.number("jump.gutter", 1, 100));
    header_section_ = Pattern(settings, "header.sections", sections);
    notice_line_ = Pattern(settings, "notice.line", patterns("notice.line"));
    page_number_ = Pattern(settings, "page_number.marked", patterns("page_number.marked"));
    byline_marks_ = CharacterSet(settings.characters("decoration.byline"));
    lone_marks_ = CharacterSet(settings.characters("decoration.alone"));
    edge_lines_ = static_cast<std::size_t>(settings.number("header.edge_lines", 0, 50));
    byline_most_ = static_cast<std::size_t>(settings.number("decoration.byline_most", 0, 100));
    scatter_lines_ = static_cast<std::size_t>(settings.number("scatter.lines", 0, 50));
    scatter_gap_ = static_cast<std::size_t>(settings.number("scatter.gap", 2, 100));
    scatter_widest_ = static_cast<std::size_t>(settings.number("scatter.widest", 2, 100));
    scatter_piece_ = static_cast<std::size_t>(settings.number("scatter.piece", 1, 100));
    scatter_marks_ = CharacterSet(settings.characters("scatter.marks"));
    scatter_strokes_ = CharacterSet(settings.characters("scatter.strokes"));
    scatter_marked_ = static_cast<std::size_t>(settings.number("scatter.marked", 0, 100));
    far_ = static_cast<std::size_t>(settings.number("scatter.far", 1, 1000));
    most_far_ = static_cast<std::size_t>(settings.number("scatter.most_far", 0, 100));
    scatter_most_ = static_cast<std::size_t>(settings.number("scatter.most", 1, 100));
    edges_ = PageEdges(settings);
    bare_least_ = static_cast<std::size_t>(settings.number("page_number.bare_least", 2, 1000));
    bare_last_least_ = static_cast<std::size_t>(settings.number("page_number.bare_last_least", 2, 1000));
    bare_step_ = static_cast<long>(settings.number("page_number.bare_most_step", 1, 100));
  }

  const StageInfo& info() const noexcept override { return furniture_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    std::vector<bool> dropped(lines.size(), false);
    const std::vector<Marks> marks = find_marks(text, lines);
    drop_headers(text, lines, marks, dropped, proposal);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == edge_lines_ && lines.size() > 2 * edge_lines_) i = lines.size() - edge_lines_;
      if (dropped[i] || lines[i].width > most_half_ems || lines[i].ink.size() > most_bytes || !marks[i].digit ||
          !header_blurred_.matches(text, lines[i]))
        continue;
      proposal.erase(lines[i].ink, header, 90);
      dropped[i] = true;
    }
    const bool notes = drop_page_edges(text, lines, dropped, proposal);
    drop_bare_page_numbers(text, lines, dropped, proposal);
    drop_scatter(text, lines, dropped, proposal);
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (!dropped[i]) look_at_line(text, lines, i, marks[i], proposal);
    if (notes) drop_references(text, lines, proposal);
  }

 private:
  // Longest line that can be furniture as a whole, in half-ems and bytes.
  static constexpr std::uint32_t most_half_ems = 120;
  static constexpr std::uint32_t most_bytes = 400;
  static constexpr std::uint32_t short_half_ems = 24;

  /// Scatter stands alone: lines below each other with as many pieces are rows of a table.
  void drop_scatter(std::string_view text, std::span<const Line> lines, std::vector<bool>& dropped,
                    Proposal& proposal) const {
    std::vector<std::size_t> scattered;
    for (std::size_t i = 0; i < std::min(scatter_lines_, lines.size()); ++i)
      if (!dropped[i] && is_scattered(lines[i].ink.of(text))) scattered.push_back(i);
    if (scattered.empty()) return;
    const std::vector<bool> rows = find_table_rows(text, lines);
    for (const std::size_t i : scattered) {
      const std::size_t pieces = pieces_of(lines[i].ink.of(text));
      const bool has_like = pieces > 1 && ((i > 0 && pieces_of(lines[i - 1].ink.of(text)) == pieces) ||
                                           (i + 1 < lines.size() && pieces_of(lines[i + 1].ink.of(text)) == pieces));
      if (has_like || any_table_row(rows, i, i + 1)) continue;
      proposal.erase(lines[i].ink, scatter, 80);
      dropped[i] = true;
    }
  }

  /// Stretches between gaps of two half-ems or more.
  static std::size_t pieces_of(std::string_view ink) {
    std::size_t pieces = 1;
    std::uint32_t gap = 0;
    for (std::size_t at = 0; at < ink.size() && pieces <= 40;) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      at += length;
      if (class_of(codepoint) == CharClass::space) {
        gap += half_ems(codepoint);
      } else {
        pieces += gap >= 2;
        gap = 0;
      }
    }
    return pieces;
  }

  /// A few characters far apart that are no names, no words and no headline with spaces: single ones beside letters,
  /// figures or marks, unevenly spaced or very far apart, or a section's name. A word with figures is a row of a table
  /// or of a list.
  bool is_scattered(std::string_view ink) const {
    constexpr std::size_t most = 160;
    if (ink.size() > most) return false;
    std::size_t characters = 0, pieces = 0, in_piece = 0, gap = scatter_gap_, longest = 0;
    std::size_t widest = 0, narrowest = most;
    bool all_single = true, one_single = false, foreign = false, marked = false, figures = false;
    bool han_pair = false, has_word = false, all_han = false, after_han = false;
    std::string joined;
    const auto end_piece = [&] {
      one_single |= in_piece == 1;
      has_word |= all_han && in_piece > 1;
    };
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      const CharClass c = class_of(codepoint);
      at += length;
      if (c == CharClass::space) {
        ++gap;
        continue;
      }
      if (gap >= scatter_gap_) {  // a new piece
        if (pieces > 0) {
          end_piece();
          widest = std::max(widest, gap);
          narrowest = std::min(narrowest, gap);
        }
        ++pieces;
        in_piece = 0;
        all_han = true;
      }
      gap = 0;
      ++in_piece;
      ++characters;
      append_utf8(joined, codepoint);
      all_single &= in_piece == 1;
      // A stroke sets words apart, too.
      marked |= contains(scatter_marks_, codepoint) && !(after_han && contains(scatter_strokes_, codepoint));
      han_pair |= after_han && in_piece > 1 && c == CharClass::han;
      after_han = c == CharClass::han;
      all_han &= after_han;
      figures |= c == CharClass::digit;
      foreign |= c != CharClass::han && c != CharClass::digit;
      longest = std::max(longest, in_piece);
    }
    end_piece();
    marked = marked && !(ink.front() == '<' && ink.back() == '>');  // a heading
    if (marked && characters <= scatter_marked_) return true;
    if (han_pair && figures) return false;
    if (pieces < 2 || longest > scatter_piece_ || characters > scatter_most_ || widest < scatter_widest_) return false;
    if (marked || (foreign && one_single && !has_word)) return true;
    if (all_single && (figures || (pieces > 2 && widest >= 2 * narrowest) || header_section_.matches(joined)))
      return true;
    return widest >= far_ && characters <= most_far_ && one_single;
  }

  /// What tells most lines from furniture.
  struct Marks {
    bool digit = false;       ///< ASCII
    bool edition = false;     ///< 版
    bool page = false;        ///< 版, 页 or 頁
    bool latin = false;       ///< a letter that "continued" or "page" has
    bool punctuated = false;  ///< a full-width comma or full stop
  };
  static std::vector<Marks> find_marks(std::string_view text, std::span<const Line> lines) {
    std::vector<Marks> marks(lines.size());
    auto line = lines.begin();
    for_each_page_word(text, [&](std::size_t at, bool is_edition) {
      line =
          std::lower_bound(line, lines.end(), at, [](const Line& l, std::size_t place) { return l.ink.end <= place; });
      if (line == lines.end()) return;
      Marks& of_line = marks[static_cast<std::size_t>(line - lines.begin())];
      of_line.page = true;
      of_line.edition |= is_edition;
    });
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string_view ink = lines[i].ink.of(text);
      marks[i].digit = lines[i].has(CharClass::digit) &&
                       std::any_of(ink.begin(), ink.end(), [](char c) { return c >= '0' && c <= '9'; });
      marks[i].latin =
          marks[i].digit && lines[i].has(CharClass::latin) && ink.find_first_of("nNgG") != std::string_view::npos;
      // Asked only of lines that are wide for a header.
      marks[i].punctuated = (marks[i].digit || marks[i].edition) && lines[i].width > short_half_ems &&
                            lines[i].width <= most_half_ems &&
                            (find(ink, "，") != std::string_view::npos || find(ink, "。") != std::string_view::npos);
    }
    return marks;
  }

  /// Calls `found` with each place of 版, 页 or 頁, and whether it is the first of them. Few lines have one: the
  /// last two bytes are looked for first, in blocks of which the compiler makes vectors.
  template <typename Found>
  static void for_each_page_word(std::string_view text, const Found& found) {
    static constexpr std::string_view edition = "版", page = "页", old_page = "頁";
    constexpr std::size_t block = 64;
    for (std::size_t first = 0; first < text.size(); first += block) {
      const std::size_t last = std::min(first + block, text.size());
      if (last + 2 <= text.size()) {
        const char* const at = text.data() + first;
        unsigned char any = 0;
        for (std::size_t i = 0; i < block; ++i) {
          const auto same = [&](std::string_view word, std::size_t k) {
            return static_cast<unsigned char>(at[i + k] == word[k]);
          };
          const auto ends = [&](std::string_view word) { return same(word, 1) & same(word, 2); };
          any = static_cast<unsigned char>(any | ends(edition) | ends(page) | ends(old_page));
        }
        if (any == 0) continue;
      }
      for (std::size_t i = first; i < last; ++i) {
        const std::string_view here = text.substr(i, 3);
        if (here == edition || here == page || here == old_page) found(i, here == edition);
      }
    }
  }

  static bool may_be_header(const Line& line, const Marks& marks) {
    if (line.width > most_half_ems || line.ink.size() > most_bytes) return false;
    // Most lines of text hold a comma or full stop; few headers do, and those are short. A line as wide
    // as a column of text is a header only with a number in it.
    return line.width <= short_half_ems || ((marks.digit || marks.edition) && !marks.punctuated);
  }

  /// Parts of a header with a name that is in no list before, behind or between them, or with one before and one
  /// behind; separators between them.
  bool is_titled(std::string_view ink) const {
    std::vector<std::pair<std::size_t, std::size_t>> gaps = {{0, 0}};  // the separators, and both ends
    for (std::size_t at = 0; at < ink.size();) {
      const std::size_t end = at + valid_utf8_next(ink, at).length;
      if (header_separator_.matches(ink.substr(at, end - at))) gaps.emplace_back(at, end);
      at = end;
    }
    gaps.emplace_back(ink.size(), ink.size());
    const std::size_t last = gaps.size() - 1;
    const auto between = [&](std::size_t i, std::size_t j) {
      return ink.substr(gaps[i].second, gaps[j].first - gaps[i].second);
    };
    const auto is_title = [&](std::size_t i, std::size_t j) { return header_title_.matches(between(i, j)); };
    const auto are_listed = [&](std::size_t i, std::size_t j) { return header_listed_.tiles(between(i, j)); };
    for (std::size_t i = 0; i < last; ++i) {
      if (i > 0 && !are_listed(0, i)) continue;
      for (std::size_t j = i + 1; j <= last; ++j) {
        if ((i == 0 && j == last) || !is_title(i, j)) continue;
        if (j == last || are_listed(j, last)) return true;
        for (std::size_t k = j + 1; i == 0 && k < last; ++k)
          if (is_title(k, last) && are_listed(j, k)) return true;
      }
    }
    return false;
  }

  HeaderParts header_parts(std::string_view text, const Line& line, bool at_edge) const {
    HeaderParts parts;
    const std::string_view ink = line.ink.of(text);
    parts.only_parts = header_parts_.tiles(ink);
    parts.strong = header_strong_.found_in(text, line);
    if (!parts.only_parts && !parts.strong) return parts;
    parts.date = header_date_.found_in(text, line);
    if (!parts.only_parts) parts.only_parts = (parts.date || at_edge) && is_titled(ink);
    parts.other = header_other_.found_in(text, line);
    return parts;
  }

  /// Runs of lines that are nothing but parts of a header: dropped where one part is strong, or at
  /// the edge of the text where there is a date with something else.
  void drop_headers(std::string_view text, std::span<const Line> lines, std::span<const Marks> marks,
                    std::vector<bool>& dropped, Proposal& proposal) const {
    // Without one of these there is no header: most texts are done here.
    const bool any = std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      return may_be_header(line, marks[static_cast<std::size_t>(&line - lines.data())]) &&
             (header_strong_.found_in(text, line) || header_date_.found_in(text, line));
    });
    if (!any) return;
    struct Run {
      std::size_t first, last;
      HeaderParts has;
      bool at_edge;
    };
    std::vector<Run> runs;
    for (std::size_t i = 0; i < lines.size();) {
      HeaderParts all;
      std::size_t end = i;
      for (; end < lines.size() && may_be_header(lines[end], marks[end]); ++end) {
        const bool edge = end < edge_lines_ || end + edge_lines_ >= lines.size();
        const HeaderParts parts = header_parts(text, lines[end], edge);
        if (!parts.only_parts) break;
        all.strong |= parts.strong;
        all.date |= parts.date;
        all.other |= parts.other;
      }
      if (end == i) {
        ++i;
        continue;
      }
      // A mark alone belongs to the text above or below.
      std::size_t first = i, last = end;
      while (first < last && is_mark(lines[first].ink.of(text))) ++first;
      while (last > first && is_mark(lines[last - 1].ink.of(text))) --last;
      runs.push_back({first, last, all, i < edge_lines_ || end + edge_lines_ > lines.size()});
      i = end;
    }
    // Where a page's header was read in pieces, its date stands anywhere and the name of the page at the top.
    const bool in_pieces = std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.has.strong; });
    for (const Run& run : runs) {
      const bool date = run.has.date && run.has.other && (run.at_edge || in_pieces);
      const bool name = in_pieces && run.first == 0 && run.last == 1 && header_section_.matches(lines[0].ink.of(text));
      if (!run.has.strong && !date && !name) continue;
      for (std::size_t k = run.first; k < run.last; ++k) {
        erase_line(text, lines[k], header, proposal);
        dropped[k] = true;
        if (std::string page = page_name(header_strong_.first_in(lines[k].ink.of(text))); !page.empty())
          proposal.folio({std::move(page), lines[k].ink});
      }
    }
  }

  static bool is_mark(std::string_view ink) {
    const auto [codepoint, length] = valid_utf8_next(ink, 0);
    const CharClass c = class_of(codepoint);
    return length == ink.size() &&
           (c == CharClass::stop || c == CharClass::pause || c == CharClass::open || c == CharClass::close);
  }

  /// True where the pages have notes.
  bool drop_page_edges(std::string_view text, std::span<const Line> lines, std::vector<bool>& dropped,
                       Proposal& proposal) const {
    using Part = PageEdges::Part;
    const std::vector<Part> parts = edges_.parts_of(text, lines);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (dropped[i] || parts[i] == Part::text) continue;
      erase_line(text, lines[i],
                 parts[i] == Part::number ? page_number
                 : parts[i] == Part::head ? running_head
                                          : footnote,
                 proposal);
      dropped[i] = true;
    }
    return std::find(parts.begin(), parts.end(), Part::note) != parts.end();
  }

  /// What refers to notes; after all else, since it may stand inside what goes anyway.
  static void drop_references(std::string_view text, std::span<const Line> lines, Proposal& proposal) {
    std::vector<TextRange> gone;
    for (const Edit& edit : proposal.edits()) gone.push_back(edit.range);
    std::sort(gone.begin(), gone.end(), [](TextRange a, TextRange b) { return a.begin < b.begin; });
    for (const Line& line : lines)
      for (const TextRange range : PageEdges::references_in(text, line.ink)) {
        const auto below = std::upper_bound(gone.begin(), gone.end(), range.begin,
                                            [](ByteOffset at, TextRange other) { return at < other.begin; });
        if (below == gone.begin() || std::prev(below)->end <= range.begin) proposal.erase(range, footnote, 90);
      }
  }

  /// A character of text that is read from top to bottom: its neighbours, right above and below it, are one each.
  static bool is_set_vertically(std::string_view text, std::span<const Line> lines, std::size_t at) {
    constexpr std::uint32_t one_character = 2;  // half-ems
    const auto is_character = [&](const Line& line) {
      return line.width == one_character && is_cjk(first_class(line.ink.of(text)));
    };
    return at > 0 && at + 1 < lines.size() && lines[at].blanks_before == 0 && lines[at + 1].blanks_before == 0 &&
           is_character(lines[at - 1]) && is_character(lines[at + 1]);
  }

  /// Bare numbers are page numbers where they rise through the document as pages do.
  void drop_bare_page_numbers(std::string_view text, std::span<const Line> lines, std::vector<bool>& dropped,
                              Proposal& proposal) const {
    struct Bare {
      std::size_t line;
      long value;
    };
    std::vector<Bare> run;
    std::size_t numbers = 0;
    const auto flush = [&] {
      if (run.size() >= bare_least_)
        for (const Bare& bare : run) {
          erase_line(text, lines[bare.line], page_number, proposal);
          dropped[bare.line] = true;
        }
      run.clear();
    };
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (dropped[i] || lines[i].ink.size() > 4) continue;
      const std::string_view ink = lines[i].ink.of(text);
      long value = 0;
      const auto [stop, error] = std::from_chars(ink.data(), ink.data() + ink.size(), value);
      if (error != std::errc() || stop != ink.data() + ink.size() || value <= 0 || is_set_vertically(text, lines, i))
        continue;
      if (!run.empty() &&
          (value <= run.back().value || value > run.back().value + bare_step_ || i < run.back().line + 5))
        flush();
      run.push_back({i, value});
      ++numbers;
    }
    flush();
    // A number below the end of a sentence; and no text ends with one on a line of its own, unless there are
    // others or it stands below what it is the figure of.
    if (lines.size() < 2 || dropped.back() || lines.back().ink.size() > 3) return;
    const std::string_view last = lines.back().ink.of(text);
    std::size_t above = lines.size() - 1;
    while (above > 0 && dropped[above - 1]) --above;
    if (above == 0 || !std::all_of(last.begin(), last.end(), [](char c) { return c >= '0' && c <= '9'; })) return;
    const Line& line = lines[above - 1];
    const Codepoint end = valid_utf8_previous(text, line.ink.end).codepoint;
    const bool ends_sentence =
        class_of(end) == CharClass::stop || end == U'.' || end == U'"' || end == U'”' || end == U'」';
    constexpr std::uint32_t one_character = 2;  // half-ems: text may be set vertically
    const bool is_alone = numbers == 1 && lines.size() >= bare_last_least_ && end != U':' && end != U'：' &&
                          (line.has(CharClass::han) || line.has(CharClass::latin)) && line.width > one_character;
    if (!ends_sentence && !is_alone) return;
    erase_line(text, lines.back(), page_number, proposal);
    dropped.back() = true;
  }

  void look_at_line(std::string_view text, std::span<const Line> lines, std::size_t at, const Marks& marks,
                    Proposal& proposal) const {
    const Line& line = lines[at];
    const std::string_view ink = line.ink.of(text);
    if (line.width <= most_half_ems && line.ink.size() <= most_bytes) {
      if (is_decoration(ink) && !is_set_vertically(text, lines, at))
        return erase_line(text, line, decoration, proposal);
      const Codepoint first = valid_utf8_next(ink, 0).codepoint;
      // Page numbers begin with a dash or dot, with 第 or with "Page".
      if (line.width <= 40 &&
          (first == U'第' || first == U'P' || class_of(first) == CharClass::cjk_symbol ||
           class_of(first) == CharClass::ascii_mark) &&
          page_number_.matches(text, line))
        return erase_line(text, line, page_number, proposal);
    }
    if (line.width <= most_half_ems && notice_line_.matches(text, line))
      return erase_line(text, line, notice, proposal);
    if (marks.page || (marks.digit && marks.latin)) {
      if (line.ink.size() <= most_bytes && jump_line_.matches(text, line)) {
        note_jump(text, lines, at, line.ink, proposal);
        return erase_line(text, line, jump, proposal);
      }
      drop_inline_jumps(text, lines, at, proposal);
    }
    const auto [codepoint, length] = valid_utf8_next(ink, 0);
    if (codepoint >= 0x2190 && codepoint < 0x2800) drop_leading_mark(text, line, codepoint, length, proposal);
  }

  bool is_decoration(std::string_view ink) const {
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      if (class_of(codepoint) != CharClass::space && !contains(lone_marks_, codepoint)) return false;
      at += length;
    }
    return true;
  }

  /// □ before a byline stands for nothing.
  void drop_leading_mark(std::string_view text, const Line& line, Codepoint mark, std::uint32_t length,
                         Proposal& proposal) const {
    if (!contains(byline_marks_, mark) || valid_utf8_length(line.ink.of(text)) > byline_most_) return;
    ByteOffset end = line.ink.begin + length;
    while (end < line.ink.end) {  // and the white space after it
      const auto [codepoint, size] = valid_utf8_next(text, end);
      if (class_of(codepoint) != CharClass::space) break;
      end += size;
    }
    proposal.erase({line.ink.begin, end}, decoration);
    proposal.label({end, line.ink.end}, BlockKind::byline, byline_label);
  }

  void drop_inline_jumps(std::string_view text, std::span<const Line> lines, std::size_t at, Proposal& proposal) const {
    const Line& line = lines[at];
    const std::string_view ink = line.ink.of(text);
    ByteOffset taken = line.ink.begin;  // by the jump line before, with the white space after it
    for (std::size_t from = 0; from < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, from);
      const std::string_view found = is_opening(codepoint) ? bracketed_jump(ink, from) : std::string_view();
      if (found.empty()) {
        from += length;
        continue;
      }
      ByteOffset begin = line.ink.begin + static_cast<ByteOffset>(from);
      from += found.size();
      ByteOffset end = begin + static_cast<ByteOffset>(found.size());
      note_jump(text, lines, at, {begin, end}, proposal);
      // Between columns that stand side by side it leaves its width, or they would stand elsewhere.
      if (end < line.ink.end && gap_after(text, end, line.ink.end) >= gutter_) {
        proposal.replace({begin, end}, std::string(valid_utf8_half_ems(found), ' '), jump);
        taken = end;
        continue;
      }
      while (begin > taken && is_space_before(text, begin)) begin -= space_before(text, begin);
      while (end < line.ink.end && is_space_at(text, end)) end += valid_utf8_next(text, end).length;
      taken = end;
      // What stands behind a jump line on the same line is another article.
      if (end < line.ink.end && begin > line.ink.begin)
        proposal.replace({begin, end}, "\n", jump);
      else
        proposal.erase({begin, end}, jump);
      if (begin == line.ink.begin && end < line.ink.end)
        proposal.label({end, line.ink.end}, BlockKind::body, continued);
    }
  }

  static bool is_opening(Codepoint codepoint) {
    const CharClass c = class_of(codepoint);
    return c == CharClass::open || c == CharClass::ascii_open;
  }

  /// The jump line that begins with the bracket at `at`; empty: there is none. Looks no further than one may reach, so
  /// that a long line takes no longer than its length.
  std::string_view bracketed_jump(std::string_view ink, std::size_t at) const {
    const std::string_view near = ink.substr(at, valid_utf8_floor(ink, at + most_bytes) - at);
    return jump_inline_.beginning_of(near);
  }

  static std::uint32_t gap_after(std::string_view text, ByteOffset begin, ByteOffset end) {
    ByteOffset at = begin;
    while (at < end && is_space_at(text, at)) at += valid_utf8_next(text, at).length;
    return valid_utf8_half_ems(text.substr(begin, at - begin));
  }

  /// The record of a jump line, for those who put articles together again.
  void note_jump(std::string_view text, std::span<const Line> lines, std::size_t at, TextRange where,
                 Proposal& proposal) const {
    std::string_view said = where.of(text);
    std::string title;
    std::string without_hint;
    if (const std::string_view hint = jump_hint_.first_in(said); !hint.empty()) {
      title = hint;
      without_hint = said.substr(0, static_cast<std::size_t>(hint.data() - said.data()));
      without_hint += std::string_view(hint.data() + hint.size(), said.data() + said.size());
      said = without_hint;
    }
    const std::string_view pages = jump_pages_.first_in(said);
    const std::string_view words = pages.empty() ? said : std::string_view(said.data(), pages.data());
    const bool onward = jump_onward_.found_in(words);
    if (!onward && !jump_back_.found_in(words)) return;  // it only names another article
    if (title.empty() && !pages.empty())
      title = std::string_view(pages.data() + pages.size(), said.data() + said.size());
    else if (const std::string_view verb = jump_verb_.first_in(said); title.empty() && !verb.empty())
      title = std::string_view(said.data(), verb.data());  // BRIDGE, Continued from Page 1
    for (std::string_view part; !(part = jump_untitled_.first_in(title)).empty();)
      title.erase(static_cast<std::size_t>(part.data() - title.data()), part.size());
    std::string bare;
    for (std::size_t i = 0; i < title.size();) {
      const auto [codepoint, length] = valid_utf8_next(title, i);
      if (class_of(codepoint) != CharClass::space && !contains(title_marks_, codepoint))
        bare += title.substr(i, length);
      i += length;
    }
    const JumpWay way = onward ? JumpWay::onward : JumpWay::back;
    const TextRange beside = beside_jump(text, lines, at, where, way);
    if (beside.empty()) return;
    proposal.jump({way, page_name(pages.empty() ? said : pages), std::move(bare), where, beside});
  }

  /// The text that ends before a jump line, or begins after it: on the same line; else on the next line that has
  /// text above or below it, since another column may stand beside it.
  TextRange beside_jump(std::string_view text, std::span<const Line> lines, std::size_t at, TextRange where,
                        JumpWay way) const {
    const Line& line = lines[at];
    constexpr ByteOffset near = 1000;  // longer lines are no columns side by side
    const auto near_before = [&](ByteOffset begin, ByteOffset end) {
      if (end - begin <= near) return begin;
      return static_cast<ByteOffset>(valid_utf8_ceiling(text, end - near));
    };
    if (way == JumpWay::onward && where.begin > line.ink.begin) {
      const TextRange part = last_part(text, {near_before(line.ink.begin, where.begin), where.begin});
      if (valid_utf8_half_ems(text.substr(part.end, where.begin - part.end)) < gutter_) return part;
    }
    if (way == JumpWay::back && where.end < line.ink.end && gap_after(text, where.end, line.ink.end) < gutter_) {
      ByteOffset begin = where.end;
      while (is_space_at(text, begin)) begin += valid_utf8_next(text, begin).length;
      return {begin, line.ink.end - begin > near ? line.ink.end : part_end(text, begin, line.ink.end)};
    }
    if (where.begin - line.range.begin > near) return {};
    const std::uint32_t left = valid_utf8_half_ems(text.substr(line.range.begin, where.begin - line.range.begin));
    const std::uint32_t right = left + valid_utf8_half_ems(where.of(text));
    constexpr std::size_t reach = 4;
    TextRange nearest;
    for (std::size_t step = 1; step <= reach; ++step) {
      if (way == JumpWay::onward ? step > at : at + step >= lines.size()) break;
      const Line& other = lines[way == JumpWay::onward ? at - step : at + step];
      if (other.ink.size() > near) return nearest.empty() ? other.ink : nearest;
      std::uint32_t from = other.indent;
      for (ByteOffset begin = other.ink.begin; begin < other.ink.end;) {
        const ByteOffset end = part_end(text, begin, other.ink.end);
        const std::uint32_t to = from + valid_utf8_half_ems(text.substr(begin, end - begin));
        if (from < right && left < to) return {begin, end};
        if (nearest.empty() || (step == 1 && way == JumpWay::onward)) nearest = {begin, end};
        const std::uint32_t gap = gap_after(text, end, other.ink.end);
        begin = end;
        while (begin < other.ink.end && is_space_at(text, begin)) begin += valid_utf8_next(text, begin).length;
        from = to + gap;
      }
    }
    return nearest;
  }

  /// Where the part of a line that begins at `begin` ends: before a gap as wide as a gutter.
  ByteOffset part_end(std::string_view text, ByteOffset begin, ByteOffset end) const {
    for (ByteOffset at = begin; at < end; at += valid_utf8_next(text, at).length)
      if (is_space_at(text, at) && gap_after(text, at, end) >= gutter_) return at;
    return end;
  }
  TextRange last_part(std::string_view text, TextRange range) const {
    while (range.end > range.begin && is_space_before(text, range.end)) range.end -= space_before(text, range.end);
    for (;;) {
      const ByteOffset end = part_end(text, range.begin, range.end);
      if (end == range.end) return range;
      range.begin = end;
      while (is_space_at(text, range.begin)) range.begin += valid_utf8_next(text, range.begin).length;
    }
  }

  static bool is_space_at(std::string_view text, ByteOffset at) {
    return class_of(valid_utf8_next(text, at).codepoint) == CharClass::space;
  }
  static bool is_space_before(std::string_view text, ByteOffset at) {
    return class_of(valid_utf8_previous(text, at).codepoint) == CharClass::space;
  }
  static ByteOffset space_before(std::string_view text, ByteOffset at) { return valid_utf8_previous(text, at).length; }

  /// The line's ink; what is left of it is a blank line, so that what stood apart stays apart.
  static void erase_line(std::string_view, const Line& line, RuleIndex rule, Proposal& proposal) {
    proposal.erase(line.ink, rule);
  }

  Pattern header_blurred_, header_strong_, header_date_, header_section_, header_other_, header_separator_,
      header_listed_, header_parts_, header_title_;
  Pattern jump_inline_, jump_line_, jump_pages_, jump_hint_, jump_onward_, jump_back_, jump_verb_, jump_untitled_,
      page_number_, notice_line_;
  CharacterSet title_marks_;
  std::uint32_t gutter_ = 0;  ///< half-ems
  CharacterSet byline_marks_, lone_marks_, scatter_marks_, scatter_strokes_;
  PageEdges edges_;
  std::size_t scatter_lines_, scatter_gap_, scatter_widest_, scatter_piece_, scatter_most_, scatter_marked_, far_,
      most_far_;
  std::size_t edge_lines_ = 0, byline_most_ = 0, bare_least_ = 0, bare_last_least_ = 0;
  long bare_step_ = 0;
};

}  // namespace

const StageInfo furniture_info{
    "furniture",   "drops page headers, page numbers, jump lines and decoration", rule_list, {}, 1, false,
    Scope::article};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_furniture(const StageOptions& options, const Rules& rules) {
  Settings settings("furniture", options, rules, "furniture.toml");
  auto stage = std::make_unique<FurnitureStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
