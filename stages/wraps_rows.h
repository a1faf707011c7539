// What is known of the lines of a text before `wraps` decides where paragraphs end: how wide each is, how it ends,
// what the next begins with, and what the words say.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/stage.h"

namespace inkwash::stages {

class Settings;

/// A negative natural logarithm of rough odds, or half-ems.
using Cost = float;

/// How a line ends.
enum class Ending : std::uint8_t { plain, pause, semi, stop };

/// The evidence of one line.
struct Row {              // of a long text there are many: small
  Cost width = 0;         ///< half-ems, indent included
  Cost indent = 0;        ///< half-ems of it that are indent
  Cost next_cluster = 0;  ///< half-ems of what the next line begins with and can't be broken
  Cost tolerance = 0;
  Cost squeeze = 0;                              ///< half-ems by which its full-width marks may have been narrowed
  Cost words_any_join = 0, words_any_break = 0;  ///< the same after the end of a sentence
  Cost words_join = 0;                           ///< what the words say against joining
  Cost words_break = 0;                          ///< and against breaking
  Cost headlines = 0;                            ///< what speaks for this and the next being two headlines
  Cost blank_join = 0;                           ///< what a blank line after it, or none, says against joining
  Cost blank_break = 0;                          ///< and against breaking
  Ending ending = Ending::plain;
  bool latin : 1 = false;
  bool old_punctuation : 1 = false;  ///< the page is of the time when 、 ended sentences
  bool wide_gap : 1 = false;         ///< more blank lines after it than lines of the page usually have
  bool tight : 1 = false;            ///< no blank line after it on a page whose lines have one
  bool credit_next : 1 = false;      ///< the next line says who took the picture above
  bool spaced : 1 = false;           ///< was letter-spaced: a full line
  bool stands_alone : 1 = false;     ///< a verse, a row of a table
  bool byline : 1 = false;
  bool dateline : 1 = false;         ///< begins with a dateline
  bool kinsoku_next : 1 = false;     ///< the next line begins with what may not begin a line, or this one
                                     ///< ends with what may not end one
  bool dangling : 1 = false;         ///< ends with a mark that something must follow
  bool broken_at_marks : 1 = false;  ///< in a caption whose lines were broken before its marks
  bool lone : 1 = false;             ///< is one ideograph, which is no paragraph
  bool clause : 1 = false;           ///< holds a mark that sentences have and headlines have not
  bool torn : 1 = false;  ///< a sentence ended inside, and the line ends inside another, with which the next goes on
  bool set_apart : 1 = false;     ///< no mark, but clauses with a space between them: a headline
  bool across : 1 = false;        ///< far wider than the columns around it, and goes on
  bool open_end : 1 = false;      ///< ends with a word that can't end a phrase
  bool unfinished : 1 = false;    ///< ends with a comma or a word of grammar, and is no headline in capitals
  bool open_begin : 1 = false;    ///< the next line begins with one that can't begin one
  bool small_next : 1 = false;    ///< the next line begins with a small letter
  bool capital_next : 1 = false;  ///< the next line begins with a capital, and no sentence ended
  bool title_next : 1 = false;    ///< Latin words with capitals, and so are the next line's
  bool quote_next : 1 = false;    ///< ends with a colon and the next line begins with a quotation
  bool bracket_open : 1 = false;  ///< a bracket opened on this line is closed on the next
  bool blank_next : 1 = false;
  bool indented_next : 1 = false;
  bool flush_next : 1 = false;    ///< the next line has no indent
  bool indents_kept : 1 = false;  ///< the page's paragraphs begin with one
  bool lead_next : 1 = false;     ///< the next line begins as the first sentence of a text does
  bool note_next : 1 = false;     ///< the next line is a note in brackets that belongs to this one
  bool dateline_next : 1 = false, item_next : 1 = false, byline_next : 1 = false, part_next : 1 = false;
  bool echo_next : 1 = false;     ///< the next line begins with the words that this one begins with, or says them again
  bool interrupted : 1 = false;   ///< what interrupts a sentence begins below, or ends here
  bool strange_next : 1 = false;  ///< here a headline stands amid a text that it is not of, or ends
  bool clause_next : 1 = false;   ///< this line and the next are two clauses of one headline
  bool headline_next : 1 = false;      ///< the next line can continue a headline that this line began
  bool rows_of_one : 1 = false;        ///< both are rows of one headline, by their widths
  bool headline_further : 1 = false;   ///< and is as wide as the row of it before
  bool goes_on_elsewhere : 1 = false;  ///< a jump line says so
  bool apart : 1 = false;              ///< labelled otherwise than the next line
  bool names_open : 1 = false;         ///< a byline that goes on with the next line
  bool link_next : 1 = false;          ///< ends inside the address of a page, with which the next goes on
  bool number_open : 1 = false;        ///< ends inside a number, or where one must follow
};

/// Finds the evidence. Immutable; safe to use from any thread.
class RowReader {
 public:
  /// Mistakes in the rules are added to `wraps` and `lines`, the settings of wraps.toml and lines.toml.
  RowReader(Settings& wraps, Settings& lines, const StageOptions& options, const Rules& rules);
  ~RowReader();
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// A row for each line of the text.
  [[nodiscard]] std::vector<Row> read(std::string_view text, std::span<const Line> lines) const;

 private:
  class Evidence;
  std::unique_ptr<const Evidence> evidence_;
};

}  // namespace inkwash::stages
