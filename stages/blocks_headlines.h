// Headlines that came after their text, or after another's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/stage.h"
#include "stages/blocks_collected.h"
#include "stages/blocks_page.h"
#include "stages/kinship.h"
#include "stages/leads.h"

namespace inkwash::stages::paragraphs {

/// Puts headlines where they belong, by the section `displaced` of rules/blocks.toml. Immutable; thread-safe.
class Displaced {
 public:
  /// What it is given must outlive this.
  Displaced(Settings& settings, const Kinship& kinship, const Leads& leads);

  /// The paragraphs in reading order. Pages that were set down by their text areas may give an article's text
  /// first and its headline after it, or after another article. A headline without a text below it, on a page of
  /// such, goes before the text without a headline that begins with its words, one that has a text stays unless it
  /// surely is another's. In doubt it stays.
  /// What is in doubt is noted by the rule `unplaced`.
  [[nodiscard]] std::vector<std::size_t> headlines_first(Page& page, Proposal& proposal, RuleIndex unplaced) const;

 private:
  /// Where an article without a headline begins.
  struct Start {
    std::size_t at;
    bool is_sure;  ///< by its dateline, or because the one above ended; else it only reads like a lead
  };

  struct Home {
    std::size_t at = none;
    float value = 0;  ///< how much speaks for it
  };

  std::optional<Start> start_at(const Page& page, std::size_t i) const;
  /// Those of a page, from its beginning; looked for when they are first asked for, which most pages don't.
  class Starts {
   public:
    Starts(const Displaced& displaced, const Page& page) : displaced_(displaced), page_(page) {}
    const std::vector<Start>& all();

   private:
    const Displaced& displaced_;
    const Page& page_;
    std::optional<std::vector<Start>> all_;
  };
  /// No sub-headline: a byline or a lead is below it.
  bool owns_article(const Page& page, const Group& group) const;
  /// Where between `start` and `end`, above a group, its article begins: where most of its words first stand, if those
  /// at `start` have few of them. A statement below a report begins without any sign.
  std::size_t beginning_for(Page& page, const Group& group, std::size_t start, std::size_t end) const;
  /// A short line without a space is rather a sub-headline, one in brackets a remark.
  bool is_wide(const Page& page, const Group& group) const;
  /// The start of the text that the group belongs before; none: where it stands, or in doubt.
  /// `below`: the text below it, if it has one.
  Home home_of(Page& page, std::size_t g, Starts& of_page, std::size_t below) const;
  /// Headlines of several texts that stand together below them: each goes before the paragraph that speaks of it, what
  /// stands above the first of them to the page's beginning. At least so many must find theirs.
  void scatter(Page& page, std::size_t g, std::size_t least) const;
  /// Headlines of several texts, all that the page has, that stand together.
  void part_collected(Page& page) const;
  /// A page that begins with what begins an article, and has one headline above what begins none: it is that
  /// article's.
  void title_first(Page& page, float enough) const;
  /// The page begins with an article that has no headline: with a dateline, or with what reads so much like a lead.
  bool begins_bare(const Page& page, float lead) const;
  /// The first lines of a headline may be another text's, which has none.
  void split(Page& page, std::size_t g, Starts& of_page, std::size_t below) const;

  const Kinship& kinship_;
  const Leads& leads_;
  Collected collected_;
  float new_article_;
  std::size_t least_words_;
  std::uint32_t least_width_;
  float own_;
  float own_next_to_;
  float own_only_;
  float lead_;
  float own_first_;
  float next_to_;
  float margin_;
  float other_text_;
  float other_part_;
  float inside_;
  std::size_t kicker_;  ///< bytes
};

}  // namespace inkwash::stages::paragraphs
