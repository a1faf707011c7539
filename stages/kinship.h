// Whether a headline and a text speak of the same.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_set>

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
  std::unordered_set<std::uint32_t> known_;
};

}  // namespace inkwash::stages
