#include "stages/ocr_marks.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "stages/ocr_rules.h"

namespace inkwash::stages::ocr {
namespace {

using Symbol = CoherenceModel::Symbol;

/// What stands beside a mark, white space not counted.
enum class Beside : std::uint8_t { nothing, chinese, closing, bracket, digit, latin, other };

Beside kind(Codepoint codepoint) {
  const CharClass c = class_of(codepoint);
  if (c == CharClass::close) return Beside::closing;
  if (c == CharClass::ascii_close) return Beside::bracket;
  if (is_cjk(c)) return Beside::chinese;
  if (c == CharClass::digit || codepoint == U'%') return Beside::digit;
  if (c == CharClass::latin) return Beside::latin;
  return Beside::other;
}
Beside before(std::string_view line, std::size_t at) {
  while (at > 0) {
    const auto [codepoint, length] = valid_utf8_previous(line, at);
    if (class_of(codepoint) != CharClass::space) return kind(codepoint);
    at -= length;
  }
  return Beside::nothing;
}
Beside after(std::string_view line, std::size_t at) {
  while (at < line.size()) {
    const auto [codepoint, length] = valid_utf8_next(line, at);
    if (class_of(codepoint) != CharClass::space) return kind(codepoint);
    at += length;
  }
  return Beside::nothing;
}

/// A single point after an ideograph or what closes a clause, and before another, or a line's end.
bool is_stop(std::string_view text, std::size_t at) {
  if (at == 0) return false;
  const CharClass left = class_of(valid_utf8_previous(text, at).codepoint);
  if (!is_ideographic(left) && left != CharClass::close) return false;
  if (at + 1 == text.size()) return true;
  const CharClass right = class_of(valid_utf8_next(text, at + 1).codepoint);
  return is_ideographic(right) || right == CharClass::open || right == CharClass::close || right == CharClass::newline;
}

/// Whether 「 is open at a text's end.
bool is_quoting(std::string_view text) {
  const std::size_t open = text.rfind("「"), close = text.rfind("」");
  return open != std::string_view::npos && (close == std::string_view::npos || close < open);
}

/// The bytes of a comma at `at` before a closing quotation mark, which closes what a full stop ends: 。,」
std::size_t pause_before_closing(std::string_view line, std::size_t at) {
  const std::string_view rest = line.substr(at);
  for (const std::string_view pause : {",", "，"})
    for (const std::string_view closing : {"」", "”"})
      if (rest.starts_with(pause) && rest.substr(pause.size()).starts_with(closing)) return pause.size();
  return 0;
}

/// Chinese text stands before the mark and none that is written with ASCII marks after it.
bool is_full_width(std::string_view line, std::size_t at) {
  // Marks in a row stand in the same text, and a quotation mark says nothing of it.
  std::size_t begin = at, end = at + 1;
  while (begin > 0 && std::string_view("!?\"").find(line[begin - 1]) != std::string_view::npos) --begin;
  while (end < line.size() && std::string_view("!?\"").find(line[end]) != std::string_view::npos) ++end;
  const Beside left = before(line, begin);
  const Beside right = after(line, end);
  if (left == Beside::chinese || left == Beside::closing) return right != Beside::other;
  // 2 歲, 今年; but 1,000 and 10:30 and "Taipei, Taiwan".
  return (left == Beside::digit || left == Beside::latin || left == Beside::bracket) && right == Beside::chinese;
}

/// Whether what is left of a line closes a bracket.
bool has_other_half(std::string_view rest) {
  constexpr std::u32string_view closing = U"〉》】〕])）";
  for (std::size_t at = 0; at < rest.size(); at += valid_utf8_next(rest, at).length)
    if (closing.find(valid_utf8_next(rest, at).codepoint) != closing.npos) return true;
  return false;
}

template <typename Put>
void mend_brackets(std::string_view line, std::size_t open, std::size_t close, const Put& put) {
  const auto opening = open == std::string_view::npos ? Decoded{0, 0} : valid_utf8_next(line, open);
  const auto closing = valid_utf8_next(line, close);
  if (opening.codepoint == 0) {
    // Its other half was lost: what it closes must be Chinese on both sides.
    if (closing.codepoint == U')' && before(line, close) == Beside::chinese &&
        after(line, close + closing.length) == Beside::chinese)
      put(close, closing.length, "）", bracket);
    return;
  }
  const std::string_view inside = line.substr(open + opening.length, close - open - opening.length);
  bool chinese = false;
  for (std::size_t at = 0; at < inside.size();) {
    const auto [codepoint, length] = valid_utf8_next(inside, at);
    chinese |= is_ideographic(class_of(codepoint));
    at += length;
  }
  if (!chinese && !(before(line, open) == Beside::chinese && after(line, close + closing.length) == Beside::chinese))
    return;
  if (opening.codepoint != U'（') put(open, opening.length, "（", bracket);
  constexpr std::u32string_view half_of = U"〈《【〔[(";
  if (const auto inner = valid_utf8_next(inside, 0);
      half_of.find(inner.codepoint) != half_of.npos && !has_other_half(inside))
    put(open + opening.length, inner.length, {}, half);
  if (open > 0)
    if (const auto outer = valid_utf8_previous(line, open);
        half_of.find(outer.codepoint) != half_of.npos && !has_other_half(line.substr(close + closing.length)))
      put(open - outer.length, outer.length, {}, half);
  if (closing.codepoint != U'）') put(close, closing.length, "）", bracket);
}

/// What the model reads around a part of a text, and how probable that is with one character or another in its place.
class Surroundings {
 public:
  static constexpr std::size_t reach = CoherenceModel::reach;

  /// Up to `reach` characters before [begin, end) and up to `behind` (at most as many) after it. `read` says what a
  /// character is to the model; nullopt: it is passed over, 0: it and what is beyond it count for nothing.
  template <typename ReadCharacter>
  Surroundings(const CoherenceModel& model, std::string_view text, std::size_t begin, std::size_t end,
               std::size_t behind, const ReadCharacter& read)
      : model_(model) {
    for (std::size_t at = begin; at > 0 && before_ < reach;) {
      const auto [codepoint, length] = valid_utf8_previous(text, at);
      at -= length;
      const std::optional<Symbol> symbol = read(codepoint);
      if (!symbol) continue;
      if (left_ == 0) left_ = codepoint;
      if (*symbol == 0) break;
      symbols_[reach - ++before_] = *symbol;
    }
    for (std::size_t at = end; at < text.size() && behind_ < behind;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      const std::optional<Symbol> symbol = read(codepoint);
      if (!symbol) continue;
      if (right_ == 0) right_ = codepoint;
      if (*symbol == 0) break;
      after_[behind_++] = *symbol;
    }
  }

  /// The nearest characters that are not passed over; 0: there is none.
  [[nodiscard]] Codepoint left() const noexcept { return left_; }
  [[nodiscard]] Codepoint right() const noexcept { return right_; }

  /// log P of `mark`, so many times, and of what is behind it.
  [[nodiscard]] float fit(Codepoint mark, std::size_t times) const {
    std::array<Symbol, 3 * reach> all = symbols_;
    const std::size_t first = reach - before_, begin = reach;
    std::size_t end = begin;
    for (std::size_t k = 0; k < times; ++k) all[end++] = model_.read(mark);
    for (std::size_t k = 0; k < behind_; ++k) all[end++] = after_[k];
    float sum = 0;
    for (std::size_t k = begin; k < end; ++k) {
      const std::size_t length = std::min(k - first, reach);
      sum += model_.log_probability(all.data() + k - length, length, all[k]);
    }
    return sum;
  }

 private:
  const CoherenceModel& model_;
  std::array<Symbol, 3 * reach> symbols_{};  ///< those before, up to `reach`; room for the others
  std::array<Symbol, reach> after_{};
  std::size_t before_ = 0, behind_ = 0;
  Codepoint left_ = 0, right_ = 0;
};

/// For Surroundings: text that goes on in the next line.
auto across_lines(const CoherenceModel& model) {
  return [&model](Codepoint codepoint) -> std::optional<Symbol> {
    const CharClass c = class_of(codepoint);
    if (c == CharClass::space || c == CharClass::newline) return std::nullopt;
    return model.read(codepoint);
  };
}

/// Of a Chinese numeral in which each place has its digit.
std::optional<char> digit_of(Codepoint codepoint) {
  constexpr std::u32string_view digits = U"〇一二三四五六七八九";
  if (codepoint == U'○' || codepoint == U'零') return '0';
  const std::size_t value = digits.find(codepoint);
  return value == digits.npos ? std::nullopt : std::optional(static_cast<char>('0' + value));
}

bool is_numeral(Codepoint codepoint) {
  constexpr std::u32string_view numerals = U"〇○零一二三四五六七八九十百千O";
  return numerals.find(codepoint) != numerals.npos;
}
std::size_t numerals_before(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.size(); at > 0; ++count) {
    const auto [codepoint, length] = valid_utf8_previous(text, at);
    if (!is_numeral(codepoint)) break;
    at -= length;
  }
  return count;
}
std::size_t numerals_after(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (!is_numeral(codepoint)) break;
    at += length;
  }
  return count;
}
/// Whether a numeral beside so many is theirs: a year has four.
bool is_in_number(std::size_t numerals) {
  constexpr std::size_t year = 4;
  return numerals != 0 && numerals != year;
}

}  // namespace

Marks::Marks(Settings& settings, const CoherenceModel& model, const Names& names)
    : model_(model),
      names_(names),
      stop_after_(settings.count("typed.stop_after")),
      one_expected_(static_cast<float>(settings.number("dashes.expected_one", -100, 0))),
      lone_margin_(static_cast<float>(settings.number("dashes.lone_margin", 0, 100))),
      ones_margin_(static_cast<float>(settings.number("dashes.ones_margin", -100, 100))),
      stop_expected_(static_cast<float>(settings.number("lost_stop.expected", -100, 0))),
      stop_margin_(static_cast<float>(settings.number("lost_stop.margin", 0, 100))),
      end_marks_(settings.characters("lost_mark.marks")),
      least_ends_(settings.number("lost_mark.expected", 1, 1e6)),
      clipped_share_(settings.number("lost_mark.share", 0, 1)),
      end_suspected_(static_cast<float>(settings.number("lost_mark.suspected", 0, 100))),
      end_margin_(static_cast<float>(settings.number("lost_mark.margin", 0, 100))),
      name_marks_(settings.string("digits.of_names")),
      date_units_(settings.characters("digits.of_dates")),
      least_digits_(settings.count("digits.least")),
      least_letters_(settings.count("digits.least_letters")) {
  const auto pairs = [&](std::string_view key) {
    std::vector<std::string> found = settings.strings(key);
    for (const std::string& pair : found)
      if (pair.size() != 2) settings.error("ocr.toml", "a character read and the true one, both ASCII: '" + pair + "'");
    std::erase_if(found, [](const std::string& pair) { return pair.size() != 2; });
    return found;
  };
  digits_ = pairs("digits.digits");
  small_letters_ = pairs("digits.small");
  capital_letters_ = pairs("digits.capital");
  for (const std::string& pair : settings.strings("marks")) {
    const std::size_t length = pair.empty() ? 0 : valid_utf8_next(pair, 0).length;
    if (length == 0 || length == pair.size())
      settings.error("ocr.toml", "a mark is written as itself and what it stands for, not as '" + pair + "'");
    else
      marks_.emplace_back(valid_utf8_next(pair, 0).codepoint, pair.substr(length));
  }
}

bool Marks::is_full(std::span<const Line> lines, std::size_t n) {
  constexpr std::uint32_t widest_column = 120, tolerance = 4;  // half-ems: of the mark, and of squeezed ones
  const Line& line = lines[n];
  const auto as_wide = [&](const Line& other) {
    return other.width <= line.width && other.width + tolerance >= line.width;
  };
  return n + 1 < lines.size() && lines[n + 1].blanks_before == 0 && line.width <= widest_column &&
         (as_wide(lines[n + 1]) || (n > 0 && as_wide(lines[n - 1])));
}

bool Marks::has_marks(std::string_view text, const Line& line) {
  constexpr std::array classes = {CharClass::ascii_mark, CharClass::ascii_open, CharClass::ascii_close, CharClass::stop,
                                  CharClass::cjk_symbol};
  if (std::none_of(classes.begin(), classes.end(), [&](CharClass c) { return line.has(c); })) return false;
  const std::string_view ink = line.ink.of(text);
  static constexpr auto interesting = [] {
    std::array<bool, 256> table{};
    for (const char c : std::string_view(",:;?!()")) table[static_cast<unsigned char>(c)] = true;
    return table;
  }();
  if (std::any_of(ink.begin(), ink.end(), [](char c) { return interesting[static_cast<unsigned char>(c)]; }))
    return true;
  constexpr std::string_view stop = "。";
  for (std::size_t at = ink.find(stop); at != std::string_view::npos; at = ink.find(stop, at + stop.size()))
    if (is_doubled(ink, at, stop.size())) return true;
  return ink.find("—") != std::string_view::npos;
}

bool Marks::is_typed(std::string_view text) {
  constexpr std::string_view full_stop = "。";
  std::size_t stops = 0, points = 0;
  for (std::size_t at = 0; (at = text.find(full_stop, at)) != std::string_view::npos; at += full_stop.size()) ++stops;
  for (std::size_t at = 0; (at = text.find('.', at)) != std::string_view::npos; ++at) points += is_stop(text, at);
  return points > stops;
}

bool Marks::is_noise(std::string_view ink) {
  constexpr std::size_t most = 4;
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_mark = [](char c) { return c > ' ' && c < '0'; };
  return ink.size() <= most && std::any_of(ink.begin(), ink.end(), is_small) &&
         std::all_of(ink.begin(), ink.end(), [&](char c) { return is_small(c) || is_mark(c) || c == ' '; });
}

void Marks::mend_points(std::string_view text, TextRange range, Proposal& proposal) const {
  const std::string_view line = range.of(text);
  for (std::size_t at = 0; (at = line.find('.', at)) != std::string_view::npos; ++at) {
    const auto begin = range.begin + static_cast<ByteOffset>(at);
    if (!is_stop(text, begin)) continue;
    std::size_t before = 0;  // characters of the line
    for (std::size_t k = at; k > 0 && before < stop_after_; ++before) k -= valid_utf8_previous(line, k).length;
    if (before < stop_after_ || !ends_sentence(text, begin)) {
      proposal.note({begin, begin + 1}, Severity::note, suspect, ". may be 。");
      continue;
    }
    proposal.replace({begin, begin + 1}, "。", stop, 95);
  }
}

bool Marks::ends_sentence(std::string_view text, std::size_t at) const {
  if (names_.ends_with_role(text.substr(0, at))) return false;
  const auto read = [&](Codepoint codepoint) -> std::optional<Symbol> {
    return is_ideographic(class_of(codepoint)) ? model_.read(codepoint) : Symbol{0};
  };
  const Surroundings around(model_, text, at, at + 1, Surroundings::reach, read);
  return around.fit(U'。', 1) > around.fit(U'·', 1);
}

template <typename Put>
void Marks::mend_dash(std::string_view line, std::size_t at, const Put& put) const {
  constexpr std::string_view em = "—", one = "一", hyphen = "-";
  const std::string_view left = line.substr(0, at), right = line.substr(at + em.size());
  if (left.ends_with(em) || right.starts_with(em)) return;
  if (left.ends_with(hyphen) && before(left, left.size() - hyphen.size()) == Beside::chinese)
    return put(at - hyphen.size(), hyphen.size(), em, dash);
  if (right.starts_with(hyphen) && after(right, hyphen.size()) == Beside::chinese)
    return put(at + em.size(), hyphen.size(), em, dash);
  if (left.ends_with(one) && !left.substr(0, left.size() - one.size()).ends_with(em)) {
    const std::string_view words = left.substr(0, left.size() - one.size());
    if (!is_in_number(numerals_before(words)) && !goes_on_with_one(words)) put(at - one.size(), one.size(), em, dash);
  } else if (right.starts_with(one)) {
    const std::string_view words = right.substr(one.size());
    if (!words.starts_with(em) && !is_in_number(numerals_after(words))) put(at + em.size(), one.size(), em, dash);
  }
}

bool Marks::goes_on_with_one(std::string_view words) const {
  const CoherenceModel::Tail tail = model_.tail_of(words);
  return model_.log_probability(tail.at.data(), tail.count, model_.read(U'一')) > one_expected_;
}

std::size_t Marks::mend_line(std::string_view text, TextRange range, std::size_t opened, Proposal& proposal) const {
  const std::string_view line = range.of(text);
  const auto put_in = [&](std::size_t from, std::size_t at, std::size_t length, std::string_view with, RuleIndex rule) {
    const auto begin = static_cast<ByteOffset>(from + at);
    const TextRange where{begin, begin + static_cast<ByteOffset>(length)};
    with.empty() ? proposal.erase(where, rule, 99) : proposal.replace(where, with, rule, 99);
  };
  const auto put = [&](std::size_t at, std::size_t length, std::string_view with, RuleIndex rule) {
    put_in(range.begin, at, length, with, rule);
  };
  constexpr std::size_t none = std::string_view::npos;
  std::size_t open_at = none;   // of a bracket not closed yet
  std::size_t quote_at = none;  // of “ that nothing has closed
  constexpr std::u32string_view opening = U"(（〈【〔[", closing = U"〉】〕]";
  for (std::size_t at = 0; at < line.size();) {
    const auto [codepoint, length] = valid_utf8_next(line, at);
    if (opening.find(codepoint) != opening.npos) {
      open_at = at;
      opened = none;
    } else if (closing.find(codepoint) != closing.npos) {
      open_at = none;
      opened = none;
    } else if (codepoint == U')' || codepoint == U'）') {
      if (open_at == none && opened != none) {
        const std::string_view both = text.substr(opened, range.end - opened);
        mend_brackets(both, 0, range.begin + at - opened,
                      [&, from = opened](std::size_t in_both, std::size_t size, std::string_view with, RuleIndex rule) {
                        put_in(from, in_both, size, with, rule);
                      });
      } else {
        mend_brackets(line, open_at, at, put);
      }
      opened = none;
      open_at = none;
    } else if (codepoint == U'“') {
      quote_at = at;
    } else if (codepoint == U'”' || codepoint == U'「') {
      quote_at = none;
    } else if (codepoint == U'」') {
      if (quote_at != none && !is_quoting(text.substr(0, range.begin + quote_at))) put(quote_at, 3, "「", bracket);
      quote_at = none;
    } else if (const std::size_t pause = codepoint == U'。' ? pause_before_closing(line, at + length) : 0; pause > 0) {
      put(at + length, pause, {}, doubled);
      at += pause;
    } else if ((codepoint == U'。' || codepoint == U'、') && is_doubled(line, at, length)) {
      put(at, length, {}, doubled);
    } else if (codepoint == U'—') {
      mend_dash(line, at, put);
    } else if (const auto found = std::find_if(marks_.begin(), marks_.end(),
                                               [c = codepoint](const auto& entry) { return entry.first == c; });
               found != marks_.end() && is_full_width(line, at)) {
      put(at, length, found->second, mark);
    }
    at += length;
  }
  return open_at == none ? none : range.begin + open_at;
}

void Marks::mend_end(std::string_view text, TextRange range, Proposal& proposal) {
  if (range.size() < 2 || (text[range.end - 1] != '.' && text[range.end - 1] != '*')) return;
  if (before(range.of(text), range.size() - 1) == Beside::chinese)
    proposal.replace({range.end - 1, range.end}, "。", stop, 95);
}

void Marks::restore_brackets(std::string_view text, std::span<const Line> lines, Proposal& proposal) {
  const auto is_number = [](std::string_view ink) {
    constexpr std::size_t most = 3;  // 二十一
    const std::size_t count = numerals_after(ink);
    if (count == 0 || count > most) return false;
    std::size_t at = 0;
    for (std::size_t k = 0; k < count; ++k) at += valid_utf8_next(ink, at).length;
    return ink.substr(at).starts_with("）") || ink.substr(at).starts_with(")");
  };
  const auto is_whole = [&](const Line& line) {
    const std::string_view ink = line.ink.of(text);
    return (ink.starts_with("（") && is_number(ink.substr(std::string_view("（").size()))) ||
           (ink.starts_with('(') && is_number(ink.substr(1)));
  };
  if (std::ranges::none_of(lines, is_whole)) return;  // the text's own style
  // Whether the lines above opened one in the paragraph.
  const auto is_open = [&](std::size_t n) {
    constexpr std::size_t most_lines = 8;  // of what stands in brackets
    for (std::size_t k = n; k > 0 && n - k < most_lines && lines[k].blanks_before == 0; --k) {
      const std::string_view above = lines[k - 1].ink.of(text);
      const auto last = [&](std::string_view full, char ascii) {
        const std::size_t a = above.rfind(full), b = above.rfind(ascii);
        return a == above.npos || (b != above.npos && b > a) ? b + 1 : a + 1;  // 0: nowhere
      };
      const std::size_t opened = last("（", '('), closed = last("）", ')');
      if (opened != closed) return opened > closed;
    }
    return false;
  };
  for (std::size_t n = 0; n < lines.size(); ++n)
    if (is_number(lines[n].ink.of(text)) && !is_open(n)) proposal.insert(lines[n].ink.begin, "（", bracket, 95);
}

void Marks::restore_stop(std::string_view text, std::span<const Line> lines, std::size_t n, bool guess,
                         Proposal& proposal) const {
  constexpr std::uint32_t shorter = 8;     // half-ems, than the full line above
  constexpr std::size_t least_clause = 8;  // characters of the last sentence
  constexpr std::size_t least_lines = 3;   // of a paragraph of one sentence
  const Line& line = lines[n];
  const auto continues = [&](std::size_t k) { return k > 0 && lines[k].blanks_before == 0 && is_full(lines, k - 1); };
  if (line.ink.size() == 0 || class_of(valid_utf8_previous(text, line.ink.end).codepoint) != CharClass::han) return;
  if (!continues(n) || line.width + shorter > lines[n - 1].width) return;
  // The last sentence, which has marks of sentences only: bylines, sources and rows of tables have others.
  std::size_t characters = 0, of_line = 0;
  bool ended = false;
  for (std::size_t k = n;; --k) {
    const std::string_view ink = lines[k].ink.of(text);
    for (std::size_t at = ink.size(); at > 0 && !ended; ++characters) {
      const auto [codepoint, length] = valid_utf8_previous(ink, at);
      const CharClass c = class_of(codepoint);
      ended = c == CharClass::stop;
      const bool is_of_sentence = c == CharClass::han || c == CharClass::pause || c == CharClass::digit ||
                                  codepoint == U'“' || codepoint == U'”';
      if (!ended && !is_of_sentence) return;
      at -= length;
    }
    // What begins with its line may be a headline.
    if (ended && k + 1 == n && characters == of_line) return;
    if (ended) break;
    if (k == n) of_line = characters + 1;
    if (!continues(k)) {
      if (n - k + 1 < least_lines) return;
      break;
    }
  }
  if (characters <= least_clause) return;
  const CoherenceModel::Tail tail = model_.tail_of(line.ink.of(text));
  const auto after = [&](Codepoint mark) {
    return model_.log_probability(tail.at.data(), tail.count, model_.read(mark));
  };
  const float full_stop = after(U'。');
  const float other = std::max({after(U'：'), after(U'？'), after(U'！')});
  if (full_stop < stop_expected_ || full_stop < other + stop_margin_) return;
  if (n + 1 < lines.size() && model_.continuation(tail, model_.head_of(lines[n + 1].ink.of(text))) > 0) return;
  const ByteOffset last = line.ink.end - static_cast<ByteOffset>(valid_utf8_previous(text, line.ink.end).length);
  if (guess)
    proposal.insert(line.ink.end, "。", lost_stop, 90);
  else
    proposal.note({last, line.ink.end}, Severity::note, suspect, "a full stop may be lost after it");
}

bool Marks::goes_on_below(std::span<const Line> lines, std::size_t n) {
  constexpr std::uint32_t clipped = 4;  // half-ems that the line may be narrower than its neighbours
  const auto is_narrower = [&](const Line& other) { return lines[n].width + clipped < other.width; };
  if (n + 1 >= lines.size() || lines[n + 1].blanks_before > 0 || is_narrower(lines[n + 1])) return false;
  return lines[n].blanks_before > 0 || n == 0 || !is_narrower(lines[n - 1]);
}

bool Marks::clips_ends(std::string_view text, std::span<const Line> lines) const {
  std::size_t ends = 0, marked = 0, characters = 0, marks = 0;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::string_view ink = lines[n].ink.of(text);
    bool is_mark = false;
    for (std::size_t at = 0; at < ink.size(); ++characters) {
      const auto [codepoint, length] = valid_utf8_next(ink, at);
      is_mark = contains(end_marks_, codepoint);
      marks += is_mark;
      at += length;
    }
    if (!goes_on_below(lines, n)) continue;
    ++ends;
    marked += is_mark;
  }
  const double expected =
      static_cast<double>(ends) * static_cast<double>(marks) / std::max(1.0, static_cast<double>(characters));
  return expected >= least_ends_ && static_cast<double>(marked) <= clipped_share_ * expected;
}

void Marks::restore_ends(std::string_view text, std::span<const Line> lines, bool guess, Proposal& proposal) const {
  if (!clips_ends(text, lines)) return;
  const auto read = across_lines(model_);
  for (std::size_t n = 0; n + 1 < lines.size(); ++n) {
    const TextRange ink = lines[n].ink, below = lines[n + 1].ink;
    if (!goes_on_below(lines, n) || ink.size() == 0 || below.size() == 0) continue;
    const auto [last, length] = valid_utf8_previous(text, ink.end);
    if (class_of(last) != CharClass::han || class_of(valid_utf8_next(text, below.begin).codepoint) != CharClass::han)
      continue;
    const Surroundings around(model_, text, ink.end, ink.end, Surroundings::reach, read);
    const float without = around.fit(0, 0);
    Codepoint best = 0;
    float most = end_suspected_;
    for (const Codepoint mark : end_marks_)
      if (const float gain = around.fit(mark, 1) - without; gain > most) {
        most = gain;
        best = mark;
      }
    if (best == 0) continue;
    std::string mark;
    append_utf8(mark, best);
    if (guess && most > end_margin_)
      proposal.insert(ink.end, mark, lost_mark, 60);
    else
      proposal.note({ink.end - length, ink.end}, Severity::note, suspect, fmt::format("{} may be lost after it", mark));
  }
}

bool Marks::is_doubled(std::string_view line, std::size_t at, std::size_t length) {
  if (valid_utf8_next(line, at).codepoint == U'、')
    return at > 0 && (line[at - 1] == ',' || line.substr(0, at).ends_with("，"));
  const auto next = [&](std::size_t from) { return from < line.size() ? valid_utf8_next(line, from).codepoint : 0; };
  const Codepoint before = at > 0 ? valid_utf8_previous(line, at).codepoint : 0, after = next(at + length);
  const auto is_pause = [](Codepoint c) { return c == U',' || c == U'，' || c == U'、' || c == U'；' || c == U';'; };
  if (is_pause(before) || is_pause(after)) return true;
  return after == U'。' && before != U'。' && next(at + 2 * length) != U'。';
}

void Marks::mend_zeros(std::string_view text, TextRange range, Proposal& proposal) {
  constexpr std::size_t least_digits = 2;
  const std::string_view line = range.of(text);
  if (line.find('O') == line.npos && line.find('0') == line.npos) return;
  const auto is_other = [](Codepoint c) { return class_of(c) == CharClass::latin || class_of(c) == CharClass::digit; };
  std::vector<std::size_t> zeros;  // of a numeral that were read as O or 0
  std::size_t count = 0;           // of its Chinese ones
  Codepoint before = 0;            // what stands beside it
  for (std::size_t at = 0; at <= line.size();) {
    const auto [codepoint, length] = at < line.size() ? valid_utf8_next(line, at) : Decoded{U'\n', 1};
    if (codepoint == U'O' || codepoint == U'0') {
      zeros.push_back(at);
    } else if (digit_of(codepoint)) {
      ++count;
    } else {
      if (count >= least_digits && !is_other(before) && !is_other(codepoint))
        for (const std::size_t zero : zeros) {
          const auto begin = range.begin + static_cast<ByteOffset>(zero);
          proposal.replace({begin, begin + 1}, "〇", numeral, 95);
        }
      zeros.clear();
      count = 0;
      before = codepoint;
    }
    at += length;
  }
}

void Marks::mend_digits(std::string_view text, TextRange range, Figures which, Proposal& proposal) const {
  const std::string_view line = range.of(text);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_either = [&](char c) { return is_digit(c) || is_small(c) || is_capital(c); };
  const auto other_of = [](const std::vector<std::string>& pairs, char c) {
    const auto found = std::ranges::find(pairs, c, [](const std::string& pair) { return pair[0]; });
    return found == pairs.end() ? c : (*found)[1];
  };
  const auto is_of_name = [&](std::size_t at) {
    return at < line.size() && name_marks_.find(line[at]) != std::string::npos;
  };
  for (std::size_t begin = 0, end = 0; begin < line.size(); begin = end + 1) {
    end = begin;
    while (end < line.size() && is_either(line[end])) ++end;
    const std::string_view run = line.substr(begin, end - begin);
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(run, is_digit));
    const std::size_t letters = run.size() - digits;
    if (letters == 0 || (begin > 0 && is_of_name(begin - 1)) || is_of_name(end)) continue;
    const auto is_of_date = [&](std::size_t at) {
      return at < line.size() && contains(date_units_, valid_utf8_next(line, at).codepoint);
    };
    const bool in_date =
        is_of_date(end) &&
        (digits > 0 || (begin > 0 && contains(date_units_, valid_utf8_previous(line, begin).codepoint)));
    if (digits == 0 && !in_date) continue;
    // Not O2O年会, nor 0o755.
    const bool is_octal = run.size() > 1 && run[0] == '0' && !is_digit(run[1]);
    const bool is_sure =
        digits > 0 && !is_octal &&
        (in_date ? is_digit(run.front()) || is_digit(run.back()) : is_digit(run.front()) && is_digit(run.back()));
    if (is_sure != (which == Figures::sure)) continue;
    std::string mended(run);
    if (in_date || (letters <= digits && digits >= least_digits_ && (is_digit(run.front()) || is_small(run.front())))) {
      for (char& c : mended) c = other_of(digits_, c);
      if (!std::ranges::all_of(mended, is_digit)) continue;
    } else if (letters >= least_letters_ && digits < letters) {
      for (std::size_t k = 1; k + 1 < run.size(); ++k) {
        if (is_small(run[k - 1]) && is_small(run[k + 1])) mended[k] = other_of(small_letters_, run[k]);
        if (is_capital(run[k - 1]) && is_capital(run[k + 1])) mended[k] = other_of(capital_letters_, run[k]);
      }
      if (std::ranges::any_of(mended, is_digit)) continue;
    }
    for (std::size_t k = 0; k < run.size(); ++k) {
      const auto at = range.begin + static_cast<ByteOffset>(begin + k);
      if (mended[k] != run[k]) proposal.replace({at, at + 1}, mended.substr(k, 1), numeral, 95);
    }
  }
}

void Marks::mend_ones(std::string_view text, TextRange range, Proposal& proposal) const {
  constexpr std::string_view ones = "一一", dashes = "——";
  constexpr Codepoint dash_mark = U'—', one_mark = U'一';
  constexpr std::size_t behind = 2;  // characters
  const std::string_view line = range.of(text);
  // It may stand at the end of its line, and goes on in the next.
  const auto read = across_lines(model_);
  for (std::size_t at = line.find(ones); at != std::string_view::npos; at = line.find(ones, at + ones.size())) {
    const ByteOffset begin = range.begin + static_cast<ByteOffset>(at);
    const TextRange where{begin, begin + static_cast<ByteOffset>(ones.size())};
    const Surroundings around(model_, text, where.begin, where.end, behind, read);
    const auto says_nothing = [](Codepoint c) { return c == 0 || c == dash_mark || is_numeral(c); };
    if (says_nothing(around.left()) || says_nothing(around.right())) continue;
    if (around.fit(dash_mark, 2) - around.fit(one_mark, 2) > ones_margin_) proposal.replace(where, dashes, dash, 95);
  }
}

void Marks::mend_lone_dashes(std::string_view text, TextRange range, Proposal& proposal) const {
  const std::string_view line = range.of(text);
  const auto read = [&](Codepoint codepoint) -> std::optional<Symbol> { return model_.read(codepoint); };
  Codepoint before = 0;
  for (std::size_t at = 0; at < line.size();) {
    const auto [codepoint, length] = valid_utf8_next(line, at);
    const TextRange where{range.begin + static_cast<ByteOffset>(at),
                          range.begin + static_cast<ByteOffset>(at) + length};
    at += length;
    const bool is_dash = codepoint == U'—' || codepoint == U'-';
    if (is_dash && class_of(before) == CharClass::han && !is_numeral(before) && at < line.size()) {
      const Codepoint behind = valid_utf8_next(line, at).codepoint;
      if (class_of(behind) == CharClass::han && !is_numeral(behind)) {
        const Surroundings around(model_, text, where.begin, where.end, Surroundings::reach, read);
        const float as_dash = std::max({around.fit(codepoint, 1), around.fit(U'—', 1), around.fit(U'—', 2)});
        if (around.fit(U'一', 1) - as_dash > lone_margin_) proposal.replace(where, "一", dash, 95);
      }
    }
    before = codepoint;
  }
}

void Marks::mend_years(std::string_view text, TextRange range, Proposal& proposal) {
  constexpr std::size_t of_year = 4;
  const std::string_view line = range.of(text);
  constexpr std::string_view unit = "年";
  for (std::size_t at = line.find(unit); at != std::string_view::npos; at = line.find(unit, at + unit.size())) {
    // The run of numerals before it: where each begins, and which it is.
    std::vector<std::size_t> begins;
    std::string values;
    constexpr std::size_t most = 2 * of_year + 3;
    for (std::size_t k = at; k > 0 && values.size() < most;) {
      const auto [codepoint, length] = valid_utf8_previous(line, k);
      const std::optional<char> digit = codepoint == U'O' ? '0' : digit_of(codepoint);
      if (!digit) break;
      k -= length;
      begins.insert(begins.begin(), k);
      values.insert(values.begin(), *digit);
    }
    constexpr std::string_view ones = "11";
    if (values.size() < 2 * of_year || values.size() > 2 * of_year + ones.size()) continue;
    const std::size_t second = values.size() - of_year;
    const std::string_view from = std::string_view(values).substr(0, of_year),
                           to = std::string_view(values).substr(second);
    if (!ones.starts_with(std::string_view(values).substr(of_year, second - of_year))) continue;
    if (from < "1000" || from >= to || to > "2100") continue;
    const auto begin = range.begin + static_cast<ByteOffset>(begins[of_year]);
    const auto end = range.begin + static_cast<ByteOffset>(begins[second]);
    proposal.replace({begin, end}, "——", dash, 95);
  }
}

void Marks::mend_ellipses(std::string_view text, TextRange range, Proposal& proposal) {
  const std::string_view line = range.of(text);
  constexpr std::size_t least_points = 4;
  std::size_t points = 0, begin = 0;
  for (std::size_t at = 0; at < line.size();) {
    const auto [codepoint, length] = valid_utf8_next(line, at);
    const bool is_point = codepoint == U'.' || codepoint == U'·' || codepoint == U'‧';
    if (is_point && points++ == 0) begin = at;
    at += length;
    const bool ends = !is_point || at == line.size();
    if (!ends) continue;
    const std::size_t end = is_point ? at : at - length;
    if (std::exchange(points, 0) < least_points || before(line, begin) != Beside::chinese) continue;
    const Beside behind = after(line, end);
    if (behind == Beside::chinese || behind == Beside::closing || behind == Beside::nothing)
      proposal.replace({range.begin + static_cast<ByteOffset>(begin), range.begin + static_cast<ByteOffset>(end)}, "……",
                       ellipsis, 95);
  }
}

}  // namespace inkwash::stages::ocr
