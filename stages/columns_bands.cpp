#include "stages/columns_bands.h"

#include <algorithm>

namespace inkwash::stages {

ColumnBands::ColumnBands(Settings& s, const Rules& rules)
    : costs_{CoherenceModel::of(s, rules).without_latin(), s.cost("band.base"), s.cost("band.least"), s.cost("band.most")},
      least_blanks_(static_cast<std::uint32_t>(s.count("band.blanks"))),
      gain_(s.cost("band.gain")) {}

void ColumnBands::part(const Page& page, std::vector<Placed>& placed) const {
  SeamJoints joints(costs_);
  std::uint32_t last_region = 0;
  for (const Placed& item : placed) last_region = std::max(last_region, item.region);
  for (auto first = placed.begin(); first != placed.end();) {
    const std::uint32_t region = first->region;
    auto last = std::find_if(first, placed.end(), [&](const Placed& item) { return item.region != region; });
    if (region != 0) {
      const auto [top, bottom] = std::minmax_element(
          first, last, [](const Placed& a, const Placed& b) { return a.fragment.line < b.fragment.line; });
      const std::uint32_t top_line = top->fragment.line, bottom_line = bottom->fragment.line;
      for (std::uint32_t border = top_line + 1; border <= bottom_line; ++border) {
        if (page.lines()[border].blanks_before < least_blanks_) continue;
        if (gain_of(page, {first, last}, border, joints) < gain_) continue;
        const auto below =
            std::stable_partition(first, last, [&](const Placed& item) { return item.fragment.line < border; });
        ++last_region;
        for (auto item = below; item != last; ++item) item->region = last_region;
        first = below;  // where there may be another border
      }
    }
    first = last;
  }
}

/// How much better the region's columns go on with each other above the border and below it than across it.
float ColumnBands::gain_of(const Page& page, std::span<const Placed> region, std::uint32_t border,
                           SeamJoints& joints) const {
  struct Part {
    SeamEnds ends;
    bool below;
  };
  const auto ends_of = [&](const Placed& first, const Placed& last) {
    const auto ink = [&](const Placed& item) {
      return TextRange{item.fragment.begin.byte, item.fragment.end.byte}.of(page.text());
    };
    return SeamEnds{joints.ends_of(ink(first)).begin, joints.ends_of(ink(last)).end};
  };
  // The parts of columns above the border and below it, in reading order.
  std::vector<Part> parts;
  std::size_t above = 0;
  for (auto first = region.begin(); first != region.end();) {
    auto last = first + 1;
    const bool below = first->fragment.line >= border;
    while (last != region.end() && last->fragment.line > (last - 1)->fragment.line &&
           (last->fragment.line >= border) == below)
      ++last;
    parts.push_back({ends_of(*first, *(last - 1)), below});
    above += !below;
    first = last;
  }
  if (above < 2 || parts.size() - above < 2) return 0;
  const auto cost = [&] {
    float sum = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) sum += joints.cost(parts[i].ends.end, parts[i + 1].ends.begin);
    return sum;
  };
  const float as_one = cost();
  std::ranges::stable_partition(parts, [](const Part& part) { return !part.below; });
  return as_one - cost();
}

}  // namespace inkwash::stages
