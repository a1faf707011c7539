// Which lines of a region belong to which column: columns that were read in turn, in bands one below the other.
//
//     InterleaveSearch search(InterleaveSearch::costs_of(settings));
//     const InterleaveSearch::Result result = search(lines, links, is_latin, beam);
//     result.places[i]  // of line i: its column, in reading order, and whether it begins a band
//
// All lines are decided together, by a beam search line by line. A state knows the first and the last line of each
// column of the band that is not done yet; of two that no line to come can tell apart, the regularity of their turns
// and their quotations aside, the cheaper is kept. States of each number of columns have a beam of their own: a column
// that was begun costs nothing more until it goes on, so guesses of many columns would crowd out the rest. The columns
// of a band are read in the cheapest sequence there is (Held and Karp, "A dynamic programming approach to sequencing
// problems", 1962). With a beam that nothing is lost to it finds the cheapest places of all (interleave_search_test.cpp
// tries all of them). Time grows with lines x beam x columns^2, and where a band may end with 2^columns x columns^2 at
// worst.
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stages/quotations.h"
#include "stages/settings.h"

namespace inkwash::stages {

constexpr std::size_t most_interleaved_columns = 8;

/// What the search knows of a line, its words apart.
struct InterleavedLine {
  bool blank_before = false;
  bool begins_badly = false;  ///< may not begin a column
  bool is_open = true;        ///< no sentence ends with it
  bool fills = true;          ///< open, and about as wide as a column
  Quotations quotations{};
};

/// What one line below another costs.
class InterleaveLinks {
 public:
  virtual ~InterleaveLinks() = default;
  /// Of line `below` below line `above`, of one column or at the top of the next.
  [[nodiscard]] virtual float below(std::uint32_t above, std::uint32_t below) const = 0;
  /// Of the line at the region's very beginning.
  [[nodiscard]] virtual float begin(std::uint32_t line) const = 0;
  /// Of the line at the region's very end.
  [[nodiscard]] virtual float end(std::uint32_t line) const = 0;
  /// The least that below() and end() can be: what can't become good enough is asked no further.
  [[nodiscard]] virtual float least() const = 0;
  /// below() of this pair is about to be asked for.
  virtual void prefetch(std::uint32_t above, std::uint32_t below) const = 0;
};

class InterleaveSearch {
 public:
  struct Costs {
    float column, many_columns;  ///< of beginning one, and more of each besides so many
    std::size_t few_columns;
    float out_of_order;  ///< of reading a column before one whose first line came earlier
    float band;
    float change, latin_change;  ///< of changing the column without a blank line between
    float turns_kept, turns_before, out_of_turn_least, out_of_turn_most, latin_out_of_turn, again;
    std::uint8_t missed_turns;  ///< a column without a line for so many has ended
    float resumed;              ///< of going on with one that has
    float quotation;
    float hopeless;  ///< a state this much worse than the best is given up
    std::size_t most_columns, band_beam;
  };
  /// Reads the costs of rules/interleave.toml; mistakes are added to `settings`.
  [[nodiscard]] static Costs costs_of(Settings& settings);
  explicit InterleaveSearch(const Costs& costs) : costs_(costs) {}

  /// Where a line stands: its column, in reading order from 0; a band of columns ends where the next begins.
  struct Place {
    std::uint8_t column;
    bool begins_band;
  };
  /// Lines [first, last), and how much better they are as columns than as they stand.
  struct Band {
    std::uint32_t first, last;
    float gain;
  };
  struct Result {
    float cost = 0;
    std::vector<Place> places;
    std::vector<Band> bands;  ///< from above, of one column the whole region
  };
  /// How far is searched.
  struct Width {
    std::size_t beam;     ///< states of each number of columns that are kept, at most `widest_beam`
    std::size_t columns;  ///< of a band, at most
  };
  /// At least one line. `is_latin`: most of them are.
  [[nodiscard]] Result operator()(std::span<const InterleavedLine> lines, const InterleaveLinks& links, bool is_latin,
                                  Width width) const;
  static constexpr std::size_t widest_beam = 8000;  // a state's number has 16 bits

 private:
  struct State;
  struct Successor;
  struct Reading;
  class Sequences;
  [[nodiscard]] State state_of(const Successor& successor, std::span<const State> parents, std::uint32_t i,
                               const Quotations& quotations) const;
  void thin(std::vector<Successor>& successors, std::span<const State> parents, std::uint32_t i, float best,
            std::size_t beam) const;
  [[nodiscard]] float cost_of_turn(const State& state) const;
  [[nodiscard]] std::size_t next_turn(const State& state) const;
  [[nodiscard]] bool has_ended(const State& state, std::size_t column) const;
  [[nodiscard]] float cost_of_column(std::size_t columns) const;

  Costs costs_;
};

}  // namespace inkwash::stages
