#include "stages/order.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/kinship.h"
#include "stages/leads.h"
#include "stages/settings.h"

namespace inkwash::stages {

std::vector<std::int32_t> assign(std::span<const float> gains, std::size_t rows, std::size_t columns) {
  // Costs are -gain; a row's own extra column stands for "without".
  constexpr float forbidden = 1e9f;
  const std::size_t all = columns + rows;
  const auto cost = [&](std::size_t row, std::size_t column) {
    if (column >= columns) return column - columns == row ? 0.0f : forbidden;
    const float gain = gains[row * columns + column];
    return gain == -std::numeric_limits<float>::infinity() ? forbidden : -gain;
  };
  constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();
  std::vector<float> row_price(rows, 0), column_price(all + 1, 0);
  std::vector<std::size_t> owner(all + 1, nobody), from(all + 1);
  for (std::size_t row = 0; row < rows; ++row) {
    // Shortest augmenting path from this row; `all` is the column it starts from.
    std::size_t column = all;
    owner[all] = row;
    std::vector<float> least(all + 1, std::numeric_limits<float>::infinity());
    std::vector<bool> done(all + 1, false);
    while (owner[column] != nobody) {
      done[column] = true;
      const std::size_t r = owner[column];
      float step = std::numeric_limits<float>::infinity();
      std::size_t next = all;
      for (std::size_t c = 0; c < all; ++c) {
        if (done[c]) continue;
        const float reduced = cost(r, c) - row_price[r] - column_price[c];
        if (reduced < least[c]) {
          least[c] = reduced;
          from[c] = column;
        }
        if (least[c] < step) {
          step = least[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c <= all; ++c) {
        if (done[c]) {
          row_price[owner[c]] += step;
          column_price[c] -= step;
        } else {
          least[c] -= step;
        }
      }
      column = next;
    }
    while (column != all) {
      owner[column] = owner[from[column]];
      column = from[column];
    }
  }
  std::vector<std::int32_t> result(rows, -1);
  for (std::size_t c = 0; c < columns; ++c)
    if (owner[c] != nobody && cost(owner[c], c) < forbidden) result[owner[c]] = static_cast<std::int32_t>(c);
  return result;
}

namespace {

enum : RuleIndex { overlap, join, move, unmatched };
constexpr RuleInfo rule_list[] = {
    {"order.overlap", "text that stands at both sides of a seam stands once", Effect::drop},
    {"order.join", "fragments that go on with each other are joined", Effect::space},
    {"order.move", "fragments stand in reading order", Effect::move},
    {"order.unmatched", "a fragment that ends in mid-sentence, whose rest was not found", Effect::note},
};

constexpr std::uint32_t none = ~0u;

/// Lines between blank ones.
struct Fragment {
  std::uint32_t first, last;  ///< lines, both included
  TextRange ink;
  std::uint32_t width;               ///< of all lines, half-ems
  std::uint32_t widest, last_width;  ///< of its lines
  std::uint32_t indent;              ///< of its first line, half-ems
};

/// A set of pairs of characters that may hold more than was put into it.
using Pairs = std::bitset<1u << 16>;
std::size_t pair_of(Codepoint a, Codepoint b) { return (a * 0x9E3779B1u ^ b * 0x85EBCA77u) >> 16; }

/// The characters of fragments that are no white space, one after another.
class Characters {
 public:
  Characters(std::string_view text, std::span<const Fragment> fragments)
      : text_(text), fragments_(fragments), codepoints_(std::make_unique_for_overwrite<Codepoint[]>(text.size())) {
    begins.reserve(fragments.size());
    ends.reserve(fragments.size());
    for (const Fragment& fragment : fragments) {
      begins.push_back(size_);
      std::size_t size = size_;
      for (std::size_t at = fragment.ink.begin; at < fragment.ink.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        at += length;
        codepoints_[size] = codepoint;
        // Nearly all are ideographs.
        size += (codepoint >= 0x4000 && codepoint < 0xA000) || !is_white(codepoint);
      }
      size_ = size;
      ends.push_back(size_);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  Codepoint operator[](std::size_t i) const noexcept { return codepoints_[i]; }
  /// Where the character stands in the text.
  [[nodiscard]] ByteOffset place_of(std::size_t i) const {
    const auto f = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), i) - ends.begin());
    ByteOffset at = fragments_[f].ink.begin;
    for (std::size_t left = i - begins[f];;) {
      const auto [codepoint, length] = valid_utf8_next(text_, at);
      if (!is_white(codepoint) && left-- == 0) return at;
      at += static_cast<ByteOffset>(length);
    }
  }

  std::vector<std::size_t> begins, ends;  ///< of each fragment

 private:
  static bool is_white(Codepoint codepoint) {
    const CharClass c = class_of(codepoint);
    return c == CharClass::space || c == CharClass::newline;
  }

  std::string_view text_;
  std::span<const Fragment> fragments_;
  std::unique_ptr<Codepoint[]> codepoints_;
  std::size_t size_ = 0;
};

/// What stands after the text's last mark that ends a sentence or a clause, on its last line.
std::string_view last_clause(std::string_view text) {
  for (std::size_t at = text.size(); at > 0;) {
    const auto [codepoint, length] = valid_utf8_previous(text, at);
    const CharClass c = class_of(codepoint);
    if (c == CharClass::stop || c == CharClass::pause || c == CharClass::newline) return text.substr(at);
    at -= length;
  }
  return text;
}

/// What stands on the last lines of a text, below the last of them that ends a sentence.
std::string_view last_paragraph(std::string_view text) {
  for (std::size_t end = text.size(); (end = text.rfind('\n', end)) != std::string_view::npos && end > 0; --end)
    if (const std::string_view above = text.substr(0, end); !is_blank(above) && !is_open(above))
      return text.substr(end + 1);
  return text;
}

class OrderStage final : public Stage {
 public:
  OrderStage(Settings& s, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)),
        leads_(s, rules, model_),
        most_overlap_(s.count("overlap.most")),
        least_overlap_(s.count("overlap.least")),
        least_overlap_in_lines_(s.count("overlap.least_in_lines")),
        widest_line_(static_cast<std::uint32_t>(s.number("join.widest_line", 1, 10000))),
        long_(static_cast<std::uint32_t>(s.number("join.long", 1, 1000))),
        prior_(s.cost("join.prior")),
        long_open_(s.cost("join.long_open")),
        bad_begin_(s.cost("join.bad_begin")),
        bracket_(s.cost("join.bracket")),
        unclosed_(s.cost("join.unclosed")),
        recurs_(s.cost("join.recurs")),
        word_(s.cost("join.word")),
        most_words_(s.cost("join.most_words")),
        near_(s.count("join.near")),
        most_begins_inside_(static_cast<float>(s.number("join.most_begins_inside", -100, 100))),
        torn_(s.cost("join.torn")),
        least_border_(static_cast<float>(s.number("areas.border", -100, 100))),
        least_borders_(s.count("areas.borders")),
        most_whole_(static_cast<float>(s.number("areas.whole", 0, 1))),
        far_(s.cost("join.far")),
        past_heading_(s.cost("join.past_heading")),
        rest_(s.cost("join.rest")),
        longest_rest_(s.count("join.longest_rest")),
        short_rest_(s.cost("join.short_rest")),
        longest_short_rest_(s.count("join.longest_short_rest")),
        in_place_(s.cost("join.in_place")),
        whole_(s.cost("join.whole")),
        headed_(s.cost("join.headed")),
        indented_(s.cost("join.indented")),
        out_of_headline_(s.cost("join.out_of_headline")),
        most_(s.cost("join.most")),
        least_(s.cost("join.least")),
        least_text_(s.cost("join.least_text")),
        margin_text_(s.cost("join.margin_text")),
        least_in_place_(s.cost("join.least_in_place")),
        margin_(s.cost("join.margin")),
        least_in_lines_(s.cost("join.least_in_lines")),
        margin_in_lines_(s.cost("join.margin_in_lines")),
        most_begins_in_lines_(static_cast<float>(s.number("join.most_begins_in_lines", -100, 100))),
        area_lines_(static_cast<std::uint32_t>(s.number("join.area_lines", 1, 1000))),
        window_(static_cast<std::uint32_t>(s.number("join.window", 2, 1000))),
        least_headline_width_(static_cast<std::uint32_t>(s.number("headline.least_width", 1, 1000))),
        sure_lead_(static_cast<float>(s.number("headline.sure_lead", -100, 100))),
        least_kinship_(static_cast<float>(s.number("headline.kinship", -100, 100))),
        least_kinship_of_clauses_(static_cast<float>(s.number("headline.kinship_of_clauses", -100, 100))),
        counts_on_(s.cost("join.counts_on")),
        credits_(s.strings("join.credits")),
        longest_credit_(s.count("join.longest_credit")),
        labels_(s.strings("join.labels")),
        no_headline_(s.strings("headline.without")),
        headline_width_(static_cast<std::uint32_t>(s.number("headline.width", 1, 1000))),
        seam_of_headlines_(s.cost("headline.seam")) {
    for (const std::string& words : s.strings("join.series")) {
      series_.emplace_back();
      for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        series_.back().push_back(words.substr(at, end - at));
        at = end + 1;
      }
    }
  }

  const StageInfo& info() const noexcept override { return order_info; }
  void propose(const Document& document, Proposal& proposal) const override;

 private:
  /// Fragment `next` goes on after fragment `before`; what stands at the seam twice ends `before`.
  struct Link {
    std::uint32_t before, next;
    TextRange twice;       ///< empty: nothing does
    std::uint32_t first;   ///< fragment in which that begins; those after it, up to `before`, go wholly
    ByteOffset ended = 0;  ///< where in `next` the paragraph ends that stood twice; 0: it goes on
  };
  std::vector<Link> find_overlaps(std::string_view text, std::span<const Fragment> fragments, std::size_t least) const;
  float gain(const struct End& of_a, const struct Beginning& of_b, bool in_place,
             const std::unordered_set<std::uint64_t>& threes) const;
  /// Of each series of words that count, how many come before the first that a text has, and how many until the last;
  /// 0: it has none of them.
  struct Counted {
    std::vector<std::size_t> before_first, until_last;
  };
  Counted counted_in(std::string_view text) const;
  /// `right` has the second of words that count, or a later one, and `left` all until it.
  static bool counts_on_from(const Counted& left, const Counted& right);
  void find_continuations(std::string_view text, std::span<const Fragment> fragments, bool in_lines,
                          std::vector<Link>& links, Proposal& proposal) const;
  /// Each paragraph, or what is torn off it, is an area of its own: then what stands below a piece that moves has
  /// nothing to do with it.
  bool paragraphs_are_areas(std::string_view text, std::span<const Fragment> fragments,
                            std::span<const Link> links) const;
  /// For each fragment the one that goes on after it, or none: by the links, and where no link says
  /// otherwise the one below it.
  std::vector<std::uint32_t> chain(std::string_view text, std::span<const Fragment> fragments,
                                   std::span<const Link> links, bool alone) const;
  /// The fragments in reading order.
  std::vector<std::uint32_t> sequence(std::string_view text, std::span<const Fragment> fragments,
                                      std::span<const std::uint32_t> next, bool in_lines, bool alone) const;
  /// It has sentences and ends inside one.
  static bool breaks_off(std::string_view text, const Fragment& fragment);
  bool is_headline(std::string_view text, const Fragment& fragment) const;
  /// And neither a number alone nor a byline or source.
  bool is_heading(std::string_view text, const Fragment& fragment) const;
  /// How much the fragment looks like the first of the article under that headline, and the one above it like
  /// the last of an area.
  float likeness_of_beginning(std::string_view text, const Fragment& headline, const Fragment& above,
                              const Fragment& fragment) const;
  /// Ends as captions and articles do that name their source after the last sentence.
  bool ends_in_credit(std::string_view ink) const {
    const std::string_view line = ink.substr(ink.rfind('\n') + 1);
    if (line.size() <= longest_label_ && std::any_of(labels_.begin(), labels_.end(), [&](const std::string& label) {
          return line.find(label) != std::string_view::npos;
        }))
      return true;
    const std::string_view last = last_clause(ink);
    return valid_utf8_length(last) <= longest_credit_ &&
           std::any_of(credits_.begin(), credits_.end(),
                       [&](const std::string& credit) { return last.ends_with(credit); });
  }
  /// And the text has its words.
  bool is_headline_of(std::string_view text, const Fragment& fragment) const;
  /// The text still stands in its lines, whose place says more of their order than here is known.
  bool is_in_lines(std::span<const Line> lines) const {
    std::uint64_t all = 0, wide = 0;
    for (const Line& line : lines) {
      all += line.width;
      if (line.width > widest_line_) wide += line.width;
    }
    return 2 * wide < all;
  }

  CoherenceModel model_;
  Leads leads_;
  std::size_t most_overlap_, least_overlap_, least_overlap_in_lines_;
  std::uint32_t widest_line_, long_;
  float prior_, long_open_, bad_begin_, bracket_, unclosed_, recurs_, word_, most_words_;
  std::size_t near_;
  float most_begins_inside_, torn_;
  float least_border_;
  std::size_t least_borders_;
  float most_whole_;
  float far_, past_heading_, rest_;
  std::size_t longest_rest_;
  float short_rest_;
  std::size_t longest_short_rest_;
  float in_place_, whole_, headed_, indented_, out_of_headline_, most_, least_, least_text_, margin_text_,
      least_in_place_, margin_, least_in_lines_, margin_in_lines_, most_begins_in_lines_;
  std::uint32_t area_lines_;
  std::uint32_t window_;
  std::uint32_t least_headline_width_;
  float sure_lead_, least_kinship_, least_kinship_of_clauses_;
  std::vector<std::vector<std::string>> series_;
  float counts_on_;
  std::vector<std::string> credits_;
  std::size_t longest_credit_;
  std::vector<std::string> labels_;
  static constexpr std::size_t longest_label_ = 60;  ///< bytes of a line that has one
  std::vector<std::string> no_headline_;
  std::uint32_t headline_width_;
  float seam_of_headlines_;
};

std::vector<Fragment> fragments_of(const Document& document) {
  const std::span<const Line> lines = document.lines();
  std::vector<Fragment> fragments;
  for (std::uint32_t i = 0; i < lines.size(); ++i) {
    if (fragments.empty() || lines[i].blanks_before > 0)
      fragments.push_back({i, i, lines[i].ink, lines[i].width, lines[i].width, lines[i].width, lines[i].indent});
    else {
      fragments.back().last = i;
      fragments.back().ink.end = lines[i].ink.end;
      fragments.back().width += lines[i].width;
      fragments.back().widest = std::max(fragments.back().widest, lines[i].width);
      fragments.back().last_width = lines[i].width;
    }
  }
  return fragments;
}

Codepoint closing_of(Codepoint open) {
  static constexpr std::u32string_view pairs = U"（）「」『』“”‘’《》〈〉【】";
  const std::size_t at = pairs.find(open);
  return at != std::u32string_view::npos && at % 2 == 0 ? pairs[at + 1] : 0;
}

bool is_closing(Codepoint codepoint) {
  static constexpr std::u32string_view closing = U"）」』”’》〉】";
  return closing.find(codepoint) != std::u32string_view::npos;
}

bool OrderStage::breaks_off(std::string_view text, const Fragment& fragment) {
  const std::string_view ink = fragment.ink.of(text);
  return is_open(ink) && has_sentence_marks(last_paragraph(ink));
}

bool OrderStage::is_headline(std::string_view text, const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  return fragment.width <= headline_width_ && is_open(ink) && !begins_badly(ink) && !has_sentence_marks(ink);
}

bool OrderStage::is_heading(std::string_view text, const Fragment& fragment) const {
  if (!is_headline(text, fragment)) return false;
  const std::string_view ink = fragment.ink.of(text);
  return std::any_of(ink.begin(), ink.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c > '9'; }) &&
         std::none_of(no_headline_.begin(), no_headline_.end(),
                      [&](const std::string& word) { return ink.find(word) != std::string_view::npos; });
}

bool OrderStage::is_headline_of(std::string_view text, const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  if (!is_heading(text, fragment) || fragment.width < least_headline_width_) return false;
  // Two clauses without a mark are hardly anything but a headline.
  return Vocabulary(model_, text.substr(0, fragment.ink.begin)).kinship(ink) >=
         (has_space(ink) ? least_kinship_of_clauses_ : least_kinship_);
}

std::vector<OrderStage::Link> OrderStage::find_overlaps(std::string_view text, std::span<const Fragment> fragments,
                                                        std::size_t least) const {
  const Characters all(text, fragments);
  const std::vector<std::size_t>&begins = all.begins, &ends = all.ends;
  // Where the first characters of a fragment stand elsewhere too.
  constexpr std::size_t probe = 4;
  const auto key = [&](std::size_t at) {
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < probe; ++i) h = (h ^ all[at + i]) * 0x9E3779B97F4A7C15u;
    return h;
  };
  // Where many fragments begin alike, their beginnings say nothing.
  constexpr std::size_t most_alike = 8;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> starts;
  for (std::uint32_t f = 0; f < fragments.size(); ++f) {
    if (begins[f] + probe > all.size()) continue;
    std::vector<std::uint32_t>& alike = starts[key(begins[f])];
    if (alike.size() <= most_alike) alike.push_back(f);
  }
  // Most places are told by two characters alone, most others by four.
  Pairs may_begin, may_start;
  for (const auto& [four, alike] : starts) may_start.set(four >> 48);
  for (std::uint32_t f = 0; f < fragments.size(); ++f)
    if (begins[f] + 1 < all.size()) may_begin.set(pair_of(all[begins[f]], all[begins[f] + 1]));
  std::vector<Link> links;
  std::vector<std::size_t> lengths;
  for (std::size_t at = 0; at + probe <= all.size(); ++at) {
    if (!may_begin[pair_of(all[at], all[at + 1])]) continue;
    const std::uint64_t four = key(at);
    if (!may_start[four >> 48]) continue;
    const auto found = starts.find(four);
    if (found == starts.end() || found->second.size() > most_alike) continue;
    for (const std::uint32_t next : found->second) {
      const std::size_t start = begins[next];
      if (start == at) continue;
      // What stands before it twice, too, is no seam but text that was scraped twice.
      if (at >= probe && start >= probe && key(at - probe) == key(start - probe)) continue;
      std::size_t length = 0;
      const std::size_t most = std::min(most_overlap_, start > at ? start - at : all.size() - at);
      while (length < most && start + length < all.size() && all[at + length] == all[start + length]) ++length;
      // It must end just where a fragment does.
      const auto end = std::lower_bound(ends.begin(), ends.end(), at + length);
      if (length < least || end == ends.end() || *end != at + length) continue;
      const auto before = static_cast<std::uint32_t>(end - ends.begin());
      // One that begins inside a sentence is a seam, also where it ends with a sentence.
      const bool inside = at > begins[before] && length >= least_overlap_in_lines_ &&
                          class_of(all[at - 1]) == CharClass::han && class_of(all[at]) == CharClass::han;
      if (before == next || !(inside || is_open(fragments[before].ink.of(text)))) continue;
      // The same line again is no seam: a running head, a caption, a byline, a refrain.
      const bool is_line = start + length == ends[next] && length < least_overlap_in_lines_ &&
                           !has_sentence_marks(fragments[next].ink.of(text));
      // A text may begin with the last words of a headline.
      const bool is_headline_end = at >= begins[before] && length < least_overlap_in_lines_ &&
                                   !has_sentence_marks(fragments[before].ink.of(text)) &&
                                   has_sentence_marks(fragments[next].ink.of(text));
      if (is_line || is_headline_end) continue;
      if (at == begins[before] && !has_sentence_marks(fragments[before].ink.of(text))) continue;
      const auto first = static_cast<std::uint32_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
      const bool ended = !is_open(fragments[before].ink.of(text)) && start + length < ends[next];
      links.push_back({before,
                       next,
                       {all.place_of(at), fragments[before].ink.end},
                       first,
                       ended ? all.place_of(start + length) : ByteOffset{0}});
      lengths.push_back(length);
    }
  }
  // The longest ones, each side once.
  std::vector<std::size_t> by_length(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) by_length[i] = i;
  std::stable_sort(by_length.begin(), by_length.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<Link> chosen;
  for (const std::size_t i : by_length) {
    const bool taken = std::any_of(chosen.begin(), chosen.end(), [&](const Link& link) {
      const bool inside = links[i].next > link.first && links[i].next <= link.before;
      const bool around = link.next > links[i].first && link.next <= links[i].before;
      return (links[i].first <= link.before && link.first <= links[i].before) || link.next == links[i].next || inside ||
             around;
    });
    if (!taken) chosen.push_back(links[i]);
  }
  return chosen;
}

/// The last bracket or quotation mark that `text` opens and does not close; 0: none.
Codepoint unclosed(std::string_view text) {
  std::u32string open;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (closing_of(codepoint) != 0)
      open += codepoint;
    else if (!open.empty() && codepoint == closing_of(open.back()))
      open.pop_back();
  }
  return open.empty() ? 0 : open.back();
}

/// The first that it closes and does not open; 0: none.
Codepoint unopened(std::string_view text) {
  std::u32string open;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (closing_of(codepoint) != 0) {
      open += codepoint;
    } else if (is_closing(codepoint)) {
      if (open.empty()) return codepoint;
      if (closing_of(open.back()) == codepoint) open.pop_back();
    }
  }
  return 0;
}

/// A sign that stands before a caption or an item: what it begins is whole.
bool begins_with_sign(std::string_view text) {
  const Codepoint first = valid_utf8_next(text, 0).codepoint;
  constexpr Codepoint first_shape = 0x25A0, last_shape = 0x26FF;  // Geometric Shapes, Miscellaneous Symbols
  return first >= first_shape && first <= last_shape;
}

/// What is asked of a fragment's end, found out once.
struct End {
  CoherenceModel::Tail symbols;
  float ends = 0;                   ///< how well it ends a paragraph
  bool is_text = false;             ///< too long for a headline, or with marks
  Codepoint unclosed = 0;           ///< the last bracket or quotation mark that it opens only
  std::array<Codepoint, 2> tail{};  ///< ideographs at its end; 0: others
};
/// And of its beginning.
struct Beginning {
  CoherenceModel::Head symbols;
  float begins = 0;
  bool badly = false;
  bool closes = false;     ///< begins with a bracket or quotation mark that closes
  bool is_rest = false;    ///< a sentence's end, too short for a paragraph
  bool is_short = false;   ///< shorter than most paragraphs
  Codepoint unopened = 0;  ///< the first that it closes only
  std::array<Codepoint, 2> head{};
};

/// The pairs of ideographs in a text, each once.
std::vector<std::size_t> pairs_of(std::string_view text) {
  std::vector<std::size_t> pairs;
  Codepoint before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    const Codepoint here = class_of(codepoint) == CharClass::han ? codepoint : 0;
    if (before != 0 && here != 0) pairs.push_back(pair_of(before, here));
    before = here;
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

/// At most so many characters of the text's end, and of its beginning.
std::string_view last_of(std::string_view text, std::size_t characters) {
  std::size_t at = text.size();
  for (; characters > 0 && at > 0; --characters) at -= valid_utf8_previous(text, at).length;
  return text.substr(at);
}
std::string_view first_of(std::string_view text, std::size_t characters) {
  std::size_t at = 0;
  for (; characters > 0 && at < text.size(); --characters) at += valid_utf8_next(text, at).length;
  return text.substr(0, at);
}

End end_of(const CoherenceModel& model, std::string_view ink, std::uint32_t width, std::uint32_t longest_headline) {
  End end;
  end.ends = model.ends_paragraph(ink);
  end.symbols = model.tail_of(ink);
  model.weigh(end.symbols);
  end.unclosed = unclosed(ink);
  // Clauses without a mark are a headline, however long; a number alone is neither.
  end.is_text = has_sentence_marks(last_paragraph(ink)) ||
                std::all_of(ink.begin(), ink.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
                (width >= longest_headline && !has_space(ink));
  std::size_t at = ink.size();
  for (std::size_t k = 2; k-- > 0 && at > 0;) {
    const auto [codepoint, length] = valid_utf8_previous(ink, at);
    if (class_of(codepoint) != CharClass::han) break;
    end.tail[k] = codepoint;
    at -= length;
  }
  return end;
}

Beginning beginning_of(const CoherenceModel& model, std::string_view ink, std::size_t shortest,
                       std::size_t short_most) {
  Beginning beginning;
  beginning.begins = model.begins_paragraph(ink);
  beginning.symbols = model.head_of(ink);
  beginning.badly = begins_badly(ink);
  beginning.closes = first_class(ink) == CharClass::close;
  beginning.unopened = unopened(ink);
  if (last_class(ink) == CharClass::stop && first_class(ink) != CharClass::open) {
    const std::size_t length = valid_utf8_length(ink);
    beginning.is_rest = length <= shortest;
    beginning.is_short = length <= short_most;
  }
  std::size_t at = 0;
  for (std::size_t k = 0; k < 2 && at < ink.size(); ++k) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    if (class_of(codepoint) != CharClass::han) break;
    beginning.head[k] = codepoint;
    at += length;
  }
  return beginning;
}

float OrderStage::likeness_of_beginning(std::string_view text, const Fragment& headline, const Fragment& above,
                                        const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  const bool below_heading = is_heading(text, above);
  // Two headlines meet only where areas do; between a headline and its text none ends.
  if (is_heading(text, fragment)) return below_heading ? seam_of_headlines_ : 0;
  float likeness = leads_.likeness(ink);
  // What begins inside a sentence goes on with none of them: an area begins there.
  if (!is_open(above.ink.of(text)) || below_heading) {
    const Beginning beginning = beginning_of(model_, ink, longest_rest_, longest_short_rest_);
    if (beginning.badly || beginning.is_rest || beginning.begins < most_begins_inside_) return likeness + torn_;
  }
  if (below_heading) likeness -= seam_of_headlines_;
  if (is_headline(text, headline)) likeness += static_cast<float>(shared_pairs(headline.ink.of(text), ink));
  return likeness;
}

std::uint64_t three(Codepoint a, Codepoint b, Codepoint c) {
  return std::uint64_t{a} << 42 | std::uint64_t{b} << 21 | c;
}

/// Runs of three ideographs of a text, not over white space, that begin with what a fragment ends with
/// or end with what one begins with.
std::unordered_set<std::uint64_t> threes_of(std::string_view text, std::span<const Fragment> fragments) {
  const auto pair_at = [&](std::size_t at) {
    const auto [a, a_length] = valid_utf8_next(text, at);
    return at + a_length < text.size() ? pair_of(a, valid_utf8_next(text, at + a_length).codepoint) : 0;
  };
  Pairs tails, heads;
  for (const Fragment& fragment : fragments) {
    heads.set(pair_at(fragment.ink.begin));
    const std::size_t last = fragment.ink.end - valid_utf8_previous(text, fragment.ink.end).length;
    if (last > fragment.ink.begin) tails.set(pair_at(last - valid_utf8_previous(text, last).length));
  }
  std::unordered_set<std::uint64_t> threes;
  Codepoint before = 0, last = 0;
  bool wanted = false;  // the two before are the end of a fragment
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    const Codepoint here = class_of(codepoint) == CharClass::han ? codepoint : 0;
    const std::size_t pair = pair_of(last, here);
    if (before != 0 && last != 0 && here != 0 && (wanted || heads[pair])) threes.insert(three(before, last, here));
    wanted = tails[pair];
    before = last;
    last = here;
  }
  return threes;
}

/// What fragments speak of near their ends and beginnings.
class Subjects {
 public:
  /// The text and the fragments must outlive this. `near`: characters.
  Subjects(std::string_view text, std::span<const Fragment> fragments, std::size_t near)
      : text_(text), fragments_(fragments), near_(near), ends_(fragments.size()), beginnings_(fragments.size()) {
    for (const Fragment& fragment : fragments)
      for (const std::size_t pair : pairs_of(fragment.ink.of(text))) ++spread_[pair];
  }

  /// How much the end of `a` and the beginning of `b` speak of the same: the pairs of ideographs they share, each
  /// the more the fewer fragments have it, as natural logarithms.
  float shared(std::uint32_t a, std::uint32_t b) {
    if (!ends_[a]) ends_[a] = pairs_of(last_of(fragments_[a].ink.of(text_), near_));
    if (!beginnings_[b]) beginnings_[b] = pairs_of(first_of(fragments_[b].ink.of(text_), near_));
    float weight = 0;
    for (auto i = ends_[a]->begin(), k = beginnings_[b]->begin(); i != ends_[a]->end() && k != beginnings_[b]->end();) {
      if (*i == *k) {
        weight += std::log(static_cast<float>(fragments_.size()) / static_cast<float>(spread_[*i]));
        ++i;
        ++k;
      } else {
        ++(*i < *k ? i : k);
      }
    }
    return weight;
  }

 private:
  std::string_view text_;
  std::span<const Fragment> fragments_;
  std::size_t near_;
  std::unordered_map<std::size_t, std::uint32_t> spread_;  ///< fragments that have a pair
  std::vector<std::optional<std::vector<std::size_t>>> ends_, beginnings_;
};

OrderStage::Counted OrderStage::counted_in(std::string_view text) const {
  Counted counted;
  for (const std::vector<std::string>& series : series_) {
    std::size_t first = 0, last = series.size();
    while (first < series.size() && find(text, series[first]) == std::string_view::npos) ++first;
    while (last > first && find(text, series[last - 1]) == std::string_view::npos) --last;
    const bool has_any = first < series.size();
    counted.before_first.push_back(has_any ? first : 0);
    counted.until_last.push_back(has_any ? last : 0);
  }
  return counted;
}

bool OrderStage::counts_on_from(const Counted& left, const Counted& right) {
  for (std::size_t s = 0; s < left.until_last.size(); ++s)
    if (left.until_last[s] > 0 && left.until_last[s] == right.before_first[s]) return true;
  return false;
}

/// log P(both are one sentence) - log P(a paragraph ends and another begins).
float OrderStage::gain(const End& of_a, const Beginning& of_b, bool in_place,
                       const std::unordered_set<std::uint64_t>& threes) const {
  float gain = -of_a.ends - of_b.begins - prior_;
  if (of_a.is_text) gain += long_open_ + (in_place ? in_place_ : 0);
  if (of_b.badly) gain += bad_begin_;
  if (of_b.unopened != 0)
    gain += of_a.unclosed != 0 && closing_of(of_a.unclosed) == of_b.unopened ? bracket_ : of_b.closes ? -bracket_ : 0;
  else if (of_a.unclosed != 0)
    gain -= unclosed_;
  if (of_b.is_rest)
    gain += rest_;
  else if (of_b.is_short)
    gain += short_rest_;
  if (gain + most_ + 2 * recurs_ + most_words_ + counts_on_ <= 0) return gain;
  constexpr float unlikely = -3.0f;
  gain += std::min(model_.continuation_above(of_a.symbols, of_b.symbols, unlikely), most_);
  // What the text itself says: the characters at the seam stand together elsewhere in it too.
  if (of_a.tail[1] != 0 && of_b.head[0] != 0) {
    const bool left = of_a.tail[0] != 0 && threes.contains(three(of_a.tail[0], of_a.tail[1], of_b.head[0]));
    const bool right = of_b.head[1] != 0 && threes.contains(three(of_a.tail[1], of_b.head[0], of_b.head[1]));
    gain += recurs_ * static_cast<float>(left + right);
  }
  return gain;
}

void OrderStage::find_continuations(std::string_view text, std::span<const Fragment> fragments, bool in_lines,
                                    std::vector<Link>& links, Proposal& proposal) const {
  // Old newspapers end paragraphs with no mark: nothing shows there that one is torn.
  if (has_old_punctuation(text)) return;
  std::vector<bool> ended(fragments.size(), false), begun(fragments.size(), false);
  for (const Link& link : links) {
    ended[link.before] = begun[link.next] = true;
    if (link.twice.empty()) continue;
    for (std::uint32_t f = link.first; f < link.before; ++f) ended[f] = begun[f + 1] = true;  // what goes is not asked
  }
  std::vector<bool> open(fragments.size(), false);
  for (std::uint32_t f = 0; f < fragments.size(); ++f) {
    const std::string_view ink = fragments[f].ink.of(text);
    open[f] = is_open(ink) && !ends_in_credit(ink);
  }
  // A lone line may be one of a column that was read across: of those `interleave` knows more.
  const auto is_area = [&](std::uint32_t f) {
    return !in_lines || fragments[f].last - fragments[f].first + 1 >= area_lines_;
  };
  // The last line of text that breaks off is as full as any.
  const auto is_torn = [&](std::uint32_t f) {
    return breaks_off(text, fragments[f]) && 5 * fragments[f].last_width >= 4 * fragments[f].widest;
  };
  const auto is_asked = [&](std::uint32_t f) {
    const bool whole_headline = is_heading(text, fragments[f]) && has_space(fragments[f].ink.of(text));
    return open[f] && !ended[f] && is_area(f) && (in_lines ? is_torn(f) : !whole_headline);
  };
  std::vector<std::optional<End>> known_ends(fragments.size());
  std::vector<std::optional<Beginning>> known_beginnings(fragments.size());
  const auto end = [&](std::uint32_t f) -> const End& {
    if (!known_ends[f]) {
      known_ends[f] = end_of(model_, fragments[f].ink.of(text), fragments[f].width, long_);
    }
    return *known_ends[f];
  };
  const auto beginning = [&](std::uint32_t f) -> const Beginning& {
    if (!known_beginnings[f]) {
      known_beginnings[f] = beginning_of(model_, fragments[f].ink.of(text), longest_rest_, longest_short_rest_);
    }
    return *known_beginnings[f];
  };
  std::vector<std::optional<Counted>> known_counted(fragments.size());
  const auto counted = [&](std::uint32_t f) -> const Counted& {
    if (!known_counted[f]) known_counted[f] = counted_in(fragments[f].ink.of(text));
    return *known_counted[f];
  };
  std::vector<bool> inside(fragments.size(), false);  // short pieces of a sentence
  std::vector<std::uint32_t> unsure;
  // Few pages need these.
  std::optional<std::unordered_set<std::uint64_t>> threes;
  std::optional<Subjects> subjects;
  std::vector<bool> heading(fragments.size());
  std::vector<std::uint32_t> headings_to;
  const auto headings = [&](std::uint32_t a, std::uint32_t b) { return headings_to[b] - headings_to[a + 1]; };
  // Of some fragments, that is: of all it is how the text was set down.
  constexpr std::uint32_t least_indent = 3;
  const bool indents_kept = std::any_of(fragments.begin(), fragments.end(),
                                        [&](const Fragment& fragment) { return fragment.indent < least_indent; });
  const auto gain_of = [&](std::uint32_t a, std::uint32_t b, bool below) {
    if (!threes) {
      // Blocks of lines must be surer than what recurs can make them.
      threes = in_lines ? std::unordered_set<std::uint64_t>() : threes_of(text, fragments);
      headings_to.assign(1, 0);
      for (std::uint32_t f = 0; f < fragments.size(); ++f) {
        heading[f] = is_heading(text, fragments[f]);
        headings_to.push_back(headings_to.back() + heading[f]);
      }
    }
    float against = 0;
    if (!in_lines) {
      const auto [first, last] = std::minmax(a, b);
      against += far_ * std::log(static_cast<float>(last - first));
      against += past_heading_ * static_cast<float>(std::min<std::uint32_t>(2, headings(first, last)));
    }
    // A headline goes on with no text; a piece of a sentence may, and what begins inside one must go on something.
    if (!end(a).is_text && beginning(b).begins > most_begins_inside_ && beginning(a).begins > most_begins_inside_ &&
        has_sentence_marks(fragments[b].ink.of(text))) {
      const bool in_its_place = a + 1 < fragments.size() && a + 1 != b && !beginning(a + 1).badly &&
                                beginning(a + 1).begins > most_begins_inside_;
      if (in_its_place) return 0.0f;
      against += out_of_headline_;
    }
    // Areas are cut anywhere, hardly ever just between two paragraphs. A sub-headline stands above a paragraph; the
    // page's own may stand above any of its areas. Two clauses without a mark are a headline, which goes on with
    // nothing.
    const bool whole = !below && b > 0 && !open[b - 1] && !beginning(b).badly;
    if (whole || (is_headline(text, fragments[b]) && has_space(fragments[b].ink.of(text))))
      against += whole_;
    else if (!in_lines && (heading[b] || (!below && b > 1 && !beginning(b).badly && heading[b - 1])))
      against += headed_;
    if (indents_kept && fragments[b].indent >= least_indent) against += indented_;
    float sum = gain(end(a), beginning(b), below, *threes) - against;
    if (in_lines || sum + most_words_ + counts_on_ <= 0) return sum;
    if (!subjects) subjects.emplace(text, fragments, near_);
    sum += std::min(word_ * subjects->shared(a, b), most_words_);
    // What this can't make a gain is asked no further.
    if (sum + counts_on_ > 0 && counts_on_from(counted(a), counted(b))) sum += counts_on_;
    return sum;
  };
  // A page's fragments are decided together; longer text is decided in parts.
  // Says whether it found more to decide.
  const auto decide_once = [&](std::uint32_t first, std::uint32_t last) {
    std::vector<std::uint32_t> rows, columns;
    for (std::uint32_t f = first; f < last; ++f) {
      // Lines that go on below are where they belong.
      if (is_asked(f) && !(in_lines && f + 1 < fragments.size() && gain_of(f, f + 1, false) > 0)) rows.push_back(f);
      if (!begun[f] && is_area(f) && !begins_with_sign(fragments[f].ink.of(text))) columns.push_back(f);
    }
    unsure.clear();
    if (rows.empty()) return false;
    std::vector<float> gains(rows.size() * columns.size());
    for (std::size_t r = 0; r < rows.size(); ++r)
      for (std::size_t c = 0; c < columns.size(); ++c) {
        float& value = gains[r * columns.size() + c];
        value = rows[r] == columns[c] ? -std::numeric_limits<float>::infinity()
                                      : gain_of(rows[r], columns[c], columns[c] == rows[r] + 1);
        if (value <= 0) value = -std::numeric_limits<float>::infinity();
      }
    const std::vector<std::int32_t> chosen = assign(gains, rows.size(), columns.size());
    bool again = false;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const bool sure = chosen[r] >= 0 && [&] {
        const auto column = static_cast<std::size_t>(chosen[r]);
        const float value = gains[r * columns.size() + column];
        const std::uint32_t a = rows[r], b = columns[column];
        // Text that ends inside a sentence must have a mate; a headline need not.
        const bool breaks = inside[a] || breaks_off(text, fragments[a]);
        const float margin = in_lines ? margin_in_lines_ : breaks ? margin_text_ : margin_;
        // Lines that follow each other are for `wraps` to join.
        // Where it stands speaks for what is below it, but not against all that fits better.
        if (b == a + 1) {
          if (in_lines || value < least_in_place_) return false;
          for (std::size_t c = 0; c < columns.size(); ++c)
            if (c != column && gains[r * columns.size() + c] > value - margin_ &&
                std::find(chosen.begin(), chosen.end(), static_cast<std::int32_t>(c)) == chosen.end())
              return false;
          return true;
        }
        if (in_lines && beginning(b).begins > most_begins_in_lines_) return false;
        if (value < (in_lines ? least_in_lines_ : breaks ? least_text_ : least_)) return false;
        // Nothing else could have it nearly as well: neither a fragment that is free nor, in exchange,
        // one that another has.
        const auto at = [&](std::size_t row, std::size_t c) { return gains[row * columns.size() + c]; };
        for (std::size_t c = 0; c < columns.size(); ++c) {
          if (c == column) continue;
          const auto owner = std::find(chosen.begin(), chosen.end(), static_cast<std::int32_t>(c));
          const auto other = static_cast<std::size_t>(owner - chosen.begin());
          const float instead = owner == chosen.end() ? at(r, c) : at(r, c) + std::max(0.0f, at(other, column));
          const float now = owner == chosen.end() ? value : value + at(other, c);
          if (instead > now - margin) return false;
        }
        return true;
      }();
      if (!sure) {
        unsure.push_back(rows[r]);
        continue;
      }
      const std::uint32_t next = columns[static_cast<std::size_t>(chosen[r])];
      links.push_back({rows[r], next, {}, rows[r]});
      ended[rows[r]] = begun[next] = true;
      // Nobody knew of this piece that it is text.
      if (open[next] && !ended[next] && !end(next).is_text) {
        inside[next] = true;
        known_ends[next]->is_text = true;
        again = true;
      }
    }
    return again;
  };
  const auto decide = [&](std::uint32_t first, std::uint32_t last) {
    constexpr int most_rounds = 4;
    for (int round = 0; round < most_rounds && decide_once(first, last); ++round) {
    }
    for (const std::uint32_t f : unsure)
      if (!in_lines && fragments[f].width >= long_ && breaks_off(text, fragments[f]))
        proposal.note(fragments[f].ink, Severity::note, unmatched,
                      "this ends in mid-sentence and nothing surely goes on with it");
  };
  const auto count = static_cast<std::uint32_t>(fragments.size());
  for (std::uint32_t first = 0; first < count; first += window_) decide(first, std::min(count, first + window_));
}

bool OrderStage::paragraphs_are_areas(std::string_view text, std::span<const Fragment> fragments,
                                      std::span<const Link> links) const {
  // Both sides of a link are at the border of an area. Areas that are cut anywhere have torn text on the other
  // side of that border as often as not.
  std::size_t borders = 0, whole = 0;
  for (const Link& link : links) {
    if (link.next == link.before + 1 || !link.twice.empty()) continue;
    if (link.next > 0) {
      ++borders;
      whole += !is_open(fragments[link.next - 1].ink.of(text));
    }
    if (link.before + 1 < fragments.size()) {
      ++borders;
      const std::string_view below = fragments[link.before + 1].ink.of(text);
      whole += !begins_badly(below) && model_.begins_paragraph(below) > most_begins_inside_;
    }
  }
  return borders >= least_borders_ && static_cast<float>(whole) >= most_whole_ * static_cast<float>(borders);
}

std::vector<std::uint32_t> OrderStage::chain(std::string_view text, std::span<const Fragment> fragments,
                                             std::span<const Link> links, bool alone) const {
  std::vector<std::uint32_t> next(fragments.size(), none), before(fragments.size(), none);
  for (const Link& link : links) {
    // No fragment may come round to itself.
    std::uint32_t last = link.next;
    while (next[last] != none) last = next[last];
    if (last == link.before) continue;
    next[link.before] = link.next;
    before[link.next] = link.before;
  }
  // The headline may have come last.
  const Fragment& headline = is_headline(text, fragments.front()) ? fragments.front() : fragments.back();
  // Fragments without a seam between them stay together. Where that would close a circle one of its
  // borders is an area's, too: before the fragment that looks most like an article's beginning.
  for (std::uint32_t f = 0; f + 1 < fragments.size(); ++f) {
    if (next[f] != none || before[f + 1] != none) continue;
    if (alone && before[f] != none && before[f] + 1 != f) continue;
    next[f] = f + 1;
    before[f + 1] = f;
    std::uint32_t last = f + 1;
    while (next[last] != none && last != f) last = next[last];
    if (last != f) continue;
    const auto is_border = [&](std::uint32_t g) {
      return before[g] + 1 == g && std::none_of(links.begin(), links.end(), [&](const Link& link) {
               return link.next == g || (link.first < g && g <= link.before);
             });
    };
    // The circle, from below a place where it turns back; what stands from each fragment to the next such place.
    std::vector<std::uint32_t> circle;
    std::uint32_t g = f + 1;
    do {
      circle.push_back(g);
      g = next[g];
    } while (g != f + 1);
    const auto turn = std::find_if(circle.begin(), circle.end(), [&](std::uint32_t h) { return next[h] < h; });
    std::rotate(circle.begin(), turn + 1, circle.end());
    std::vector<std::uint32_t> below(circle.size(), 0);
    std::uint32_t all = 0;
    for (std::size_t i = circle.size(); i-- > 0;) {
      const std::uint32_t h = circle[i];
      all += fragments[h].width;
      below[i] = fragments[h].width + (next[h] > h ? below[i + 1] : 0);
    }
    std::uint32_t start = f + 1, plainest = f + 1, least_moved = all;
    float most = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < circle.size(); ++i) {
      const std::uint32_t h = circle[i];
      if (!is_border(h)) continue;
      const float likeness = likeness_of_beginning(text, headline, fragments[before[h]], fragments[h]);
      if (likeness > most || (likeness == most && h > start)) {
        most = likeness;
        start = h;
      }
      // It goes up, or the rest goes down.
      if (const std::uint32_t moved = std::min(below[i], all - below[i]); moved < least_moved) {
        least_moved = moved;
        plainest = h;
      }
    }
    // Where no border looks like one, least text moves.
    if (most < least_border_) start = plainest;
    next[before[start]] = none;
    before[start] = none;
  }
  return next;
}

std::vector<std::uint32_t> OrderStage::sequence(std::string_view text, std::span<const Fragment> fragments,
                                                std::span<const std::uint32_t> next, bool in_lines, bool alone) const {
  std::vector<bool> follows(fragments.size(), false);
  for (const std::uint32_t f : next)
    if (f != none) follows[f] = true;
  std::vector<std::vector<std::uint32_t>> chains;
  std::vector<std::uint32_t> least;  // of each chain, by which they are sorted
  for (std::uint32_t f = 0; f < fragments.size(); ++f) {
    if (follows[f]) continue;
    chains.emplace_back();
    least.push_back(f);
    for (std::uint32_t g = f; g != none; g = next[g]) {
      chains.back().push_back(g);
      if (!alone) least.back() = std::min(least.back(), g);
    }
  }
  std::vector<std::size_t> sorted(chains.size());
  for (std::size_t i = 0; i < chains.size(); ++i) sorted[i] = i;
  std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) { return least[a] < least[b]; });
  std::vector<std::uint32_t> order;
  for (const std::size_t i : sorted) order.insert(order.end(), chains[i].begin(), chains[i].end());
  if (in_lines) return order;
  // The page of one article begins with its lead. The leads are asked only where something has moved or may.
  const bool headed = is_headline(text, fragments[order.front()]);
  const bool headline_last =
      !headed && is_headline_of(text, fragments[order.back()]) && !breaks_off(text, fragments[order[order.size() - 2]]);
  const bool moved = !std::is_sorted(order.begin(), order.end());
  if (!headline_last && !moved) return order;
  std::vector<std::size_t> leads;  // places of what surely is one
  for (std::size_t i = 0; i < order.size(); ++i)
    if (leads_.likeness(fragments[order[i]].ink.of(text)) >= sure_lead_) leads.push_back(i);
  if (leads.size() > 1) return order;
  if (moved && leads.size() == 1) {
    std::size_t end = leads.front() + 1;
    while (end < order.size() && next[order[end - 1]] == order[end]) ++end;
    std::size_t begin = 0;
    while (begin < leads.front() && is_heading(text, fragments[order[begin]])) ++begin;
    const auto at = [&](std::size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
    // The headline may stand last, below it.
    if (end == order.size() && headline_last) --end;
    if (end > leads.front()) std::rotate(at(begin), at(leads.front()), at(end));
  }
  // A headline after all text belongs before it, where the text has none.
  if (headline_last) std::rotate(order.begin(), order.end() - 1, order.end());
  return order;
}

void OrderStage::propose(const Document& document, Proposal& proposal) const {
  const std::string_view text = document.text();
  const std::vector<Fragment> fragments = fragments_of(document);
  if (fragments.size() < 2) return;
  const bool in_lines = is_in_lines(document.lines());
  std::vector<Link> links = find_overlaps(text, fragments, in_lines ? least_overlap_in_lines_ : least_overlap_);
  // Where lines still stand in columns their place says more of their order than words do.
  find_continuations(text, fragments, in_lines, links, proposal);

  const bool alone = !in_lines && paragraphs_are_areas(text, fragments, links);
  const std::vector<std::uint32_t> next = chain(text, fragments, links, alone);
  const std::vector<std::uint32_t> order = sequence(text, fragments, next, in_lines, alone);
  const auto begin_of = [&](std::uint32_t f) { return f == 0 ? 0 : document.lines()[fragments[f].first].range.begin; };
  const auto end_of = [&](std::uint32_t f) {
    return f + 1 < fragments.size() ? begin_of(f + 1) : static_cast<ByteOffset>(text.size());
  };
  const bool moves = !std::is_sorted(order.begin(), order.end());
  for (const Link& link : links) {
    if (next[link.before] != link.next) continue;
    const ByteOffset cut = link.twice.empty() ? fragments[link.before].ink.end : link.twice.begin;
    bool whole_lines = false;  // what stands twice is whole lines: nothing is left to be joined
    if (!link.twice.empty()) {
      const std::size_t line_end = cut == 0 ? std::string_view::npos : text.rfind('\n', cut - 1);
      const std::size_t line_begin = line_end == std::string_view::npos ? 0 : line_end + 1;
      whole_lines = is_blank(text.substr(line_begin, cut - line_begin));
      proposal.erase({cut, fragments[link.first].ink.end}, overlap, 90);
      for (std::uint32_t f = link.first + 1; f <= link.before; ++f) {
        proposal.erase(fragments[f].ink, overlap, 90);
        const TextRange indent{begin_of(f), fragments[f].ink.begin};
        if (!indent.empty()) proposal.erase(indent, join, 90);
        const TextRange above{fragments[f - 1].ink.end, end_of(f - 1)};
        if (!above.empty()) proposal.erase(above, join, 90);
      }
    }
    const TextRange gap{fragments[link.before].ink.end, end_of(link.before)};
    const std::string_view left = text.substr(0, cut);
    const std::string_view right = fragments[link.next].ink.of(text);
    const bool space = !left.empty() && last_class(left) == CharClass::latin && first_class(right) == CharClass::latin;
    const std::string_view between = !whole_lines && space ? " " : "";
    if (gap.of(text) != between) proposal.replace(gap, between, join, 90);
    if (link.ended != 0) proposal.insert(link.ended, "\n", overlap, 90);
    const TextRange indent{begin_of(link.next), fragments[link.next].ink.begin};
    if (!indent.empty() && link.next != 0) proposal.erase(indent, join, 90);
  }
  if (!moves) return;
  // Blank lines stay between fragments and don't come to stand at the end.
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint32_t f = order[i];
    const bool linked = std::any_of(links.begin(), links.end(), [&](const Link& link) {
      return next[link.before] == link.next && link.first <= f && f <= link.before;
    });
    if (linked) continue;
    const TextRange gap{fragments[f].ink.end, end_of(f)};
    const std::string_view between = gap.of(text);
    const bool last = i + 1 == order.size();
    if (last ? between != "\n" : std::count(between.begin(), between.end(), '\n') < 2)
      proposal.replace(gap, last ? "\n" : "\n\n", join, 90);
  }
  std::vector<TextRange> ranges;
  ranges.reserve(order.size());
  for (const std::uint32_t f : order) ranges.push_back({begin_of(f), end_of(f)});
  proposal.arrange(std::move(ranges), move, 90);
}

}  // namespace

const StageInfo order_info{
    "order", "puts fragments that are out of order in reading order and joins them", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_order(const StageOptions& options, const Rules& rules) {
  Settings settings("order", options, rules, "order.toml");
  auto stage = std::make_unique<OrderStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
