// The rows of a page as seams reads them: where each may be cut, how wide the columns may be, what each way of cutting
// it costs.
//
//     SeamRows rules(settings, options, rules);
//     std::vector<SeamRow> rows = ...rules.row_of(text, line)...;
//     SeamParts parts(text, rows.size(), rules.noise(), rules.joint_costs());
//     for (const SeamGrid& grid : rules.grids(rows, parts)) {
//       const SeamWindow window = rules.read(rows, grid, parts);
//       search(window.readings(), window, ...);
//     }
//
// SeamRows is immutable once made; every function is safe to call from any thread. A window is one thread's.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/line_shape.h"
#include "stages/seams_joints.h"
#include "stages/seams_noise.h"
#include "stages/seams_search.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// A space inside a row, or (empty) a place between two characters at a column's width.
struct Seam {
  TextRange space;
  std::int32_t left;   ///< half-ems of the row before it
  std::int32_t right;  ///< half-ems of the row from its end
};

struct SeamRow {
  TextRange ink;
  std::int32_t width = 0;  ///< half-ems
  bool is_spaced = false;  ///< so many spaces that a column's line may be letter-spaced
  std::vector<Seam> seams;
  bool in_table = false;  ///< stays as it is
};

/// So many columns, each so many half-ems wide.
struct SeamGrid {
  std::int32_t width;
  std::uint8_t columns;
};

/// What is known of a part of a row, however wide columns are.
struct SeamPart {
  TextRange range{none, none};
  TextRange core;           ///< without its noise; empty: there is nothing else
  SeamEnds ends;            ///< of the core
  std::int32_t width;       ///< of the core, in half-ems
  bool is_open, is_closed;  ///< no sentence ends with it, what may be noise included; one does, without that

 private:
  friend class SeamParts;
  static constexpr ByteOffset none = ~ByteOffset{0};
};

/// The parts of a page's rows: it is cut at many widths, and most parts are those of a width before. One thread's.
class SeamParts {
 public:
  /// `rows`: how many rows there are. `noise` and the costs must outlive it.
  SeamParts(std::string_view text, std::size_t rows, const SeamNoise& noise, const SeamJoints::Costs& costs);

  /// Valid until it is asked again. Precondition: `range` is not empty.
  [[nodiscard]] const SeamPart& of(TextRange range);
  [[nodiscard]] SeamJoints& joints() noexcept { return joints_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
  const SeamNoise& noise_;
  SeamJoints joints_;
  std::vector<SeamPart> known_;  ///< a power of two: the latest asked for
  std::size_t most_;             ///< of it, once any are
};

/// A part of a row: from one seam (or its beginning) to another (or its end).
struct SeamPiece {
  TextRange range;
  SeamEnds ends;
  LineShape shape;
  float width_cost;  ///< of its standing in a column; infinite where it is too wide
  bool is_open;      ///< no sentence ends with it, what may be noise included: a stop may be none
};

class SeamRows;

/// Rows read for columns of one width.
class SeamWindow final : public SeamLinks {
 public:
  [[nodiscard]] std::span<const std::vector<SeamReading>> readings() const noexcept { return readings_; }
  [[nodiscard]] TextRange range(std::uint32_t piece) const noexcept { return pieces_[piece].range; }

  [[nodiscard]] float below(std::uint32_t above, std::uint32_t below) const override;
  [[nodiscard]] float next_column(std::uint32_t bottom, std::uint32_t top) const override;
  [[nodiscard]] float least() const override;
  void approach(std::size_t row) const override;

 private:
  friend class SeamRows;
  SeamWindow(const SeamRows& rules, SeamJoints& joints) : rules_(&rules), joints_(&joints) {}

  const SeamRows* rules_;
  SeamJoints* joints_;
  std::vector<SeamPiece> pieces_;
  std::vector<std::vector<SeamReading>> readings_;  ///< of each row; the first is across
  bool has_shapes_ = false;                         ///< first lines of paragraphs are indented
};

class SeamRows {
 public:
  /// Reads rules/seams.toml and rules/line_shape.toml; mistakes are added to `settings`.
  SeamRows(Settings& settings, const StageOptions& options, const Rules& rules);

  [[nodiscard]] static SeamRow row_of(std::string_view text, const Line& line);
  /// How many columns how wide there may be, the likeliest first. Only widths at which most of the wide rows can be cut
  /// are tried; a third column needs rows that two can't hold, and so on.
  [[nodiscard]] std::vector<SeamGrid> grids(std::span<const SeamRow> rows, SeamParts& parts) const;
  /// The readings of all rows; `rows` may go once it is made, this and `parts` must outlive it.
  [[nodiscard]] SeamWindow read(std::span<const SeamRow> rows, const SeamGrid& grid, SeamParts& parts) const;
  [[nodiscard]] const SeamNoise& noise() const noexcept { return noise_; }
  [[nodiscard]] const SeamJoints::Costs& joint_costs() const noexcept { return joint_costs_; }

 private:
  friend class SeamWindow;
  struct Cuts;
  struct Memory;
  [[nodiscard]] std::vector<SeamGrid> grid_in_turn(std::span<const SeamRow> rows, SeamParts& parts) const;
  [[nodiscard]] float width_cost(const SeamPart& part, std::int32_t column) const;
  [[nodiscard]] bool is_justified(std::string_view core, std::int32_t column) const;
  [[nodiscard]] LineShape shape_of(std::string_view text, const SeamPart& part, std::int32_t column) const;
  [[nodiscard]] bool may_have_bare_seams(const SeamRow& row, std::int32_t column) const;
  void add_bare_seams(std::string_view text, SeamRow& row, std::int32_t column) const;
  [[nodiscard]] std::vector<SeamReading> read_row(const SeamRow& given, const SeamGrid& grid, SeamParts& parts,
                                                  std::vector<SeamPiece>& pieces, Memory& memory) const;

  SeamJoints::Costs joint_costs_;
  SeamNoise noise_;
  std::int32_t narrowest_, widest_, tolerance_, indent_;
  std::size_t least_rows_;
  double least_share_;
  std::size_t grids_;
  std::u32string shadows_;
  float off_width_, indented_, ends_, short_, across_, wide_row_, chinese_space_, wide_space_, widest_space_, no_space_,
      gain_;
  std::size_t ways_;
  std::uint8_t columns_;
  LineShapes shapes_;
  float shape_weight_;
};

}  // namespace inkwash::stages
