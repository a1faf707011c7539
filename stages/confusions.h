// The channel of recognition: how probable it is that one character is read as another.
//
// Counts of real confusions (rules/confusables.tsv), smoothed by how much characters look alike (rules/shapes.tsv):
// P(read | true, misread) = (count(read, true) + back * count(true, read) + strength * Q(read | true)) /
// (count(true) + strength), Q that of scripts/shape_similarity.py. Immutable after construction; thread-safe.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/image.h"
#include "stages/settings.h"

namespace inkwash::stages {

class Confusions {
 public:
  /// A character that may stand where another was read.
  struct Candidate {
    Codepoint codepoint;
    float channel;    ///< log P(read | this one, misread)
    float errors;     ///< log(1 + how often this one was misread)
    bool is_counted;  ///< whether it counts as read so once
  };

  /// Of the tables that are built in, with the smoothing that is: made when inkwash was built.
  [[nodiscard]] static const Confusions& shipped();
  /// `settings` are those of ocr.toml; mistakes in the tables are added to them.
  Confusions(Settings& settings, const Rules& rules);

  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image` of these rules; it outlives the confusions.
  Confusions(std::string_view image, const Rules& rules);

  /// Calls `see(candidate)` for each that may stand where `read` was read, once.
  template <typename See>
  void find(Codepoint read, const See& see) const {
    if (read >= characters) return;
    const std::span counts(counts_.data() + counts_begin_[read], counts_.data() + counts_begin_[read + 1]);
    const auto candidate = [&](Codepoint right, float log_weight, float count) {
      const Errors& errors = errors_[right < characters ? which_[right] : 0];
      return Candidate{right, log_weight - errors.log_all, errors.log_more, count >= 1};
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
        see(candidate(right, std::log(same->count + alike_[tenths]), same->count));
      } else if (right >= characters || which_[right] == 0) {
        see(Candidate{right, never_read_[tenths], 0, false});
      } else {
        see(candidate(right, log_alike_[tenths], 0));
      }
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      if (!alike[i]) see(candidate(counts[i].right, std::log(counts[i].count), counts[i].count));
  }

  /// A character of two parts that are characters themselves, side by side: recognition may read one for the other.
  struct Parts {
    Codepoint left, right, whole;
  };
  [[nodiscard]] std::span<const Parts> parts() const noexcept { return {parts_.data(), parts_.size()}; }
  /// Those of which these two are the parts.
  [[nodiscard]] std::span<const Parts> wholes(Codepoint left, Codepoint right) const noexcept;

  static constexpr std::string_view counts_file = "confusables.tsv", shapes_file = "shapes.tsv",
                                    parts_file = "parts.tsv";

 private:
  static constexpr std::size_t characters = 0x10000;  ///< the first plane: no model reads others
  struct Count {
    Codepoint right;
    float count;
  };
  struct Errors {
    float log_more = 0;  ///< log(1 + count)
    float log_all = 0;   ///< log(count + strength)
  };

  void read_counts(Settings& settings, const Rules& rules, float back, float strength);
  void read_parts(Settings& settings, const Rules& rules);
  void read_shapes(Settings& settings, const Rules& rules, float strength);
  /// The line of shapes_ of a character that was read, without it; empty where there is none.
  [[nodiscard]] std::string_view look_alikes(Codepoint read) const;

  template <typename Self, typename Image>
  static void members(Self& self, Image& image) {
    image(self.counts_begin_);
    image(self.counts_);
    image(self.which_);
    image(self.errors_);
    image(self.alike_);
    image(self.log_alike_);
    image(self.never_read_);
    image(self.look_alikes_);
    image(self.parts_);
  }

  ImageArray<std::uint32_t> counts_begin_;  ///< where those of each character read begin, and where the last ones end
  ImageArray<Count> counts_;
  ImageArray<std::uint16_t> which_;        ///< of errors_ by the true one
  ImageArray<Errors> errors_;              ///< of each true one, after that of what was never misread
  ImageArray<float> alike_;                ///< by tenths: strength * Q(read | true)
  ImageArray<float> log_alike_;            ///< its logarithm
  ImageArray<float> never_read_;           ///< and the channel of characters that were never misread
  RuleText shapes_{std::string_view()};    ///< the file: its lines are read when asked for
  ImageArray<std::uint32_t> look_alikes_;  ///< where in it the list of each begins; 0: it has none
  ImageArray<Parts> parts_;                ///< by the parts
};

}  // namespace inkwash::stages
