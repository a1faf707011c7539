#include "stages/furniture.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "inkwash/unicode.h"
#include "stages/furniture_pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { header, jump, page_number, decoration, scatter, running_head, footnote, byline_label, continued };
constexpr RuleInfo rule_list[] = {
    {"furniture.header", "drop page headers and footers", Effect::drop},
    {"furniture.jump", "drop jump lines (to and from other pages)", Effect::drop},
    {"furniture.page-number", "drop page numbers", Effect::drop},
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
    const std::vector<std::string> strong = patterns("header.strong");
    const std::vector<std::string> date = patterns("header.date");
    const std::vector<std::string> other = patterns("header.other");
    header_strong_ = Pattern(settings, "header.strong", strong);
    header_date_ = Pattern(settings, "header.date", date);
    header_other_ = Pattern(settings, "header.other", other);
    const std::string separator = "[" + settings.string("header.separators") + "]";
    const std::string parts = fmt::format("(?:{}|{}|{}|{}|{})+", any_of(strong), any_of(date), any_of(other),
                                          any_of(patterns("header.sections")), separator);
    header_line_ = Pattern(settings, "header", {parts});
    std::vector<std::string> blurred = settings.strings("header.blurred");
    for (std::string& pattern : blurred)
      pattern = replace_all(std::move(pattern), "SECTION", any_of(settings.strings("header.sections")));
    header_blurred_ = Pattern(settings, "header.blurred", blurred);
    const std::string title = settings.string("header.title");
    header_titled_ =
        Pattern(settings, "header.title", {fmt::format("(?:{0}{1}+)?{2}(?:{1}+{0})?", title, separator, parts)});
    jump_inline_ = Pattern(settings, "jump.inline", patterns("jump.inline"));
    jump_line_ = Pattern(settings, "jump.line", patterns("jump.line"));
    page_number_ = Pattern(settings, "page_number.marked", patterns("page_number.marked"));
    byline_marks_ = settings.characters("decoration.byline");
    lone_marks_ = settings.characters("decoration.alone");
    edge_lines_ = static_cast<std::size_t>(settings.number("header.edge_lines", 0, 50));
    byline_most_ = static_cast<std::size_t>(settings.number("decoration.byline_most", 0, 100));
    scatter_lines_ = static_cast<std::size_t>(settings.number("scatter.lines", 0, 50));
    scatter_gap_ = static_cast<std::size_t>(settings.number("scatter.gap", 2, 100));
    scatter_widest_ = static_cast<std::size_t>(settings.number("scatter.widest", 2, 100));
    scatter_piece_ = static_cast<std::size_t>(settings.number("scatter.piece", 1, 100));
    scatter_marks_ = settings.characters("scatter.marks");
    scatter_marked_ = static_cast<std::size_t>(settings.number("scatter.marked", 0, 100));
    far_ = static_cast<std::size_t>(settings.number("scatter.far", 1, 1000));
    most_far_ = static_cast<std::size_t>(settings.number("scatter.most_far", 0, 100));
    scatter_most_ = static_cast<std::size_t>(settings.number("scatter.most", 1, 100));
    edges_ = PageEdges(settings);
    bare_least_ = static_cast<std::size_t>(settings.number("page_number.bare_least", 2, 1000));
    bare_step_ = static_cast<long>(settings.number("page_number.bare_most_step", 1, 100));
  }

  const StageInfo& info() const noexcept override { return furniture_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    std::vector<bool> dropped(lines.size(), false);
    std::vector<Marks> marks;
    marks.reserve(lines.size());
    for (const Line& line : lines) marks.push_back(marks_of(line.ink.of(text)));
    drop_headers(text, lines, marks, dropped, proposal);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == edge_lines_ && lines.size() > 2 * edge_lines_) i = lines.size() - edge_lines_;
      if (dropped[i] || lines[i].width > most_half_ems || lines[i].ink.size() > most_bytes || !marks[i].digit ||
          !header_blurred_.matches(lines[i].ink.of(text)))
        continue;
      proposal.erase(lines[i].ink, header, 90);
      dropped[i] = true;
    }
    drop_page_edges(text, lines, dropped, proposal);
    drop_bare_page_numbers(text, lines, dropped, proposal);
    for (std::size_t i = 0; i < std::min(scatter_lines_, lines.size()); ++i)
      if (!dropped[i] && is_scattered(lines[i].ink.of(text))) {
        proposal.erase(lines[i].ink, scatter, 80);
        dropped[i] = true;
      }
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (!dropped[i]) look_at_line(text, lines[i], marks[i], proposal);
  }

 private:
  // Longest line that can be furniture as a whole, in half-ems and bytes.
  static constexpr std::uint32_t most_half_ems = 120;
  static constexpr std::uint32_t most_bytes = 400;

  /// A few characters far apart that are no names: single ones, some with letters or marks, or very far.
  bool is_scattered(std::string_view ink) const {
    constexpr std::size_t most = 160;
    if (ink.size() > most) return false;
    std::size_t characters = 0, pieces = 0, in_piece = 0, gap = scatter_gap_, widest = 0, longest = 0;
    bool all_single = true, foreign = false, marked = false;
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      const CharClass c = class_of(codepoint);
      at += length;
      if (c == CharClass::space) {
        ++gap;
        continue;
      }
      if (gap >= scatter_gap_) {  // a new piece
        if (pieces > 0) widest = std::max(widest, gap);
        ++pieces;
        in_piece = 0;
      }
      gap = 0;
      ++in_piece;
      ++characters;
      all_single &= in_piece == 1;
      foreign |= c != CharClass::han && c != CharClass::digit;
      marked |= contains(scatter_marks_, codepoint);
      longest = std::max(longest, in_piece);
    }
    if (marked && characters <= scatter_marked_) return true;
    if (pieces < 2 || longest > scatter_piece_ || characters > scatter_most_) return false;
    return (widest >= scatter_widest_ && (all_single || foreign)) || (widest >= far_ && characters <= most_far_);
  }

  /// What tells most lines from furniture, found in one pass.
  struct Marks {
    bool digit = false;       ///< ASCII
    bool edition = false;     ///< 版
    bool page = false;        ///< 版, 页 or 頁
    bool punctuated = false;  ///< a full-width comma or full stop
  };
  static Marks marks_of(std::string_view ink) {
    Marks marks;
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      at += length;
      marks.digit |= codepoint >= U'0' && codepoint <= U'9';
      marks.edition |= codepoint == U'版';
      marks.page |= codepoint == U'页' || codepoint == U'頁';
      marks.punctuated |= codepoint == U'，' || codepoint == U'。';
    }
    marks.page |= marks.edition;
    return marks;
  }

  static bool may_be_header(const Line& line, const Marks& marks) {
    if (line.width > most_half_ems || line.ink.size() > most_bytes) return false;
    // Most lines of text hold a comma or full stop; few headers do, and those are short. A line as wide
    // as a column of text is a header only with a number in it.
    constexpr std::uint32_t short_half_ems = 24;
    return line.width <= short_half_ems || ((marks.digit || marks.edition) && !marks.punctuated);
  }

  HeaderParts header_parts(std::string_view ink, bool at_edge) const {
    HeaderParts parts;
    parts.only_parts = header_line_.matches(ink);
    parts.strong = header_strong_.found_in(ink);
    if (!parts.only_parts && !parts.strong) return parts;
    parts.date = header_date_.found_in(ink);
    if (!parts.only_parts) parts.only_parts = (parts.date || at_edge) && header_titled_.matches(ink);
    parts.other = header_other_.found_in(ink);
    return parts;
  }

  /// Runs of lines that are nothing but parts of a header: dropped where one part is strong, or at
  /// the edge of the text where there is a date with something else.
  void drop_headers(std::string_view text, std::span<const Line> lines, std::span<const Marks> marks,
                    std::vector<bool>& dropped, Proposal& proposal) const {
    // Without one of these there is no header: most texts are done here.
    const bool any = std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      const std::string_view ink = line.ink.of(text);
      return may_be_header(line, marks[static_cast<std::size_t>(&line - lines.data())]) &&
             (header_strong_.found_in(ink) || header_date_.found_in(ink));
    });
    if (!any) return;
    for (std::size_t i = 0; i < lines.size();) {
      HeaderParts all;
      std::size_t end = i;
      for (; end < lines.size() && may_be_header(lines[end], marks[end]); ++end) {
        const bool edge = end < edge_lines_ || end + edge_lines_ >= lines.size();
        const HeaderParts parts = header_parts(lines[end].ink.of(text), edge);
        if (!parts.only_parts) break;
        all.strong |= parts.strong;
        all.date |= parts.date;
        all.other |= parts.other;
      }
      if (end == i) {
        ++i;
        continue;
      }
      const bool at_edge = i < edge_lines_ || end + edge_lines_ > lines.size();
      if (all.strong || (at_edge && all.date && all.other))
        for (std::size_t k = i; k < end; ++k) {
          erase_line(text, lines[k], header, proposal);
          dropped[k] = true;
        }
      i = end;
    }
  }

  void drop_page_edges(std::string_view text, std::span<const Line> lines, std::vector<bool>& dropped,
                       Proposal& proposal) const {
    using Part = PageEdges::Part;
    const std::vector<Part> parts = edges_.parts_of(text, lines);
    if (parts.empty()) return;
    const bool notes = std::find(parts.begin(), parts.end(), Part::note) != parts.end();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (dropped[i]) continue;
      if (parts[i] == Part::text) {
        if (notes)
          for (const TextRange range : PageEdges::references_in(text, lines[i].ink))
            proposal.erase(range, footnote, 90);
        continue;
      }
      erase_line(text, lines[i],
                 parts[i] == Part::number ? page_number
                 : parts[i] == Part::head ? running_head
                                          : footnote,
                 proposal);
      dropped[i] = true;
    }
  }

  /// Bare numbers are page numbers where they rise through the document as pages do.
  void drop_bare_page_numbers(std::string_view text, std::span<const Line> lines, std::vector<bool>& dropped,
                              Proposal& proposal) const {
    struct Bare {
      std::size_t line;
      long value;
    };
    std::vector<Bare> run;
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
      if (error != std::errc() || stop != ink.data() + ink.size() || value <= 0) continue;
      if (!run.empty() &&
          (value <= run.back().value || value > run.back().value + bare_step_ || i < run.back().line + 5))
        flush();
      run.push_back({i, value});
    }
    flush();
  }

  void look_at_line(std::string_view text, const Line& line, const Marks& marks, Proposal& proposal) const {
    const std::string_view ink = line.ink.of(text);
    if (line.width <= most_half_ems && line.ink.size() <= most_bytes) {
      if (is_decoration(ink)) return erase_line(text, line, decoration, proposal);
      const Codepoint first = valid_utf8_next(ink, 0).codepoint;
      // Page numbers begin with a dash or dot, with 第 or with "Page".
      if (line.width <= 40 &&
          (first == U'第' || first == U'P' || class_of(first) == CharClass::cjk_symbol ||
           class_of(first) == CharClass::ascii_mark) &&
          page_number_.matches(ink))
        return erase_line(text, line, page_number, proposal);
    }
    if (marks.page) {
      if (line.ink.size() <= most_bytes && jump_line_.matches(ink)) return erase_line(text, line, jump, proposal);
      drop_inline_jumps(text, line, proposal);
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

  void drop_inline_jumps(std::string_view text, const Line& line, Proposal& proposal) const {
    const std::string_view ink = line.ink.of(text);
    std::string_view found;
    for (std::string_view rest = ink; !(found = jump_inline_.first_in(rest)).empty();) {
      rest = {found.data() + found.size(), ink.data() + ink.size()};
      ByteOffset begin = line.ink.begin + static_cast<ByteOffset>(found.data() - ink.data());
      ByteOffset end = begin + static_cast<ByteOffset>(found.size());
      while (begin > line.ink.begin && is_space_before(text, begin)) begin -= space_before(text, begin);
      while (end < line.ink.end && is_space_at(text, end)) end += valid_utf8_next(text, end).length;
      // What stands behind a jump line on the same line is another article.
      if (end < line.ink.end && begin > line.ink.begin)
        proposal.replace({begin, end}, "\n", jump);
      else
        proposal.erase({begin, end}, jump);
      if (begin == line.ink.begin && end < line.ink.end)
        proposal.label({end, line.ink.end}, BlockKind::body, continued);
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

  Pattern header_blurred_, header_strong_, header_date_, header_other_, header_line_, header_titled_;
  Pattern jump_inline_, jump_line_, page_number_;
  std::u32string byline_marks_, lone_marks_, scatter_marks_;
  PageEdges edges_;
  std::size_t scatter_lines_, scatter_gap_, scatter_widest_, scatter_piece_, scatter_most_, scatter_marked_, far_,
      most_far_;
  std::size_t edge_lines_ = 0, byline_most_ = 0, bare_least_ = 0;
  long bare_step_ = 0;
};

}  // namespace

const StageInfo furniture_info{
    "furniture", "drops page headers, page numbers, jump lines and decoration", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_furniture(const StageOptions& options, const Rules& rules) {
  Settings settings("furniture", options, rules, "furniture.toml");
  auto stage = std::make_unique<FurnitureStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
