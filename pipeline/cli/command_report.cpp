// inkwash report: the HTML report of texts that were cleaned with their logs.
#include <fmt/format.h>

#include <filesystem>

#include "chain_flags.h"
#include "console.h"
#include "flags.h"
#include "inkwash/chain.h"
#include "inkwash/log.h"
#include "inputs.h"
#include "outputs.h"
#include "report.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

constexpr Flag flags[] = {
    {"output", 'o', "DIR", false, "write the report there: DIR/index.html and a page for each text (required)"},
    {"overwrite", 0, "", false, "replace a report that is there"},
    rules_flag,
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "CLEANED is a folder that `inkwash clean --edits` wrote, or a cleaned text with its log beside it. The\n"
    "report is complete in itself: it needs no network and no other file.\n"
    "\n"
    "Exit codes: 0 done; 1 some texts could not be shown (the others are); 2 wrong usage.";

int run(const Arguments& arguments) {
  std::vector<std::string> errors;
  if (arguments.inputs.empty()) errors.emplace_back("no input; name folders that `inkwash clean --edits` wrote");
  if (!arguments.has("output")) errors.emplace_back("the report needs a folder: -o DIR");
  std::vector<InputName> inputs;
  for (const std::string& input : arguments.inputs) {
    std::error_code error;
    if (!fs::exists(input, error)) errors.push_back(fmt::format("{}: no such file or folder", printable(input)));
    inputs.push_back({input});
  }
  const Rules rules = chain_rules(arguments, errors);
  const auto judge = Judge::make(rules);
  if (!judge)
    for (const ConfigError& error : judge.error()) errors.push_back(fmt::format("{}: {}", error.where, error.message));
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    tell("inkwash: `inkwash report --help` explains the flags\n");
    return exit_usage;
  }
  const fs::path output = std::string(arguments.value("output"));
  auto report = Report::open(output, rules, arguments.has("overwrite"));
  if (!report) {
    tell("inkwash: {}\n", report.error());
    return exit_usage;
  }
  int code = exit_done;
  const auto fail = [&](const std::string& name, std::string_view reason) {
    tell("inkwash: {}: {}\n", printable(name), reason);
    code = exit_failures;
  };
  Walk walk(std::move(inputs), {{}, {}, output}, fail);
  std::size_t shown = 0;
  while (const auto file = walk.next()) {
    const fs::path log_path = log_of(file->path);
    std::error_code error;
    if (!fs::exists(log_path, error)) {
      if (file->named) fail(file->path.native(), "it has no log beside it; clean it with --edits");
      continue;
    }
    const auto text = read_all(file->path, max_document_bytes);
    const auto log_text = read_all(log_path, max_document_bytes);
    if (!text || !log_text) {
      fail(text ? log_path.native() : file->path.native(), text ? log_text.error() : text.error());
      continue;
    }
    const auto log = Log::parse(*log_text);
    if (!log) {
      fail(log_path.native(), fmt::format("byte {}: {}", log.error().byte_offset, log.error().message));
      continue;
    }
    const auto document = log->replay(*text, builtin_stages());
    if (!document) {
      fail(file->path.native(), fmt::format("byte {}: {}", document.error().byte_offset, document.error().message));
      continue;
    }
    auto entry = (*report)->write_page(*document, log->name, file->relative, judge->judge(*document));
    if (!entry) {
      fail(file->path.native(), entry.error());
      continue;
    }
    (*report)->add(std::move(*entry));
    ++shown;
  }
  if (const auto written = (*report)->write_index(); !written) fail(output.native(), written.error());
  if (shown == 0) fail(arguments.inputs.front(), "no text with a log beside it; clean with --edits");
  return code;
}

}  // namespace

const Command report_command{
    "report", "-o DIR CLEANED...", "show what was done in a browser, from the logs", flags, notes, run};

}  // namespace inkwash::cli
