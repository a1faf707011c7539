// inkwash train: a coherence model of one's own, from clean text.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "clean_texts.h"
#include "console.h"
#include "flags.h"
#include "inkwash/coherence_training.h"
#include "inkwash/document.h"
#include "inputs.h"
#include "outputs.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

constexpr Flag flags[] = {
    {"output", 'o', "MODEL", false, "write the model there (required; -: to standard output)"},
    {"weigh", 0, "PATH=N", true, "text of the file or folder PATH counts N times (may be repeated)"},
    {"counts", 0, "FILE=N", true,
     "add the counts of another corpus, N times each: lines of n-gram, tab, count\n(may be repeated)"},
    {"ngrams", 0, "N", false, "keep so many n-grams, those that tell most (default: 2640000, a file of 16 MB)"},
    {"overwrite", 0, "", false, "replace an existing MODEL"},
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "Reads clean text in UTF-8, a paragraph a line, as `inkwash clean` writes it: files and folders, plain or\n"
    "compressed, archives and JSON Lines (of each record its \"text\"), or - (standard input); a file named twice is\n"
    "read once, --weigh makes it count more. The same files give the same model, byte for byte. `inkwash clean\n"
    "--model MODEL` decides with it what goes on with what.\n"
    "\n"
    "Exit codes: 0 done; 1 some files could not be read (the model is made of the others) or the model not\n"
    "written; 2 wrong usage.";

struct Weighed {
  std::string path;
  double weight;
};

/// PATH=N. Error: what is wrong.
expected<Weighed, std::string> weighed(const std::string& word) {
  const std::size_t sign = word.rfind('=');
  Weighed result{word.substr(0, sign), 0};
  if (sign != std::string::npos) {
    const char* const end = word.data() + word.size();
    const auto [rest, error] = std::from_chars(word.data() + sign + 1, end, result.weight);
    if (error == std::errc() && rest == end && result.weight > 0 && !result.path.empty()) return result;
  }
  return unexpected(fmt::format("{}: it is written as PATH=N, with a number above 0", printable(word)));
}

/// Whether `path` is `folder` or lies below it.
bool is_within(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
}

int run(const Arguments& arguments) {
  std::vector<std::string> errors;
  if (arguments.inputs.empty()) errors.emplace_back("train takes files and folders of clean text");
  if (!arguments.has("output")) errors.emplace_back("say where the model goes with -o MODEL");
  std::vector<Weighed> weights, tables;
  for (const auto& [flag, list] : {std::pair{"weigh", &weights}, std::pair{"counts", &tables}})
    for (const std::string& word : arguments.all(flag)) {
      auto one = weighed(word);
      std::error_code ignored;
      if (!one)
        errors.push_back(fmt::format("--{} {}", flag, one.error()));
      else if (!fs::exists(one->path, ignored))
        errors.push_back(fmt::format("--{} {}: no such file or folder", flag, printable(one->path)));
      else
        list->push_back(std::move(*one));
    }
  std::size_t ngrams = CoherenceTraining::shipped_size;
  if (arguments.has("ngrams")) {
    const std::string_view word = arguments.value("ngrams");
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), ngrams);
    if (error != std::errc() || rest != word.data() + word.size() || ngrams == 0)
      errors.push_back(fmt::format("--ngrams {}: that is no number above 0", printable(word)));
  }
  const fs::path output(arguments.value("output"));
  check_output(arguments, "model", errors);
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    tell("inkwash: `inkwash train --help` explains it\n");
    return exit_usage;
  }

  int code = exit_done;
  const auto fail = [&](const std::string& path, std::string_view reason) {
    tell("inkwash: {}: {}\n", printable(path), reason);
    code = exit_failures;
  };
  CoherenceTraining training;
  std::size_t files = 0;
  read_clean_texts(arguments, fail, [&](const fs::path& path, std::string_view text) {
    double weight = 1;
    for (const Weighed& one : weights)
      if (is_within(path, one.path)) weight = one.weight;
    training.add_text(text, weight);
    ++files;
  });
  for (const Weighed& table : tables) {
    const auto text = read_all(table.path, max_document_bytes);
    const auto added = text ? training.add_counts(*text, table.weight) : unexpected(text.error());
    if (!added) fail(table.path, added.error());
  }
  const std::string model = training.model(ngrams);
  if (model.empty()) {
    fail(output.native(), "there was no text to make a model of");
    return code;
  }
  if (output == "-") {
    if (const int printed = print(model); printed != exit_done) return printed;
  } else if (const auto written = write_file(output, model, arguments.has("overwrite")); !written) {
    fail(output.native(), written.error());
    return code;
  }
  tell("{} files, {} characters in {} paragraphs; {} bytes\n", files, training.characters(), training.paragraphs(),
       model.size());
  return code;
}

}  // namespace

const Command train_command{
    "train", "[flags] FILE|FOLDER...", "make a coherence model of your own from clean text", flags, notes, run};

}  // namespace inkwash::cli
