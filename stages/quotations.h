// Quotations: what the quotation marks of lines say about one standing below the other.
//
// A mark that closes needs one that opened, above it in its column; one that opens another inside a quotation is of the
// other kind (‘ or 『), which is not looked at. A quotation of several paragraphs is opened in each.
//
// All functions are pure and safe to call from any thread; texts are valid UTF-8.
#pragma once

#include <cstdint>
#include <string_view>

namespace inkwash::stages {

enum class QuotationMark : std::uint8_t { none, opens, closes };

/// The first and the last quotation mark (“ ” 「 」) of a line.
struct Quotations {
  QuotationMark first = QuotationMark::none, last = QuotationMark::none;
  bool begins_line = false;  ///< the first opens, and the line begins with it
};
[[nodiscard]] Quotations quotations_of(std::string_view ink) noexcept;

/// What is known of the quotation that a text of lines, one below the other, begins and ends in.
struct QuotationState {
  QuotationMark first = QuotationMark::none;  ///< its first mark; none also where that may stand anywhere
  QuotationMark last = QuotationMark::none;

  /// Whether with this line a quotation would be closed that none had opened, or opened inside another.
  [[nodiscard]] bool is_at_odds_with(const Quotations& below) const noexcept {
    return last != QuotationMark::none && last == below.first && !below.begins_line;
  }
  /// The same for text that goes on with other text of this state.
  [[nodiscard]] bool is_at_odds_with(const QuotationState& below) const noexcept {
    return last != QuotationMark::none && last == below.first;
  }
  /// Of the text with this line below it.
  void add(const Quotations& below) noexcept {
    if (below.last == QuotationMark::none) return;
    if (last == QuotationMark::none && !below.begins_line) first = below.first;
    last = below.last;
  }
};

}  // namespace inkwash::stages
