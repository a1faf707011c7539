// How wide a line is says where in its paragraph it stands, where the first lines of paragraphs are indented: the first
// is narrower by its indent, the last ends anywhere, all others fill the column. And so it says which line may stand
// below which: what can't follow a line in one column belongs to another.
//
//     LineShapes shapes(settings, options, rules);
//     const LineShape shape = shapes.of(width, column, is_open(line));
//     cost -= weight * shapes.odds(shape_above, shape);
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stages/settings.h"

namespace inkwash::stages {

/// Against its column, and whether its sentence goes on (open) or ended (closed). `none`: wider than the column, of
/// which nothing is said.
enum class LineShape : std::uint8_t {
  full_open,
  indented_open,
  narrower_open,
  narrow_open,
  full_closed,
  indented_closed,
  narrower_closed,
  narrow_closed,
  none,
};

class LineShapes {
 public:
  /// Reads rules/line_shape.toml; mistakes are added to `settings`.
  LineShapes(Settings& settings, const StageOptions& options, const Rules& rules);

  /// Widths in half-ems.
  [[nodiscard]] LineShape of(std::uint32_t width, std::uint32_t column, bool open) const noexcept;
  /// log P(this line below | line above) - log P(any line); 0 where either is `none`.
  [[nodiscard]] float odds(LineShape above, LineShape below) const noexcept {
    return above == LineShape::none || below == LineShape::none
               ? 0
               : odds_[static_cast<std::size_t>(above)][static_cast<std::size_t>(below)];
  }
  /// The greatest that odds() can be.
  [[nodiscard]] float most() const noexcept { return most_; }

  /// Counts lines of a page to tell whether paragraphs are indented there.
  struct Count {
    std::size_t begins = 0, ends = 0, full = 0, all = 0;
    void add(LineShape shape) noexcept;
    [[nodiscard]] bool are_indented() const noexcept { return begins >= 2 && 2 * begins >= ends; }
  };

 private:
  static constexpr std::size_t told = 8;
  std::uint32_t indent_, tolerance_;
  std::array<std::array<float, told>, told> odds_{};  ///< [above][below]
  float most_ = 0;
};

/// Half-ems of a line as it was set: the space that extraction puts between an ideograph and a Latin word or a number
/// is not of the page.
[[nodiscard]] std::uint32_t set_width(std::string_view ink) noexcept;

}  // namespace inkwash::stages
