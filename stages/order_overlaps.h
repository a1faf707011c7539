// Text that stands at both sides of a seam.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "stages/order_fragments.h"

namespace inkwash::stages::ordering {

/// Finds fragments that end with what others begin with. Immutable; thread-safe.
class Overlaps {
 public:
  explicit Overlaps(Settings& settings);

  /// The longest ones, each side once. `in_lines`: the text still stands in its lines.
  [[nodiscard]] std::vector<Link> find(std::string_view text, std::span<const Fragment> fragments, bool in_lines) const;

 private:
  std::size_t most_, least_, least_in_lines_;
};

}  // namespace inkwash::stages::ordering
