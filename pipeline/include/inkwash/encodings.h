// inkwash/encodings.h - text in encodings other than UTF-8, by ICU.
//
// ICU's tables of encodings are 30 MB, of which most runs need nothing: they are found when the first converter is
// wanted.
#pragma once

#include <string>
#include <string_view>

namespace inkwash {

/// To be called before a converter of ICU is opened, as often as one likes. Thread-safe. Where the tables can't be
/// found ICU knows only the encodings that need none, and says so of the others.
void find_encodings();

/// `bytes` in an encoding that ICU knows by this name (any name it has), as UTF-8; U+FFFD for bytes that mean nothing.
/// Empty where there is no such encoding. Precondition: fewer than 2 GB. Thread-safe.
[[nodiscard]] std::string utf8_of(std::string_view bytes, const std::string& encoding);

}  // namespace inkwash
