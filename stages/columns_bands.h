// Two articles, one below the other in the same columns: the first is read to its last column's end before the second.
//
//     ColumnBands bands(settings, options, rules);
//     bands.part(page, placed);  // placed: by Gutters::read
//
// Blank lines through all columns may be the border, or the room of a picture. The words tell: whether the columns'
// ends above it go on at the tops of the next columns above it, or below it in their own column.
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "stages/columns_gutters.h"
#include "stages/columns_page.h"
#include "stages/seams_joints.h"
#include "stages/settings.h"

namespace inkwash::stages {

class ColumnBands {
 public:
  /// Reads [band] of rules/columns.toml; mistakes are added to `settings`.
  ColumnBands(Settings& settings, const Rules& rules);

  /// Sets the fragments of each band below those of the one above it, as a region of its own.
  void part(const Page& page, std::vector<Placed>& placed) const;

 private:
  [[nodiscard]] float gain_of(const Page& page, std::span<const Placed> region, std::uint32_t border,
                              SeamJoints& joints) const;

  SeamJoints::Costs costs_;
  std::uint32_t least_blanks_;
  float gain_;
};

}  // namespace inkwash::stages
