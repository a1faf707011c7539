#include "stages/ocr_characters.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_set>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/ocr_lattice.h"
#include "stages/ocr_marks.h"
#include "stages/ocr_rules.h"
#include "stages/script_signs.h"

namespace inkwash::stages::ocr {
namespace {

constexpr Symbol unknown = 2;        ///< the greatest symbol that is no character
constexpr Codepoint nothing = U'∅';  ///< how a choice says that nothing stands there
constexpr Codepoint first_han = 0x4E00, end_han = 0xA000;

/// Of Simplified script alone.
bool is_simplified(Codepoint codepoint) {
  const ScriptSigns* const signs = ScriptSigns::shared();
  if (signs == nullptr) return false;
  std::string text;
  append_utf8(text, codepoint);
  return signs->count(text).simplified > 0;
}

}  // namespace

/// What most probably stands where a character was read, and how sure that is.
struct Characters::Choice {
  static constexpr float none = -std::numeric_limits<float>::infinity();
  Codepoint right = 0, other = 0;    ///< the best, and the next best; 0: none
  float best = none, second = none;  ///< log odds of these against what was read
  double rest = 1;                   ///< odds of all but the best, what was read among them

  void add(Codepoint candidate, float score) {
    rest += std::exp(static_cast<double>(std::min(score, best)));
    if (score > best) {
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

/// A place where a character may be misread.
struct Characters::Doubt {
  Place place;
  Choice choice{};
  bool is_decided = false;            ///< with all options that it and the places near it have
  bool are_neighbours_asked = false;  ///< with the choice, which is sure
  Symbol right = 0;                   ///< the choice's, when it was last asked whether that is protected
  bool is_protected = false;
};

class Characters::Pairs {
 public:
  explicit Pairs(const Sentence& sentence)
      : counts_(std::bit_ceil(2 * sentence.end())), known_(std::bit_ceil(16 * sentence.end())) {
    for (std::size_t i = 1; i <= sentence.end(); ++i) {
      const std::uint32_t pair = key(sentence[i - 1].symbol, sentence[i].symbol);
      Count& count = counts_[place_of(pair)];
      count.pair = pair;
      ++count.count;
      known_[hash(pair) & (known_.size() - 1)] = true;
    }
  }
  std::uint32_t count(Symbol left, Symbol right) const {
    // Most that is asked is nowhere in the text.
    const std::uint32_t pair = key(left, right);
    return known_[hash(pair) & (known_.size() - 1)] ? counts_[place_of(pair)].count : 0;
  }
  /// How often `symbol` is beside two others; more say no more.
  float beside(Symbol left, Symbol symbol, Symbol right) const {
    return static_cast<float>(std::min(count(left, symbol), most) + std::min(count(symbol, right), most));
  }
  static constexpr std::uint32_t most = 4;

 private:
  /// Open addressing with linear probing. No pair is 0, which is a free place.
  struct Count {
    std::uint32_t pair = 0, count = 0;
  };
  static std::uint32_t key(Symbol left, Symbol right) { return std::uint32_t{left} << 16 | right; }
  static std::size_t hash(std::uint32_t pair) { return pair * std::uint64_t{0x9E3779B97F4A7C15u} >> 32; }
  std::size_t place_of(std::uint32_t pair) const {
    const std::size_t last = counts_.size() - 1;
    std::size_t place = hash(pair) & last;
    while (counts_[place].pair != pair && counts_[place].pair != 0) place = (place + 1) & last;
    return place;
  }
  std::vector<Count> counts_;  ///< a power of two, some of them free
  std::vector<bool> known_;    ///< by the hash, a power of two: whether any of those pairs is there
};

/// Which symbols a model's corpus has after one and before another. It is written down for all at once, for
/// many are asked for.
class Characters::Between {
 public:
  void stand(const CoherenceModel& model, Symbol left, Symbol right) {
    if (++turn_ == 0) {
      after_.fill(0);
      before_.fill(0);
      turn_ = 1;
    }
    const std::uint8_t turn = turn_;  // a byte written may be any
    both_ = model.followers(left);
    for (const Symbol symbol : both_) after_[symbol] = turn;
    for (const Symbol symbol : model.predecessors(right)) before_[symbol] = turn;
  }
  bool fits_left(Symbol symbol) const { return after_[symbol] == turn_; }
  bool fits_right(Symbol symbol) const { return before_[symbol] == turn_; }
  bool fits(Symbol symbol) const { return fits_left(symbol) || fits_right(symbol); }
  void forget(Symbol symbol) { after_[symbol] = before_[symbol] = static_cast<std::uint8_t>(turn_ - 1); }
  /// Calls `see(symbol)` for each that stands so, in order.
  template <typename See>
  void in_both(const See& see) const {
    for (const Symbol symbol : both_)
      if (before_[symbol] == turn_) see(symbol);
  }

 private:
  std::array<std::uint8_t, 0x10000> after_{}, before_{};  ///< the turn when it stood so
  std::uint8_t turn_ = 0;
  std::span<const Symbol> both_;  ///< after the left one: what stands before the right one is among them
};

/// What of a text is surely misread, by what was read and what is right.
class Characters::Misread {
 public:
  /// A word that is none and was mended.
  void add_word(Symbol read, Symbol right) { words_.insert(kind_of(read, right)); }
  /// A character that is misread between two others; `repeats`: the text often has it so beside one of them.
  void add(Symbol left, Symbol read, Symbol next, Symbol right, bool repeats) {
    const std::uint32_t kind = kind_of(read, right);
    if (!repeats) alone_.insert(kind);
    Neighbours& neighbours = neighbours_[kind];
    neighbours.left.insert(left);
    neighbours.right.insert(next);
  }
  /// Two neighbours of which one may be misread; `is_second`: `right` stands for the second.
  void add_pair(Symbol first, Symbol second, bool is_second, Symbol right) {
    ++pairs_[pair_of(first, second, is_second, right)];
  }
  /// Forgets all but the words.
  void forget() {
    alone_.clear();
    neighbours_.clear();
    pairs_.clear();
  }
  /// Between how many neighbours a character is read so, that are all others: a word that repeats is one.
  std::size_t contexts(Symbol read, Symbol right) const {
    const auto found = neighbours_.find(kind_of(read, right));
    return found == neighbours_.end() ? 0 : std::min(found->second.left.size(), found->second.right.size());
  }
  std::uint32_t pairs(Symbol first, Symbol second, bool is_second, Symbol right) const {
    const auto found = pairs_.find(pair_of(first, second, is_second, right));
    return found == pairs_.end() ? 0 : found->second;
  }
  /// How many kinds of characters are, where nothing repeats, and words.
  std::size_t kinds() const { return alone_.size() + words_.size(); }

 private:
  struct Neighbours {
    std::unordered_set<Symbol> left, right;
  };
  static std::uint32_t kind_of(Symbol read, Symbol right) { return std::uint32_t{read} << 16 | right; }
  static std::uint64_t pair_of(Symbol first, Symbol second, bool is_second, Symbol right) {
    return std::uint64_t{kind_of(first, second)} << 17 | std::uint64_t{right} << 1 | (is_second ? 1 : 0);
  }
  std::unordered_set<std::uint32_t> words_, alone_;
  std::unordered_map<std::uint32_t, Neighbours> neighbours_;
  std::unordered_map<std::uint64_t, std::uint32_t> pairs_;
};

struct Characters::Candidate {
  Codepoint codepoint;  ///< 0: what is written for the symbol, which only the language proposes
  Symbol symbol;
  float odds;       ///< what speaks for it wherever a character is read so
  float score = 0;  ///< and at a place, as far as it is known
  Sentence::Fit fit{true, true, true};
};

/// What both models said of characters after three others, the latest asked for: paths through a lattice share most.
class Characters::Memo {
 public:
  struct Said {
    std::uint64_t key = ~std::uint64_t{0};
    float news = 0, captions = 0;
  };
  /// The symbol at `i` after the three before it; `ask(said)` is called where it is not known.
  template <typename Ask>
  const Said& of(std::span<const Symbol> text, std::size_t i, const Ask& ask) {
    std::uint64_t key = 0;
    for (std::size_t k = i - CoherenceModel::reach; k <= i; ++k) key = key << 16 | text[k];
    Said& said = said_[(key * 0x9E3779B97F4A7C15u) >> (64 - bits)];
    if (said.key != key) {
      said.key = key;
      ask(said);
    }
    return said;
  }

 private:
  static constexpr int bits = 12;
  std::vector<Said> said_ = std::vector<Said>(std::size_t{1} << bits);
};

/// What may stand for the characters of a text, as far as it was asked for.
struct Characters::Candidates {
  const Confusions& confusions;
  const Words& words;
  const Pairs& pairs;
  Scripts scripts;              ///< of the text
  std::vector<bool> classical;  ///< which of its characters are quoted from classical text
  std::unordered_map<Codepoint, std::vector<Candidate>> of{};
  std::unordered_map<Symbol, Codepoint> forms{};
  bool is_recognised = false;  ///< the text, as far as anything tells
  Misread misread{};
  std::vector<double> said{};  ///< sums of what either model says of all up to each, as they were read
  // Room for what is known of one place.
  Between between{}, captions_between{};
  std::vector<Candidate> hopeful{};
  Memo memo{};
};

Characters::Characters(Settings& settings, const Rules& rules, const CoherenceModel& model, const Names& names,
                       bool full)
    : model_(model), names_(names), full_(full), marks_(settings, rules) {
  beam_ = settings.count("character.beam");
  expected_ = static_cast<float>(settings.number(full_ ? "character.expected_full" : "character.expected", -100, 0));
  margin_ = static_cast<float>(settings.number(full_ ? "character.margin_full" : "character.margin", -100, 100));
  kept_ = CharacterSet(settings.characters(full_ ? "character.kept_full" : "character.kept"));
  likely_ = static_cast<float>(settings.number("character.likely", -100, 0));
  margin_unread_ = full_ ? static_cast<float>(settings.number("character.margin_full_unread", -100, 100)) : margin_;
  evidence_words_ = settings.count("character.evidence_words");
  suspected_ = std::min(margin_, static_cast<float>(settings.number("character.suspected", -100, 100)));
  asked_ = full_ ? static_cast<float>(settings.number("character.asked_full", -100, 100)) : suspected_;
  inserted_ = settings.characters("added.characters");
  mended_marks_ = settings.characters("mark.mended");
  strange_marks_ = settings.characters("mark.strange");
  surely_mark_ = static_cast<float>(settings.number("mark.margin", 0, 100));
  surely_strange_ = static_cast<float>(settings.number("mark.margin_strange", 0, 100));
  surely_quote_ = static_cast<float>(settings.number("added.margin_quote", 0, 100));
  surely_shadow_ = static_cast<float>(settings.number("added.margin_stop", 0, 100));
  surely_added_ = static_cast<float>(settings.number("added.margin", 0, 100));
  surely_parts_ = static_cast<float>(settings.number("parts.margin", 0, 100));
  surely_no_word_ = static_cast<float>(settings.number("misread_words.margin", 0, 100));
  surely_words_ = static_cast<float>(settings.number("words.margin", 0, 100));
  words_apart_ = static_cast<float>(settings.number("words.apart", 0, 100));
  particles_ = settings.characters("classical.particles");
  modern_ = settings.characters("classical.modern");
  least_particles_ = settings.count("classical.least");
  longest_quotation_ = settings.count("classical.longest");
  classical_share_ = static_cast<float>(settings.number("classical.share", 0, 1));
  nickname_ = settings.characters("character.nickname");
  repeats_ = static_cast<std::uint32_t>(settings.number("character.repeats", 2, 1e6));
  again_ = settings.count("character.again");
  margin_again_ = static_cast<float>(settings.number("character.margin_again", -100, 100));
  repeats_kinds_ = settings.count("character.repeats_kinds");
  repeats_share_ = static_cast<float>(settings.number("character.repeats_share", 0, 1));
  const auto weights = [&](std::string_view key, auto& of) {
    const std::vector<double> numbers = settings.numbers(key, of.size());
    for (std::size_t i = 0; i < of.size(); ++i) of[i] = static_cast<float>(numbers[i]);
  };
  weights(full_ ? "character.weights_full" : "character.weights", weights_);
  if (full_) {
    weights("character.weights_captions", captions_weights_);
    nearby_ = settings.count("character.nearby");
    captions_ = CoherenceModel::of(settings, rules, CoherenceModel::Language::captions);
  } else {
    weights("character.weights_safe", weights_safe_);
  }
  unlisted_ = static_cast<float>(settings.number("channel.unlisted", -100, 0));
  rare_ = static_cast<float>(settings.number("channel.rare", -100, 0));
  cited_ = settings.strings("misread_words.cited");
  std::set<std::size_t> lengths;
  settings.table(rules, "protected.tsv", 1, [&](Settings::Row row) {
    protected_.emplace_back(row[0]);
    lengths.insert(row[0].size());
  });
  std::ranges::sort(protected_);
  protected_lengths_.assign(lengths.begin(), lengths.end());
  const auto own = [&](std::string_view file) { return !rules.path_of(file).empty(); };
  if (own(Confusions::counts_file) || own(Confusions::shapes_file) || own(Confusions::parts_file) || own("ocr.toml"))
    own_confusions_.emplace(settings, rules);
  if (own(Words::file) || own(CoherenceModel::news_file)) own_words_.emplace(Words::of(settings, rules, model_));
  if (own(MisreadWords::file) || own(Confusions::parts_file) || own(CoherenceModel::news_file) || own("ocr.toml"))
    own_misread_words_.emplace(settings, rules, model_, confusions());
}

Characters::Scripts Characters::scripts_of(const Sentence& sentence, std::string_view text,
                                           std::span<const Line> lines) {
  std::size_t traditional = 0, simplified = 0, han = 0;
  for (std::size_t i = 1; i < sentence.end(); ++i) {
    if (class_of(sentence[i].codepoint) != CharClass::han) continue;
    ++han;
    traditional += sentence[i].symbol != sentence[i].codepoint;
  }
  constexpr std::size_t one_in = 20;
  if (traditional * one_in <= han) return {true, false};
  if (const ScriptSigns* const signs = ScriptSigns::shared())
    for (const Line& line : lines) simplified += signs->count(line.ink.of(text)).simplified;
  return {simplified * one_in > han, true};
}

bool Characters::is_of(Scripts scripts, Codepoint codepoint, Symbol symbol) {
  return symbol == codepoint ? scripts.simplified || !is_simplified(codepoint) : scripts.traditional;
}

Codepoint Characters::form_of(Candidates& known, Symbol symbol) const {
  const auto [form, is_new] = known.forms.try_emplace(symbol);
  if (is_new) form->second = form_in(known.scripts, symbol);
  return form->second;
}

Codepoint Characters::form_in(Scripts scripts, Symbol symbol) const {
  if (!scripts.traditional) return symbol;  // it is read as itself
  Codepoint form = 0;
  for (Codepoint codepoint = first_han; codepoint < end_han; ++codepoint) {
    if (model_.read(codepoint) != symbol || !is_of(scripts, codepoint, symbol)) continue;
    if (form != 0) return 0;
    form = codepoint;
  }
  return form;
}

const Confusions& Characters::confusions() const { return own_confusions_ ? *own_confusions_ : Confusions::shipped(); }

const Words& Characters::words() const { return own_words_ ? *own_words_ : Words::shipped(); }

const MisreadWords& Characters::misread_words() const {
  return own_misread_words_ ? *own_misread_words_ : MisreadWords::shipped();
}

auto Characters::candidates_for(const Read& read, Candidates& known) const -> std::span<const Candidate> {
  const auto [place, is_new] = known.of.try_emplace(read.codepoint);
  std::vector<Candidate>& candidates = place->second;
  if (!is_new) return candidates;
  const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors, word, unlisted] =
      weights_;
  known.confusions.find(read.codepoint, [&, channel = channel, errors = errors](const Confusions::Candidate& one) {
    const Symbol symbol = model_.read(one.codepoint);
    // The model reads both scripts as one: it can't tell these apart.
    if (symbol > unknown && symbol != read.symbol && is_of(known.scripts, one.codepoint, symbol) &&
        !contains(kept_, one.codepoint)) {
      float odds = channel * one.channel + errors * one.errors + frequency_of(symbol);
      if (captions_) odds += captions_weights_[4] * (one.is_counted ? 1.0f : 0.0f);
      candidates.push_back({one.codepoint, symbol, odds});
    }
  });
  return candidates;
}

float Characters::frequency_of(Symbol symbol) const {
  const float frequency = weights_[5];
  float score = frequency * model_.log_probability(nullptr, 0, symbol);
  if (captions_) score += captions_weights_[1] * captions_->log_probability(nullptr, 0, symbol);
  return score;
}

auto Characters::proposed(Symbol symbol) const -> Candidate {
  const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors, word, unlisted] =
      weights_;
  return {0, symbol, channel * unlisted_ + unlisted + frequency_of(symbol)};
}

float Characters::anywhere_of(const Sentence& sentence, std::size_t i, const Candidates& known) const {
  const Symbol read = sentence[i].symbol;
  const float bias = weights_[0], frequency_read = weights_[4];
  float odds = bias + frequency_read * model_.log_probability(nullptr, 0, read);
  if (captions_) {
    // What stands among other misread ones is judged by them, and in vain.
    const std::size_t first = i - std::min(i, nearby_ + 1), last = std::min(i + nearby_, sentence.end() - 1);
    const double nearby = (known.said[last] - known.said[first]) / static_cast<double>(last - first);
    odds += captions_weights_[5] * static_cast<float>(nearby) -
            captions_weights_[1] * captions_->log_probability(nullptr, 0, read);
  }
  return odds;
}

/// What the coherence models and the text say of a path.
struct Characters::Judge {
  static constexpr std::size_t reach = Sentence::reach;
  const Characters& of;
  const Words& words;
  const Pairs& pairs;
  Memo& memo;

  float goes_on(std::span<const Symbol> text, std::size_t i) const {
    const Said said = ask(text, i);
    if (!of.captions_) return of.weights_[1] * said.news;
    return of.weights_[1] * said.news + of.captions_weights_[0] * said.captions +
           of.captions_weights_[2] * log_either(said.news, said.captions);
  }
  float change(std::span<const Symbol> text, std::size_t i, Symbol read) const {
    const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors, word, unlisted] =
        of.weights_;
    // No more of the text is looked at.
    const std::size_t first = i - std::min(i, reach);
    text = text.subspan(first, std::min(text.size(), i + 1 + reach) - first);
    i -= first;
    std::array<Symbol, 2 * reach + 1> room{};
    std::ranges::copy(text, room.begin());
    room[i] = read;
    const std::span<const Symbol> as_read(room.data(), text.size());
    const auto longest = [&](std::span<const Symbol> of_text) {
      return static_cast<float>(longest_seen(of.model_, of_text, i));
    };
    const float would_be = longest(text);
    float odds = surprise * ask(as_read, i).news + longer * (would_be - longest(as_read)) + seen * would_be +
                 word * (longest_word(text, i) - longest_word(as_read, i));
    if (of.captions_) {
      float either = 0;
      for (std::size_t k = i; k < text.size(); ++k) {
        const Said said = ask(text, k);
        either += log_either(said.news, said.captions);
      }
      odds += of.captions_weights_[3] * either / static_cast<float>(text.size() - i);
    } else {
      // What was read is one of those that the text has beside its neighbours.
      constexpr float itself = 2;
      const auto& [said_often, read_often] = of.weights_safe_;
      odds += said_often * pairs.beside(text[i - 1], text[i], text[i + 1]) +
              read_often * (pairs.beside(text[i - 1], read, text[i + 1]) - itself);
    }
    return odds;
  }

 private:
  float longest_word(std::span<const Symbol> text, std::size_t i) const {
    return static_cast<float>(words.longest_with(text, i));
  }
  using Said = Memo::Said;
  Said ask(std::span<const Symbol> text, std::size_t i) const {
    const auto ask_models = [&](Said& said) {
      const std::size_t length = std::min(i, reach);
      said.news = of.model_.log_probability(&text[i - length], length, text[i]);
      if (of.captions_) said.captions = of.captions_->log_probability(&text[i - length], length, text[i]);
    };
    if (i >= reach) return memo.of(text, i, ask_models);
    Said said;
    ask_models(said);
    return said;
  }
};

void Characters::decide(const Sentence& sentence, std::span<Doubt> doubts, Candidates& known) const {
  const auto at = [&](std::size_t n) { return doubts[n].place.at; };
  for (std::size_t n = 0, end = 0; n < doubts.size(); n = end) {
    for (end = n + 1; end < doubts.size() && at(end) - at(end - 1) <= Sentence::reach;) ++end;
    const std::span<Doubt> run = doubts.subspan(n, end - n);
    if (std::ranges::all_of(run, &Doubt::is_decided)) continue;
    const std::size_t first = at(n) - std::min(at(n), Sentence::reach);
    const std::size_t last = std::min(at(end - 1) + Sentence::reach, sentence.end());
    std::vector<Symbol> text;
    for (std::size_t i = first; i <= last; ++i) text.push_back(sentence[i].symbol);
    std::vector<Place> places;
    for (const Doubt& doubt : run) {
      Place& place = places.emplace_back(doubt.place);
      place.at -= first;
      text[place.at] = place.read;
    }
    const std::vector<std::vector<double>> odds =
        odds_of_paths(text, places, Judge{*this, known.words, known.pairs, known.memo}, beam_);
    for (std::size_t k = 0; k < run.size(); ++k) {
      run[k].choice = {};
      run[k].is_decided = true;
      for (std::size_t option = 0; option < places[k].options.size(); ++option)
        run[k].choice.add(places[k].options[option].codepoint, static_cast<float>(odds[k][option + 1] - odds[k][0]));
    }
  }
}

bool Characters::may_be_asked(const Read& read) const {
  // Where characters are good anywhere and mean different things, numbers above all, no model can tell.
  return !read.mended && class_of(read.codepoint) == CharClass::han && !contains(kept_, read.codepoint);
}

void Characters::add_options(const Sentence& sentence, std::size_t i, std::span<const Option> options,
                             std::vector<Doubt>& doubts) {
  if (options.empty()) return;
  auto doubt = std::ranges::lower_bound(doubts, i, {}, [](const Doubt& one) { return one.place.at; });
  if (doubt == doubts.end() || doubt->place.at != i) doubt = doubts.insert(doubt, {{i, sentence[i].symbol, {}}});
  std::vector<Option>& known = doubt->place.options;
  for (const Option& option : options)
    if (std::ranges::find(known, option.codepoint, &Option::codepoint) == known.end()) {
      known.push_back(option);
      doubt->is_decided = false;
    }
}

void Characters::doubt_pair(const Sentence& sentence, std::size_t i, Candidates& known,
                            std::vector<Doubt>& doubts) const {
  if (i + 1 >= sentence.end() || !may_be_asked(sentence[i]) || !may_be_asked(sentence[i + 1])) return;
  const auto is_low = [&](std::size_t k) { return sentence.probability(k) <= expected_; };
  if (is_low(i) + is_low(i + 1) + is_low(i + 2) < 2) return;
  if (sentence.has_seen_pair(i) || (sentence.has_seen_pair(i - 1) && sentence.has_seen_pair(i + 1))) return;
  const Symbol left = sentence[i - 1].symbol, right = sentence[i + 2].symbol;
  known.between.stand(model_, left, right);
  const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors, word, unlisted] =
      weights_;
  const auto& [said_often, read_often] = weights_safe_;
  // Each with what speaks for it at best, but that the text has the two in a row.
  const auto often = [&](Symbol before, Symbol after) {
    return said_often * static_cast<float>(std::min(known.pairs.count(before, after), Pairs::most));
  };
  using Half = std::pair<float, Candidate>;
  const auto halves_of = [&](std::size_t at, const auto& beside, const auto& most_probable) {
    std::vector<Half> halves;
    const float anywhere = anywhere_of(sentence, at, known);
    for (Candidate one : candidates_for(sentence[at], known)) {
      one.odds += anywhere;
      one.score = one.odds + beside(one.symbol);
      halves.emplace_back(one.score + gain * most_probable(one.symbol), one);
    }
    return halves;
  };
  const float beyond = sentence.what_is_around(i + 1).beyond();
  std::vector<Half> firsts = halves_of(
      i, [&](Symbol symbol) { return often(left, symbol); },
      [&](Symbol symbol) { return known.between.fits_left(symbol) ? likely_ : model_.most_unseen(left, symbol); });
  std::vector<Half> seconds = halves_of(
      i + 1, [&](Symbol symbol) { return often(symbol, right); },
      [&](Symbol symbol) {
        return known.between.fits_right(symbol) ? Sentence::reach * likely_
                                                : model_.most_unseen(symbol, right) + beyond;
      });
  const float as_read = sentence.probability(i) + sentence.around(i + 1);
  const float common = surprise * (sentence.probability(i) + sentence.probability(i + 1)) +
                       2 * (longer * Sentence::reach + seen * (Sentence::reach + 1));
  // What both must say at best to be worth asking the model, and what the text and words may add.
  const float enough = asked_ - common - gain * (likely_ - as_read), most_often = said_often * 2 * Pairs::most,
              most_words = word * 2 * (Words::most - 1);
  const auto keep_hopeful = [&](std::vector<Half>& halves, const std::vector<Half>& others) {
    if (others.empty()) return;
    const float most = std::ranges::max(others, {}, &Half::first).first;
    std::erase_if(halves, [&](const Half& half) { return half.first + most + most_often + most_words <= enough; });
  };
  keep_hopeful(firsts, seconds);
  keep_hopeful(seconds, firsts);
  // The model is larger than caches are: all pairs are asked from memory before the first is looked at.
  struct Both {
    const Candidate *a, *b;
    float together, most;
  };
  std::vector<Both> hopeful;
  for (const auto& [most_of_a, a] : firsts)
    for (const auto& [most_of_b, b] : seconds) {
      if (!known.between.fits_left(a.symbol) && !known.between.fits_right(b.symbol)) continue;
      const float together = 2 * often(a.symbol, b.symbol);
      const float most = most_of_a + most_of_b + together;
      if (most + most_words <= enough) continue;
      model_.prefetch(&a.symbol, 1, b.symbol);
      hopeful.push_back({&a, &b, together, most});
    }
  for (const auto& [a, b, together, most] : hopeful) {
    const std::array<Symbol, 2> pair{a->symbol, b->symbol};
    if (!model_.has_seen(pair.data(), pair.size())) continue;
    const float words = word * sentence.words_longer(known.words, i, pair);
    if (most + words <= enough) continue;
    const float all = sentence.gain_with(i, 2, pair);
    if (all <= 0 || common + a->score + b->score + together + words + gain * all <= asked_) continue;
    const Option one{a->codepoint, a->symbol, a->odds}, other{b->codepoint, b->symbol, b->odds};
    add_options(sentence, i, std::span(&one, 1), doubts);
    add_options(sentence, i + 1, std::span(&other, 1), doubts);
  }
}

std::vector<Option> Characters::doubt(const Sentence& sentence, std::size_t i, Candidates& known) const {
  std::vector<Option> options;
  const Read& read = sentence[i];
  const float here = sentence.probability(i);
  if (here > expected_ && sentence.probability(i + 1) > expected_) return options;
  if (!may_be_asked(read)) return options;
  // What the corpus has between the same two neighbours is hardly ever surely misread.
  if (!full_ && sentence.has_seen_between(i)) return options;
  const auto& [bias, gain, channel, surprise, frequency_read, frequency, longer, seen, errors, word, unlisted] =
      weights_;
  const auto& [captions_gain, captions_frequency, either_gain, either_mean, counted, nearby] = captions_weights_;
  constexpr float most_seen = Sentence::reach + 1, longest_word = Words::most;
  const float as_read = sentence.around(i);
  const float anywhere = anywhere_of(sentence, i, known);
  float common = anywhere + surprise * here;
  // No text is surer than likely_, nor seen in longer n-grams than the model has.
  float most_left = longer * (most_seen - 1) + seen * most_seen;
  Sentence::Said captions_as_read{};
  if (captions_) {
    captions_as_read = sentence.ask(*captions_, i, read.symbol);
    const float likely_either = log_either(likely_, likely_);
    most_left += captions_gain * (most_seen * likely_ - captions_as_read.around) +
                 either_gain * (most_seen * likely_either - captions_as_read.either) + either_mean * likely_either;
  }
  const auto& [said_often, read_often] = weights_safe_;
  const Symbol left = sentence[i - 1].symbol, right = sentence[i + 1].symbol;
  Between &between = known.between, &captions_between = known.captions_between;
  between.stand(model_, left, right);
  if (captions_) captions_between.stand(*captions_, left, right);
  // What was read is one of those that the text has beside its neighbours.
  constexpr float itself = 2;
  if (!captions_) common += read_often * (known.pairs.beside(left, read.symbol, right) - itself);
  const float most_often = captions_ ? 0 : said_often * 2 * Pairs::most;
  // Most are hopeless however well they go on, which is the dearest to ask.
  float best = Choice::none;
  constexpr float nothing_beside = 5;
  const auto is_hopeless = [&](float score, float likeliest) {
    return score + gain * (likeliest - as_read) + most_left <= std::max(best - nothing_beside, asked_);
  };
  // The model is larger than caches are: what is asked first of each is asked from memory before any is looked at.
  const Sentence::Around around = sentence.what_is_around(i);
  auto& hopeful = known.hopeful;
  hopeful.clear();
  const float word_as_read = static_cast<float>(sentence.longest_word(known.words, i, read.symbol));
  const auto hope_for = [&](Codepoint codepoint, Symbol symbol, float odds) {
    float score = common + odds;
    const Sentence::Fit fit{between.fits_left(symbol), between.fits_right(symbol), true};
    const float most = sentence.most_around(i, around, symbol, fit, likely_);
    if (is_hopeless(score + most_often + word * (longest_word - word_as_read), most)) return;
    if (!captions_) score += said_often * known.pairs.beside(left, symbol, right);
    score += word * (static_cast<float>(sentence.longest_word(known.words, i, symbol)) - word_as_read);
    if (is_hopeless(score, most)) return;
    if (fit.right) sentence.prefetch_after(i, symbol);
    hopeful.push_back({codepoint, symbol, odds, score, fit});
  };
  const std::span<const Candidate> candidates = candidates_for(read, known);
  for (const Candidate& candidate : candidates)
    if (between.fits(candidate.symbol) || (captions_ && captions_between.fits(candidate.symbol)))
      hope_for(candidate.codepoint, candidate.symbol, candidate.odds);
  // The language alone proposes where the corpus has what was read beside neither of its neighbours.
  if (!between.fits(read.symbol) && (!captions_ || !captions_between.fits(read.symbol))) {
    for (const Candidate& candidate : candidates) between.forget(candidate.symbol);
    between.in_both([&](Symbol symbol) {
      if (symbol >= first_han && model_.log_probability(nullptr, 0, symbol) > rare_) {
        const Candidate one = proposed(symbol);
        hope_for(one.codepoint, symbol, one.odds);
      }
    });
  }
  std::erase_if(hopeful, [&](Candidate& candidate) {
    Sentence::Fit& fit = candidate.fit;
    if (fit.right) {
      fit.after = around.count > 0 && sentence.has_seen_after(i, candidate.symbol);
      if (!fit.after && is_hopeless(candidate.score, sentence.most_around(i, around, candidate.symbol, fit, likely_)))
        return true;
    }
    sentence.prefetch_around(i, candidate.symbol);
    return false;
  });
  using Judged = std::pair<float, Option>;
  std::vector<Judged> judged;
  std::size_t longest = 0;
  for (auto [codepoint, symbol, odds, score_alone, fit] : hopeful) {
    const auto is_too_little = [&, score = score_alone](float all) { return is_hopeless(score, all); };
    const float all = sentence.around(i, around, symbol, fit, likely_, is_too_little);
    if (is_hopeless(score_alone, all)) continue;
    if (codepoint == 0) codepoint = form_of(known, symbol);
    if (codepoint == 0 || contains(kept_, codepoint)) continue;
    if (longest == 0) longest = sentence.longest_seen(i, read.symbol);
    const auto difference = [](std::size_t a, std::size_t b) { return static_cast<float>(a) - static_cast<float>(b); };
    const std::size_t would_be = sentence.longest_seen(i, symbol);
    float score = score_alone + gain * (all - as_read) + longer * difference(would_be, longest) +
                  seen * static_cast<float>(would_be);
    bool goes_on = all > as_read;
    if (captions_) {
      const Sentence::Said said = sentence.ask(*captions_, i, symbol);
      goes_on |= said.around > captions_as_read.around;
      score += captions_gain * (said.around - captions_as_read.around) +
               either_gain * (said.either - captions_as_read.either) + either_mean * said.mean;
    }
    if (!goes_on) continue;
    judged.emplace_back(score, Option{codepoint, symbol, anywhere + odds});
    best = std::max(best, score);
  }
  // More than these are nothing beside the best ones, and no more paths are followed.
  std::ranges::sort(judged, std::ranges::greater{}, &Judged::first);
  for (const auto& [score, option] : judged)
    if (score > best - nothing_beside && options.size() < beam_) options.push_back(option);
  return options;
}

/// What tells classical Chinese from today's.
struct Characters::Style {
  const Characters* of;
  std::size_t characters = 0, particles = 0, modern = 0;

  void add(Codepoint codepoint) {
    if (class_of(codepoint) != CharClass::han) return;
    ++characters;
    particles += contains(of->particles_, codepoint);
    modern += contains(of->modern_, codepoint);
  }
  [[nodiscard]] bool is_classical() const {
    return modern == 0 && particles >= of->least_particles_ &&
           static_cast<float>(particles) >= of->classical_share_ * static_cast<float>(characters);
  }
};

std::vector<bool> Characters::quoted_classical(const Sentence& sentence) const {
  constexpr std::u32string_view opening = U"“「『", closing = U"”」』";
  std::vector<bool> classical(sentence.end() + 1);
  std::size_t begin = 0, depth = 0;
  Style style{this};
  for (std::size_t i = 1; i < sentence.end(); ++i) {
    const Codepoint codepoint = sentence[i].codepoint;
    if (opening.find(codepoint) != opening.npos) {
      if (depth++ > 0) continue;
      begin = i;
      style = {this};
    } else if (depth > 0 && closing.find(codepoint) != closing.npos) {
      if (--depth > 0) continue;
      if (style.is_classical())
        std::fill(classical.begin() + static_cast<std::ptrdiff_t>(begin),
                  classical.begin() + static_cast<std::ptrdiff_t>(i), true);
    } else {
      style.add(codepoint);
      if (style.characters > longest_quotation_) depth = 0;  // what closes it was lost
    }
  }
  return classical;
}

bool Characters::repeats(const Sentence& sentence, std::size_t i, Symbol right, const Candidates& known) const {
  return repeats_as_read(sentence, i - 1, right, i, known) || repeats_as_read(sentence, i, right, i, known);
}

bool Characters::repeats_as_read(const Sentence& sentence, std::size_t k, Symbol right, std::size_t i,
                                 const Candidates& known) const {
  if (class_of(sentence[k].codepoint) != CharClass::han || class_of(sentence[k + 1].codepoint) != CharClass::han)
    return false;
  const Symbol first = sentence[k].symbol, second = sentence[k + 1].symbol;
  const std::uint32_t as_read = known.pairs.count(first, second);
  return as_read >= repeats_ && as_read > (k == i ? known.pairs.count(right, second) : known.pairs.count(first, right));
}

bool Characters::is_own_word(const Sentence& sentence, std::size_t i, Symbol right, const Candidates& known) const {
  if (!repeats(sentence, i, right, known)) return false;
  const Misread& misread = known.misread;
  const auto least = std::max(static_cast<float>(repeats_kinds_), repeats_share_ * static_cast<float>(sentence.end()));
  if (!known.is_recognised || static_cast<float>(misread.kinds()) < least) return true;
  // A name: what stands behind a family name that repeats so, too.
  for (std::size_t k = i - std::min<std::size_t>(i, 2); k < i; ++k)
    if (names_.is_surname(sentence[k].codepoint) &&
        known.pairs.count(sentence[k].symbol, sentence[k + 1].symbol) >= repeats_)
      return true;
  return std::ranges::any_of(std::array{i - 1, i}, [&](std::size_t k) {
    const Symbol first = sentence[k].symbol, second = sentence[k + 1].symbol;
    return repeats_as_read(sentence, k, right, i, known) &&
           2 * misread.pairs(first, second, k < i, right) <= known.pairs.count(first, second);
  });
}

bool Characters::is_nickname(const Sentence& sentence, std::size_t i, Symbol right, const Words& words) const {
  if (!contains(nickname_, sentence[i - 1].codepoint)) return false;
  // But not 大街小巷, 一小撮: words that begin before it, and not with a family name.
  for (std::size_t begin = i - std::min(i, Words::most - 1); begin + 1 < i; ++begin) {
    if (names_.is_surname(sentence[begin].codepoint)) continue;
    std::vector<Symbol> word;
    for (std::size_t k = begin; k < std::min(begin + Words::most, sentence.end()); ++k) {
      word.push_back(k == i ? right : sentence[k].symbol);
      if (k >= i && words.has(word)) return false;
    }
  }
  return true;
}

bool Characters::is_protected(std::string_view text, const Sentence& sentence, std::size_t i, Symbol right,
                              const Candidates& known) const {
  if (known.classical[i] || is_nickname(sentence, i, right, known.words)) return true;
  // A whole name in brackets after a part of it.
  const Codepoint before_it = sentence[i].at > 0 ? valid_utf8_previous(text, sentence[i].at).codepoint : 0;
  if ((before_it == U'（' || before_it == U'(') && names_.is_surname(sentence[i].codepoint)) return true;
  constexpr std::size_t longest_name = 4;
  for (std::size_t k = 0; k < longest_name && k < i && class_of(sentence[i - k].codepoint) == CharClass::han; ++k)
    if (names_.ends_with_role(text.substr(0, sentence[i - k].at))) return true;
  return is_listed(text, sentence[i].at);
}

bool Characters::is_listed(std::string_view text, std::size_t at) const {
  for (const std::size_t length : protected_lengths_)
    for (std::size_t begin = at; begin + length > at; begin -= valid_utf8_previous(text, begin).length) {
      if (begin + length <= text.size() &&
          std::ranges::binary_search(protected_, text.substr(begin, length), {},
                                     [](const std::string& word) -> std::string_view { return word; }))
        return true;
      if (begin == 0) break;
    }
  return false;
}

void Characters::mend_marks(std::string_view text, Sentence& sentence, Proposal& proposal) const {
  for (std::size_t i = 2; i + 1 < sentence.end(); ++i) {
    const Read& read = sentence[i];
    // Chinese text has no such mark between ideographs.
    const bool is_strange = contains(strange_marks_, read.codepoint);
    if (read.mended || (!is_strange && !contains(mended_marks_, read.codepoint))) continue;
    if (read.ends_line && !read.at_gutter) continue;  // it may end a paragraph
    const std::span<const MarkConfusions::Candidate> marks = marks_.find(read.codepoint);
    if (marks.empty()) continue;
    if (class_of(sentence[i - 1].codepoint) != CharClass::han || class_of(sentence[i + 1].codepoint) != CharClass::han)
      continue;
    if (read.codepoint == U'。' && Marks::is_doubled(text, read.at, read.length)) continue;
    // The bullet between roles and names.
    if (names_.ends_with_role(text.substr(0, read.at))) continue;
    const float as_read = sentence.around(i);
    float itself = 0;
    for (const auto& [codepoint, channel] : marks)
      if (codepoint == read.codepoint) itself = channel;
    Choice best;
    for (const auto& [codepoint, channel] : marks) {
      const Symbol symbol = codepoint == 0 ? Symbol{0} : model_.read(codepoint);
      if (symbol == read.symbol) continue;  // itself, and what the model can't tell from it
      const float gain = codepoint == 0 ? sentence.gain_without(i)
                                        : sentence.probability(i, i, symbol) + sentence.right_of(i, symbol) - as_read;
      best.add(codepoint == 0 ? nothing : codepoint, gain + channel - itself);
    }
    if (best.right == 0 || best.score() <= (is_strange ? -surely_mark_ : 0)) continue;
    const TextRange range{read.at, read.at + read.length};
    if (!contains(mended_marks_, best.right) || best.score() <= (is_strange ? surely_strange_ : surely_mark_)) {
      if (is_strange || contains(mended_marks_, best.right))
        proposal.note(range, Severity::note, suspect, fmt::format("{} may be {}", range.of(text), best.text()));
      continue;
    }
    std::string right;
    append_utf8(right, best.right);
    proposal.note(range, Severity::note, choice, fmt::format("{} is {}", range.of(text), best.text()));
    proposal.replace(range, right, confused, 95);
    sentence.set(i, model_.read(best.right));
  }
}

auto Characters::whole_at(const Confusions& table, const Sentence& sentence, std::size_t i, Scripts scripts) const
    -> Choice {
  Choice best;
  const Read &left = sentence[i], &right = sentence[i + 1];
  if (left.mended || right.mended || left.ends_line || right.at != left.at + left.length) return best;
  if (!misread_words().may_have(left.symbol, right.symbol) || sentence.has_seen_pair(i)) return best;
  // 弓长张 says how it is written.
  const auto is_beside = [&](Symbol symbol) {
    return sentence[i - 1].symbol == symbol || (i + 2 < sentence.end() && sentence[i + 2].symbol == symbol);
  };
  const std::span<const Confusions::Parts> wholes = table.wholes(left.codepoint, right.codepoint);
  for (const auto& [l, r, whole] : wholes) {
    const Symbol symbol = model_.read(whole);
    if (symbol > unknown && is_of(scripts, whole, symbol) && !contains(kept_, whole) && !is_beside(symbol))
      best.add(whole, sentence.gain_with(i, 2, std::span(&symbol, 1)) - surely_parts_);
  }
  return best;
}

std::size_t Characters::unite_parts(std::string_view text, const Confusions& table, Sentence& sentence, Scripts scripts,
                                    Proposal& proposal) const {
  std::vector<Sentence::Whole> wholes;
  for (std::size_t i = 1; i + 1 < sentence.end(); ++i) {
    const Choice best = whole_at(table, sentence, i, scripts);
    if (best.right == 0 || best.score() <= 0) continue;
    const TextRange range{sentence[i].at, sentence[i + 1].at + sentence[i + 1].length};
    if (is_cited(text, range.begin, range.end)) continue;
    std::string whole;
    append_utf8(whole, best.right);
    proposal.note(range, Severity::note, choice, fmt::format("{} is {}", range.of(text), best.text()));
    proposal.replace(range, whole, parts, 95);
    wholes.push_back({i++, best.right});
  }
  sentence.unite(wholes);
  return wholes.size();
}

auto Characters::word_at(const Sentence& sentence, std::size_t i) const -> Word {
  Word best{.gain = surely_no_word_};
  const Read &first = sentence[i], &second = sentence[i + 1];
  if (!misread_words().may_have(first.symbol, second.symbol)) return best;
  const bool is_one_line = !first.ends_line && second.at == first.at + first.length;
  if (!is_one_line && !first.at_gutter) return best;
  misread_words().find(first.symbol, second.symbol, [&](const MisreadWords::Right& right) {
    const std::size_t at = i + (right.is_second ? 1 : 0);
    if (sentence[at].mended) return;
    // A given name behind a family name.
    if (!right.is_alike && names_.is_surname(sentence[i - 1].codepoint)) return;
    const float gain = sentence.gain_with(at, 1, std::span(&right.symbol, 1));
    if (gain > best.gain) best = {at, right.symbol, right.is_alike, gain};
  });
  return best;
}

bool Characters::is_cited(std::string_view text, std::size_t begin, std::size_t end) const {
  if (begin == 0) return false;
  std::string_view before = text.substr(0, begin);
  const Decoded mark = valid_utf8_previous(text, begin);
  if (class_of(mark.codepoint) == CharClass::open) {
    if (end < text.size() && class_of(valid_utf8_next(text, end).codepoint) == CharClass::close) return true;
    before.remove_suffix(mark.length);
  }
  return std::ranges::any_of(cited_, [&](const std::string& word) { return before.ends_with(word); });
}

std::size_t Characters::mend_words(std::string_view text, Sentence& sentence, Candidates& known,
                                   Proposal& proposal) const {
  std::size_t count = 0;
  for (std::size_t i = 1; i + 1 < sentence.end(); ++i) {
    const auto [at, symbol, is_alike, gain] = word_at(sentence, i);
    if (symbol == 0 || is_cited(text, sentence[i].at, sentence[i + 1].at + sentence[i + 1].length)) continue;
    if (known.classical[at] ||
        (!is_alike && (is_protected(text, sentence, at, symbol, known) || repeats(sentence, at, symbol, known))))
      continue;
    const Codepoint form = form_of(known, symbol);  // of any: what is kept is so for want of better evidence
    if (form == 0) continue;
    const TextRange range{sentence[at].at, sentence[at].at + sentence[at].length};
    std::string mended;
    append_utf8(mended, form);
    proposal.note(
        range, Severity::note, choice,
        fmt::format("{} is {}: the text is {:.0f} more probable, as a logarithm", range.of(text), mended, gain));
    proposal.replace(range, mended, word, 98);
    known.misread.add_word(sentence[at].symbol, symbol);
    sentence.mend(at, form);
    ++count;
  }
  return count;
}

bool Characters::has_misread_words(std::string_view text) const {
  const MisreadWords& misread = misread_words();
  const Confusions& table = confusions();
  // Few of what may be such are, by the characters around them.
  const auto are_some_near = [&](std::size_t begin, std::size_t end) {
    constexpr std::size_t around = 2 * Sentence::reach;
    for (std::size_t k = 0; k < around && begin > 0; ++k) begin -= valid_utf8_previous(text, begin).length;
    for (std::size_t k = 0; k < around && end < text.size(); ++k) end += valid_utf8_next(text, end).length;
    Line line{};
    line.ink = {static_cast<ByteOffset>(begin), static_cast<ByteOffset>(end)};
    const Sentence sentence(model_, text, std::span(&line, 1), {});
    for (std::size_t i = 1; i + 1 < sentence.end(); ++i)
      if (word_at(sentence, i).symbol != 0 || whole_at(table, sentence, i, {true, true}).score() > 0) return true;
    return false;
  };
  std::size_t before = 0;  // where the one before begins
  Codepoint left = 0;
  std::array<Symbol, 2> pair{};
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    if (const Symbol symbol = model_.read(codepoint); symbol != 0) {
      pair = {pair[1], symbol};
      if (misread.may_have(pair[0], symbol) &&
          (misread.has(pair[0], symbol) ||
           (!table.wholes(left, codepoint).empty() && !model_.has_seen(pair.data(), pair.size()))) &&
          are_some_near(before, at + length))
        return true;
      before = at;
      left = codepoint;
    }
    at += length;
  }
  return false;
}

void Characters::mend_words(std::string_view text, std::span<const Line> lines, std::span<const TextRange> mended,
                            Proposal& proposal) const {
  Sentence sentence(model_, text, lines, mended);
  Style style{this};
  for (std::size_t i = 1; i < sentence.end(); ++i) style.add(sentence[i].codepoint);
  if (style.is_classical()) return;
  const Scripts scripts = scripts_of(sentence, text, lines);
  unite_parts(text, confusions(), sentence, scripts, proposal);
  const Pairs pairs(sentence);
  Candidates candidates{confusions(), words(), pairs, scripts, quoted_classical(sentence)};
  mend_words(text, sentence, candidates, proposal);
}

void Characters::mend_between_words(std::string_view text, Sentence& sentence, Candidates& known,
                                    Proposal& proposal) const {
  std::vector<Symbol> firsts;  // of words that end with what stands right of the two
  std::vector<bool> is_first(0x10000);
  const auto may_stand = [&](Symbol symbol) {
    return symbol >= first_han && model_.log_probability(nullptr, 0, symbol) > rare_;
  };
  for (std::size_t i = 1; i + 1 < sentence.end(); ++i) {
    if (!may_be_asked(sentence[i]) || !may_be_asked(sentence[i + 1])) continue;
    if (sentence.has_seen_pair(i) || (sentence.has_seen_pair(i - 1) && sentence.has_seen_pair(i + 1))) continue;
    const Symbol left = sentence[i - 1].symbol, right = sentence[i + 2].symbol;
    std::array<Symbol, 2> best{};
    float most = 0, second = 0;
    for (const Symbol b : std::exchange(firsts, {})) is_first[b] = false;
    for (const Symbol b : model_.predecessors(right))
      if (const std::array<Symbol, 2> word{b, right}; may_stand(b) && known.words.has(word)) {
        firsts.push_back(b);
        is_first[b] = true;
      }
    if (firsts.empty()) continue;
    known.words.find_last(left, [&](Symbol a) {
      if (!may_stand(a)) return;
      for (const Symbol b : model_.followers(a)) {
        if (!is_first[b]) continue;
        const std::array<Symbol, 4> all{left, a, b, right};
        if (!model_.has_seen(all.data(), all.size())) continue;
        const std::array<Symbol, 2> pair{a, b};
        const float gain = sentence.gain_with(i, 2, pair);
        second = std::max(second, std::min(gain, most));
        if (gain <= most) continue;
        most = gain;
        best = pair;
      }
    });
    if (most <= surely_words_ || most - second <= words_apart_) continue;
    const auto stays = [&](std::size_t k, Symbol other) {
      return is_protected(text, sentence, k, other, known) || repeats(sentence, k, other, known);
    };
    if (stays(i, best[0]) || stays(i + 1, best[1])) continue;
    const std::array<Codepoint, 2> forms{form_of(known, best[0]), form_of(known, best[1])};
    if (std::ranges::any_of(forms, [&](Codepoint form) { return form == 0 || contains(kept_, form); })) continue;
    for (std::size_t k = 0; k < forms.size(); ++k) {
      const Read& read = sentence[i + k];
      std::string form;
      append_utf8(form, forms[k]);
      proposal.replace({read.at, read.at + read.length}, form, character, 80);
      sentence.mend(i + k, forms[k]);
    }
    const TextRange range{sentence[i].at, sentence[i + 1].at + sentence[i + 1].length};
    std::string words;
    for (const Codepoint form : forms) append_utf8(words, form);
    proposal.note(
        range, Severity::note, choice,
        fmt::format("{} is {}: the text is {:.0f} more probable, as a logarithm", range.of(text), words, most));
  }
}

auto Characters::surely_misread(std::string_view text, const Sentence& sentence, std::span<Doubt> doubts, float surely,
                                Candidates& known) const -> std::vector<Doubt*> {
  Misread& misread = known.misread;
  misread.forget();
  const auto right_of = [&](const Doubt& doubt) { return model_.read(doubt.choice.right); };
  std::vector<Doubt*> hopeful;
  for (Doubt& one : doubts) {
    const std::size_t i = one.place.at;
    if (one.choice.score() <= std::min(margin_again_, surely)) continue;
    const Symbol left = sentence[i - 1].symbol, read = one.place.read, next = sentence[i + 1].symbol;
    const Symbol right = right_of(one);
    if (std::exchange(one.right, right) != right) one.is_protected = is_protected(text, sentence, i, right, known);
    if (one.is_protected) continue;
    hopeful.push_back(&one);
    if (one.choice.score() <= surely) continue;
    misread.add_pair(left, read, true, right);
    misread.add_pair(read, next, false, right);
    misread.add(left, read, next, right, repeats(sentence, i, right, known));
  }
  std::erase_if(hopeful, [&](const Doubt* one) {
    // What repeats is the same in all its places.
    if (repeats(sentence, one->place.at, one->right, known))
      return is_own_word(sentence, one->place.at, one->right, known);
    return one->choice.score() <= surely && misread.contexts(one->place.read, one->right) < again_;
  });
  return hopeful;
}

void Characters::mend(std::string_view text, std::span<const Line> lines, const Evidence& evidence,
                      Proposal& proposal) const {
  const Confusions& table = confusions();
  const std::span<const ByteOffset> quotes = evidence.quotes;
  Sentence sentence(model_, text, lines, evidence.mended);
  sentence.erase_if([&](std::size_t i) {
    const Read& read = sentence[i];
    if (read.mended) return false;
    const bool before_text = class_of(sentence[i + 1].codepoint) == CharClass::han;
    const bool is_stop = read.at_gutter && before_text && read.codepoint == U'。' &&
                         !Marks::is_doubled(text, read.at, read.length);  // which goes anyway
    const bool is_quote = before_text && std::binary_search(quotes.begin(), quotes.end(), read.at);
    if (!is_stop && !is_quote && !contains(inserted_, read.codepoint)) return false;
    const float margin = is_stop ? surely_shadow_ : is_quote ? surely_quote_ : surely_added_;
    if (sentence.gain_without(i) <= margin) return false;
    proposal.erase({read.at, read.at + read.length}, is_stop || is_quote ? shadow : inserted, 95);
    return true;
  });
  if (evidence.misreads_marks) mend_marks(text, sentence, proposal);
  const Scripts scripts = scripts_of(sentence, text, lines);
  const std::size_t united = unite_parts(text, table, sentence, scripts, proposal);
  const Pairs pairs(sentence);
  Candidates candidates{table, words(), pairs, scripts, quoted_classical(sentence)};
  const std::size_t words_mended = evidence.misreads_words ? mend_words(text, sentence, candidates, proposal) : 0;
  candidates.is_recognised = evidence.is_recognised || united + words_mended >= evidence_words_;
  const float surely = candidates.is_recognised ? margin_ : margin_unread_;
  if (full_) mend_between_words(text, sentence, candidates, proposal);
  if (captions_) {
    candidates.said.resize(sentence.end());
    for (std::size_t i = 1; i < sentence.end(); ++i)
      candidates.said[i] =
          candidates.said[i - 1] +
          log_either(sentence.probability(i), sentence.probability(*captions_, i, i, sentence[i].symbol));
  }
  std::vector<Doubt> doubts;
  for (std::size_t i = 1; i < sentence.end(); ++i) {
    add_options(sentence, i, doubt(sentence, i, candidates), doubts);
    doubt_pair(sentence, i, candidates, doubts);
  }
  decide(sentence, doubts, candidates);
  // What is surely misread makes its neighbours' contexts better: they are asked again.
  for (bool is_new = true; is_new;) {
    struct Sure {
      std::size_t at;
      Symbol read, right;
      bool is_new;
    };
    std::vector<Sure> sure;
    for (Doubt* const one : surely_misread(text, sentence, doubts, surely, candidates))
      sure.push_back({one->place.at, one->place.read, model_.read(one->choice.right),
                      !std::exchange(one->are_neighbours_asked, true)});
    for (const Sure& one : sure) sentence.set(one.at, one.right);
    for (const Sure& one : sure)
      if (one.is_new)
        for (std::size_t k = one.at - std::min(one.at - 1, Sentence::reach);
             k < std::min(one.at + 1 + Sentence::reach, sentence.end()); ++k)
          if (!std::ranges::binary_search(sure, k, {}, &Sure::at))
            add_options(sentence, k, doubt(sentence, k, candidates), doubts);
    for (const Sure& one : sure) sentence.set(one.at, one.read);
    is_new = !std::ranges::all_of(doubts, &Doubt::is_decided);
    decide(sentence, doubts, candidates);
  }
  const std::vector<Doubt*> sure = surely_misread(text, sentence, doubts, surely, candidates);
  for (const Doubt& doubt : doubts) {
    const auto& [place, choice, is_decided, are_neighbours_asked, asked_right, is_protected] = doubt;
    const float score = choice.score();
    if (score <= suspected_) continue;
    const Read& read = sentence[place.at];
    const TextRange range{read.at, read.at + read.length};
    if (!std::ranges::binary_search(sure, &doubt)) {
      proposal.note(range, Severity::note, suspect, fmt::format("{} may be {}", range.of(text), choice.text()));
      continue;
    }
    std::string right;
    append_utf8(right, choice.right);
    const double sureness = 1 / (1 + std::exp(-static_cast<double>(score)));
    proposal.note(range, Severity::note, ocr::choice, fmt::format("{} is {}", range.of(text), choice.text()));
    proposal.replace(range, right, character, static_cast<std::uint8_t>(std::lround(100 * sureness)));
  }
}

}  // namespace inkwash::stages::ocr
