#include "stages/assignment.h"

#include <limits>

namespace inkwash::stages {

std::vector<std::int32_t> assign(std::span<const float> gains, std::size_t rows, std::size_t columns) {
  // Costs are -gain; a row's own extra column stands for "without".
  constexpr float forbidden = 1e9f;
  const std::size_t all = columns + rows;
  const auto cost = [&](std::size_t row, std::size_t column) {
    if (column >= columns) return column - columns == row ? 0.0f : forbidden;
    const float gain = gains[row * columns + column];
    return gain == -std::numeric_limits<float>::infinity() ? forbidden : -gain;
  };
  constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();
  std::vector<float> row_price(rows, 0), column_price(all + 1, 0);
  std::vector<std::size_t> owner(all + 1, nobody), from(all + 1);
  for (std::size_t row = 0; row < rows; ++row) {
    // Shortest augmenting path from this row; `all` is the column it starts from.
    std::size_t column = all;
    owner[all] = row;
    std::vector<float> least(all + 1, std::numeric_limits<float>::infinity());
    std::vector<bool> done(all + 1, false);
    while (owner[column] != nobody) {
      done[column] = true;
      const std::size_t r = owner[column];
      float step = std::numeric_limits<float>::infinity();
      std::size_t next = all;
      for (std::size_t c = 0; c < all; ++c) {
        if (done[c]) continue;
        const float reduced = cost(r, c) - row_price[r] - column_price[c];
        if (reduced < least[c]) {
          least[c] = reduced;
          from[c] = column;
        }
        if (least[c] < step) {
          step = least[c];
          next = c;
        }
      }
      for (std::size_t c = 0; c <= all; ++c) {
        if (done[c]) {
          row_price[owner[c]] += step;
          column_price[c] -= step;
        } else {
          least[c] -= step;
        }
      }
      column = next;
    }
    while (column != all) {
      owner[column] = owner[from[column]];
      column = from[column];
    }
  }
  std::vector<std::int32_t> result(rows, -1);
  for (std::size_t c = 0; c < columns; ++c)
    if (owner[c] != nobody && cost(owner[c], c) < forbidden) result[owner[c]] = static_cast<std::int32_t>(c);
  return result;
}

}  // namespace inkwash::stages
