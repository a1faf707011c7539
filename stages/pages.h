// Names of pages as newspapers print them, in one form.
//
// All functions are pure and safe to call from any thread.
#pragma once

#include <string>
#include <string_view>

namespace inkwash::stages {

/// The first page named in a text: a letter at most and a number without zeros before it. "第二版" is "2",
/// "A04" is "A4", "十二版" is "12". Empty: the text names none. `text` is valid UTF-8.
[[nodiscard]] std::string page_name(std::string_view text);

/// May be the same page; a letter that only one of them has tells nothing. An empty name may be any page.
[[nodiscard]] bool may_be_same_page(std::string_view a, std::string_view b) noexcept;

}  // namespace inkwash::stages
