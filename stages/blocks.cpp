#include "stages/blocks.h"

#include <algorithm>
#include <bitset>
#include <limits>
#include <optional>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/kinship.h"
#include "stages/leads.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { kind, article, mark, order, unplaced };
constexpr RuleInfo rule_list[] = {
    {"blocks.kind", "what a paragraph is", Effect::label},
    {"blocks.article", "a blank line between articles", Effect::space},
    {"blocks.caption-mark", "drop the mark before a caption", Effect::drop},
    {"blocks.order", "a caption goes after the article it interrupts, a headline before the one it came after",
     Effect::move},
    {"blocks.unplaced", "a headline without a text", Effect::note},
};

/// A paragraph and what it looks like by itself.
struct Paragraph {
  BlockKind kind = BlockKind::body;
  bool has_dateline = false;
  bool signs_off = false;  ///< ends with a dateline that ends articles, or is one
  bool closes = false;     ///< a short last sentence that articles end with
  bool starts_article = false;
  bool is_source = false;   ///< nothing but where the text or the figures are from
  ByteOffset mark_end = 0;  ///< end of the caption mark and the white space after it
};

class BlocksStage final : public Stage {
 public:
  BlocksStage(Settings& settings, Settings& lines, const Rules& rules)
      : model_(CoherenceModel::of(settings, rules)),
        leads_(settings, rules, model_),
        new_article_(settings.cost("displaced.new_article")),
        least_words_(settings.count("displaced.words")),
        least_width_(static_cast<std::uint32_t>(settings.number("displaced.least_width", 0, 1000))),
        own_(static_cast<float>(settings.number("displaced.own", -100, 100))),
        own_next_to_(static_cast<float>(settings.number("displaced.own_next_to", -100, 100))),
        own_only_(static_cast<float>(settings.number("displaced.own_only", -100, 100))),
        lead_(settings.cost("displaced.lead")),
        own_first_(static_cast<float>(settings.number("displaced.own_first", -100, 100))),
        next_to_(settings.cost("displaced.next_to")),
        margin_(settings.cost("displaced.margin")),
        other_text_(settings.cost("displaced.other_text")),
        other_part_(settings.cost("displaced.other_part")) {
    marks_ = settings.characters("caption_marks");
    headline_most_ = static_cast<std::uint32_t>(settings.number("headline_most", 0, 10000));
    caption_end_ = Pattern(settings, "caption_end", {".*" + any_of(settings.strings("caption_end"))});
    photographer_ = Pattern(settings, "photographer", {".*" + any_of(settings.strings("photographer"))});
    note_ = Pattern(settings, "note", settings.strings("note"));
    sign_off_ = Pattern(settings, "sign_off", {".*" + any_of(settings.strings("sign_off"))});
    source_ = Pattern(settings, "source", settings.strings("source"));
    box_width_ = static_cast<std::uint32_t>(settings.number("box_width", 0, 10000));
    begins_inside_ = static_cast<float>(settings.number("begins_inside", -100, 100));
    date_ = Pattern(settings, "date", settings.strings("date"));
    closing_ = Pattern(settings, "closing", settings.strings("closing"));
    byline_ = Pattern(lines, "byline", lines.strings("byline"));
    dateline_ = Pattern(lines, "dateline", lines.strings("dateline"));
  }

  const StageInfo& info() const noexcept override { return blocks_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.empty()) return;
    std::vector<Paragraph> paragraphs(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) paragraphs[i] = look_at(text, lines[i]);
    Page page{text, lines, paragraphs, {}};
    find_sign_offs(page);
    page.groups = groups_of(page);
    std::vector<std::size_t> reading = headlines_first(page, proposal);
    bylines_below(page, reading);
    std::vector<Paragraph> read_paragraphs;
    read_paragraphs.reserve(reading.size());
    for (const std::size_t i : reading) read_paragraphs.push_back(paragraphs[i]);
    find_headlines(text, lines, reading, read_paragraphs);
    part_at_jumps(document, reading, read_paragraphs);
    for (std::size_t i = 0; i < reading.size(); ++i) {
      const Line& line = lines[reading[i]];
      const Paragraph& paragraph = read_paragraphs[i];
      TextRange range = line.ink;
      if (paragraph.mark_end > 0) {
        range.begin = paragraph.mark_end;
        proposal.erase({line.ink.begin, paragraph.mark_end}, mark);
      }
      const TextRange title = paragraph.kind == BlockKind::body ? TextRange{} : title_in(page, reading[i]);
      if (title.empty()) {
        if (line.kind != paragraph.kind) proposal.label(range, paragraph.kind, kind, 80);
        continue;
      }
      set_apart(page, title, proposal);
      proposal.label({range.begin, title.begin}, paragraph.kind, kind, 80);
      proposal.label({title.begin, range.end}, BlockKind::headline, kind, 80);
    }
    arrange(text, lines, reading, read_paragraphs, proposal);
  }

 private:
  Paragraph look_at(std::string_view text, const Line& line) const {
    Paragraph paragraph = kind_of(text, line);
    const std::string_view ink = line.ink.of(text);
    constexpr std::size_t longest_closing = 120, longest_sign_off = 120;
    if (paragraph.kind == BlockKind::body || paragraph.kind == BlockKind::dateline) {
      const std::size_t end = valid_utf8_ceiling(ink, ink.size() - std::min(ink.size(), longest_sign_off));
      const bool brackets = last_class(ink) == CharClass::close || last_class(ink) == CharClass::ascii_close;
      paragraph.signs_off |= brackets && sign_off_.matches(ink.substr(end));
      paragraph.closes = ink.size() <= longest_closing && closing_.matches(ink);
    }
    return paragraph;
  }

  Paragraph kind_of(std::string_view text, const Line& line) const {
    Paragraph paragraph;
    const std::string_view ink = line.ink.of(text);
    const auto [first, length] = valid_utf8_next(ink, 0);
    const bool is_short = line.ink.size() <= 1200;
    if (contains(marks_, first) && is_short && caption_end_.matches(ink)) {
      paragraph.kind = BlockKind::caption;
      paragraph.mark_end = line.ink.begin + length;
      while (paragraph.mark_end < line.ink.end) {
        const auto [codepoint, size] = valid_utf8_next(text, paragraph.mark_end);
        if (class_of(codepoint) != CharClass::space) break;
        paragraph.mark_end += size;
      }
      if (paragraph.mark_end == line.ink.end) paragraph.mark_end = 0;
      return paragraph;
    }
    constexpr std::size_t longest_caption = 600;
    if (ink.size() <= longest_caption && has_sentence_marks(ink) && photographer_.matches(ink)) {
      paragraph.kind = BlockKind::caption;
      return paragraph;
    }
    if (line.kind == BlockKind::byline || line.kind == BlockKind::caption) {
      paragraph.kind = line.kind;
      return paragraph;
    }
    if (line.width <= 40 && date_.matches(ink)) {
      paragraph.kind = BlockKind::dateline;
    } else if (line.width <= 60 && source_.matches(ink)) {
      paragraph.kind = BlockKind::note;
      paragraph.is_source = true;
    } else if (line.width <= 120 && byline_.matches(ink)) {
      paragraph.kind = BlockKind::byline;
    } else if (dateline_.begins(ink)) {
      paragraph.has_dateline = true;
      paragraph.kind = dateline_.matches(ink) ? BlockKind::dateline : BlockKind::body;
    } else if (line.width <= 400 && note_.matches(ink)) {
      paragraph.kind = BlockKind::note;
    } else if (line.width <= headline_most_ && looks_like_headline(ink)) {
      paragraph.kind = BlockKind::headline;  // which, the paragraphs around it tell
    }
    return paragraph;
  }

  /// No mark at its end, and none inside that sentences have.
  static bool looks_like_headline(std::string_view ink) {
    const CharClass last = class_of(valid_utf8_previous(ink, ink.size()).codepoint);
    if (last == CharClass::stop || last == CharClass::pause) {
      // A question or an exclamation may be a headline; a sentence is none.
      const Codepoint mark = valid_utf8_previous(ink, ink.size()).codepoint;
      if (mark != U'？' && mark != U'！') return false;
    }
    if (ink.ends_with('.') || ink.ends_with(';') || ink.ends_with(',')) return false;
    std::size_t letters = 0;
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      if (codepoint == U'。' || codepoint == U'；' || codepoint == U'，') return false;
      const CharClass c = class_of(codepoint);
      letters += is_ideographic(c) || c == CharClass::latin;
      at += length;
    }
    return letters >= 2;
  }

  /// Lines that stand together above or below a text: headlines, their sub-headlines, and a byline at most.
  struct Group {
    std::size_t first, last;    ///< [first, last)
    std::size_t target = none;  ///< paragraph that it belongs before; none: it stays
  };
  static constexpr std::size_t none = ~std::size_t{0};

  /// A page seen as headlines and the texts they belong to.
  struct Page {
    std::string_view text;
    std::span<const Line> lines;
    std::vector<Paragraph>& paragraphs;
    std::vector<Group> groups;
    std::vector<bool> taken{};  ///< paragraphs that a group belongs before; as many as lines once place() was called
    /// What the beginnings of articles speak of, by their first paragraphs, as far as it was asked for.
    std::vector<std::optional<Vocabulary>> vocabularies{};

    /// A page has few headlines; what has many is a book or noise, where comparing them all would take too long.
    [[nodiscard]] bool is_of_few() const {
      constexpr std::size_t most = 200;
      std::size_t count = 0;
      for (const Group& group : groups) {
        count += group.last - group.first;
        if (count > most) return false;
      }
      return true;
    }
    void place(Group& group, std::size_t target) {
      group.target = target;
      taken.resize(lines.size());
      taken[target] = true;
    }
    [[nodiscard]] bool is_taken(std::size_t i) const { return i < taken.size() && taken[i]; }
    [[nodiscard]] std::string_view ink(std::size_t i) const { return lines[i].ink.of(text); }
    [[nodiscard]] bool is_headline(std::size_t i) const { return paragraphs[i].kind == BlockKind::headline; }
    [[nodiscard]] bool is_byline(std::size_t i) const { return paragraphs[i].kind == BlockKind::byline; }
    [[nodiscard]] bool is_text(std::size_t i) const {
      return paragraphs[i].kind == BlockKind::body && has_sentence_marks(ink(i));
    }
    /// A dateline alone above its text, or text.
    [[nodiscard]] bool is_article(std::size_t i) const {
      return is_text(i) || (paragraphs[i].kind == BlockKind::dateline && !paragraphs[i].signs_off);
    }
  };

  /// A dateline or a date that stands alone below a text, or below who signed it, ends it.
  static void find_sign_offs(Page& page) {
    std::vector<Paragraph>& p = page.paragraphs;
    for (std::size_t i = 1; i < p.size(); ++i) {
      if (p[i].kind != BlockKind::dateline) continue;
      const bool text_follows = i + 1 < p.size() && p[i + 1].kind == BlockKind::body;
      const bool below_text = p[i - 1].kind == BlockKind::body || introduces(p[i - 1]);
      if (!p[i].signs_off && (!below_text || text_follows)) continue;
      p[i].signs_off = true;
      p[i].has_dateline = false;
    }
  }

  static std::vector<Group> groups_of(const Page& page) {
    std::vector<Group> groups;
    const std::size_t count = page.lines.size();
    for (std::size_t i = 0; i < count;) {
      if (!page.is_headline(i)) {
        ++i;
        continue;
      }
      std::size_t end = i + 1;
      while (end < count && !page.is_byline(end - 1) && (page.is_headline(end) || page.is_byline(end))) ++end;
      // Names and offices below a text are who signed it.
      if (is_signature(page.paragraphs, end - 1)) {
        while (!page.paragraphs[end].signs_off) ++end;
      } else {
        groups.push_back({i, end});
      }
      i = end;
    }
    return groups;
  }

  /// Where an article without a headline begins.
  struct Start {
    std::size_t at;
    bool is_sure;  ///< by its dateline, or because the one above ended; else it only reads like a lead
  };

  std::optional<Start> start_at(const Page& page, std::size_t i) const {
    if (!page.is_article(i) || (i > 0 && (page.is_headline(i - 1) || page.is_byline(i - 1)))) return std::nullopt;
    std::size_t above = i;
    while (above > 0 && page.paragraphs[above - 1].kind == BlockKind::caption) --above;
    if (page.paragraphs[i].has_dateline || above == 0 || page.paragraphs[above - 1].signs_off ||
        page.paragraphs[above - 1].closes)
      return Start{i, true};
    if (leads_.likeness(page.ink(i)) >= new_article_) return Start{i, false};
    return std::nullopt;
  }

  /// No sub-headline: a byline or a lead is below it.
  bool owns_article(const Page& page, const Group& group) const {
    if (group.last == page.lines.size() || !page.is_article(group.last)) return false;
    return page.is_byline(group.last - 1) || page.paragraphs[group.last].has_dateline ||
           leads_.likeness(page.ink(group.last)) >= new_article_;
  }

  /// How much a group's lines [first, last) have in common with the two paragraphs from `start`: an article's
  /// beginning says again what its headline says.
  float kinship(Page& page, std::size_t first, std::size_t last, std::size_t start) const {
    page.vocabularies.resize(page.lines.size() + 1);
    std::optional<Vocabulary>& vocabulary = page.vocabularies[start];
    if (!vocabulary) {
      std::string beginning;
      for (std::size_t i = start, found = 0; i < page.lines.size() && found < 2 && !page.is_headline(i); ++i) {
        if (!page.is_article(i)) continue;
        beginning += page.ink(i);
        ++found;
      }
      vocabulary.emplace(model_, beginning);
    }
    std::string headline;
    for (std::size_t i = first; i < last; ++i)
      if (page.is_headline(i)) headline.append(page.ink(i)).append(" ");
    return vocabulary->kinship(headline);
  }

  /// Where between `start` and `end`, above a group, its article begins: where most of its words first stand, if those
  /// at `start` have few of them. A statement below a report begins without any sign.
  std::size_t beginning_for(Page& page, const Group& group, std::size_t start, std::size_t end) const {
    if (kinship(page, group.first, group.last, start) >= own_) return start;
    std::vector<std::uint64_t> pairs;
    for (std::size_t i = group.first; i < group.last; ++i)
      if (page.is_headline(i)) for_pairs(page.ink(i), [&](std::uint64_t pair) { pairs.push_back(pair); });
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    std::vector<bool> seen(pairs.size(), false);
    std::bitset<4096> some;  // a bit for what a pair may be: most are none
    const auto bit_of = [](std::uint64_t pair) { return pair * 0x9E3779B97F4A7C15u >> 52; };
    for (const std::uint64_t pair : pairs) some.set(bit_of(pair));
    const auto news = [&](std::size_t i) {
      std::size_t count = 0;
      for_pairs(page.ink(i), [&](std::uint64_t pair) {
        if (!some[bit_of(pair)]) return;
        const auto found = std::lower_bound(pairs.begin(), pairs.end(), pair);
        if (found == pairs.end() || *found != pair) return;
        const auto at = static_cast<std::size_t>(found - pairs.begin());
        count += !seen[at];
        seen[at] = true;
      });
      return count;
    };
    std::size_t best = start, most = news(start);
    const std::size_t at_start = most;
    for (std::size_t i = start + 1; i < end; ++i) {
      if (!page.is_text(i)) continue;
      const bool below_whole = !is_open(page.ink(i - 1));
      const std::size_t count = news(i);
      if (below_whole && count > most) {
        best = i;
        most = count;
      }
    }
    return most >= least_words_ && most > 2 * at_start ? best : start;
  }

  /// Calls `use` with each pair of ideographs that stand side by side, 32 bits each.
  template <typename Use>
  static void for_pairs(std::string_view text, const Use& use) {
    Codepoint before = 0;
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      const Codepoint here = class_of(codepoint) == CharClass::han ? codepoint : 0;
      if (before != 0 && here != 0) use(std::uint64_t{before} << 32 | here);
      before = here;
    }
  }

  /// The paragraphs in reading order. Pages that were set down by their text areas may give an article's text
  /// first and its headline after it, or after another article. A headline without a text below it, on a page of
  /// such, goes before the text without a headline that begins with its words, one that has a text stays unless it
  /// surely is another's. In doubt it stays.
  std::vector<std::size_t> headlines_first(Page& page, Proposal& proposal) const {
    const std::size_t count = page.lines.size();
    std::vector<Group>& groups = page.groups;
    // Most pages have no headline that nothing stands below, nor two parts of which one might be another's.
    const auto text_below = [&](const Group& group) {
      std::size_t i = group.last;
      while (i < count && (page.paragraphs[i].kind == BlockKind::caption || page.paragraphs[i].kind == BlockKind::note))
        ++i;
      return i < count && page.paragraphs[i].kind != BlockKind::byline && !page.is_headline(i) ? i : none;
    };
    const bool suspect = std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
      return text_below(group) == none || group.last - group.first > 1;
    });
    if (!suspect || !page.is_of_few()) return in_place(count);

    constexpr std::size_t most_compared = 16;
    std::vector<Start> starts;
    for (std::size_t i = 0; i < count; ++i)
      if (const std::optional<Start> start = start_at(page, i)) starts.push_back(*start);
    if (starts.empty()) return in_place(count);

    const auto below_of = [&](const Group& group) {
      const std::size_t below = text_below(group);
      return below != none && page.is_taken(below) ? none : below;
    };
    // First those below which nothing stands, the surest of them first, the last of equals: what one takes is not
    // below another any more.
    bool after_text = false;  // this page's headlines come after their texts
    for (bool found = true; found;) {
      Home best;
      std::size_t whose = none, compared = 0;
      for (std::size_t g = groups.size(); g-- > 0;) {
        if (groups[g].target != none || below_of(groups[g]) != none) continue;
        const Home home = home_of(page, g, starts, none);
        if (home.at == none || (whose != none && home.value <= best.value)) continue;
        best = home;
        whose = g;
        if (++compared == most_compared) break;
      }
      found = whose != none;
      if (found) page.place(groups[whose], best.at);
      after_text |= found;
    }
    // Then those that have a text, but surely another's; and headlines of which the first lines are another's.
    for (std::size_t g = groups.size(); g-- > 0;) {
      const std::size_t below = below_of(groups[g]);
      if (groups[g].target != none || below == none) continue;
      if (after_text)
        if (const Home home = home_of(page, g, starts, below); home.at != none) page.place(groups[g], home.at);
      if (groups[g].target == none) split(page, g, starts, below);
    }
    for (const Group& group : groups)
      if (group.target == none && group.first > 0 && is_wide(page, group) && text_below(group) == none)
        proposal.note(page.lines[group.first].ink, Severity::note, unplaced,
                      "nothing stands below this headline, and it is not sure which text above is its own");
    return arranged(page);
  }

  /// A short line without a space is rather a sub-headline, one in brackets a remark.
  bool is_wide(const Page& page, const Group& group) const {
    const std::string_view ink = page.ink(group.first);
    if (ink.starts_with("（") && ink.ends_with("）")) return false;
    std::uint32_t width = 0;
    for (std::size_t i = group.first; i < group.last; ++i) width += page.lines[i].width;
    return width >= least_width_ || has_space(page.ink(group.first));
  }

  struct Home {
    std::size_t at = none;
    float value = 0;  ///< how much speaks for it
  };

  /// The start of the text that the group belongs before; none: where it stands, or in doubt.
  /// `below`: the text below it, if it has one.
  Home home_of(Page& page, std::size_t g, const std::vector<Start>& starts, std::size_t below) const {
    const Group& group = page.groups[g];
    if (!is_wide(page, group)) return {};
    const auto starts_above = [&](std::size_t line) {
      return static_cast<std::size_t>(
          std::partition_point(starts.begin(), starts.end(), [&](const Start& start) { return start.at < line; }) -
          starts.begin());
    };
    constexpr float impossible = -std::numeric_limits<float>::infinity();
    std::size_t best = none;
    float most = impossible, next = impossible, least = 0;
    const auto offer = [&](std::size_t start, float value, float enough) {
      if (value > most) {
        next = most;
        most = value;
        best = start;
        least = enough;
      } else {
        next = std::max(next, value);
      }
    };
    constexpr std::size_t most_asked = 12;  // texts of a page, or of the part of a long text next to it
    // The text that ends where it stands is likelier than others.
    std::size_t nearest = 0;  // below the last headline that surely begins another article
    for (std::size_t q = g; q-- > 0 && nearest == 0;)
      if (page.groups[q].target == none && owns_article(page, page.groups[q])) nearest = page.groups[q].last;
    bool is_next = true;
    std::size_t asked = 0;
    for (std::size_t k = starts_above(group.first); k-- > 0;) {
      if (page.is_taken(starts[k].at)) continue;
      if (++asked > most_asked) break;
      const std::size_t end = k + 1 < starts.size() ? std::min(group.first, starts[k + 1].at) : group.first;
      const std::size_t start = beginning_for(page, group, starts[k].at, end);
      if (page.is_taken(start)) continue;
      const bool stands_next = is_next && starts[k].is_sure && starts[k].at >= nearest && below == none;
      const float bonus = stands_next ? next_to_ : 0;
      // That a page begins without a headline may have many reasons, unless it begins with what reads like a lead
      // and has no other.
      const bool is_first = start == 0 && !page.paragraphs[0].has_dateline;
      const bool is_only = page.groups.size() == 1 &&
                           (group.last - group.first > 1 || has_space(page.ink(group.first))) &&
                           leads_.likeness(page.ink(0)) >= lead_;
      const float enough = !stands_next ? own_ : !is_first ? own_next_to_ : is_only ? own_only_ : own_first_;
      offer(start, kinship(page, group.first, group.last, start) + bonus, enough + bonus);
      is_next &= !starts[k].is_sure;
    }
    // Or that below another headline, where that one's stands above it: they come in turn.
    for (std::size_t q = g - std::min(g, most_asked); q < g && below == none; ++q) {
      const Group& other = page.groups[q];
      if (other.last >= group.first || !page.is_article(other.last) || page.is_taken(other.last)) continue;
      std::size_t above = none;
      for (std::size_t k = starts_above(other.first); k-- > 0 && above == none;)
        if (starts[k].is_sure && !page.is_taken(starts[k].at)) above = starts[k].at;
      if (above == none) continue;
      const float exchange =
          kinship(page, other.first, other.last, above) - kinship(page, other.first, other.last, other.last);
      const float value = kinship(page, group.first, group.last, other.last);
      if (value >= own_ && exchange >= 0) offer(other.last, value + exchange, own_);
    }
    if (best == none || most < least || most < next + margin_) return {};
    if (below != none && most < kinship(page, group.first, group.last, below) + other_text_) return {};
    return {best, most};
  }

  /// The first lines of a headline may be another text's, which has none.
  void split(Page& page, std::size_t g, const std::vector<Start>& starts, std::size_t below) const {
    const Group group = page.groups[g];
    for (std::size_t end = group.first + 1; end < group.last && page.is_headline(end); ++end) {
      if (kinship(page, end, group.last, below) < other_part_) continue;
      const float here = kinship(page, group.first, end, below);
      std::size_t best = none, better = 0;
      for (const Start& start : starts) {
        if (page.is_taken(start.at) || start.at == below ||
            kinship(page, group.first, end, start.at) < here + other_part_)
          continue;
        best = start.at;
        ++better;
      }
      if (better != 1) continue;
      page.groups[g].last = end;
      page.place(page.groups[g], best);
      page.groups.insert(page.groups.begin() + static_cast<std::ptrdiff_t>(g) + 1, Group{end, group.last});
      return;
    }
  }

  /// The paragraphs with each group before its target; marks where those articles start.
  static std::vector<std::size_t> arranged(Page& page) {
    const std::size_t count = page.lines.size();
    std::vector<bool> moves(count, false);
    std::vector<bool> is_target(count, false);
    for (const Group& group : page.groups) {
      if (group.target == none) continue;
      is_target[group.target] = true;
      for (std::size_t i = group.first; i < group.last; ++i) moves[i] = true;
      page.paragraphs[group.first].starts_article = true;
    }
    for (const Group& group : page.groups)
      if (group.target != none && group.last < count && page.is_article(group.last) && !is_target[group.last])
        page.paragraphs[group.last].starts_article = true;
    std::vector<std::size_t> reading;
    reading.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (is_target[i])
        for (const Group& group : page.groups)
          for (std::size_t k = group.first; group.target == i && k < group.last; ++k) reading.push_back(k);
      if (!moves[i]) reading.push_back(i);
    }
    return reading;
  }

  /// The end of a headline's line that is another headline of the page, whole: a kicker and a headline that wrapping
  /// joined. Empty: none is.
  static TextRange title_in(const Page& page, std::size_t i) {
    constexpr std::size_t least = 24, least_kicker = 12;  // bytes: eight ideographs, and four
    if (!page.is_headline(i) || !page.is_of_few()) return {};
    const std::string_view ink = page.ink(i);
    for (const Group& group : page.groups)
      for (std::size_t other = group.first; other < group.last; ++other) {
        if (other == i || !page.is_headline(other)) continue;
        const std::size_t length = tail_of(ink, page.ink(other));
        if (length >= least && length + least_kicker <= ink.size())
          return {static_cast<ByteOffset>(page.lines[i].ink.end - length), page.lines[i].ink.end};
      }
    return {};
  }

  /// Bytes at the end of `ink` that are all of `title`, white space aside; 0: they are not.
  static std::size_t tail_of(std::string_view ink, std::string_view title) {
    std::size_t at = ink.size();
    for (std::size_t from = title.size(); from > 0;) {
      const auto [wanted, wanted_length] = valid_utf8_previous(title, from);
      from -= wanted_length;
      if (class_of(wanted) == CharClass::space) continue;
      for (; at > 0 && class_of(valid_utf8_previous(ink, at).codepoint) == CharClass::space;)
        at -= valid_utf8_previous(ink, at).length;
      if (at == 0 || valid_utf8_previous(ink, at).codepoint != wanted) return 0;
      at -= valid_utf8_previous(ink, at).length;
    }
    return ink.size() - at;
  }

  /// On a line of its own, with the spaces between clauses that it has where it stands whole.
  static void set_apart(const Page& page, TextRange title, Proposal& proposal) {
    proposal.insert(title.begin, "\n", article);
    for (const Group& group : page.groups)
      for (std::size_t other = group.first; other < group.last; ++other) {
        const std::string_view whole = page.ink(other), here = title.of(page.text);
        if (page.lines[other].ink.end == title.end || !page.is_headline(other) || tail_of(here, whole) != here.size())
          continue;
        for (std::size_t at = 0, from = 0; at < here.size() && from < whole.size();) {
          const auto [codepoint, length] = valid_utf8_next(here, at);
          if (whole[from] == ' ' && codepoint != U' ') {
            proposal.insert(static_cast<ByteOffset>(title.begin + at), " ", article);
            ++from;
          }
          at += length;
          from += valid_utf8_next(whole, from).length;
        }
        return;
      }
  }

  /// A byline between a text that has its own and a headline is that headline's: it goes below it.
  static void bylines_below(const Page& page, std::vector<std::size_t>& reading) {
    bool signed_above = false;
    for (std::size_t k = 0; k + 1 < reading.size(); ++k) {
      const std::size_t i = reading[k];
      if (page.is_headline(i)) signed_above = false;
      if (page.paragraphs[i].has_dateline) signed_above = true;
      // One in brackets ends a text.
      if (!page.is_byline(i) || first_class(page.ink(i)) == CharClass::open) continue;
      std::size_t end = k + 1;
      while (end < reading.size() && page.is_headline(reading[end])) ++end;
      const bool between =
          k > 0 && page.is_text(reading[k - 1]) && end > k + 1 && end < reading.size() && page.is_text(reading[end]);
      if (between && signed_above)
        std::rotate(reading.begin() + static_cast<std::ptrdiff_t>(k),
                    reading.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                    reading.begin() + static_cast<std::ptrdiff_t>(end));
      signed_above = !between;
      k = end - 1;
    }
  }

  static std::vector<std::size_t> in_place(std::size_t count) {
    std::vector<std::size_t> reading(count);
    for (std::size_t i = 0; i < count; ++i) reading[i] = i;
    return reading;
  }

  /// Headlines begin an article where a byline or dateline follows, or at the text's beginning;
  /// between paragraphs of body they are sub-headlines.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  static void find_headlines(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
                             std::vector<Paragraph>& paragraphs) {
    if (are_briefs(paragraphs)) {
      for (std::size_t i = 1; i < paragraphs.size(); ++i)
        paragraphs[i].starts_article =
            paragraphs[i].kind == BlockKind::headline && paragraphs[i - 1].kind == BlockKind::body;
      return;
    }
    const auto is_headline = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::headline; };
    for (std::size_t i = 0; i < paragraphs.size();) {
      if (!is_headline(i)) {
        // An article without a headline begins with its dateline, or below what ends one.
        const bool below_end = i > 0 && paragraphs[i - 1].signs_off && paragraphs[i].kind == BlockKind::body;
        paragraphs[i].starts_article = i > 0 && (paragraphs[i].starts_article || below_end ||
                                                 (paragraphs[i].has_dateline && !introduces(paragraphs[i - 1])));
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < paragraphs.size() && is_headline(end)) ++end;
      const bool followed =
          end < paragraphs.size() && ((paragraphs[end].kind == BlockKind::byline && !is_signature(paragraphs, end)) ||
                                      paragraphs[end].has_dateline);
      const bool below_end = i > 0 && (paragraphs[i - 1].signs_off || paragraphs[i - 1].closes);
      const bool begins = followed || paragraphs[i].starts_article || below_end;
      if (i > 0 && !begins) {
        for (std::size_t k = i; k < end; ++k) paragraphs[k].kind = BlockKind::subheadline;
      } else {
        paragraphs[i].starts_article = i > 0;
        // Of several lines the widest type is not known: the first is the headline, what begins with
        // a dash or comes after is a sub-headline, a short first line before a long one a kicker.
        std::size_t headline = i;
        if (end - i >= 3 || (end - i == 2 && 2 * lines[reading[i]].width < lines[reading[i + 1]].width &&
                             !lines[reading[i + 1]].ink.of(text).starts_with("—"))) {
          paragraphs[i].kind = BlockKind::kicker;
          headline = i + 1;
        }
        for (std::size_t k = headline + 1; k < end; ++k) paragraphs[k].kind = BlockKind::subheadline;
      }
      i = end;
    }
  }

  /// Names and offices below a text, above its dateline.
  static bool is_signature(const std::vector<Paragraph>& paragraphs, std::size_t i) {
    while (i < paragraphs.size() && introduces(paragraphs[i])) ++i;
    return i < paragraphs.size() && paragraphs[i].signs_off;
  }

  /// Where an article goes on on another page, what follows is another one; what comes from another page is none of
  /// the article above it.
  static void part_at_jumps(const Document& document, std::span<const std::size_t> reading,
                            std::vector<Paragraph>& paragraphs) {
    for (const JumpPlace& jump : jump_places(document)) {
      const auto place = std::find(reading.begin(), reading.end(), jump.line);
      auto i = static_cast<std::size_t>(place - reading.begin());
      if (jump.way == JumpWay::onward) {
        // Captions are set below the article.
        do ++i;
        while (i < paragraphs.size() && paragraphs[i].kind == BlockKind::caption);
      } else {
        const auto is_heading = [&](std::size_t k) {
          return paragraphs[k].kind != BlockKind::byline && introduces(paragraphs[k]);
        };
        while (i > 0 && !paragraphs[i].starts_article && is_heading(i - 1)) --i;
      }
      if (i > 0 && i < paragraphs.size()) paragraphs[i].starts_article = true;
    }
  }

  /// Stands above the text of an article.
  static bool introduces(const Paragraph& paragraph) {
    return paragraph.kind == BlockKind::byline || paragraph.kind == BlockKind::headline ||
           paragraph.kind == BlockKind::kicker || paragraph.kind == BlockKind::subheadline;
  }

  /// A column of briefs: headline, paragraph, headline, paragraph ... to the end.
  static bool are_briefs(const std::vector<Paragraph>& paragraphs) {
    constexpr std::size_t least = 8;
    const std::size_t odd = paragraphs.size() % 2;  // perhaps with a name of the column above
    if (paragraphs.size() < least) return false;
    for (std::size_t i = 0; i < paragraphs.size(); ++i) {
      const bool headline = paragraphs[i].kind == BlockKind::headline;
      if (headline != (i < odd || (i - odd) % 2 == 0)) return false;
    }
    return true;
  }

  /// An article, [first, last) of the paragraphs in reading order.
  struct Article {
    std::string_view text;
    std::span<const Line> lines;
    std::span<const std::size_t> reading;
    const std::vector<Paragraph>& paragraphs;
    std::size_t first, last;

    [[nodiscard]] const Line& line(std::size_t i) const { return lines[reading[i]]; }
    [[nodiscard]] bool is_body(std::size_t i) const { return paragraphs[i].kind == BlockKind::body; }
    [[nodiscard]] bool has_body(std::size_t from, std::size_t to) const {
      for (std::size_t i = from; i < to; ++i)
        if (is_body(i)) return true;
      return false;
    }
  };

  /// The article's paragraphs with what interrupts it after it: first a line that names its source, then captions
  /// and boxes.
  void add_in_order(const Article& article, std::vector<std::size_t>& sequence) const {
    const std::size_t first = article.first, last = article.last;
    const auto is_aside = [&](std::size_t i) {
      return article.paragraphs[i].kind == BlockKind::caption || article.paragraphs[i].kind == BlockKind::note;
    };
    bool any = false;
    for (std::size_t i = first; i < last && !any; ++i) any = is_aside(i);
    if (!any) {
      for (std::size_t i = first; i < last; ++i) sequence.push_back(i);
      return;
    }
    enum class Place : char { here, source, after };
    std::vector<Place> places(last - first, Place::here);
    const auto place = [&](std::size_t i) -> Place& { return places[i - first]; };
    // What stands after the article already is where it belongs.
    std::size_t last_body = last;
    if (article.paragraphs[last - 1].is_source) last_body = box_above(article, last - 1);
    while (last_body > first && !article.is_body(last_body - 1)) --last_body;
    bool body_above = false;
    bool all_captions = first == 0;  // a picture may stand above the page's first headline
    for (std::size_t i = first; i < last_body; ++i) {
      const Paragraph& paragraph = article.paragraphs[i];
      const bool leads = all_captions && introduces_next(article, i);
      all_captions &= paragraph.kind == BlockKind::caption;
      if (paragraph.kind == BlockKind::caption && (body_above || leads)) place(i) = Place::after;
      if (paragraph.is_source && body_above) {
        if (const std::size_t box = box_above(article, i); box != i && goes_on_below(article, box, i))
          std::fill(places.begin() + static_cast<std::ptrdiff_t>(box - first),
                    places.begin() + static_cast<std::ptrdiff_t>(i + 1 - first), Place::after);
        else if (article.is_body(i + 1) &&
                 model_.begins_paragraph(article.line(i + 1).ink.of(article.text)) < begins_inside_)
          place(i) = Place::source;  // the text goes on below it
      }
      body_above |= article.is_body(i);
    }
    for (const Place wanted : {Place::here, Place::source, Place::after})
      for (std::size_t i = first; i < last; ++i)
        if (place(i) == wanted) sequence.push_back(i);
  }

  /// Only captions stand between here and a headline.
  static bool introduces_next(const Article& article, std::size_t i) {
    while (i < article.last && article.paragraphs[i].kind == BlockKind::caption) ++i;
    return i < article.last && introduces(article.paragraphs[i]) && article.paragraphs[i].kind != BlockKind::byline;
  }

  /// Where the box begins that ends with the source line `end`: with a headline, inside an article, of short
  /// paragraphs and pictures only; `end` if none does.
  std::size_t box_above(const Article& article, std::size_t end) const {
    std::size_t begin = end, headline = end;
    constexpr std::size_t longest = 60;
    while (begin > article.first && end - begin < longest) {
      const Paragraph& paragraph = article.paragraphs[begin - 1];
      const bool is_short = article.is_body(begin - 1) && article.line(begin - 1).width <= box_width_;
      const bool heads = introduces(paragraph) && paragraph.kind != BlockKind::byline;
      if (!is_short && !heads && paragraph.kind != BlockKind::caption) break;
      --begin;
      if (heads) headline = begin;
    }
    return headline != end && article.has_body(headline, end) && article.has_body(article.first, headline) ? headline
                                                                                                           : end;
  }

  /// The article goes on below its box, from `headline` to `end`: at once, or below a sub-headline with the words it
  /// had above.
  bool goes_on_below(const Article& article, std::size_t headline, std::size_t end) const {
    std::size_t below = end + 1;
    while (below < article.last && !article.is_body(below)) ++below;
    if (below == article.last) return false;
    if (below == end + 1 && leads_.likeness(article.line(below).ink.of(article.text)) < new_article_) return true;
    std::string words;
    constexpr std::size_t enough = 20;
    for (std::size_t i = std::max(article.first, headline - std::min(headline, enough)); i < headline; ++i)
      if (article.is_body(i)) words += article.line(i).ink.of(article.text);
    constexpr std::size_t most = 240;
    std::string_view next = article.line(below).ink.of(article.text);
    next = next.substr(0, valid_utf8_floor(next, most));
    return Vocabulary(model_, words).kinship(next) >= own_;
  }

  /// One newline after each paragraph, a blank line before each article, captions last.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  void arrange(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
               const std::vector<Paragraph>& paragraphs, Proposal& proposal) const {
    std::vector<std::size_t> sequence;
    for (std::size_t first = 0; first < lines.size();) {
      std::size_t last = first + 1;
      // Pictures above the page's first headline are its article's.
      const auto is_caption = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::caption; };
      if (first == 0)
        while (last < lines.size() && is_caption(last - 1)) ++last;
      while (last < lines.size() && !paragraphs[last].starts_article) ++last;
      add_in_order({text, lines, reading, paragraphs, first, last}, sequence);
      first = last;
    }
    const bool moved = !std::is_sorted(sequence.begin(), sequence.end(),
                                       [&](std::size_t a, std::size_t b) { return reading[a] < reading[b]; });
    const auto size = static_cast<ByteOffset>(text.size());
    const auto begin_of = [&](std::size_t i) { return i == 0 ? 0 : lines[i].range.begin; };
    std::vector<TextRange> ranges;
    for (std::size_t k = 0; k < sequence.size(); ++k) {
      const std::size_t i = reading[sequence[k]];
      const TextRange range{begin_of(i), i + 1 < lines.size() ? begin_of(i + 1) : size};
      ranges.push_back(range);
      const bool before_article = k + 1 < sequence.size() && paragraphs[sequence[k + 1]].starts_article;
      const TextRange gap{lines[i].range.end, range.end};
      const std::string_view wanted = before_article ? "\n\n" : "\n";
      if (gap.of(text) != wanted) proposal.replace(gap, wanted, article);
    }
    if (moved) proposal.arrange(std::move(ranges), order, 80);
  }

  CoherenceModel model_;
  Leads leads_;
  float new_article_;
  std::size_t least_words_;
  std::uint32_t least_width_;
  float begins_inside_ = 0;
  float own_, own_next_to_, own_only_, lead_, own_first_, next_to_, margin_, other_text_, other_part_;
  std::u32string marks_;
  std::uint32_t headline_most_ = 0, box_width_ = 0;
  Pattern caption_end_, photographer_, note_, source_, sign_off_, closing_, date_, byline_, dateline_;
};

}  // namespace

const StageInfo blocks_info{"blocks", "says what each paragraph is and sets articles apart", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_blocks(const StageOptions& options, const Rules& rules) {
  Settings settings("blocks", options, rules, "blocks.toml");
  Settings lines("blocks", options, rules, "lines.toml");
  auto stage = std::make_unique<BlocksStage>(settings, lines, rules);
  if (!settings.ok() || !lines.ok()) {
    ConfigErrors errors = settings.take_errors();
    for (ConfigError& error : lines.take_errors()) errors.push_back(std::move(error));
    return unexpected(std::move(errors));
  }
  return stage;
}

}  // namespace inkwash::stages
