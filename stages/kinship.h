// Whether a headline and a text speak of the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stages/coherence.h"

namespace inkwash::stages {

/// What a text speaks of: the ideographs and pairs of ideographs that stand in it, as the coherence model reads
/// them. Immutable after construction; thread-safe.
class Vocabulary {
 public:
  /// `text` is valid UTF-8; the model must outlive this.
  Vocabulary(const CoherenceModel& model, std::string_view text);

  /// How much more probable it is that this text has the headline's ideographs and pairs if the headline is its own
  /// than if it is another text of its length, as a natural logarithm: naive Bayes, by how often the model expects
  /// them anywhere. 0 where the headline has no ideographs.
  [[nodiscard]] float kinship(std::string_view headline) const;

 private:
  const CoherenceModel& model_;
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
