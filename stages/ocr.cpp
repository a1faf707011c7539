#include "stages/ocr.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <queue>
#include <span>
#include <unordered_map>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/confusions.h"
#include "stages/names.h"
#include "stages/script_signs.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex {
  mark,
  stop,
  bracket,
  half,
  ellipsis,
  dash,
  doubled,
  shadow,
  inserted,
  noise,
  comma,
  parts,
  character,
  choice,
  suspect
};
constexpr RuleInfo rule_list[] = {
    {"ocr.mark", "an ASCII mark in Chinese text is the full-width one", Effect::character},
    {"ocr.stop", "a point in Chinese text that was typed with ASCII marks, or at a paragraph's end, is a full stop",
     Effect::character},
    {"ocr.bracket", "a bracket or quotation mark in Chinese text is a full-width one, of its other half's kind",
     Effect::character},
    {"ocr.half", "a bracket beside another one has no other half", Effect::drop},
    {"ocr.ellipsis", "four points or more in Chinese text that was recognised are an ellipsis", Effect::character},
    {"ocr.dash", "一 or - beside a dash is half of a dash", Effect::character},
    {"ocr.doubled",
     "a full stop or 、 beside another mark, or a comma between a full stop and a closing quotation mark, was read "
     "from its "
     "shadow",
     Effect::drop},
    {"ocr.shadow", "a stop or quotation mark in mid-sentence at a line's end or beginning was read in the gutter",
     Effect::drop},
    {"ocr.inserted", "a character that recognition adds where none is", Effect::drop},
    {"ocr.noise", "a line of a few letters in Chinese text that was recognised", Effect::drop},
    {"ocr.comma", "a comma that recognition read as another mark", Effect::character},
    {"ocr.parts", "two characters that recognition read for the one whose parts they are", Effect::character},
    {"ocr.character", "a character that recognition took for another", Effect::character},
    {"ocr.choice", "what a character was corrected to, how sure that is, and what else it may be", Effect::note},
    {"ocr.suspect", "a character that may be misread: left as it is", Effect::note},
};
constexpr OptionInfo option_list[] = {
    {"level", "safe", "off; safe: only what is surely misread; full: the best guess"},
};

/// What stands beside a mark, white space not counted.
enum class Beside : std::uint8_t { nothing, chinese, closing, digit, latin, other };

class OcrStage final : public Stage {
 public:
  OcrStage(Settings& settings, const Rules& rules)
      : model_(CoherenceModel::of(settings, rules)),
        least_share_(settings.number("least_share", 0, 1)),
        sample_(static_cast<std::size_t>(settings.number("character.sample", 1, 1e6))),
        least_sample_(static_cast<std::size_t>(settings.number("character.least_sample", 0, 1e6))),
        surprising_(static_cast<float>(settings.number("character.surprising", -100, 0))),
        evidence_(static_cast<std::size_t>(settings.number("character.evidence", 1, 1e6))),
        names_(settings, {}, rules) {
    const std::string level = settings.option("level", "safe");
    if (level != "off" && level != "safe" && level != "full")
      settings.error("stage ocr", "level is off, safe or full, not '" + level + "'");
    on_ = level != "off";
    full_ = level == "full";
    most_surprises_ = settings.number(full_ ? "character.most_surprises_full" : "character.most_surprises", 0, 1);
    expected_ = static_cast<float>(settings.number(full_ ? "character.expected_full" : "character.expected", -100, 0));
    margin_ = static_cast<float>(settings.number(full_ ? "character.margin_full" : "character.margin", -100, 100));
    apart_ = full_ ? 0 : static_cast<float>(settings.number("character.apart", 0, 100));
    kept_ = settings.characters(full_ ? "character.kept_full" : "character.kept");
    likely_ = static_cast<float>(settings.number("character.likely", -100, 0));
    suspected_ = std::min(margin_, static_cast<float>(settings.number("character.suspected", -100, 100)));
    asked_ = full_ ? static_cast<float>(settings.number("character.asked_full", -100, 100)) : suspected_;
    inserted_ = settings.characters("added.characters");
    points_ = settings.characters("commas.points");
    surely_comma_ = static_cast<float>(settings.number("commas.margin", 0, 100));
    surely_point_ = static_cast<float>(settings.number("commas.margin_point", 0, 100));
    surely_no_stop_ = static_cast<float>(settings.number("commas.margin_stop", 0, 100));
    stop_after_ = settings.count("typed.stop_after");
    evidence_quotes_ = static_cast<std::size_t>(settings.number("character.evidence_quotes", 1, 1e6));
    one_expected_ = static_cast<float>(settings.number("dashes.expected_one", -100, 0));
    surely_quote_ = static_cast<float>(settings.number("added.margin_quote", 0, 100));
    surely_shadow_ = static_cast<float>(settings.number("added.margin_stop", 0, 100));
    surely_added_ = static_cast<float>(settings.number("added.margin", 0, 100));
    surely_parts_ = static_cast<float>(settings.number("parts.margin", 0, 100));
    nickname_ = settings.characters("character.nickname");
    repeats_ = static_cast<std::uint32_t>(settings.number("character.repeats", 2, 1e6));
    const auto weights = [&](std::string_view key, auto& of) {
      const std::vector<double> numbers = settings.numbers(key, of.size());
      for (std::size_t i = 0; i < of.size(); ++i) of[i] = static_cast<float>(numbers[i]);
    };
    weights(full_ ? "character.weights_full" : "character.weights", weights_);
    if (full_) {
      weights("character.weights_captions", captions_weights_);
      captions_ = CoherenceModel::of(settings, rules, CoherenceModel::Language::captions);
    }
    const auto channel = [&](std::string_view key) { return static_cast<float>(settings.number(key, 0, 1000)); };
    smoothing_ = {channel("channel.back"), channel("channel.strength")};
    settings.table(rules, "protected.tsv", 1, [&](Settings::Row row) { protected_.emplace_back(row[0]); });
    const auto own = [&](std::string_view file) { return !rules.path_of(file).empty(); };
    if (own(Confusions::counts_file) || own(Confusions::shapes_file) || own(Confusions::parts_file) || own("ocr.toml"))
      own_confusions_.emplace(settings, rules, smoothing_);
    for (const std::string& pair : settings.strings("marks")) {
      const std::size_t length = pair.empty() ? 0 : valid_utf8_next(pair, 0).length;
      if (length == 0 || length == pair.size())
        settings.error("ocr.toml", "a mark is written as itself and what it stands for, not as '" + pair + "'");
      else
        marks_.emplace_back(valid_utf8_next(pair, 0).codepoint, pair.substr(length));
    }
  }

  const StageInfo& info() const noexcept override { return ocr_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    if (!on_) return;
    const std::string_view text = document.text();
    // Marks that were misread tell that the text was recognised, and only then characters are doubted.
    const std::vector<ByteOffset> quotes = lone_quotes(document);
    if (!full_ && quotes.size() < evidence_quotes_ && !has_marks(text)) return;
    if (!is_chinese(text)) return;
    for (const Line& line : document.lines())
      if (has_marks(line.ink.of(text))) mend_line(text, line.ink, proposal);
    const bool typed = quotes.size() < evidence_quotes_ && is_typed(text);
    const bool recognised = (proposal.edits().size() >= evidence_ && !typed) || quotes.size() >= evidence_quotes_;
    if (typed)
      for (const Line& line : document.lines()) mend_points(text, line.ink, proposal);
    if (recognised) {
      const std::span<const Line> lines = document.lines();
      for (std::size_t n = 0; n < lines.size(); ++n)
        if (is_noise(lines[n].ink.of(text)))
          proposal.erase(lines[n].ink, noise, 90);
        else if (!typed && !is_full(lines, n))
          mend_end(text, lines[n].ink, proposal);
      for (const Line& line : lines) mend_ellipses(text, line.ink, proposal);
    }
    if ((!full_ && !recognised) || !knows(text)) return;
    std::vector<TextRange> mended;
    for (const Edit& edit : proposal.edits()) mended.push_back(edit.range);
    std::ranges::sort(mended, {}, &TextRange::begin);
    // So much at once, for what it takes to weigh a text is some fifty bytes a character, and words that repeat in so
    // much are the text's own.
    constexpr std::size_t most = 1u << 17;
    const std::span<const Line> lines = document.lines();
    for (std::size_t first = 0, last = 0; first < lines.size(); first = last) {
      for (std::size_t size = 0; last < lines.size() && size < most; ++last) size += lines[last].ink.size();
      mend_characters(text, lines.subspan(first, last - first), quotes, mended, typed, proposal);
    }
  }

 private:
  using Symbol = CoherenceModel::Symbol;
  static constexpr Symbol unknown = 2;  ///< the greatest symbol that is no character

  /// As wide as a neighbour, and another line follows: in a column its end is at the gutter.
  static bool is_full(std::span<const Line> lines, std::size_t n) {
    constexpr std::uint32_t widest_column = 120, tolerance = 4;  // half-ems: of the mark, and of squeezed ones
    const Line& line = lines[n];
    const auto as_wide = [&](const Line& other) {
      return other.width <= line.width && other.width + tolerance >= line.width;
    };
    return n + 1 < lines.size() && lines[n + 1].blanks_before == 0 && line.width <= widest_column &&
           (as_wide(lines[n + 1]) || (n > 0 && as_wide(lines[n - 1])));
  }

  /// Where quotation marks without their other half stand at the end of a full line, or a closing one begins a line,
  /// which kinsoku forbids; in order.
  static std::vector<ByteOffset> lone_quotes(const Document& document) {
    struct Quote {
      ByteOffset at;
      bool opens, begins, ends;  ///< the latter: a line, a full one
    };
    std::vector<Quote> quotes;
    constexpr std::string_view first_bytes = "\xE2\x80", opening = "“", closing = "”";
    const std::span<const Line> lines = document.lines();
    for (std::size_t n = 0; n < lines.size(); ++n) {
      const std::string_view ink = lines[n].ink.of(document.text());
      for (std::size_t at = ink.find(first_bytes); at != std::string_view::npos; at = ink.find(first_bytes, at + 1)) {
        const std::string_view rest = ink.substr(at);
        if (rest.starts_with(opening) || rest.starts_with(closing))
          quotes.push_back({lines[n].ink.begin + static_cast<ByteOffset>(at), rest.starts_with(opening),
                            at == 0 && n > 0 && lines[n].blanks_before == 0,
                            rest.size() == opening.size() && is_full(lines, n)});
      }
    }
    std::vector<ByteOffset> lone;
    const Quote* open = nullptr;
    for (std::size_t i = 0; i < quotes.size(); ++i) {
      const Quote& quote = quotes[i];
      if (quote.opens) {
        if (open != nullptr && open->ends) lone.push_back(open->at);
        open = &quote;
      } else if (open == nullptr || (quote.begins && i + 1 < quotes.size() && !quotes[i + 1].opens)) {
        if (quote.begins || quote.ends) lone.push_back(quote.at);
      } else {
        open = nullptr;
      }
    }
    if (open != nullptr && open->ends) lone.push_back(open->at);
    std::sort(lone.begin(), lone.end());
    return lone;
  }

  /// Of the language of another time nearly every character is a surprise: the model can't judge it.
  bool knows(std::string_view text) const {
    std::size_t seen = 0, surprises = 0;
    std::array<Symbol, 3> context{};
    std::size_t known = 0;
    for (std::size_t at = 0; at < text.size() && seen < sample_;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      const Symbol symbol = model_.read(codepoint);
      if (symbol == 0) continue;
      if (class_of(codepoint) == CharClass::han && known == context.size()) {
        ++seen;
        surprises += model_.log_probability(context.data(), context.size(), symbol) < surprising_;
      }
      context = {context[1], context[2], symbol};
      known = std::min(known + 1, context.size());
    }
    if (full_ && seen < least_sample_) return true;
    return static_cast<double>(surprises) <= most_surprises_ * static_cast<double>(seen);
  }

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

  /// The table that is built into the library. Few texts need it: it is read when one does.
  const Confusions& confusions() const {
    if (own_confusions_) return *own_confusions_;
    static const Confusions shipped = [this] {
      const StageOptions none;
      const Rules rules;
      Settings settings("ocr", none, rules, {});
      return Confusions(settings, rules, smoothing_);
    }();
    return shipped;
  }

  /// What most probably stands where a character was read, and how sure that is.
  struct Choice {
    static constexpr float none = -std::numeric_limits<float>::infinity();
    Codepoint right = 0, other = 0;    ///< the best, and the next best; 0: none
    float best = none, second = none;  ///< log odds of these against what was read
    double rest = 1;                   ///< odds of all but the best, what was read among them
    bool fits = true;                  ///< the corpus has the best beside more of its neighbours than what was read

    void add(Codepoint candidate, float score, bool candidate_fits = true) {
      rest += std::exp(static_cast<double>(std::min(score, best)));
      if (score > best) {
        fits = candidate_fits;
        other = std::exchange(right, candidate);
        second = std::exchange(best, score);
      } else if (score > second) {
        other = candidate;
        second = score;
      }
    }
    /// Log odds of the best's being right.
    float score() const { return right == 0 ? none : best - static_cast<float>(std::log(rest)); }
    /// "着 (0.98) or 春 (0.01)": probabilities.
    std::string text() const {
      const double all = rest + std::exp(static_cast<double>(best));
      const auto one = [all](Codepoint codepoint, float odds) {
        std::string text;
        append_utf8(text, codepoint);
        return fmt::format("{} ({:.2f})", text, std::exp(static_cast<double>(odds)) / all);
      };
      return other == 0 ? one(right, best) : one(right, best) + " or " + one(other, second);
    }
  };

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
        read_.back().at_gutter = is_full(lines, n);
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
    float gain_without(std::size_t i) const { return gain_with(i, 1, std::nullopt); }
    /// How much more probable it is with `symbol`, or nothing, for `count` of them from `i` on.
    float gain_with(std::size_t i, std::size_t count, std::optional<Symbol> symbol) const {
      std::array<Symbol, 2 * reach + 1> rest{};  // before, there and after
      const std::size_t before = std::min(i, reach), last = std::min(i + count + reach, read_.size());
      std::size_t size = 0;
      for (std::size_t k = i - before; k < i; ++k) rest[size++] = read_[k].symbol;
      if (symbol) rest[size++] = *symbol;
      for (std::size_t k = i + count; k < last; ++k) rest[size++] = read_[k].symbol;
      float sum = 0;
      for (std::size_t k = i; k < last; ++k) sum -= probabilities_[k];
      for (std::size_t k = before; k < size; ++k) {
        const std::size_t length = std::min(k, reach);
        sum += model_.log_probability(rest.data() + k - length, length, rest[k]);
      }
      return sum;
    }
    /// Makes one of the two from `i` on.
    void unite(std::size_t i, Codepoint whole) {
      Read& left = read_[i];
      const Read& right = read_[i + 1];
      left = {left.at, right.at + right.length - left.at, whole, model_.read(whole), right.ends_line, right.at_gutter,
              true};
      read_.erase(read_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      weigh();
    }
    bool has_seen_pair(std::size_t i) const {
      const std::array<Symbol, 2> pair{read_[i].symbol, read_[i + 1].symbol};
      return model_.has_seen(pair.data(), 2);
    }

    /// Without the borders: from 1 to end().
    std::size_t end() const { return read_.size() - 1; }
    const Read& operator[](std::size_t i) const { return read_[i]; }
    void set(std::size_t i, Symbol symbol) {
      read_[i].symbol = symbol;
      for (std::size_t k = i; k < std::min(i + 1 + reach, read_.size()); ++k)
        probabilities_[k] = probability(k, k, read_[k].symbol);
    }

    /// log P of the one at `i` after those before it.
    float probability(std::size_t i) const { return probabilities_[i]; }
    /// The sum of it and of those right of it, whose contexts hold it.
    float around(std::size_t i) const {
      float sum = 0;
      for (std::size_t k = i; k < std::min(i + 1 + reach, read_.size()); ++k) sum += probabilities_[k];
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
    };
    Around what_is_around(std::size_t i) const {
      Around around;
      around.left.count = std::min(i, reach);
      for (std::size_t k = 0; k < around.left.count; ++k) around.left.at[k] = read_[i - around.left.count + k].symbol;
      model_.prepare(around.left);
      std::array<Symbol, reach> after{};
      for (std::size_t k = i + 1; k < std::min(i + 1 + reach, read_.size()); ++k) {
        const std::size_t n = k - i - 1;
        after[n] = read_[k].symbol;
        if (n > 0) around.right[around.count++] = model_.log_probability(after.data(), n, after[n]);
      }
      return around;
    }
    /// Whether the corpus has `symbol` at `i` after its left neighbour, and before its right one.
    struct Fit {
      bool left, right;
      int count() const { return int{left} + int{right}; }
    };
    Fit fit_of(const CoherenceModel& model, std::size_t i, Symbol symbol) const {
      const std::array<Symbol, 3> around{read_[i - 1].symbol, symbol, read_[i + 1].symbol};
      return {model.has_seen(around.data(), 2), model.has_seen(around.data() + 1, 2)};
    }
    Fit fit_of(std::size_t i, Symbol symbol) const { return fit_of(model_, i, symbol); }
    /// As probability(i, i, symbol).
    float left_of(const Around& around, Symbol symbol, Fit fit) const {
      return fit.left ? model_.log_probability(around.left, symbol)
                      : model_.log_probability_unseen(around.left, symbol);
    }
    /// The sum of those right of `i`, whose contexts hold it, were `symbol` there.
    float right_of(std::size_t i, Symbol symbol) const {
      float sum = 0;
      for (std::size_t k = i + 1; k < std::min(i + 1 + reach, read_.size()); ++k) sum += probability(k, i, symbol);
      return sum;
    }
    /// The same, or -infinity where `is_too_little(sum)` says that even the sum of the first ones is: the others lower
    /// it.
    template <typename IsTooLittle>
    float right_of(std::size_t i, const Around& around, Symbol symbol, Fit fit,
                   const IsTooLittle& is_too_little) const {
      float sum = probability(i + 1, i, symbol);
      if (!fit.right) {
        // What was never seen beside it leaves what follows as probable as it is without it.
        for (std::size_t k = 0; k < around.count; ++k) sum += around.right[k];
        return sum;
      }
      const std::size_t end = std::min(i + 1 + reach, read_.size());
      for (std::size_t k = i + 2; k < end; ++k) {
        if (is_too_little(sum)) return -std::numeric_limits<float>::infinity();
        sum += probability(k, i, symbol);
      }
      return sum;
    }
    /// What another model says were `symbol` at `i`.
    struct Said {
      float here, around;   ///< log P of it, and of it and those right of it, whose contexts hold it
      std::size_t longest;  ///< the longest n-gram with it that the corpus has
    };
    Said ask(const CoherenceModel& model, std::size_t i, Symbol symbol) const {
      Said said{0, 0, longest_seen(model, i, symbol)};
      for (std::size_t k = i; k < std::min(i + 1 + reach, read_.size()); ++k) {
        said.around += probability(model, k, i, symbol);
        if (k == i) said.here = said.around;
      }
      return said;
    }
    /// Asks the memory for what fit_of() looks at.
    void prefetch(std::size_t i, Symbol symbol) const {
      model_.prefetch(&read_[i - 1].symbol, 1, symbol);
      model_.prefetch(&symbol, 1, read_[i + 1].symbol);
    }
    /// The longest n-gram with `symbol` at `i` that the corpus has.
    std::size_t longest_seen(std::size_t i, Symbol symbol) const { return longest_seen(model_, i, symbol); }
    std::size_t longest_seen(const CoherenceModel& model, std::size_t i, Symbol symbol) const {
      std::array<Symbol, reach + 1> ngram{};
      for (std::size_t n = ngram.size(); n > 1; --n)
        for (std::size_t begin = i + 1 >= n ? i + 1 - n : 0; begin <= i && begin + n <= read_.size(); ++begin) {
          for (std::size_t k = 0; k < n; ++k) ngram[k] = at(begin + k, i, symbol);
          if (model.has_seen(ngram.data(), n)) return n;
        }
      return 1;
    }

   private:
    void weigh() {
      // The model is larger than caches are: what is asked is asked from memory some characters before.
      constexpr std::size_t ahead = 6;
      probabilities_.resize(read_.size());
      for (std::size_t i = 1; i < read_.size(); ++i) {
        if (const std::size_t k = i + ahead; k < read_.size()) {
          const std::array<Symbol, reach> context{read_[k - 3].symbol, read_[k - 2].symbol, read_[k - 1].symbol};
          model_.prefetch(context.data(), context.size(), read_[k].symbol);
        }
        probabilities_[i] = probability(i, i, read_[i].symbol);
      }
    }
    Symbol at(std::size_t i, std::size_t changed, Symbol symbol) const {
      return i == changed ? symbol : read_[i].symbol;
    }

    static constexpr Symbol border = 1;
    const CoherenceModel& model_;
    std::vector<Read> read_;
    std::vector<float> probabilities_;
  };

  /// Which scripts the text is in, by the characters that one of them alone has.
  struct Scripts {
    bool simplified, traditional;
  };
  static Scripts scripts_of(const Sentence& sentence) {
    std::size_t traditional = 0, simplified = 0, han = 0;
    for (std::size_t i = 1; i < sentence.end(); ++i) {
      if (class_of(sentence[i].codepoint) != CharClass::han) continue;
      ++han;
      traditional += sentence[i].symbol != sentence[i].codepoint;
    }
    constexpr std::size_t one_in = 20;
    if (traditional * one_in <= han) return {true, false};
    for (std::size_t i = 1; i < sentence.end(); ++i) simplified += is_simplified(sentence[i].codepoint);
    return {simplified * one_in > han, true};
  }

  /// Of Simplified script alone.
  static bool is_simplified(Codepoint codepoint) {
    const ScriptSigns* const signs = ScriptSigns::shared();
    if (signs == nullptr) return false;
    std::string text;
    append_utf8(text, codepoint);
    return signs->count(text).simplified > 0;
  }

  /// Whether a character that the model reads as `symbol` may stand in a text of these scripts.
  static bool is_of(Scripts scripts, Codepoint codepoint, Symbol symbol) {
    return symbol == codepoint ? scripts.simplified || !is_simplified(codepoint) : scripts.traditional;
  }

  /// What may stand for the characters of a text, as far as it was asked for.
  struct Candidates {
    const Confusions& confusions;
    Scripts scripts;  ///< of the text
    std::unordered_map<Codepoint, std::vector<Confusions::Candidate>> of;
    std::vector<Confusions::Candidate> hopeful;  ///< room for them
  };
  const std::vector<Confusions::Candidate>& candidates_for(const Read& read, Candidates& known) const {
    const auto [place, is_new] = known.of.try_emplace(read.codepoint);
    std::vector<Confusions::Candidate>& candidates = place->second;
    if (!is_new) return candidates;
    known.confusions.find(read.codepoint, candidates);
    std::erase_if(candidates, [&](const Confusions::Candidate& candidate) {
      const Symbol symbol = model_.read(candidate.codepoint);
      // The model reads both scripts as one: it can't tell these apart.
      return symbol <= unknown || symbol == read.symbol || !is_of(known.scripts, candidate.codepoint, symbol) ||
             contains(kept_, candidate.codepoint);
    });
    return candidates;
  }

  /// The best of the candidates by a log-linear model of the coherence and the channel; weights_ says of what.
  Choice choose(const Sentence& sentence, std::size_t i, Candidates& known) const {
    Choice choice;
    const Read& read = sentence[i];
    const float here = sentence.probability(i);
    if (here > expected_ && sentence.probability(i + 1) > expected_) return choice;
    // Where characters are good anywhere and mean different things, numbers above all, no model can tell.
    if (read.mended || class_of(read.codepoint) != CharClass::han || contains(kept_, read.codepoint)) return choice;
    const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors] = weights_;
    const auto& [captions_gain, captions_surprise, captions_frequency, captions_longer] = captions_weights_;
    constexpr float most_seen = Sentence::reach + 1;
    const float as_read = sentence.around(i);
    float common = bias + surprise * here + frequency_read * model_.log_probability(nullptr, 0, read.symbol);
    // No text is surer than likely_, nor seen in longer n-grams than the model has.
    float most_left = longer * (most_seen - 1) + seen * most_seen;
    Sentence::Said captions_as_read{};
    float captions_frequency_read = 0;
    if (captions_) {
      captions_as_read = sentence.ask(*captions_, i, read.symbol);
      captions_frequency_read = captions_->log_probability(nullptr, 0, read.symbol);
      common += captions_surprise * captions_as_read.here;
      most_left += captions_gain * (most_seen * likely_ - captions_as_read.around) + captions_longer * (most_seen - 1);
    }
    // Most are hopeless however well they go on, which is the dearest to ask.
    const auto is_hopeless = [&](float score, float likeliest) {
      constexpr float nothing_beside = 5;
      return score + gain * (likeliest - as_read) + most_left <= std::max(choice.best - nothing_beside, asked_);
    };
    // The model is larger than caches are: what is asked first of each is asked from memory before any is looked at.
    std::vector<Confusions::Candidate>& hopeful = known.hopeful;
    hopeful.clear();
    for (const auto [codepoint, channel_of_it, errors_of_it] : candidates_for(read, known)) {
      const Symbol symbol = model_.read(codepoint);
      float score = common + channel * channel_of_it + errors * errors_of_it +
                    frequency * model_.log_probability(nullptr, 0, symbol);
      if (captions_)
        score += captions_frequency * (captions_->log_probability(nullptr, 0, symbol) - captions_frequency_read);
      if (is_hopeless(score, most_seen * likely_)) continue;
      sentence.prefetch(i, symbol);
      hopeful.push_back({codepoint, score, 0});
    }
    std::optional<Sentence::Around> around;
    std::size_t longest = 0;
    for (const auto& [codepoint, score_alone, ignored] : hopeful) {
      const Symbol symbol = model_.read(codepoint);
      if (is_hopeless(score_alone, most_seen * likely_)) continue;
      const Sentence::Fit fit = sentence.fit_of(i, symbol);
      if (!fit.left && !fit.right) {
        if (!captions_) continue;
        const Sentence::Fit captions_fit = sentence.fit_of(*captions_, i, symbol);
        if (!captions_fit.left && !captions_fit.right) continue;
      }
      if (!around) around = sentence.what_is_around(i);
      const float left = sentence.left_of(*around, symbol, fit);
      const auto is_too_little = [&, score = score_alone](float right) { return is_hopeless(score, left + right); };
      if (is_too_little((most_seen - 1) * likely_)) continue;
      const float all = left + sentence.right_of(i, *around, symbol, fit, is_too_little);
      if (is_hopeless(score_alone, all)) continue;
      if (longest == 0) longest = sentence.longest_seen(i, read.symbol);
      const auto difference = [](std::size_t a, std::size_t b) {
        return static_cast<float>(a) - static_cast<float>(b);
      };
      const std::size_t would_be = sentence.longest_seen(i, symbol);
      float score = score_alone + gain * (all - as_read) + longer * difference(would_be, longest) +
                    seen * static_cast<float>(would_be);
      bool goes_on = all > as_read;
      if (captions_) {
        const Sentence::Said said = sentence.ask(*captions_, i, symbol);
        goes_on |= said.around > captions_as_read.around;
        score += captions_gain * (said.around - captions_as_read.around) +
                 captions_longer * difference(said.longest, captions_as_read.longest);
      }
      if (goes_on) choice.add(codepoint, score, fit.count() > sentence.fit_of(i, read.symbol).count());
    }
    return choice;
  }

  /// Names, words that repeat in the text, and those of the user's list.
  bool is_protected(std::string_view text, const Sentence& sentence, std::size_t i,
                    const std::unordered_map<std::uint32_t, std::uint32_t>& pairs) const {
    const auto repeats = [&](std::size_t k) {
      const auto found = pairs.find(std::uint32_t{sentence[k].symbol} << 16 | sentence[k + 1].symbol);
      return found != pairs.end() && found->second >= repeats_;
    };
    if (repeats(i - 1) || repeats(i) || contains(nickname_, sentence[i - 1].codepoint)) return true;
    // A whole name in brackets after a part of it.
    const Codepoint before_it = sentence[i].at > 0 ? valid_utf8_previous(text, sentence[i].at).codepoint : 0;
    if ((before_it == U'（' || before_it == U'(') && names_.is_surname(sentence[i].codepoint)) return true;
    constexpr std::size_t longest_name = 4;
    for (std::size_t k = 0; k < longest_name && k < i && class_of(sentence[i - k].codepoint) == CharClass::han; ++k)
      if (names_.ends_with_role(text.substr(0, sentence[i - k].at))) return true;
    for (const std::string& word : protected_) {
      const std::size_t before = std::min<std::size_t>(sentence[i].at, word.size());
      const std::string_view near = text.substr(sentence[i].at - before, before + word.size());
      for (std::size_t at = near.find(word); at != std::string_view::npos; at = near.find(word, at + 1))
        if (at <= before && at + word.size() > before) return true;
    }
    return false;
  }

  /// Marks and points between ideographs that are commas.
  void mend_commas(std::string_view text, Sentence& sentence, Proposal& proposal) const {
    const auto symbol_of = [&](Codepoint c) { return model_.read(c); };
    for (std::size_t i = 2; i + 1 < sentence.end(); ++i) {
      const Read& read = sentence[i];
      const bool is_point = contains(points_, read.codepoint);
      if (read.mended || (!is_point && read.codepoint != U'。' && read.codepoint != U'、')) continue;
      if (read.ends_line && !read.at_gutter) continue;  // it may end a paragraph
      if (read.codepoint == U'。' && is_doubled(text, read.at, read.length)) continue;
      if (class_of(sentence[i - 1].codepoint) != CharClass::han ||
          class_of(sentence[i + 1].codepoint) != CharClass::han)
        continue;
      const auto fit = [&](Codepoint mark) {
        return sentence.probability(i, i, symbol_of(mark)) + sentence.right_of(i, symbol_of(mark));
      };
      // A point is the interpunct of a foreign name, too, the bullet between roles, and the end of a sentence.
      if (is_point && names_.ends_with_role(text.substr(0, read.at))) continue;
      const float gain = fit(U'，') - (is_point ? std::max(fit(U'·') + surely_point_, fit(U'。') + surely_no_stop_)
                                                : sentence.around(i) + surely_comma_);
      if (gain <= 0) {
        if (is_point && gain > -surely_no_stop_)
          proposal.note({read.at, read.at + read.length}, Severity::note, suspect, "a comma or a full stop");
        continue;
      }
      proposal.replace({read.at, read.at + read.length}, "，", comma, 95);
      sentence.set(i, symbol_of(U'，'));
    }
  }

  /// Two characters that never stand together, for one of which they are the parts.
  void unite_parts(std::string_view text, const Confusions& table, Sentence& sentence, Scripts scripts,
                   Proposal& proposal) const {
    for (std::size_t i = 1; i + 1 < sentence.end(); ++i) {
      const Read &left = sentence[i], &right = sentence[i + 1];
      if (left.mended || right.mended || left.ends_line || right.at != left.at + left.length) continue;
      const std::span<const Confusions::Parts> wholes = table.wholes(left.codepoint, right.codepoint);
      if (wholes.empty() || sentence.has_seen_pair(i)) continue;
      Choice best;
      for (const auto& [l, r, whole] : wholes) {
        const Symbol symbol = model_.read(whole);
        if (symbol > unknown && is_of(scripts, whole, symbol) && !contains(kept_, whole))
          best.add(whole, sentence.gain_with(i, 2, symbol) - surely_parts_);
      }
      if (best.right == 0 || best.score() <= 0) continue;
      const TextRange range{left.at, right.at + right.length};
      std::string whole;
      append_utf8(whole, best.right);
      proposal.note(range, Severity::note, choice, fmt::format("{} is {}", range.of(text), best.text()));
      proposal.replace(range, whole, parts, 95);
      sentence.unite(i, best.right);
    }
  }

  /// The surest change first: each makes its neighbours' contexts better.
  void mend_characters(std::string_view text, std::span<const Line> lines, std::span<const ByteOffset> quotes,
                       std::span<const TextRange> mended, bool typed, Proposal& proposal) const {
    const Confusions& table = confusions();
    Sentence sentence(model_, text, lines, mended);
    sentence.erase_if([&](std::size_t i) {
      const Read& read = sentence[i];
      if (read.mended) return false;
      const bool before_text = class_of(sentence[i + 1].codepoint) == CharClass::han;
      const bool is_stop = read.at_gutter && before_text && read.codepoint == U'。' &&
                           !is_doubled(text, read.at, read.length);  // which goes anyway
      const bool is_quote = before_text && std::binary_search(quotes.begin(), quotes.end(), read.at);
      if (!is_stop && !is_quote && !contains(inserted_, read.codepoint)) return false;
      const float margin = is_stop ? surely_shadow_ : is_quote ? surely_quote_ : surely_added_;
      if (sentence.gain_without(i) <= margin) return false;
      proposal.erase({read.at, read.at + read.length}, is_stop || is_quote ? shadow : inserted, 95);
      return true;
    });
    if (!typed) mend_commas(text, sentence, proposal);
    const Scripts scripts = scripts_of(sentence);
    unite_parts(text, table, sentence, scripts, proposal);
    std::vector<Choice> choices(sentence.end() + 1);
    using Entry = std::pair<float, std::size_t>;
    std::priority_queue<Entry> queue;
    Candidates candidates{table, scripts, {}, {}};
    const auto look_at = [&](std::size_t i) {
      choices[i] = choose(sentence, i, candidates);
      if (const float score = choices[i].score(); score > suspected_) queue.emplace(score, i);
    };
    for (std::size_t i = 1; i < sentence.end(); ++i) look_at(i);
    if (queue.empty()) return;
    std::unordered_map<std::uint32_t, std::uint32_t> pairs;
    for (std::size_t i = 1; i + 1 < sentence.end(); ++i)
      if (class_of(sentence[i].codepoint) == CharClass::han && class_of(sentence[i + 1].codepoint) == CharClass::han)
        ++pairs[std::uint32_t{sentence[i].symbol} << 16 | sentence[i + 1].symbol];
    std::vector<bool> done(sentence.end() + 1, false);
    while (!queue.empty()) {
      const auto [score, i] = queue.top();
      queue.pop();
      if (done[i] || choices[i].score() != score) continue;  // it was looked at again since
      done[i] = true;
      const Read& read = sentence[i];
      const TextRange range{read.at, read.at + read.length};
      std::string right;
      append_utf8(right, choices[i].right);
      const double sureness = 1 / (1 + std::exp(-static_cast<double>(score)));
      if (score <= margin_ + (choices[i].fits ? 0 : apart_) || is_protected(text, sentence, i, pairs)) {
        proposal.note(range, Severity::note, suspect, fmt::format("{} may be {}", range.of(text), choices[i].text()));
        continue;
      }
      proposal.note(range, Severity::note, choice, fmt::format("{} is {}", range.of(text), choices[i].text()));
      proposal.replace(range, right, character, static_cast<std::uint8_t>(std::lround(100 * sureness)));
      sentence.set(i, model_.read(choices[i].right));
      for (std::size_t k = i > Sentence::reach ? i - Sentence::reach : 1;
           k < std::min(i + 1 + Sentence::reach, sentence.end()); ++k)
        if (!done[k]) look_at(k);
    }
  }

  /// A few small letters, perhaps with ASCII marks, and nothing else: what is left of a picture or a lost line.
  static bool is_noise(std::string_view ink) {
    constexpr std::size_t most = 4;
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_mark = [](char c) { return c > ' ' && c < '0'; };
    return ink.size() <= most && std::any_of(ink.begin(), ink.end(), is_small) &&
           std::all_of(ink.begin(), ink.end(), [&](char c) { return is_small(c) || is_mark(c) || c == ' '; });
  }

  /// Whether there is anything to look at: an ASCII mark, the first byte of a dash, a full stop beside a mark.
  static bool has_marks(std::string_view text) {
    static constexpr auto interesting = [] {
      std::array<bool, 256> table{};
      for (const char c : std::string_view(",:;?!()")) table[static_cast<unsigned char>(c)] = true;
      return table;
    }();
    if (std::any_of(text.begin(), text.end(), [](char c) { return interesting[static_cast<unsigned char>(c)]; }))
      return true;
    constexpr std::string_view stop = "。";
    for (std::size_t at = text.find(stop); at != std::string_view::npos; at = text.find(stop, at + stop.size()))
      if (is_doubled(text, at, stop.size())) return true;
    return text.find("—") != std::string_view::npos;
  }

  /// Whether sentences end with ASCII points, too, more often than with 。, which recognition reads well: such text was
  /// typed with ASCII marks, and these say nothing of recognition.
  static bool is_typed(std::string_view text) {
    constexpr std::string_view full_stop = "。";
    std::size_t stops = 0, points = 0;
    for (std::size_t at = 0; (at = text.find(full_stop, at)) != std::string_view::npos; at += full_stop.size()) ++stops;
    for (std::size_t at = 0; (at = text.find('.', at)) != std::string_view::npos; ++at) points += is_stop(text, at);
    return points > stops;
  }

  /// A single point after an ideograph or what closes a clause, and before another, or a line's end.
  static bool is_stop(std::string_view text, std::size_t at) {
    if (at == 0) return false;
    const CharClass left = class_of(valid_utf8_previous(text, at).codepoint);
    if (!is_ideographic(left) && left != CharClass::close) return false;
    if (at + 1 == text.size()) return true;
    const CharClass right = class_of(valid_utf8_next(text, at + 1).codepoint);
    return is_ideographic(right) || right == CharClass::open || right == CharClass::close ||
           right == CharClass::newline;
  }

  /// Points that end sentences in text that was typed; but those of numbers of a list, and of foreign names.
  void mend_points(std::string_view text, TextRange range, Proposal& proposal) const {
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

  /// Whether the words take a full stop for the point more than an interpunct.
  bool ends_sentence(std::string_view text, std::size_t at) const {
    if (names_.ends_with_role(text.substr(0, at))) return false;
    constexpr std::size_t around = Sentence::reach;
    std::array<Symbol, 2 * around + 1> symbols{};
    std::size_t before = 0, count = 0;
    for (std::size_t k = at; k > 0 && before < around; ++before) {
      const auto [codepoint, length] = valid_utf8_previous(text, k);
      const Symbol symbol = is_ideographic(class_of(codepoint)) ? model_.read(codepoint) : Symbol{0};
      if (symbol == 0) break;
      symbols[around - 1 - before] = symbol;
      k -= length;
    }
    const Symbol* const first = symbols.data() + around - before;
    count = before + 1;
    for (std::size_t k = at + 1; k < text.size() && count < before + 1 + around; ++count) {
      const auto [codepoint, length] = valid_utf8_next(text, k);
      const Symbol symbol = is_ideographic(class_of(codepoint)) ? model_.read(codepoint) : Symbol{0};
      if (symbol == 0) break;
      symbols[around + count - before] = symbol;
      k += length;
    }
    const auto fit = [&](Codepoint mark) {
      symbols[around] = model_.read(mark);
      float sum = 0;
      for (std::size_t k = before; k < count; ++k) {
        const std::size_t length = std::min(k, around);
        sum += model_.log_probability(first + k - length, length, first[k]);
      }
      return sum;
    };
    return fit(U'。') > fit(U'·');
  }

  bool is_chinese(std::string_view text) const {
    constexpr std::size_t enough = 1u << 16;
    std::size_t han = 0, latin = 0;
    for (std::size_t at = 0; at < std::min(text.size(), enough);) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      const CharClass c = class_of(codepoint);
      han += is_ideographic(c);
      latin += c == CharClass::latin;
      at += length;
    }
    // An ideograph says as much as two or three letters.
    const std::size_t all = han + latin / 3;
    return han > 0 && static_cast<double>(han) >= least_share_ * static_cast<double>(all);
  }

  static Beside kind(Codepoint codepoint) {
    const CharClass c = class_of(codepoint);
    if (c == CharClass::close) return Beside::closing;
    if (is_cjk(c)) return Beside::chinese;
    if (c == CharClass::digit) return Beside::digit;
    if (c == CharClass::latin) return Beside::latin;
    return Beside::other;
  }
  static Beside before(std::string_view line, std::size_t at) {
    while (at > 0) {
      const auto [codepoint, length] = valid_utf8_previous(line, at);
      if (class_of(codepoint) != CharClass::space) return kind(codepoint);
      at -= length;
    }
    return Beside::nothing;
  }
  static Beside after(std::string_view line, std::size_t at) {
    while (at < line.size()) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      if (class_of(codepoint) != CharClass::space) return kind(codepoint);
      at += length;
    }
    return Beside::nothing;
  }

  void mend_line(std::string_view text, TextRange range, Proposal& proposal) const {
    const std::string_view line = range.of(text);
    const auto put = [&](std::size_t at, std::size_t length, std::string_view with, RuleIndex rule) {
      const auto begin = range.begin + static_cast<ByteOffset>(at);
      const TextRange where{begin, begin + static_cast<ByteOffset>(length)};
      with.empty() ? proposal.erase(where, rule, 99) : proposal.replace(where, with, rule, 99);
    };
    constexpr std::size_t none = std::string_view::npos;
    std::size_t open_at = none;   // of a bracket not closed yet
    std::size_t quote_at = none;  // of “ that nothing has closed
    constexpr std::u32string_view opening = U"(（〈【〔[", closing = U"〉】〕]";
    for (std::size_t at = 0; at < line.size();) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      if (opening.find(codepoint) != opening.npos) {
        open_at = at;
      } else if (closing.find(codepoint) != closing.npos) {
        open_at = none;
      } else if (codepoint == U')' || codepoint == U'）') {
        mend_brackets(line, open_at, at, put);
        open_at = none;
      } else if (codepoint == U'“') {
        quote_at = at;
      } else if (codepoint == U'”' || codepoint == U'「') {
        quote_at = none;
      } else if (codepoint == U'」') {
        if (quote_at != none && !is_quoting(text.substr(0, range.begin + quote_at))) put(quote_at, 3, "「", bracket);
        quote_at = none;
      } else if (const std::size_t pause = codepoint == U'。' ? pause_before_closing(line, at + length) : 0;
                 pause > 0) {
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
  }

  /// Whether 「 is open at a text's end.
  static bool is_quoting(std::string_view text) {
    const std::size_t open = text.rfind("「"), close = text.rfind("」");
    return open != std::string_view::npos && (close == std::string_view::npos || close < open);
  }

  /// A point or an asterisk that ends a line which isn't full is the full stop of a paragraph.
  static void mend_end(std::string_view text, TextRange range, Proposal& proposal) {
    if (range.size() < 2 || (text[range.end - 1] != '.' && text[range.end - 1] != '*')) return;
    if (before(range.of(text), range.size() - 1) == Beside::chinese)
      proposal.replace({range.end - 1, range.end}, "。", stop, 95);
  }

  /// A mark that no full stop stands beside, or no 、 after, is before or after it; three stops are an ellipsis.
  static bool is_doubled(std::string_view line, std::size_t at, std::size_t length) {
    if (valid_utf8_next(line, at).codepoint == U'、')
      return at > 0 && (line[at - 1] == ',' || line.substr(0, at).ends_with("，"));
    const auto next = [&](std::size_t from) { return from < line.size() ? valid_utf8_next(line, from).codepoint : 0; };
    const Codepoint before = at > 0 ? valid_utf8_previous(line, at).codepoint : 0, after = next(at + length);
    const auto is_pause = [](Codepoint c) { return c == U',' || c == U'，' || c == U'、' || c == U'；' || c == U';'; };
    if (is_pause(before) || is_pause(after)) return true;
    return after == U'。' && before != U'。' && next(at + 2 * length) != U'。';
  }

  /// The bytes of a comma at `at` before a closing quotation mark, which closes what a full stop ends: 。,」
  static std::size_t pause_before_closing(std::string_view line, std::size_t at) {
    const std::string_view rest = line.substr(at);
    for (const std::string_view pause : {",", "，"})
      for (const std::string_view closing : {"」", "”"})
        if (rest.starts_with(pause) && rest.substr(pause.size()).starts_with(closing)) return pause.size();
    return 0;
  }

  /// So many points are an ellipsis; three may have been typed.
  static void mend_ellipses(std::string_view text, TextRange range, Proposal& proposal) {
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
        proposal.replace({range.begin + static_cast<ByteOffset>(begin), range.begin + static_cast<ByteOffset>(end)},
                         "……", ellipsis, 95);
    }
  }

  /// Chinese text stands before the mark and none that is written with ASCII marks after it.
  static bool is_full_width(std::string_view line, std::size_t at) {
    const Beside left = before(line, at);
    const Beside right = after(line, at + 1);
    if (left == Beside::chinese || left == Beside::closing) return right != Beside::other;
    // 2 歲, 今年; but 1,000 and 10:30 and "Taipei, Taiwan".
    return (left == Beside::digit || left == Beside::latin) && right == Beside::chinese;
  }

  template <typename Put>
  static void mend_brackets(std::string_view line, std::size_t open, std::size_t close, const Put& put) {
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

  /// Whether what is left of a line closes a bracket.
  static bool has_other_half(std::string_view rest) {
    constexpr std::u32string_view closing = U"〉》】〕])）";
    for (std::size_t at = 0; at < rest.size(); at += valid_utf8_next(rest, at).length)
      if (closing.find(valid_utf8_next(rest, at).codepoint) != closing.npos) return true;
    return false;
  }

  /// 一 or - beside a dash that has only one half is its other half. Between two dashes 一 may be either's, in a number
  /// it is a digit, and after words that ask for it (唯一) it is theirs: it stays.
  template <typename Put>
  void mend_dash(std::string_view line, std::size_t at, const Put& put) const {
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

  static bool is_numeral(Codepoint codepoint) {
    constexpr std::u32string_view numerals = U"〇○零一二三四五六七八九十百千O";
    return numerals.find(codepoint) != numerals.npos;
  }
  static std::size_t numerals_before(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = text.size(); at > 0; ++count) {
      const auto [codepoint, length] = valid_utf8_previous(text, at);
      if (!is_numeral(codepoint)) break;
      at -= length;
    }
    return count;
  }
  static std::size_t numerals_after(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      if (!is_numeral(codepoint)) break;
      at += length;
    }
    return count;
  }
  /// Whether a numeral beside so many is theirs: a year has four.
  static bool is_in_number(std::size_t numerals) {
    constexpr std::size_t year = 4;
    return numerals != 0 && numerals != year;
  }
  bool goes_on_with_one(std::string_view words) const {
    const CoherenceModel::Tail tail = model_.tail_of(words);
    return model_.log_probability(tail.at.data(), tail.count, model_.read(U'一')) > one_expected_;
  }

  CoherenceModel model_;
  double least_share_;
  std::size_t sample_, least_sample_;
  float surprising_;
  double most_surprises_;
  std::size_t evidence_, evidence_quotes_ = 0;
  float expected_ = 0, margin_ = 0, apart_ = 0;
  bool on_ = true, full_ = false;
  std::u32string kept_, nickname_, inserted_, points_;
  float surely_comma_ = 0, surely_point_ = 0, surely_no_stop_ = 0, surely_added_ = 0, surely_shadow_ = 0,
        surely_quote_ = 0, surely_parts_ = 0, one_expected_ = 0;
  float suspected_ = 0, asked_ = 0, likely_ = 0;
  std::uint32_t repeats_ = 0;
  std::size_t stop_after_ = 0;
  /// Bias; gain of coherence; channel; log probability of what was read, in its context, alone, and of the candidate
  /// alone; by how much the longest n-gram the corpus has of it is longer; how long that is; log(1 + how often the
  /// candidate was misread).
  std::array<float, 9> weights_{};
  /// Of the model of captions: gain; log probability of what was read in its context; by how much the candidate is more
  /// frequent; by how much the longest n-gram is longer.
  std::array<float, 4> captions_weights_{};
  std::optional<CoherenceModel> captions_;  ///< for the best guess
  Confusions::Smoothing smoothing_{};
  std::vector<std::string> protected_;
  Names names_;
  std::optional<Confusions> own_confusions_;  ///< those of the user's rules
  std::vector<std::pair<Codepoint, std::string>> marks_;
};

}  // namespace

const StageInfo ocr_info{"ocr", "mends what recognition misread", rule_list, option_list};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_ocr(const StageOptions& options, const Rules& rules) {
  Settings settings("ocr", options, rules, "ocr.toml");
  auto stage = std::make_unique<OcrStage>(settings, rules);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
