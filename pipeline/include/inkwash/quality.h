// inkwash/quality.h - how far a cleaned text can be trusted, for those who filter.
//
//     const auto judge = inkwash::Judge::make(inkwash::Rules{});
//     const inkwash::Quality quality = judge->judge(*document);
//     if (quality.score < 0.5) look_at(document);
//
// The score is a guess from signs in the text and in what was done to it, not a measurement: paragraphs
// that end in mid-sentence, columns that were read in turn, characters that were misread, strange characters
// among ideographs. How it goes with the true error is in rules/README.md.
#pragma once

#include <cstddef>
#include <string_view>

#include "inkwash/document.h"
#include "inkwash/expected.h"
#include "inkwash/stage.h"

namespace inkwash {

struct Quality {
  double score = 1;         ///< 0 (damaged) to 1 (no sign of damage)
  std::string_view script;  ///< "hans", "hant", "mixed", "latin" or "none"; static storage
  std::size_t characters = 0, ideographs = 0, latin_letters = 0, digits = 0;
  std::size_t paragraphs = 0, open_paragraphs = 0;  ///< open: ends in mid-sentence
  std::size_t repaired = 0;                         ///< characters that `ocr` repaired
  std::size_t strange = 0;                          ///< symbols and letters between two ideographs
};

/// Immutable after construction, thread-safe, copyable.
class Judge {
 public:
  /// Reads quality.toml. Error: what is wrong with it.
  [[nodiscard]] static expected<Judge, ConfigErrors> make(const Rules& rules);
  /// Of a document that a chain has cleaned.
  [[nodiscard]] Quality judge(const Document& document) const;

 private:
  Judge() = default;
  /// Weighs the root of how much there is of it, at most its weight.
  struct Sign {
    double weight = 0;
    double full_at = 1;  ///< so much of it weighs all
  };
  Sign repaired_, strange_, open_, in_turn_, notes_;
  double mixed_ = 0;
};

}  // namespace inkwash
