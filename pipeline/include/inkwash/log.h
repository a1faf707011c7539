// inkwash/log.h - the log of what was done to one document, and the way back.
//
//     auto document = inkwash::Document::from_bytes(bytes, inkwash::Account::edits);
//     chain->run(*document);
//     const std::string log = inkwash::write_log(*document, {.name = "page.txt"});
//     ...
//     auto read = inkwash::Log::parse(log);
//     auto bytes_again = read->restore(text);          // byte for byte, or why not
//
// JSON Lines: a header, a line for each step (what one stage did in one go), a line for each diagnostic, one
// with the kinds of the paragraphs; rules/edit-log.schema.json describes them. Places are relative to the edit before,
// so that the log of an ordinary page is smaller than the page.
//
// Functions are pure; values are independent of each other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "inkwash/expected.h"
#include "inkwash/stage.h"

namespace inkwash {

inline constexpr int log_version = 1;

/// What the header says beside what the document knows.
struct LogInfo {
  std::string_view name = {};     ///< of the source
  std::string_view program = {};  ///< which version made it
  bool newline_added = false;     ///< the text was written with a newline at its end that it did not have
  double quality = 0;             ///< see quality.h
};

/// The log of a document that was made with Account::edits. Valid UTF-8, each line with its LF.
[[nodiscard]] std::string write_log(const Document& document, const LogInfo& info);

/// An edit of a log. `before` and `after` are what was replaced and by what.
struct LoggedEdit {
  TextRange range;  ///< of the text before the step
  SourceRange source;
  std::uint32_t rule;        ///< index in LoggedStep::rules
  std::uint8_t confidence;   ///< percent
  bool encoded;              ///< `after` is not in the log: it is `before` in the source's encoding
  ByteOffset before, after;  ///< where they begin in LoggedStep::texts
  ByteOffset after_size;
};

struct LoggedStep {
  std::string stage;
  ByteOffset size_before = 0, size_after = 0;
  std::vector<std::string> rules;
  std::vector<LoggedEdit> edits;
  std::vector<AppliedMove> order;  ///< empty: nothing moved
  std::string order_rule;
  std::uint8_t order_confidence = 100;
  std::string texts;

  [[nodiscard]] std::string_view before(const LoggedEdit& edit) const noexcept {
    return edit.encoded ? std::string_view() : std::string_view(texts).substr(edit.before, edit.range.size());
  }
  [[nodiscard]] std::string_view after(const LoggedEdit& edit) const noexcept {
    return edit.encoded ? std::string_view() : std::string_view(texts).substr(edit.after, edit.after_size);
  }
};

struct LoggedDiagnostic {
  Severity severity;
  std::string stage, rule, message;
  SourceRange source;
};

struct Log {
  std::string name, program, encoding;
  std::uint64_t source_bytes = 0, source_hash = 0, text_bytes = 0, text_hash = 0;  ///< hashes: XXH3
  std::vector<std::uint32_t> blocks;  ///< hashes of the text's blocks of 1 KiB
  bool newline_added = false;
  double quality = 0;
  std::vector<LoggedStep> steps;
  std::vector<LoggedDiagnostic> diagnostics;
  std::string kinds;  ///< a letter for each line of the text that is not blank: what it is

  /// Error: what is wrong with the log, at which byte of it.
  [[nodiscard]] static expected<Log, Error> parse(std::string_view text);

  /// The source of the text that was written with this log, byte for byte. Error: the first place of
  /// `text` (in bytes) where they do not fit each other.
  [[nodiscard]] expected<std::string, Error> restore(std::string_view text) const;
  /// The text before each step and after the last, the source first: one more than there are steps.
  [[nodiscard]] expected<std::vector<std::string>, Error> versions(std::string_view text) const;
  /// The document as it was when `text` was written. Error: as of restore(), or a stage or rule that `registry` does
  /// not have.
  [[nodiscard]] expected<Document, Error> replay(std::string_view text, const Registry& registry) const;

 private:
  template <typename Take>
  expected<std::string, Error> unwind(std::string_view text, const Take& take) const;
};

}  // namespace inkwash
