// What lines of Latin text show of how they were wrapped, and how one goes on with another.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "inkwash/stage.h"

namespace inkwash::stages {

class Settings;

/// Reads rules/latin.toml and rules/words-english.txt. Immutable once made; every function is safe to call from any
/// thread and takes the ink of a line: valid UTF-8, not empty.
class LatinLines {
 public:
  /// Those of these rules; what is built in is read once. Mistakes are added to `settings`.
  [[nodiscard]] static std::shared_ptr<const LatinLines> of(Settings& settings, const Rules& rules);

  /// Half-ems as faces for text have them, where a letter is one on average: letters are of unlike widths.
  [[nodiscard]] float width_of(std::string_view ink) const noexcept;
  /// The same of what can't be parted from its beginning: a word up to a space or with its hyphen.
  [[nodiscard]] float first_word_width(std::string_view ink) const noexcept;

  /// Begins with a small letter, as paragraphs don't.
  [[nodiscard]] static bool begins_small(std::string_view ink) noexcept;
  /// Begins with a capital or a quotation, as paragraphs do; not with "I".
  [[nodiscard]] static bool begins_with_capital(std::string_view ink) noexcept;
  /// Ends with a word that something must follow: "the", "of".
  [[nodiscard]] bool ends_openly(std::string_view ink) const;
  /// Ends with a comma or such a word in small letters (not "May"): surely something follows.
  [[nodiscard]] bool ends_unfinished(std::string_view ink) const;
  /// Begins with a word that goes on with something: "of", "and", "is".
  [[nodiscard]] bool begins_openly(std::string_view ink) const;
  /// Ends with a full stop that ends no sentence: "Mr.", "Sept."
  [[nodiscard]] bool ends_in_abbreviation(std::string_view ink) const;
  /// Whether it is an English word of rules/words-english.txt; in small letters.
  [[nodiscard]] bool knows(std::string_view word) const noexcept;
  /// Ends inside a word, with a hyphen.
  [[nodiscard]] static bool ends_in_word(std::string_view ink) noexcept;

  /// The kinds of ends and beginnings that the table of latin.toml knows.
  enum class End : std::uint8_t {
    none,
    hyphen,
    stop,
    colon,
    comma,
    determiner,
    preposition,
    conjunction,
    auxiliary,
    pronoun,
    word,
    capital,
    digit
  };
  enum class Begin : std::uint8_t {
    none,
    determiner,
    preposition,
    conjunction,
    auxiliary,
    pronoun,
    word,
    capital,
    starter,
    quote,
    digit,
    fragment
  };
  /// They view the text that they are of.
  struct Ended {
    End kind = End::none;
    std::string_view cut;  ///< of a word that a hyphen cuts, the letters before it
  };
  struct Begun {
    Begin kind = Begin::none;
    std::string_view word;  ///< its small letters up to the first that is none
  };
  /// None where the end, or the beginning, of the text is not Latin.
  [[nodiscard]] Ended end_of(std::string_view text) const;
  [[nodiscard]] Begun begin_of(std::string_view text) const;
  /// How much more probable such a beginning is after such an end than anywhere: a natural logarithm, weighed so
  /// that it counts as much as the coherence model's.
  [[nodiscard]] float goes_on(const Ended& end, const Begun& begin) const;

 private:
  static constexpr std::size_t ends = static_cast<std::size_t>(End::digit) + 1;
  static constexpr std::size_t beginnings = static_cast<std::size_t>(Begin::fragment) + 1;

  LatinLines(Settings& settings, const Rules& rules);

  /// Of a word of grammar, without regard to capitals; none: it is another word.
  [[nodiscard]] End kind_of(std::string_view word) const;

  std::array<float, 128> widths_{};
  RuleText words_{std::string_view()};
  std::unordered_map<std::string, End> kinds_;  ///< of words of grammar
  std::unordered_set<std::string> abbreviations_, fragments_;
  std::array<std::array<float, beginnings>, ends> goes_on_{};
  float cut_word_ = 0, cut_compound_ = 0, cut_none_ = 0;
};

}  // namespace inkwash::stages
