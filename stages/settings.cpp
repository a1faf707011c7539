#include "stages/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "inkwash/unicode.h"

namespace inkwash::stages {

Settings::Settings(std::string_view stage, const StageOptions& options, const Rules& rules, std::string_view file)
    : stage_(stage), file_(file), options_(options), built_in_(rules.path_of(file).empty()) {
  if (file.empty()) return;
  if (auto table = rules.table(file))
    table_ = std::move(*table);
  else
    errors_.push_back(table.error());
}

void Settings::error(std::string where, std::string message) {
  errors_.push_back({std::move(where), std::move(message)});
}

std::optional<RuleTable::Value> Settings::value(std::string_view key) const {
  const RuleTable::Entry* entry = table_.find(key);
  return entry != nullptr ? entry->value() : std::nullopt;
}

double Settings::number(std::string_view key, double least, double most) {
  const auto found = value(key);
  const auto number = found ? found->number() : std::nullopt;
  if (!number || *number < least || *number > most) {
    error(file_, fmt::format("{} must be a number from {} to {}", key, least, most));
    return least;
  }
  return *number;
}

bool Settings::flag(std::string_view key) {
  const auto found = value(key);
  if (!found || found->kind != RuleTable::Kind::boolean) error(file_, fmt::format("{} must be true or false", key));
  return found && found->text == "true";
}

std::string Settings::string(std::string_view key) {
  const auto found = value(key);
  const auto string = found ? found->string() : std::nullopt;
  if (!string) error(file_, fmt::format("{} must be a string", key));
  return std::string(string.value_or(""));
}

std::vector<std::string> Settings::strings(std::string_view key) {
  std::vector<std::string> strings;
  const RuleTable::Entry* entry = table_.find(key);
  bool right = entry != nullptr && entry->form == RuleTable::Entry::Form::list;
  if (right)
    for (const RuleTable::Value& value : entry->values()) {
      right &= value.string().has_value();
      strings.emplace_back(value.string().value_or(""));
    }
  if (!right) error(file_, fmt::format("{} must be a list of strings", key));
  return strings;
}

std::vector<double> Settings::numbers(std::string_view key, std::size_t count) {
  std::vector<double> numbers;
  if (const RuleTable::Entry* entry = table_.find(key); entry != nullptr && entry->form == RuleTable::Entry::Form::list)
    for (const RuleTable::Value& value : entry->values())
      if (const auto number = value.number()) numbers.push_back(*number);
  if (numbers.size() != count) error(file_, fmt::format("{} must be a list of {} numbers", key, count));
  numbers.resize(count);
  return numbers;
}

std::u32string Settings::characters(std::string_view key) {
  const std::string text = string(key);
  std::u32string codepoints;
  codepoints.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    codepoints += codepoint;
    at += length;
  }
  std::sort(codepoints.begin(), codepoints.end());
  return codepoints;
}

void Settings::table(const Rules& rules, std::string_view file, std::size_t fields,
                     const std::function<void(Row)>& use) {
  const auto contents = rules.file(file);
  if (!contents) {
    errors_.push_back(contents.error());
    return;
  }
  const std::string_view text = contents->view();
  std::vector<std::string_view> row;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    row.clear();
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t tab = std::min(line.find('\t', at), line.size());
      row.push_back(line.substr(at, tab - at));
      at = tab + 1;
    }
    if (row.size() != fields)
      error(fmt::format("{}:{}", file, number), fmt::format("a row has {} fields with tabs between", fields));
    else
      use(row);
  }
}

std::string Settings::option(std::string_view name, std::string_view default_value) const {
  const auto found = options_.find(name);
  return found == options_.end() ? std::string(default_value) : found->second;
}

bool Settings::option_flag(std::string_view name, bool default_value) {
  const std::string value = option(name, default_value ? "true" : "false");
  if (value != "true" && value != "false")
    error(fmt::format("stage {}", stage_), fmt::format("option {} must be true or false, not '{}'", name, value));
  return value == "true";
}

float number_of(std::string_view field) noexcept {
  float number = 0;  // std::strtof would take five times as long
  const char* const end = field.data() + field.size();
  const auto [read, error] = std::from_chars(field.data(), end, number);
  return error == std::errc() && read == end && std::isfinite(number) ? number : 0;
}

bool contains(std::u32string_view sorted, char32_t codepoint) noexcept {
  // By halves and without a branch that has to be foreseen.
  const char32_t* first = sorted.data();
  for (std::size_t left = sorted.size(); left > 1;) {
    const std::size_t half = left / 2;
    first += first[half] <= codepoint ? half : 0;
    left -= half;
  }
  return !sorted.empty() && *first == codepoint;
}

}  // namespace inkwash::stages
