// inkwash/diagnostic.h - what inkwash has to say about a text, and errors.
//
// The library never logs. Whatever a stage noticed and did not (or could not) repair becomes a
// Diagnostic of the document; what stops a document becomes an Error.
// Value types; no thread safety of their own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inkwash/range.h"

namespace inkwash {

enum class Severity : std::uint8_t {
  note,     ///< evidence was weak, the original was kept
  warning,  ///< something was lost before inkwash saw it (invalid bytes, a wrong decoding)
};

struct Diagnostic {
  Severity severity = Severity::note;
  std::string_view stage;  ///< name of the stage; static storage
  std::string_view rule;   ///< id of the rule; static storage
  SourceRange where;       ///< bytes of the source it speaks of; empty at 0: the whole document
  std::string message;     ///< one sentence: what was found and, if there is something, what to do
};

/// Why a document (or a configuration) could not be processed.
struct Error {
  std::string message;            ///< one sentence without the file's name
  std::uint64_t byte_offset = 0;  ///< of the source; 0 where it speaks of the whole
};

}  // namespace inkwash
