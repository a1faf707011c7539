#include "stages/interleave_headlines.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages {

HalvedHeadlines::HalvedHeadlines(Settings& settings, const CoherenceModel& model)
    : model_(model),
      better_by_(settings.cost("suspicion.better_by")),
      widest_column_(static_cast<std::uint32_t>(settings.number("suspicion.widest_column", 1, 10000))),
      stretched_around_(settings.cost("suspicion.stretched_around")) {}

bool HalvedHeadlines::is_in_turn(std::string_view text, std::span<const Line> lines, std::size_t first) const {
  const std::size_t last = first + 3;
  if (last >= lines.size()) return false;
  const auto goes_on = [&](std::size_t a, std::size_t b) {
    return model_.continuation(lines[a].ink.of(text), lines[b].ink.of(text));
  };
  const auto ends_openly = [&](std::size_t i) { return is_ideographic(last_class(lines[i].ink.of(text))); };
  const Line& half = lines[first];
  const Line& other = lines[first + 2];
  const std::uint32_t width = lines[first + 1].width;
  if (width > widest_column_ || !ends_openly(first) || !ends_openly(first + 1) || !ends_openly(first + 2) ||
      3 * half.width >= 2 * width || other.width > half.width + 2 || begins_badly(lines[first + 1].ink.of(text)) ||
      begins_badly(lines[last].ink.of(text)))
    return false;
  // Two clauses are a headline of their own, not the rest of one.
  const std::string_view rest = other.ink.of(text);
  if (rest.find(' ') != std::string_view::npos && !is_stretched(rest)) return false;
  // A short line without a mark between two full ones is no text; otherwise the words must say so.
  const bool stands_out = 2 * other.width < width && 5 * lines[last].width >= 4 * width;
  // Rare words leave the model at a loss: then it need only not speak against it.
  constexpr float at_a_loss = 2;
  return goes_on(first + 1, last) > goes_on(first + 1, first + 2) + (stands_out ? -at_a_loss : better_by_) &&
         (stands_out || goes_on(first, first + 2) > goes_on(first, first + 1));
}

std::pair<std::size_t, std::size_t> HalvedHeadlines::find_stretched(std::string_view text,
                                                                    std::span<const Line> lines) const {
  constexpr std::size_t top = 4, far = 80;
  std::size_t half = 0;
  while (half < std::min(top, lines.size()) && !is_stretched(lines[half].ink.of(text))) ++half;
  if (half >= std::min(top, lines.size())) return {};
  for (std::size_t i = half + 2; i + 1 < std::min(lines.size(), half + far); ++i) {
    const std::string_view ink = lines[i].ink.of(text);
    const std::string_view above = lines[i - 1].ink.of(text), below = lines[i + 1].ink.of(text);
    if (!is_stretched(ink) || 2 * lines[i].width > 3 * lines[half].width + 8 || is_stretched(above) ||
        is_stretched(below) || begins_badly(below))
      continue;
    if (!is_open(above)) {
      if (is_sub_headline(text, lines, i + 1)) return {half, i + 1};
      continue;
    }
    const float around = model_.continuation(above, below);
    // A stretched line is no line of a paragraph: the words need only not speak against it.
    if (around > stretched_around_ && around + better_by_ > model_.continuation(above, ink)) return {half, i + 1};
  }
  return {};
}

bool HalvedHeadlines::is_sub_headline(std::string_view text, std::span<const Line> lines, std::size_t i) {
  if (i + 1 >= lines.size()) return false;
  const std::string_view ink = lines[i].ink.of(text);
  constexpr std::uint32_t least = 8;  // half-ems
  return lines[i].width >= least && lines[i].width <= lines[i + 1].width && is_open(ink) && !begins_badly(ink) &&
         !has_sentence_marks(ink) && has_sentence_marks(lines[i + 1].ink.of(text));
}

}  // namespace inkwash::stages
