// The coherence model: how well one fragment of text goes on with another.
//
// A character 4-gram model (coherence_training.h) read where it lies, in the binary or in a mapped file:
//
//     magic, 40 bytes   "INKWASH-COHERENCE-3\n", zeros
//     sizes             3 x u64: buckets of the orders 2, 3 and 4
//     map               65536 x u16: what a codepoint is read as (one script, one digit, one letter;
//                       0: not read, 2: unknown, 1: the border of a paragraph)
//     unigrams          65536 x f32 log probability, 65536 x f32 log backoff weight
//     orders 2, 3, 4    buckets of 64 bytes, a line of the cache each: 16 x u16 marks, fingerprints of n-grams,
//                       then 16 x u16: probability << 8 | backoff weight (in -1/14 and -1/27 of a natural
//                       logarithm). A bucket is filled from its first place on, mark 0 is a free place; what has
//                       no place in its bucket is in the next that has one
//     followers         u32: how many symbols have some; those symbols, u16, sorted, filled up to 4 bytes; where in the
//                       list those of each begin, and its size, u32; the list: u16 symbols that stand after each in
//                       the n-grams of order 2, sorted; filled up to 4 bytes
//     predecessors      the same of those that stand before each
//
// All numbers are little-endian. Immutable; every function is safe to call from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "inkwash/expected.h"
#include "inkwash/stage.h"
#include "stages/latin.h"

namespace inkwash::stages {

class Settings;

class CoherenceModel {
 public:
  /// The language that a model is of: what newspapers write, or what is said in films and shows.
  enum class Language : std::uint8_t { news, captions };
  static constexpr std::string_view news_file = "model/news.icm", captions_file = "model/captions.icm";
  /// The models that come with inkwash. Never fails: they are part of the library.
  [[nodiscard]] static const CoherenceModel& shipped(Language language = Language::news);
  /// The model of these rules: model/news.icm or model/captions.icm, the shipped one unless they have another. Mistakes
  /// are added to `settings`.
  [[nodiscard]] static CoherenceModel of(Settings& settings, const Rules& rules, Language language = Language::news);
  /// The same, but it reads Latin text as any other: as letters that are all one letter.
  [[nodiscard]] CoherenceModel without_latin() const {
    CoherenceModel model = *this;
    model.latin_.reset();
    return model;
  }
  /// Maps a model's file, which stays mapped while a copy of the model lives. Error: what is wrong with it.
  [[nodiscard]] static expected<CoherenceModel, std::string> open(const std::string& path);
  /// Reads a model from memory, which must outlive it. Error: what is wrong with it.
  [[nodiscard]] static expected<CoherenceModel, std::string> from_bytes(std::string_view bytes);

  // The file's format, for those who write it.
  static constexpr std::string_view magic = "INKWASH-COHERENCE-3\n";
  static constexpr std::size_t magic_size = 40;
  static constexpr std::size_t map_begin = magic_size + 3 * sizeof(std::uint64_t);
  /// Some n-grams of one order.
  struct Bucket {
    static constexpr std::size_t places = 16;
    std::array<std::uint16_t, places> marks;
    std::array<std::uint16_t, places> entries;
    /// The first place of a mark; `places`: none.
    [[nodiscard]] std::size_t find(std::uint16_t mark) const noexcept;
  };
  /// What an n-gram is looked for by; `key`: its symbols, 16 bits each, the last lowest.
  struct Hash {
    explicit Hash(std::uint64_t key) noexcept {
      constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
      std::uint64_t h = key * multiplier;
      h ^= h >> 32;
      h *= multiplier;
      bits = h ^ (h >> 29);
    }
    /// The bucket to begin with, of so many.
    [[nodiscard]] std::size_t bucket(std::size_t buckets) const noexcept { return (bits & 0xFFFFFFFF) * buckets >> 32; }
    [[nodiscard]] std::uint16_t mark() const noexcept {  // never 0, which marks a free place
      return std::max<std::uint16_t>(1, static_cast<std::uint16_t>(bits >> 48));
    }
    std::uint64_t bits;
  };
  /// An entry of these logarithms of a probability and of a backoff weight.
  [[nodiscard]] static std::uint16_t entry_of(double probability, double weight) noexcept;

  /// A symbol is what the model reads a character as: one script, one digit, one letter.
  using Symbol = std::uint16_t;
  static constexpr std::size_t reach = 3;  ///< symbols of context

  /// The backoff weights of the last symbol of a text, of the last two and three, as far as the model knows them.
  struct Ending {
    std::array<float, reach> weights{};
    std::size_t known = 0;
  };
  /// The last symbols of a text, and the first: all of it that the model looks at.
  /// The model reads letters as one letter: how Latin text goes on rules/latin.toml says.
  struct Tail {
    std::array<Symbol, reach> at{};
    std::size_t count = 0;
    LatinLines::Ended latin;       ///< views the text
    std::optional<Ending> ending;  ///< once prepare() has looked it up
  };
  struct Head {
    std::array<Symbol, reach> at{};
    std::size_t count = 0;
    LatinLines::Begun latin;  ///< views the text
  };
  /// White space is not read.
  [[nodiscard]] Tail tail_of(std::string_view text) const noexcept;
  [[nodiscard]] Head head_of(std::string_view text) const noexcept;
  /// To be called where several texts are tried after one: most pairs were never seen and cost next to nothing then.
  void prepare(Tail& tail) const noexcept;

  /// How much more probable the beginning of `right` is after the end of `left` than anywhere, as a
  /// natural logarithm: above 0 it goes on, below it does not.
  [[nodiscard]] float continuation(const Tail& left, const Head& right) const noexcept;
  [[nodiscard]] float continuation(std::string_view left, std::string_view right) const noexcept {
    return continuation(tail_of(left), head_of(right));
  }
  /// Whether continuation() goes by the table of Latin text.
  [[nodiscard]] static bool both_latin(const Tail& left, const Head& right) noexcept {
    return left.latin.kind != LatinLines::End::none && right.latin.kind != LatinLines::Begin::none;
  }
  /// continuation(), but at least `otherwise`; much faster where the first character of `right` alone says that it
  /// is below that.
  [[nodiscard]] float continuation_above(const Tail& left, const Head& right, float otherwise) const noexcept;
  /// The same, but only some number above `sure` where the first character says that it surely is above that;
  /// much faster where most pairs go together.
  [[nodiscard]] float continuation_below(const Tail& left, const Head& right, float sure) const noexcept;
  /// The same for a paragraph's beginning before `right`, and its end after `left`.
  [[nodiscard]] float begins_paragraph(const Head& right) const noexcept;
  [[nodiscard]] float begins_paragraph(std::string_view right) const noexcept {
    return begins_paragraph(head_of(right));
  }
  [[nodiscard]] float ends_paragraph(std::string_view left) const noexcept;
  /// Asks the memory for what continuation() of these will look at. The model is larger than caches are: where the
  /// pairs are known some steps before they are asked, most of the waiting is over by then.
  /// `characters`: of `right`, beginning with its first.
  void prefetch(const Tail& left, const Head& right, std::size_t characters = reach) const noexcept;
  /// And for what begins_paragraph() will.
  void prefetch_beginning(const Head& right) const noexcept;
  /// And for what prepare() will.
  void prefetch_ending(const Tail& tail) const noexcept;
  /// And for what is asked of the first of `right` after a prepared tail, which mostly is enough.
  void prefetch_first(const Tail& left, const Head& right) const noexcept {
    if (right.count > 0) prefetch(left.at.data() + left.count - left.ending->known, left.ending->known, right.at[0]);
  }
  /// And for what log_probability() will.
  void prefetch(const Symbol* context, std::size_t length, Symbol symbol) const noexcept;

  /// What a sum of log odds is as a continuation: what speaks against one counts half, as text has many pairs that the
  /// corpus has not. Measured as log P(score | true continuation) - log P(score | any fragment) on articles that are
  /// not in the corpus.
  [[nodiscard]] static constexpr float calibrated(float gain) noexcept { return gain < 0 ? against * gain : gain; }

  /// log P(symbol | context), the last of at most three symbols of context next to it.
  [[nodiscard]] float log_probability(const Symbol* context, std::size_t length, Symbol symbol) const noexcept;
  /// The same after a tail of which prepare() knows the backoff weights.
  [[nodiscard]] float log_probability(const Tail& context, Symbol symbol) const noexcept;
  /// log P of a symbol by one, two and three of those before it, and the longest n-gram that ends with it and was seen.
  struct Weighed {
    std::array<float, reach> by{};
    std::size_t longest = 1;
  };
  /// Calls `see(i, weighed, tail)` for those of a text from `first` to `last`, which `symbol_of(i)` says; `tail` ends
  /// with it. `before`: what is before `first`.
  template <typename SymbolOf, typename See>
  void weigh(Tail before, std::size_t first, std::size_t last, const SymbolOf& symbol_of, const See& see) const {
    if (!before.ending) prepare(before);
    for (std::size_t i = first; i < last; ++i) {
      // The model is larger than caches are: what is asked is asked from memory some characters before.
      constexpr std::size_t ahead = 6;
      if (const std::size_t k = i + ahead; k < last) {
        const std::array<Symbol, reach> context{symbol_of(k - 3), symbol_of(k - 2), symbol_of(k - 1)};
        prefetch(context.data(), context.size(), symbol_of(k));
      }
      const Weighed weighed = add(before, symbol_of(i));
      see(i, weighed, static_cast<const Tail&>(before));
    }
  }
  /// log_probability() where it is known that the symbol was never seen after the last of the context.
  [[nodiscard]] float log_probability_unseen(const Tail& context, Symbol symbol) const noexcept {
    float probability = unigrams_[symbol];
    for (std::size_t n = 0; n < context.ending->known; ++n) probability += context.ending->weights[n];
    return probability;
  }
  [[nodiscard]] Symbol read(char32_t codepoint) const noexcept {
    constexpr Symbol unknown = 2;
    return codepoint < 0x10000 ? map_[codepoint] : unknown;
  }
  /// What characters of the first plane are read as.
  using Map = std::span<const Symbol, 0x10000>;
  [[nodiscard]] Map map() const noexcept { return Map(map_, 0x10000); }
  /// Whether the corpus has these symbols, two to four, one after another often enough to be kept.
  [[nodiscard]] bool has_seen(const Symbol* symbols, std::size_t count) const noexcept;
  /// The symbols that the corpus has after this one often enough to be kept, in order.
  [[nodiscard]] std::span<const Symbol> followers(Symbol symbol) const noexcept { return followers_.of(symbol); }
  /// And those before it.
  [[nodiscard]] std::span<const Symbol> predecessors(Symbol symbol) const noexcept { return predecessors_.of(symbol); }
  /// No more probable is `symbol` after a text that ends with `last`, where it was never seen after that.
  [[nodiscard]] float most_unseen(Symbol last, Symbol symbol) const noexcept {
    return unigrams_[symbol] + weights_[last];
  }

 private:
  static constexpr std::size_t order = 4;
  static constexpr float against = 0.5f;
  struct Table {
    const Bucket* buckets = nullptr;
    std::size_t size = 0;  ///< buckets
  };
  struct Found {
    float probability, backoff;
    bool there;
  };
  struct Scores {
    float whole, own;  ///< log P(symbol | context), and by the nearest symbols of it alone
    bool seen;         ///< the symbol after those and one more, where it was seen after those
    Ending ending;     ///< of the context and the symbol
  };
  template <typename Before>
  [[nodiscard]] Scores scores(const Symbol* context, std::size_t length, std::size_t own, Symbol symbol,
                              const Before& before, const Found* pair, bool ask_seen) const noexcept;
  [[nodiscard]] Ending ending_of(const Tail& tail) const noexcept;
  /// Adds a symbol to a prepared tail.
  Weighed add(Tail& tail, Symbol symbol) const noexcept;
  [[nodiscard]] static constexpr float uncalibrated(float score) noexcept {
    return score < 0 ? score / against : score;
  }
  [[nodiscard]] float gain(const Tail& left, const Head& right, float low, float high) const noexcept;
  [[nodiscard]] Found find(std::size_t n, std::uint64_t key) const noexcept;

  const std::uint16_t* map_ = nullptr;
  const float* unigrams_ = nullptr;
  const float* weights_ = nullptr;
  std::array<Table, order + 1> tables_{};
  struct Neighbours {
    std::span<const Symbol> symbols;        ///< that have some
    const std::uint32_t* begins = nullptr;  ///< of the neighbours of each, and the end
    const Symbol* list = nullptr;
    [[nodiscard]] std::span<const Symbol> of(Symbol symbol) const noexcept {
      if (symbols.empty()) return {};
      // Without branches, which can't be foreseen here.
      std::size_t at = 0;
      for (std::size_t left = symbols.size(); left > 1;) {
        const std::size_t half = left / 2;
        at += half * static_cast<std::size_t>(symbols[at + half] <= symbol);
        left -= half;
      }
      if (symbols[at] != symbol) return {};
      return {list + begins[at], list + begins[at + 1]};
    }
  };
  Neighbours followers_, predecessors_;
  std::shared_ptr<const void> bytes_;        ///< of a mapped file
  std::shared_ptr<const LatinLines> latin_;  ///< none in a model that was made without rules
};

}  // namespace inkwash::stages
