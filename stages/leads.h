// How articles begin, by rules/leads.tsv.
#pragma once

#include <optional>
#include <string_view>

#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/leads_table.h"
#include "stages/settings.h"

namespace inkwash::stages {

/// Tells an article's first paragraph from the others by the n-grams it begins with: a naive Bayes
/// classifier whose weights scripts/train_leads.py counts. Immutable after construction; thread-safe.
class Leads {
 public:
  /// Mistakes in a table that is not the built-in one are added to `settings`.
  Leads(Settings& settings, const Rules& rules, const CoherenceModel& model);

  /// How much more probable the paragraph's beginning is in an article's first paragraph than in
  /// another, as a natural logarithm.
  [[nodiscard]] float likeness(std::string_view paragraph) const;
  /// likeness() >= least; much faster where its first characters alone tell that it is not, as with most.
  [[nodiscard]] bool is_like(std::string_view paragraph, float least) const;

 private:
  /// What the first `near` symbols say.
  static float of_beginning(const LeadsTable& table, std::u16string_view symbols);
  [[nodiscard]] const LeadsTable& table() const { return own_ ? *own_ : LeadsTable::shipped(); }

  CoherenceModel model_;
  std::optional<LeadsTable> own_;
};

}  // namespace inkwash::stages
