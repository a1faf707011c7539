// inkwash restore: the source of a cleaned text, from the log of what was done to it.
#include <fmt/format.h>

#include <filesystem>

#include "console.h"
#include "flags.h"
#include "inkwash/log.h"
#include "inkwash/range.h"
#include "inputs.h"
#include "outputs.h"

namespace inkwash::cli {
namespace {

constexpr Flag flags[] = {
    {"edits", 0, "LOG", false, "the log (default: OUT.edits.jsonl, where `inkwash clean --edits` puts it)"},
    {"output", 'o', "FILE", false, "write the source there (default: standard output)"},
    {"overwrite", 0, "", false, "replace an existing FILE"},
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "Rebuilds what OUT was made from byte for byte, whatever its encoding and line ends. A log that does\n"
    "not fit OUT is refused with the first place where it fails, and nothing is written.\n"
    "\n"
    "Exit codes: 0 done; 1 it can't be restored (why is said); 2 wrong usage.";

int run(const Arguments& arguments) {
  if (arguments.inputs.size() != 1) {
    tell("inkwash: restore takes one cleaned text; `inkwash restore --help` explains it\n");
    return exit_usage;
  }
  const std::string& name = arguments.inputs.front();
  const std::string log_name(arguments.value("edits", log_of(name).native()));
  const auto fail = [](const std::string& of, std::string_view reason) {
    tell("inkwash: {}: {}\n", printable(of), reason);
    return exit_failures;
  };
  const auto text = read_all(name, max_document_bytes);
  if (!text) return fail(name, text.error());
  const auto log_text = read_all(log_name, max_document_bytes);
  if (!log_text) return fail(log_name, log_text.error());
  const auto log = Log::parse(*log_text);
  if (!log) return fail(log_name, fmt::format("byte {}: {}", log.error().byte_offset, log.error().message));
  const auto source = log->restore(*text);
  if (!source) return fail(name, fmt::format("byte {}: {}", source.error().byte_offset, source.error().message));
  if (!arguments.has("output")) return print(*source);
  const std::string output(arguments.value("output"));
  if (const auto written = write_file(output, *source, arguments.has("overwrite")); !written)
    return fail(output, written.error());
  return exit_done;
}

}  // namespace

const Command restore_command{"restore", "[flags] OUT", "rebuild the source of a cleaned text from its log",
                              flags,     notes,         run};

}  // namespace inkwash::cli
