// Characters that recognition took for others, added, split or read for marks: a noisy channel (confusions.h) and the
// coherence model decide, together where one may be misread within another's context (ocr_lattice.h).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/stage.h"
#include "stages/character_set.h"
#include "stages/coherence.h"
#include "stages/confusions.h"
#include "stages/mark_confusions.h"
#include "stages/misread_words.h"
#include "stages/names.h"
#include "stages/ocr_lattice.h"
#include "stages/ocr_sentence.h"
#include "stages/settings.h"
#include "stages/words.h"

namespace inkwash::stages::ocr {

/// Immutable after construction; thread-safe.
class Characters {
 public:
  /// The model and the names must outlive it. Mistakes in the rules are added to `settings`. `full`: the best guess,
  /// not only what is sure.
  Characters(Settings& settings, const Rules& rules, const CoherenceModel& model, const Names& names, bool full);

  /// What marks and figures said of a text before.
  struct Evidence {
    std::span<const ByteOffset> quotes;  ///< where quotation marks have no other half, in order
    std::span<const TextRange> mended;   ///< ranges that have an edit already, in order
    bool misreads_marks;                 ///< marks are taken for others, too
    bool misreads_words;                 ///< what makes no word is misread
    bool is_recognised;                  ///< as they tell, or the text is too short for them to tell
  };
  /// Mends lines of a text.
  void mend(std::string_view text, std::span<const Line> lines, const Evidence& evidence, Proposal& proposal) const;
  /// Of a text of which nothing tells that it was recognised: what makes no word, or is the parts of a character, which
  /// is surely misread.
  void mend_words(std::string_view text, std::span<const Line> lines, std::span<const TextRange> mended,
                  Proposal& proposal) const;
  /// Whether there may be such; linear in the text.
  [[nodiscard]] bool has_misread_words(std::string_view text) const;

 private:
  struct Choice;
  struct Doubt;
  /// Which scripts the text is in, by the characters that one of them alone has.
  struct Scripts {
    bool simplified, traditional;
  };
  struct Candidate;
  struct Candidates;
  /// How often the text has two characters beside each other.
  class Pairs;
  class Between;
  class Memo;
  class Misread;
  struct Judge;
  struct Style;
  [[nodiscard]] static Scripts scripts_of(const Sentence& sentence, std::string_view text, std::span<const Line> lines);
  /// Whether a character that the model reads as `symbol` may stand in a text of these scripts.
  [[nodiscard]] static bool is_of(Scripts scripts, Codepoint codepoint, Symbol symbol);
  /// Those that are built into the library, unless the rules have others.
  [[nodiscard]] const Confusions& confusions() const;
  [[nodiscard]] const Words& words() const;
  [[nodiscard]] const MisreadWords& misread_words() const;
  [[nodiscard]] std::span<const Candidate> candidates_for(const Read& read, Candidates& known) const;
  /// What counts for a candidate because of how frequent it is anywhere.
  [[nodiscard]] float frequency_of(Symbol symbol) const;
  /// The one that is written for a symbol, which only the language proposes; its codepoint is still to be found.
  [[nodiscard]] Candidate proposed(Symbol symbol) const;
  /// The character of these scripts that the model reads as `symbol`; 0: none, or several.
  [[nodiscard]] Codepoint form_in(Scripts scripts, Symbol symbol) const;
  /// The same, once for each symbol of a text.
  [[nodiscard]] Codepoint form_of(Candidates& known, Symbol symbol) const;
  [[nodiscard]] bool may_be_asked(const Read& read) const;
  /// What speaks for a change of what was read so, wherever it stands.
  [[nodiscard]] float anywhere_of(const Sentence& sentence, std::size_t i, const Candidates& known) const;
  /// What may stand at `i` by a log-linear model of the coherence and the channel, if nothing else is misread; weights_
  /// says of what.
  [[nodiscard]] std::vector<Option> doubt(const Sentence& sentence, std::size_t i, Candidates& known) const;
  /// Adds to the doubts what two neighbours may be, neither of which looks right until the other is mended.
  void doubt_pair(const Sentence& sentence, std::size_t i, Candidates& known, std::vector<Doubt>& doubts) const;
  static void add_options(const Sentence& sentence, std::size_t i, std::span<const Option> options,
                          std::vector<Doubt>& doubts);
  /// What stands at each place most probably; those that stand within each other's contexts are decided together.
  void decide(const Sentence& sentence, std::span<Doubt> doubts, Candidates& known) const;
  /// Whether what was read at `i` repeats beside a neighbour, and `right` not so often.
  [[nodiscard]] bool repeats(const Sentence& sentence, std::size_t i, Symbol right, const Candidates& known) const;
  /// The same of the two from `k` on, of which one is at `i`.
  [[nodiscard]] bool repeats_as_read(const Sentence& sentence, std::size_t k, Symbol right, std::size_t i,
                                     const Candidates& known) const;
  /// What repeats and is a name or a word of the text's own, not what is misread again and again.
  [[nodiscard]] bool is_own_word(const Sentence& sentence, std::size_t i, Symbol right, const Candidates& known) const;
  /// What follows 阿 or 小, and makes no word with it.
  [[nodiscard]] bool is_nickname(const Sentence& sentence, std::size_t i, Symbol right, const Words& words) const;
  /// Names, quotations of classical text, and the words of the user's list.
  [[nodiscard]] bool is_protected(std::string_view text, const Sentence& sentence, std::size_t i, Symbol right,
                                  const Candidates& known) const;
  /// Whether a word of the user's list has the character at `at`.
  [[nodiscard]] bool is_listed(std::string_view text, std::size_t at) const;
  /// Those that are above the margin `surely`, or a lower one if the text has more like them, and neither protected nor
  /// words of its own; in order. Counts anew what is misread (`known`), by which the latter are told.
  [[nodiscard]] std::vector<Doubt*> surely_misread(std::string_view text, const Sentence& sentence,
                                                   std::span<Doubt> doubts, float surely, Candidates& known) const;
  /// Which characters of a sentence stand in quotations of classical text, of which the model knows little.
  [[nodiscard]] std::vector<bool> quoted_classical(const Sentence& sentence) const;
  /// Marks between ideographs that were read for others.
  void mend_marks(std::string_view text, Sentence& sentence, Proposal& proposal) const;
  /// The one that two characters are surely the parts of, which never stand together; none where there is none.
  [[nodiscard]] Choice whole_at(const Confusions& table, const Sentence& sentence, std::size_t i,
                                Scripts scripts) const;
  /// Makes one of such two. Returns how often.
  std::size_t unite_parts(std::string_view text, const Confusions& table, Sentence& sentence, Scripts scripts,
                          Proposal& proposal) const;

  /// What one of two characters surely is that make no word; symbol 0: there is none.
  struct Word {
    std::size_t at = 0;
    Symbol symbol = 0;
    bool is_alike = false;  ///< to what was read
    float gain = 0;         ///< how much more probable the text is with it, as a natural logarithm
  };
  [[nodiscard]] Word word_at(const Sentence& sentence, std::size_t i) const;
  /// What stands at `begin` is spoken of: behind a word for misreading, or alone in quotation marks or brackets
  /// that close at `end`.
  [[nodiscard]] bool is_cited(std::string_view text, std::size_t begin, std::size_t end) const;
  std::size_t mend_words(std::string_view text, Sentence& sentence, Candidates& known, Proposal& proposal) const;
  /// Two characters, the last of a word and the first of the next one, that only the language tells: 看记环问 is
  /// 看望慰问.
  void mend_between_words(std::string_view text, Sentence& sentence, Candidates& known, Proposal& proposal) const;

  const CoherenceModel& model_;
  const Names& names_;
  bool full_;
  std::size_t beam_ = 1;  ///< of the lattice
  std::size_t evidence_words_ = 1;
  float expected_ = 0, margin_ = 0, margin_unread_ = 0, margin_again_ = 0;
  CharacterSet kept_;
  std::u32string nickname_, inserted_, mended_marks_, strange_marks_, particles_, modern_;
  std::size_t least_particles_ = 0, longest_quotation_ = 0;  ///< of classical text; in characters
  float classical_share_ = 0;
  float surely_mark_ = 0, surely_strange_ = 0, surely_added_ = 0, surely_shadow_ = 0, surely_quote_ = 0,
        surely_parts_ = 0, surely_no_word_ = 0, surely_words_ = 0, words_apart_ = 0;
  float suspected_ = 0, asked_ = 0, likely_ = 0;
  std::uint32_t repeats_ = 0;
  std::size_t repeats_kinds_ = 0, again_ = 0;
  float repeats_share_ = 0;
  /// Bias; gain of coherence; channel; log probability of what was read, in its context, alone, and of the candidate
  /// alone; by how much the longest n-gram the corpus has of it is longer; how long that is; log(1 + how often the
  /// candidate was misread); by how much the longest word with it is longer; whether only the language proposes it.
  std::array<float, 11> weights_{};
  /// Of how often the text has the candidate beside its neighbours; and beside them what was read, elsewhere.
  std::array<float, 2> weights_safe_{};
  /// Of the model of captions: gain; by how much the candidate is more frequent. Of what either model says: gain; what
  /// it says of the text on average. Whether the candidate was read so anywhere. What either model says of the text
  /// nearby on average, as it was read.
  std::array<float, 6> captions_weights_{};
  std::size_t nearby_ = 0;                  ///< so many characters on each side
  std::optional<CoherenceModel> captions_;  ///< for the best guess
  float unlisted_ = 0, rare_ = 0;
  MarkConfusions marks_;
  std::vector<std::string> protected_, cited_;  ///< the former in order
  std::vector<std::size_t> protected_lengths_;  ///< bytes that one of them has, in order
  std::optional<Confusions> own_confusions_;    ///< those of the user's rules
  std::optional<Words> own_words_;              ///< those of the user's rules or model
  std::optional<MisreadWords> own_misread_words_;
};

}  // namespace inkwash::stages::ocr
