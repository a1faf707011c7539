#include "stages/pages.h"

#include <algorithm>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

/// The value of a numeral's character; -1: none.
int numeral(Codepoint c) {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  if (c >= U'０' && c <= U'９') return static_cast<int>(c - U'０');
  constexpr std::u32string_view digits = U"〇一二三四五六七八九";
  if (const std::size_t at = digits.find(c); at != std::u32string_view::npos) return static_cast<int>(at);
  return c == U'零' || c == U'○' ? 0 : -1;
}

bool is_letter(Codepoint c) { return (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z'); }

}  // namespace

std::string page_name(std::string_view text) {
  Codepoint before = 0, letter = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, length] = valid_utf8_next(text, at);
    if (numeral(c) < 0 && c != U'十' && c != U'百') {
      letter = is_letter(c) && !is_letter(before) ? c : 0;
      before = c;
      at += length;
      continue;
    }
    // 12, 一二, 十二, 二十, 百零三: what stands before 十 and 百 counts that many times.
    unsigned long value = 0, last = 0;
    constexpr unsigned long most = 100'000;
    bool in_words = false;
    for (; at < text.size() && value < most; at += valid_utf8_next(text, at).length) {
      const Codepoint digit = valid_utf8_next(text, at).codepoint;
      if (const unsigned long times = digit == U'十' ? 10 : digit == U'百' ? 100 : 0; times != 0) {
        value += std::max(last, 1ul) * times;
        last = 0;
        in_words = true;
      } else if (numeral(digit) >= 0) {
        last = (in_words ? 0 : last * 10) + static_cast<unsigned long>(numeral(digit));
        if (last >= most) break;
      } else {
        break;
      }
    }
    value += last;
    if (value == 0 || value >= most) return {};
    std::string name;
    // p3 is page 3.
    if (letter != 0 && letter != U'p' && letter != U'P')
      name += static_cast<char>(letter >= U'a' ? letter - U'a' + U'A' : letter);
    return name + std::to_string(value);
  }
  return {};
}

bool may_be_same_page(std::string_view a, std::string_view b) noexcept {
  if (a.empty() || b.empty() || a == b) return true;
  const auto has_letter = [](std::string_view name) { return name[0] >= 'A'; };
  if (has_letter(a) && has_letter(b)) return false;
  return a.substr(has_letter(a)) == b.substr(has_letter(b));
}

std::vector<JumpPlace> jump_places(const Document& document) {
  constexpr std::size_t most = 256;
  std::vector<JumpPlace> found;
  const std::span<const Line> lines = document.lines();
  for (const Jump& jump : document.jumps().first(std::min(most, document.jumps().size()))) {
    const auto places = document.places_of(jump.beside);
    if (!places) continue;
    const bool onward = jump.way == JumpWay::onward;
    const ByteOffset at = onward ? places->end - 1 : places->begin;
    const auto line =
        std::partition_point(lines.begin(), lines.end(), [&](const Line& l) { return l.range.end <= at; });
    if (line == lines.end() || (onward ? places->end < line->ink.end : places->begin > line->ink.begin)) continue;
    found.push_back({jump.way, static_cast<std::size_t>(line - lines.begin())});
  }
  return found;
}

}  // namespace inkwash::stages
