#include "stages/wraps_ink.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/ends.h"

namespace inkwash::stages {

Ending ending_of(std::string_view ink, bool old_punctuation) {
  bool closed = false;
  for (std::size_t at = ink.size(); at > 0;) {
    const auto [codepoint, length] = valid_utf8_previous(ink, at);
    const CharClass c = class_of(codepoint);
    at -= length;
    // An ellipsis ends a speech, or only halts in it.
    if (codepoint == U'…' && !closed) return Ending::semi;
    if (c == CharClass::stop) return Ending::stop;
    if (codepoint == U'.' || codepoint == U'!' || codepoint == U'?') {
      // The full stop of Latin text, not of a number or an abbreviation like "U.S".
      return Ending::stop;
    }
    if (codepoint == U'》' || codepoint == U'〉') continue;  // the end of a title is no end of speech
    // What stands in brackets says nothing of the sentence before them.
    if (codepoint == U'）' && !closed && old_punctuation) return Ending::stop;  // who wrote it
    if (codepoint == U'）' && !closed)
      if (const std::size_t open = ink.rfind("（", at); open != std::string_view::npos && open > 0) {
        at = open;
        continue;
      }
    if (c == CharClass::close || c == CharClass::ascii_close || codepoint == U'"' || codepoint == U'\'') {
      closed = true;
      continue;
    }
    if (old_punctuation && codepoint == U'、') return Ending::stop;
    if (closed) return Ending::semi;
    if (codepoint == U'：' || codepoint == U'；' || codepoint == U':' || codepoint == U';') return Ending::semi;
    if (c == CharClass::pause || codepoint == U',') return Ending::pause;
    return Ending::plain;
  }
  return Ending::plain;
}

Cost first_cluster(std::string_view ink) {
  Cost width = 0;
  bool started = false;
  bool latin = false;
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    const CharClass c = class_of(codepoint);
    const bool word = is_alphanumeric(c) || c == CharClass::ascii_mark || codepoint == U'—' || codepoint == U'～';
    const bool closes =
        c == CharClass::close || c == CharClass::stop || c == CharClass::pause || c == CharClass::ascii_close;
    const bool opens = c == CharClass::open || c == CharClass::ascii_open;
    // 28℃: as UAX #14 (rule LB25) has it.
    const bool unit = codepoint == U'℃' || codepoint == U'％' || codepoint == U'‰' || codepoint == U'°';
    if (started && !closes && !(latin && (word || unit))) break;
    width += static_cast<Cost>(half_ems(codepoint));
    if (!opens) {
      started = true;
      latin = latin || word;
    }
    at += length;
  }
  return width;
}

Letters count_letters(std::string_view ink, const Line& line, bool old_punctuation) {
  Letters letters;
  constexpr unsigned ideographic =
      1u << static_cast<unsigned>(CharClass::han) | 1u << static_cast<unsigned>(CharClass::kana);
  if ((line.classes & ~ideographic) == 0) return letters;
  std::uint32_t ideographs = 0;
  std::uint32_t alphabetic = 0;
  const std::size_t inside = ink.size() > 6 ? ink.size() - 6 : 0;
  for (std::size_t at = 0; at < ink.size();) {
    const auto byte = static_cast<unsigned char>(ink[at]);
    if (byte < 0x80) {
      letters.narrow += byte != ' ';
      letters.spaces |= byte == ' ' && at > 0 && static_cast<unsigned char>(ink[at - 1]) >= 0x80;
      alphabetic += (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
      ++at;
      continue;
    }
    if (is_common_han(ink, at)) {
      ++ideographs;
      at += 3;
      continue;
    }
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    at += length;
    switch (codepoint) {
      case U'（': ++letters.round; break;
      case U'）': --letters.round; break;
      case U'“':
      case U'「':
      case U'『':
      case U'‘':
        ++letters.quote;
        ++letters.full_marks;
        break;
      case U'”':
      case U'」':
      case U'』':
      case U'’':
        --letters.quote;
        ++letters.full_marks;
        break;
      case U'《':
      case U'〈': ++letters.book; break;
      case U'》':
      case U'〉': --letters.book; break;
      case U'，':
      case U'。':
      case U'；':
      case U'、':
        letters.marks |= at < inside && (codepoint != U'、' || old_punctuation);
        ++letters.full_marks;
        ++ideographs;
        break;
      default: {
        const CharClass c = class_of(codepoint);
        ideographs += is_cjk(c);
        letters.full_marks += is_cjk(c) && !is_ideographic(c);
        break;
      }
    }
  }
  letters.latin = alphabetic > 2 * ideographs;
  return letters;
}

bool goes_on_with_link(std::string_view ink, bool of_link, std::string_view next, bool latin) {
  const auto is_of_link = [](char c) { return c > ' ' && static_cast<unsigned char>(c) < 0x80; };
  std::size_t begin = ink.size(), end = 0;
  while (begin > 0 && is_of_link(ink[begin - 1])) --begin;
  while (end < next.size() && is_of_link(next[end])) ++end;
  const std::string_view left = ink.substr(begin), right = next.substr(0, end);
  of_link = (of_link && begin == 0) || left.find("://") != std::string_view::npos ||
            left.find("www.") != std::string_view::npos;
  if (left.empty() || right.empty() || !of_link) return false;
  constexpr std::string_view marks = "/-_.=?&%#~";
  // Among ideographs there is no space that a line's end could have taken the place of.
  if (!latin || marks.find(left.back()) != std::string_view::npos) return true;
  const std::size_t mark = right.find_first_of(marks);
  return mark != std::string_view::npos && mark + 1 < right.size();
}

bool is_title_case(std::string_view ink, std::size_t least) {
  std::size_t capitals = 0, long_lower = 0;
  for (std::size_t at = 0; at < ink.size();) {
    const std::size_t end = std::min(ink.find(' ', at), ink.size());
    const char c = ink[at];
    capitals += c >= 'A' && c <= 'Z';
    long_lower += c >= 'a' && c <= 'z' && end - at >= 4;
    at = end + 1;
  }
  return capitals >= least && long_lower == 0;
}

std::size_t common_beginning(std::string_view a, std::string_view b) {
  std::size_t common = 0;
  for (std::size_t at = 0; at < std::min(a.size(), b.size());) {
    const auto [codepoint, length] = valid_utf8_next(a, at);
    if (codepoint != valid_utf8_next(b, at).codepoint) break;
    const CharClass c = class_of(codepoint);
    common += is_ideographic(c) || is_alphanumeric(c);
    at += length;
  }
  return common;
}

bool is_han(std::string_view ink) {
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    if (class_of(codepoint) != CharClass::han) return false;
    at += length;
  }
  return true;
}

bool ends_in_quotation(std::string_view ink) {
  const Codepoint last = valid_utf8_previous(ink, ink.size()).codepoint;
  return last == U'」' || last == U'』' || last == U'”' || last == U'’';
}

bool ends_in_quoted_clause(std::string_view ink) {
  const std::size_t space = ink.rfind(' ');
  if (space == std::string_view::npos || last_class(ink) != CharClass::close) return false;
  return first_class(ink.substr(space + 1)) == CharClass::open;
}

bool in_brackets(std::string_view ink) {
  constexpr std::string_view open = "（", close = "）";
  return ink.starts_with(open) && ink.find(close) == ink.size() - close.size() &&
         ink.find(open, open.size()) == std::string_view::npos;
}

}  // namespace inkwash::stages
