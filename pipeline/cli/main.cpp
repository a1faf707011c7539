// inkwash COMMAND ...: finds the command and hands it its arguments.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <new>
#include <span>
#include <string_view>

#include "console.h"
#include "flags.h"

namespace {

using namespace inkwash::cli;

constexpr const Command* commands[] = {&clean_command,  &explain_command, &report_command, &restore_command,
                                       &stages_command, &train_command,   &words_command};

std::string help_of_all() {
  std::string text = fmt::format(
      "inkwash {}: turns scraped newspaper text into clean text\n\n"
      "usage: inkwash COMMAND [flags] ...\n\n",
      INKWASH_VERSION);
  for (const Command* command : commands) text += fmt::format("  {:<10}{}\n", command->name, command->summary);
  return text + "\n`inkwash COMMAND --help` explains a command. Try:  inkwash clean pages/ -o clean/\n";
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that has seen enough (| head) is no error: writes fail with EPIPE and are noticed.
  std::signal(SIGPIPE, SIG_IGN);
  // A file that grows over a limit is an error of that file.
  std::signal(SIGXFSZ, SIG_IGN);

  const std::span<char* const> words(argv + 1, argv + argc);
  if (words.empty()) {
    tell("{}", help_of_all());
    return exit_usage;
  }
  const std::string_view name = words[0];
  if (name == "--help" || name == "-h" || name == "help") {
    return print(help_of_all());
  }
  if (name == "--version" || name == "-V") {
    return print(fmt::format("inkwash {}\n", INKWASH_VERSION));
  }
  for (const Command* command : commands) {
    if (command->name != name) continue;
    const auto arguments = parse(*command, words.subspan(1));
    if (!arguments) {
      for (const std::string& error : arguments.error()) tell("inkwash: {}\n", error);
      tell("inkwash: `inkwash {} --help` lists the flags\n", name);
      return exit_usage;
    }
    if (arguments->has("help")) {
      return print(help(*command));
    }
    try {
      return command->run(*arguments);
    } catch (const std::bad_alloc&) {
      tell("inkwash: there is too little memory; give it smaller files, or fewer at once (-j 1)\n");
      return exit_failures;
    }
  }
  std::string_view names[std::size(commands)];
  for (std::size_t i = 0; i < std::size(commands); ++i) names[i] = commands[i]->name;
  const std::string_view close = nearest(name, names);
  tell("inkwash: there is no command '{}'{}; `inkwash --help` lists them\n", name,
       close.empty() ? std::string() : fmt::format(" (did you mean {}?)", close));
  return exit_usage;
}
