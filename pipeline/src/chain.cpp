#include "inkwash/chain.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <iterator>

#include "handover.h"
#include "inkwash/unicode.h"
#include "parts.h"
#include "threads.h"

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

expected<ChainSpec, ConfigErrors> read_table(const RuleTable& table, const std::string& where) {
  ChainSpec spec;
  ConfigErrors errors;
  const auto at = [&](const RuleTable::Entry& entry) { return fmt::format("{}:{}", where, entry.line); };
  const auto string_of = [&](std::string_view key) {
    const RuleTable::Entry* entry = table.find(key);
    const auto value = entry != nullptr ? entry->value() : std::nullopt;
    return value ? value->string() : std::nullopt;
  };
  spec.name = string_of("name").value_or("");
  spec.summary = string_of("summary").value_or("");
  constexpr std::string_view steps = "step.";
  bool any_step = false;
  for (const RuleTable::Entry& entry : table.entries()) {
    if (entry.form == RuleTable::Entry::Form::table && entry.key.starts_with(steps)) {
      any_step = true;
      if (const auto stage = string_of(fmt::format("{}.stage", entry.key)))
        spec.steps.push_back({std::string(*stage), {}});
      else
        errors.push_back({at(entry), "a step needs a stage: stage = \"wraps\""});
    } else if (any_step && entry.key.starts_with(steps)) {
      const std::string_view option = entry.key.substr(entry.key.find('.', steps.size()) + 1);
      if (option == "stage" || spec.steps.empty()) continue;
      const auto value = entry.value();
      if (value && (value->kind == RuleTable::Kind::string || value->kind == RuleTable::Kind::boolean ||
                    value->kind == RuleTable::Kind::integer))
        spec.steps.back().options[std::string(option)] = value->text;
      else
        errors.push_back({at(entry), fmt::format("option '{}' must be a string, an integer or a boolean", option)});
    } else if (entry.key != "name" && entry.key != "summary" && entry.key != "step") {
      errors.push_back({at(entry), fmt::format("unknown key '{}': a chain has name, summary and [[step]]", entry.key)});
    }
  }
  if (!any_step) errors.push_back({where, "a chain needs at least one [[step]] with a stage"});
  if (!errors.empty()) return unexpected(std::move(errors));
  return spec;
}

/// Bytes of text below which it takes longer to wake threads than to work.
constexpr std::size_t least_for_threads = 128 << 10;

}  // namespace

expected<ChainSpec, ConfigErrors> ChainSpec::parse(std::string_view what, const Rules& rules) {
  std::string where = fmt::format("chains/{}.toml", what);
  std::string path;
  if (what.ends_with(".toml")) {
    where = path = what;
  } else {
    const std::vector<std::string> known = rules.names("chains/");
    if (std::find(known.begin(), known.end(), where) == known.end()) return of_stages(what);
  }
  const auto table = (path.empty() ? rules : rules.with(where, path)).table(where);
  if (!table) return unexpected(ConfigErrors{table.error()});
  return read_table(*table, where);
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

void Chain::propose(const Stage& stage, const Document& document, Proposal& proposal) {
  proposal.clear();
  const Scope scope = stage.scope();
  const std::vector<TextRange> pages = scope == Scope::page ? document.pages() : std::vector<TextRange>{};
  const std::vector<TextRange> parts = parts_of(document.text(), pages, scope);
  if (parts.size() == 1) return stage.propose(document, proposal);
  const auto propose_part = [&](std::size_t i, Proposal& proposed) {
    stage.propose(document.part(parts[i]), proposed);
  };
  if (document.text().size() < least_for_threads || threads_here() == 1) {
    Proposal proposed;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      proposed.clear();
      propose_part(i, proposed);
      if (i == 0)
        proposal.expect(proposed, static_cast<double>(document.text().size()) / static_cast<double>(parts[0].size()));
      proposal.add(proposed, parts[i]);
    }
    return;
  }
  std::vector<Proposal> proposed(parts.size());
  Handover handover;
  handover.mark();
  // A thread that waits for the others takes up no other document in the meantime, which would have to be held, too.
  tbb::this_task_arena::isolate([&] {
    tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
      handover.mark();
      propose_part(i, proposed[i]);
      handover.mark();
    });
  });
  handover.mark();
  proposal.expect(proposed[0], static_cast<double>(document.text().size()) / static_cast<double>(parts[0].size()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    proposal.add(proposed[i], parts[i]);
    proposed[i] = Proposal();
  }
}

expected<void, Error> Chain::run(const Stage& stage, Document& document, Proposal& proposal) {
  const StageInfo& info = stage.info();
  for (unsigned round = 0; round < info.rounds; ++round) {
    propose(stage, document, proposal);
    if (proposal.empty()) break;
    const bool changed = proposal.changes_text();
    if (auto applied = document.apply(proposal, info); !applied) return applied;
    if (!changed) break;
  }
  return {};
}

expected<void, Error> Chain::run(Document& document) const {
  Proposal proposal;
  // Stages that look at lines alone ask for no pages.
  bool wants_pages = std::ranges::any_of(
      stages_, [](const auto& stage) { return !stage->info().decodes && stage->scope() < Scope::lines; });
  for (const auto& stage : stages_) {
    const StageInfo& info = stage->info();
    if (!info.decodes) {
      if (const auto bad = document.first_bad_byte())
        return unexpected(
            Error{fmt::format("the text is not UTF-8, which stage {} needs; put stage decode before it", info.name),
                  document.source_of({*bad, *bad}).begin});
      if (wants_pages && document.page_begins_.empty()) document.find_pages();
      wants_pages = false;
    }
    if (auto done = run(*stage, document, proposal); !done) return done;
    if (info.decodes && !document.verbatim_ && !document.first_bad_byte())
      document.characters_read_ = valid_utf8_length(document.text());
    if (info.decodes) proposal = Proposal();  // which may hold the whole text in another encoding
  }
  return {};
}

}  // namespace inkwash
