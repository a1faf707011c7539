// How the pieces of rows end and begin, and what it costs that one goes on with another.
//
//     SeamJoints joints(costs);
//     const SeamEnds a = joints.ends_of(text), b = joints.ends_of(other);
//     joints.cost(a.end, b.begin)
//
// Pieces that end, or begin, with the same few characters share an end, or a beginning: a page is cut at many widths,
// and nearly all of what its pieces are asked at one was asked at another. One thread's.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stages/coherence.h"

namespace inkwash::stages {

/// How a text without noise ends and begins.
struct SeamEnds {
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t begin = nothing, end = nothing;
};

class SeamJoints {
 public:
  struct Costs {
    CoherenceModel model;  ///< without_latin(): what reads alike is one here
    float base;            ///< of what goes on neither well nor badly
    float least, most;     ///< limits
  };
  /// `rows`: about how many rows there are. `costs` must outlive it.
  explicit SeamJoints(const Costs& costs, std::size_t rows = 0);

  /// `core`: a text without noise; empty: nothing stands there.
  [[nodiscard]] SeamEnds ends_of(std::string_view core);
  /// Of a text that begins so standing below one that ends so, or going on with it.
  [[nodiscard]] float cost(std::uint32_t end, std::uint32_t begin);
  /// Whether a sentence goes on after it.
  [[nodiscard]] bool is_open(std::uint32_t end) const noexcept {
    return end != SeamEnds::nothing && ends_[end].is_open;
  }
  /// Asks the memory for what cost() will look at: first for all that end so, then for one that begins so.
  void prefetch(std::uint32_t end) const noexcept;
  void prefetch(std::uint32_t end, std::uint32_t begin) noexcept;

 private:
  struct End {
    CoherenceModel::Tail tail;  ///< prepared when first asked for
    bool is_open;
  };
  struct Begin {
    CoherenceModel::Head head;
    bool is_bad;  ///< with a mark that no line begins with
  };
  struct Joint {
    std::uint32_t end = SeamEnds::nothing, begin = SeamEnds::nothing;
    float cost = 0;
  };
  [[nodiscard]] float ask(End& end, const Begin& begin) const;
  [[nodiscard]] const CoherenceModel::Tail& prepared(End& end) const;

  const Costs& costs_;
  std::vector<End> ends_;
  std::vector<Begin> begins_;
  std::unordered_map<std::uint64_t, std::uint32_t> end_of_, begin_of_;  ///< by what they are made of
  std::vector<Joint> joints_;  ///< a power of two: the latest asked for, all of a page
  std::size_t most_joints_;    ///< of them, once any are
};

}  // namespace inkwash::stages
