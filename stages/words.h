// Which runs of characters are Chinese words (rules/words-chinese.txt).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "inkwash/expected.h"
#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/image.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Words of two to four characters, in the symbols that a coherence model reads them as, so in both scripts.
/// Immutable after construction; thread-safe.
class Words {
 private:
  /// The symbols of a word from the most significant on; those that it lacks are 0.
  using Key = std::uint64_t;
  static constexpr int symbol_bits = 16;

 public:
  using Symbol = CoherenceModel::Symbol;
  static constexpr std::size_t most = 4;  ///< characters of a word
  static constexpr std::string_view file = "words-chinese.txt";

  /// Those of the list that is built in, in the symbols of the model that is: made when inkwash was built.
  [[nodiscard]] static const Words& shipped();
  /// Those of the list of these rules. Mistakes in it are added to `settings`; nothing may be asked then.
  [[nodiscard]] static Words of(Settings& settings, const Rules& rules, const CoherenceModel& model);
  /// Those of this list, one a line, in the symbols that characters of the first plane are read as; words with
  /// characters that are not read are left out. Error: the number of the first line that is no word; 0: there are none.
  [[nodiscard]] static expected<Words, std::size_t> of_list(std::string_view list, CoherenceModel::Map map);

  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image`, which outlives the words.
  [[nodiscard]] static Words of_image(std::string_view image);

  /// How many characters the longest word has that has the one at `i`; 1: there is none.
  [[nodiscard]] std::size_t longest_with(std::span<const Symbol> text, std::size_t i) const noexcept;
  /// Whether it is a word.
  [[nodiscard]] bool has(std::span<const Symbol> word) const noexcept;
  /// Calls `see(last)` for each word of two characters whose first is `first`, in order.
  template <typename See>
  void find_last(Symbol first, const See& see) const {
    constexpr Key rest = (Key{1} << (most - 2) * symbol_bits) - 1;
    for (std::size_t i = begins_[first]; i < begins_[first + 1]; ++i)
      if ((words_[i] & rest) == 0) see(static_cast<Symbol>(words_[i] >> (most - 2) * symbol_bits));
  }

 private:
  static Key key_of(std::span<const Symbol> word) noexcept;
  /// Where a key, or a pair as one, has its bit.
  static std::size_t hash(Key key) noexcept { return key * 0x9E3779B97F4A7C15u >> (64 - hash_bits); }
  static Key pair_of(Symbol left, Symbol right) noexcept { return Key{left} << symbol_bits | right; }

  template <typename Self, typename Image>
  static void members(Self& self, Image& image) {
    image(self.words_);
    image(self.begins_);
    image(self.pairs_);
    image(self.are_words_);
  }

  static constexpr int hash_bits = 22;
  /// A bit for each hash.
  using Bits = ImageArray<std::uint64_t>;
  static bool has_bit(const Bits& bits, std::size_t hash) noexcept { return (bits[hash / 64] >> hash % 64 & 1) != 0; }

  ImageArray<Key> words_;             ///< in order
  ImageArray<std::uint32_t> begins_;  ///< where those are that begin with each symbol, and where the last ones end
  /// By their hash: whether two symbols may stand beside each other in a word, and whether there may be a word.
  Bits pairs_, are_words_;
};

}  // namespace inkwash::stages
