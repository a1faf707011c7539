// All headlines of a page, of several texts, that stand together below them.
//
// What sets down a page type by type gives the text first and then all headlines and sub-headlines, nearly always in
// the order of their places. All of them are placed together: a hidden Markov model whose states are the texts that a
// headline may stand above (Rabiner, "A tutorial on hidden Markov models", 1989). What they speak of and how articles
// begin is what is seen of it; going down the page costs nothing, a second headline of one text something, going up
// more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stages/blocks_page.h"
#include "stages/leads.h"

namespace inkwash::stages::paragraphs {

/// By the section `collected` of rules/blocks.toml. Immutable; thread-safe.
class Collected {
 public:
  /// Mistakes in the rules are added to `settings`; what it is given must outlive this.
  Collected(Settings& settings, const Kinship& kinship, const Leads& leads);

  /// The group in parts, each with the paragraph it belongs before. Empty: they are one text's, or it is in doubt.
  [[nodiscard]] std::vector<Group> parts_of(Page& page, const Group& group) const;

 private:
  struct Text {
    std::size_t at;
    float lead;  ///< how much more probable this is as a beginning of an article than as another paragraph
    bool is_first;
  };
  struct Place {
    std::size_t text;
    float probability;
  };
  std::vector<Group> headlines_of(const Page& page, const Group& group) const;
  std::vector<Text> texts_above(const Page& page, const Group& group) const;
  /// What the first of the texts counts more where nothing stands above it.
  float first_of(std::span<const Text> texts) const { return texts.front().is_first ? first_ : 0; }
  /// The log probability of what is seen of each headline above each text, be it an article's or a sub-headline: a row
  /// for each headline.
  std::vector<float> seen_of(Page& page, std::span<const Group> headlines, std::span<const Text> texts) const;
  /// Above which text each headline stands on the likeliest way, and how probable that is.
  std::vector<Place> places_of(std::span<const float> seen, std::span<const Text> texts) const;

  const Kinship& kinship_;
  const Leads& leads_;
  float kinship_share_, clauses_, first_, most_lead_, part_lead_, second_, back_;
  std::uint32_t widest_;
  float sure_, all_;
};

}  // namespace inkwash::stages::paragraphs
