#include "inkwash/stage.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "embedded_rules.h"
#include "inkwash/unicode.h"

namespace inkwash {
namespace {

/// Null where no such file is built in.
const EmbeddedRule* find_embedded(std::string_view name) noexcept {
  const auto rules = embedded_rules();
  const auto found = std::ranges::find(rules, name, &EmbeddedRule::name);
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace

Rules Rules::with(std::string name, std::string path) const {
  Rules rules = *this;
  rules.paths_[std::move(name)] = std::move(path);
  return rules;
}

std::string Rules::path_of(std::string_view name) const {
  if (const auto found = paths_.find(name); found != paths_.end()) return found->second;
  if (folder_.empty()) return {};
  const std::filesystem::path path = std::filesystem::path(folder_) / name;
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? path.string() : std::string();
}

expected<std::string, ConfigError> Rules::read(const std::string& path) {
  // A folder can be opened as a file, and holds nothing.
  std::error_code ignored;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream contents;
  contents << in.rdbuf();
  if (!in || std::filesystem::is_directory(path, ignored)) return unexpected(ConfigError{path, "this rules file can't be read"});
  std::string text = contents.str();
  // Stages read rules as they read texts: as UTF-8 that was checked.
  if (const std::size_t bad = utf8_first_error(text); bad != text.size())
    return unexpected(
        ConfigError{path, fmt::format("byte {}: this is no UTF-8, which rules files are written in", bad)});
  return text;
}

expected<RuleText, ConfigError> Rules::file(std::string_view name) const {
  if (const std::string path = path_of(name); !path.empty())
    return read(path).map([](std::string text) { return RuleText(std::move(text)); });
  if (const EmbeddedRule* rule = find_embedded(name); rule != nullptr && !name.ends_with(".toml"))
    return RuleText(rule->contents);
  return unexpected(ConfigError{std::string(name), "there is no such rules file"});
}

expected<RuleTable, ConfigError> Rules::table(std::string_view name) const {
  if (const std::string path = path_of(name); !path.empty()) {
    const auto text = read(path);
    if (!text) return unexpected(text.error());
    return RuleTable::parse(*text, name);
  }
  if (const EmbeddedRule* rule = find_embedded(name); rule != nullptr && name.ends_with(".toml"))
    return RuleTable::of_packed(rule->contents);
  return unexpected(ConfigError{std::string(name), "there is no such rules file"});
}

std::uint64_t Rules::digest() const {
  std::string all;
  for (const std::string& name : names()) {
    std::uint64_t digest = 0;
    if (const std::string path = path_of(name); path.empty())
      digest = find_embedded(name)->digest;
    else if (const auto text = read(path))
      digest = XXH3_64bits(text->data(), text->size());
    all += fmt::format("{}={:x},", name, digest);
  }
  return XXH3_64bits(all.data(), all.size());
}

std::vector<std::string> Rules::names(std::string_view prefix) const {
  std::vector<std::string> names;
  for (const EmbeddedRule& rule : embedded_rules())
    if (rule.name.starts_with(prefix)) names.emplace_back(rule.name);
  if (!folder_.empty()) {
    std::error_code ignored;
    const std::filesystem::path root(folder_);
    for (std::filesystem::recursive_directory_iterator it(root, ignored), end; it != end; it.increment(ignored)) {
      if (ignored) break;
      const std::string name = it->path().lexically_relative(root).generic_string();
      if (it->is_regular_file(ignored) && name.starts_with(prefix)) names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

expected<void, ConfigError> Registry::add(StageEntry entry) {
  if (find(entry.info->name) != nullptr)
    return unexpected(
        ConfigError{fmt::format("stage {}", entry.info->name), "a stage of this name is registered already"});
  entries_.push_back(entry);
  return {};
}

const StageEntry* Registry::find(std::string_view name) const noexcept {
  for (const StageEntry& entry : entries_)
    if (entry.info->name == name) return &entry;
  return nullptr;
}

}  // namespace inkwash
