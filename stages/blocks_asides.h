// Captions, boxes and sources that interrupt an article.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/blocks_kinds.h"
#include "stages/coherence.h"
#include "stages/interruptions.h"
#include "stages/kinship.h"
#include "stages/leads.h"

namespace inkwash::stages::paragraphs {

/// An article, [first, last) of the paragraphs in reading order.
struct Article {
  std::string_view text;
  std::span<const Line> lines;
  std::span<const std::size_t> reading;
  const std::vector<Paragraph>& paragraphs;
  std::size_t first, last;

  [[nodiscard]] const Line& line(std::size_t i) const { return lines[reading[i]]; }
  [[nodiscard]] bool is_body(std::size_t i) const { return paragraphs[i].kind == BlockKind::body; }
  [[nodiscard]] bool has_body(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i)
      if (is_body(i)) return true;
    return false;
  }
};

/// Sets them after it. Immutable; thread-safe.
class Asides {
 public:
  /// What it is given must outlive this.
  Asides(Settings& settings, const Rules& rules, const CoherenceModel& model, const Kinship& kinship,
         const Leads& leads);

  /// Marks what interrupts a sentence of the page, and its rest below that.
  void find_interruptions(std::string_view text, std::span<const Line> lines, std::vector<Paragraph>& paragraphs) const;

  /// The article's paragraphs with what interrupts it after it: first a line that names its source, then captions
  /// and boxes.
  void add_in_order(const Article& article, std::vector<std::size_t>& sequence) const;

 private:
  /// Where the box begins that ends with the source line `end`: with a headline, inside an article, of short
  /// paragraphs and pictures only; `end` if none does.
  std::size_t box_above(const Article& article, std::size_t end) const;
  /// The article goes on below its box, from `headline` to `end`: at once, or below a sub-headline with the words it
  /// had above.
  bool goes_on_below(const Article& article, std::size_t headline, std::size_t end) const;

  const CoherenceModel& model_;
  const Kinship& kinship_;
  const Leads& leads_;
  Interruptions interruptions_;
  float new_article_, own_, begins_inside_;
  std::uint32_t box_width_, box_line_;
  std::size_t box_paragraphs_, above_, below_;
};

}  // namespace inkwash::stages::paragraphs
