// Marks that recognition misread: ASCII ones, brackets, dashes, doubled ones, points; and what they say of the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/stage.h"
#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/names.h"
#include "stages/settings.h"

namespace inkwash::stages::ocr {

/// Immutable after construction; thread-safe.
class Marks {
 public:
  /// The model and the names must outlive it. Mistakes in the rules are added to `settings`.
  Marks(Settings& settings, const CoherenceModel& model, const Names& names);

  /// Whether there is anything to look at: an ASCII mark, the first byte of a dash, a full stop beside a mark.
  [[nodiscard]] static bool has_marks(std::string_view text, const Line& line);
  /// As wide as a neighbour, and another line follows: in a column its end is at the gutter.
  [[nodiscard]] static bool is_full(std::span<const Line> lines, std::size_t n);
  /// A mark that no full stop stands beside, or no 、 after, is before or after it; three stops are an ellipsis.
  [[nodiscard]] static bool is_doubled(std::string_view line, std::size_t at, std::size_t length);
  /// Whether sentences end with ASCII points, too, more often than with 。, which recognition reads well: such text was
  /// typed with ASCII marks, and these say nothing of recognition.
  [[nodiscard]] static bool is_typed(std::string_view text);

  /// `opened`: where the line above opened a bracket that it didn't close; npos: nowhere. Returns the same of this
  /// line.
  std::size_t mend_line(std::string_view text, TextRange range, std::size_t opened, Proposal& proposal) const;
  /// Points that end sentences in text that was typed; but those of numbers of a list, and of foreign names.
  void mend_points(std::string_view text, TextRange range, Proposal& proposal) const;
  /// A few small letters, perhaps with ASCII marks, and nothing else: what is left of a picture or a lost line.
  [[nodiscard]] static bool is_noise(std::string_view ink);
  /// A point or an asterisk that ends a line which isn't full is the full stop of a paragraph.
  static void mend_end(std::string_view text, TextRange range, Proposal& proposal);
  /// A full stop after the last line of a paragraph of several, where that ends with an ideograph and a sentence likely
  /// does: a note, or set where a guess is wanted.
  void restore_stop(std::string_view text, std::span<const Line> lines, std::size_t n, bool guess,
                    Proposal& proposal) const;
  /// The brackets that numbers of a list have lost at the beginning of their lines, where other numbers have them and
  /// the lines above opened none: 二）.
  static void restore_brackets(std::string_view text, std::span<const Line> lines, Proposal& proposal);
  /// Marks that were lost at the ends of lines of a column, in text that has far fewer there than elsewhere: what
  /// recognises line by line may clip them. Where the text is more probable with one: a note, or set where a guess is
  /// wanted.
  void restore_ends(std::string_view text, std::span<const Line> lines, bool guess, Proposal& proposal) const;
  /// O and 0 among Chinese numerals are 〇: 一六O四.
  static void mend_zeros(std::string_view text, TextRange range, Proposal& proposal);
  /// Letters among digits are the digits that look like them, digits inside a word the letters. In figures that begin
  /// and end with a digit, and in dates, nobody writes them (2O23); others (l00, W0RLD) may be the writer's.
  enum class Figures : std::uint8_t { sure, others };
  void mend_digits(std::string_view text, TextRange range, Figures which, Proposal& proposal) const;
  /// 一一 is a dash where the text around it is so much more probable with one; in numbers it stays. It may stand at
  /// the end or beginning of its line.
  void mend_ones(std::string_view text, TextRange range, Proposal& proposal) const;
  /// A dash of one half, or a hyphen, between ideographs is 一 where the text is so much more probable with it: 唯—的.
  void mend_lone_dashes(std::string_view text, TextRange range, Proposal& proposal) const;
  /// Two years in a row, or with 一 or 一一 between them, have a dash there: 一七一三一一七九二年.
  static void mend_years(std::string_view text, TextRange range, Proposal& proposal);
  /// So many points are an ellipsis; three may have been typed.
  static void mend_ellipses(std::string_view text, TextRange range, Proposal& proposal);

 private:
  /// Whether the words take a full stop for the point more than an interpunct.
  [[nodiscard]] bool ends_sentence(std::string_view text, std::size_t at) const;
  /// 一 or - beside a dash that has only one half is its other half. Between two dashes 一 may be either's, in a number
  /// it is a digit, and after words that ask for it (唯一) it is theirs: it stays.
  template <typename Put>
  void mend_dash(std::string_view line, std::size_t at, const Put& put) const;
  bool goes_on_with_one(std::string_view words) const;

  /// Whether a line is about as wide as those beside it and another one follows.
  [[nodiscard]] static bool goes_on_below(std::span<const Line> lines, std::size_t n);
  [[nodiscard]] bool clips_ends(std::string_view text, std::span<const Line> lines) const;

  const CoherenceModel& model_;
  const Names& names_;
  std::vector<std::pair<Codepoint, std::string>> marks_;
  std::size_t stop_after_;
  float one_expected_, lone_margin_, ones_margin_;
  float stop_expected_, stop_margin_;
  std::u32string end_marks_;
  double least_ends_, clipped_share_;
  float end_suspected_, end_margin_;
  std::string name_marks_;
  std::u32string date_units_;
  std::size_t least_digits_, least_letters_;
  std::vector<std::string> digits_, small_letters_, capital_letters_;  ///< what is read, and what is true
};

}  // namespace inkwash::stages::ocr
