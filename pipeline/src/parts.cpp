#include "parts.h"

#include <algorithm>

#include "inkwash/unicode.h"

namespace inkwash {
namespace {

/// Bytes behind the least size of a part among which the best cut is taken.
constexpr std::size_t window = part_size / 4;

/// The line that ends before `end`, its newline left out, ends a sentence: by a stop and perhaps what closes behind it.
bool ends_sentence(std::string_view text, std::size_t end) {
  while (end > 0) {
    const auto [codepoint, length] = valid_utf8_previous(text, end);
    const CharClass c = class_of(codepoint);
    if (c == CharClass::stop || codepoint == U'.') return true;
    if (c != CharClass::close && c != CharClass::ascii_close && c != CharClass::space && codepoint != U'"')
      return false;
    end -= length;
  }
  return false;
}

/// A place behind blank lines, and how much speaks for it.
struct Cut {
  std::size_t at = std::string_view::npos;
  std::size_t weight = 0;
};

/// The best place to part articles in [begin, end), or the first one behind it; npos: there is none.
std::size_t article_cut(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t most_blanks = 4;  // more say no more
  Cut best;
  for (std::size_t newline = text.find('\n', begin); newline != std::string_view::npos;) {
    if (newline >= end && best.weight > 0) break;
    std::size_t at = newline + 1;
    std::size_t blanks = 0;
    for (std::size_t next; (next = text.find('\n', at)) != std::string_view::npos; at = next + 1, ++blanks)
      if (!is_blank(text.substr(at, next - at))) break;
    if (blanks > 0 && at < text.size()) {
      const std::size_t weight = 2 * std::min(blanks, most_blanks) + (ends_sentence(text, newline) ? 1 : 0);
      if (weight > best.weight) best = {at, weight};
    }
    newline = text.find('\n', at);
  }
  return best.at;
}

/// Adds the parts of `range`.
void add_parts(std::string_view text, TextRange range, Scope scope, std::vector<TextRange>& parts) {
  const std::string_view within = text.substr(0, range.end);
  std::size_t begin = range.begin;
  while (within.size() - begin > 2 * part_size) {
    const std::size_t from = begin + part_size;
    std::size_t cut = std::string_view::npos;
    if (scope < Scope::lines)
      cut = article_cut(within, from, from + window);
    else if (const std::size_t newline = within.find('\n', from); newline != std::string_view::npos)
      cut = newline + 1;
    if (cut == std::string_view::npos) break;
    parts.push_back({static_cast<ByteOffset>(begin), static_cast<ByteOffset>(cut)});
    begin = cut;
  }
  parts.push_back({static_cast<ByteOffset>(begin), range.end});
}

}  // namespace

std::vector<TextRange> parts_of(std::string_view text, std::span<const TextRange> pages, Scope scope) {
  const TextRange whole{0, static_cast<ByteOffset>(text.size())};
  if (scope == Scope::document) return {whole};
  if (scope != Scope::page) pages = {&whole, 1};
  std::vector<TextRange> parts;
  for (const TextRange page : pages) add_parts(text, page, scope, parts);
  return parts;
}

}  // namespace inkwash
