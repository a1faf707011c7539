// Quotation marks that recognition misread, told by how they pair off: those that are no marks, turned ones, other
// halves that were read for other marks or for letters, and quotations within quotations.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/stage.h"
#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages::ocr {

/// Immutable after construction; thread-safe.
class Quotes {
 public:
  /// Mistakes in the rules are added to `settings`.
  explicit Quotes(Settings& settings);

  /// Where quotation marks stand that were misread, in order.
  struct Misread {
    /// Without their other half, at the end of a full line, or closing ones that begin a line, which kinsoku forbids.
    std::vector<ByteOffset> lone;
    /// “ after a sentence, where one is open and the next one opens, too: it is ”. Of texts that have several.
    std::vector<ByteOffset> turned;
    /// ” before words, where none is open, and “ before the mark behind them. Of texts that have several pairs; typists turn
    /// them, too.
    std::vector<ByteOffset> swapped;
  };
  [[nodiscard]] Misread misread_in(const Document& document) const;

  /// In text that was recognised: what was read for the other half of a quotation mark that has none, where one thing
  /// alone may be it ([漁船」); and “ and ” within a quotation, all of whose marks pair off: they are ‘ and ’. Only
  /// where much else was misread (what is proposed so far): columns that are still mixed look the same.
  void mend(const Document& document, const Misread& misread, Proposal& proposal) const;

 private:
  struct Kind {
    std::string opening, closing;
    std::string inner_opening, inner_closing;  ///< which recognition doesn't tell from them; empty: there are none
  };
  struct Token;  ///< a mark of a kind, what may be one, or a blank line
  /// Whether a bracket is closed in `rest`, or, `backward`, opened in it, before the next one of its kind.
  [[nodiscard]] bool is_paired(std::string_view rest, bool backward) const;
  [[nodiscard]] bool may_open(std::string_view text, TextRange range) const;
  [[nodiscard]] bool may_close(std::string_view text, TextRange range) const;
  [[nodiscard]] std::vector<Token> tokens_of(const Document& document, const Kind& kind, const Misread& misread,
                                             const Proposal& proposal) const;
  void mend_halves(std::span<const Token> tokens, const Kind& kind, Proposal& proposal) const;
  void mend_nested(std::span<const Token> tokens, const Kind& kind, Proposal& proposal) const;

  std::size_t least_turned_, evidence_, least_marks_;
  ByteOffset longest_;  ///< bytes of a quotation
  std::u32string opening_, closing_, opening_brackets_, closing_brackets_;
  std::vector<std::string> opening_letters_, closing_letters_;
  std::vector<Kind> kinds_;
};

}  // namespace inkwash::stages::ocr
