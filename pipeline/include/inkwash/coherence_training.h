// Makes coherence models from clean text.
//
//     CoherenceTraining training;
//     training.add_text(article);              // a paragraph a line
//     const std::string bytes = training.model(CoherenceTraining::shipped_size);
//
// The model is one of interpolated absolute discounting (Ney, Essen and Kneser 1994) whose lower orders keep
// their own counts. Kneser-Ney's continuation counts predict text a little better but tell a bigram from
// chance worse: what is asked of this model is how much more probable a beginning is after an end than
// anywhere, and of that the lower order is half. N-grams are pruned by what the model loses without them
// (Stolcke 1998).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"

namespace inkwash {

/// Collects counts; not thread-safe. The same calls in the same order give the same bytes. Memory: 16 bytes for
/// each kind of n-gram, and half a GiB while text is added.
class CoherenceTraining {
 public:
  static constexpr std::size_t order = 4;
  /// N-grams of the model that comes with inkwash: 18 MB.
  static constexpr std::size_t shipped_size = 2'640'000;

  /// Text in UTF-8, a paragraph a line, each of whose n-grams counts `weight` times. Characters are read as the
  /// shipped model reads them.
  void add_text(std::string_view text, double weight = 1);
  /// Counts of another corpus: lines of n-gram (one to four characters), tab, count. Error: what is wrong, and in
  /// which line; the lines before it are counted.
  [[nodiscard]] expected<void, std::string> add_counts(std::string_view table, double weight);

  /// Characters of text so far, and its paragraphs.
  [[nodiscard]] std::uint64_t characters() const noexcept { return characters_; }
  [[nodiscard]] std::uint64_t paragraphs() const noexcept { return paragraphs_; }

  /// A model's file, of about so many n-grams of two characters and more. Empty where nothing was added.
  [[nodiscard]] std::string model(std::size_t ngrams);

 private:
  struct Count {
    std::uint64_t key;  ///< symbols, the last one lowest
    double count;
  };
  void add(std::size_t n, std::uint64_t key, double count);
  static void merge(std::vector<Count>& counts);

  std::array<double, 0x10000> unigrams_{};
  std::array<std::vector<Count>, order + 1> counts_;
  std::uint64_t characters_ = 0, paragraphs_ = 0;
};

}  // namespace inkwash
