// inkwash/chain.h - stages in a row, applied to documents.
//
//     auto chain = inkwash::Chain::make("default", inkwash::builtin_stages(), inkwash::Rules{});
//     if (!chain) return report(chain.error());        // every mistake, not only the first
//     auto document = inkwash::Document::from_bytes(bytes);
//     if (auto done = chain->run(*document); !done) return report(done.error());
//     write(document->text());
//
// A Chain is immutable after it is made: run() may be called from any number of threads at once on
// different documents. Movable, not copyable.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/stage.h"

namespace inkwash {

/// A chain as it is written down: stages with their options, in order.
struct ChainSpec {
  struct Step {
    std::string stage;
    StageOptions options;
  };
  std::string name;
  std::string summary;
  std::vector<Step> steps;

  /// `what` is the name of a chain in rules/chains/, the path of a TOML file (it ends in ".toml"),
  /// or a list of stages ("decode,spaces,wraps"; options as "script:config=t2s:protect=FILE").
  [[nodiscard]] static expected<ChainSpec, ConfigErrors> parse(std::string_view what, const Rules& rules);
  /// A list of stages only: also where a chain has the name of a stage, as `ocr` has.
  [[nodiscard]] static expected<ChainSpec, ConfigErrors> of_stages(std::string_view list);
  /// Sets an option of every step of that stage; false where the chain has no such stage.
  bool set(std::string_view stage, std::string_view option, std::string_view value);
};

/// What was read and done where a text was cleaned piece by piece.
struct Tally {
  std::uint64_t bytes_read = 0, characters_read = 0;
  std::uint64_t characters_written = 0;
  std::vector<RuleCount> counts;  ///< each rule once, in no order
};

class Chain {
 public:
  /// Error: every unknown stage, unknown option, bad value and unreadable rules file.
  [[nodiscard]] static expected<Chain, ConfigErrors> make(const ChainSpec& spec, const Registry& registry,
                                                          const Rules& rules);
  [[nodiscard]] static expected<Chain, ConfigErrors> make(std::string_view what, const Registry& registry,
                                                          const Rules& rules);

  /// Runs all stages. Those whose scope allows it (see Scope) are shown the parts of a document of several pages, or of
  /// more than 512 KiB, on the threads of the caller's TBB arena; what comes out does not depend on their number.
  /// Error: a stage broke its word (see Effect) or proposed nonsense, or the text is not UTF-8 and no stage decodes it;
  /// the document then holds what it held before that stage.
  expected<void, Error> run(Document& document) const;

  /// Whether run_by_lines() can be asked: no stage looks beyond a line, but for a first one that decodes.
  [[nodiscard]] bool looks_at_lines_alone() const noexcept;
  /// The next bytes of a text, at most as many as there is room for; their number, 0 at its end. Error: why not.
  using Read = std::function<expected<std::size_t, std::string>(std::span<char> to)>;
  /// Takes the next part of the result. Error: why not.
  using Write = std::function<expected<void, std::string>(std::string_view part)>;
  /// The same result and counts as run()'s for a text that need not be held as a whole: it is read, cleaned and written
  /// in pieces of whole lines of about `piece_size` bytes, which a core's own cache holds, on the threads of the
  /// caller's TBB arena. `read` and `write` are each called by one thread at a time, in order. nullopt: the text has to
  /// be seen as a whole, by run(), since it is not UTF-8 throughout or there is more to tell of it than counts; what
  /// was written is void then, as it is after an error, which `read` or `write` gave. Precondition:
  /// looks_at_lines_alone(). Memory: a few MiB for each thread, and ten times the longest line.
  expected<std::optional<Tally>, std::string> run_by_lines(const Read& read, const Write& write,
                                                           std::size_t piece_size = 256 << 10) const;

  [[nodiscard]] std::span<const std::unique_ptr<const Stage>> stages() const noexcept { return stages_; }

 private:
  /// What `stage` proposes for the document, perhaps part by part.
  static void propose(const Stage& stage, const Document& document, Proposal& proposal);
  /// Lets `stage` change the document until it proposes no more.
  static expected<void, Error> run(const Stage& stage, Document& document, Proposal& proposal);
  class ByLines;

  std::vector<std::unique_ptr<const Stage>> stages_;
};

}  // namespace inkwash
