// inkwash stages: the stages and chains with their rules and options.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "chain_flags.h"
#include "console.h"
#include "flags.h"
#include "inkwash/chain.h"

namespace inkwash::cli {
namespace {

constexpr Flag flags[] = {
    {"json", 0, "", false, "as JSON"},
    rules_flag,
    {"help", 'h', "", false, "print this"},
};

std::string_view name_of_effect(Effect effect) {
  switch (effect) {
    case Effect::space: return "white space";
    case Effect::drop: return "drops";
    case Effect::character: return "characters";
    case Effect::move: return "moves";
    case Effect::label: return "labels";
    case Effect::note: return "notes";
  }
  return "";
}

int run(const Arguments& arguments) {
  std::vector<std::string> errors;
  const Rules rules = chain_rules(arguments, errors);
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    return exit_usage;
  }
  nlohmann::ordered_json json{{"stages", nlohmann::ordered_json::array()}, {"chains", nlohmann::ordered_json::array()}};
  for (const StageEntry& entry : builtin_stages().entries()) {
    nlohmann::ordered_json stage{{"name", entry.info->name}, {"summary", entry.info->summary}};
    for (const RuleInfo& rule : entry.info->rules)
      stage["rules"].push_back({{"id", rule.id}, {"summary", rule.summary}, {"changes", name_of_effect(rule.effect)}});
    for (const OptionInfo& option : entry.info->options)
      stage["options"].push_back(
          {{"name", option.name}, {"default", option.default_value}, {"summary", option.summary}});
    json["stages"].push_back(std::move(stage));
  }
  for (const std::string& file : rules.names("chains/")) {
    const std::string name = file.substr(7, file.size() - 7 - 5);
    const auto spec = ChainSpec::parse(name, rules);
    if (!spec) {
      for (const ConfigError& error : spec.error()) tell("inkwash: {}: {}\n", error.where, error.message);
      return exit_usage;
    }
    std::string steps;
    for (const ChainSpec::Step& step : spec->steps) {
      steps += steps.empty() ? step.stage : "," + step.stage;
      for (const auto& [option, value] : step.options) steps += fmt::format(":{}={}", option, value);
    }
    json["chains"].push_back({{"name", name}, {"summary", spec->summary}, {"steps", steps}});
  }
  if (arguments.has("json")) {
    return print(json.dump(2) + "\n");
  }
  std::string text = fmt::format("Stages (--stages A,B,C makes a chain of them; options as NAME:OPTION=VALUE)\n");
  for (const auto& stage : json["stages"]) {
    text += fmt::format("\n  {:<12}{}\n", stage["name"].get<std::string>(), stage["summary"].get<std::string>());
    if (stage.contains("options"))
      for (const auto& option : stage["options"])
        text += fmt::format("      option {:<22}{} (default: {})\n", option["name"].get<std::string>(),
                            option["summary"].get<std::string>(), option["default"].get<std::string>());
    for (const auto& rule : stage["rules"])
      text += fmt::format("      rule   {:<22}{} ({})\n", rule["id"].get<std::string>(),
                          rule["summary"].get<std::string>(), rule["changes"].get<std::string>());
  }
  text += fmt::format("\nChains (--chain NAME)\n\n");
  for (const auto& chain : json["chains"])
    text += fmt::format("  {:<12}{}\n              {}\n", chain["name"].get<std::string>(),
                        chain["summary"].get<std::string>(), chain["steps"].get<std::string>());
  return print(text);
}

}  // namespace

const Command stages_command{"stages", "[--json]", "list stages and chains with their options", flags, "", run};

}  // namespace inkwash::cli
