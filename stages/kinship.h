// Whether a headline and a text speak of the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stages/coherence.h"

namespace inkwash::stages {

class Settings;

/// The numbers of rules/kinship.toml. Immutable; thread-safe.
class Kinship {
 public:
  /// Mistakes in the rules are added to `settings`. The model must outlive this.
  Kinship(Settings& settings, const Rules& rules, const CoherenceModel& model);

 private:
  friend class Vocabulary;
  [[nodiscard]] float weight(bool is_there, float own, float log_probability, float length) const;

  const CoherenceModel& model_;
  float own_single_, own_pair_, part_of_singles_, most_, most_against_;
};

/// What a text speaks of: the ideographs and pairs of ideographs that stand in it, as the coherence model reads
/// them. Immutable after construction; thread-safe.
class Vocabulary {
 public:
  /// `text` is valid UTF-8; `rules` must outlive this.
  Vocabulary(const Kinship& rules, std::string_view text);

  /// How much more probable it is that this text has the headline's ideographs and pairs if the headline is its own
  /// than if it is another text of its length, as a natural logarithm: naive Bayes, by how often the model expects
  /// them anywhere. 0 where the headline has no ideographs.
  [[nodiscard]] float kinship(std::string_view headline) const;

 private:
  const Kinship& rules_;
  float length_ = 0;  ///< symbols
  /// Where a symbol or pair stands in known_, or the free place where it belongs.
  [[nodiscard]] std::size_t place_of(std::uint32_t key) const noexcept;
  [[nodiscard]] bool knows(std::uint32_t key) const noexcept { return known_[place_of(key)] == key; }
  void add(std::uint32_t key);
  std::size_t count_ = 0;  ///< of known_
  std::vector<std::uint32_t>
      known_;  ///< open addressing with linear probing: a power of two, half of them or more 0, free
};

}  // namespace inkwash::stages
