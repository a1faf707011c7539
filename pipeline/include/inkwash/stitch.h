// inkwash/stitch.h - articles that go on on another page.
//
//     const auto stitcher = inkwash::Stitcher::make(inkwash::Rules{});
//     std::vector<std::vector<inkwash::LooseEnd>> ends;
//     for (const inkwash::Document& page : pages) ends.push_back(stitcher->loose_ends(page));
//     const inkwash::StitchPlan plan = stitcher->plan(ends);
//     auto done = stitcher->carry_out(pages, ends, plan, names);
//
// A jump line (（下转第二版）, （上接第一版）) says that an article is left off or taken up; `furniture` drops it and
// leaves a record of it in the document. A loose end is such a place in a cleaned document. The rest of an article is
// joined to it where exactly one loose end fits another by the pages they name, by headline and by the coherence of the
// text across the break; where none or several fit, all is left as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/expected.h"
#include "inkwash/stage.h"

namespace inkwash {

/// What the name of a page's file tells.
struct Sheet {
  std::string issue;  ///< files with the same one are pages of one issue
  std::string page;   ///< a letter at most and a number: "2", "A4"; empty: not known
};

/// Where an article is left off or taken up. Small, but for what it was found in: a folder's may be kept.
struct LooseEnd {
  JumpWay way;
  std::string page;        ///< where it stands; empty: not known
  std::string other_page;  ///< where the other end is, as the jump line says; empty: it does not
  std::string title;       ///< the headline that the jump line names; empty: none
  std::string headline;    ///< of its article: above the text on this page; empty: none
  std::string text;        ///< the characters next to the break, at most 24
  BlockKind kind;          ///< of the paragraph next to the break
  TextRange range;         ///< onward: the paragraph that breaks off; back: all that there is of the rest
  TextRange repeated;      ///< back: the headline above it, where it stands there for the rest alone; empty: none
  std::optional<std::size_t> goes_on;  ///< back: where the rest is left off again, an index of the same list
};

/// A loose end: the document's index and its own in the document's list.
struct LooseEndId {
  std::size_t document = 0, end = 0;
  friend bool operator==(LooseEndId, LooseEndId) = default;
};

struct StitchPlan {
  struct Join {
    LooseEndId onward, back;
    float gain;  ///< natural logarithm of odds
  };
  struct Doubt {
    LooseEndId end;
    std::vector<LooseEndId> fits;  ///< none, or several
  };
  std::vector<Join> joins;    ///< in the order of their onward ends
  std::vector<Doubt> doubts;  ///< ends that stay loose, in their order
};

/// Immutable after construction, thread-safe, movable.
class Stitcher {
 public:
  /// Reads stitch.toml and the coherence model. Error: every mistake in them.
  [[nodiscard]] static expected<Stitcher, ConfigErrors> make(const Rules& rules);
  Stitcher(Stitcher&&) noexcept;
  Stitcher& operator=(Stitcher&&) noexcept;
  ~Stitcher();

  /// Of a file's path: pages of one issue lie in one folder and have one date in their names.
  [[nodiscard]] Sheet sheet_of(std::string_view path) const;

  /// The loose ends of a document that a chain with `furniture` and `blocks` has cleaned, in the order of its text.
  /// `page` is its page where its text has no page headers that say so.
  [[nodiscard]] std::vector<LooseEnd> loose_ends(const Document& document, std::string_view page = {}) const;

  /// Which end goes on where, of the pages of one issue.
  [[nodiscard]] StitchPlan plan(std::span<const std::vector<LooseEnd>> documents) const;

  /// The joins within one document: a plan of nothing else, its ends and what to do.
  void propose(const Document& document, std::span<const LooseEnd> ends, const StitchPlan& plan,
               Proposal& proposal) const;

  /// Moves the rests of articles to where they belong: out of one document, into another, or within one. Each
  /// document's account (and its log) tells it, so that each can be restored alone. What stays loose becomes a
  /// diagnostic, in which `names` stand for the documents. `ends` and `plan` are of these documents as they are. Error:
  /// a document could not be changed; some may have been.
  expected<void, Error> carry_out(std::span<Document* const> documents, std::span<const std::vector<LooseEnd>> ends,
                                  const StitchPlan& plan, std::span<const std::string> names) const;

 private:
  struct Data;
  explicit Stitcher(std::unique_ptr<const Data> data);
  [[nodiscard]] std::optional<float> gain(const LooseEnd& onward, const LooseEnd& back) const;

  std::unique_ptr<const Data> data_;
};

}  // namespace inkwash
