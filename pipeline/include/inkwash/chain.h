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

#include <memory>
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

class Chain {
 public:
  /// Error: every unknown stage, unknown option, bad value and unreadable rules file.
  [[nodiscard]] static expected<Chain, ConfigErrors> make(const ChainSpec& spec, const Registry& registry,
                                                          const Rules& rules);
  [[nodiscard]] static expected<Chain, ConfigErrors> make(std::string_view what, const Registry& registry,
                                                          const Rules& rules);

  /// Runs all stages. Those whose scope allows it (see Scope) are shown the parts of a document of several pages, or of
  /// more than 512 KiB, on the threads of the caller's TBB arena; what comes out does not depend on their number. Error:
  /// a stage broke its word (see Effect) or proposed nonsense, or the text is not UTF-8 and no stage decodes it; the
  /// document then holds what it held before that stage.
  expected<void, Error> run(Document& document) const;

  [[nodiscard]] std::span<const std::unique_ptr<const Stage>> stages() const noexcept { return stages_; }

 private:
  /// What `stage` proposes for the document, perhaps part by part.
  static void propose(const Stage& stage, const Document& document, Proposal& proposal);

  std::vector<std::unique_ptr<const Stage>> stages_;
};

}  // namespace inkwash
