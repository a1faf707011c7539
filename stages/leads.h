// How articles begin, by rules/leads.tsv.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Tells an article's first paragraph from the others by the n-grams it begins with: a naive Bayes
/// classifier whose weights scripts/train_leads.py counts. Immutable after construction; thread-safe.
class Leads {
 public:
  /// The built-in table is read when it is first asked, another one now; mistakes in it are added to `settings`.
  Leads(Settings& settings, const Rules& rules, const CoherenceModel& model);

  /// How much more probable the paragraph's beginning is in an article's first paragraph than in
  /// another, as a natural logarithm.
  [[nodiscard]] float likeness(std::string_view paragraph) const;
  /// likeness() >= least; much faster where its first characters alone tell that it is not, as with most.
  [[nodiscard]] bool is_like(std::string_view paragraph, float least) const;

 private:
  /// Weights of up to four symbols, the last lowest. A hash table with open addressing: a start that asks for leads
  /// makes it of all of them.
  class Weights {
   public:
    /// 0 where there is none.
    [[nodiscard]] float of(std::uint64_t key) const noexcept { return slots_[slot_of(key)].second; }
    void set(std::uint64_t key, float weight);

   private:
    /// Where the key is, or the empty one where it belongs.
    [[nodiscard]] std::size_t slot_of(std::uint64_t key) const noexcept {
      std::size_t slot = key * 0x9E3779B97F4A7C15u >> 40;
      while (slots_[slot &= slots_.size() - 1].first != key && slots_[slot].first != 0) ++slot;
      return slot;
    }

    using Slot = std::pair<std::uint64_t, float>;      ///< no key is 0
    std::vector<Slot> slots_ = std::vector<Slot>(16);  ///< a power of two of them, half of them empty
    std::size_t count_ = 0;
  };
  struct Table {
    Weights opening, near;
    std::unordered_map<std::u16string, float> early;
    float early_most = 0;  ///< what `early` can add
  };
  /// What the first `near` symbols say.
  static float of_beginning(const Table& table, std::u16string_view symbols);
  [[nodiscard]] const Table& table() const { return own_ ? *own_ : built_in(); }
  static Table read(Settings& settings, const Rules& rules);
  static const Table& built_in();

  CoherenceModel model_;
  std::optional<Table> own_;
};

}  // namespace inkwash::stages
