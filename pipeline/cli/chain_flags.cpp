#include "chain_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "outputs.h"

namespace inkwash::cli {
namespace {

bool is_chain(std::string_view name, const Rules& rules) {
  const std::vector<std::string> chains = rules.names("chains/");
  return std::find(chains.begin(), chains.end(), fmt::format("chains/{}.toml", name)) != chains.end();
}

}  // namespace

Rules chain_rules(const Arguments& arguments, std::vector<std::string>& errors) {
  const std::string folder(arguments.value("rules"));
  std::error_code error;
  if (arguments.has("rules") && !std::filesystem::is_directory(folder, error))
    errors.push_back(
        fmt::format("--rules {}: {}", printable(folder),
                    std::filesystem::exists(folder, error) ? "this is no folder" : "there is no such folder"));
  const Rules rules(folder);
  return arguments.has("model") ? rules.with("model/news.icm", std::string(arguments.value("model"))) : rules;
}

expected<ChainSpec, ConfigErrors> chain_spec(const Arguments& arguments, const Rules& rules) {
  auto spec = arguments.has("stages") ? ChainSpec::of_stages(arguments.value("stages"))
                                      : ChainSpec::parse(arguments.value("chain", "default"), rules);
  if (!spec) return spec;
  if (arguments.has("stages")) {
    ConfigErrors errors;
    for (const ChainSpec::Step& step : spec->steps)
      if (builtin_stages().find(step.stage) == nullptr && is_chain(step.stage, rules))
        errors.push_back({"--stages", fmt::format("{0} is a chain, not a stage: --chain {0}", step.stage)});
    if (!errors.empty()) return unexpected(std::move(errors));
  }
  if (arguments.has("script") && !spec->set("script", "config", arguments.value("script")))
    spec->steps.push_back({"script", {{"config", std::string(arguments.value("script"))}}});
  if (arguments.has("punctuation") && !spec->set("punctuation", "quotes", arguments.value("punctuation")))
    spec->steps.push_back({"punctuation", {{"quotes", std::string(arguments.value("punctuation"))}}});
  if (arguments.has("ocr") && !spec->set("ocr", "level", arguments.value("ocr"))) {
    const auto spaces = std::find_if(spec->steps.begin(), spec->steps.end(),
                                     [](const ChainSpec::Step& step) { return step.stage == "spaces"; });
    spec->steps.insert(spaces, {"ocr", {{"level", std::string(arguments.value("ocr"))}}});
  }
  if (arguments.has("encoding") && !spec->set("decode", "encoding", arguments.value("encoding")))
    spec->steps.insert(spec->steps.begin(), {"decode", {{"encoding", std::string(arguments.value("encoding"))}}});
  return spec;
}

}  // namespace inkwash::cli
