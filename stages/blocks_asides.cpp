#include "stages/blocks_asides.h"

#include <algorithm>
#include <string>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/kinship.h"
#include "stages/settings.h"

namespace inkwash::stages::paragraphs {
namespace {

/// Only captions stand between here and a headline.
bool introduces_next(const Article& article, std::size_t i) {
  while (i < article.last && article.paragraphs[i].kind == BlockKind::caption) ++i;
  return i < article.last && introduces(article.paragraphs[i]) && article.paragraphs[i].kind != BlockKind::byline;
}

}  // namespace

Asides::Asides(Settings& settings, const Rules& rules, const CoherenceModel& model, const Kinship& kinship,
               const Leads& leads)
    : model_(model),
      kinship_(kinship),
      leads_(leads),
      interruptions_(settings, rules, model),
      new_article_(settings.cost("displaced.new_article")),
      own_(static_cast<float>(settings.number("displaced.own", -100, 100))),
      begins_inside_(static_cast<float>(settings.number("begins_inside", -100, 100))),
      box_width_(static_cast<std::uint32_t>(settings.number("box.width", 0, 10000))),
      box_line_(static_cast<std::uint32_t>(settings.number("box.line", 0, 10000))),
      box_paragraphs_(settings.count("box.paragraphs")),
      above_(settings.count("box.above")),
      below_(settings.count("box.below")) {}

void Asides::find_interruptions(std::string_view text, std::span<const Line> lines,
                                std::vector<Paragraph>& paragraphs) const {
  if (has_old_punctuation(text)) return;
  const auto ink = [&](std::size_t i) { return lines[i].ink.of(text); };
  std::vector<std::string_view> between;
  for (std::size_t i = 0; i + 2 < paragraphs.size(); ++i) {
    if (paragraphs[i].kind != BlockKind::body || !has_sentence_marks(ink(i)) || !Interruptions::may_break_off(ink(i)))
      continue;
    between.clear();
    bool known = true;
    std::size_t short_lines = 0, end = i + 1;
    for (; end < paragraphs.size() && between.size() <= interruptions_.most_lines(); ++end) {
      const BlockKind kind = paragraphs[end].kind;
      if (kind != BlockKind::headline && kind != BlockKind::caption && kind != BlockKind::byline &&
          kind != BlockKind::note)
        break;
      known &= kind != BlockKind::headline;
      short_lines += kind == BlockKind::headline && lines[end].width <= box_line_;
      between.push_back(ink(end));
    }
    if (between.empty() || end == paragraphs.size() || between.size() > interruptions_.most_lines() ||
        paragraphs[end].kind != BlockKind::body || paragraphs[end].has_dateline ||
        leads_.is_like(ink(end), new_article_) ||
        interruptions_.gain(ink(i), between, ink(end), known, short_lines) <= 0)
      continue;
    for (std::size_t k = i + 1; k < end; ++k) paragraphs[k].interrupts = true;
    paragraphs[i].goes_on = end;
    paragraphs[end].is_rest = true;
    i = end - 1;
  }
}

void Asides::add_in_order(const Article& article, std::vector<std::size_t>& sequence) const {
  const std::size_t first = article.first, last = article.last;
  const auto is_aside = [&](std::size_t i) {
    const Paragraph& paragraph = article.paragraphs[i];
    return paragraph.kind == BlockKind::caption || paragraph.kind == BlockKind::note || paragraph.interrupts;
  };
  bool any = false;
  for (std::size_t i = first; i < last && !any; ++i) any = is_aside(i);
  if (!any) {
    for (std::size_t i = first; i < last; ++i) sequence.push_back(i);
    return;
  }
  enum class Place : char { here, byline, source, after };
  std::vector<Place> places(last - first, Place::here);
  const auto place = [&](std::size_t i) -> Place& { return places[i - first]; };
  // What stands after the article already is where it belongs.
  std::size_t last_body = last;
  if (article.paragraphs[last - 1].is_source) last_body = box_above(article, last - 1);
  while (last_body > first && !article.is_body(last_body - 1)) --last_body;
  // A byline belongs below the headlines, unless one stands there.
  std::size_t head = first;
  while (head < last && introduces(article.paragraphs[head])) ++head;
  const bool headed = head > first && article.paragraphs[head - 1].kind != BlockKind::byline;
  bool body_above = false;
  bool all_captions = first == 0;  // a picture may stand above the page's first headline
  for (std::size_t i = first; i < last_body; ++i) {
    const Paragraph& paragraph = article.paragraphs[i];
    const bool leads = all_captions && introduces_next(article, i);
    all_captions &= paragraph.kind == BlockKind::caption;
    if (paragraph.interrupts) place(i) = paragraph.kind == BlockKind::byline && headed ? Place::byline : Place::after;
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
  const auto add = [&](Place wanted, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i)
      if (place(i) == wanted) sequence.push_back(i);
  };
  add(Place::here, first, head);
  add(Place::byline, first, last);
  add(Place::here, head, last);
  add(Place::source, first, last);
  add(Place::after, first, last);
}

std::size_t Asides::box_above(const Article& article, std::size_t end) const {
  std::size_t begin = end, headline = end;
  while (begin > article.first && end - begin < box_paragraphs_) {
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

bool Asides::goes_on_below(const Article& article, std::size_t headline, std::size_t end) const {
  std::size_t below = end + 1;
  while (below < article.last && !article.is_body(below)) ++below;
  if (below == article.last) return false;
  if (below == end + 1 && !leads_.is_like(article.line(below).ink.of(article.text), new_article_)) return true;
  std::string words;
  for (std::size_t i = std::max(article.first, headline - std::min(headline, above_)); i < headline; ++i)
    if (article.is_body(i)) words += article.line(i).ink.of(article.text);
  std::string_view next = article.line(below).ink.of(article.text);
  next = next.substr(0, valid_utf8_floor(next, below_));
  return Vocabulary(kinship_, words).kinship(next) >= own_;
}

}  // namespace inkwash::stages::paragraphs
