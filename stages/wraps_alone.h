// Lines that stand alone, before `wraps` decides where paragraphs end: those of verse, of lists and of tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "inkwash/stage.h"
#include "stages/coherence.h"
#include "stages/pattern.h"
#include "stages/wraps_rows.h"

namespace inkwash::stages {

class Settings;

/// Immutable; safe to use from any thread.
class LinesAlone {
 public:
  /// Mistakes in the rules are added to `wraps` and `lines`, the settings of wraps.toml and lines.toml.
  LinesAlone(Settings& wraps, Settings& lines, CoherenceModel model);

  /// Marks them in `rows`, a row for each line, of which how it ends and whether it is Latin or a clause is known.
  void mark(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const;

 private:
  /// Lines of one width, all with a mark at their end, are verse: prose does not end its lines so.
  void find_verse(std::span<const Line> lines, std::span<Row> rows) const;
  /// Stanzas between blank lines, few of whose lines have a mark and several of which leave room for what the next
  /// begins with: free verse, or a list. Prose would fill them.
  void find_free_verse(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const;
  /// Rows of tables, at least two below each other with as many cells.
  void find_tables(std::string_view text, std::span<const Line> lines, std::span<Row> rows) const;

  CoherenceModel model_;
  std::size_t verse_lines_, free_lines_, free_ragged_;
  std::uint32_t verse_width_, free_width_;  ///< half-ems
  float free_word_;
  Pattern table_pattern_;
};

}  // namespace inkwash::stages
