// inkwash/document.h - one text on its way from scraped bytes to clean paragraphs.
//
// A Document owns the source bytes, which never change, and the current text, which the stages of
// a chain change step by step. Every byte of the current text knows which source bytes it came
// from, also after blocks have moved:
//
//     source   | 新 华 社 北 京 7 月 1 日 电 \n 国 家 ... |        SourceRange
//                └────────┬─────────┘   └──┬──┘
//     pieces         verbatim run      verbatim run                  Piece (kept sorted by text)
//                ┌────────┴─────────┐┌──┴──┐
//     text     | 新 华 社 北 京 7 月 1 日 电 国 家 ...     |          TextRange
//
//     auto document = inkwash::Document::from_bytes(bytes);
//     auto result = chain->run(*document);           // see chain.h
//     for (const inkwash::Block& block : document->blocks())
//       use(block.kind, block.range.of(document->text()), document->source_of(block.range));
//
// A Document is not thread-safe; different documents are independent. Movable, not copyable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/diagnostic.h"
#include "inkwash/edit.h"
#include "inkwash/expected.h"
#include "inkwash/range.h"
#include "inkwash/unicode.h"

namespace inkwash {

struct StageInfo;

/// A non-blank line of the current text with the evidence its layout gives.
struct Line {
  TextRange range;                  ///< without the newline; with leading and trailing white space
  TextRange ink;                    ///< from the first to the last character that is not white space
  std::uint32_t indent = 0;         ///< half-ems of white space before the ink
  std::uint32_t width = 0;          ///< half-ems of the ink (CJK = 2, Latin = 1)
  std::uint32_t gaps = 0;           ///< places inside the ink where source bytes were taken out: what is
                                    ///< left of letter-spacing, which only full lines have
  std::uint16_t blanks_before = 0;  ///< blank lines between this line and the one before
  std::uint16_t classes = 0;        ///< the classes of the ink's characters, a bit each: see has()
  BlockKind kind = BlockKind::unknown;
  std::uint64_t characters = 0;  ///< and which characters they may be: bit_of() each

  /// Whether the ink holds a character of that class: most lines can be told by it from those that a stage
  /// looks for, without a look at their text.
  [[nodiscard]] bool has(CharClass c) const noexcept { return (classes >> static_cast<unsigned>(c) & 1u) != 0; }
  /// A bit of `characters`, which one in 64 characters share: where it is not set the ink does not hold the character.
  [[nodiscard]] static constexpr std::uint64_t bit_of(Codepoint codepoint) noexcept {
    return std::uint64_t{1} << (codepoint & 63u);
  }
};

/// A paragraph, headline, caption ... of the current text: after `wraps` a line, before it a run of
/// lines without a blank one between them.
struct Block {
  TextRange range;
  BlockKind kind = BlockKind::unknown;
  bool starts_article = false;  ///< a blank line or the beginning of the text is before it
};

/// A jump line: it sends the reader to another page, or says from which one the text comes. `furniture` drops it
/// from the text; this is what it said.
struct Jump {
  JumpWay way;
  std::string page;    ///< the page it names, a letter at most and a number: "2", "A4"; empty: it names none
  std::string title;   ///< words of a headline that it names; empty: none
  SourceRange where;   ///< the jump line
  SourceRange beside;  ///< the line of text that ends before it (onward) or begins after it (back)
};

/// A page header that numbers the page; `furniture` drops it from the text.
struct Folio {
  std::string page;  ///< a letter at most and a number: "2", "A4"
  SourceRange where;
};

/// A run of the current text and where it came from. `text_unit` and `source_unit` are the sizes of
/// one character on both sides where every character of the run has the same (1 and 1: verbatim;
/// 3 and 2: GB18030 ideographs); a run with `source_length` and no units came from that source range
/// as a whole.
struct Piece {
  ByteOffset text_begin;
  ByteOffset source_begin;
  ByteOffset source_length;  ///< 0: inserted here
  std::uint8_t text_unit;    ///< 0: the run is one indivisible replacement
  std::uint8_t source_unit;
};

/// A change that was applied, for the account.
struct AppliedEdit {
  TextRange range;         ///< of the text the stage was shown; empty: an insertion
  SourceRange source;      ///< hull of the source bytes it replaced (empty: an insertion)
  ByteOffset texts_begin;  ///< its texts in AppliedStep::texts: what was replaced, then by what
  ByteOffset after_size;
  RuleIndex rule;
  std::uint8_t confidence;  ///< percent
  bool transcoded;          ///< character by character
};

/// A part of the text the stage was shown, in its new place.
struct AppliedMove {
  TextRange range;
  SourceRange source;  ///< hull
};

/// What one stage did to the text in one go, for the account.
struct AppliedStep {
  const StageInfo* stage;
  ByteOffset size_before, size_after;  ///< of the text
  std::vector<AppliedEdit> edits;      ///< by place, not overlapping
  std::vector<AppliedMove> order;      ///< all parts in their new order; empty: nothing moved
  RuleIndex order_rule = 0;
  std::uint8_t order_confidence = 100;
  std::string texts;

  [[nodiscard]] std::string_view before(const AppliedEdit& edit) const noexcept {
    return std::string_view(texts).substr(edit.texts_begin, edit.range.size());
  }
  [[nodiscard]] std::string_view after(const AppliedEdit& edit) const noexcept {
    return std::string_view(texts).substr(edit.texts_begin + edit.range.size(), edit.after_size);
  }
};

/// What the account of changes keeps.
enum class Account : std::uint8_t {
  counts,  ///< number of edits per rule
  edits,   ///< each edit with its text and source range (see log.h)
};

struct RuleCount {
  std::string_view stage;
  std::string_view rule;
  std::uint64_t edits = 0;
  std::uint64_t characters = 0;  ///< characters removed or replaced
};

class Document {
 public:
  /// Takes the bytes; the text is those bytes until a stage decodes them.
  /// Error: more than max_document_bytes.
  [[nodiscard]] static expected<Document, Error> from_bytes(std::string bytes, Account account = Account::counts);

  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  /// The bytes the document was made from. Valid while the document lives and is not moved from.
  [[nodiscard]] std::string_view source() const noexcept { return whole_ != nullptr ? whole_->source_ : source_; }
  /// The current text. Valid until the next stage is applied.
  [[nodiscard]] std::string_view text() const noexcept {
    if (whole_ != nullptr) return part_.of(whole_->text());
    return verbatim_ ? std::string_view(source_) : std::string_view(text_);
  }

  /// The non-blank lines of the text, in order; none where the text is not UTF-8 (see `decode`).
  /// Valid until the next stage is applied.
  /// Not safe to call from two threads at once (computed at the first call).
  [[nodiscard]] std::span<const Line> lines() const;
  [[nodiscard]] std::vector<Block> blocks() const;
  /// The text of each page, in order: they cover it. Pages end where the source has a form feed, as pdftotext writes
  /// it, or, where it has none and is longer than a page, at two blank lines; those that a paragraph goes on over are
  /// one. A Chain sees to it that this is known. Looks at all pieces where there are several pages.
  [[nodiscard]] std::vector<TextRange> pages() const;

  /// Hull of the source bytes that `range` of the text came from; after moves it may hold more.
  [[nodiscard]] SourceRange source_of(TextRange range) const;
  /// The exact source ranges, in text order, neighbours merged. Insertions have none.
  [[nodiscard]] std::vector<SourceRange> sources_of(TextRange range) const;
  [[nodiscard]] std::span<const Piece> pieces() const noexcept { return pieces_; }
  /// Where the text is that came from the first and from the last byte of `source` that are still there: their
  /// beginning and end. They may lie in any order after moves. nullopt: nothing of it is left. Looks at all pieces.
  struct Places {
    ByteOffset begin, end;
  };
  [[nodiscard]] std::optional<Places> places_of(SourceRange source) const;
  /// 1-based line of the source that holds byte `at` (counted in LF; CR and CRLF count once).
  [[nodiscard]] std::uint32_t source_line(ByteOffset at) const;

  /// In the order of the source.
  [[nodiscard]] std::span<const Jump> jumps() const noexcept { return jumps_; }
  [[nodiscard]] std::span<const Folio> folios() const noexcept { return folios_; }

  [[nodiscard]] std::span<const Diagnostic> diagnostics() const noexcept { return diagnostics_; }
  [[nodiscard]] std::span<const RuleCount> counts() const noexcept { return counts_; }
  /// Empty unless the document was made with Account::edits.
  [[nodiscard]] std::span<const AppliedStep> steps() const noexcept { return steps_; }

  /// Characters the source holds, as `decode` read them; 0 where it is not text.
  [[nodiscard]] std::size_t characters_read() const;
  /// Name of the encoding `decode` found ("UTF-8" until then).
  [[nodiscard]] std::string_view encoding() const noexcept { return encoding_; }

  /// Checks the invariants: pieces cover the text, labels and lines lie within it, text is valid
  /// UTF-8. Returns what is wrong. Called after every change in builds with assertions.
  [[nodiscard]] std::optional<std::string> validate() const;

 private:
  friend class Chain;
  friend class Stitcher;
  friend struct Log;
  Document() = default;

  /// The part `range` of the text as a document of its own, to be shown to a stage: with its share of what is known of
  /// the text. Its source and text are this document's, which has to live, as it is, as long as the part.
  [[nodiscard]] Document part(TextRange range) const;
  /// Makes what `source_` holds now, which is UTF-8, the text of a document of which nothing but the counts is kept: those
  /// of all texts that it had.
  void begin_again();
  /// Checks the proposal against the stage's rules and carries it out, or changes nothing.
  expected<void, Error> apply(Proposal& proposal, const StageInfo& stage);
  void count(const StageInfo& stage, RuleIndex rule, std::uint64_t edits, std::uint64_t characters);
  /// Offset of the first byte that is not UTF-8; nullopt: there is none.
  [[nodiscard]] std::optional<ByteOffset> first_bad_byte() const;
  /// Notes where pages begin, while the text still shows it.
  void find_pages();
  void measure() const;
  /// What was done, for Account::edits.
  [[nodiscard]] AppliedStep account_of(const Proposal& proposal, const StageInfo& stage) const;
  /// Index of the piece that holds `at`.
  [[nodiscard]] std::size_t piece_at(ByteOffset at) const;
  /// Hull of the source bytes of `range`; `cursor` is the index of a piece at or before it and is moved
  /// along, so that ranges in order cost nothing more.
  [[nodiscard]] SourceRange hull_of(TextRange range, std::size_t& cursor) const;

  const Document* whole_ = nullptr;  ///< what this is a part of
  TextRange part_;                   ///< of its text
  std::string source_;
  std::string text_;
  std::string spare_;                    ///< the buffer of the text before, kept for its memory
  bool verbatim_ = true;                 ///< the text is the source itself
  mutable bool is_utf8_ = false;         ///< the text is known to be
  mutable bool source_is_utf8_ = false;  ///< known to be
  std::vector<Piece> pieces_;            ///< sorted by text_begin, covering the text
  std::vector<ByteOffset> page_begins_;  ///< in the source, sorted; the first page's is left out
  std::vector<Label> labels_;            ///< sorted, not overlapping
  std::vector<Jump> jumps_;
  std::vector<Folio> folios_;
  std::vector<Diagnostic> diagnostics_;
  std::vector<RuleCount> counts_;
  std::vector<AppliedStep> steps_;
  std::optional<std::size_t> characters_read_;
  std::string encoding_ = "UTF-8";
  Account account_ = Account::counts;
  mutable std::vector<Line> lines_;
  mutable bool measured_ = false;
  /// Where the text is that `lines_` still are of after a change: most of them are in the new text, too.
  enum class LinesOf : std::uint8_t { nothing, source, spare };
  mutable LinesOf lines_of_ = LinesOf::nothing;
  mutable std::vector<ByteOffset> source_newlines_;
};

}  // namespace inkwash
