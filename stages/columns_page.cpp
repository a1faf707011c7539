#include "stages/columns_page.h"

#include <algorithm>

namespace inkwash::stages {
namespace {

constexpr std::string_view ideographic_space = "\u3000";

void advance(Place& place, Codepoint codepoint, std::uint32_t length) {
  place.byte += length;
  place.position.on[by_characters] += 1;
  place.position.on[by_half_ems] += static_cast<std::int32_t>(half_ems(codepoint));
}

}  // namespace

bool may_have_gutters(std::string_view text) noexcept {
  const auto has_inner = [&](std::string_view gap, std::string_view unit) {
    for (std::size_t at = 0; (at = text.find(gap, at)) != std::string_view::npos;) {
      std::size_t end = at + gap.size();
      while (text.substr(end).starts_with(unit)) end += unit.size();
      if (at != 0 && text[at - 1] != '\n' && end < text.size() && text[end] != '\n') return true;
      at = end;
    }
    return false;
  };
  // Where the columns are out of step no line has ink in two of them.
  constexpr std::string_view deep_indent = "\n            ";
  return has_inner("  ", " ") || has_inner(ideographic_space, ideographic_space) ||
         text.find(deep_indent) != std::string_view::npos;
}

Page::Page(const Document& document, std::int32_t least_gap, std::uint32_t most_characters)
    : document_(document),
      text_(document.text()),
      lines_(document.lines()),
      least_gap_(least_gap),
      most_characters_(most_characters) {
  find_holes();
}

void Page::find_holes() {
  constexpr ByteOffset most_bytes = 240;
  const std::span<const Piece> pieces = document_.pieces();
  const std::string_view source = document_.source();
  const bool utf8 = document_.encoding() == "UTF-8";
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const ByteOffset begin = pieces[i - 1].source_begin + pieces[i - 1].source_length;
    const ByteOffset end = pieces[i].source_begin;
    if (end <= begin || end - begin > most_bytes) continue;
    // Not where text was moved.
    if (pieces[i].text_begin == 0 || text_[pieces[i].text_begin - 1] == '\n') continue;
    const std::string_view dropped = source.substr(begin, end - begin);
    if (dropped.find_first_of("\n\r\f") != std::string_view::npos) continue;
    Hole hole{pieces[i].text_begin, {}};
    if (utf8 && utf8_first_error(dropped) == dropped.size()) {
      hole.width.on = {static_cast<std::int32_t>(valid_utf8_length(dropped)),
                       static_cast<std::int32_t>(valid_utf8_half_ems(dropped))};
    } else {
      // The older encodings have as many bytes as half-ems.
      const auto bytes = static_cast<std::int32_t>(dropped.size());
      hole.width.on = {(bytes + 1) / 2, bytes};
    }
    holes_.push_back(hole);
  }
}

void Page::measure(std::uint32_t first, std::uint32_t end, std::vector<Fragment>& block) {
  block.clear();
  gaps_.clear();
  for (std::uint32_t line = first; line < end; ++line) block.push_back(fragment_of(line));
}

Fragment Page::fragment_of(std::uint32_t index) {
  const Line& line = lines_[index];
  Fragment fragment;
  fragment.line = index;
  fragment.first_gap = fragment.end_gap = static_cast<std::uint32_t>(gaps_.size());
  if (line.range.size() > most_characters_ * 3) {
    const auto width = static_cast<std::int32_t>(line.range.size());
    fragment.begin = {line.ink.begin, {}};
    fragment.end = {line.ink.end, {{width, width}}};
    return fragment;
  }
  Place place{line.range.begin, {}};
  Gap gap;
  bool in_gap = false;
  auto hole = std::lower_bound(holes_.begin(), holes_.end(), line.range.begin,
                               [](const Hole& h, ByteOffset at) { return h.at < at; });
  while (place.byte < line.ink.end) {
    for (; hole != holes_.end() && hole->at <= place.byte; ++hole)
      for (const Ruler ruler : rulers) place.position.on[ruler] += hole->width.on[ruler];
    const auto [codepoint, length] = valid_utf8_next(text_, place.byte);
    const bool space = class_of(codepoint) == CharClass::space;
    if (place.byte == line.ink.begin) fragment.begin = place;
    if (place.byte > line.ink.begin && space != in_gap) {
      (space ? gap.begin : gap.end) = place;
      in_gap = space;
      if (!space && gap.end.position.on[by_half_ems] - gap.begin.position.on[by_half_ems] >= least_gap_)
        gaps_.push_back(gap);
    }
    advance(place, codepoint, length);
  }
  fragment.end = place;
  fragment.end_gap = static_cast<std::uint32_t>(gaps_.size());
  return fragment;
}

Fragment Page::before(const Fragment& fragment, const Gap& gap) const noexcept {
  Fragment part = fragment;
  part.end = gap.begin;
  while (part.end_gap > part.first_gap && gaps_[part.end_gap - 1].end.byte > part.end.byte) --part.end_gap;
  return part;
}

Fragment Page::behind(const Fragment& fragment, const Gap& gap) const noexcept {
  Fragment part = fragment;
  part.begin = gap.end;
  while (part.first_gap < part.end_gap && gaps_[part.first_gap].begin.byte < part.begin.byte) ++part.first_gap;
  return part;
}

bool Page::is_letter_spaced(const Fragment& fragment) const noexcept {
  std::size_t runs = 0;
  std::size_t characters = 0;
  bool in_space = false;
  for (std::size_t at = fragment.begin.byte; at < fragment.end.byte;) {
    const auto [codepoint, length] = valid_utf8_next(text_, at);
    const bool space = class_of(codepoint) == CharClass::space;
    runs += space && !in_space;
    characters += !space;
    in_space = space;
    at += length;
  }
  return runs * 2 > characters;
}

}  // namespace inkwash::stages
