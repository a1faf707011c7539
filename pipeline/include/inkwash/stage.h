// inkwash/stage.h - what a stage is, how it is configured, and the list of stages.
//
//     class DropAds final : public inkwash::Stage {
//      public:
//       const inkwash::StageInfo& info() const noexcept override { return ads_info; }
//       void propose(const inkwash::Document& document, inkwash::Proposal& proposal) const override;
//     };
//
// Stages hold no mutable state: propose() is const and is called from many threads at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/edit.h"
#include "inkwash/expected.h"
#include "inkwash/rule_table.h"

namespace inkwash {

/// One option of a stage; one declaration feeds the parser, `inkwash stages` and the manual.
struct OptionInfo {
  std::string_view name;           ///< e.g. "config"
  std::string_view default_value;  ///< as text
  std::string_view summary;
};

/// How far a stage looks for what it decides. A document of several pages (see Document::pages) or a long one (see
/// Chain::run) is shown to a stage in parts that are cut where it would decide the same, or better: no columns go from
/// one page to the next.
enum class Scope : std::uint8_t {
  document,  ///< as far as the document goes: it is shown whole
  article,   ///< articles and what stands beside them
  page,      ///< what is on a page
  lines,     ///< its line, and what most lines are like
  line,      ///< its line alone
};

struct StageInfo {
  std::string_view name;     ///< unique; also the name of its files in stages/ and tests/stages/
  std::string_view summary;  ///< one line
  std::span<const RuleInfo> rules;
  std::span<const OptionInfo> options;
  /// The chain calls a stage again on its own result until it proposes no change of the text, at
  /// most this often.
  std::uint8_t rounds = 1;
  /// Takes any bytes and leaves valid UTF-8. The chain gives other stages valid UTF-8 only.
  bool decodes = false;
  Scope scope = Scope::document;
};

/// A mistake in a configuration: where (a file or flag with its place) and what to do.
struct ConfigError {
  std::string where;
  std::string message;

  bool operator==(const ConfigError&) const = default;
};
using ConfigErrors = std::vector<ConfigError>;  ///< never empty when returned as an error

/// Option values by name, as text. Unknown names are an error of the chain, not of the stage.
using StageOptions = std::map<std::string, std::string, std::less<>>;

/// What a rules file holds; not copied where it is built in. Copyable, cheaply; what view() shows lives as long as a
/// copy does, and is followed by a NUL.
class RuleText {
 public:
  /// Of text that lives forever.
  explicit RuleText(std::string_view built_in) : view_(built_in) {}
  explicit RuleText(std::string text) : owned_(std::make_shared<const std::string>(std::move(text))), view_(*owned_) {}
  [[nodiscard]] std::string_view view() const noexcept { return view_; }

 private:
  std::shared_ptr<const std::string> owned_;
  std::string_view view_;
};

/// The reviewed data of rules/: built into the library, overridden file by file from a folder.
/// Immutable after construction, safe to share between threads; copyable.
class Rules {
 public:
  /// The rules built into the library.
  Rules() = default;
  /// The same, but a file that exists in `folder` is taken from there.
  explicit Rules(std::string folder) : folder_(std::move(folder)) {}

  /// The same, but the file `name` is taken from `path`, for example a coherence model of one's own.
  [[nodiscard]] Rules with(std::string name, std::string path) const;

  /// Where a rules file lies that is not the built-in one; empty: it is built in, or there is none.
  [[nodiscard]] std::string path_of(std::string_view name) const;
  /// Contents of a rules file, e.g. "leads.tsv": valid UTF-8. Error: no such file, or it can't be read, or is no
  /// UTF-8. Of TOML files that are built in there is only the table.
  [[nodiscard]] expected<RuleText, ConfigError> file(std::string_view name) const;
  /// A TOML file, e.g. "furniture.toml". Error: as of file(), or it is no TOML.
  [[nodiscard]] expected<RuleTable, ConfigError> table(std::string_view name) const;
  /// Of the contents of all files: another where one of them is another.
  [[nodiscard]] std::uint64_t digest() const;
  /// Names of all files whose name begins with `prefix`, sorted ("chains/").
  [[nodiscard]] std::vector<std::string> names(std::string_view prefix = {}) const;

 private:
  [[nodiscard]] static expected<std::string, ConfigError> read(const std::string& path);

  std::string folder_;
  std::map<std::string, std::string, std::less<>> paths_;
};

class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  [[nodiscard]] virtual const StageInfo& info() const noexcept = 0;
  /// How far it looks with the options it has.
  [[nodiscard]] virtual Scope scope() const noexcept { return info().scope; }

  /// Of a stage that decodes: whether it has nothing to say of a text, as far as the part of it shows that begins at
  /// `begin` (the parts end at line ends). Where it says so of each part it proposes nothing for the text as a whole.
  /// Thread-safe.
  [[nodiscard]] virtual bool passes([[maybe_unused]] std::string_view part, [[maybe_unused]] std::size_t begin) const {
    return false;
  }

  /// Looks at the document and says what to do. Thread-safe. The text is valid UTF-8 unless the
  /// stage `decodes`. May throw std::bad_alloc only.
  virtual void propose(const Document& document, Proposal& proposal) const = 0;
};

using StageFactory = expected<std::unique_ptr<const Stage>, ConfigErrors> (*)(const StageOptions&, const Rules&);

struct StageEntry {
  const StageInfo* info;
  StageFactory make;
};

/// A list of stages by name. A duplicate name is an error. Copyable; const use is thread-safe.
class Registry {
 public:
  /// Error: a stage of that name is there already.
  expected<void, ConfigError> add(StageEntry entry);
  [[nodiscard]] const StageEntry* find(std::string_view name) const noexcept;
  [[nodiscard]] std::span<const StageEntry> entries() const noexcept { return entries_; }

 private:
  std::vector<StageEntry> entries_;
};

/// The stages that come with inkwash, in the order of the default chain.
[[nodiscard]] const Registry& builtin_stages();

}  // namespace inkwash
