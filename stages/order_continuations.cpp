#include "stages/order_continuations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>

#include "stages/assignment.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages::ordering {
namespace {

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

Codepoint closing_of(Codepoint open) {
  static constexpr std::u32string_view pairs = U"（）「」『』“”‘’《》〈〉【】";
  const std::size_t at = pairs.find(open);
  return at != std::u32string_view::npos && at % 2 == 0 ? pairs[at + 1] : 0;
}

bool is_closing(Codepoint codepoint) {
  static constexpr std::u32string_view closing = U"）」』”’》〉】";
  return closing.find(codepoint) != std::u32string_view::npos;
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

}  // namespace

/// What is asked of a fragment's end, found out once.
struct End {
  CoherenceModel::Tail symbols;
  float ends = 0;                   ///< how well it ends a paragraph
  bool is_text = false;             ///< too long for a headline, or with marks
  bool has_mark = false;            ///< ends with one that no other follows
  Codepoint unclosed = 0;           ///< the last bracket or quotation mark that it opens only
  std::array<Codepoint, 2> tail{};  ///< ideographs at its end; 0: others
};
/// And of its beginning.
struct Beginning {
  CoherenceModel::Head symbols;
  float begins = 0;
  bool badly = false;
  bool is_mark = false;    ///< begins with one that follows no other
  bool closes = false;     ///< begins with a bracket or quotation mark that closes
  bool is_rest = false;    ///< a sentence's end, too short for a paragraph
  bool is_short = false;   ///< shorter than most paragraphs
  Codepoint unopened = 0;  ///< the first that it closes only
  std::array<Codepoint, 2> head{};
};

namespace {

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
  model.prepare(end.symbols);
  end.has_mark = last_class(ink) == CharClass::pause;
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
  beginning.is_mark = beginning.badly && first_class(ink) != CharClass::close;
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

}  // namespace

Continuations::Continuations(Settings& s, const CoherenceModel& model, const Headings& headings)
    : model_(model),
      headings_(headings),
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
      counts_on_(s.cost("join.counts_on")),
      credits_(s.strings("join.credits")),
      longest_credit_(s.count("join.longest_credit")),
      labels_(s.strings("join.labels")),
      longest_label_(s.count("join.longest_label")),
      indent_(static_cast<std::uint32_t>(s.number("join.indent", 1, 100))),
      full_(static_cast<float>(s.number("join.full", 0, 1))) {
  for (const std::string& words : s.strings("join.series")) {
    series_.emplace_back();
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      series_.back().push_back(words.substr(at, end - at));
      at = end + 1;
    }
  }
}

bool Continuations::ends_in_credit(std::string_view ink) const {
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
bool Continuations::begins_inside(std::string_view ink) const {
  const Beginning beginning = beginning_of(model_, ink, longest_rest_, longest_short_rest_);
  return beginning.badly || beginning.is_rest || beginning.begins < most_begins_inside_;
}

Continuations::Counted Continuations::counted_in(std::string_view text) const {
  Counted counted;
  for (const std::vector<std::string>& series : series_) {
    std::size_t first = 0, last = series.size();
    while (first < series.size() && stages::find(text, series[first]) == std::string_view::npos) ++first;
    while (last > first && stages::find(text, series[last - 1]) == std::string_view::npos) --last;
    const bool has_any = first < series.size();
    counted.before_first.push_back(has_any ? first : 0);
    counted.until_last.push_back(has_any ? last : 0);
  }
  return counted;
}

bool Continuations::counts_on_from(const Counted& left, const Counted& right) {
  for (std::size_t s = 0; s < left.until_last.size(); ++s)
    if (left.until_last[s] > 0 && left.until_last[s] == right.before_first[s]) return true;
  return false;
}

/// log P(both are one sentence) - log P(a paragraph ends and another begins).
float Continuations::gain(const End& of_a, const Beginning& of_b, bool in_place,
                          const std::unordered_set<std::uint64_t>& threes) const {
  if (of_a.has_mark && of_b.is_mark) return -std::numeric_limits<float>::infinity();
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

void Continuations::find(std::string_view text, std::span<const Fragment> fragments, bool in_lines,
                         std::vector<Link>& links, Proposal& proposal, RuleIndex unmatched) const {
  // Old newspapers end paragraphs with no mark: nothing shows there that one is torn.
  if (has_old_punctuation(text)) return;
  std::vector<bool> ended(fragments.size(), false), begun(fragments.size(), false);
  for (std::size_t f = 0; f < fragments.size(); ++f) {
    ended[f] = fragments[f].goes_on_elsewhere;
    begun[f] = fragments[f].comes_from_elsewhere;
  }
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
    return breaks_off(text, fragments[f]) &&
           static_cast<float>(fragments[f].last_width) >= full_ * static_cast<float>(fragments[f].widest);
  };
  const auto is_asked = [&](std::uint32_t f) {
    const bool whole_headline = headings_.is_heading(text, fragments[f]) && has_space(fragments[f].ink.of(text));
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
  const bool indents_kept = std::any_of(fragments.begin(), fragments.end(),
                                        [&](const Fragment& fragment) { return fragment.indent < indent_; });
  const auto gain_of = [&](std::uint32_t a, std::uint32_t b, bool below) {
    if (!threes) {
      // Blocks of lines must be surer than what recurs can make them.
      threes = in_lines ? std::unordered_set<std::uint64_t>() : threes_of(text, fragments);
      headings_to.assign(1, 0);
      for (std::uint32_t f = 0; f < fragments.size(); ++f) {
        heading[f] = headings_.is_heading(text, fragments[f]);
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
    if (whole || (headings_.is_headline(text, fragments[b]) && has_space(fragments[b].ink.of(text))))
      against += whole_;
    else if (!in_lines && (heading[b] || (!below && b > 1 && !beginning(b).badly && heading[b - 1])))
      against += headed_;
    if (indents_kept && fragments[b].indent >= indent_) against += indented_;
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
    if (in_lines) return;
    for (std::uint32_t f = first; f < last; ++f) {
      const std::string_view ink = fragments[f].ink.of(text);
      if (!begun[f] && (f == 0 || !open[f - 1]) && fragments[f].indent < indent_ && has_sentence_marks(ink) &&
          !begins_with_sign(ink) && begins_inside(ink))
        proposal.note(fragments[f].ink, Severity::note, unmatched,
                      "this begins in mid-sentence and nothing surely goes before it");
    }
  };
  const auto count = static_cast<std::uint32_t>(fragments.size());
  for (std::uint32_t first = 0; first < count; first += window_) decide(first, std::min(count, first + window_));
}

}  // namespace inkwash::stages::ordering
