// Which reading each row of a region of columns has: all rows are decided together.
//
//     SeamSearch search(SeamSearch::costs_of(settings));
//     const SeamSearch::Result result = search(readings, links, most_pieces, beam);
//     readings[i][result.readings[i]]  // of row i
//
// A beam search, row by row. A state knows the last and the first piece of each column; of two that no row to come can
// tell apart, the number of rows that skipped a column aside, the cheaper is kept. With a beam that nothing is lost to
// it finds the cheapest readings of all (seams_search_test.cpp tries all of them).
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stages/settings.h"

namespace inkwash::stages {

constexpr std::size_t most_seam_columns = 8;

/// One way to read a row: its pieces from left to right, each with its column, rising. `across`: the row stands across
/// the columns, as one piece.
struct SeamReading {
  std::array<std::uint32_t, most_seam_columns> pieces;
  std::array<std::uint8_t, most_seam_columns> columns;
  std::uint8_t count;
  bool across;
  float cost;       ///< of the pieces' widths and of the spaces that are no seams
  bool skips;       ///< has no piece in a column left of another
  float prior = 0;  ///< of standing across columns, where columns are looked for
};

/// What one piece below another costs.
class SeamLinks {
 public:
  virtual ~SeamLinks() = default;
  /// Of piece `below` below piece `above`, in one column or across the columns.
  [[nodiscard]] virtual float below(std::uint32_t above, std::uint32_t below) const = 0;
  /// Of piece `top` at the top of the column after the one that piece `bottom` ends.
  [[nodiscard]] virtual float next_column(std::uint32_t bottom, std::uint32_t top) const = 0;
  /// The least that below() and beginning a column can be: what can't become good enough is asked no further.
  [[nodiscard]] virtual float least() const = 0;
  /// Row `row` is about to be asked for.
  virtual void approach(std::size_t row) const = 0;
};

class SeamSearch {
 public:
  struct Costs {
    float base;    ///< of beginning a column besides others; half of it of ending a region
    float region;  ///< of beginning or ending one
    float skipped_kept, skipped_least, skipped_most, skipped_first;  ///< of rows that skip a column
    float hopeless;  ///< a state this much worse than the best is given up
  };
  /// Reads the costs of rules/seams.toml; mistakes are added to `settings`.
  [[nodiscard]] static Costs costs_of(Settings& settings);
  explicit SeamSearch(const Costs& costs) : costs_(costs) {}

  struct Result {
    float cost = 0;
    std::vector<std::uint32_t> readings;  ///< index of each row's
  };
  /// `readings`: of each row, at least one across. `most_pieces`: of a reading; 0 leaves all rows across, 1 cuts none.
  /// `beam`: states that are kept, at least 1. Time grows with rows x beam x readings of a row.
  [[nodiscard]] Result operator()(std::span<const std::vector<SeamReading>> readings, const SeamLinks& links,
                                  std::size_t most_pieces, std::size_t beam) const;

 private:
  struct State;
  struct Successor;
  struct Step;
  [[nodiscard]] static Result uncut(std::span<const std::vector<SeamReading>> readings, const SeamLinks& links);
  [[nodiscard]] float cost_of_skipping(const State& state) const;
  [[nodiscard]] static float close(const SeamLinks& links, const State& state);
  [[nodiscard]] float cost_of(const SeamLinks& links, const State& parent, const SeamReading& reading, float own,
                              float skipping, float limit, float least) const;
  void go_on(State& state, const Successor& successor, const SeamReading& reading) const;
  void sort(std::vector<Successor>& successors) const;
  void keep(std::span<const Successor> sorted, std::span<const State> parents, std::span<const SeamReading> readings,
            std::size_t beam, std::vector<State>& kept, std::vector<std::uint32_t>& places,
            std::vector<Step>& steps) const;

  Costs costs_;
};

}  // namespace inkwash::stages
