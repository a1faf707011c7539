#include "stages/ocr.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <unordered_map>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { mark, bracket, dash, character };
constexpr RuleInfo rule_list[] = {
    {"ocr.mark", "an ASCII mark in Chinese text is the full-width one", Effect::character},
    {"ocr.bracket", "a bracket in Chinese text is a full-width one, of its other half's kind", Effect::character},
    {"ocr.dash", "一 beside a dash is half of a dash", Effect::character},
    {"ocr.character", "a character that recognition took for another", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"level", "safe", "off; safe: only what is surely misread; full: the best guess"},
};

/// What stands beside a mark, white space not counted.
enum class Beside : std::uint8_t { nothing, chinese, closing, digit, latin, other };

/// What recognition reads for what: rules/confusables.tsv. Immutable after construction; thread-safe.
class Confusions {
 public:
  /// A character that may stand where another was read.
  struct Candidate {
    Codepoint codepoint;
    float share;  ///< of its being read wrong, how often it is read so
  };

  /// Mistakes in the table are added to `settings`.
  Confusions(Settings& settings, const Rules& rules) {
    struct Pair {
      Codepoint read, right;
      float count;
    };
    std::vector<Pair> pairs;
    std::unordered_map<Codepoint, float> errors;  // by the true character
    for (const std::vector<std::string>& row : settings.table(rules, file, 3)) {
      const float count = std::strtof(row[2].c_str(), nullptr);
      if (row[0].empty() || row[1].empty() || !(count > 0)) {
        settings.error(std::string(file), "a line is: the character read, the true one, how often");
        continue;
      }
      pairs.push_back({valid_utf8_next(row[0], 0).codepoint, valid_utf8_next(row[1], 0).codepoint, count});
      errors[pairs.back().right] += count;
    }
    for (const Pair& pair : pairs) candidates_[pair.read].push_back({pair.right, pair.count / errors[pair.right]});
  }

  /// The table that is built into the library. Few texts need it: it is read when one does.
  static const Confusions& shipped() {
    static const Confusions confusions = [] {
      const StageOptions none;
      const Rules rules;
      Settings settings("ocr", none, rules, {});
      return Confusions(settings, rules);
    }();
    return confusions;
  }

  [[nodiscard]] std::span<const Candidate> of(Codepoint read) const {
    const auto found = candidates_.find(read);
    return found == candidates_.end() ? std::span<const Candidate>() : found->second;
  }

  static constexpr std::string_view file = "confusables.tsv";

 private:
  std::unordered_map<Codepoint, std::vector<Candidate>> candidates_;
};

class OcrStage final : public Stage {
 public:
  OcrStage(Settings& settings, const Rules& rules)
      : model_(CoherenceModel::of(settings, rules)),
        least_share_(settings.number("least_share", 0, 1)),
        sample_(static_cast<std::size_t>(settings.number("character.sample", 1, 1e6))),
        surprising_(static_cast<float>(settings.number("character.surprising", -100, 0))),
        evidence_(static_cast<std::size_t>(settings.number("character.evidence", 1, 1e6))),
        expected_(static_cast<float>(settings.number("character.expected", -100, 0))) {
    const std::string level = settings.option("level", "safe");
    if (level != "off" && level != "safe" && level != "full")
      settings.error("stage ocr", "level is off, safe or full, not '" + level + "'");
    on_ = level != "off";
    full_ = level == "full";
    most_surprises_ = settings.number(full_ ? "character.most_surprises_full" : "character.most_surprises", 0, 1);
    margin_ = static_cast<float>(settings.number(full_ ? "character.margin_full" : "character.margin", -100, 100));
    kept_ = settings.characters("character.kept");
    rate_ = static_cast<float>(settings.number("character.rate", 0.0001, 0.5));
    if (!rules.path_of(Confusions::file).empty()) own_confusions_.emplace(settings, rules);
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
    const auto lines = document.lines();
    const auto is_marked = [&](const Line& line) { return may_have_marks(line) && has_marks(line.ink.of(text)); };
    if (full_ || std::any_of(lines.begin(), lines.end(), is_marked)) {
      if (!is_chinese(text)) return;
      for (const Line& line : lines)
        if (is_marked(line)) mend_line(text, line.ink, proposal);
      // Marks that were misread tell that the text was recognised, and only then characters are doubted.
      if ((full_ || proposal.edits().size() >= evidence_) && knows(text)) mend_characters(document, proposal);
    }
  }

 private:
  using Symbol = CoherenceModel::Symbol;

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
    return static_cast<double>(surprises) <= most_surprises_ * static_cast<double>(seen);
  }

  /// A character of a line that the model reads.
  struct Read {
    ByteOffset at;
    ByteOffset length;
    Codepoint codepoint;
    Symbol symbol;
  };

  /// Decided from left to right: what stands left is mended already.
  void mend_characters(const Document& document, Proposal& proposal) const {
    const std::string_view text = document.text();
    const Confusions& confusions = own_confusions_ ? *own_confusions_ : Confusions::shipped();
    std::vector<Read> read;
    for (const Line& line : document.lines())
      for (ByteOffset at = line.ink.begin; at < line.ink.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        if (const Symbol symbol = model_.read(codepoint); symbol != 0)
          read.push_back({at, static_cast<ByteOffset>(length), codepoint, symbol});
        at += static_cast<ByteOffset>(length);
      }
    constexpr std::size_t reach = 3;
    std::array<Symbol, 2 * reach + 1> around{};
    // The characters that may have been misread, known some ahead so that the model need not be waited for.
    struct Doubt {
      std::size_t at;
      std::span<const Confusions::Candidate> candidates;
    };
    std::vector<Doubt> doubts;
    for (std::size_t i = reach; i + reach < read.size(); ++i) {
      const auto candidates = confusions.of(read[i].codepoint);
      // Where characters are good anywhere and mean different things, numbers above all, no model can tell.
      if (candidates.empty() || contains(kept_, read[i].codepoint)) continue;
      doubts.push_back({i, candidates});
    }
    for (std::size_t d = 0; d < doubts.size(); ++d) {
      const auto& [i, candidates] = doubts[d];
      constexpr std::size_t ahead = 6;
      if (d + ahead < doubts.size()) {
        const std::size_t next = doubts[d + ahead].at;
        const std::array<Symbol, reach> context{read[next - 3].symbol, read[next - 2].symbol, read[next - 1].symbol};
        model_.prefetch(context.data(), reach, read[next].symbol);
      }
      for (std::size_t k = 0; k < around.size(); ++k) around[k] = read[i - reach + k].symbol;
      const float as_read_alone = model_.log_probability(around.data(), reach, around[reach]);
      if (as_read_alone > expected_) continue;
      // What is beside the character after it, three times with it.
      const auto after = [&](std::size_t k) {
        return model_.log_probability(around.data() + k, reach, around[k + reach]);
      };
      float as_read = as_read_alone;
      for (std::size_t k = 1; k <= reach; ++k) as_read += after(k);
      const Confusions::Candidate* best = nullptr;
      float most = margin_;
      CoherenceModel::Tail before{{around[0], around[1], around[2]}, reach, {}, {}, {}};
      model_.prepare(before);
      for (const Confusions::Candidate& candidate : candidates)
        model_.prefetch(around.data(), reach, model_.read(candidate.codepoint));
      for (const Confusions::Candidate& candidate : candidates) {
        const Symbol symbol = model_.read(candidate.codepoint);
        // The model reads both scripts as one: it can't tell these apart.
        if (symbol == read[i].symbol || contains(kept_, candidate.codepoint)) continue;
        const float rarity = std::log(rate_ * candidate.share);
        // Log probabilities are never above 0: most candidates are out of it after the first.
        float as_candidate = model_.log_probability(before, symbol);
        const auto gain_so_far = [&] { return as_candidate - as_read + rarity; };
        around[reach] = symbol;
        for (std::size_t k = 1; k <= reach && gain_so_far() > most; ++k) as_candidate += after(k);
        const float gain = gain_so_far();
        if (gain <= most) continue;
        most = gain;
        best = &candidate;
      }
      if (best == nullptr) continue;
      std::string with;
      append_utf8(with, best->codepoint);
      proposal.replace({read[i].at, read[i].at + read[i].length}, with, character,
                       static_cast<std::uint8_t>(std::clamp(50.0f + 10 * most, 50.0f, 99.0f)));
      read[i].symbol = model_.read(best->codepoint);
    }
  }

  /// Few lines have any character of the classes of these.
  static bool may_have_marks(const Line& line) {
    return line.has(CharClass::ascii_mark) || line.has(CharClass::ascii_open) || line.has(CharClass::ascii_close) ||
           line.has(CharClass::cjk_symbol);
  }
  /// Whether there is anything to look at: an ASCII mark or the first byte of a dash.
  static bool has_marks(std::string_view text) {
    static constexpr auto interesting = [] {
      std::array<bool, 256> table{};
      for (const char c : std::string_view(",:;?!()")) table[static_cast<unsigned char>(c)] = true;
      return table;
    }();
    return std::any_of(text.begin(), text.end(), [](char c) { return interesting[static_cast<unsigned char>(c)]; }) ||
           text.find("—") != std::string_view::npos;
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
    return han > 0 && static_cast<double>(han) >= least_share_ * static_cast<double>(han + latin / 3);
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
      proposal.replace({begin, begin + static_cast<ByteOffset>(length)}, with, rule, 99);
    };
    constexpr std::size_t none = std::string_view::npos;
    std::size_t open_at = none;  // of a bracket not closed yet
    for (std::size_t at = 0; at < line.size();) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      if (codepoint == U'(' || codepoint == U'〈' || codepoint == U'（') {
        open_at = at;
      } else if (codepoint == U'〉') {
        open_at = none;
      } else if (codepoint == U')' || codepoint == U'）') {
        mend_brackets(line, open_at, at, put);
        open_at = none;
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
    if (closing.codepoint != U'）') put(close, closing.length, "）", bracket);
  }

  /// 一— and —一 are —— where that has only one half.
  template <typename Put>
  static void mend_dash(std::string_view line, std::size_t at, const Put& put) {
    constexpr std::string_view em = "—", one = "一";
    const std::string_view left = line.substr(0, at), right = line.substr(at + em.size());
    if (left.ends_with(em) || right.starts_with(em)) return;
    if (left.ends_with(one))
      put(at - one.size(), one.size(), em, dash);
    else if (right.starts_with(one))
      put(at + em.size(), one.size(), em, dash);
  }

  CoherenceModel model_;
  double least_share_;
  std::size_t sample_;
  float surprising_;
  double most_surprises_;
  std::size_t evidence_;
  float expected_;
  float margin_ = 0;
  bool on_ = true, full_ = false;
  std::u32string kept_;
  float rate_ = 0;
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
