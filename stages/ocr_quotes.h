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
  };
  [[nodiscard]] Misread misread_in(const Document& document) const;

  /// In text that was recognised: what was read for the other half of a quotation mark that has none, where one thing
  /// alone may be it ([漁船」); and “ and ” within a quotation, all of whose marks pair off: they are ‘ and ’, which
  /// recognition doesn't tell from them. Only where much else was misread (what is proposed so far): columns that are
  /// still mixed look the same.
  void mend(const Document& document, const Misread& misread, Proposal& proposal) const;

 private:
  struct Kind;   ///< an opening and a closing mark
  struct Token;  ///< one of those, what may be one, or a blank line
  [[nodiscard]] bool may_open(std::string_view text, TextRange range) const;
  [[nodiscard]] bool may_close(std::string_view text, TextRange range) const;
  [[nodiscard]] std::vector<Token> tokens_of(const Document& document, const Kind& kind, const Misread& misread,
                                             const Proposal& proposal) const;
  void mend_halves(std::span<const Token> tokens, const Kind& kind, Proposal& proposal) const;
  void mend_nested(std::span<const Token> tokens, Proposal& proposal) const;

  std::size_t least_turned_, evidence_, least_marks_;
  ByteOffset longest_;  ///< bytes of a quotation
  std::u32string opening_, closing_;
  std::vector<std::string> opening_letters_, closing_letters_;
};

}  // namespace inkwash::stages::ocr
