#include "stages/blocks_headlines.h"

#include <algorithm>
#include <bitset>
#include <limits>
#include <string>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages::paragraphs {
namespace {

/// Calls `use` with each pair of ideographs that stand side by side, 32 bits each.
template <typename Use>
void for_pairs(std::string_view text, const Use& use) {
  Codepoint before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    const Codepoint here = class_of(codepoint) == CharClass::han ? codepoint : 0;
    if (before != 0 && here != 0) use(std::uint64_t{before} << 32 | here);
    before = here;
  }
}

/// The paragraphs with each group before its target; marks where those articles start.
std::vector<std::size_t> arranged(Page& page) {
  const std::size_t count = page.lines.size();
  std::vector<bool> moves(count, false);
  std::vector<bool> is_target(count, false);
  for (const Group& group : page.groups) {
    if (group.target == none) continue;
    is_target[group.target] = true;
    for (std::size_t i = group.first; i < group.last; ++i) {
      moves[i] = true;
      page.paragraphs[i].interrupts = false;
    }
    page.paragraphs[group.first].starts_article |= group.begins_article;
  }
  for (const Group& group : page.groups)
    if (group.target != none && group.last < count && page.is_article(group.last) && !is_target[group.last] &&
        !page.paragraphs[group.last].is_rest)
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

std::vector<std::size_t> in_place(std::size_t count) {
  std::vector<std::size_t> reading(count);
  for (std::size_t i = 0; i < count; ++i) reading[i] = i;
  return reading;
}

}  // namespace

Displaced::Displaced(Settings& settings, const Kinship& kinship, const Leads& leads)
    : kinship_(kinship),
      leads_(leads),
      collected_(settings, kinship, leads),
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
      other_part_(settings.cost("displaced.other_part")),
      inside_(static_cast<float>(settings.number("displaced.inside", -100, 100))),
      kicker_(settings.count("displaced.kicker")) {}

std::optional<Displaced::Start> Displaced::start_at(const Page& page, std::size_t i) const {
  if (!page.is_article(i) || page.paragraphs[i].is_rest ||
      (i > 0 && (page.is_headline(i - 1) || page.is_byline(i - 1))))
    return std::nullopt;
  std::size_t above = i;
  while (above > 0 && page.paragraphs[above - 1].kind == BlockKind::caption) --above;
  if (page.paragraphs[i].has_dateline || above == 0 || page.paragraphs[above - 1].signs_off ||
      page.paragraphs[above - 1].closes)
    return Start{i, true};
  if (leads_.is_like(page.ink(i), new_article_)) return Start{i, false};
  return std::nullopt;
}

bool Displaced::owns_article(const Page& page, const Group& group) const {
  if (group.last == page.lines.size() || !page.is_article(group.last) || page.paragraphs[group.last].is_rest)
    return false;
  return page.is_byline(group.last - 1) || page.paragraphs[group.last].has_dateline ||
         leads_.is_like(page.ink(group.last), new_article_);
}

std::size_t Displaced::beginning_for(Page& page, const Group& group, std::size_t start, std::size_t end) const {
  if (page.kinship(kinship_, group, start) >= own_) return start;
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

bool Displaced::is_wide(const Page& page, const Group& group) const {
  const std::string_view ink = page.ink(group.first);
  if (ink.starts_with("（") && ink.ends_with("）")) return false;
  std::uint32_t width = 0;
  for (std::size_t i = group.first; i < group.last; ++i) width += page.lines[i].width;
  return width >= least_width_ || has_space(page.ink(group.first));
}

const std::vector<Displaced::Start>& Displaced::Starts::all() {
  if (!all_) {
    all_.emplace();
    for (std::size_t i = 0; i < page_.lines.size(); ++i)
      if (const std::optional<Start> start = displaced_.start_at(page_, i)) all_->push_back(*start);
  }
  return *all_;
}

Displaced::Home Displaced::home_of(Page& page, std::size_t g, Starts& of_page, std::size_t below) const {
  const Group& group = page.groups[g];
  if (!is_wide(page, group)) return {};
  const std::vector<Start>& starts = of_page.all();
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
                         leads_.is_like(page.ink(0), lead_);
    const float enough = !stands_next ? own_ : !is_first ? own_next_to_ : is_only ? own_only_ : own_first_;
    offer(start, page.kinship(kinship_, group, start) + bonus, enough + bonus);
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
    const float exchange = page.kinship(kinship_, other, above) - page.kinship(kinship_, other, other.last);
    const float value = page.kinship(kinship_, group, other.last);
    if (value >= own_ && exchange >= 0) offer(other.last, value + exchange, own_);
  }
  if (best == none || most < least || most < next + margin_) return {};
  if (below != none && most < page.kinship(kinship_, group, below) + other_text_) return {};
  return {best, most};
}

void Displaced::split(Page& page, std::size_t g, Starts& of_page, std::size_t below) const {
  const Group group = page.groups[g];
  if (group.last - group.first < 2 || !page.is_headline(group.first + 1)) return;
  const std::vector<Start>& starts = of_page.all();
  const auto is_free = [&](const Start& start) { return !page.is_taken(start.at) && start.at != below; };
  if (std::none_of(starts.begin(), starts.end(), is_free)) return;
  for (std::size_t end = group.first + 1; end < group.last && page.is_headline(end); ++end) {
    if (page.kinship(kinship_, {end, group.last}, below) < other_part_) continue;
    const float here = page.kinship(kinship_, {group.first, end}, below);
    std::size_t best = none, better = 0;
    for (const Start& start : starts) {
      if (!is_free(start) || page.kinship(kinship_, {group.first, end}, start.at) < here + other_part_) continue;
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

void Displaced::part_collected(Page& page) const {
  std::vector<Group>& groups = page.groups;
  // A byline ends a group; the next may follow at once.
  for (std::size_t g = 1; g < groups.size(); ++g)
    if (groups[g - 1].last != groups[g].first) return;
  const Group all{groups.front().first, groups.back().last};
  if (const std::vector<Group> parts = collected_.parts_of(page, all); !parts.empty()) {
    groups.assign(1, all);
    page.part(0, parts);
  }
}

bool Displaced::begins_bare(const Page& page, float lead) const {
  const Paragraph& first = page.paragraphs[0];
  if (first.kind != BlockKind::body || page.is_taken(0)) return false;
  return first.has_dateline || (page.is_text(0) && leads_.is_like(page.ink(0), lead));
}

void Displaced::scatter(Page& page, std::size_t g, std::size_t least) const {
  const Group group = page.groups[g];
  std::size_t headlines = 0;
  for (std::size_t k = group.first; k < group.last; ++k) headlines += page.is_headline(k);
  if (headlines < least) return;
  constexpr std::size_t most_asked = 48;
  std::vector<std::size_t> texts;
  std::vector<Vocabulary> vocabularies;
  for (std::size_t i = group.first; i-- > 0 && texts.size() < most_asked;) {
    if (!page.is_text(i)) continue;
    texts.push_back(i);
    vocabularies.emplace_back(kinship_, page.ink(i));
  }
  const auto has_none = [&](std::size_t i) {
    return !page.is_taken(i) &&
           (i == 0 || (!page.is_headline(i - 1) && !page.is_byline(i - 1) && !is_open(page.ink(i - 1))));
  };
  std::vector<Group> parts;
  std::size_t last = none, homes = 0;
  for (std::size_t k = group.first; k < group.last; ++k) {
    std::size_t best = none;
    float most = own_, next = 0;
    for (std::size_t t = 0; page.is_headline(k) && t < texts.size(); ++t) {
      const float value = vocabularies[t].kinship(page.ink(k));
      if (value > most) {
        next = std::max(next, most);
        most = value;
        best = texts[t];
      } else {
        next = std::max(next, value);
      }
    }
    const bool found = best != none && most >= next + margin_ && has_none(best);
    if (found && last != none && best <= last) return;  // not in the order of the texts: who knows
    if (found) {
      parts.push_back({k, k + 1, best});
      last = best;
      ++homes;
    } else if (page.is_byline(k) && !parts.empty()) {
      parts.back().last = k + 1;
    } else if (parts.empty() || parts.back().target != none) {
      parts.push_back({k, k + 1});
    } else {
      parts.back().last = k + 1;
    }
  }
  if (homes < least) return;
  if (parts.front().target == none) parts.front().target = begins_bare(page, lead_) ? 0 : parts[1].target;
  page.part(g, parts);
}

void Displaced::title_first(Page& page, float enough) const {
  if (!page.is_text(0) || !begins_bare(page, inside_)) return;
  std::size_t whose = none, title = none;
  // Of several the one of two clauses is no sub-headline.
  std::size_t wide = 0, of_clauses = 0;
  for (std::size_t g = 0; g < page.groups.size(); ++g)
    for (std::size_t i = page.groups[g].first; i < page.groups[g].last; ++i) {
      if (!page.is_headline(i) || !is_wide(page, {i, i + 1})) continue;
      const bool clauses = has_space(page.ink(i));
      ++wide;
      of_clauses += clauses;
      if (title != none && !clauses) continue;
      title = i;
      whose = g;
    }
  if (title == none || page.groups[whose].target != none || (wide > 1 && of_clauses != 1)) return;
  const Group group = page.groups[whose];
  std::size_t below = group.last;
  while (below < page.lines.size() && !page.is_text(below)) ++below;
  if (below < page.lines.size() &&
      (page.paragraphs[below].has_dateline || !begins_bare(page, lead_) || leads_.is_like(page.ink(below), inside_)))
    return;
  const float own = page.kinship(kinship_, {title, title + 1}, 0);
  if (own < (wide == 1 ? own_only_ : enough)) return;
  for (const Group& other : page.groups)
    for (std::size_t i = other.first; i < other.last; ++i)
      if (i != title && page.is_headline(i) && is_wide(page, {i, i + 1}) &&
          page.kinship(kinship_, {i, i + 1}, 0) > own + other_text_)
        return;
  Group moved{title, title + 1};
  if (title > group.first && page.ink(title - 1).size() <= kicker_) --moved.first;
  if (moved.last < group.last && page.is_byline(moved.last)) ++moved.last;
  std::vector<Group> parts{{group.first, moved.first}, {moved.first, moved.last, 0}, {moved.last, group.last}};
  std::erase_if(parts, [](const Group& part) { return part.first == part.last; });
  page.part(whose, parts);
}

std::vector<std::size_t> Displaced::headlines_first(Page& page, Proposal& proposal, RuleIndex unplaced) const {
  const std::size_t count = page.lines.size();
  std::vector<Group>& groups = page.groups;
  // Most pages have no headline that nothing stands below, nor two parts of which one might be another's.
  const auto text_below = [&](const Group& group) {
    std::size_t i = group.last;
    while (i < count && (page.paragraphs[i].kind == BlockKind::caption || page.paragraphs[i].kind == BlockKind::note))
      ++i;
    return i < count && page.paragraphs[i].kind != BlockKind::byline && !page.is_headline(i) &&
                   !page.paragraphs[i].is_rest
               ? i
               : none;
  };
  const bool suspect = std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
    return text_below(group) == none || group.last - group.first > 1;
  });
  if ((!suspect && (groups.empty() || !begins_bare(page, lead_))) || !page.is_of_few()) return in_place(count);

  constexpr std::size_t most_compared = 16;
  Starts starts(*this, page);
  const auto below_of = [&](const Group& group) {
    const std::size_t below = text_below(group);
    return below != none && page.is_taken(below) ? none : below;
  };
  const bool old_punctuation = has_old_punctuation(page.text);
  const auto scatter_all = [&](std::size_t least) {
    for (std::size_t g = groups.size(); g-- > 0 && !old_punctuation;)
      if (groups[g].target == none && groups[g].last - groups[g].first > 1 && below_of(groups[g]) == none)
        scatter(page, g, least);
  };
  if (!old_punctuation && !groups.empty() && below_of(groups.back()) == none) part_collected(page);
  scatter_all(2);
  if (!old_punctuation) title_first(page, own_first_);
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
  scatter_all(1);
  if (!old_punctuation) title_first(page, own_only_);
  for (const Group& group : groups)
    if (group.target == none && group.first > 0 && is_wide(page, group) && text_below(group) == none)
      proposal.note(page.lines[group.first].ink, Severity::note, unplaced,
                    "nothing stands below this headline, and it is not sure which text above is its own");
  return arranged(page);
}

}  // namespace inkwash::stages::paragraphs
