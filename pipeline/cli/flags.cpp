#include "flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstring>

#include "console.h"

namespace inkwash::cli {
namespace {

namespace po = boost::program_options;

std::string spelled(const Flag& flag) {
  std::string text =
      flag.letter != 0 ? fmt::format("-{}, --{}", flag.letter, flag.name) : fmt::format("    --{}", flag.name);
  if (!flag.value.empty()) text += fmt::format(" {}", flag.value);
  return text;
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    for (std::size_t j = 0; j <= candidate.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t substituted = diagonal + (word[i - 1] != candidate[j - 1]);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

expected<Arguments, std::vector<std::string>> parse(const Command& command, std::span<char* const> words) {
  po::options_description options;
  std::vector<std::string_view> names;
  for (const Flag& flag : command.flags) {
    const std::string name = flag.letter != 0 ? fmt::format("{},{}", flag.name, flag.letter) : std::string(flag.name);
    names.push_back(flag.name);
    if (flag.value.empty())
      options.add_options()(name.c_str(), "");
    else
      options.add_options()(name.c_str(), po::value<std::vector<std::string>>()->composing(), "");
  }
  std::vector<std::string> rest(words.begin(), words.end());
  // Everything after -- is an input, also what looks like a flag.
  std::vector<std::string> after;
  if (const auto dashes = std::find(rest.begin(), rest.end(), "--"); dashes != rest.end()) {
    after.assign(dashes + 1, rest.end());
    rest.erase(dashes, rest.end());
  }

  Arguments arguments;
  std::vector<std::string> errors;
  try {
    const po::parsed_options parsed =
        po::command_line_parser(rest)
            .options(options)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .allow_unregistered()
            .run();
    for (const auto& option : parsed.options) {
      if (option.position_key != -1 || option.string_key.empty()) {
        arguments.inputs.insert(arguments.inputs.end(), option.value.begin(), option.value.end());
        continue;
      }
      const auto flag = std::find_if(command.flags.begin(), command.flags.end(),
                                     [&](const Flag& f) { return f.name == option.string_key; });
      if (option.unregistered || flag == command.flags.end()) {
        const std::string_view close = nearest(option.string_key, names);
        errors.push_back(fmt::format("there is no flag {}{}", option.original_tokens.front(),
                                     close.empty() ? std::string() : fmt::format("; did you mean --{}?", close)));
        continue;
      }
      auto& values = arguments.values[std::string(flag->name)];
      values.insert(values.end(), option.value.begin(), option.value.end());
      if (!flag->repeats && values.size() > 1)
        errors.push_back(fmt::format("--{} is given more than once", flag->name));
    }
  } catch (const po::error& error) {
    errors.emplace_back(error.what());
  }
  arguments.inputs.insert(arguments.inputs.end(), after.begin(), after.end());
  if (!errors.empty()) return unexpected(std::move(errors));
  return arguments;
}

int print(std::string_view text) {
  const int error = put(text);
  if (error == 0 || error == EPIPE) return exit_done;
  tell("inkwash: standard output: {}\n", std::strerror(error));
  return exit_failures;
}

std::string help(const Command& command) {
  std::string text = fmt::format("usage: inkwash {} {}\n\n{}\n", command.name, command.arguments, command.summary);
  if (!command.flags.empty()) text += "\n";
  for (const Flag& flag : command.flags) {
    const std::string left = spelled(flag);
    text += left.size() <= 26 ? fmt::format("  {:<27}", left) : fmt::format("  {}\n{:29}", left, "");
    // Help is wrapped by hand in the table; further lines are set under the first.
    for (const char c : flag.help) {
      text += c;
      if (c == '\n') text += std::string(29, ' ');
    }
    text += '\n';
  }
  if (!command.notes.empty()) text += fmt::format("\n{}\n", command.notes);
  return text;
}

}  // namespace inkwash::cli
