#include "stages/seams_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "stages/ends.h"

namespace inkwash::stages {
namespace {

bool is_mark(CharClass c) {
  return c == CharClass::stop || c == CharClass::pause || c == CharClass::close || c == CharClass::ascii_mark;
}
}  // namespace

SeamRows::SeamRows(Settings& s, const StageOptions& options, const Rules& rules)
    // Pairs of Latin words say too little of where a row is to be cut.
    : joint_costs_{CoherenceModel::of(s, rules).without_latin(), s.cost("cost.base"), s.cost("cost.least"),
                   s.cost("cost.most")},
      noise_(s),
      narrowest_(static_cast<std::int32_t>(s.number("width.narrowest", 4, 200))),
      widest_(static_cast<std::int32_t>(s.number("width.widest", 4, 400))),
      tolerance_(static_cast<std::int32_t>(s.number("width.tolerance", 0, 20))),
      indent_(static_cast<std::int32_t>(s.number("width.indent", 0, 20))),
      least_rows_(static_cast<std::size_t>(s.number("suspicion.rows", 1, 1000))),
      least_share_(s.number("suspicion.share", 0, 1)),
      grids_(s.count("suspicion.widths")),
      shadows_(s.characters("noise.shadows")),
      off_width_(s.cost("cost.off_width")),
      indented_(s.cost("cost.indented")),
      ends_(s.cost("cost.ends")),
      short_(s.cost("cost.short")),
      across_(s.cost("cost.across")),
      wide_row_(s.cost("cost.wide_row")),
      chinese_space_(s.cost("cost.chinese_space")),
      wide_space_(s.cost("cost.wide_space")),
      widest_space_(static_cast<float>(s.number("cost.widest_space", 1, 100))),
      no_space_(s.cost("cost.no_space")),
      gain_(s.cost("cost.gain")),
      ways_(static_cast<std::size_t>(s.number("cost.ways", 1, 1000))),
      columns_(static_cast<std::uint8_t>(s.number("cost.most_columns", 2, most_seam_columns))),
      shapes_(s, options, rules),
      shape_weight_(s.cost("shape.weight")) {}

SeamRow SeamRows::row_of(std::string_view text, const Line& line) {
  SeamRow row{line.ink, static_cast<std::int32_t>(line.width), false, {}, false};
  // A paragraph, not a row of columns.
  constexpr std::uint32_t widest_row = 400;
  if (line.width > widest_row) return row;
  if (!line.has(CharClass::space) || !has_space(line.ink.of(text))) return row;
  std::int32_t width = 0;
  std::size_t characters = 0, letters = 0;
  for (ByteOffset at = line.ink.begin; at < line.ink.end;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    const ByteOffset next = at + static_cast<ByteOffset>(length);
    const auto half = static_cast<std::int32_t>(half_ems(codepoint));
    characters += class_of(codepoint) != CharClass::space;
    letters += class_of(codepoint) == CharClass::latin;
    if (class_of(codepoint) == CharClass::space) {
      if (!row.seams.empty() && row.seams.back().space.end == at) {
        row.seams.back().space.end = next;
        row.seams.back().right = width + half;
      } else {
        row.seams.push_back({{at, next}, width, width + half});
      }
    }
    width += half;
    at = next;
  }
  row.width = width;
  row.is_spaced = 10 * row.seams.size() >= 3 * characters && 2 * letters < characters;
  for (Seam& seam : row.seams) seam.right = width - seam.right;
  // Of a letter-spaced row only a gap wider than the others can be a seam, and of one of Latin words.
  if (row.seams.size() >= 4 && (10 * row.seams.size() >= 7 * characters || 10 * letters >= 7 * characters)) {
    const auto gap_of = [&](const Seam& seam) { return width - seam.right - seam.left; };
    const auto narrowest = std::ranges::min(row.seams, {}, gap_of);
    std::erase_if(row.seams, [&](const Seam& seam) { return gap_of(seam) <= gap_of(narrowest); });
  }
  return row;
}

SeamParts::SeamParts(std::string_view text, std::size_t rows, const SeamNoise& noise, const SeamJoints::Costs& costs)
    : text_(text),
      noise_(noise),
      joints_(costs, rows),
      most_(std::bit_ceil(std::clamp<std::size_t>(16 * rows, 64, 4096))) {}

const SeamPart& SeamParts::of(TextRange range) {
  if (known_.empty()) known_.resize(most_);  // few texts are asked at all
  SeamPart& part = known_[(range.begin * 0x9E3779B1u + range.end) & (known_.size() - 1)];
  if (part.range == range) return part;
  const std::string_view all = range.of(text_), core = noise_.without(all);
  const auto begin = core.empty() ? range.begin : static_cast<ByteOffset>(core.data() - text_.data());
  part.range = range;
  part.core = {begin, begin + static_cast<ByteOffset>(core.size())};
  part.ends = joints_.ends_of(core);
  part.width = static_cast<std::int32_t>(valid_utf8_half_ems(core));
  part.is_open = is_open(all);
  part.is_closed = !core.empty() && !is_open(core);
  return part;
}

std::vector<SeamGrid> SeamRows::grids(std::span<const SeamRow> rows, SeamParts& parts) const {
  std::vector<SeamGrid> found;
  // Only rows with a space can be cut, which few of most pages have; of the others it is enough how wide they are.
  std::vector<std::uint32_t> with_space;
  for (std::uint32_t i = 0; i < rows.size(); ++i)
    if (!rows[i].seams.empty()) with_space.push_back(i);
  if (with_space.empty()) return found;
  if (with_space.size() < least_rows_) return grid_in_turn(rows, parts);
  std::vector<std::int32_t> widths;
  widths.reserve(rows.size());
  for (const SeamRow& row : rows) widths.push_back(row.width);
  std::sort(widths.begin(), widths.end());
  std::vector<std::pair<double, std::int32_t>> ranked;
  for (std::int32_t width = narrowest_; width <= widest_; ++width) {
    const auto wide = widths.end() - std::upper_bound(widths.begin(), widths.end(), width + tolerance_ + 2);
    std::size_t cuttable = 0, full = 0;
    for (const std::uint32_t i : with_space) {
      const SeamRow& row = rows[i];
      if (row.width <= width + tolerance_ + 2) continue;
      bool any = false, exact = false;
      for (const Seam& seam : row.seams) {
        const std::int32_t off = std::min(std::abs(seam.left - width), std::abs(seam.left - width + indent_));
        const bool rest_fits = seam.right <= (columns_ - 1) * (width + tolerance_) + 2;
        any |= off <= tolerance_ && rest_fits;
        exact |= std::abs(seam.left - width) <= 1 && rest_fits;
      }
      cuttable += any;
      full += exact;
    }
    if (cuttable < least_rows_ || static_cast<double>(cuttable) < least_share_ * static_cast<double>(wide)) continue;
    ranked.emplace_back(static_cast<double>(full) + 0.5 * static_cast<double>(cuttable), width);
  }
  if (ranked.empty()) return grid_in_turn(rows, parts);
  std::sort(ranked.rbegin(), ranked.rend());
  // Neighbours of a width that was chosen would find the same.
  for (const auto& [score, width] : ranked) {
    const bool near = std::any_of(found.begin(), found.end(),
                                  [w = width](const SeamGrid& other) { return std::abs(other.width - w) <= 1; });
    if (near || found.size() >= grids_) continue;
    std::uint8_t columns = 2;
    const auto needs_more = [&, w = width](const SeamRow& row) {
      return row.width > columns * (w + 1) + 2 * tolerance_ + 1;
    };
    while (columns < columns_ && static_cast<std::size_t>(std::ranges::count_if(rows, needs_more)) >= least_rows_)
      ++columns;
    found.push_back({width, columns});
  }
  return found;
}

/// Where few rows were joined: about the width that most lines have, if one that is wider can be cut there and lines
/// go on with the next but one rather than with the next.
std::vector<SeamGrid> SeamRows::grid_in_turn(std::span<const SeamRow> rows, SeamParts& parts) const {
  std::vector<std::uint32_t> how_many(static_cast<std::size_t>(widest_) + 1);
  for (const SeamRow& row : rows)
    if (row.width >= narrowest_ && row.width <= widest_) ++how_many[static_cast<std::size_t>(row.width)];
  std::uint32_t most = 0;
  std::int32_t width = 0;
  for (std::size_t w = 1; w + 1 < how_many.size(); ++w)
    if (const std::uint32_t about = how_many[w - 1] + how_many[w] + how_many[w + 1]; about > most) {
      most = about;
      width = static_cast<std::int32_t>(w);
    }
  if (most < 2 * least_rows_) return {};
  std::size_t wide = 0, cuttable = 0;
  for (const SeamRow& row : rows) {
    if (row.width <= width + tolerance_ + 2) continue;
    ++wide;
    cuttable += std::ranges::any_of(row.seams, [&](const Seam& seam) {
      return seam.left <= width + tolerance_ && seam.right <= width + tolerance_;
    });
  }
  if (cuttable == 0 || static_cast<double>(cuttable) < least_share_ * static_cast<double>(wide)) return {};
  // Of each row how it goes on, looked up some rows before it is asked for.
  SeamJoints& joints = parts.joints();
  std::vector<SeamEnds> ends;
  ends.reserve(rows.size());
  for (const SeamRow& row : rows) ends.push_back(parts.of(row.ink).ends);
  const auto is_asked = [&](std::size_t i) {
    return i + 2 < rows.size() && joints.is_open(ends[i].end) && std::abs(rows[i].width - width) <= tolerance_ &&
           rows[i + 2].width <= width + tolerance_;
  };
  float gain = 0;
  for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
    constexpr std::size_t near = 4, far = 8;
    if (is_asked(i + far)) joints.prefetch(ends[i + far].end);
    if (is_asked(i + near))
      for (const std::size_t below : {i + near + 1, i + near + 2})
        joints.prefetch(ends[i + near].end, ends[below].begin);
    if (is_asked(i)) gain += joints.cost(ends[i].end, ends[i + 1].begin) - joints.cost(ends[i].end, ends[i + 2].begin);
  }
  if (gain < gain_) return {};
  return {{width, 2}};
}

float SeamRows::width_cost(const SeamPart& part, std::int32_t column) const {
  const std::int32_t off = part.width - column;
  if (off > tolerance_ + 2) return std::numeric_limits<float>::infinity();
  const float full = off_width_ * static_cast<float>(std::abs(off));
  const float indented = indented_ + off_width_ * static_cast<float>(std::abs(off + indent_));
  const float ends = part.is_closed ? ends_ : short_;
  if (off > 0) return full;
  return std::min({full, indented, ends});
}

/// A full line that was justified by spaces between its characters.
bool SeamRows::is_justified(std::string_view core, std::int32_t column) const {
  std::size_t characters = 0, gaps = 0;
  std::int32_t ink = 0;
  bool was_space = false;
  for (std::size_t at = 0; at < core.size();) {
    const auto [c, length] = valid_utf8_next(core, at);
    const bool is_space = class_of(c) == CharClass::space;
    if (is_space && was_space) return false;  // more likely a gutter
    was_space = is_space;
    gaps += is_space;
    characters += !is_space;
    if (!is_space) ink += static_cast<std::int32_t>(half_ems(c));
    at += length;
  }
  return 10 * (gaps + 1) >= 7 * characters && ink <= column + tolerance_ && 2 * ink > column &&
         ink + static_cast<std::int32_t>(gaps) >= column;
}

LineShape SeamRows::shape_of(std::string_view text, const SeamPart& part, std::int32_t column) const {
  if (part.core.empty()) return LineShape::none;
  const auto full = static_cast<std::uint32_t>(column), width = static_cast<std::uint32_t>(part.width);
  // A justified line fills its column, its spaces apart.
  return shapes_.of(width > full && is_justified(part.core.of(text), column) ? full : width, full, !part.is_closed);
}

/// Whether it is so wide that two columns may have been joined without a space.
bool SeamRows::may_have_bare_seams(const SeamRow& row, std::int32_t column) const {
  return !row.in_table && row.width > column + tolerance_ + 2 && row.width <= 2 * (column + tolerance_) + 2;
}

/// Adds the places near a column's width at which it might be cut without a space.
void SeamRows::add_bare_seams(std::string_view text, SeamRow& row, std::int32_t column) const {
  std::int32_t width = 0;
  CharClass before = CharClass::space;
  for (ByteOffset at = row.ink.begin; at < row.ink.end && width <= column + tolerance_;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    const CharClass c = class_of(codepoint);
    const bool in_word = is_alphanumeric(before) && is_alphanumeric(c);
    // A mark begins no line, but may be a gutter's shadow; where a space follows the seam is there.
    const bool shadow = contains(shadows_, codepoint) && at + length < row.ink.end &&
                        class_of(valid_utf8_next(text, at + length).codepoint) != CharClass::space;
    const bool torn = is_mark(c) && !shadow;
    if (std::abs(width - column) <= tolerance_ && c != CharClass::space && before != CharClass::space && !in_word &&
        !torn)
      row.seams.push_back({{at, at}, width, row.width - width});
    before = c;
    width += static_cast<std::int32_t>(half_ems(codepoint));
    at += static_cast<ByteOffset>(length);
  }
  std::sort(row.seams.begin(), row.seams.end(),
            [](const Seam& a, const Seam& b) { return a.space.begin < b.space.begin; });
}

/// A row cut from its beginning up to some place: the places of its cuts, and what its pieces cost.
struct SeamRows::Cuts {
  std::array<std::uint32_t, most_seam_columns> pieces{};
  float cost = 0;
};

/// What reading a row takes, kept for the next one.
struct SeamRows::Memory {
  SeamRow row;
  std::vector<float> whole;  ///< cost of each space being none of the seams
  std::vector<float> up_to;  ///< of all spaces before each
  std::vector<std::uint32_t> known;
  std::vector<std::vector<Cuts>> up_to_place, next;
};

std::vector<SeamReading> SeamRows::read_row(const SeamRow& given, const SeamGrid& grid, SeamParts& parts,
                                            std::vector<SeamPiece>& pieces, Memory& memory) const {
  const auto [column, columns] = grid;
  const std::string_view text = parts.text();
  SeamJoints& joints = parts.joints();
  const bool is_longer = may_have_bare_seams(given, column);
  if (is_longer) add_bare_seams(text, memory.row = given, column);
  const SeamRow& row = is_longer ? memory.row : given;
  const bool stretched = !row.seams.empty() && is_stretched(row.ink.of(text));
  auto& [ignored, whole, up_to, known, up_to_place, next] = memory;
  float all = 0;
  whole.clear();
  up_to.assign(1, 0);
  for (const Seam& seam : row.seams) {
    const std::uint32_t left = parts.of({row.ink.begin, seam.space.begin}).ends.end;
    const std::uint32_t right = parts.of({seam.space.end, row.ink.end}).ends.begin;
    const float goes_on = joints.cost(left, right);
    if (seam.space.empty()) {
      // Uncut there is nothing to be explained; cut there is one more line that begins.
      whole.push_back(goes_on - joint_costs_.base - no_space_);
      up_to.push_back(all);
      continue;
    }
    const CharClass before = class_of(valid_utf8_previous(text, seam.space.begin).codepoint);
    const CharClass after = class_of(valid_utf8_next(text, seam.space.end).codepoint);
    const float in_chinese = is_cjk(before) && is_cjk(after) && !stretched ? chinese_space_ : 0;
    whole.push_back(goes_on + in_chinese +
                    wide_space_ * std::min(widest_space_, static_cast<float>(row.width - seam.left - seam.right - 1)));
    all += whole.back();
    up_to.push_back(all);
  }
  // Places of the row: its beginning, each seam, its end. A piece is the text from one of them to another.
  const std::size_t end = row.seams.size() + 1;
  const auto begin_of = [&](std::size_t place) { return place == 0 ? row.ink.begin : row.seams[place - 1].space.end; };
  const auto end_of = [&](std::size_t place) { return place == end ? row.ink.end : row.seams[place - 1].space.begin; };
  known.assign((end + 1) * (end + 1), ~0u);
  const auto piece = [&](std::size_t from, std::size_t to) {
    std::uint32_t& index = known[from * (end + 1) + to];
    if (index != ~0u) return index;
    const SeamPart& part = parts.of({begin_of(from), end_of(to)});
    float cost = std::numeric_limits<float>::infinity();
    if (row.is_spaced && to - from > 3 && is_justified(part.core.of(text), column))
      cost = up_to[from] - up_to[to - 1];  // those spaces are no oddity
    else if (!part.core.empty())
      cost = width_cost(part, column);
    pieces.push_back({part.range, part.ends, shape_of(text, part, column), cost, part.is_open});
    return index = static_cast<std::uint32_t>(pieces.size() - 1);
  };
  // A letter-spaced piece is half as wide again, its spaces counted.
  const std::int32_t widest_piece = (row.is_spaced ? 2 : 1) * column + tolerance_ + 2;
  const auto width_of = [&](std::size_t from, std::size_t to) {
    const std::int32_t left = to == end ? row.width : row.seams[to - 1].left;
    return left - (from == 0 ? 0 : row.width - row.seams[from - 1].right);
  };
  const std::uint32_t entire = piece(0, end);
  const bool at_width = std::any_of(row.seams.begin(), row.seams.end(), [&](const Seam& seam) {
    return !seam.space.empty() && std::abs(seam.left - column) <= 1 &&
           seam.right <= (columns - 1) * (column + tolerance_);
  });
  const bool is_wide = row.width > column + tolerance_ + 2;
  std::vector<SeamReading> readings;
  readings.reserve(row.seams.empty() ? columns + 1u : 4u * columns);
  readings.push_back({{entire}, {}, 1, true, all, false, (at_width ? across_ : 0) + (is_wide ? wide_row_ : 0)});
  if (const float cost = pieces[entire].width_cost; std::isfinite(cost) && !row.in_table)
    for (std::uint8_t c = 0; c < columns; ++c) readings.push_back({{entire}, {c}, 1, false, all + cost, c > 0});
  if (stretched || row.seams.empty()) return readings;
  // The cheapest ways to cut the row, up to each place into one piece more at a time: as many of each as are kept.
  for (auto* const places : {&up_to_place, &next}) {
    if (places->size() <= end) places->resize(end + 1);
    for (auto& ways : *places) ways.clear();
  }
  up_to_place[0].push_back({{}, all});
  const auto cheaper = [](const Cuts& a, const Cuts& b) { return a.cost < b.cost; };
  for (std::uint8_t count = 0; count < columns; ++count) {
    for (auto& ways : next) ways.clear();
    for (std::size_t from = 0; from < end; ++from) {
      if (up_to_place[from].empty()) continue;
      for (std::size_t to = from + 1; to <= end; ++to) {
        if (width_of(from, to) > widest_piece) break;
        if (to == end && count == 0) continue;  // which is not cut
        // One that there is no space at is only looked for between two columns.
        if (to != end && row.seams[to - 1].space.empty() && count > 0) continue;
        if (to != end && from > 0 && row.seams[from - 1].space.empty()) continue;
        const std::uint32_t index = piece(from, to);
        const float cost = pieces[index].width_cost - (to == end ? 0 : whole[to - 1]);
        if (!std::isfinite(cost)) continue;
        for (Cuts ways : up_to_place[from]) {
          ways.pieces[count] = index;
          ways.cost += cost;
          next[to].push_back(ways);
        }
      }
    }
    for (auto& ways : next)
      if (ways.size() > ways_) {
        std::ranges::nth_element(ways, ways.begin() + static_cast<std::ptrdiff_t>(ways_), cheaper);
        ways.resize(ways_);
      }
    up_to_place.swap(next);
    // Three pieces of a row that two columns would do for are rather words with spaces.
    if (count >= 2 && row.width <= 2 * (column - indent_)) break;
    // Each way with the columns that its pieces may stand in.
    const int pieces_of_row = count + 1;
    for (std::uint32_t set = 1; set < 1u << columns; ++set) {
      if (std::popcount(set) != pieces_of_row) continue;
      SeamReading reading{{}, {}, static_cast<std::uint8_t>(pieces_of_row), false, 0, (set & (set + 1)) != 0};
      for (std::uint8_t c = 0, k = 0; c < columns; ++c)
        if (set >> c & 1) reading.columns[k++] = c;
      for (const Cuts& ways : up_to_place[end]) {
        reading.pieces = ways.pieces;
        reading.cost = ways.cost;
        readings.push_back(reading);
      }
    }
  }
  return readings;
}

SeamWindow SeamRows::read(std::span<const SeamRow> rows, const SeamGrid& grid, SeamParts& parts) const {
  SeamWindow window(*this, parts.joints());
  window.pieces_.reserve(2 * rows.size());
  window.readings_.reserve(rows.size());
  Memory memory;
  LineShapes::Count count;  // of the pieces that each row most likely has
  for (const SeamRow& row : rows) {
    std::vector<SeamReading> readings = read_row(row, grid, parts, window.pieces_, memory);
    const SeamReading& likely = *std::min_element(readings.begin(), readings.end(), [](const auto& a, const auto& b) {
      return a.cost + a.prior < b.cost + b.prior;
    });
    for (std::size_t k = 0; k < likely.count; ++k) count.add(window.pieces_[likely.pieces[k]].shape);
    window.readings_.push_back(std::move(readings));
  }
  // Where paragraphs have no indent, or recognition, which leaves wide gaps, has spoilt the widths, they say nothing.
  const auto wide_gaps = static_cast<std::size_t>(std::ranges::count_if(rows, [](const SeamRow& row) {
    return std::ranges::any_of(row.seams, [&](const Seam& s) { return row.width - s.left - s.right > 1; });
  }));
  window.has_shapes_ = count.are_indented() && 3 * count.full >= count.all && 12 * wide_gaps < rows.size();
  return window;
}

float SeamWindow::below(std::uint32_t above, std::uint32_t below) const {
  const SeamPiece &a = pieces_[above], &b = pieces_[below];
  // What the widths of two pieces say about one standing below the other.
  const float shapes = has_shapes_ ? rules_->shape_weight_ * rules_->shapes_.odds(a.shape, b.shape) : 0;
  return joints_->cost(a.ends.end, b.ends.begin) - shapes;
}

float SeamWindow::next_column(std::uint32_t bottom, std::uint32_t top) const {
  // After the end of a sentence words say little of what stands at the top of the next column.
  return pieces_[bottom].is_open ? below(bottom, top) : 0.5f * rules_->joint_costs_.base;
}

float SeamWindow::least() const {
  return std::min({0.0f, rules_->joint_costs_.least, rules_->joint_costs_.base}) -
         rules_->shape_weight_ * rules_->shapes_.most();
}

/// Asks the memory for what will be asked of whole rows some rows below.
void SeamWindow::approach(std::size_t row) const {
  constexpr std::size_t near = 3, far = 6;
  const auto ends = [&](std::size_t i) { return pieces_[readings_[i].front().pieces[0]].ends; };
  if (row + far >= readings_.size()) return;
  joints_->prefetch(ends(row + far).end);
  for (std::size_t below = row + near + 1; below <= row + near + 2; ++below)
    joints_->prefetch(ends(row + near).end, ends(below).begin);
}

}  // namespace inkwash::stages
