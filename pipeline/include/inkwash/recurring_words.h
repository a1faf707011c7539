// Collects the words that recur across texts and that newspapers at large don't have: names, places, terms.
//
//     RecurringWords collection;
//     for (const std::string& text : texts) collection.add_text(text);   // a paragraph a line
//     for (const auto& [word, texts] : collection.words(3)) ...
//
// As a protected list (rules/protected.tsv) they are never taken for misread. A word is two to four ideographs that
// the coherence model's corpus has not, one of which it finds improbable, in so many texts, with different neighbours
// on either side (accessor variety, Feng et al. 2004). What looks like another word that is in as many texts is
// likelier that one misread, and not among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace inkwash {

/// Not thread-safe. The same calls in the same order give the same words. Memory: 60 bytes for each kind of n-gram,
/// of which eight million are held; then those that were in one text alone are forgotten (lossy counting, Manku and
/// Motwani 2002), so that of very many texts only the more frequent words are found.
class RecurringWords {
 public:
  /// Clean text in UTF-8, a paragraph a line; valid UTF-8.
  void add_text(std::string_view text);
  [[nodiscard]] std::uint32_t texts() const noexcept { return texts_; }

  struct Word {
    std::string text;
    std::uint32_t texts;  ///< in so many of them
  };
  /// Those in at least so many texts, the most frequent first.
  [[nodiscard]] std::vector<Word> words(std::uint32_t least_texts) const;

 private:
  /// What stands beside a word on one side: one thing or several. Where no ideograph does, that is as good as several.
  struct Beside {
    char16_t first = 0;
    bool varies = false;
    void add(char16_t neighbour) {
      varies |= neighbour == 0 || (first != 0 && first != neighbour);
      first = neighbour;
    }
  };
  struct Seen {
    std::uint32_t texts = 0, last = 0;  ///< how many; the last one's number
    std::uint32_t times = 0;
    Beside left, right;
    bool doubted = false;  ///< recognition might be doubted there
  };
  void add_run(std::u16string_view ideographs, const std::vector<bool>& doubted);
  void forget_rare();

  std::unordered_map<std::uint64_t, Seen> seen_;  ///< by the n-gram, 16 bits a character, the last one lowest
  std::uint32_t texts_ = 0;
};

}  // namespace inkwash
