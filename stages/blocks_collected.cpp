#include "stages/blocks_collected.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages::paragraphs {
namespace {

/// log(e^a + e^b)
float log_sum(float a, float b) {
  const auto [less, more] = std::minmax(a, b);
  return more + std::log1p(std::exp(less - more));
}

bool has_clauses(const Page& page, const Group& headline) { return has_space(page.ink(headline.first)); }

}  // namespace

Collected::Collected(Settings& settings, const Kinship& kinship, const Leads& leads)
    : kinship_(kinship),
      leads_(leads),
      kinship_share_(static_cast<float>(settings.number("collected.kinship", 0, 1))),
      clauses_(settings.cost("collected.clauses")),
      first_(settings.cost("collected.first")),
      most_lead_(settings.cost("collected.most_lead")),
      part_lead_(static_cast<float>(settings.number("collected.part_lead", 0, 1))),
      second_(settings.cost("collected.second")),
      back_(settings.cost("collected.back")),
      widest_(static_cast<std::uint32_t>(settings.number("collected.widest", 1, 1000))),
      sure_(static_cast<float>(settings.number("collected.sure", 0, 1))),
      all_(static_cast<float>(settings.number("collected.all", 0, 1))) {}

/// Each with the bylines and sub-headlines that go with it.
std::vector<Group> Collected::headlines_of(const Page& page, const Group& group) const {
  std::vector<Group> headlines;
  for (std::size_t k = group.first; k < group.last; ++k)
    if (headlines.empty() || (page.is_headline(k) && !page.ink(k).starts_with("—")))
      headlines.push_back({k, k + 1});
    else
      headlines.back().last = k + 1;
  return headlines;
}

std::vector<Collected::Text> Collected::texts_above(const Page& page, const Group& group) const {
  constexpr std::size_t most = 48;
  std::vector<Text> texts;
  std::size_t i = group.first;
  for (; i > 0 && texts.size() < most; --i) {
    const std::size_t at = i - 1;
    const bool is_headed = at > 0 && (page.is_headline(at - 1) || page.is_byline(at - 1));
    const bool is_article = page.is_article(at) || page.paragraphs[at].has_dateline;
    if (!is_article || page.paragraphs[at].is_rest || page.is_taken(at) || is_headed ||
        (at > 0 && is_open(page.ink(at - 1))))
      continue;
    const float lead = page.paragraphs[at].has_dateline ? most_lead_ : leads_.likeness(page.ink(at));
    texts.push_back({at, std::clamp(lead, -most_lead_, most_lead_), false});
  }
  std::ranges::reverse(texts);
  const auto above = std::span(page.paragraphs).first(texts.empty() ? 0 : texts.front().at);
  if (!texts.empty())
    texts.front().is_first = std::ranges::none_of(
        above, [](const Paragraph& p) { return p.kind == BlockKind::body || p.kind == BlockKind::headline; });
  return texts;
}

std::vector<float> Collected::seen_of(Page& page, std::span<const Group> headlines, std::span<const Text> texts) const {
  std::vector<Vocabulary> vocabularies;
  for (const Text& text : texts) vocabularies.emplace_back(kinship_, page.ink(text.at));
  std::vector<float> seen;
  for (const Group& headline : headlines)
    for (std::size_t s = 0; s < texts.size(); ++s) {
      const Text& text = texts[s];
      const float of_article = text.lead + (has_clauses(page, headline) ? clauses_ : -clauses_);
      const float of_part = -part_lead_ * std::max(text.lead, 0.0f);
      // What is said of the next text too tells less where a headline between may be missing.
      const float kinship =
          (vocabularies[s].kinship(page.ink(headline.first)) + page.kinship(kinship_, headline, text.at)) / 2;
      seen.push_back(kinship_share_ * kinship + log_sum(of_article, of_part));
    }
  // What sets down one kind of headlines after the other begins again above the first text.
  seen[0] += first_of(texts);
  return seen;
}

std::vector<Collected::Place> Collected::places_of(std::span<const float> seen, std::span<const Text> texts) const {
  const std::size_t states = texts.size(), count = seen.size() / states;
  const auto cost = [&](std::size_t from, std::size_t to) {
    return from < to ? 0 : from == to ? second_ : to == 0 ? back_ - first_of(texts) : back_;
  };
  // The likeliest way (Viterbi), and how probable each state is (forwards and backwards).
  constexpr float impossible = -std::numeric_limits<float>::infinity();
  std::vector<float> best(seen.begin(), seen.end()), forwards(best), backwards(seen.size(), 0.0f);
  std::vector<std::size_t> came_from(seen.size(), 0);
  for (std::size_t h = 1; h < count; ++h)
    for (std::size_t to = 0; to < states; ++to) {
      float most = impossible, sum = impossible;
      for (std::size_t from = 0; from < states; ++from) {
        const std::size_t before = (h - 1) * states + from;
        sum = log_sum(sum, forwards[before] - cost(from, to));
        if (best[before] - cost(from, to) <= most) continue;
        most = best[before] - cost(from, to);
        came_from[h * states + to] = from;
      }
      best[h * states + to] += most;
      forwards[h * states + to] += sum;
    }
  for (std::size_t h = count - 1; h-- > 0;)
    for (std::size_t from = 0; from < states; ++from) {
      float sum = impossible;
      for (std::size_t to = 0; to < states; ++to) {
        const std::size_t after = (h + 1) * states + to;
        sum = log_sum(sum, backwards[after] + seen[after] - cost(from, to));
      }
      backwards[h * states + from] = sum;
    }
  float all = impossible;
  for (std::size_t s = 0; s < states; ++s) all = log_sum(all, forwards[(count - 1) * states + s]);
  const auto last = std::span(best).last(states);
  auto state = static_cast<std::size_t>(std::ranges::max_element(last) - last.begin());
  std::vector<Place> places(count);
  for (std::size_t h = count; h-- > 0;) {
    const std::size_t at = h * states + state;
    places[h] = {state, std::exp(forwards[at] + backwards[at] - all)};
    state = came_from[at];
  }
  return places;
}

std::vector<Group> Collected::parts_of(Page& page, const Group& group) const {
  std::vector<Group> headlines = headlines_of(page, group);
  const std::vector<Text> texts = texts_above(page, group);
  const std::size_t count = headlines.size();
  const auto is_too_wide = [&](const Group& h) { return page.lines[h.first].width > widest_ && !has_clauses(page, h); };
  if (count < 2 || texts.size() < 2 || std::ranges::any_of(headlines, is_too_wide)) return {};
  const std::vector<Place> places = places_of(seen_of(page, headlines, texts), texts);
  float sure = 0;
  for (const Place& place : places) sure += place.probability;
  if (sure < all_ * static_cast<float>(count)) return {};
  const auto has_two = [&](const Group& h) { return has_clauses(page, h); };
  const bool are_alike = std::ranges::none_of(headlines, has_two);  // then none is told for a sub-headline
  for (std::size_t h = 0; h < count; ++h)
    if (places[h].probability >= sure_) {
      const Text& text = texts[places[h].text];
      headlines[h].target = text.at;
      headlines[h].begins_article = text.lead > 0 || are_alike || has_two(headlines[h]);
    }
  // What is not sure by itself stands above the next one, as the first half of a headline or a kicker does.
  const auto join = [&](std::size_t h, std::size_t other) {
    if (headlines[h].target != none) return;
    headlines[h].target = headlines[other].target;
    headlines[h].begins_article = headlines[other].begins_article;
  };
  for (std::size_t h = count - 1; h-- > 0;) join(h, h + 1);
  for (std::size_t h = 1; h < count; ++h) join(h, h - 1);
  if (std::ranges::all_of(headlines, [&](const Group& h) { return h.target == headlines.front().target; })) return {};
  return headlines;
}

}  // namespace inkwash::stages::paragraphs
