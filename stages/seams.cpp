#include "stages/seams.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/line_shape.h"
#include "stages/seams_noise.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { cut, order, noise };
constexpr RuleInfo rule_list[] = {
    {"seams.cut", "the space at which two columns were joined becomes a line end", Effect::space},
    {"seams.order", "columns that were read across are put below each other", Effect::move},
    {"seams.noise", "marks that recognition read in a gutter or at a page's edge are dropped", Effect::drop},
};

constexpr std::size_t most_columns = 3;
constexpr std::uint32_t none = ~0u;

/// A space inside a row, or (empty) a place between two characters at a column's width.
struct Seam {
  TextRange space;
  std::int32_t left;   ///< half-ems of the row before it
  std::int32_t right;  ///< half-ems of the row up to its end
};

struct Row {
  TextRange ink;
  std::int32_t width = 0;
  bool is_spaced = false;  ///< so many spaces that a column's line may be letter-spaced
  std::vector<Seam> seams;
  bool in_table = false;  ///< stays as it is
};

/// What of a text tells how it goes on, and whether it goes on another.
struct Ends {
  bool empty;  ///< nothing but noise
  bool is_open, begins_badly;
  mutable CoherenceModel::Tail tail;  ///< prepared when first asked for
  CoherenceModel::Head head;
};

/// A part of a row: from one seam (or its beginning) to another (or its end).
struct Piece {
  TextRange range;
  Ends ends;
  LineShape shape;
  float width_cost;  ///< of its standing in a column; infinite where it is too wide
};

/// One way to read a row: its pieces from left to right, each with its column. No columns: the row
/// stands across them.
struct Reading {
  std::array<std::uint32_t, most_columns> pieces;
  std::array<std::uint8_t, most_columns> columns;
  std::uint8_t count;
  bool across;
  float cost;       ///< of the pieces' widths and of the spaces that are no seams
  bool skips;       ///< has no piece in a column left of another
  float prior = 0;  ///< of standing across columns
};

class SeamsStage final : public Stage {
 public:
  SeamsStage(Settings& s, const StageOptions& options, const Rules& rules)
      // Pairs of Latin words say too little of where a row is to be cut.
      : model_(CoherenceModel::of(s, rules).without_latin()),
        window_(static_cast<std::size_t>(s.number("window", 10, 10000))),
        narrowest_(static_cast<std::int32_t>(s.number("width.narrowest", 4, 200))),
        widest_(static_cast<std::int32_t>(s.number("width.widest", 4, 400))),
        tolerance_(static_cast<std::int32_t>(s.number("width.tolerance", 0, 20))),
        indent_(static_cast<std::int32_t>(s.number("width.indent", 0, 20))),
        least_rows_(static_cast<std::size_t>(s.number("suspicion.rows", 1, 1000))),
        least_share_(s.number("suspicion.share", 0, 1)),
        noise_(s),
        shadows_(s.characters("noise.shadows")),
        least_noise_(static_cast<std::size_t>(s.number("noise.least", 1, 1000))),
        base_(s.cost("cost.base")),
        least_(s.cost("cost.least")),
        most_(s.cost("cost.most")),
        region_(s.cost("cost.region")),
        off_width_(s.cost("cost.off_width")),
        indented_(s.cost("cost.indented")),
        ends_(s.cost("cost.ends")),
        short_(s.cost("cost.short")),
        skipped_kept_(1 - 1 / std::max(1.0f, s.cost("cost.skipped_kept"))),
        skipped_least_(s.cost("cost.skipped_least")),
        skipped_most_(s.cost("cost.skipped_most")),
        skipped_first_(s.cost("cost.skipped_first")),
        gain_(s.cost("cost.gain")),
        gain_per_row_(s.cost("cost.gain_per_row")),
        gain_per_lone_row_(s.cost("cost.gain_per_lone_row")),
        many_(s.number("cost.many", 0, 1)),
        across_(s.cost("cost.across")),
        wide_row_(s.cost("cost.wide_row")),
        chinese_space_(s.cost("cost.chinese_space")),
        wide_space_(s.cost("cost.wide_space")),
        widest_space_(static_cast<float>(s.number("cost.widest_space", 1, 100))),
        no_space_(s.cost("cost.no_space")),
        hopeless_(s.cost("cost.hopeless")),
        beam_(static_cast<std::size_t>(s.number("cost.beam", 1, 100000))),
        narrow_beam_(static_cast<std::size_t>(s.number("cost.narrow_beam", 1, 100000))),
        shapes_(s, options, rules),
        shape_weight_(s.cost("shape.weight")) {
    cheapest_link_ = std::min({0.0f, least_, base_}) - shape_weight_ * shapes_.most();
  }

  const StageInfo& info() const noexcept override { return seams_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::span<const Line> lines = document.lines();
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    for (std::size_t first = 0; first < lines.size(); first += window_) {
      const std::size_t last = std::min(lines.size(), first + window_);
      search_window(document, first, last, done, order_list, proposal);
    }
    if (order_list.empty()) return;
    const auto size = static_cast<ByteOffset>(document.text().size());
    if (done < size) order_list.push_back({done, size});
    if (!document.text().ends_with('\n')) proposal.insert(size, "\n", cut);
    proposal.arrange(std::move(order_list), order, 90);
  }

 private:
  static Row row_of(std::string_view text, const Line& line) {
    Row row{line.ink, static_cast<std::int32_t>(line.width), false, {}};
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

  struct Grid {
    std::int32_t width;  ///< of a column
    std::uint8_t columns;
  };
  /// How many columns how wide there may be. Only widths at which most of the wide rows can be cut
  /// are tried; a third column needs rows that two can't hold.
  std::vector<Grid> grids(std::string_view text, std::span<const Row> rows) const {
    std::vector<Grid> found;
    // Only rows with a space can be cut, which few of most pages have; of the others it is enough how wide they are.
    std::vector<std::uint32_t> with_space;
    for (std::uint32_t i = 0; i < rows.size(); ++i)
      if (!rows[i].seams.empty()) with_space.push_back(i);
    if (with_space.empty()) return found;
    if (with_space.size() < least_rows_) return grid_in_turn(text, rows);
    std::vector<std::int32_t> widths;
    widths.reserve(rows.size());
    for (const Row& row : rows) widths.push_back(row.width);
    std::sort(widths.begin(), widths.end());
    std::vector<std::pair<double, std::int32_t>> ranked;
    for (std::int32_t width = narrowest_; width <= widest_; ++width) {
      const auto wide = widths.end() - std::upper_bound(widths.begin(), widths.end(), width + tolerance_ + 2);
      std::size_t cuttable = 0, full = 0;
      for (const std::uint32_t i : with_space) {
        const Row& row = rows[i];
        if (row.width <= width + tolerance_ + 2) continue;
        bool any = false, exact = false;
        for (const Seam& seam : row.seams) {
          const std::int32_t off = std::min(std::abs(seam.left - width), std::abs(seam.left - width + indent_));
          const bool rest_fits = seam.right <= static_cast<std::int32_t>(most_columns - 1) * (width + tolerance_) + 2;
          any |= off <= tolerance_ && rest_fits;
          exact |= std::abs(seam.left - width) <= 1 && rest_fits;
        }
        cuttable += any;
        full += exact;
      }
      if (cuttable < least_rows_ || static_cast<double>(cuttable) < least_share_ * static_cast<double>(wide)) continue;
      ranked.emplace_back(static_cast<double>(full) + 0.5 * static_cast<double>(cuttable), width);
    }
    if (ranked.empty()) return grid_in_turn(text, rows);
    std::sort(ranked.rbegin(), ranked.rend());
    // Neighbours of a width that was chosen would find the same.
    for (const auto& [score, width] : ranked) {
      const bool near = std::any_of(found.begin(), found.end(),
                                    [w = width](const Grid& other) { return std::abs(other.width - w) <= 1; });
      if (near || found.size() >= 4) continue;
      const auto needs_three = static_cast<std::size_t>(std::count_if(
          rows.begin(), rows.end(), [&, w = width](const Row& row) { return row.width > 2 * (w + tolerance_) + 3; }));
      found.push_back({width, needs_three >= least_rows_ ? std::uint8_t{3} : std::uint8_t{2}});
    }
    return found;
  }

  /// Where few rows were joined: about the width that most lines have, if one that is wider can be cut there and lines
  /// go on with the next but one rather than with the next.
  std::vector<Grid> grid_in_turn(std::string_view text, std::span<const Row> rows) const {
    std::vector<std::uint32_t> how_many(static_cast<std::size_t>(widest_) + 1);
    for (const Row& row : rows)
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
    for (const Row& row : rows) {
      if (row.width <= width + tolerance_ + 2) continue;
      ++wide;
      cuttable += std::ranges::any_of(row.seams, [&](const Seam& seam) {
        return seam.left <= width + tolerance_ && seam.right <= width + tolerance_;
      });
    }
    if (cuttable == 0 || static_cast<double>(cuttable) < least_share_ * static_cast<double>(wide)) return {};
    // Of each row how it goes on, looked up some rows before it is asked for.
    std::vector<Ends> ends;
    ends.reserve(rows.size());
    for (const Row& row : rows) ends.push_back(ends_of(row.ink.of(text)));
    const auto is_asked = [&](std::size_t i) {
      return i + 2 < rows.size() && ends[i].is_open && std::abs(rows[i].width - width) <= tolerance_ &&
             rows[i + 2].width <= width + tolerance_;
    };
    float gain = 0;
    for (std::size_t i = 0; i + 2 < rows.size(); ++i) {
      constexpr std::size_t near = 4, far = 8;
      if (is_asked(i + far)) model_.prefetch_ending(ends[i + far].tail);
      if (is_asked(i + near)) {
        model_.prepare(ends[i + near].tail);
        for (const std::size_t below : {i + near + 1, i + near + 2})
          model_.prefetch_first(ends[i + near].tail, ends[below].head);
      }
      if (is_asked(i)) gain += cost_of_link(ends[i], ends[i + 1]) - cost_of_link(ends[i], ends[i + 2]);
    }
    if (gain < gain_) return {};
    return {{width, 2}};
  }

  static bool is_mark(CharClass c) {
    return c == CharClass::stop || c == CharClass::pause || c == CharClass::close || c == CharClass::ascii_mark;
  }
  float width_cost(std::string_view ink, std::int32_t width, std::int32_t column) const {
    const std::int32_t off = width - column;
    if (off > tolerance_ + 2) return std::numeric_limits<float>::infinity();
    const float full = off_width_ * static_cast<float>(std::abs(off));
    const float indented = indented_ + off_width_ * static_cast<float>(std::abs(off + indent_));
    const float ends = is_open(ink) ? short_ : ends_;
    if (off > 0) return full;
    return std::min({full, indented, ends});
  }

  /// A full line that was justified by spaces between its characters.
  bool is_justified(std::string_view core, std::int32_t column) const {
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

  LineShape shape_of(std::string_view core, std::int32_t column) const {
    const auto full = static_cast<std::uint32_t>(column);
    const auto width = static_cast<std::uint32_t>(valid_utf8_half_ems(core));
    // A justified line fills its column, its spaces apart.
    return shapes_.of(width > full && is_justified(core, column) ? full : width, full, is_open(core));
  }

  struct Link {
    std::uint32_t a = none, b = none;
    float cost = 0;
  };
  struct Window {
    std::string_view text;
    std::span<const Row> rows;
    std::vector<Piece> pieces;
    bool has_shapes = false;                     ///< first lines of paragraphs are indented
    std::vector<std::vector<Reading>> readings;  ///< of each row; the first is across
    /// Between pieces, the latest asked for: all that a row asks for again, and no more with many pieces.
    mutable std::vector<Link> links;
  };

  Ends ends_of(std::string_view text) const {
    const std::string_view core = noise_.without(text);
    if (core.empty()) return {true, false, false, {}, {}};
    return {false, is_open(core), begins_badly(core), model_.tail_of(core), model_.head_of(core)};
  }

  /// Cost of one piece standing below another, or going on with it.
  float cost_of_link(const Ends& a, const Ends& b) const {
    constexpr float torn_apart = 10;
    if (a.empty || b.empty) return base_;
    if (b.begins_badly && a.is_open) return torn_apart;
    if (!a.tail.ending) model_.prepare(a.tail);
    const float cost = std::clamp(base_ - model_.continuation(a.tail, b.head), least_, most_);
    // What follows the end of a sentence is often hard to foresee.
    return a.is_open ? cost : std::min(cost, 0.75f * base_);
  }
  /// What the widths of two pieces say about one standing below the other.
  float shape_cost(const Window& window, std::uint32_t a, std::uint32_t b) const {
    return window.has_shapes ? -shape_weight_ * shapes_.odds(window.pieces[a].shape, window.pieces[b].shape) : 0;
  }
  float link(const Window& window, std::uint32_t a, std::uint32_t b) const {
    Link& known = window.links[(a * 0x9E3779B1u + b) % window.links.size()];
    if (known.a != a || known.b != b)
      known = {a, b, cost_of_link(window.pieces[a].ends, window.pieces[b].ends) + shape_cost(window, a, b)};
    return known.cost;
  }

  /// Adds the places near a column's width at which a row that is too wide might be cut without a space.
  Row with_bare_seams(std::string_view text, const Row& row, std::int32_t column) const {
    if (row.width <= column + tolerance_ + 2 || row.width > 2 * (column + tolerance_) + 2) return row;
    Row more = row;
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
        more.seams.push_back({{at, at}, width, row.width - width});
      before = c;
      width += static_cast<std::int32_t>(half_ems(codepoint));
      at += static_cast<ByteOffset>(length);
    }
    std::sort(more.seams.begin(), more.seams.end(),
              [](const Seam& a, const Seam& b) { return a.space.begin < b.space.begin; });
    return more;
  }

  void read_rows(Window& window, std::int32_t column, std::uint8_t columns) const {
    LineShapes::Count count;  // of the pieces that each row most likely has
    for (const Row& given : window.rows) {
      const bool stretched = is_stretched(given.ink.of(window.text));
      const Row row = given.in_table ? given : with_bare_seams(window.text, given, column);
      std::vector<Reading> readings;
      std::vector<float> whole;  // cost of each space being none of the seams
      float all = 0;
      std::vector<float> up_to{0};  // of all spaces before each
      for (const Seam& seam : row.seams) {
        const float goes_on = cost_of_link(ends_of(TextRange{row.ink.begin, seam.space.begin}.of(window.text)),
                                           ends_of(TextRange{seam.space.end, row.ink.end}.of(window.text)));
        if (seam.space.empty()) {
          // Uncut there is nothing to be explained; cut there is one more line that begins.
          whole.push_back(goes_on - base_ - no_space_);
          up_to.push_back(all);
          continue;
        }
        const CharClass before = class_of(valid_utf8_previous(window.text, seam.space.begin).codepoint);
        const CharClass after = class_of(valid_utf8_next(window.text, seam.space.end).codepoint);
        const float in_chinese = is_cjk(before) && is_cjk(after) && !stretched ? chinese_space_ : 0;
        whole.push_back(goes_on + in_chinese +
                        wide_space_ *
                            std::min(widest_space_, static_cast<float>(row.width - seam.left - seam.right - 1)));
        all += whole.back();
        up_to.push_back(all);
      }
      // Spaces `from` up to `to` are inside the piece.
      const auto piece = [&](ByteOffset begin, ByteOffset end, std::size_t from, std::size_t to) {
        const TextRange range{begin, end};
        const std::string_view core = noise_.without(range.of(window.text));
        float cost = std::numeric_limits<float>::infinity();
        if (row.is_spaced && to - from >= 3 && is_justified(core, column))
          cost = up_to[from] - up_to[to];  // those spaces are no oddity
        else if (!core.empty())
          cost = width_cost(core, static_cast<std::int32_t>(valid_utf8_half_ems(core)), column);
        const LineShape shape = core.empty() ? LineShape::none : shape_of(core, column);
        window.pieces.push_back({range, ends_of(range.of(window.text)), shape, cost});
        return static_cast<std::uint32_t>(window.pieces.size() - 1);
      };
      // A letter-spaced piece is half as wide again, its spaces counted.
      const std::int32_t widest_piece = (row.is_spaced ? 2 : 1) * column + tolerance_ + 2;
      const std::uint32_t entire = piece(row.ink.begin, row.ink.end, 0, row.seams.size());
      const bool at_width = std::any_of(row.seams.begin(), row.seams.end(), [&](const Seam& seam) {
        return !seam.space.empty() && std::abs(seam.left - column) <= 1 && seam.right <= column + tolerance_;
      });
      const bool is_wide = row.width > column + tolerance_ + 2;
      readings.push_back({{entire}, {}, 1, true, all, false, (at_width ? across_ : 0) + (is_wide ? wide_row_ : 0)});
      if (const float cost = window.pieces[entire].width_cost; std::isfinite(cost) && !row.in_table)
        for (std::uint8_t c = 0; c < columns; ++c) readings.push_back({{entire}, {c}, 1, false, all + cost, c > 0});
      for (std::size_t i = 0; i < row.seams.size(); ++i) {
        const Seam& seam = row.seams[i];
        if (seam.left > widest_piece || stretched) continue;
        const std::uint32_t left = piece(row.ink.begin, seam.space.begin, 0, i);
        if (seam.right <= widest_piece) {
          const std::uint32_t right = piece(seam.space.end, row.ink.end, i + 1, row.seams.size());
          const float cost = all - whole[i] + window.pieces[left].width_cost + window.pieces[right].width_cost;
          if (std::isfinite(cost))
            for (std::uint8_t a = 0; a + 1u < columns; ++a)
              for (std::uint8_t b = a + 1; b < columns; ++b)
                readings.push_back({{left, right}, {a, b}, 2, false, cost, a > 0 || b - a > 1});
        }
        if (seam.space.empty()) continue;
        for (std::size_t k = i + 1; columns > 2 && k < row.seams.size(); ++k) {
          const Seam& other = row.seams[k];
          if (other.space.empty()) continue;
          const std::int32_t between = other.left - (row.width - seam.right);
          if (between > widest_piece || other.right > widest_piece) continue;
          const std::uint32_t middle = piece(seam.space.end, other.space.begin, i + 1, k);
          const std::uint32_t right = piece(other.space.end, row.ink.end, k + 1, row.seams.size());
          const float cost = all - whole[i] - whole[k] + window.pieces[left].width_cost +
                             window.pieces[middle].width_cost + window.pieces[right].width_cost;
          // Three pieces of a row that two columns would do for are rather words with spaces.
          if (std::isfinite(cost) && row.width > 2 * (column - indent_))
            readings.push_back({{left, middle, right}, {0, 1, 2}, 3, false, cost, false});
        }
      }
      const Reading& likely = *std::min_element(readings.begin(), readings.end(), [](const auto& a, const auto& b) {
        return a.cost + a.prior < b.cost + b.prior;
      });
      for (std::size_t k = 0; k < likely.count; ++k) count.add(window.pieces[likely.pieces[k]].shape);
      window.readings.push_back(std::move(readings));
    }
    // Where paragraphs have no indent, or recognition, which leaves wide gaps, has spoilt the widths, they say nothing.
    const auto wide_gaps = static_cast<std::size_t>(std::ranges::count_if(window.rows, [](const Row& row) {
      return std::ranges::any_of(row.seams, [&](const Seam& s) { return row.width - s.left - s.right > 1; });
    }));
    window.has_shapes = count.are_indented() && 3 * count.full >= count.all && 12 * wide_gaps < window.rows.size();
  }

  /// The last and first piece of each column so far (of no column where the row stands across).
  struct State {
    std::array<std::uint32_t, most_columns> last, first;
    std::uint32_t across;  ///< the last row across; none inside a region
    float cost;
    float rows, skipped;  ///< of the columns, and those of them that skip one; older ones count less
    std::uint32_t parent, reading;
    std::uint8_t columns;  ///< how many the region has so far
  };

  /// Rows of one column are half a line lower than another's all down a page or nowhere: what one more costs is the
  /// logarithm of how rare they were among the last rows, within limits.
  float cost_of_skipping(const State& state) const {
    constexpr float prior = 0.5f;  // of an adaptive code of yes and no (Krichevsky and Trofimov, 1981)
    return std::clamp(std::log((state.rows + 2 * prior) / (state.skipped + prior)), skipped_least_, skipped_most_);
  }

  float close(const Window& window, const State& state) const {
    float cost = 0;
    std::uint32_t before = none;
    for (std::size_t c = 0; c < most_columns; ++c) {
      if (state.first[c] == none) continue;
      if (before != none) {
        // After the end of a sentence words say little of what stands at the top of the next column.
        cost +=
            is_open(window.pieces[before].range.of(window.text)) ? link(window, before, state.first[c]) : 0.5f * base_;
      }
      before = state.last[c];
    }
    return cost;
  }

  /// Asks the memory for what will be asked of whole rows some rows below.
  void approach(const Window& window, std::size_t i) const {
    constexpr std::size_t near = 3, far = 6;
    const auto ends = [&](std::size_t row) -> const Ends& {
      return window.pieces[window.readings[row].front().pieces[0]].ends;
    };
    if (i + far >= window.rows.size()) return;
    model_.prefetch_ending(ends(i + far).tail);
    const Ends& above = ends(i + near);
    if (!above.tail.ending) model_.prepare(above.tail);
    for (std::size_t below = i + near + 1; below <= i + near + 2; ++below)
      model_.prefetch_first(above.tail, ends(below).head);
  }

  struct Result {
    float cost = 0;
    std::vector<std::uint32_t> readings;  ///< index of each row's
  };
  /// A state that may follow one of the row above: by that reading of the row. States are made of the few that stay.
  struct Successor {
    float cost;
    std::uint32_t parent, reading;
  };

  /// `own`: what the reading costs by itself; `skipping`: what one that skips a column costs after that state.
  float cost_of(const Window& window, const State& parent, const Reading& reading, float own, float skipping) const {
    float cost = parent.cost + own;
    if (reading.across) {
      if (parent.columns > 0) return cost + (close(window, parent) + 0.5f * base_ + region_);
      return parent.across == none ? cost : cost + link(window, parent.across, reading.pieces[0]);
    }
    if (reading.skips) cost += skipping;
    std::uint8_t columns = parent.columns;
    if (columns == 0) {
      cost += region_ + (reading.skips ? skipped_first_ : 0);
      if (parent.across != none) cost += link(window, parent.across, reading.pieces[0]);
    }
    for (std::size_t k = 0; k < reading.count; ++k) {
      const std::uint32_t above = parent.last[reading.columns[k]];
      if (above != none)
        cost += link(window, above, reading.pieces[k]);
      else if (columns++ > 0)
        cost += base_;
    }
    return cost;
  }
  State state_of(const Successor& successor, const State& parent, const Reading& reading) const {
    State state = parent;
    state.cost = successor.cost;
    state.parent = successor.parent;
    state.reading = successor.reading;
    state.across = none;
    if (reading.across) {
      state.last.fill(none);
      state.first.fill(none);
      state.columns = 0;
      state.across = reading.pieces[0];
      return state;
    }
    state.rows = 1 + skipped_kept_ * parent.rows;
    state.skipped = (reading.skips ? 1.0f : 0.0f) + skipped_kept_ * parent.skipped;
    for (std::size_t k = 0; k < reading.count; ++k) {
      const std::uint8_t c = reading.columns[k];
      if (state.last[c] == none) {
        state.first[c] = reading.pieces[k];
        ++state.columns;
      }
      state.last[c] = reading.pieces[k];
    }
    return state;
  }

  /// `most_pieces`: 0 leaves all rows across, 1 cuts none. `beam`: states that are kept.
  Result search(const Window& window, std::uint8_t most_pieces, std::size_t beam) const {
    std::vector<std::vector<State>> fronts(window.rows.size() + 1);
    State start{};
    start.last.fill(none);
    start.first.fill(none);
    start.across = none;
    start.parent = start.reading = none;
    fronts[0].push_back(start);
    std::vector<Successor> successors;
    for (std::size_t i = 0; i < window.rows.size(); ++i) {
      approach(window, i);
      successors.clear();
      float best = std::numeric_limits<float>::infinity();
      for (std::uint32_t p = 0; p < fronts[i].size(); ++p) {
        const State& parent = fronts[i][p];
        const float skipping = most_pieces > 0 ? cost_of_skipping(parent) : 0;
        for (std::uint32_t r = 0; r < window.readings[i].size(); ++r) {
          const Reading& reading = window.readings[i][r];
          if (!reading.across && reading.count > most_pieces) continue;
          // Most are hopeless however well their pieces go on, which is the dearest to ask.
          const int links = reading.across ? std::max(1, parent.columns - 1) : parent.columns == 0 ? 1 : reading.count;
          constexpr float rounding = 0.01f;
          // Where no columns are looked for, none are expected.
          const float own = reading.cost + (most_pieces > 1 ? reading.prior : 0);
          if (parent.cost + own + static_cast<float>(links) * cheapest_link_ > best + hopeless_ + rounding) continue;
          const float cost = cost_of(window, parent, reading, own, skipping);
          if (cost > best + hopeless_) continue;
          best = std::min(best, cost);
          successors.push_back({cost, p, r});
        }
      }
      fronts[i + 1] = thin(successors, fronts[i], window.readings[i], beam);
    }
    const State* best = nullptr;
    float best_cost = 0;
    for (const State& state : fronts.back()) {
      const float cost = state.cost + close(window, state);
      if (best == nullptr || cost < best_cost) {
        best = &state;
        best_cost = cost;
      }
    }
    Result result{best_cost, std::vector<std::uint32_t>(window.rows.size())};
    for (std::size_t i = window.rows.size(); i-- > 0;) {
      result.readings[i] = best->reading;
      best = &fronts[i][best->parent];
    }
    return result;
  }

  static bool cuts_any(const Window& window, const Result& result) {
    for (std::size_t i = 0; i < window.rows.size(); ++i)
      if (window.readings[i][result.readings[i]].count > 1) return true;
    return false;
  }

  /// The states that stay, the cheapest first.
  std::vector<State> thin(std::vector<Successor>& successors, std::span<const State> parents,
                          std::span<const Reading> readings, std::size_t beam) const {
    const auto cheaper = [](const auto& a, const auto& b) { return a.cost < b.cost; };
    const float best = std::ranges::min_element(successors, cheaper)->cost;
    std::erase_if(successors, [&](const Successor& successor) { return successor.cost > best + hopeless_; });
    std::ranges::sort(successors, cheaper);
    // What no row to come can tell apart is the same; the cheapest of it is kept.
    const auto are_same = [](const State& a, const State& b) {
      return a.last == b.last && a.first == b.first && a.across == b.across;
    };
    const auto hash_of = [](const State& state) {
      std::size_t sum = state.across;
      for (std::size_t c = 0; c < most_columns; ++c)
        sum = ((sum ^ state.last[c]) * 0x9E3779B97F4A7C15u ^ state.first[c]) * 0x9E3779B97F4A7C15u;
      return sum >> 32;
    };
    std::vector<State> kept;
    kept.reserve(std::min(beam, successors.size()));
    std::vector<std::uint32_t> places(std::bit_ceil(2 * kept.capacity() + 1), none);  // open addressing, in `kept`
    for (const Successor& next : successors) {
      if (kept.size() == beam) break;
      const State state = state_of(next, parents[next.parent], readings[next.reading]);
      std::size_t place = hash_of(state) & (places.size() - 1);
      while (places[place] != none && !are_same(kept[places[place]], state)) place = (place + 1) & (places.size() - 1);
      if (places[place] != none) continue;
      places[place] = static_cast<std::uint32_t>(kept.size());
      kept.push_back(state);
    }
    return kept;
  }

  /// Marks stand at several seams: the text was recognised, and a rule or a shadow with it.
  bool is_noisy(const Window& window, const Result& result) const {
    std::size_t found = 0;
    for (std::size_t i = 0; i < window.rows.size(); ++i) {
      const Reading& reading = window.readings[i][result.readings[i]];
      for (std::size_t k = 0; k + 1u < reading.count; ++k)
        found += noise_.after(text_of(window, reading.pieces[k])) > 0 ||
                 noise_.before(text_of(window, reading.pieces[k + 1])) > 0;
    }
    return found >= least_noise_;
  }
  static std::string_view text_of(const Window& window, std::uint32_t piece) {
    return window.pieces[piece].range.of(window.text);
  }

  void drop_noise(const Window& window, const Result& result, Proposal& proposal) const {
    for (std::size_t i = 0; i < window.rows.size(); ++i) {
      const Reading& reading = window.readings[i][result.readings[i]];
      if (reading.across) continue;
      for (std::size_t k = 0; k < reading.count; ++k) {
        const TextRange range = window.pieces[reading.pieces[k]].range;
        const std::string_view text = range.of(window.text);
        std::size_t before = noise_.before(text);
        // A mark that may not begin a line was read in the gutter.
        while (k > 0 && before < text.size()) {
          const auto [c, length] = valid_utf8_next(text, before);
          if (!noise_.is_mark(c) ||
              (class_of(c) != CharClass::stop && class_of(c) != CharClass::pause && class_of(c) != CharClass::close))
            break;
          before += length;
        }
        if (before == text.size()) continue;
        const std::size_t after = noise_.after(text.substr(before));
        if (before > 0) proposal.erase({range.begin, range.begin + static_cast<ByteOffset>(before)}, noise, 80);
        if (after > 0) proposal.erase({range.end - static_cast<ByteOffset>(after), range.end}, noise, 80);
      }
    }
  }

  void search_window(const Document& document, std::size_t first, std::size_t last, ByteOffset& done,
                     std::vector<TextRange>& order_list, Proposal& proposal) const {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines().subspan(first, last - first);
    std::vector<Row> rows;
    rows.reserve(lines.size());
    for (const Line& line : lines) rows.push_back(row_of(text, line));
    if (const std::vector<bool> found = find_table_rows(text, lines); !found.empty())
      for (std::size_t i = 0; i < rows.size(); ++i)
        if (found[i]) {
          rows[i].in_table = true;
          rows[i].seams.clear();
        }
    Window chosen;
    Result best;
    for (const auto& [width, columns] : grids(text, rows)) {
      Window window{text, rows, {}, false, {}, {}};
      read_rows(window, width, columns);
      constexpr std::size_t asked_of_each = 64, most_links = 1u << 14;
      window.links.resize(std::min(most_links, std::bit_ceil(asked_of_each * window.pieces.size())));
      // Most windows have no columns: that, a narrow search tells.
      if (!cuts_any(window, search(window, most_columns, narrow_beam_))) continue;
      Result result = search(window, most_columns, beam_);
      std::size_t cuts = 0, in_turn = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Reading& reading = window.readings[i][result.readings[i]];
        cuts += reading.count > 1;
        in_turn += reading.count == 1 && !reading.across && reading.columns[0] > 0 && lines[i].blanks_before == 0;
      }
      if (cuts == 0) continue;
      // Rows that are only in turn are another stage's work where blank lines show them, so the columns must be better
      // than those, too.
      const auto is_many = [&](std::size_t count) {
        return static_cast<double>(count) >= many_ * static_cast<double>(rows.size());
      };
      const bool are_in_turn = is_many(2 * in_turn);  // they come in pairs
      float uncut = search(window, 0, beam_).cost;
      if (!are_in_turn) uncut = std::min(uncut, search(window, 1, beam_).cost);
      // Where few rows are cut the rest does not bear them out, but rows in turn do.
      const float gain_per_row = is_many(cuts + 2 * in_turn) ? gain_per_row_ : gain_per_lone_row_;
      if (uncut - result.cost < gain_ + gain_per_row * static_cast<float>(are_in_turn ? cuts + in_turn : cuts))
        continue;
      if (!best.readings.empty() && best.cost <= result.cost) continue;
      best = std::move(result);
      chosen = std::move(window);
    }
    if (best.readings.empty()) return;
    if (is_noisy(chosen, best)) drop_noise(chosen, best, proposal);
    // Each region's columns one after another.
    const auto end_of_row = [&](std::size_t i) {
      return i + 1 < rows.size()              ? lines[i + 1].range.begin
             : last < document.lines().size() ? document.lines()[last].range.begin
                                              : static_cast<ByteOffset>(text.size());
    };
    for (std::size_t i = 0; i < rows.size();) {
      const Reading& reading = chosen.readings[i][best.readings[i]];
      if (reading.across) {
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < rows.size() && !chosen.readings[end][best.readings[end]].across) ++end;
      if (lines[i].range.begin > done) order_list.push_back({done, lines[i].range.begin});
      for (std::uint8_t column = 0; column < most_columns; ++column)
        for (std::size_t row = i; row < end; ++row) {
          const Reading& r = chosen.readings[row][best.readings[row]];
          for (std::size_t k = 0; k < r.count; ++k) {
            if (r.columns[k] != column) continue;
            const ByteOffset from = k == 0 ? lines[row].range.begin : chosen.pieces[r.pieces[k]].range.begin;
            const ByteOffset to = k + 1u == r.count ? end_of_row(row) : chosen.pieces[r.pieces[k + 1]].range.begin;
            order_list.push_back({from, to});
            if (k + 1u < r.count) proposal.replace({chosen.pieces[r.pieces[k]].range.end, to}, "\n", cut, 90);
          }
        }
      done = end_of_row(end - 1);
      i = end;
    }
  }

  CoherenceModel model_;
  std::size_t window_;
  std::int32_t narrowest_, widest_, tolerance_, indent_;
  std::size_t least_rows_;
  double least_share_;
  SeamNoise noise_;
  std::u32string shadows_;
  std::size_t least_noise_;
  float base_, least_, most_, region_, off_width_, indented_, ends_, short_, skipped_kept_, skipped_least_,
      skipped_most_, skipped_first_, gain_, gain_per_row_, gain_per_lone_row_;
  double many_;
  float across_, wide_row_, chinese_space_, wide_space_, widest_space_, no_space_, hopeless_;
  std::size_t beam_, narrow_beam_;
  LineShapes shapes_;
  float shape_weight_;
  float cheapest_link_;
};

}  // namespace

const StageInfo seams_info{"seams",    "cuts rows at which columns were joined by one space", rule_list, {}, 1, false,
                           Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_seams(const StageOptions& options, const Rules& rules) {
  Settings settings("seams", options, rules, "seams.toml");
  auto stage = std::make_unique<SeamsStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
