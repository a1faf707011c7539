// Which fragment goes on after which: one assignment over a page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/order_fragments.h"

namespace inkwash::stages::ordering {

/// Joins fragments that end inside a sentence to what goes on with them, by the gains of rules/order.toml. Immutable;
/// thread-safe.
class Continuations {
 public:
  Continuations(Settings& settings, const CoherenceModel& model, const Headings& headings);

  /// Adds a link for each continuation that is sure. `in_lines`: the text still stands in its lines. What begins or
  /// ends inside a sentence and has none is noted by the rule `unmatched`.
  void find(std::string_view text, std::span<const Fragment> fragments, bool in_lines, std::vector<Link>& links,
            Proposal& proposal, RuleIndex unmatched) const;

  /// What surely begins inside a paragraph.
  [[nodiscard]] bool begins_inside(std::string_view ink) const;
  /// What goes on inside a sentence begins a paragraph no more likely than this, as a natural logarithm.
  [[nodiscard]] float most_begins_inside() const noexcept { return most_begins_inside_; }

 private:
  float gain(const struct End& of_a, const struct Beginning& of_b, bool in_place,
             const std::unordered_set<std::uint64_t>& threes) const;
  /// Of each series of words that count, how many come before the first that a text has, and how many until the last;
  /// 0: it has none of them.
  struct Counted {
    std::vector<std::size_t> before_first, until_last;
  };
  Counted counted_in(std::string_view text) const;
  /// `right` has the second of words that count, or a later one, and `left` all until it.
  static bool counts_on_from(const Counted& left, const Counted& right);
  /// Ends as captions and articles do that name their source after the last sentence.
  bool ends_in_credit(std::string_view ink) const;

  CoherenceModel model_;
  const Headings& headings_;
  std::uint32_t long_;
  float prior_, long_open_, bad_begin_, bracket_, unclosed_, recurs_, word_, most_words_;
  std::size_t near_;
  float most_begins_inside_, far_, past_heading_, rest_;
  std::size_t longest_rest_;
  float short_rest_;
  std::size_t longest_short_rest_;
  float in_place_, whole_, headed_, indented_, out_of_headline_, most_, least_, least_text_, margin_text_,
      least_in_place_, margin_, least_in_lines_, margin_in_lines_, most_begins_in_lines_;
  std::uint32_t area_lines_, window_;
  float counts_on_;
  std::vector<std::string> credits_;
  std::size_t longest_credit_;
  std::vector<std::string> labels_;
  std::size_t longest_label_;
  std::uint32_t indent_;
  float full_;
  std::vector<std::vector<std::string>> series_;
};

}  // namespace inkwash::stages::ordering
