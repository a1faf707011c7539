#include "inkwash/chain.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "inkwash/unicode.h"

namespace inkwash {
namespace {

/// Splits at `separator`, keeping empty parts.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

expected<std::string, ConfigError> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream contents;
  contents << in.rdbuf();
  if (!in) return unexpected(ConfigError{path, "this chain file can't be read"});
  return contents.str();
}

expected<ChainSpec, ConfigErrors> parse_toml(const std::string& text, const std::string& where) {
  ChainSpec spec;
  ConfigErrors errors;
  const auto at = [&](const toml::source_region& region) { return fmt::format("{}:{}", where, region.begin.line); };
  try {
    const toml::table table = toml::parse(text, where);
    spec.name = table["name"].value_or(std::string());
    spec.summary = table["summary"].value_or(std::string());
    for (const auto& [key, value] : table)
      if (key != "name" && key != "summary" && key != "step")
        errors.push_back(
            {at(value.source()), fmt::format("unknown key '{}': a chain has name, summary and [[step]]", key.str())});
    const toml::array* steps = table["step"].as_array();
    if (steps == nullptr || steps->empty()) {
      errors.push_back({where, "a chain needs at least one [[step]] with a stage"});
      return unexpected(std::move(errors));
    }
    for (const toml::node& node : *steps) {
      const toml::table* step = node.as_table();
      const auto stage = step != nullptr ? (*step)["stage"].value<std::string>() : std::nullopt;
      if (!stage) {
        errors.push_back({at(node.source()), "a step needs a stage: stage = \"wraps\""});
        continue;
      }
      ChainSpec::Step parsed{*stage, {}};
      for (const auto& [key, value] : *step) {
        if (key == "stage") continue;
        if (const auto string = value.value<std::string>())
          parsed.options[std::string(key.str())] = *string;
        else if (const auto boolean = value.value_exact<bool>())
          parsed.options[std::string(key.str())] = *boolean ? "true" : "false";
        else if (const auto integer = value.value_exact<std::int64_t>())
          parsed.options[std::string(key.str())] = std::to_string(*integer);
        else
          errors.push_back(
              {at(value.source()), fmt::format("option '{}' must be a string, an integer or a boolean", key.str())});
      }
      spec.steps.push_back(std::move(parsed));
    }
  } catch (const toml::parse_error& error) {
    errors.push_back({at(error.source()), std::string(error.description())});
  }
  if (!errors.empty()) return unexpected(std::move(errors));
  return spec;
}

}  // namespace

expected<ChainSpec, ConfigErrors> ChainSpec::parse(std::string_view what, const Rules& rules) {
  if (what.ends_with(".toml")) {
    const std::string path(what);
    auto text = read_file(path);
    if (!text) return unexpected(ConfigErrors{text.error()});
    return parse_toml(*text, path);
  }
  const std::string file = fmt::format("chains/{}.toml", what);
  const std::vector<std::string> known = rules.names("chains/");
  if (std::find(known.begin(), known.end(), file) != known.end()) {
    auto text = rules.file(file);
    if (!text) return unexpected(ConfigErrors{text.error()});
    return parse_toml(*text, file);
  }
  return of_stages(what);
}

expected<ChainSpec, ConfigErrors> ChainSpec::of_stages(std::string_view list) {
  ChainSpec spec;
  spec.name = list;
  ConfigErrors errors;
  for (const std::string_view part : split(list, ',')) {
    const std::vector<std::string_view> fields = split(part, ':');
    if (fields.front().empty()) {
      errors.push_back({std::string(list), "a stage's name is missing between two commas"});
      continue;
    }
    ChainSpec::Step step{std::string(fields.front()), {}};
    for (std::size_t i = 1; i < fields.size(); ++i) {
      const std::size_t equals = fields[i].find('=');
      if (equals == std::string_view::npos)
        errors.push_back({std::string(part), "an option is written name=value"});
      else
        step.options[std::string(fields[i].substr(0, equals))] = std::string(fields[i].substr(equals + 1));
    }
    spec.steps.push_back(std::move(step));
  }
  if (!errors.empty()) return unexpected(std::move(errors));
  return spec;
}

bool ChainSpec::set(std::string_view stage, std::string_view option, std::string_view value) {
  bool found = false;
  for (Step& step : steps)
    if (step.stage == stage) {
      step.options[std::string(option)] = value;
      found = true;
    }
  return found;
}

expected<Chain, ConfigErrors> Chain::make(const ChainSpec& spec, const Registry& registry, const Rules& rules) {
  Chain chain;
  ConfigErrors errors;
  for (const ChainSpec::Step& step : spec.steps) {
    const StageEntry* entry = registry.find(step.stage);
    if (entry == nullptr) {
      std::string known;
      for (const StageEntry& e : registry.entries())
        known += fmt::format("{}{}", known.empty() ? "" : ", ", e.info->name);
      errors.push_back({fmt::format("chain {}", spec.name),
                        fmt::format("there is no stage or chain '{}'; stages are {}", step.stage, known)});
      continue;
    }
    bool options_known = true;
    for (const auto& [name, value] : step.options) {
      const auto options = entry->info->options;
      if (std::none_of(options.begin(), options.end(),
                       [&name = name](const OptionInfo& option) { return option.name == name; })) {
        errors.push_back({fmt::format("stage {}", step.stage),
                          fmt::format("it has no option '{}'; `inkwash stages` lists them", name)});
        options_known = false;
      }
    }
    if (!options_known) continue;
    auto stage = entry->make(step.options, rules);
    if (stage)
      chain.stages_.push_back(std::move(*stage));
    else  // several stages may read one file
      std::copy_if(stage.error().begin(), stage.error().end(), std::back_inserter(errors),
                   [&](const ConfigError& error) { return std::ranges::find(errors, error) == errors.end(); });
  }
  if (!errors.empty()) return unexpected(std::move(errors));
  return chain;
}

expected<Chain, ConfigErrors> Chain::make(std::string_view what, const Registry& registry, const Rules& rules) {
  auto spec = ChainSpec::parse(what, rules);
  if (!spec) return unexpected(std::move(spec.error()));
  return make(*spec, registry, rules);
}

expected<void, Error> Chain::run(Document& document) const {
  Proposal proposal;
  for (const auto& stage : stages_) {
    const StageInfo& info = stage->info();
    if (!info.decodes)
      if (const auto bad = document.first_bad_byte())
        return unexpected(
            Error{fmt::format("the text is not UTF-8, which stage {} needs; put stage decode before it", info.name),
                  document.source_of({*bad, *bad}).begin});
    for (unsigned round = 0; round < info.rounds; ++round) {
      proposal.clear();
      stage->propose(document, proposal);
      if (proposal.empty()) break;
      const bool changed = proposal.changes_text();
      if (auto applied = document.apply(proposal, info); !applied) return applied;
      if (!changed) break;
    }
    if (info.decodes && !document.verbatim_ && !document.first_bad_byte())
      document.characters_read_ = valid_utf8_length(document.text());
    if (info.decodes) proposal = Proposal();  // which may hold the whole text in another encoding
  }
  return {};
}

}  // namespace inkwash
