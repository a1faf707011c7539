// Names of pages as newspapers print them, in one form, and where articles go on on another page.
//
// All functions are pure and safe to call from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"

namespace inkwash::stages {

/// The first page named in a text: a letter at most and a number without zeros before it. "第二版" is "2",
/// "A04" is "A4", "十二版" is "12". Empty: the text names none. `text` is valid UTF-8.
[[nodiscard]] std::string page_name(std::string_view text);

/// May be the same page; a letter that only one of them has tells nothing. An empty name may be any page.
[[nodiscard]] bool may_be_same_page(std::string_view a, std::string_view b) noexcept;

/// A line of the text that breaks off, or is taken up, at its edge.
struct JumpPlace {
  JumpWay way;
  std::size_t line;  ///< of Document::lines()
};
/// Those of the document's jump lines, in their order; where text goes on across the break there is none. At most the
/// first 256, since each is looked for in all of the text.
[[nodiscard]] std::vector<JumpPlace> jump_places(const Document& document);

}  // namespace inkwash::stages
