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
  /// Those of these rules. Mistakes in them are added to `settings`.
  MisreadWords(Settings& settings, const Rules& rules, const CoherenceModel& model);

  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image`, which outlives the words.
  explicit MisreadWords(std::string_view image);

  /// Whether two characters beside each other, perhaps with white space between them, may be one; linear in the text.
  [[nodiscard]] bool any_in(std::string_view text, const CoherenceModel& model) const noexcept;
  /// Calls `see(second, right)` for each word that is read as these two: whether it is the second of them that is
  /// misread, and for what.
  template <typename See>
  void find(Symbol first, Symbol second, const See& see) const {
    const std::uint32_t pair = pair_of(first, second);
    if (!may_have(pair)) return;
    const std::span<const Entry> entries(entries_.data(), entries_.size());
    for (const Entry& entry : std::ranges::equal_range(entries, pair, {}, &Entry::pair))
      see(entry.second != 0, entry.right);
  }

 private:
  struct Entry {
    std::uint32_t pair;    ///< what was read
    Symbol right;          ///< what one of the two is
    std::uint16_t second;  ///< whether that is the second
  };
  static std::uint32_t pair_of(Symbol first, Symbol second) noexcept { return std::uint32_t{first} << 16 | second; }
  static constexpr int hash_bits = 18;
  static std::size_t hash(std::uint32_t pair) noexcept {
    return pair * std::uint64_t{0x9E3779B97F4A7C15u} >> (64 - hash_bits);
  }
  /// Of what is no such word few have a word's bit.
  bool may_have(std::uint32_t pair) const noexcept {
    const std::size_t bit = hash(pair);
    return (are_there_[bit / 64] >> bit % 64 & 1) != 0;
  }

  template <typename Self, typename Image>
  static void members(Self& self, Image& image) {
    image(self.entries_);
    image(self.are_there_);
  }

  ImageArray<Entry> entries_;  ///< by what was read
  ImageArray<std::uint64_t> are_there_;
};

}  // namespace inkwash::stages
