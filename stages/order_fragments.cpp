#include "stages/order_fragments.h"

#include <algorithm>

#include "stages/ends.h"
#include "stages/pages.h"
#include "stages/settings.h"

namespace inkwash::stages::ordering {

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
  for (const JumpPlace& jump : jump_places(document)) {
    const auto fragment =
        std::ranges::partition_point(fragments, [&](const Fragment& f) { return f.last < jump.line; });
    if (fragment == fragments.end()) continue;
    if (jump.way == JumpWay::onward && fragment->last == jump.line) fragment->goes_on_elsewhere = true;
    if (jump.way == JumpWay::back && fragment->first == jump.line) fragment->comes_from_elsewhere = true;
  }
  return fragments;
}

std::string_view last_paragraph(std::string_view text) {
  for (std::size_t end = text.size(); (end = text.rfind('\n', end)) != std::string_view::npos && end > 0; --end)
    if (const std::string_view above = text.substr(0, end); !is_blank(above) && !is_open(above))
      return text.substr(end + 1);
  return text;
}

bool breaks_off(std::string_view text, const Fragment& fragment) {
  const std::string_view ink = fragment.ink.of(text);
  return is_open(ink) && has_sentence_marks(last_paragraph(ink));
}

Headings::Headings(Settings& s)
    : no_headline_(s.strings("headline.without")),
      headline_width_(static_cast<std::uint32_t>(s.number("headline.width", 1, 1000))) {}

bool Headings::is_headline(std::string_view text, const Fragment& fragment) const {
  const std::string_view ink = fragment.ink.of(text);
  return fragment.width <= headline_width_ && is_open(ink) && !begins_badly(ink) && !has_sentence_marks(ink);
}

bool Headings::is_heading(std::string_view text, const Fragment& fragment) const {
  if (!is_headline(text, fragment)) return false;
  const std::string_view ink = fragment.ink.of(text);
  return std::any_of(ink.begin(), ink.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80 || c > '9'; }) &&
         std::none_of(no_headline_.begin(), no_headline_.end(),
                      [&](const std::string& word) { return ink.find(word) != std::string_view::npos; });
}

}  // namespace inkwash::stages::ordering
