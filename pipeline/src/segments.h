// How edits and moves make a new text of an old one: for those who carry them out and those who undo them.
#pragma once

#include <algorithm>
#include <span>

#include "inkwash/range.h"

namespace inkwash {

/// Walks through the new text from its beginning: part(range) where a part of `order` begins, keep(from, to)
/// for old text that stays, put(edit) where an edit's replacement stands. `order` covers the old text
/// exactly once, or is empty: all of it in its order. `edits` are sorted, do not overlap and lie within the
/// parts. An insertion at the border of two parts belongs to the one before, but at the text's beginning.
template <typename Edit, typename Part, typename Keep, typename Put>
void for_each_segment(std::span<const TextRange> order, std::span<const Edit> edits, ByteOffset old_size,
                      const Part& part_begins, const Keep& keep, const Put& put) {
  const TextRange whole{0, old_size};
  if (order.empty()) order = {&whole, 1};
  for (const TextRange& part : order) {
    part_begins(part);
    auto edit = std::partition_point(edits.begin(), edits.end(), [&](const Edit& e) {
      return e.range.begin < part.begin || (part.begin != 0 && e.range.begin == part.begin && e.range.empty());
    });
    ByteOffset at = part.begin;
    for (; edit != edits.end() && edit->range.end <= part.end && edit->range.begin <= part.end; ++edit) {
      if (edit->range.begin == part.end && !edit->range.empty()) break;
      keep(at, edit->range.begin);
      put(*edit);
      at = edit->range.end;
    }
    keep(at, part.end);
  }
}

}  // namespace inkwash
