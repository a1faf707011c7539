// inkwash words: the names and terms of a folder of one's own, as a protected list.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>

#include "clean_texts.h"
#include "console.h"
#include "flags.h"
#include "inkwash/recurring_words.h"
#include "outputs.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t default_texts = 3;

constexpr Flag flags[] = {
    {"output", 'o', "FILE", false, "write the list there (default, and -: standard output)"},
    {"texts", 0, "N", false, "only words that are in at least so many texts (default: 3)"},
    {"overwrite", 0, "", false, "replace an existing FILE"},
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "Reads clean text in UTF-8, as `inkwash clean --ocr off` writes it: files and folders, plain or compressed, "
    "archives\n"
    "and JSON Lines (of each record its \"text\"), or - (standard input); a file named twice is read once. Lists "
    "names,\n"
    "places and terms, a word a line, the most frequent first: words of two to four ideographs that recur across the\n"
    "texts, that "
    "newspapers at large don't have, and that don't look like another word that is as frequent. Look it through; as\n"
    "protected.tsv in the folder of `inkwash clean --rules` no word of it is taken for misread. A text is cleaned by\n"
    "that list and itself alone, whatever stands beside it.\n"
    "\n"
    "Exit codes: 0 done; 1 some files could not be read (the list is made of the others) or the list not\n"
    "written; 2 wrong usage.";

int run(const Arguments& arguments) {
  std::vector<std::string> errors;
  if (arguments.inputs.empty()) errors.emplace_back("words takes files and folders of clean text");
  std::uint32_t least_texts = default_texts;
  if (arguments.has("texts")) {
    const std::string_view word = arguments.value("texts");
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), least_texts);
    if (error != std::errc() || rest != word.data() + word.size() || least_texts == 0)
      errors.push_back(fmt::format("--texts {}: that is no number above 0", printable(word)));
  }
  const fs::path output(arguments.value("output"));
  check_output(arguments, "list", errors);
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    tell("inkwash: `inkwash words --help` explains it\n");
    return exit_usage;
  }

  int code = exit_done;
  const auto fail = [&](const std::string& path, std::string_view reason) {
    tell("inkwash: {}: {}\n", printable(path), reason);
    code = exit_failures;
  };
  RecurringWords collection;
  read_clean_texts(arguments, fail, [&](const fs::path&, std::string_view text) { collection.add_text(text); });
  if (collection.texts() == 0) {
    tell("inkwash: there was no text to list words of\n");
    return exit_failures;
  }
  const auto words = collection.words(least_texts);
  std::string list =
      fmt::format("# Words that recur in {} texts, each in at least {}, by `inkwash words`. Never taken for misread.\n",
                  collection.texts(), least_texts);
  for (const RecurringWords::Word& word : words) list += word.text + "\n";
  if (output.empty() || output == "-") {
    if (const int printed = print(list); printed != exit_done) return printed;
  } else if (const auto written = write_file(output, list, arguments.has("overwrite")); !written) {
    fail(output.native(), written.error());
    return code;
  }
  tell("{} texts, {} words\n", collection.texts(), words.size());
  return code;
}

}  // namespace

const Command words_command{"words",
                            "[flags] FILE|FOLDER...",
                            "list the names and terms that recur in your texts, to protect them",
                            flags,
                            notes,
                            run};

}  // namespace inkwash::cli
