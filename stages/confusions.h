// The channel of recognition: how probable it is that one character is read as another.
//
// Counts of real confusions (rules/confusables.tsv), smoothed by how much characters look alike (rules/shapes.tsv):
// P(read | true, misread) = (count(read, true) + back * count(true, read) + strength * Q(read | true)) /
// (count(true) + strength), Q that of scripts/shape_similarity.py. Immutable after construction; thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {

class Confusions {
 public:
  /// A character that may stand where another was read.
  struct Candidate {
    Codepoint codepoint;
    float channel;  ///< log P(read | this one, misread)
    float errors;   ///< log(1 + how often this one was misread)
  };
  struct Smoothing {
    float back, strength;
  };

  /// Mistakes in the tables are added to `settings`.
  Confusions(Settings& settings, const Rules& rules, Smoothing smoothing);

  /// Calls `see(candidate)` for each that may stand where `read` was read, once.
  template <typename See>
  void find(Codepoint read, const See& see) const {
    const auto counted = counts_.find(read);
    const std::span<const Count> counts = counted == counts_.end() ? std::span<const Count>() : counted->second;
    const auto candidate = [&](Codepoint right, float log_weight) {
      const Errors& errors = errors_[right < which_.size() ? which_[right] : 0];
      return Candidate{right, log_weight - errors.log_all, errors.log_more};
    };
    std::vector<bool> alike(counts.size());
    const std::string_view line = look_alikes(read);
    for (std::size_t at = 0; at < line.size();) {
      const auto [right, length] = valid_utf8_next(line, at);
      at += length;
      const auto tenths = static_cast<std::size_t>(10 * (line[at] - '0') + (line[at + 1] - '0'));
      at += 2;
      const auto same = std::ranges::find(counts, right, &Count::right);
      if (same != counts.end()) {
        alike[static_cast<std::size_t>(same - counts.begin())] = true;
        see(candidate(right, std::log(same->count + alike_[tenths])));
      } else if (right >= which_.size() || which_[right] == 0) {
        see(Candidate{right, never_read_[tenths], 0});
      } else {
        see(candidate(right, log_alike_[tenths]));
      }
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (!alike[i]) see(candidate(counts[i].right, std::log(counts[i].count)));
  }

  /// A character of two parts that are characters themselves, side by side: recognition may read one for the other.
  struct Parts {
    Codepoint left, right, whole;
  };
  /// Those of which these two are the parts.
  [[nodiscard]] std::span<const Parts> wholes(Codepoint left, Codepoint right) const noexcept;

  static constexpr std::string_view counts_file = "confusables.tsv", shapes_file = "shapes.tsv",
                                    parts_file = "parts.tsv";

 private:
  /// The line of shapes_ of a character that was read, without it; empty where there is none.
  [[nodiscard]] std::string_view look_alikes(Codepoint read) const;

  Smoothing smoothing_;
  struct Count {
    Codepoint right;
    float count;
  };
  std::unordered_map<Codepoint, std::vector<Count>> counts_;  ///< by the character read
  struct Errors {
    float count = 0;
    float log_more = 0;  ///< log(1 + count)
    float log_all = 0;   ///< log(count + strength)
  };
  std::vector<Errors> errors_;              ///< of each true one, after that of what was never misread
  std::vector<std::uint16_t> which_;        ///< of these by the true one, of the first plane
  std::array<float, 100> alike_{};          ///< by tenths: strength * Q(read | true)
  std::array<float, 100> log_alike_{};      ///< its logarithm
  std::array<float, 100> never_read_{};     ///< and the channel of characters that were never misread
  RuleText shapes_{std::string_view()};     ///< the file: its lines are read when asked for
  std::vector<std::uint32_t> look_alikes_;  ///< where in it the list of each of the first plane begins; 0: it has none
  std::vector<Parts> parts_;                ///< by the parts
  std::bitset<0x10000> left_parts_;         ///< of the first plane
};

}  // namespace inkwash::stages
