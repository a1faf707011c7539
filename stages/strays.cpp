#include "stages/strays.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/coherence_lines.h"
#include "stages/ends.h"
#include "stages/line_shape.h"
#include "stages/settings.h"
#include "stages/tables.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { cut, order, blank };
constexpr RuleInfo rule_list[] = {
    {"strays.cut", "the space at which a row was read across columns becomes a line end", Effect::space},
    {"strays.order", "a piece of another column is set where the text goes on through it", Effect::move},
    {"strays.blank", "blank lines inside a sentence that a piece was set into go", Effect::space},
};

constexpr std::uint32_t none = ~0u;

/// A line, or a part of a row.
struct Piece {
  TextRange ink;
  std::uint32_t line;
  std::uint32_t width;
  bool is_part = false;    ///< right of another of its row
  bool may_stray = false;  ///< narrow enough for a column's line, or cut into such
  bool is_open = false, begins_badly = false;
  LineShape shape = LineShape::none;
};

/// Pieces, by their places in reading order, set below the one at place `above`.
struct Move {
  std::vector<std::uint32_t> places;
  std::uint32_t above;
  float gain;
};

class StraysStage final : public Stage {
 public:
  StraysStage(Settings& s, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules).without_latin()),
        widest_column_(static_cast<std::uint32_t>(s.number("widest_column", 1, 10000))),
        narrowest_column_(static_cast<std::uint32_t>(s.number("narrowest_column", 1, 10000))),
        tolerance_(static_cast<std::uint32_t>(s.number("tolerance", 0, 100))),
        least_beside_(static_cast<std::uint32_t>(s.number("least_beside", 0, 100))),
        around_(s.count("around")),
        most_lines_(static_cast<std::uint32_t>(s.count("most_lines"))),
        window_(s.count("window")),
        base_(s.cost("link.base")),
        least_(s.cost("link.least")),
        most_(s.cost("link.most")),
        closed_(s.cost("link.closed")),
        kinsoku_(s.cost("link.kinsoku")),
        shape_weight_(s.cost("link.shape")),
        torn_(s.cost("link.torn")),
        least_new_(s.cost("link.least_new")),
        gain_(s.cost("move.gain")),
        gain_of_part_(s.cost("move.gain_of_part")),
        margin_(s.cost("move.margin")),
        gain_per_line_(s.cost("move.gain_per_line")),
        least_left_(s.cost("move.least_left")),
        most_torn_(s.number("link.most_torn", 0, 1)),
        shapes_(s, options, rules),
        sure_(torn_ + base_ + shape_weight_ * shapes_.most()),
        most_link_(most_ + shape_weight_ * shapes_.most()) {}

  const StageInfo& info() const noexcept override { return strays_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::span<const Line> lines = document.lines();
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    std::optional<std::vector<bool>> rows;  // of tables, once a window asks for them
    for (std::size_t first = 0; first < lines.size(); first += window_)
      look_at(document, first, std::min(lines.size(), first + window_), rows, done, order_list, proposal);
    if (order_list.empty()) return;
    const auto size = static_cast<ByteOffset>(document.text().size());
    if (done < size) order_list.push_back({done, size});
    if (!document.text().ends_with('\n')) proposal.insert(size, "\n", cut);
    proposal.arrange(std::move(order_list), order, 90);
  }

 private:
  /// The commonest width of the lines around, in half-ems; 0: they are no lines of columns.
  std::uint32_t column_at(std::span<const Line> lines, std::size_t i) const {
    std::array<std::uint16_t, 256> widths{};
    const std::size_t widest = std::min<std::size_t>(widest_column_, widths.size() - 2);
    for (std::size_t k = i - std::min(i, around_); k < std::min(lines.size(), i + around_); ++k)
      if (k != i && lines[k].width >= narrowest_column_ && lines[k].width <= widest) ++widths[lines[k].width];
    std::size_t best = 0, most = 0;
    for (std::size_t w = 1; w <= widest; ++w)
      if (const std::size_t about = 2u * widths[w] + widths[w - 1] + widths[w + 1]; widths[w] > 0 && about >= most) {
        most = about;
        best = w;
      }
    return static_cast<std::uint32_t>(best);
  }

  /// The spaces at which a row was joined of lines of a column that wide: those over which its text goes on worst,
  /// so that no part is wider. Empty: it was not.
  std::vector<TextRange> seams_of(std::string_view text, TextRange ink, std::uint32_t column) const {
    struct Space {
      TextRange range;
      std::uint32_t left;  ///< half-ems of the row before it, other spaces not counted
      float words = 0;     ///< how well the text goes on over it, and over those before it at which the row is cut
      std::size_t before = 0;
    };
    constexpr std::size_t most_spaces = 64;
    std::vector<Space> spaces{{{ink.begin, ink.begin}, 0}};
    std::uint32_t width = 0;
    for (ByteOffset at = ink.begin; at < ink.end;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const ByteOffset begin = at;
      at += length;
      if (class_of(codepoint) != CharClass::space) {
        width += half_ems(codepoint);
        continue;
      }
      while (at < ink.end && class_of(valid_utf8_next(text, at).codepoint) == CharClass::space)
        at += valid_utf8_next(text, at).length;
      if (spaces.size() > most_spaces) return {};
      spaces.push_back({{begin, at}, width});
    }
    spaces.push_back({{ink.end, ink.end}, width});
    const float unlikely = torn_ + base_;
    for (std::size_t k = 1; k < spaces.size(); ++k) {
      Space& here = spaces[k];
      here.words = std::numeric_limits<float>::infinity();
      float over = 0;
      if (k + 1 < spaces.size()) {
        const std::string_view left = text.substr(ink.begin, here.range.begin - ink.begin);
        over = model_.continuation(left, text.substr(here.range.end, ink.end - here.range.end));
        if (!is_open(left)) over *= closed_;
        if (over >= unlikely) continue;
      }
      for (std::size_t before = 0; before < k; ++before)
        if (here.left - spaces[before].left <= column + tolerance_ && spaces[before].words + over < here.words) {
          here.words = spaces[before].words + over;
          here.before = before;
        }
    }
    std::vector<TextRange> seams;
    if (spaces.back().words == std::numeric_limits<float>::infinity()) return {};
    for (std::size_t k = spaces.back().before; k > 0; k = spaces[k].before) seams.push_back(spaces[k].range);
    std::reverse(seams.begin(), seams.end());
    return seams;
  }

  Piece piece_of(std::string_view text, TextRange ink, std::uint32_t line, std::uint32_t width) const {
    Piece piece{ink, line, width};
    piece.is_open = is_open(ink.of(text));
    piece.begins_badly = begins_badly(ink.of(text));
    return piece;
  }

  /// What the model says of two neighbours and how much is gained by setting one below the other.
  class Links {
   public:
    Links(const StraysStage& stage, std::string_view text, std::span<const Piece> pieces)
        : stage_(stage),
          pieces_(pieces),
          words_(stage.model_, inks_of(text, pieces)),
          known_(std::min(most_known, std::bit_ceil(8 * pieces.size()))),
          torn_(pieces.size()) {}

    float operator()(std::uint32_t above, std::uint32_t below) {
      Known& pair = known(above, below);
      if (pair.above != above || pair.below != below) pair = {above, below, link(above, below)};
      return pair.gain;
    }
    /// Whether less is gained than between lines that surely go together.
    bool is_torn(std::uint32_t above, std::uint32_t below) {
      if (!pieces_[above].may_stray || !pieces_[below].may_stray) return false;
      if (below != above + 1) return (*this)(above, below) < stage_.torn_;
      if (torn_[above] == unknown) {
        float words = std::numeric_limits<float>::infinity();
        if (pieces_[above].is_open && !pieces_[below].begins_badly) {
          // Most lines surely go on with the next.
          words = stage_.model_.continuation_below(words_.tail(above), words_.head(below), stage_.sure_);
          if (words <= stage_.sure_) known(above, below) = {above, below, link(above, below, words)};
        }
        const bool surely = words > stage_.sure_ && std::isfinite(words);
        torn_[above] = !surely && (*this)(above, below) < stage_.torn_ ? yes : no;
      }
      return torn_[above] == yes;
    }
    /// The words of the pieces.
    CoherenceLines& words() { return words_; }

   private:
    enum : std::uint8_t { unknown, no, yes };
    static constexpr std::size_t most_known = 4096;

    static std::vector<std::string_view> inks_of(std::string_view text, std::span<const Piece> pieces) {
      std::vector<std::string_view> inks;
      inks.reserve(pieces.size());
      for (const Piece& piece : pieces) inks.push_back(piece.ink.of(text));
      return inks;
    }

    float link(std::uint32_t above, std::uint32_t below) {
      const Piece& b = pieces_[below];
      if (b.begins_badly) return below == above + 1 && !b.is_part ? stage_.most_ : -stage_.kinsoku_;
      return link(above, below, stage_.model_.continuation(words_.tail(above), words_.head(below)));
    }
    /// `words`: how one goes on with the other.
    [[nodiscard]] float link(std::uint32_t above, std::uint32_t below, float words) const {
      const Piece &a = pieces_[above], &b = pieces_[below];
      if (!a.is_open) words *= stage_.closed_;
      return std::clamp(words - stage_.base_, stage_.least_, stage_.most_) +
             (b.is_part && below == above + 1 ? 0 : stage_.shape_weight_ * stage_.shapes_.odds(a.shape, b.shape));
    }

    const StraysStage& stage_;
    std::span<const Piece> pieces_;
    CoherenceLines words_;
    /// Of pairs, the latest asked for.
    struct Known {
      std::uint32_t above = none, below = none;
      float gain = 0;
    };
    Known& known(std::uint32_t above, std::uint32_t below) {
      return known_[(above * 0x9E3779B1u + below) & (known_.size() - 1)];
    }
    std::vector<Known> known_;        ///< a power of two
    std::vector<std::uint8_t> torn_;  ///< of each piece and the next
  };

  void look_at(const Document& document, std::size_t first, std::size_t last, std::optional<std::vector<bool>>& rows,
               ByteOffset& done, std::vector<TextRange>& order_list, Proposal& proposal) const {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    std::vector<Piece> pieces;
    pieces.reserve(last - first);
    std::uint32_t column = 0;
    std::size_t column_of = none;
    const auto column_near = [&](std::size_t i) {
      if (column_of == none || i >= column_of + around_ / 2) {
        column = column_at(lines, i);
        column_of = i;
      }
      return column;
    };
    LineShapes::Count count;
    for (std::size_t i = first; i < last; ++i) {
      const Line& line = lines[i];
      const std::string_view ink = line.ink.of(text);
      const auto number = static_cast<std::uint32_t>(i);
      if (line.width > 3 * widest_column_) {
        pieces.push_back(piece_of(text, line.ink, number, line.width));
        continue;
      }
      const std::uint32_t wide = column_near(i);
      if (wide > 0 && line.width > wide + tolerance_ && line.has(CharClass::space) && !is_stretched(ink) &&
          set_width(ink) > wide + least_beside_) {
        const std::vector<TextRange> seams = seams_of(text, line.ink, wide);
        ByteOffset begin = line.ink.begin;
        for (std::size_t k = 0; k <= seams.size() && !seams.empty(); ++k) {
          const TextRange part{begin, k < seams.size() ? seams[k].begin : line.ink.end};
          Piece piece = piece_of(text, part, number, set_width(part.of(text)));
          piece.may_stray = true;
          piece.is_part = k > 0;
          piece.shape = shapes_.of(piece.width, wide, piece.is_open);
          pieces.push_back(piece);
          if (k < seams.size()) begin = seams[k].end;
        }
        if (!seams.empty()) continue;
      }
      Piece piece = piece_of(text, line.ink, number, line.width);
      piece.may_stray = line.width <= widest_column_;
      if (wide > 0 && !is_stretched(ink))
        piece.shape = shapes_.of(line.has(CharClass::space) ? set_width(ink) : line.width, wide, piece.is_open);
      count.add(piece.shape);
      pieces.push_back(piece);
    }
    if (!count.are_indented())
      for (Piece& piece : pieces) piece.shape = LineShape::none;
    Links link(*this, text, pieces);
    // Nothing strays alone on a page that goes on everywhere; where next to nothing does, the model doesn't know the
    // language.
    const auto may_be_torn = [&](std::size_t i) {
      return pieces[i].is_open && pieces[i].may_stray && pieces[i + 1].may_stray;
    };
    std::size_t torn = 0, open = 0;
    for (std::uint32_t i = 0; i + 1 < pieces.size(); ++i) {
      link.words().approach(i, may_be_torn);
      if (!may_be_torn(i)) continue;
      ++open;
      torn += link.is_torn(i, i + 1);
    }
    if (torn < 2 || static_cast<double>(torn) > most_torn_ * static_cast<double>(open)) return;
    if (!rows) rows = find_table_rows(text, lines);
    if (!rows->empty())
      for (Piece& piece : pieces)
        if ((*rows)[piece.line]) piece.may_stray = false;

    std::vector<std::uint32_t> reading(pieces.size());
    for (std::uint32_t i = 0; i < reading.size(); ++i) reading[i] = i;
    std::vector<bool> moved(pieces.size());
    while (const std::optional<Move> move = best_move(pieces, reading, link)) {
      std::vector<std::uint32_t> stray;
      for (const std::uint32_t place : move->places) stray.push_back(reading[place]);
      for (const std::uint32_t piece : stray) moved[piece] = true;
      const std::uint32_t above = reading[move->above];
      std::erase_if(reading, [&](std::uint32_t piece) { return std::ranges::find(stray, piece) != stray.end(); });
      reading.insert(std::ranges::find(reading, above) + 1, stray.begin(), stray.end());
    }
    if (std::find(moved.begin(), moved.end(), true) == moved.end()) return;
    write(text, lines, last, pieces, reading, moved, done, order_list, proposal);
  }

  /// The move that gains most, if one gains enough.
  std::optional<Move> best_move(std::span<const Piece> pieces, std::span<const std::uint32_t> reading,
                                Links& link) const {
    const auto count = static_cast<std::uint32_t>(reading.size());
    // Of places in reading order.
    const auto at = [&](std::uint32_t k) -> const Piece& { return pieces[reading[k]]; };
    const auto gain = [&](std::uint32_t a, std::uint32_t b) { return b < count ? link(reading[a], reading[b]) : 0; };
    const auto is_torn = [&](std::uint32_t a, std::uint32_t b) { return link.is_torn(reading[a], reading[b]); };
    const auto goes_on = [&](std::uint32_t a, std::uint32_t b) {
      return b >= count || !at(a).is_open || gain(a, b) >= least_new_;
    };
    // Places after which a piece may be set. Most pages have no piece that stands badly enough to ask for them.
    std::optional<std::vector<std::uint32_t>> below;
    const auto find_below = [&] {
      if (below) return;
      below.emplace();
      for (std::uint32_t k = 0; k + 1 < count; ++k)
        if (is_torn(k, k + 1)) below->push_back(k);
    };

    // Where a piece may be set: gained there with it, and as it is. The same for all that begins with the piece.
    struct Place {
      std::uint32_t k;
      float with, without;
    };
    std::vector<Place> open_to;
    std::uint32_t open_to_whom = none;
    const auto find_places = [&](std::uint32_t first) {
      if (open_to_whom == first) return;
      open_to_whom = first;
      open_to.clear();
      find_below();
      for (const std::uint32_t k : *below) link.words().prefetch(reading[k], reading[first]);
      for (const std::uint32_t k : *below)
        if (k != first && k + 1 != first && goes_on(k, first)) open_to.push_back({k, gain(k, first), gain(k, k + 1)});
    };

    std::optional<Move> best;
    // `left`: what is gained where the pieces stand now; `least`: what must be in all.
    const auto try_places = [&](const std::vector<std::uint32_t>& stray, float left, float least) {
      const std::uint32_t first = stray.front(), last = stray.back();
      find_places(first);
      float most = 0, second = 0;
      std::uint32_t where = none;
      for (const auto& [k, with, without] : open_to) {
        const float above = left + with - without;
        // What is neither the best nor the second changes nothing.
        if (const float at_most = above + most_link_; at_most < least - margin_ || at_most <= second) continue;
        const auto strays = [&](std::uint32_t place) {
          return place >= first && place <= last && std::ranges::find(stray, place) != stray.end();
        };
        if (strays(k) || strays(k + 1) || !goes_on(last, k + 1)) continue;
        const float all = above + gain(last, k + 1);
        if (all > most) {
          second = most;
          most = all;
          where = k;
        } else {
          second = std::max(second, all);
        }
      }
      if (where != none && most >= least && most >= second + margin_ && (!best || most > best->gain))
        best = Move{stray, where, most};
    };

    // Lines of another column: the last of them, and what is lost where they stand.
    std::vector<std::pair<std::uint32_t, float>> standing;
    std::vector<std::uint32_t> stray;
    for (std::uint32_t above = 0; above + 2 < count; ++above) {
      const std::uint32_t first = above + 1;
      if (!at(above).is_open || at(first).is_part || !is_torn(above, first)) continue;
      standing.clear();
      for (std::uint32_t last = first; last < std::min(count - 1, first + most_lines_); ++last) {
        if (!at(last).may_stray || at(last + 1).is_part) break;
        if (!is_torn(last, last + 1)) continue;
        const float lost =
            -gain(above, first) - gain(last, last + 1) - gain_per_line_ * static_cast<float>(last - first);
        if (lost + most_link_ < least_left_) continue;
        standing.push_back({last, lost});
        link.words().prefetch(reading[above], reading[last + 1]);
      }
      for (const auto& [last, lost] : standing) {
        if (!goes_on(above, last + 1)) continue;
        const float left = lost + gain(above, last + 1);
        if (left < least_left_) continue;
        stray.resize(last - first + 1);
        std::iota(stray.begin(), stray.end(), first);
        try_places(stray, left, gain_);
      }
    }
    // Parts of rows, and with them those of the rows below that go on with them.
    for (std::uint32_t first = 1; first < count; ++first) {
      if (!at(first).is_part || !is_torn(first - 1, first)) continue;
      stray.clear();
      float left = 0;
      for (std::uint32_t part = first; part < count && stray.size() < most_lines_;) {
        std::uint32_t begin = part, end = part + 1;  // of the row
        while (at(begin).is_part && begin > 0 && at(begin - 1).line == at(part).line) --begin;
        while (end < count && at(end).is_part && at(end).line == at(part).line) ++end;
        if (begin == part || !goes_on(begin, end)) break;
        float row = gain(begin, end);
        for (std::uint32_t k = begin; k < end; ++k) row -= gain(k, k + 1);
        stray.push_back(part);
        left += row / static_cast<float>(end - begin - 1);
        try_places(stray, left, gain_of_part_);
        // The same part of the next row.
        const std::uint32_t next = end + (part - begin);
        if (next >= count || !at(next).is_part || at(next).line != at(end).line || !goes_on(part, next)) break;
        left += gain(part, next);
        part = next;
      }
    }
    return best;
  }

  /// Lines [.., last) in their new order.
  void write(std::string_view text, std::span<const Line> lines, std::size_t last, std::span<const Piece> pieces,
             std::span<const std::uint32_t> reading, const std::vector<bool>& moved, ByteOffset& done,
             std::vector<TextRange>& order_list, Proposal& proposal) const {
    const auto end_of_lines = last < lines.size() ? lines[last].range.begin : static_cast<ByteOffset>(text.size());
    const auto begin_of = [&](std::uint32_t p) {
      return pieces[p].is_part ? pieces[p].ink.begin : lines[pieces[p].line].range.begin;
    };
    const auto end_of = [&](std::uint32_t p) { return p + 1 < pieces.size() ? begin_of(p + 1) : end_of_lines; };
    if (begin_of(0) > done) order_list.push_back({done, begin_of(0)});
    for (std::size_t k = 0; k < reading.size(); ++k) {
      const std::uint32_t p = reading[k];
      const bool is_cut = p + 1 < pieces.size() && pieces[p + 1].is_part && (moved[p + 1] || moved[p]);
      const TextRange gap{pieces[p].ink.end, end_of(p)};
      const bool next_is_new = k + 1 < reading.size() && reading[k + 1] != p + 1;
      if (is_cut)
        proposal.replace(gap, "\n", cut);
      else if ((moved[p] || (next_is_new && moved[reading[k + 1]])) && pieces[p].is_open && gap.of(text) != "\n")
        proposal.replace(gap, "\n", blank);
      const TextRange range{begin_of(p), end_of(p)};
      if (!order_list.empty() && order_list.back().end == range.begin)
        order_list.back().end = range.end;
      else
        order_list.push_back(range);
    }
    done = end_of_lines;
  }

  CoherenceModel model_;
  std::uint32_t widest_column_, narrowest_column_, tolerance_, least_beside_;
  std::size_t around_;
  std::uint32_t most_lines_;
  std::size_t window_;
  float base_, least_, most_, closed_, kinsoku_, shape_weight_, torn_, least_new_, gain_, gain_of_part_, margin_,
      gain_per_line_, least_left_;
  double most_torn_;
  LineShapes shapes_;
  float sure_;       ///< words that say that lines surely go together
  float most_link_;  ///< the greatest gain of two neighbours
};

}  // namespace

const StageInfo strays_info{
    "strays",   "sets pieces of text back that stand among the lines of another column", rule_list, {}, 1, false,
    Scope::page};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_strays(const StageOptions& options, const Rules& rules) {
  Settings settings("strays", options, rules, "strays.toml");
  auto stage = std::make_unique<StraysStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
