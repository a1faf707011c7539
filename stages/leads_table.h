// What rules/leads.tsv says of n-grams with which paragraphs begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/stage.h"
#include "stages/image.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Weights of n-grams of up to four symbols of the coherence model, as natural logarithms. Immutable after
/// construction; thread-safe.
class LeadsTable {
 public:
  static constexpr std::size_t longest = 4;  ///< symbols of an n-gram
  static constexpr std::string_view file = "leads.tsv";

  /// What is built in: made when inkwash was built.
  [[nodiscard]] static const LeadsTable& shipped();
  /// Mistakes in the rules are added to `settings`.
  LeadsTable(Settings& settings, const Rules& rules);

  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image`, which outlives the table.
  explicit LeadsTable(std::string_view image);

  /// Of the n-gram that a paragraph begins with; 0: nothing is known of it. Precondition: it is not too long.
  [[nodiscard]] float opening(std::u16string_view ngram) const noexcept { return opening_.of(key_of(ngram)); }
  /// The same of one among its first characters.
  [[nodiscard]] float near(std::u16string_view ngram) const noexcept { return near_.of(key_of(ngram)); }
  /// The sum of those that stand anywhere in the text.
  [[nodiscard]] float early_in(std::u16string_view text) const;
  /// The most that this can be.
  [[nodiscard]] float early_most() const noexcept;

 private:
  struct Weight {
    std::uint64_t key = 0;  ///< the symbols, the last lowest; 0: there is none
    float weight = 0;
    std::uint32_t unused = 0;
  };
  /// A hash table with open addressing.
  class Weights {
   public:
    Weights() = default;
    /// Of what is listed several times the last one counts; what has no key is left out.
    explicit Weights(std::span<const Weight> all);

    /// 0 where there is none.
    [[nodiscard]] float of(std::uint64_t key) const noexcept { return slots_[slot_of(slots_, key)].weight; }
    template <typename Self, typename Image>
    static void members(Self& self, Image& image) {
      image(self.slots_);
    }

   private:
    /// Where the key is, or the empty one where it belongs.
    template <typename Slots>
    static std::size_t slot_of(const Slots& slots, std::uint64_t key) noexcept {
      std::size_t slot = key * 0x9E3779B97F4A7C15u >> 40;
      while (slots[slot &= slots.size() - 1].key != key && slots[slot].key != 0) ++slot;
      return slot;
    }

    ImageArray<Weight> slots_;  ///< a power of two of them, at least half of them empty
  };
  static std::uint64_t key_of(std::u16string_view symbols) noexcept;
  [[nodiscard]] std::span<const Weight> early() const noexcept { return {early_.data(), early_.size()}; }

  template <typename Self, typename Image>
  static void members(Self& self, Image& image) {
    Weights::members(self.opening_, image);
    Weights::members(self.near_, image);
    image(self.early_);
  }

  Weights opening_, near_;
  ImageArray<Weight> early_;
};

}  // namespace inkwash::stages
