#include "stages/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "inkwash/unicode.h"

namespace inkwash::stages {
namespace {

/// Reads the signs of an expression. What it does not understand it takes for something that needs nothing.
class SignsReader {
 public:
  explicit SignsReader(std::string_view pattern) : pattern_(pattern) {}

  Signs read() {
    constexpr std::size_t longest = 2048;  // of longer ones the sets would be large, and tell nothing
    if (pattern_.size() > longest) return {};
    Signs signs = alternatives();
    return understood_ && at_ == pattern_.size() ? signs : Signs();
  }

 private:
  static constexpr std::size_t most = 128;  // characters in a set

  /// Alternatives up to the end or to a bracket that closes them.
  Signs alternatives() {
    Signs signs = sequence();
    while (take('|')) {
      Signs other = sequence();
      const std::size_t common = std::min(signs.needs.size(), other.needs.size());
      keep(common, signs.needs);
      keep(common, other.needs);
      for (std::size_t i = 0; i < common; ++i) signs.needs[i] += other.needs[i];
      if (signs.first.empty() || other.first.empty())
        signs.first.clear();
      else
        signs.first += other.first;
      signs.longest = std::max(signs.longest, other.longest);
    }
    return signs;
  }

  /// As many sets, the first ones and the last.
  static void keep(std::size_t count, std::vector<std::u32string>& sets) {
    if (count == sets.size()) return;
    if (count > 0) sets[count - 1] = std::move(sets.back());
    sets.resize(count);
  }

  Signs sequence() {
    Signs signs;
    signs.longest = 0;
    constexpr std::size_t usual = 8;
    signs.needs.reserve(usual);
    bool begun = false;
    const auto begin = [&](const std::u32string& first, bool may_be_none) {
      if (begun) return;
      begun = first.empty() || !may_be_none;
      if (first.empty())
        signs.first.clear();
      else
        signs.first += first;
    };
    while (at_ < pattern_.size() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      if (take('(')) {
        Signs part = group();
        const auto [may_be_none, times] = repetition();
        signs.longest = product_and_sum(part.longest, times, signs.longest);
        begin(part.first, may_be_none);
        if (!may_be_none) std::move(part.needs.begin(), part.needs.end(), std::back_inserter(signs.needs));
      } else {
        std::u32string set = character();
        const auto [may_be_none, times] = repetition();
        signs.longest = product_and_sum(1, times, signs.longest);
        begin(set, may_be_none);
        if (!may_be_none && !set.empty()) signs.needs.push_back(std::move(set));
      }
    }
    if (!begun) signs.first.clear();
    return signs;
  }

  Signs group() {
    bool flags = false;
    if (take('?') && !take(':')) {
      flags = true;
      at_ = std::min(pattern_.find_first_not_of("imsU-", at_), pattern_.size());
      understood_ &= take(':');  // (?i) for all that follows, (?P<name>...)
    }
    Signs signs = alternatives();
    understood_ &= take(')');
    return flags ? Signs() : signs;
  }

  /// The characters one may be, of which nothing is told where they are many or not known.
  std::u32string character() {
    std::u32string set;
    if (take('[')) {
      set = character_class();
    } else if (take('\\')) {
      set = escape();
    } else if (const char32_t c = next(); c != U'.' && c != U'^' && c != U'$') {
      set = c;
    }
    if (set.size() > most) set.clear();
    return set;
  }

  std::u32string character_class() {
    const bool negated = take('^');
    bool known = !negated;
    std::u32string set;
    for (bool first = true; at_ < pattern_.size() && (first || pattern_[at_] != ']'); first = false) {
      if (pattern_.substr(at_).starts_with("[:")) {
        known = false;
        at_ = std::min(pattern_.find(":]", at_), pattern_.size() - 2) + 2;
        continue;
      }
      const std::u32string begin = take('\\') ? escape() : std::u32string(1, next());
      set += begin;
      known &= !begin.empty();
      if (at_ + 1 < pattern_.size() && pattern_[at_] == '-' && pattern_[at_ + 1] != ']') {
        ++at_;
        const std::u32string end = take('\\') ? escape() : std::u32string(1, next());
        known &= begin.size() == 1 && end.size() == 1 && end[0] - begin[0] < most;
        if (known)
          for (char32_t c = begin[0]; c < end[0];) set += ++c;
      }
    }
    take(']');
    return known ? set : std::u32string();
  }

  /// The characters an escape stands for; none where that is not known.
  std::u32string escape() {
    const char32_t c = next();
    understood_ &= c != U'Q' && !(c >= U'0' && c <= U'9');
    if (c == U's') return U"\t\n\f\r ";
    if (c < 0x80 && !(c >= U'0' && c <= U'9') && !(c >= U'A' && c <= U'Z') && !(c >= U'a' && c <= U'z')) return {c};
    if ((c == U'p' || c == U'P' || c == U'x') && take('{'))
      while (at_ < pattern_.size() && !take('}')) ++at_;
    else if (c == U'p' || c == U'P')
      next();
    else if (c == U'x')
      at_ = std::min(at_ + 2, pattern_.size());
    return {};
  }

  struct Repetition {
    bool may_be_none = false;
    std::size_t most = 1;
  };
  Repetition repetition() {
    Repetition all;
    for (; at_ < pattern_.size(); ++at_) {
      const char c = pattern_[at_];
      if (c == '{') {
        const std::size_t end = pattern_.find_first_not_of("0123456789,", at_ + 1);
        if (end == std::string_view::npos || pattern_[end] != '}' || end == at_ + 1) break;  // a bracket as it is
        all.may_be_none |= pattern_[at_ + 1] == '0' || pattern_[at_ + 1] == ',';
        const std::size_t comma = std::min(pattern_.find(',', at_), end - 1);
        const std::size_t number = pattern_[comma] == ',' ? comma + 1 : at_ + 1;
        std::size_t times = Signs::unlimited;  // also of {,n}, which is no repetition
        if (pattern_[at_ + 1] != ',') std::from_chars(pattern_.data() + number, pattern_.data() + end, times);
        all.most = product_and_sum(all.most, times, 0);
        at_ = end;
      } else if (c == '?' || c == '*') {
        all.may_be_none = true;
        if (c == '*') all.most = Signs::unlimited;
      } else if (c == '+') {
        all.most = Signs::unlimited;
      } else {
        break;
      }
    }
    return all;
  }

  /// a * b + c, or unlimited.
  static std::size_t product_and_sum(std::size_t a, std::size_t b, std::size_t c) {
    constexpr std::size_t many = 1u << 16;
    return a > many || b > many || c > many ? Signs::unlimited : a * b + c;
  }

  bool take(char c) {
    const bool there = at_ < pattern_.size() && pattern_[at_] == c;
    at_ += there;
    return there;
  }

  char32_t next() {
    if (at_ >= pattern_.size()) return 0;
    const auto [codepoint, length] = valid_utf8_next(pattern_, at_);
    at_ += length;
    return codepoint;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  bool understood_ = true;
};

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Signs signs_of(std::string_view pattern) { return SignsReader(pattern).read(); }

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string any_of(const std::vector<std::string>& patterns) {
  std::string joined = "(?:";
  for (const std::string& pattern : patterns) {
    if (joined.size() > 3) joined += '|';
    joined += pattern;
  }
  return joined + ")";
}

std::vector<std::string> each_between(std::string_view before, std::vector<std::string> patterns,
                                      std::string_view after) {
  for (std::string& pattern : patterns) {
    pattern.insert(0, std::string(before) + "(?:");
    pattern += ')';
    pattern += after;
  }
  return patterns;
}

/// An expression that is compiled once, when a text that may match it is first seen.
struct Pattern::Expression {
  explicit Expression(std::string its_text) : text(std::move(its_text)), signs(signs_of(text)) {
    std::vector<std::pair<std::size_t, const std::u32string*>> by_size;
    by_size.reserve(signs.needs.size());
    for (const std::u32string& set : signs.needs) {
      constexpr std::size_t many = 1000;  // white space and figures are in most lines
      by_size.emplace_back(set.size() + (set.find_first_of(U" 1") != std::u32string::npos ? many : 0), &set);
    }
    const auto most = by_size.begin() + static_cast<std::ptrdiff_t>(std::min(most_telling, by_size.size()));
    std::partial_sort(by_size.begin(), most, by_size.end());
    for (auto one = by_size.begin(); one != most; ++one) telling_[telling_count_++] = one->second;
  }

  /// The sets that tell most, so many at most.
  static constexpr std::size_t most_telling = 4;
  [[nodiscard]] std::span<const std::u32string* const> telling(std::size_t count) const {
    return std::span(telling_).first(std::min(count, telling_count_));
  }

  /// Of a text that holds what a match needs, one after another.
  [[nodiscard]] bool may_match(std::string_view in) const {
    if (ready.load(std::memory_order_acquire)) return true;  // RE2 tells as fast
    auto needed = signs.needs.begin();
    for (std::size_t at = 0; at < in.size() && needed != signs.needs.end();) {
      const auto [codepoint, length] = valid_utf8_next(in, at);
      if (needed->find(codepoint) != std::u32string::npos) ++needed;
      at += length;
    }
    return needed == signs.needs.end();
  }

  const re2::RE2& compiled() const {
    std::call_once(once, [this] {
      re2::RE2::Options options;
      options.set_log_errors(false);
      options.set_never_nl(false);
      // The property has many ranges, which RE2 takes many times as long to compile.
      constexpr std::string_view han =
          R"([々〇\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{3FFFF}])";
      re2 = std::make_unique<const re2::RE2>(replace_all(text, R"(\p{Han})", han), options);
      ready.store(true, std::memory_order_release);
    });
    return *re2;
  }

  /// Stages have some expressions in common: each is there once.
  static std::shared_ptr<const Expression> of(const std::string& text) {
    static std::mutex mutex;
    static std::map<std::string, std::weak_ptr<const Expression>> known;
    const std::lock_guard lock(mutex);
    std::weak_ptr<const Expression>& place = known[text];
    auto expression = place.lock();
    if (!expression) place = expression = std::make_shared<const Expression>(text);
    return expression;
  }

  std::string text;
  Signs signs;
  mutable std::once_flag once;
  mutable std::atomic<bool> ready = false;  ///< compiled
  mutable std::unique_ptr<const re2::RE2> re2;

 private:
  std::array<const std::u32string*, most_telling> telling_{};  ///< of signs.needs
  std::size_t telling_count_ = 0;
};

/// What matches: an expression, or a text that matches itself.
class Pattern::Alternative {
 public:
  /// `text` must outlive it.
  explicit Alternative(const std::string& text) : literal_(text) {
    if (text.empty() || text.find_first_of(R"(\.+*?()|[]{}^$)") != std::string::npos)
      expression_ = Expression::of(text);
  }

  /// Null of a literal.
  [[nodiscard]] const Expression* expression() const noexcept { return expression_.get(); }
  [[nodiscard]] std::string_view literal() const noexcept { return literal_; }

  [[nodiscard]] bool matches(std::string_view text) const {
    return expression_ ? any_match(text, re2::RE2::ANCHOR_BOTH) : text == literal_;
  }
  [[nodiscard]] bool begins(std::string_view text) const {
    return expression_ ? any_match(text, re2::RE2::ANCHOR_START) : text.starts_with(literal_);
  }
  [[nodiscard]] bool found_in(std::string_view text) const {
    return expression_ ? any_match(text, re2::RE2::UNANCHORED) : text.find(literal_) != std::string_view::npos;
  }
  /// How long the match is with which the text begins, if it does.
  [[nodiscard]] std::optional<std::size_t> beginning_of(std::string_view text) const {
    if (!expression_) return text.starts_with(literal_) ? std::optional(literal_.size()) : std::nullopt;
    if (!expression_->may_match(text)) return std::nullopt;
    re2::StringPiece rest = piece(text);
    return re2::RE2::Consume(&rest, expression_->compiled()) ? std::optional(text.size() - rest.size()) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::string_view> first_in(std::string_view text) const {
    if (!expression_) {
      const std::size_t at = text.find(literal_);
      return at != std::string_view::npos ? std::optional(text.substr(at, literal_.size())) : std::nullopt;
    }
    if (!expression_->may_match(text)) return std::nullopt;
    re2::StringPiece found;
    const std::u32string& first = expression_->signs.first;
    if (first.empty()) {
      if (!expression_->compiled().Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, &found, 1))
        return std::nullopt;
      return std::string_view(found.data(), found.size());
    }
    // From each place where it may begin: to find the beginning itself, RE2 would compile the expression backwards.
    for (std::size_t at = 0; at < text.size();) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      if (first.find(codepoint) != std::u32string::npos &&
          expression_->compiled().Match(piece(text), at, text.size(), re2::RE2::ANCHOR_START, &found, 1))
        return std::string_view(found.data(), found.size());
      at += length;
    }
    return std::nullopt;
  }

 private:
  /// Where nobody asks how long the match is RE2 need not find its end.
  [[nodiscard]] bool any_match(std::string_view text, re2::RE2::Anchor anchor) const {
    return expression_->may_match(text) &&
           expression_->compiled().Match(piece(text), 0, text.size(), anchor, nullptr, 0);
  }

  std::string_view literal_;
  std::shared_ptr<const Expression> expression_;
};

/// The alternatives by the characters of the texts that they match.
class Pattern::Index {
  static constexpr std::size_t most_sets = Expression::most_telling;

 public:
  /// `alternatives` must outlive it.
  explicit Index(const std::vector<std::string>& alternatives) {
    constexpr std::size_t bits = 64, longest_character = 4;
    std::size_t expressions = 0, characters = 0;
    entries_.reserve(alternatives.size());
    for (const std::string& text : alternatives)
      expressions += entries_.emplace_back(Entry{Alternative(text), 0, 0}).alternative.expression() != nullptr;
    const std::size_t sets_each = std::clamp<std::size_t>(bits / std::max<std::size_t>(expressions, 1), 1, most_sets);
    for (Entry& entry : entries_) {
      const Expression* const expression = entry.alternative.expression();
      if (expression == nullptr) {
        ++characters;
        most_bytes_ = std::max(most_bytes_, entry.alternative.literal().size());
        continue;
      }
      const std::size_t longest = expression->signs.longest;
      most_bytes_ = std::max(most_bytes_, longest == Signs::unlimited ? longest : longest_character * longest);
      characters += expression->signs.first.size();
      for (const std::u32string* set : expression->telling(sets_each)) characters += set->size();
    }
    slots_.resize(std::bit_ceil(2 * characters + 1));
    const auto slot = [&](char32_t codepoint) -> Slot& {
      Slot& found = slots_[slot_of(codepoint)];
      found.codepoint = codepoint;
      may_be_[codepoint >> 6 & 63] |= std::uint64_t{1} << (codepoint & 63);
      return found;
    };
    const auto begin = [&](char32_t codepoint) {
      begins_[codepoint >> 6 & 63] |= std::uint64_t{1} << (codepoint & 63);
    };
    constexpr std::uint64_t literal = 1;  // the characters that literals begin with are one set
    std::size_t sets = 1, firsts = 1;
    for (Entry& entry : entries_) {
      const Expression* const expression = entry.alternative.expression();
      if (expression == nullptr) {
        const char32_t first_codepoint = valid_utf8_next(entry.alternative.literal(), 0).codepoint;
        Slot& first_character = slot(first_codepoint);
        entry.needs = entry.first = literal;
        entry.of_line[entry.sets_of_line++] = Signature(first_codepoint);
        first_character.needs |= literal;
        first_character.first |= literal;
        begin(first_codepoint);
        continue;
      }
      for (const std::u32string* set : expression->telling(sets_each)) {
        Signature& of_line = entry.of_line[entry.sets_of_line++];
        for (const char32_t codepoint : *set) of_line.add(Signature(codepoint));
        if (sets == bits) continue;
        const std::uint64_t bit = std::uint64_t{1} << sets++;
        entry.needs |= bit;
        for (const char32_t codepoint : *set) slot(codepoint).needs |= bit;
      }
      if (expression->signs.first.empty() || firsts == bits) {
        begins_with_any_ = true;
        continue;
      }
      entry.first = std::uint64_t{1} << firsts++;
      for (const char32_t codepoint : expression->signs.first) {
        slot(codepoint).first |= entry.first;
        begin(codepoint);
      }
    }
  }

  /// Of a match.
  [[nodiscard]] std::size_t most_bytes() const noexcept { return most_bytes_; }

  /// Calls `match` with the alternatives that may match until one does. `anchored`: at the beginning of the text,
  /// of which no match reaches past `reach` bytes. `line`: whose ink the text is; null: it is no line's.
  template <typename Match>
  [[nodiscard]] bool any(std::string_view text, const Line* line, bool anchored, std::size_t reach, Match match) const {
    std::uint64_t first = ~std::uint64_t{0};
    if (anchored && !text.empty()) {
      const Codepoint codepoint = valid_utf8_next(text, 0).codepoint;
      const bool may_begin = (begins_[codepoint >> 6 & 63] >> (codepoint & 63) & 1) != 0;
      if (!may_begin && !begins_with_any_) return false;
      first = may_begin ? slots_[slot_of(codepoint)].first : 0;
    }
    std::optional<std::uint64_t> has;  // asked for when an alternative needs it
    for (const Entry& entry : entries_) {
      if ((entry.first != 0 && (entry.first & first) == 0) || (line != nullptr && !entry.may_be_in(*line))) continue;
      if (!has) has = sets_in(text, reach);
      if ((entry.needs & ~*has) == 0 && match(entry.alternative)) return true;
    }
    return false;
  }

 private:
  /// Characters of which a line has one, as a line tells it.
  struct Signature {
    Signature() = default;
    explicit Signature(char32_t codepoint)
        : characters(Line::bit_of(codepoint)),
          classes(static_cast<std::uint16_t>(1u << static_cast<unsigned>(class_of(codepoint)))) {}
    void add(Signature other) {
      characters |= other.characters;
      classes |= other.classes;
    }
    std::uint64_t characters = 0;
    std::uint16_t classes = 0;
  };
  struct Entry {
    Alternative alternative;
    std::uint64_t needs;                         ///< bits of the sets of which the text must have a character
    std::uint64_t first;                         ///< the bit of the set that the match begins with; 0: with anything
    std::array<Signature, most_sets> of_line{};  ///< of sets of which it must have one each
    std::size_t sets_of_line = 0;

    [[nodiscard]] bool may_be_in(const Line& line) const noexcept {
      return std::all_of(of_line.begin(), of_line.begin() + sets_of_line, [&](const Signature& set) {
        return (set.characters & line.characters) != 0 && (set.classes & line.classes) != 0;
      });
    }
  };
  /// The sets a character is in.
  struct Slot {
    char32_t codepoint = 0;  ///< 0: no character
    std::uint64_t needs = 0;
    std::uint64_t first = 0;
  };

  /// The bits `needs` of all characters in the first `reach` bytes of the text.
  [[nodiscard]] std::uint64_t sets_in(std::string_view text, std::size_t reach) const noexcept {
    std::uint64_t sets = 0;
    const std::size_t end = std::min(text.size(), reach);
    for (std::size_t at = 0; at < end;) {
      // Nearly all have three bytes, and may_be_ goes by the last two of them.
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
      if ((byte(0) & 0xF0) == 0xE0 && (may_be_[byte(1) & 63] >> (byte(2) & 63) & 1) == 0) {
        at += 3;
        continue;
      }
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      if ((may_be_[codepoint >> 6 & 63] >> (codepoint & 63) & 1) != 0) sets |= slots_[slot_of(codepoint)].needs;
    }
    return sets;
  }

  /// The slot of a character, or the empty one where it belongs.
  [[nodiscard]] std::size_t slot_of(char32_t codepoint) const noexcept {
    std::size_t slot = (codepoint * 0x9E3779B1u) >> 16;
    while (slots_[slot &= slots_.size() - 1].codepoint != codepoint && slots_[slot].codepoint != 0) ++slot;
    return slot;
  }

  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  ///< a hash table with open addressing; its size is a power of two, half of it empty
  /// By the low twelve bits of a codepoint, the last two bytes of nearly all: whether one in a slot has these.
  std::array<std::uint64_t, 64> may_be_{}, begins_{};  ///< begins_: in one that a match may begin with
  bool begins_with_any_ = false;                       ///< a match may begin with any character
  std::size_t most_bytes_ = 0;
};

struct Pattern::Lazy {
  explicit Lazy(std::vector<std::string> all) : alternatives(std::move(all)) {}
  std::vector<std::string> alternatives;
  mutable std::once_flag once;
  mutable std::optional<const Index> index;
  mutable std::atomic<const Index*> ready = nullptr;  ///< `index`, once it is there
};

Pattern::Pattern() = default;
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

Pattern::Pattern(Settings& settings, std::string_view key, std::vector<std::string> alternatives)
    : lazy_(std::make_unique<const Lazy>(std::move(alternatives))) {
  if (settings.built_in()) return;
  for (const std::string& text : lazy_->alternatives)
    if (const Alternative alternative(text); alternative.expression() && !alternative.expression()->compiled().ok())
      settings.error(std::string(key), alternative.expression()->compiled().error());
}

const Pattern::Index& Pattern::index() const {
  if (const Index* const ready = lazy_->ready.load(std::memory_order_acquire)) return *ready;
  std::call_once(lazy_->once, [this] {
    lazy_->index.emplace(lazy_->alternatives);
    lazy_->ready.store(&*lazy_->index, std::memory_order_release);
  });
  return *lazy_->index;
}

bool Pattern::matches(std::string_view text, const Line* line) const {
  const Index& all = index();
  return text.size() <= all.most_bytes() &&
         all.any(text, line, true, text.size(), [&](const Alternative& one) { return one.matches(text); });
}

bool Pattern::begins(std::string_view text, const Line* line) const {
  const Index& all = index();
  return all.any(text, line, true, all.most_bytes(), [&](const Alternative& one) { return one.begins(text); });
}

bool Pattern::found_in(std::string_view text, const Line* line) const {
  return index().any(text, line, false, text.size(), [&](const Alternative& one) { return one.found_in(text); });
}

std::string_view Pattern::beginning_of(std::string_view text) const {
  const Index& all = index();
  std::size_t size = 0;
  (void)all.any(text, nullptr, true, all.most_bytes(), [&](const Alternative& one) {
    const auto found = one.beginning_of(text);
    size = found.value_or(0);
    return found.has_value();
  });
  return text.substr(0, size);
}

std::string_view Pattern::first_in(std::string_view text) const {
  std::string_view first = text.substr(text.size());
  (void)index().any(text, nullptr, false, text.size(), [&](const Alternative& one) {
    if (const auto found = one.first_in(text); found && found->data() < first.data()) first = *found;
    return false;
  });
  return first;
}

bool Pattern::tiles(std::string_view text) const {
  const Index& all = index();
  std::vector<bool> reached(text.size() + 1, false);  // by matches one after another
  reached[0] = true;
  std::size_t farthest = 0;
  for (std::size_t at = 0; at <= farthest && at < text.size(); ++at) {
    if (!reached[at]) continue;
    const std::string_view rest = text.substr(at);
    (void)all.any(rest, nullptr, true, all.most_bytes(), [&](const Alternative& one) {
      for (std::string_view in = rest; const auto size = one.beginning_of(in);) {
        reached[at + *size] = true;
        farthest = std::max(farthest, at + *size);
        in = in.substr(0, *size > 0 ? valid_utf8_floor(in, *size - 1) : 0);
        if (in.empty()) break;
      }
      return false;
    });
  }
  return !text.empty() && reached[text.size()];
}

}  // namespace inkwash::stages
