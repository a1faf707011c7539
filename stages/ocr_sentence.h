// The text as `ocr` weighs it: the characters of lines, how probable each is after those before it, and how probable
// the text were with other ones.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ocr_marks.h"
#include "stages/words.h"

namespace inkwash::stages::ocr {

using Symbol = CoherenceModel::Symbol;

/// A character of a line that the model reads.
struct Read {
  ByteOffset at;
  ByteOffset length;
  Codepoint codepoint;
  Symbol symbol;
  bool ends_line = false;  ///< the last of its line
  bool at_gutter = false;  ///< of a full one that another follows
  bool mended = false;     ///< an edit of the line has it already
};

/// Of a symbol that either of two models may be right about: the logarithm of the sum of what both say.
inline float log_either(float one, float other) {
  return std::max(one, other) + std::log1p(std::exp(-std::abs(one - other)));
}

/// The longest n-gram with the symbol at `i` that the corpus has.
inline std::size_t longest_seen(const CoherenceModel& model, std::span<const Symbol> text, std::size_t i) {
  for (std::size_t n = CoherenceModel::reach + 1; n > 1; --n)
    for (std::size_t begin = i + 1 >= n ? i + 1 - n : 0; begin <= i && begin + n <= text.size(); ++begin)
      if (model.has_seen(&text[begin], n)) return n;
  return 1;
}

/// Lines of a text as the model reads them, with a border before and after.
class Sentence {
 public:
  static constexpr std::size_t reach = CoherenceModel::reach;

  /// `mended`: ranges of the text, in order.
  Sentence(const CoherenceModel& model, std::string_view text, std::span<const Line> lines,
           std::span<const TextRange> mended)
      : model_(model) {
    read_.push_back({0, 0, 0, border});
    auto next = mended.begin();
    for (std::size_t n = 0; n < lines.size(); ++n) {
      const Line& line = lines[n];
      for (ByteOffset at = line.ink.begin; at < line.ink.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        while (next != mended.end() && next->end <= at) ++next;
        if (const Symbol symbol = model.read(codepoint); symbol != 0) {
          read_.push_back({at, static_cast<ByteOffset>(length), codepoint, symbol});
          read_.back().mended = next != mended.end() && next->begin <= at;
        }
        at += static_cast<ByteOffset>(length);
      }
      read_.back().ends_line = true;
      read_.back().at_gutter = Marks::is_full(lines, n);
    }
    read_.push_back({0, 0, 0, border});
    weigh();
  }
  /// Drops those for which `drop` is true.
  template <typename Drop>
  void erase_if(Drop drop) {
    std::vector<Read> kept{read_.front()};  // beside it, since each is judged with its neighbours
    for (std::size_t i = 1; i < end(); ++i)
      if (!drop(i)) kept.push_back(read_[i]);
    kept.push_back(read_.back());
    if (kept.size() == read_.size()) return;
    read_ = std::move(kept);
    weigh();
  }
  /// How much more probable the text is without the one at `i`.
  float gain_without(std::size_t i) const { return gain_with(i, 1, {}); }
  /// How much more probable it is with `symbols`, two at most, for `count` of them from `i` on.
  float gain_with(std::size_t i, std::size_t count, std::span<const Symbol> symbols) const {
    std::array<Symbol, 2 * reach + 2> rest{};  // before, there and after
    const std::size_t before = std::min(i, reach), last = std::min(i + count + reach, read_.size());
    std::size_t size = 0;
    for (std::size_t k = i - before; k < i; ++k) rest[size++] = read_[k].symbol;
    for (const Symbol symbol : symbols) rest[size++] = symbol;
    for (std::size_t k = i + count; k < last; ++k) rest[size++] = read_[k].symbol;
    float sum = 0;
    for (std::size_t k = i; k < last; ++k) sum -= weighed_[k].probability();
    for (std::size_t k = before; k < size; ++k) {
      const std::size_t length = std::min(k, reach);
      sum += model_.log_probability(rest.data() + k - length, length, rest[k]);
    }
    return sum;
  }
  /// Two of these are one.
  struct Whole {
    std::size_t first;
    Codepoint codepoint;
  };
  /// Makes one of each two; `wholes` in order, none of which is part of another.
  void unite(std::span<const Whole> wholes) {
    if (wholes.empty()) return;
    std::vector<Read> kept;
    auto next = wholes.begin();
    for (std::size_t i = 0; i < read_.size(); ++i) {
      kept.push_back(read_[i]);
      if (next == wholes.end() || next->first != i) continue;
      const Read& right = read_[++i];
      Read& whole = kept.back();
      whole = {whole.at,
               right.at + right.length - whole.at,
               next->codepoint,
               model_.read(next->codepoint),
               right.ends_line,
               right.at_gutter,
               true};
      ++next;
    }
    read_ = std::move(kept);
    weigh();
  }
  /// Makes it another one.
  void mend(std::size_t i, Codepoint codepoint) {
    read_[i].codepoint = codepoint;
    read_[i].mended = true;
    set(i, model_.read(codepoint));
  }
  /// Whether the corpus has the one at `i` before the next, and between its neighbours.
  bool has_seen_pair(std::size_t i) const { return weighed_[i + 1].weighed.longest >= 2; }
  bool has_seen_between(std::size_t i) const {
    return weighed_[i].weighed.longest >= 2 && weighed_[i + 1].weighed.longest >= 3;
  }

  /// Without the borders: from 1 to end().
  std::size_t end() const { return read_.size() - 1; }
  const Read& operator[](std::size_t i) const { return read_[i]; }
  void set(std::size_t i, Symbol symbol) {
    read_[i].symbol = symbol;
    weigh(i, std::min(i + 1 + reach, read_.size()));
  }

  /// log P of the one at `i` after those before it.
  float probability(std::size_t i) const { return weighed_[i].probability(); }
  /// The sum of it and of those right of it, whose contexts hold it.
  float around(std::size_t i) const {
    float sum = 0;
    for (std::size_t k = i; k < std::min(i + 1 + reach, read_.size()); ++k) sum += weighed_[k].probability();
    return sum;
  }
  /// The same were `symbol` at `changed`.
  float probability(const CoherenceModel& model, std::size_t i, std::size_t changed, Symbol symbol) const {
    std::array<Symbol, reach> context{};
    const std::size_t length = std::min(i, reach);
    for (std::size_t k = 0; k < length; ++k) context[k] = at(i - length + k, changed, symbol);
    return model.log_probability(context.data(), length, at(i, changed, symbol));
  }
  float probability(std::size_t i, std::size_t changed, Symbol symbol) const {
    return probability(model_, i, changed, symbol);
  }
  /// What does not change with the symbol at `i`.
  struct Around {
    CoherenceModel::Tail left;             ///< those before it, prepared
    std::array<float, reach - 1> right{};  ///< log P of the second right of it and of the third after the first
    std::size_t count = 0;                 ///< of those
    float beyond() const {
      float sum = 0;
      for (std::size_t k = 0; k < count; ++k) sum += right[k];
      return sum;
    }
  };
  Around what_is_around(std::size_t i) const {
    Around around{left_of(i)};
    for (std::size_t k = i + 2; k < std::min(i + 1 + reach, read_.size()); ++k, ++around.count)
      around.right[around.count] = weighed_[k].weighed.by[around.count];
    return around;
  }
  /// Whether the corpus has `symbol` at `i` after its left neighbour, before its right one, and before the two right of
  /// it.
  struct Fit {
    bool left, right, after;
  };
  bool has_seen_after(std::size_t i, Symbol symbol) const {
    const std::array<Symbol, 3> after{symbol, read_[i + 1].symbol, read_[i + 2].symbol};
    return model_.has_seen(after.data(), after.size());
  }
  /// No less than around(i) were `symbol` there, by what takes next to no time to say. `likely`: the greatest log P of
  /// a character. A fit may be more than it is.
  float most_around(std::size_t i, const Around& around, Symbol symbol, Fit fit, float likely) const {
    // One alone may be more probable than four are.
    const float most_left = fit.right && !fit.after ? 0 : likely;
    return (fit.left ? most_left : model_.most_unseen(read_[i - 1].symbol, symbol)) +
           (fit.right ? likely : model_.most_unseen(symbol, read_[i + 1].symbol)) + most_beyond(around, fit, likely);
  }
  /// The sum of those right of `i`, whose contexts hold it, were `symbol` there.
  float right_of(std::size_t i, Symbol symbol) const {
    float sum = 0;
    for (std::size_t k = i + 1; k < std::min(i + 1 + reach, read_.size()); ++k) sum += probability(k, i, symbol);
    return sum;
  }
  /// As around(i), were `symbol` at `i`; or -infinity where `is_too_little(sum)` says of a sum that is no less that it
  /// is too little. `likely`: the greatest log P of a character.
  template <typename IsTooLittle>
  float around(std::size_t i, const Around& around, Symbol symbol, Fit fit, float likely,
               const IsTooLittle& is_too_little) const {
    constexpr float nothing = -std::numeric_limits<float>::infinity();
    const float most = most_beyond(around, fit, likely);
    const float most_first = fit.right ? likely : model_.most_unseen(symbol, read_[i + 1].symbol);
    const float left =
        fit.left ? model_.log_probability(around.left, symbol) : model_.log_probability_unseen(around.left, symbol);
    if (is_too_little(left + most_first + most)) return nothing;
    float sum = left + probability(i + 1, i, symbol);
    if (!fit.right) return sum + around.beyond();
    if (is_too_little(sum + most)) return nothing;
    if (around.count > 0) sum += probability(i + 2, i, symbol);
    if (around.count > 1) sum += fit.after ? probability(i + 3, i, symbol) : around.right[1];
    return sum;
  }
  /// What another model says were `symbol` at `i`.
  struct Said {
    float around = 0;  ///< log P of it and of those right of it, whose contexts hold it
    float either = 0;  ///< the same of log_either()
    float mean = 0;    ///< that of each
  };
  Said ask(const CoherenceModel& model, std::size_t i, Symbol symbol) const {
    Said said;
    const std::size_t last = std::min(i + 1 + reach, read_.size());
    for (std::size_t k = i; k < last; ++k) {
      const float other = probability(model, k, i, symbol);
      said.around += other;
      said.either += log_either(probability(k, i, symbol), other);
    }
    said.mean = said.either / static_cast<float>(last - i);
    return said;
  }
  /// Asks the memory for what has_seen_after() looks at, and for what around() does.
  void prefetch_after(std::size_t i, Symbol symbol) const {
    const std::array<Symbol, 2> before{symbol, read_[i + 1].symbol};
    model_.prefetch(before.data(), before.size(), read_[std::min(i + 2, end())].symbol);
  }
  void prefetch_around(std::size_t i, Symbol symbol) const {
    const std::array<Symbol, 3> around{read_[i - 1].symbol, symbol, read_[i + 1].symbol};
    model_.prefetch(around.data(), 1, symbol);
    model_.prefetch(around.data(), 2, around[2]);
  }
  /// The longest n-gram with `symbol` at `i` that the corpus has.
  std::size_t longest_seen(std::size_t i, Symbol symbol) const {
    return in_reach(i, symbol,
                    [&](std::span<const Symbol> text, std::size_t at) { return ocr::longest_seen(model_, text, at); });
  }
  /// By how many characters the longest words with the two from `i` on, both together, are longer were `pair` there.
  float words_longer(const Words& words, std::size_t i, const std::array<Symbol, 2>& pair) const {
    const std::size_t first = i - std::min(i, reach), last = std::min(i + 2 + reach, read_.size()), at = i - first;
    std::array<Symbol, 2 * reach + 2> room{};
    for (std::size_t k = first; k < last; ++k) room[k - first] = read_[k].symbol;
    const std::span<Symbol> text = std::span(room).first(last - first);
    const auto longest = [&] {
      return static_cast<float>(words.longest_with(text, at) + words.longest_with(text, at + 1));
    };
    const float as_read = longest();
    std::ranges::copy(pair, text.begin() + static_cast<std::ptrdiff_t>(at));
    return longest() - as_read;
  }
  /// How many characters the longest word has with `symbol` at `i`.
  std::size_t longest_word(const Words& words, std::size_t i, Symbol symbol) const {
    return in_reach(i, symbol,
                    [&](std::span<const Symbol> text, std::size_t at) { return words.longest_with(text, at); });
  }

 private:
  /// What was never seen beside a symbol leaves what follows as probable as it is without it, and less where the first
  /// of that was seen.
  static float most_beyond(const Around& around, Fit fit, float likely) {
    return fit.right && fit.after ? static_cast<float>(around.count) * likely : around.beyond();
  }
  void weigh() {
    weighed_.resize(read_.size());
    CoherenceModel::Tail start;
    start.at[start.count++] = read_.front().symbol;
    model_.prepare(start);
    weighed_.front().ending = *start.ending;
    weigh(1, read_.size());
  }
  void weigh(std::size_t first, std::size_t last) {
    model_.weigh(
        left_of(first), first, last, [&](std::size_t i) { return read_[i].symbol; },
        [&](std::size_t i, const CoherenceModel::Weighed& weighed, const CoherenceModel::Tail& tail) {
          weighed_[i] = {weighed, *tail.ending};
        });
  }
  /// What is before `i`, prepared.
  CoherenceModel::Tail left_of(std::size_t i) const {
    CoherenceModel::Tail left;
    left.count = std::min(i, reach);
    for (std::size_t k = 0; k < left.count; ++k) left.at[k] = read_[i - left.count + k].symbol;
    left.ending = weighed_[i - 1].ending;
    return left;
  }
  /// What `ask(text, at)` says of the text around `i` were `symbol` there, at `at`.
  template <typename Ask>
  std::size_t in_reach(std::size_t i, Symbol symbol, const Ask& ask) const {
    const std::size_t first = i - std::min(i, reach), last = std::min(i + 1 + reach, read_.size());
    std::array<Symbol, 2 * reach + 1> around{};
    for (std::size_t k = first; k < last; ++k) around[k - first] = at(k, i, symbol);
    return ask(std::span<const Symbol>(around).first(last - first), i - first);
  }
  Symbol at(std::size_t i, std::size_t changed, Symbol symbol) const { return i == changed ? symbol : read_[i].symbol; }

  static constexpr Symbol border = 1;
  const CoherenceModel& model_;
  std::vector<Read> read_;
  /// What the model says of a character.
  struct Weighed {
    CoherenceModel::Weighed weighed;  ///< after those before it
    CoherenceModel::Ending ending;    ///< of the text up to it
    float probability() const { return weighed.by.back(); }
  };
  std::vector<Weighed> weighed_;
};

}  // namespace inkwash::stages::ocr
