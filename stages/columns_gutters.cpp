#include "stages/columns_gutters.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

namespace inkwash::stages {
namespace {

constexpr unsigned most_depth = 400;  ///< one level for each region of a block and inside of it
constexpr std::size_t most_candidates = 24;

std::ptrdiff_t signed_of(std::size_t n) { return static_cast<std::ptrdiff_t>(n); }
double real(std::size_t n) { return static_cast<double>(n); }

/// The value that `percent` of them are not greater than.
template <typename Value>
Value quantile(std::vector<Value>& values, std::size_t percent) {
  const std::size_t at = (values.size() - 1) * percent / 100;
  std::nth_element(values.begin(), values.begin() + signed_of(at), values.end());
  return values[at];
}

}  // namespace

ColumnLimits::ColumnLimits(Settings& settings) {
  const auto real_of = [&](std::string_view key, double least, double most) {
    return settings.number(key, least, most);
  };
  const auto whole = [&](std::string_view key, double least, double most) {
    return static_cast<std::int32_t>(settings.number(key, least, most));
  };
  const auto count = [&](std::string_view key, double least, double most) {
    return static_cast<std::uint32_t>(settings.number(key, least, most));
  };
  least_width = whole("gutter.least_width", 2, 16);
  wander = whole("gutter.wander", 0, 8);
  surely_gap = whole("gutter.surely", 2, 100);
  most_indent = whole("gutter.most_indent", 0, 16);
  most_shrinkage = whole("gutter.most_shrinkage", 0, 40);
  most_blank_lines = count("gutter.most_blank_lines", 1, 100);
  most_characters = count("gutter.most_characters", 80, 10000);
  half_em_ruler = real_of("gutter.half_em_ruler", 0, 1);
  least_lines = count("evidence.least_lines", 2, 100);
  least_out_of_step = count("evidence.least_out_of_step", 2, 100);
  least_share = real_of("evidence.least_share", 0, 1);
  least_aligned = real_of("evidence.least_aligned", 0, 1);
  least_exact = real_of("evidence.least_exact", 0, 1);
  wide_gap = whole("evidence.wide_gap", 1, 100);
  most_left = real_of("evidence.most_left", 0, 1);
  least_column_width = real_of("prose.least_column_width", 2, 100);
  full_line = real_of("prose.full_line", 0, 1);
  least_full_lines = real_of("prose.least_full_lines", 0, 1);
  least_punctuation = real_of("prose.least_punctuation", 0, 1);
  most_digits = real_of("prose.most_digits", 0, 1);
  most_punctuated_ends = real_of("prose.most_punctuated_ends", 0, 1);
  headline.short_line = real_of("headline.short_line", 0, 1);
  headline.short_line_after_blanks = real_of("headline.short_line_after_blanks", 0, 1);
  headline.wide_line = real_of("headline.wide_line", 1, 10);
  headline.blank = real_of("headline.blank", -10, 10);
  headline.blanks = real_of("headline.blanks", -10, 10);
  headline.blank_below = real_of("headline.blank_below", -10, 10);
  headline.too_wide = real_of("headline.too_wide", -10, 10);
  headline.past_column = real_of("headline.past_column", -10, 10);
  headline.deep = real_of("headline.deep", -10, 10);
  headline.page_middle = real_of("headline.page_middle", -10, 10);
  headline.column_middle = real_of("headline.column_middle", -10, 10);
  headline.text_ends = real_of("headline.text_ends", -10, 10);
  headline.text_goes_on = real_of("headline.text_goes_on", -10, 10);
  headline.least = real_of("headline.least", 0, 100);
}

bool Gutters::read(Block block, Ruler ruler, std::int32_t edge, std::uint32_t region, std::vector<Placed>& placed,
                   unsigned depth) {
  std::optional<Gutter> gutter;
  doubt_.reset();
  if (depth < most_depth) gutter = find(block);
  if (!gutter) {
    if (doubt_ && region == 0) doubts_.push_back(*doubt_);
    for (const Fragment& fragment : block) placed.push_back({fragment, ruler, edge, region});
    return false;
  }
  extend(block, *gutter);
  end_where_inner_gutters_end(block, *gutter);
  if (const auto headline = headline_in(block, *gutter)) {
    const Block above = block.first(*headline);
    const Block below = block.subspan(*headline);
    if (find(above) || find(below)) {
      const bool columns = read(above, ruler, edge, region, placed, depth + 1);
      return read(below, ruler, edge, region, placed, depth + 1) || columns;
    }
  }
  read(block.first(gutter->first), ruler, edge, region, placed, depth + 1);
  const std::uint32_t inside = region != 0 ? region : ++regions_;
  std::vector<Fragment> left;
  std::vector<Fragment> right;
  for (std::size_t i = gutter->first; i < gutter->last; ++i) {
    const Split& s = gutter->splits[i - gutter->first];
    if (s.side == Side::left) left.push_back(block[i]);
    if (s.side == Side::right) right.push_back(block[i]);
    if (s.side == Side::both) {
      left.push_back(page_.before(block[i], s.cut));
      right.push_back(page_.behind(block[i], s.cut));
      if (s.by_gap) cut_by_gap_.push_back(block[i].line);
    }
  }
  read(left, ruler, edge, inside, placed, depth + 1);
  read(right, gutter->ruler, gutter->edge, inside, placed, depth + 1);
  read(block.subspan(gutter->last), ruler, edge, region, placed, depth + 1);
  return true;
}

std::optional<Gutters::Gutter> Gutters::find(Block block) const {
  if (block.size() < limits_.least_lines) return std::nullopt;
  std::optional<Gutter> best;
  Gutter run;
  const auto close = [&] {
    // Judging may only trim the run, which takes nothing from its score.
    if (run.splits.empty() || (best && run.score <= best->score)) return;
    const Verdict verdict = judge(block, run);
    if (verdict == Verdict::yes && (!best || run.score > best->score)) best = run;
    if (verdict == Verdict::doubtful) doubt_ = {block[run.first].line, block[run.last - 1].line};
  };
  const auto restart = [&](std::size_t at) {
    run.first = run.last = at;
    run.score = 0;
    run.splits.clear();
  };
  for (const Ruler ruler : rulers) {
    for (const std::int32_t edge : candidates(block, ruler)) {
      run.ruler = ruler;
      run.edge = edge;
      restart(0);
      for (std::size_t i = 0; i < block.size(); ++i) {
        const Split at_line = split(block[i], ruler, edge);
        if (at_line.side == Side::across) {
          close();
          restart(i + 1);
          continue;
        }
        run.score += weight(at_line) * (ruler == by_half_ems ? limits_.half_em_ruler : 1);
        run.splits.push_back(at_line);
        run.last = i + 1;
      }
      close();
    }
  }
  return best;
}

/// Positions where ink begins behind white space on several lines, the most frequent first.
std::vector<std::int32_t> Gutters::candidates(Block block, Ruler ruler) const {
  std::vector<std::int32_t> begins;
  for (const Fragment& fragment : block) {
    for (const Gap& gap : page_.gaps_of(fragment)) begins.push_back(gap.end.position.on[ruler]);
    // Where the columns are out of step a line stands alone behind the gutter.
    const std::int32_t begin = fragment.begin.position.on[ruler];
    if (begin > limits_.most_indent) begins.push_back(begin);
  }
  std::sort(begins.begin(), begins.end());
  struct Count {
    std::int32_t edge;
    std::uint32_t lines;
  };
  std::vector<Count> counts;
  for (const std::int32_t begin : begins) {
    if (counts.empty() || counts.back().edge != begin) counts.push_back({begin, 0});
    ++counts.back().lines;
  }
  std::erase_if(counts, [](const Count& count) { return count.lines < 2; });
  std::stable_sort(counts.begin(), counts.end(), [](const Count& a, const Count& b) { return a.lines > b.lines; });
  if (counts.size() > most_candidates) counts.resize(most_candidates);
  std::vector<std::int32_t> edges;
  edges.reserve(counts.size());
  for (const Count& count : counts) edges.push_back(count.edge);
  return edges;
}

Gutters::Split Gutters::split(const Fragment& fragment, Ruler ruler, std::int32_t edge) const {
  Split result;
  const auto align = [&](std::int32_t begin) {
    const std::int32_t offset = begin - edge;
    result.exact = offset == 0;
    result.aligned = offset >= -limits_.wander && offset <= limits_.most_indent;
  };
  const std::int32_t begin = fragment.begin.position.on[ruler];
  if (begin >= edge) {
    result.side = Side::right;
    align(begin);
    return result;
  }
  if (fragment.end.position.on[ruler] < edge) {
    result.side = Side::left;
    return result;
  }
  const Gap* best = nullptr;
  std::int32_t best_distance = limits_.wander + 1;
  for (const Gap& gap : page_.gaps_of(fragment)) {
    const std::int32_t gap_end = gap.end.position.on[ruler];
    const bool covers = gap.begin.position.on[ruler] < edge && gap_end >= edge;
    const std::int32_t distance = covers ? -1 : std::abs(gap_end - edge);
    if (distance < best_distance) {
      best = &gap;
      best_distance = distance;
    }
  }
  if (best != nullptr) {
    result.side = Side::both;
    result.cut = *best;
    result.shifted = best_distance >= 0;
    align(best->end.position.on[ruler]);
  }
  return result;
}

double Gutters::weight(const Split& split) noexcept {
  if (split.side == Side::both) {
    if (split.tight) return 0.3;
    return split.exact ? 1 : split.aligned ? 0.6 : 0.1;
  }
  if (split.side == Side::right) return split.exact ? 0.5 : split.aligned ? 0.3 : 0;
  return 0;
}

/// Trims the run to the lines that have to do with the gutter and weighs them all.
Gutters::Verdict Gutters::judge(Block block, Gutter& run) const {
  trim(block, run);
  std::uint32_t both = 0;
  std::uint32_t supports = 0;
  std::uint32_t aligned = 0;
  std::uint32_t exact = 0;
  std::uint32_t changes = 0;  // from a line left of the gutter to one right of it, or back
  std::size_t last_support = 0;
  Side last = Side::both;
  for (const Split& s : run.splits) {
    changes += s.side != last && last != Side::both && s.side != Side::both;
    last = s.side;
    if (s.side == Side::left || s.tight) continue;
    both += s.side == Side::both;
    ++supports;
    last_support = static_cast<std::size_t>(&s - run.splits.data());
    aligned += s.aligned;
    exact += s.exact;
  }
  if (both < limits_.least_lines && both + changes / 2 < limits_.least_out_of_step) return Verdict::no;
  // The left column may go on alone below the right one.
  if (supports < limits_.least_share * real(last_support + 1)) return Verdict::no;
  if (aligned < limits_.least_aligned * supports || exact < limits_.least_exact * supports) return Verdict::no;
  return are_prose(block, run) ? Verdict::yes : Verdict::doubtful;
}

/// Leaves out lines at both ends of the run that only happen to miss the gutter.
void Gutters::trim(Block block, Gutter& run) const {
  const auto offset_of = [&](std::size_t i) {
    const Split& s = run.splits[i];
    const Place& place = s.side == Side::both ? s.cut.end : block[run.first + i].begin;
    return place.position.on[run.ruler] - run.edge;
  };
  // The offsets that several lines share: the edge and the paragraph's indent.
  std::array<std::uint16_t, 32> shared{};
  const auto slot = [&](std::size_t i) {
    const std::int32_t offset = offset_of(i);
    return offset >= 0 && offset < 32 ? static_cast<std::size_t>(offset) : shared.size();
  };
  std::size_t both = 0;
  std::size_t shifted = 0;
  for (std::size_t i = 0; i < run.splits.size(); ++i) {
    const Split& s = run.splits[i];
    both += s.side == Side::both;
    shifted += s.shifted;
    if (s.side != Side::left && s.aligned && slot(i) < shared.size()) ++shared[slot(i)];
  }
  const std::int32_t width = column_width(block, run, by_half_ems);
  const auto is_usual = [&](std::size_t i) {
    const Split& s = run.splits[i];
    if (s.exact || s.tight) return true;
    if (!s.aligned) return false;
    // A clause space of a headline may be near the edge by chance.
    if (s.shifted) return shifted * 4 > both;
    if (slot(i) < shared.size() && shared[slot(i)] > 1) return true;
    return s.side == Side::both &&
           beside(block[run.first + i], s.cut).first.half_ems() >= limits_.headline.short_line * width;
  };
  const auto follows_closely = [&](std::size_t i) {
    return page_.lines()[block[run.first + i].line].blanks_before == 0;
  };
  const auto begins_region = [&](std::size_t i) {
    const Split& s = run.splits[i];
    if (s.side == Side::both) return is_usual(i);
    if (s.side == Side::left) return false;
    // A headline may begin there by chance, unless the left column is there already.
    const bool beside_left =
        i > 0 && run.splits[i - 1].side == Side::left && follows_closely(i) && is_body_line(block, run, i - 1);
    if (!beside_left && !is_body_line(block, run, i)) return false;
    if (s.exact) return true;
    // A paragraph's first line, if the next line of the column follows.
    std::size_t next = i + 1;
    if (next < run.splits.size() && run.splits[next].side == Side::left) ++next;
    return is_usual(i) && next < run.splits.size() && run.splits[next].exact && follows_closely(next);
  };
  const auto ends_region = [&](std::size_t i) {
    if (run.splits[i].side != Side::left) return is_usual(i);
    // The first line of a headline whose next line crosses the gutter.
    const std::size_t next = run.first + i + 1;
    if (next < block.size() && page_.lines()[block[next].line].blanks_before == 0 &&
        split(block[next], run.ruler, run.edge).side == Side::across && !is_body_line(block, run, i))
      return false;
    return follows_closely(i) || is_full(block, run, i);
  };
  std::size_t begin = 0;
  while (begin < run.splits.size() && !begins_region(begin)) ++begin;
  // The left column may begin above.
  while (begin > 0 && begin < run.splits.size() && run.splits[begin - 1].side == Side::left && follows_closely(begin) &&
         is_body_line(block, run, begin - 1))
    --begin;
  std::size_t end = run.splits.size();
  while (end > begin && !ends_region(end - 1)) --end;
  run.splits.erase(run.splits.begin() + signed_of(end), run.splits.end());
  run.splits.erase(run.splits.begin(), run.splits.begin() + signed_of(begin));
  run.last = run.first + end;
  run.first += begin;
  run.score = 0;
  for (const Split& s : run.splits) run.score += weight(s);
  if (run.ruler == by_half_ems) run.score *= limits_.half_em_ruler;
}

/// Not a short line that may be a headline.
bool Gutters::is_body_line(Block block, const Gutter& run, std::size_t i) const {
  const Fragment& fragment = block[run.first + i];
  const CharClass last = page_.last_class(fragment);
  return last == CharClass::stop || last == CharClass::pause ||
         fragment.half_ems() >= limits_.headline.short_line * column_width(block, run, by_half_ems);
}

/// Reaches nearly to the gutter.
bool Gutters::is_full(Block block, const Gutter& run, std::size_t i) const {
  const std::int32_t width =
      block[run.first + i].end.position.on[run.ruler] - block[run.first].begin.position.on[run.ruler];
  return width >= limits_.full_line * run.edge;
}

/// The parts of a line that belong to the columns next to the cut; there may be more columns.
std::pair<Fragment, Fragment> Gutters::beside(const Fragment& fragment, const Gap& cut) const {
  Fragment left = page_.before(fragment, cut);
  Fragment right = page_.behind(fragment, cut);
  if (const auto gaps = page_.gaps_of(left); !gaps.empty()) left = page_.behind(left, gaps.back());
  if (const auto gaps = page_.gaps_of(right); !gaps.empty()) right = page_.before(right, gaps.front());
  return {left, right};
}

bool Gutters::are_prose(Block block, const Gutter& run) const {
  Look left;
  Look right;
  for (std::size_t i = 0; i < run.splits.size(); ++i) {
    const Split& s = run.splits[i];
    const Fragment& fragment = block[run.first + i];
    const auto gaps = page_.gaps_of(fragment);
    if (s.side == Side::both) {
      const auto [before, behind] = beside(fragment, s.cut);
      look_at(before, left);
      look_at(behind, right);
    } else if (s.side == Side::left) {
      look_at(gaps.empty() ? fragment : page_.behind(fragment, gaps.back()), left);
    } else {
      look_at(gaps.empty() ? fragment : page_.before(fragment, gaps.front()), right);
    }
  }
  return is_prose(left, true) && is_prose(right, false);
}

void Gutters::look_at(const Fragment& fragment, Look& look) const {
  for (std::size_t at = fragment.begin.byte; at < fragment.end.byte;) {
    const auto [codepoint, length] = valid_utf8_next(page_.text(), at);
    const CharClass c = class_of(codepoint);
    at += length;
    look.characters += c != CharClass::space;
    look.half_ems += c != CharClass::space ? half_ems(codepoint) : 0;
    look.digits += c == CharClass::digit;
    look.marks += c == CharClass::stop || c == CharClass::pause || c == CharClass::open || c == CharClass::close ||
                  codepoint == ',' || codepoint == '.' || codepoint == ';' || codepoint == '"';
  }
  const CharClass last = page_.last_class(fragment);
  look.widths.push_back(fragment.half_ems());
  look.punctuated_ends.push_back(last == CharClass::stop || last == CharClass::pause);
}

bool Gutters::is_prose(const Look& look, bool left) const {
  if (look.widths.empty()) return false;
  std::vector<std::int32_t> widths = look.widths;
  const std::int32_t usual = quantile(widths, 90);
  if (usual < limits_.least_column_width) return false;
  std::size_t full = 0;
  std::size_t punctuated = 0;
  for (std::size_t i = 0; i < look.widths.size(); ++i)
    if (look.widths[i] >= limits_.full_line * usual) {
      ++full;
      punctuated += look.punctuated_ends[i];
    }
  return real(full) >= limits_.least_full_lines * real(look.widths.size()) &&
         real(look.marks) >= limits_.least_punctuation * real(look.half_ems) / 2 &&
         real(look.digits) <= limits_.most_digits * real(look.characters) &&
         (!left || real(punctuated) <= limits_.most_punctuated_ends * real(full));
}

/// How wide the columns beside the gutter are, in half-ems: nine of ten lines are not wider.
Gutters::Widths Gutters::widths_of(Block block, const Gutter& run) const {
  std::vector<std::int32_t> left;
  std::vector<std::int32_t> right;
  for (std::size_t i = run.first; i < run.last; ++i) {
    const Split& s = run.splits[i - run.first];
    if (s.side != Side::both || s.tight) continue;
    const auto [before, behind] = beside(block[i], s.cut);
    left.push_back(before.half_ems());
    right.push_back(behind.half_ems());
  }
  if (left.empty()) return {};
  return {quantile(left, 90), quantile(right, 90)};
}

/// Where the left column's line is so full that the gutter shrank to one space, poppler takes both
/// for one stretch of text and does not pad it: then not the place tells the gutter but the
/// columns' widths.
std::optional<Gutters::Split> Gutters::split_by_width(const Fragment& fragment, const Gutter& run,
                                                      Widths widths) const {
  if (page_.is_letter_spaced(fragment)) return std::nullopt;
  const std::string_view text = page_.text();
  std::optional<Split> best;
  std::int32_t best_misfit = limits_.wander + 1;
  Place place = fragment.begin;
  bool after_space = true;
  while (place.byte < fragment.end.byte) {
    const auto [codepoint, length] = valid_utf8_next(text, place.byte);
    const bool space = class_of(codepoint) == CharClass::space;
    Place next = place;
    next.byte += length;
    next.position.on[by_characters] += 1;
    next.position.on[by_half_ems] += static_cast<std::int32_t>(half_ems(codepoint));
    if (space && !after_space && class_of(valid_utf8_next(text, next.byte).codepoint) != CharClass::space &&
        std::abs(next.position.on[run.ruler] - run.edge) <= limits_.most_shrinkage) {
      const Gap gap{place, next};
      const auto [left, right] = beside(fragment, gap);
      // An indent of two spaces stands for two ems; a deeper one is no paragraph's.
      std::int32_t indent = fragment.begin.position.on[run.ruler];
      if (left.begin.byte != fragment.begin.byte || indent > limits_.most_indent) indent = 0;
      const std::int32_t misfit =
          std::min(std::abs(left.half_ems() - widths.left), std::abs(left.half_ems() + 2 * indent - widths.left));
      if (misfit < best_misfit && right.half_ems() <= widths.right + limits_.wander) {
        best_misfit = misfit;
        best = Split{Side::both, false, false, false, true, false, gap};
      }
    }
    after_space = space;
    place = next;
  }
  return best;
}

/// Where the tool that read the page dropped the indent of a left column's line all that is behind it moved: then the
/// gap tells the gutter, wherever it is, with the columns' widths.
std::optional<Gutters::Split> Gutters::split_by_gap(const Fragment& fragment, Widths widths) const {
  if (page_.is_letter_spaced(fragment)) return std::nullopt;
  for (const Gap& gap : page_.gaps_of(fragment)) {
    if (gap.end.position.on[by_half_ems] - gap.begin.position.on[by_half_ems] < limits_.surely_gap) continue;
    const auto [left, right] = beside(fragment, gap);
    const std::int32_t missing = widths.left - left.half_ems();
    if (missing >= -limits_.wander && missing <= limits_.most_indent &&
        right.half_ems() <= widths.right + limits_.wander)
      return Split{Side::both, false, false, false, true, true, gap};
  }
  return std::nullopt;
}

/// Takes lines into the run that cross the gutter only because it shrank or moved there.
void Gutters::extend(Block block, Gutter& run) const {
  const Widths widths = widths_of(block, run);
  if (widths.left == 0) return;
  const auto take = [&](std::size_t i) -> std::optional<Split> {
    const Split at_line = split(block[i], run.ruler, run.edge);
    if (at_line.side != Side::across) return at_line;
    if (auto by_gap = split_by_gap(block[i], widths)) return by_gap;
    if (page_.lines()[block[i].line].blanks_before != 0) return std::nullopt;
    return split_by_width(block[i], run, widths);
  };
  const auto shrank = [](const Split& s) { return s.tight; };
  std::vector<Split> more;
  std::size_t useful = 0;
  for (std::size_t i = run.last; i < block.size(); ++i) {
    const auto at_line = take(i);
    if (!at_line) break;
    more.push_back(*at_line);
    if (at_line->side == Side::both) useful = more.size();
  }
  more.resize(useful);
  if (std::any_of(more.begin(), more.end(), shrank)) {
    run.splits.insert(run.splits.end(), more.begin(), more.end());
    run.last += more.size();
  }
  // Upwards only up to a line that has a gap: without one it may be a headline.
  more.clear();
  useful = 0;
  for (std::size_t i = run.first; i-- > 0;) {
    const auto at_line = take(i);
    if (!at_line) break;
    more.push_back(*at_line);
    if (at_line->side == Side::both && (at_line->tight ? !page_.gaps_of(block[i]).empty() : at_line->aligned))
      useful = more.size();
  }
  more.resize(useful);
  if (std::any_of(more.begin(), more.end(), shrank)) {
    run.splits.insert(run.splits.begin(), more.rbegin(), more.rend());
    run.first -= more.size();
  }
  trim(block, run);
}

/// All gutters of a region end together: lines below the end of a gutter further in, which they
/// cross, and that only happen to miss this one belong to the next region.
void Gutters::end_where_inner_gutters_end(Block block, Gutter& run) const {
  for (const Side side : {Side::left, Side::right}) {
    std::vector<Fragment> part;
    for (std::size_t i = run.first; i < run.last; ++i) {
      const Split& s = run.splits[i - run.first];
      if (s.side == side) part.push_back(block[i]);
      if (s.side == Side::both)
        part.push_back(side == Side::left ? page_.before(block[i], s.cut) : page_.behind(block[i], s.cut));
    }
    const auto inner = find(part);
    if (!inner) continue;
    const auto crosses = [&](const Fragment& fragment) {
      return split(fragment, inner->ruler, inner->edge).side == Side::across;
    };
    if (std::none_of(part.begin() + signed_of(inner->last), part.end(), crosses)) continue;
    const std::uint32_t inner_end = part[inner->last - 1].line;
    std::size_t end = run.last;
    std::uint32_t exact = 0;
    while (end > run.first && block[end - 1].line > inner_end) exact += run.splits[--end - run.first].exact;
    if (exact >= 2 || end == run.last) continue;
    Gutter shorter = run;
    shorter.splits.resize(end - run.first);
    shorter.last = end;
    if (judge(block, shorter) == Verdict::yes) run = std::move(shorter);
  }
}

/// Where the columns of the run begin: positions at which the ink of several lines begins, without
/// the paragraphs' indents.
std::vector<std::int32_t> Gutters::edges_of(Block block, const Gutter& run) const {
  std::vector<std::int32_t> begins;
  for (std::size_t i = run.first; i < run.last; ++i) {
    begins.push_back(block[i].begin.position.on[run.ruler]);
    for (const Gap& gap : page_.gaps_of(block[i])) begins.push_back(gap.end.position.on[run.ruler]);
  }
  std::sort(begins.begin(), begins.end());
  const std::size_t least = std::max<std::size_t>(3, run.splits.size() / 8);
  std::vector<std::int32_t> edges = {begins.front()};
  for (std::size_t i = 0; i + least <= begins.size(); ++i)
    if (begins[i] == begins[i + least - 1] && begins[i] > edges.back() + limits_.most_indent)
      edges.push_back(begins[i]);
  return edges;
}

/// How wide the columns of the run are: three of four lines are not wider.
std::int32_t Gutters::column_width(Block block, const Gutter& run, Ruler ruler) const {
  std::vector<std::int32_t> widths;
  for (std::size_t i = run.first; i < run.last; ++i) {
    std::int32_t begin = block[i].begin.position.on[ruler];
    for (const Gap& gap : page_.gaps_of(block[i])) {
      widths.push_back(gap.begin.position.on[ruler] - begin);
      begin = gap.end.position.on[ruler];
    }
    widths.push_back(block[i].end.position.on[ruler] - begin);
  }
  return widths.empty() ? 0 : quantile(widths, 75);
}

/// A headline between two articles that are set in the same columns need not be wide enough to
/// cross a gutter. What tells it from a sub-headline in a column: where it stands, and that the text
/// in the columns above it ends and another begins below. Returns the index in the block.
std::optional<std::size_t> Gutters::headline_in(Block block, const Gutter& run) const {
  const ColumnLimits::Headline& weights = limits_.headline;
  const auto begin_of = [&](std::size_t i) { return block[i].begin.position.on[run.ruler]; };
  const auto end_of = [&](std::size_t i) { return block[i].end.position.on[run.ruler]; };
  std::int32_t page_begin = begin_of(run.first);
  std::int32_t page_end = 0;
  bool indents = false;
  for (std::size_t i = run.first; i < run.last; ++i) {
    page_begin = std::min(page_begin, begin_of(i));
    page_end = std::max(page_end, end_of(i));
    const Split& s = run.splits[i - run.first];
    indents = indents || (s.side == Side::both && s.aligned && !s.exact);
  }
  const std::vector<std::int32_t> edges = edges_of(block, run);
  const std::int32_t width = column_width(block, run, run.ruler);
  const std::int32_t half_ems = column_width(block, run, by_half_ems);
  const auto blanks_before = [&](std::size_t i) {
    if (i == 0) return 0;
    if (block[i].line > block[i - 1].line + 2) return 1;
    return std::min<int>(page_.lines()[block[i].line].blanks_before, 2);
  };
  const auto column_at = [&](std::int32_t begin) {
    return *std::prev(std::upper_bound(edges.begin() + 1, edges.end(), begin));
  };
  // Begins far inside a column and ends outside of it.
  const auto passes_column = [&](std::size_t i) {
    const std::int32_t column_begin = column_at(begin_of(i));
    return begin_of(i) - column_begin > limits_.most_indent && end_of(i) > column_begin + width + 1;
  };
  const auto may_be_headline = [&](std::size_t i) {
    const Split& s = run.splits[i - run.first];
    if (s.side == Side::both) return !s.exact && page_.is_letter_spaced(block[i]);
    if (!page_.gaps_of(block[i]).empty()) return false;
    const CharClass last = page_.last_class(block[i]);
    if (last == CharClass::stop || last == CharClass::pause) return false;
    const double of_column = double(block[i].half_ems()) / half_ems;
    return of_column > weights.wide_line || passes_column(i) ||
           of_column < (blanks_before(i) >= 2 ? weights.short_line_after_blanks : weights.short_line);
  };
  // Whether the last column's text ends above line i, and the first column's begins at line i.
  const auto ends_above = [&](std::size_t i) {
    while (i-- > run.first) {
      const auto gaps = page_.gaps_of(block[i]);
      const std::int32_t begin = gaps.empty() ? begin_of(i) : gaps.back().end.position.on[run.ruler];
      if (begin + limits_.wander < edges.back()) continue;
      const CharClass last = page_.last_class(block[i]);
      return last == CharClass::stop || last == CharClass::close || end_of(i) - begin < weights.short_line * width
                 ? weights.text_ends
                 : weights.text_goes_on;
    }
    return 0.0;
  };
  const auto begins_below = [&](std::size_t i) {
    for (; i < run.last; ++i) {
      if (begin_of(i) >= run.edge) continue;
      const std::int32_t indent = begin_of(i) - page_begin;
      return indent > 0 && indent <= limits_.most_indent ? weights.text_ends : weights.text_goes_on;
    }
    return 0.0;
  };
  // A headline may reach past the column it would stand in, or stand in the middle of the page.
  const auto place_of = [&](std::size_t i) {
    const std::int32_t column_begin = column_at(begin_of(i));
    const std::int32_t column_end = column_begin + width;
    const std::int32_t middle = begin_of(i) + end_of(i);
    const std::int32_t off_page_middle = std::abs(middle - page_begin - page_end);
    const std::int32_t off_column_middle = std::abs(middle - column_begin - column_end);
    double place = 0;
    if (block[i].half_ems() > weights.wide_line * half_ems)
      place += weights.too_wide;
    else if (passes_column(i))
      place += weights.past_column;
    else if (begin_of(i) - column_begin > limits_.most_indent)
      place += weights.deep;
    else if (off_column_middle < off_page_middle && off_column_middle <= 4)
      place += weights.column_middle;
    if (off_page_middle < off_column_middle && off_page_middle <= 8) place += weights.page_middle;
    return place;
  };
  std::optional<std::size_t> best;
  double best_score = weights.least;
  for (std::size_t i = run.first + 1; i + 1 < run.last; ++i) {
    if (!may_be_headline(i)) continue;
    std::size_t end = i + 1;
    while (end < run.last && may_be_headline(end) && blanks_before(end) == 0 && end < i + 4) ++end;
    if (end == run.last) break;
    const int above = blanks_before(i);
    const int below = blanks_before(end);
    double score = above >= 2 ? weights.blanks : above * weights.blank;
    score += below > above ? weights.blank_below : below != 0 ? weights.blank : 0;
    double place = place_of(i);
    for (std::size_t line = i + 1; line < end; ++line) place = std::max(place, place_of(line));
    score += place;
    const std::int32_t column_begin = column_at(begin_of(i));
    // In the column where a sub-headline stands text always ends and begins: that says nothing.
    if (column_begin != edges.back()) score += ends_above(i);
    if (column_begin != edges.front() && indents) score += begins_below(end);
    if (score >= best_score && (!best || score > best_score)) {
      best_score = score;
      best = i;
    }
  }
  return best;
}

}  // namespace inkwash::stages
