// What lines of Latin text show of how they were wrapped.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_set>

#include "inkwash/stage.h"

namespace inkwash::stages {

class Settings;

/// Reads rules/latin.toml. Immutable once made; every function is safe to call from any thread and takes
/// the ink of a line: valid UTF-8, not empty.
class LatinLines {
 public:
  /// Mistakes are added to `settings`, which must be of latin.toml.
  explicit LatinLines(Settings& settings);

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
  /// Ends with a full stop that ends no sentence: "Mr.", "Sept."
  [[nodiscard]] bool ends_in_abbreviation(std::string_view ink) const;
  /// Ends inside a word, with a hyphen.
  [[nodiscard]] static bool ends_in_word(std::string_view ink) noexcept;

 private:
  std::array<float, 128> widths_{};
  std::unordered_set<std::string> open_, abbreviations_;
};

}  // namespace inkwash::stages
