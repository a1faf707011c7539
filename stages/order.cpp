#include "stages/order.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/kinship.h"
#include "stages/leads.h"
#include "stages/order_continuations.h"
#include "stages/order_fragments.h"
#include "stages/order_overlaps.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

using ordering::breaks_off;
using ordering::Fragment;
using ordering::fragments_of;
using ordering::Link;

enum : RuleIndex { overlap, join, move, unmatched };
constexpr RuleInfo rule_list[] = {
    {"order.overlap", "text that stands at both sides of a seam stands once", Effect::drop},
    {"order.join", "fragments that go on with each other are joined", Effect::space},
    {"order.move", "fragments stand in reading order", Effect::move},
    {"order.unmatched", "a fragment that begins or ends in mid-sentence, whose mate was not found", Effect::note},
};

constexpr std::uint32_t none = ~0u;

class OrderStage final : public Stage {
 public:
  OrderStage(Settings& s, const Rules& rules)
      : model_(CoherenceModel::of(s, rules)),
        leads_(s, rules, model_),
        kinship_(s, rules, model_),
        headings_(s),
        overlaps_(s),
        continuations_(s, model_, headings_),
        widest_line_(static_cast<std::uint32_t>(s.number("join.widest_line", 1, 10000))),
        torn_(s.cost("join.torn")),
        least_border_(static_cast<float>(s.number("areas.border", -100, 100))),
        least_borders_(s.count("areas.borders")),
        most_whole_(static_cast<float>(s.number("areas.whole", 0, 1))),
        least_headline_width_(static_cast<std::uint32_t>(s.number("headline.least_width", 1, 1000))),
        sure_lead_(static_cast<float>(s.number("headline.sure_lead", -100, 100))),
        least_kinship_(static_cast<float>(s.number("headline.kinship", -100, 100))),
        least_kinship_of_clauses_(static_cast<float>(s.number("headline.kinship_of_clauses", -100, 100))),
        seam_of_headlines_(s.cost("headline.seam")) {}

  const StageInfo& info() const noexcept override { return order_info; }
  void propose(const Document& document, Proposal& proposal) const override;

 private:
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
  /// How much the fragment looks like the first of the article under that headline, and the one above it like
  /// the last of an area.
  float likeness_of_beginning(std::string_view text, const Fragment& headline, const Fragment& above,
                              const Fragment& fragment) const;
  /// A headline, and the text has its words.
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
  Kinship kinship_;
  ordering::Headings headings_;
  ordering::Overlaps overlaps_;
  ordering::Continuations continuations_;
  std::uint32_t widest_line_;
  float torn_;
  float least_border_;
  std::size_t least_borders_;
  float most_whole_;
  std::uint32_t least_headline_width_;
  float sure_lead_;
  float least_kinship_;
  float least_kinship_of_clauses_;
  float seam_of_headlines_;
};

bool OrderStage::is_headline_of(std::string_view text, const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  if (!headings_.is_heading(text, fragment) || fragment.width < least_headline_width_) return false;
  // Two clauses without a mark are hardly anything but a headline.
  return Vocabulary(kinship_, text.substr(0, fragment.ink.begin)).kinship(ink) >=
         (has_space(ink) ? least_kinship_of_clauses_ : least_kinship_);
}

float OrderStage::likeness_of_beginning(std::string_view text, const Fragment& headline, const Fragment& above,
                                        const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  const bool below_heading = headings_.is_heading(text, above);
  // Two headlines meet only where areas do; between a headline and its text none ends.
  if (headings_.is_heading(text, fragment)) return below_heading ? seam_of_headlines_ : 0;
  float likeness = leads_.likeness(ink);
  // What begins inside a sentence goes on with none of them: an area begins there.
  if (!is_open(above.ink.of(text)) || below_heading) {
    if (continuations_.begins_inside(ink)) return likeness + torn_;
  }
  if (below_heading) likeness -= seam_of_headlines_;
  if (headings_.is_headline(text, headline)) likeness += static_cast<float>(shared_pairs(headline.ink.of(text), ink));
  return likeness;
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
      whole += !begins_badly(below) && model_.begins_paragraph(below) > continuations_.most_begins_inside();
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
  const Fragment& headline = headings_.is_headline(text, fragments.front()) ? fragments.front() : fragments.back();
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
  const bool headed = headings_.is_headline(text, fragments[order.front()]);
  const bool headline_last =
      !headed && is_headline_of(text, fragments[order.back()]) && !breaks_off(text, fragments[order[order.size() - 2]]);
  const bool moved = !std::is_sorted(order.begin(), order.end());
  if (!headline_last && !moved) return order;
  std::vector<std::size_t> leads;  // places of what surely is one
  for (std::size_t i = 0; i < order.size(); ++i)
    if (leads_.is_like(fragments[order[i]].ink.of(text), sure_lead_)) leads.push_back(i);
  if (leads.size() > 1) return order;
  if (moved && leads.size() == 1) {
    std::size_t end = leads.front() + 1;
    while (end < order.size() && next[order[end - 1]] == order[end]) ++end;
    std::size_t begin = 0;
    while (begin < leads.front() && headings_.is_heading(text, fragments[order[begin]])) ++begin;
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
  std::vector<Link> links = overlaps_.find(text, fragments, in_lines);
  // Where lines still stand in columns their place says more of their order than words do.
  continuations_.find(text, fragments, in_lines, links, proposal, unmatched);

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
    "order",    "puts fragments that are out of order in reading order and joins them", rule_list, {}, 1, false,
    Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_order(const StageOptions& options, const Rules& rules) {
  Settings settings("order", options, rules, "order.toml");
  auto stage = std::make_unique<OrderStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
