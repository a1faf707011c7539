// The assignment of rows to columns with the greatest sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inkwash::stages {

/// The assignment of rows to columns with the greatest sum of gains; a row may stay without a column
/// (gain 0). `gains` has rows x columns values, row by row; -infinity forbids a pair. Returns for each
/// row its column or -1. Time grows with rows^2 x (rows + columns). The Hungarian method in the form of
/// Jonker and Volgenant ("A shortest augmenting path algorithm for dense and sparse linear assignment
/// problems", Computing 38, 1987). Thread-safe.
[[nodiscard]] std::vector<std::int32_t> assign(std::span<const float> gains, std::size_t rows, std::size_t columns);

}  // namespace inkwash::stages
