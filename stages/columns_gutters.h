// Finding the gutters of a page and the order in which its columns are read.
//
// The text is taken apart by recursive XY-cuts (Nagy and Seth, "Hierarchical representation of
// optically scanned documents", ICPR 1984) on the grid of Page: a region is a run of consecutive
// lines with a white corridor, the gutter, through all of them; a line whose ink crosses the
// corridor (a headline over several columns) ends the region. What is left and what is right of the
// gutter is searched again: so three columns are two gutters, and a headline over two of three
// columns is found inside the part it belongs to.
//
//     Gutters gutters(limits, page);
//     page.measure(first, end, block);
//     if (gutters.read(block, placed)) ...   // placed: the block's fragments in reading order
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "stages/columns_page.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// The thresholds of rules/columns.toml, where each is explained.
struct ColumnLimits {
  explicit ColumnLimits(Settings& settings);

  std::int32_t least_width;
  std::int32_t wander;
  std::int32_t surely_gap;
  std::int32_t most_indent;
  std::int32_t most_shrinkage;
  std::uint32_t most_blank_lines;
  std::uint32_t most_characters;
  double half_em_ruler;
  std::uint32_t least_lines;
  std::uint32_t least_out_of_step;
  double least_share;
  double least_aligned;
  double least_exact;
  std::int32_t wide_gap;
  double most_left;
  double least_column_width;
  double full_line;
  double least_full_lines;
  double least_punctuation;
  double most_digits;
  double most_punctuated_ends;
  struct Headline {
    double short_line;
    double short_line_after_blanks;
    double wide_line;
    double blank;
    double blanks;
    double blank_below;
    double too_wide;
    double past_column;
    double deep;
    double page_middle;
    double column_middle;
    double text_ends;
    double text_goes_on;
    double least;
  } headline;
};

/// A fragment in its new place: one line of a column.
struct Placed {
  Fragment fragment;
  Ruler ruler;
  std::int32_t edge;     ///< left edge of its column
  std::uint32_t region;  ///< lines of the same region share it; 0: no columns there
};

/// Not thread-safe; movable, not copyable. Refers to limits and page.
class Gutters {
 public:
  Gutters(const ColumnLimits& limits, const Page& page) : limits_(limits), page_(page) {}

  /// Puts the fragments of a block (whole lines as Page::measure gives them) in reading order. True
  /// where there are columns; else `placed` has them as they were.
  bool read(std::span<const Fragment> block, std::vector<Placed>& placed) {
    placed.clear();
    cut_by_gap_.clear();
    return read(block, by_characters, 0, 0, placed, 0);
  }

  /// Lines that were cut only because those around them were.
  [[nodiscard]] std::span<const std::uint32_t> cut_by_gap() const noexcept { return cut_by_gap_; }

  /// First and last line of what had the shape of columns and was left as it is.
  using Doubt = std::pair<std::uint32_t, std::uint32_t>;
  [[nodiscard]] std::span<const Doubt> doubts() const noexcept { return doubts_; }

 private:
  enum class Side : std::uint8_t { left, right, both, across };

  /// How a line would be cut at a gutter.
  struct Split {
    Side side = Side::across;
    bool aligned = false;  ///< the ink behind the gutter begins at the edge or at an indent
    bool exact = false;    ///< at the very edge
    bool shifted = false;  ///< the gap is not at the edge but near it
    bool tight = false;    ///< found by the columns' widths: the cut is one space, or away from the edge
    bool by_gap = false;   ///< the latter
    Gap cut;               ///< where side is both
  };

  /// A hypothesis: the lines [first, last) of a block have a gutter, and the column behind it
  /// begins at `edge`. One Split per line says where it would be cut; all are judged together. Other
  /// evidence than white space may make the same hypothesis with splits of its own.
  struct Gutter {
    Ruler ruler = by_characters;
    std::int32_t edge = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    double score = 0;
    std::vector<Split> splits;
  };

  /// Looks of the lines on one side of a gutter.
  struct Look {
    std::vector<std::int32_t> widths;  ///< half-ems
    std::vector<bool> punctuated_ends;
    std::size_t characters = 0;  ///< white space is none
    std::size_t half_ems = 0;    ///< of them: a word of Latin text is as long as two or three ideographs
    std::size_t marks = 0;
    std::size_t digits = 0;
  };
  struct Widths {
    std::int32_t left = 0;
    std::int32_t right = 0;
  };
  enum class Verdict : std::uint8_t { no, doubtful, yes };
  using Block = std::span<const Fragment>;

  bool read(Block block, Ruler ruler, std::int32_t edge, std::uint32_t region, std::vector<Placed>& placed,
            unsigned depth);

  // Making hypotheses.
  [[nodiscard]] std::optional<Gutter> find(Block block) const;
  [[nodiscard]] std::vector<std::int32_t> candidates(Block block, Ruler ruler) const;
  [[nodiscard]] Split split(const Fragment& fragment, Ruler ruler, std::int32_t edge) const;
  [[nodiscard]] static double weight(const Split& split) noexcept;

  // Judging them.
  [[nodiscard]] Verdict judge(Block block, Gutter& run) const;
  void trim(Block block, Gutter& run) const;
  [[nodiscard]] bool is_body_line(Block block, const Gutter& run, std::size_t i) const;
  [[nodiscard]] bool is_full(Block block, const Gutter& run, std::size_t i) const;
  [[nodiscard]] bool are_prose(Block block, const Gutter& run) const;
  [[nodiscard]] bool is_prose(const Look& look, bool left) const;
  void look_at(const Fragment& fragment, Look& look) const;
  [[nodiscard]] std::pair<Fragment, Fragment> beside(const Fragment& fragment, const Gap& cut) const;

  // Finding where the region really begins and ends.
  void extend(Block block, Gutter& run) const;
  [[nodiscard]] Widths widths_of(Block block, const Gutter& run) const;
  [[nodiscard]] std::optional<Split> split_by_width(const Fragment& fragment, const Gutter& run, Widths widths) const;
  [[nodiscard]] std::optional<Split> split_by_gap(const Fragment& fragment, Widths widths) const;
  void end_where_inner_gutters_end(Block block, Gutter& run) const;
  [[nodiscard]] std::optional<std::size_t> headline_in(Block block, const Gutter& run) const;
  [[nodiscard]] std::vector<std::int32_t> edges_of(Block block, const Gutter& run) const;
  [[nodiscard]] std::int32_t column_width(Block block, const Gutter& run, Ruler ruler) const;

  const ColumnLimits& limits_;
  const Page& page_;
  std::uint32_t regions_ = 0;
  mutable std::optional<Doubt> doubt_;
  std::vector<Doubt> doubts_;
  std::vector<std::uint32_t> cut_by_gap_;
};

}  // namespace inkwash::stages
