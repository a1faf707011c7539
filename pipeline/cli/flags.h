// One declaration of each flag feeds the parser, --help and the manual.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"

namespace inkwash::cli {

struct Flag {
  std::string_view name;   ///< long name without dashes
  char letter;             ///< short name, or 0
  std::string_view value;  ///< name of its value in --help; empty: a switch
  bool repeats;
  std::string_view help;
};

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
  std::span<const Flag> flags;
  std::string_view notes;  ///< printed below the flags
  int (*run)(const struct Arguments& arguments);
};

/// What the user typed, parsed; every value as text.
struct Arguments {
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::vector<std::string> inputs;

  [[nodiscard]] bool has(std::string_view flag) const { return values.contains(flag); }
  [[nodiscard]] std::string_view value(std::string_view flag, std::string_view otherwise = {}) const {
    const auto found = values.find(flag);
    return found == values.end() || found->second.empty() ? otherwise : std::string_view(found->second.back());
  }
  [[nodiscard]] std::span<const std::string> all(std::string_view flag) const {
    const auto found = values.find(flag);
    return found == values.end() ? std::span<const std::string>() : found->second;
  }
};

/// Parses the words after a command. Error: every mistake, one a line.
[[nodiscard]] expected<Arguments, std::vector<std::string>> parse(const Command& command, std::span<char* const> words);

[[nodiscard]] std::string help(const Command& command);

/// The candidate nearest to a mistyped word, or empty.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// Exit codes, documented in --help.
inline constexpr int exit_done = 0;
inline constexpr int exit_failures = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_interrupted = 130;

/// Prints a command's result. Returns its exit code: a reader that has gone away wanted no more.
[[nodiscard]] int print(std::string_view text);

extern const Command clean_command;
extern const Command explain_command;
extern const Command report_command;
extern const Command restore_command;
extern const Command stages_command;
extern const Command train_command;
extern const Command words_command;

}  // namespace inkwash::cli
