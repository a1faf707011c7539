#include "stages/strays.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
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

/// Pieces [first, last] set below piece `above`.
struct Move {
  std::uint32_t first, last, above;
  float gain;
};

class StraysStage final : public Stage {
 public:
  StraysStage(Settings& s, const StageOptions& options, const Rules& rules)
      : model_(CoherenceModel::of(s, rules).without_latin()),
        widest_column_(static_cast<std::uint32_t>(s.number("widest_column", 1, 10000))),
        narrowest_column_(static_cast<std::uint32_t>(s.number("narrowest_column", 1, 10000))),
        tolerance_(static_cast<std::uint32_t>(s.number("tolerance", 0, 100))),
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
        margin_(s.cost("move.margin")),
        gain_per_line_(s.cost("move.gain_per_line")),
        shapes_(s, options, rules) {}

  const StageInfo& info() const noexcept override { return strays_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::span<const Line> lines = document.lines();
    std::vector<TextRange> order_list;
    ByteOffset done = 0;
    for (std::size_t first = 0; first < lines.size(); first += window_)
      look_at(document, first, std::min(lines.size(), first + window_), done, order_list, proposal);
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

  /// The spaces at which a row may be cut into lines of a column that wide.
  std::vector<TextRange> seams_of(std::string_view ink, ByteOffset begin, std::uint32_t width,
                                  std::uint32_t column) const {
    std::vector<TextRange> seams;
    std::uint32_t left = 0;
    for (std::size_t at = 0; at < ink.size();) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      if (class_of(codepoint) != CharClass::space) {
        left += half_ems(codepoint);
        at += length;
        continue;
      }
      std::size_t end = at;
      std::uint32_t gap = 0;
      while (end < ink.size() && class_of(valid_utf8_next(ink, end).codepoint) == CharClass::space) {
        const auto [space, bytes] = valid_utf8_next(ink, end);
        gap += half_ems(space);
        end += bytes;
      }
      if (end < ink.size() && left <= column + tolerance_ && width - left - gap <= column + tolerance_)
        seams.push_back({begin + static_cast<ByteOffset>(at), begin + static_cast<ByteOffset>(end)});
      left += gap;
      at = end;
    }
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
        : stage_(stage), pieces_(pieces) {
      tails_.reserve(pieces.size());
      heads_.reserve(pieces.size());
      for (const Piece& piece : pieces) {
        tails_.push_back(stage.model_.tail_of(piece.ink.of(text)));
        heads_.push_back(stage.model_.head_of(piece.ink.of(text)));
      }
    }

    float operator()(std::uint32_t above, std::uint32_t below) {
      if (above == none || below == none) return 0;
      const auto [place, is_new] = known_.try_emplace(std::uint64_t{above} << 32 | below, 0.0f);
      if (is_new) place->second = link(above, below);
      return place->second;
    }

   private:
    float link(std::uint32_t above, std::uint32_t below) const {
      const Piece &a = pieces_[above], &b = pieces_[below];
      if (b.begins_badly) return below == above + 1 && !b.is_part ? stage_.most_ : -stage_.kinsoku_;
      float words = stage_.model_.continuation(tails_[above], heads_[below]);
      if (!a.is_open) words *= stage_.closed_;
      return std::clamp(words - stage_.base_, stage_.least_, stage_.most_) +
             (b.is_part && below == above + 1 ? 0 : stage_.shape_weight_ * stage_.shapes_.odds(a.shape, b.shape));
    }

    const StraysStage& stage_;
    std::span<const Piece> pieces_;
    std::vector<CoherenceModel::Tail> tails_;
    std::vector<CoherenceModel::Head> heads_;
    std::unordered_map<std::uint64_t, float> known_;
  };

  void look_at(const Document& document, std::size_t first, std::size_t last, ByteOffset& done,
               std::vector<TextRange>& order_list, Proposal& proposal) const {
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
      if (line.width > widest_column_ * 2 + 8) {
        pieces.push_back(piece_of(text, line.ink, number, line.width));
        continue;
      }
      const std::uint32_t wide = column_near(i);
      if (wide > 0 && line.width > wide + tolerance_ && line.has(CharClass::space) && !is_stretched(ink)) {
        // Where the text goes on worst over the space.
        const std::vector<TextRange> seams = seams_of(ink, line.ink.begin, line.width, wide);
        float worst = torn_ + base_;
        const TextRange* best = nullptr;
        for (const TextRange& seam : seams) {
          const float words = model_.continuation(text.substr(line.ink.begin, seam.begin - line.ink.begin),
                                                  text.substr(seam.end, line.ink.end - seam.end));
          if (words >= worst) continue;
          worst = words;
          best = &seam;
        }
        if (best != nullptr) {
          const auto width_of = [&](TextRange range) {
            return static_cast<std::uint32_t>(valid_utf8_half_ems(range.of(text)));
          };
          const TextRange left{line.ink.begin, best->begin}, right{best->end, line.ink.end};
          pieces.push_back(piece_of(text, left, number, width_of(left)));
          pieces.back().may_stray = true;
          pieces.push_back(piece_of(text, right, number, width_of(right)));
          pieces.back().is_part = pieces.back().may_stray = true;
          for (std::size_t k = pieces.size() - 2; k < pieces.size(); ++k)
            pieces[k].shape = shapes_.of(pieces[k].width, wide, pieces[k].is_open);
          continue;
        }
      }
      Piece piece = piece_of(text, line.ink, number, line.width);
      piece.may_stray = line.width <= widest_column_;
      if (wide > 0 && !is_stretched(ink)) piece.shape = shapes_.of(line.width, wide, piece.is_open);
      count.add(piece.shape);
      pieces.push_back(piece);
    }
    if (!count.are_indented())
      for (Piece& piece : pieces) piece.shape = LineShape::none;
    Links link(*this, text, pieces);
    const auto is_torn = [&](std::uint32_t a, std::uint32_t b) {
      return pieces[a].is_open && pieces[a].may_stray && pieces[b].may_stray && link(a, b) < torn_;
    };
    // Nothing strays alone on a page that goes on everywhere.
    std::size_t torn = 0;
    for (std::uint32_t i = 0; i + 1 < pieces.size(); ++i) torn += is_torn(i, i + 1);
    if (torn < 2) return;
    const std::vector<bool> rows = find_table_rows(text, lines);
    if (!rows.empty())
      for (Piece& piece : pieces)
        if (rows[piece.line]) piece.may_stray = false;

    std::vector<std::uint32_t> reading(pieces.size());
    for (std::uint32_t i = 0; i < reading.size(); ++i) reading[i] = i;
    std::vector<bool> moved(pieces.size());
    while (const std::optional<Move> move = best_move(pieces, reading, link)) {
      const auto from = reading.begin() + move->first, to = reading.begin() + move->last + 1;
      for (auto piece = from; piece != to; ++piece) moved[*piece] = true;
      const auto place = reading.begin() + move->above + 1;
      if (place <= from)
        std::rotate(place, from, to);
      else
        std::rotate(from, to, place);
    }
    if (std::find(moved.begin(), moved.end(), true) == moved.end()) return;
    write(text, lines, last, pieces, reading, moved, done, order_list, proposal);
  }

  std::optional<Move> best_move(std::span<const Piece> pieces, std::span<const std::uint32_t> reading,
                                Links& link) const {
    const auto count = static_cast<std::uint32_t>(reading.size());
    const auto at = [&](std::uint32_t k) { return k < count ? reading[k] : none; };
    const auto goes_on = [&](std::uint32_t a, std::uint32_t b) {
      return a == none || b == none || !pieces[a].is_open || link(a, b) >= least_new_;
    };
    std::vector<std::uint32_t> places;  // after which a piece may be set
    for (std::uint32_t k = 0; k + 1 < count; ++k)
      if (pieces[at(k)].may_stray && pieces[at(k + 1)].may_stray && link(at(k), at(k + 1)) < torn_) places.push_back(k);
    std::optional<Move> best;
    for (std::uint32_t first = 1; first + 1 < count; ++first) {
      const std::uint32_t above = at(first - 1);
      if (!pieces[above].is_open || !pieces[at(first)].may_stray || !pieces[above].may_stray ||
          link(above, at(first)) >= torn_)
        continue;
      for (std::uint32_t last = first; last < std::min(count - 1, first + most_lines_); ++last) {
        if (!pieces[at(last)].may_stray) break;
        const std::uint32_t below = at(last + 1);
        if (!pieces[below].may_stray || link(at(last), below) >= torn_ || !goes_on(above, below)) continue;
        const float left =
            link(above, below) - link(above, at(first)) - link(at(last), below) - gain_per_line_ * float(last - first);
        float most = 0, second = 0;
        std::uint32_t where = none;
        for (const std::uint32_t k : places) {
          if (k + 1 >= first && k <= last) continue;
          const std::uint32_t a = at(k), b = at(k + 1);
          if (!goes_on(a, at(first)) || !goes_on(at(last), b)) continue;
          const float gain = left + link(a, at(first)) + link(at(last), b) - link(a, b);
          if (gain > most) {
            second = most;
            most = gain;
            where = k;
          } else {
            second = std::max(second, gain);
          }
        }
        if (where == none || most < gain_ || most < second + margin_ || (best && most <= best->gain)) continue;
        best = Move{first, last, where, most};
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
    const auto end_of = [&](std::uint32_t p) {
      return p + 1 < pieces.size() ? begin_of(p + 1) : end_of_lines;
    };
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
  std::uint32_t widest_column_, narrowest_column_, tolerance_;
  std::size_t around_;
  std::uint32_t most_lines_;
  std::size_t window_;
  float base_, least_, most_, closed_, kinsoku_, shape_weight_, torn_, least_new_, gain_, margin_, gain_per_line_;
  LineShapes shapes_;
};

}  // namespace

const StageInfo strays_info{
    "strays", "sets pieces of text back that stand among the lines of another column", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_strays(const StageOptions& options, const Rules& rules) {
  Settings settings("strays", options, rules, "strays.toml");
  auto stage = std::make_unique<StraysStage>(settings, options, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
