// What words of two characters are read as where that is no word (rules/misread_words.tsv).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/confusions.h"
#include "stages/image.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// In the symbols that a coherence model reads characters as, so in both scripts. Immutable after construction;
/// thread-safe.
class MisreadWords {
 public:
  using Symbol = CoherenceModel::Symbol;
  static constexpr std::string_view file = "misread_words.tsv";

  /// Those that are built in, in the symbols of the model that is: made when inkwash was built.
  [[nodiscard]] static const MisreadWords& shipped();
  /// Those of these rules, of which `confusions` are, too; `settings` are those of ocr.toml. Mistakes are added to
  /// them.
  MisreadWords(Settings& settings, const Rules& rules, const CoherenceModel& model, const Confusions& confusions);

  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image`, which outlives the words.
  explicit MisreadWords(std::string_view image);

  /// Whether a word may be read as these two, or the character that they are the parts of (confusions.h): false of
  /// nearly all others.
  [[nodiscard]] bool may_have(Symbol first, Symbol second) const noexcept { return may_have(pair_of(first, second)); }
  /// What one of two characters that make no word is.
  struct Right {
    Symbol symbol;
    bool is_second;  ///< of the two
    bool is_alike;   ///< to what was read, so that no name is written so
  };
  /// Whether a word is.
  [[nodiscard]] bool has(Symbol first, Symbol second) const noexcept {
    bool found = false;
    find(first, second, [&](Right) { found = true; });
    return found;
  }
  /// Calls `see(right)` for each word that is read as these two.
  template <typename See>
  void find(Symbol first, Symbol second, const See& see) const {
    const std::uint32_t pair = pair_of(first, second);
    if (!may_have(pair)) return;
    const std::span<const Entry> entries(entries_.data(), entries_.size());
    for (const Entry& entry : std::ranges::equal_range(entries, pair, {}, &Entry::pair))
      see(Right{entry.right, (entry.flags & second_one) != 0, (entry.flags & alike) != 0});
  }

 private:
  struct Entry {
    std::uint32_t pair;   ///< what was read
    Symbol right;         ///< what one of the two is
    std::uint16_t flags;  ///< second_one, alike
  };
  static constexpr std::uint16_t second_one = 1, alike = 2;
  static std::uint32_t pair_of(Symbol first, Symbol second) noexcept { return std::uint32_t{first} << 16 | second; }
  /// A filter of one word of 64 bits and two bits of it for each pair (Bloom 1970; Putze, Sanders and Singler 2007): of
  /// what is not there one in a hundred seems to be.
  static constexpr int filter_bits = 13;
  struct Place {
    explicit Place(std::uint32_t pair) noexcept {
      const std::uint64_t hash = pair * std::uint64_t{0x9E3779B97F4A7C15u};
      word = hash >> (64 - filter_bits);
      bits = std::uint64_t{1} << (hash >> 40 & 63) | std::uint64_t{1} << (hash >> 34 & 63);
    }
    std::size_t word;
    std::uint64_t bits;
  };
  bool may_have(std::uint32_t pair) const noexcept {
    const Place place(pair);
    return (filter_[place.word] & place.bits) == place.bits;
  }

  template <typename Self, typename Image>
  static void members(Self& self, Image& image) {
    image(self.entries_);
    image(self.filter_);
  }

  ImageArray<Entry> entries_;  ///< by what was read
  ImageArray<std::uint64_t> filter_;
};

}  // namespace inkwash::stages
