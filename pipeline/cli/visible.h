// Text for people: what can't be seen made visible, what a terminal or page would obey made harmless.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "inkwash/unicode.h"

namespace inkwash::cli {

/// Bytes that are not UTF-8 and controls as \xHH; with `spaces`, white space as ⏎ ␣ ⇥.
[[nodiscard]] inline std::string visible(std::string_view text, bool spaces) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const AnyDecoded next = utf8_next(text, at);
    const std::string_view here = text.substr(at, next.length);
    at += next.length;
    const bool is_space = next.codepoint == U'\n' || next.codepoint == U' ' || next.codepoint == U'\t';
    if (is_space && !spaces)
      shown += here;
    else if (next.codepoint == U'\n')
      shown += "⏎";
    else if (next.codepoint == U' ')
      shown += "␣";
    else if (next.codepoint == U'\t')
      shown += "⇥";
    else if (next.codepoint == U'\r')
      shown += "␍";
    else if (!next.valid || next.codepoint < 0x20 || (next.codepoint >= 0x7F && next.codepoint < 0xA0))
      for (const char c : here) shown += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
    else
      shown += here;
  }
  return shown;
}

/// A relative path as a URL.
[[nodiscard]] inline std::string url_of(const std::filesystem::path& path) {
  std::string url;
  for (const char c : path.native()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '-' || c == '_';
    if (plain)
      url += c;
    else
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace inkwash::cli
