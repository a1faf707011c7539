#include "stages/furniture_pages.h"

#include <algorithm>
#include <functional>

#include "inkwash/unicode.h"
#include "stages/ends.h"

namespace inkwash::stages {
namespace {

constexpr bool is_circled(Codepoint c) { return c >= U'①' && c <= U'⑳'; }

/// Ends in mid-sentence; what follows a colon may be a list.
bool is_torn(std::string_view ink) { return is_open(ink) && !ink.ends_with("：") && !ink.ends_with(":"); }

/// What tells a running head from other lines, spaces aside.
std::size_t key_of(std::string_view ink) {
  constexpr std::hash<std::string_view> hash{};
  if (ink.find(' ') == std::string_view::npos) return hash(ink);
  std::string text(ink);
  std::erase(text, ' ');
  return hash(text);
}

bool is_one_character(std::string_view ink) { return valid_utf8_next(ink, 0).length == ink.size(); }

}  // namespace

PageEdges::PageEdges(Settings& settings)
    : source_(settings, "pages.source", settings.strings("pages.source")),
      link_(settings, "pages.link", settings.strings("pages.link")),
      cited_(settings, "pages.cited", settings.strings("pages.cited")),
      numbered_(settings, "pages.numbered", settings.strings("pages.numbered")),
      least_(static_cast<std::size_t>(settings.number("pages.least", 1, 1000))),
      most_note_(static_cast<std::size_t>(settings.number("pages.most_note", 1, 100))),
      widest_head_(static_cast<std::uint32_t>(settings.number("pages.widest_head", 2, 400))),
      share_(settings.number("pages.share", 0, 1)) {}

bool PageEdges::is_number(std::string_view ink) {
  constexpr std::size_t most_digits = 4;
  return ink.size() <= most_digits && std::all_of(ink.begin(), ink.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Of the lines of a page, the first of the notes at its foot; `end` where there is none.
std::size_t PageEdges::begin_of_notes(std::string_view text, std::span<const Line> lines, std::size_t first,
                                      std::size_t end, bool paged) const {
  const auto ink = [&](std::size_t i) { return lines[i].ink.of(text); };
  // Most pages have none, and are done here.
  constexpr std::size_t foot = 3;
  bool any = paged;
  for (std::size_t i = end; i-- > first && end - i <= foot && !any;)
    any = source_.found_in(text, lines[i]) || link_.found_in(text, lines[i]);
  if (!any) return end;
  std::size_t begin = end;
  while (begin > first) {
    // From the foot up: the note that ends here begins with its number, and says where something is found.
    bool cites = false, links = false, found = false;
    for (std::size_t i = begin; i-- > first && begin - i <= most_note_;) {
      cites |= source_.found_in(text, lines[i]);
      links |= link_.found_in(text, lines[i]);
      const bool circled = is_circled(valid_utf8_next(ink(i), 0).codepoint);
      const bool torn_before = i > first && is_torn(ink(i - 1));
      if ((circled && paged && torn_before) || (cites && (circled || cited_.begins(ink(i)))) ||
          (links && numbered_.begins(ink(i)))) {
        begin = i;
        found = true;
        break;
      }
    }
    if (!found) break;
  }
  // Its number was misread, and stands on a line of its own.
  if (begin < end && begin > first && is_one_character(ink(begin - 1))) --begin;
  return begin;
}

std::vector<PageEdges::Part> PageEdges::parts_of(std::string_view text, std::span<const Line> lines) const {
  std::vector<std::size_t> breaks;  // the first line of each page
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (i == 0 || lines[i].blanks_before > 0) breaks.push_back(i);
  if (breaks.size() < 2) return {};
  const auto ink = [&](std::size_t i) { return lines[i].ink.of(text); };

  // Running heads: short lines that stand at the top of several pages.
  constexpr std::size_t most_heads = 3;
  std::vector<std::size_t> heads;  // keys of lines there, sorted
  const auto may_be_head = [&](std::size_t i) {
    return lines[i].width <= widest_head_ && is_open(ink(i)) && !is_one_character(ink(i));
  };
  const auto page_end = [&](std::size_t page) { return page + 1 < breaks.size() ? breaks[page + 1] : lines.size(); };
  for (std::size_t page = 0; page < breaks.size(); ++page)
    for (std::size_t i = breaks[page]; i < std::min(page_end(page), breaks[page] + most_heads); ++i)
      if (may_be_head(i)) heads.push_back(key_of(ink(i)));
  std::sort(heads.begin(), heads.end());
  const auto is_head = [&](std::size_t i) {
    if (heads.size() < least_ || !may_be_head(i)) return false;
    const auto [first, last] = std::equal_range(heads.begin(), heads.end(), key_of(ink(i)));
    return static_cast<std::size_t>(last - first) >= least_;
  };

  // Whether blank lines are page breaks.
  // A single character is a number misread, but several below each other are vertical text.
  const auto is_number_here = [&](std::size_t i) {
    return is_number(ink(i)) ||
           (is_one_character(ink(i)) && (lines[i].blanks_before > 0 || i == 0 || !is_one_character(ink(i - 1))) &&
            (i + 1 == lines.size() || lines[i + 1].blanks_before > 0 || !is_one_character(ink(i + 1))));
  };
  // Where they are most of the lines, they are the text: set from top to bottom, and torn.
  std::size_t numbers = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) numbers += is_number_here(i);
  if (2 * numbers > lines.size()) return {};
  std::size_t marked = 0, torn = 0;
  for (std::size_t page = 1; page < breaks.size(); ++page) {
    const std::size_t i = breaks[page];
    const bool at_foot = is_number_here(i - 1) && i - 1 > breaks[page - 1];
    if (!at_foot && !is_number_here(i) && !is_head(i)) continue;
    ++marked;
    torn += is_torn(ink(at_foot ? i - 2 : i - 1));
  }
  const bool paged = marked >= least_ &&
                     static_cast<double>(marked) >= share_ * static_cast<double>(breaks.size() - 1) &&
                     3 * torn >= marked;

  // Notes at the end of an article look like those of a page, but no sentence goes on over them.
  std::vector<std::size_t> notes(breaks.size());
  bool noted = false;
  for (std::size_t page = 0; page < breaks.size(); ++page) {
    std::size_t end = page_end(page);
    while (paged && end > breaks[page] && is_number_here(end - 1)) --end;
    notes[page] = begin_of_notes(text, lines, breaks[page], end, paged);
    noted |=
        notes[page] < end && page + 1 < breaks.size() && notes[page] > breaks[page] && is_torn(ink(notes[page] - 1));
  }
  if (!paged && !noted) return {};

  std::vector<Part> parts(lines.size(), Part::text);
  for (std::size_t page = 0; page < breaks.size(); ++page) {
    std::size_t first = breaks[page], end = page_end(page);
    if (paged || (page > 0 && parts[first - 1] == Part::note)) {
      for (; first < end && first - breaks[page] < most_heads; ++first) {
        if (is_number_here(first))
          parts[first] = Part::number;
        else if (is_head(first) && page > 0)
          parts[first] = Part::head;
        else
          break;
      }
    }
    if (paged)
      while (end > first && is_number_here(end - 1)) parts[--end] = Part::number;
    for (std::size_t i = std::max(first, notes[page]); i < end; ++i) parts[i] = Part::note;
  }
  return parts;
}

std::vector<TextRange> PageEdges::references_in(std::string_view text, TextRange ink) {
  std::vector<TextRange> found;
  CharClass before = CharClass::space;
  Codepoint last = 0;
  for (ByteOffset at = ink.begin; at < ink.end;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    const ByteOffset next = at + static_cast<ByteOffset>(length);
    // An item of a list begins a line or follows a pause.
    if (is_circled(codepoint) && at > ink.begin && before != CharClass::space && before != CharClass::pause &&
        last != U'；')
      found.push_back({at, next});
    before = class_of(codepoint);
    last = codepoint;
    at = next;
  }
  return found;
}

}  // namespace inkwash::stages
