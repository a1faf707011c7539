// inkwash/edit.h - what stages propose: edits, moves, labels and notes.
//
// A stage never changes a document. It fills a Proposal, and the Chain checks and applies it:
//
//     void propose(const Document& document, Proposal& proposal) const override {
//       for (const Line& line : document.lines())
//         if (is_page_number(line)) proposal.erase(line.range, rule_page_number);
//     }
//
// So provenance cannot be bypassed, a dry run costs nothing extra, and a stage that would lose or
// invent a character it did not account for is stopped (see Effect).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inkwash/diagnostic.h"
#include "inkwash/range.h"

namespace inkwash {

/// What a run of text is on a newspaper page.
enum class BlockKind : std::uint8_t {
  unknown,
  kicker,
  headline,
  subheadline,
  byline,
  dateline,
  body,
  caption,
  note,
  furniture,
};
[[nodiscard]] std::string_view name_of(BlockKind kind) noexcept;

/// Where a jump line sends the reader: to the page where the article goes on, or back to where it comes from.
enum class JumpWay : std::uint8_t { onward, back };

/// What the edits of a rule may do. The chain refuses (as a fault of the stage, which fails the
/// document and keeps it as it was) an edit that does more.
enum class Effect : std::uint8_t {
  space,      ///< adds, removes or replaces white space only
  drop,       ///< removes characters and names them so: furniture, hyphens of hyphenation
  character,  ///< replaces characters: decoding, normalisation, OCR repair, scripts
  move,       ///< reorders; every byte stays
  label,      ///< says what a block is
  note,       ///< leaves a diagnostic only
};

/// One rule of a stage. Stages list their rules in their StageInfo; an edit names its rule by the
/// index in that list.
struct RuleInfo {
  std::string_view id;       ///< e.g. "wraps.join"; unique in the program, stable between versions
  std::string_view summary;  ///< one line for people
  Effect effect;
};
using RuleIndex = std::uint16_t;

struct Edit {
  TextRange range;        ///< what is replaced; empty: an insertion before range.begin
  ByteOffset text_begin;  ///< replacement, in the proposal's own buffer
  ByteOffset text_end;
  RuleIndex rule;
  std::uint8_t confidence;     ///< percent
  std::uint8_t from_unit = 0;  ///< see Proposal::transcode; 0: replaced as a whole
  std::uint8_t to_unit = 0;
  bool in_step = false;  ///< see Proposal::rewrite
};

struct Label {
  TextRange range;
  BlockKind kind;
  RuleIndex rule;
  std::uint8_t confidence;
};

/// What one stage wants done to one document. Ranges are of the text the stage was shown.
/// Not thread-safe; movable, not copyable.
class Proposal {
 public:
  Proposal() = default;
  Proposal(Proposal&&) = default;
  Proposal& operator=(Proposal&&) = default;
  Proposal(const Proposal&) = delete;
  Proposal& operator=(const Proposal&) = delete;

  /// Edits may come in any order but must not overlap; two insertions at one place keep the order
  /// in which they were proposed. Replacements must be valid UTF-8.
  void erase(TextRange range, RuleIndex rule, std::uint8_t confidence = 100) {
    edits_.push_back({range, 0, 0, rule, confidence});
  }
  void replace(TextRange range, std::string_view text, RuleIndex rule, std::uint8_t confidence = 100);
  /// A replacement character by character: every character of `range` has `from_unit` bytes and
  /// became one of `to_unit` bytes in `text`, so each keeps its own provenance.
  /// Precondition: range.size() / from_unit == text.size() / to_unit, both exact.
  void transcode(TextRange range, std::string_view text, std::uint8_t from_unit, std::uint8_t to_unit, RuleIndex rule,
                 std::uint8_t confidence = 100);
  void insert(ByteOffset at, std::string_view text, RuleIndex rule, std::uint8_t confidence = 100) {
    replace({at, at}, text, rule, confidence);
  }

  /// For stages that change much of a text: they write what they make of it behind what texts() holds, and then say
  /// which part of texts() replaces what. Where all that texts() holds replaces, in its order, all of the document's
  /// text, it becomes the text as it is, which takes no copy.
  [[nodiscard]] std::string& texts() noexcept { return text_; }
  struct Written {
    ByteOffset begin, end;  ///< of texts()
  };
  void replace(TextRange range, Written written, RuleIndex rule, std::uint8_t confidence = 100) {
    edits_.push_back({range, written.begin, written.end, rule, confidence});
  }
  /// A replacement in step: each character of `range` by one of as many bytes, often by itself, so that it keeps its
  /// place and provenance. The account has an edit for each run of characters that differ.
  void rewrite(TextRange range, Written written, RuleIndex rule, std::uint8_t confidence = 100) {
    edits_.push_back({range, written.begin, written.end, rule, confidence, 0, 0, true});
  }

  /// The text in a new order: `order` lists ranges that together cover the whole text exactly once.
  /// Edits are applied inside the ranges; an insertion at the border of two ranges stays at the end
  /// of the earlier one. At most one call in a proposal.
  void arrange(std::vector<TextRange> order, RuleIndex rule, std::uint8_t confidence = 100);

  /// Says what a range is; replaces what was said of that range before.
  void label(TextRange range, BlockKind kind, RuleIndex rule, std::uint8_t confidence = 100) {
    labels_.push_back({range, kind, rule, confidence});
  }

  /// Leaves a diagnostic about `range`.
  void note(TextRange range, Severity severity, RuleIndex rule, std::string message);

  /// Leaves a record of a jump line (see Jump) or of a page's number (see Folio) that is dropped from the text.
  struct JumpNote {
    JumpWay way;
    std::string page, title;
    TextRange where, beside;
  };
  struct FolioNote {
    std::string page;
    TextRange where;
  };
  void jump(JumpNote note) { jumps_.push_back(std::move(note)); }
  void folio(FolioNote note) { folios_.push_back(std::move(note)); }

  /// Gives the document up, with a reason and a place in the text: it fails with this Error and
  /// keeps what it was.
  void refuse(std::string message, ByteOffset at) { refusal_ = Error{std::move(message), at}; }
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept { return refusal_; }

  /// Says in which encoding the source is written (for `decode`).
  void set_encoding(std::string name) { encoding_ = std::move(name); }
  [[nodiscard]] const std::string& encoding() const noexcept { return encoding_; }

  [[nodiscard]] bool empty() const noexcept {
    return edits_.empty() && order_.empty() && labels_.empty() && notes_.empty() && jumps_.empty() && folios_.empty() &&
           !refusal_ && encoding_.empty();
  }
  [[nodiscard]] bool changes_text() const noexcept { return !edits_.empty() || !order_.empty(); }

  struct Note {
    TextRange range;
    Severity severity;
    RuleIndex rule;
    std::string message;
  };
  [[nodiscard]] std::span<const Edit> edits() const noexcept { return edits_; }
  [[nodiscard]] std::span<const Label> labels() const noexcept { return labels_; }
  [[nodiscard]] std::span<const TextRange> order() const noexcept { return order_; }
  [[nodiscard]] RuleIndex order_rule() const noexcept { return order_rule_; }
  [[nodiscard]] std::uint8_t order_confidence() const noexcept { return order_confidence_; }
  [[nodiscard]] std::span<const Note> notes() const noexcept { return notes_; }
  /// The replacement of an edit; invalidated by the next replace().
  [[nodiscard]] std::string_view text_of(const Edit& edit) const noexcept {
    return std::string_view(text_).substr(edit.text_begin, edit.text_end - edit.text_begin);
  }
  /// Forgets everything and keeps the memory.
  void clear() noexcept;
  /// Adds what was proposed for a part of the text: its ranges count from the part's beginning. Parts are added in their
  /// order, all of them.
  void add(const Proposal& proposal, TextRange part);
  /// Makes room for `parts` times what `proposal` holds, and a little more: what grows step by step is copied each time.
  void expect(const Proposal& proposal, double parts);

 private:
  friend class Document;
  void sort_edits();

  std::vector<Edit> edits_;
  std::vector<Label> labels_;
  std::vector<TextRange> order_;
  std::vector<Note> notes_;
  std::vector<JumpNote> jumps_;
  std::vector<FolioNote> folios_;
  std::string text_;
  std::optional<Error> refusal_;
  std::string encoding_;
  RuleIndex order_rule_ = 0;
  std::uint8_t order_confidence_ = 100;
};

}  // namespace inkwash
