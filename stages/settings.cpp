#include "stages/settings.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>

#include "inkwash/unicode.h"

namespace inkwash::stages {

Settings::Settings(std::string_view stage, const StageOptions& options, const Rules& rules, std::string_view file)
    : stage_(stage),
      file_(file),
      options_(options),
      built_in_(rules.path_of(file).empty()),
      table_(std::make_unique<toml::table>()) {
  if (file.empty()) return;
  auto text = rules.file(file);
  if (!text) {
    errors_.push_back(text.error());
    return;
  }
  try {
    *table_ = toml::parse(*text, file);
  } catch (const toml::parse_error& wrong) {
    error(fmt::format("{}:{}", file_, wrong.source().begin.line), std::string(wrong.description()));
  }
}

Settings::~Settings() = default;

void Settings::error(std::string where, std::string message) {
  errors_.push_back({std::move(where), std::move(message)});
}

double Settings::number(std::string_view key, double least, double most) {
  const auto value = table_->at_path(key).value<double>();
  if (!value || *value < least || *value > most) {
    error(file_, fmt::format("{} must be a number from {} to {}", key, least, most));
    return least;
  }
  return *value;
}

bool Settings::flag(std::string_view key) {
  const auto value = table_->at_path(key).value_exact<bool>();
  if (!value) error(file_, fmt::format("{} must be true or false", key));
  return value.value_or(false);
}

std::string Settings::string(std::string_view key) {
  const auto value = table_->at_path(key).value<std::string>();
  if (!value) error(file_, fmt::format("{} must be a string", key));
  return value.value_or(std::string());
}

std::vector<std::string> Settings::strings(std::string_view key) {
  std::vector<std::string> strings;
  const toml::array* array = table_->at_path(key).as_array();
  if (array != nullptr)
    for (const toml::node& node : *array)
      if (const auto value = node.value<std::string>()) strings.push_back(*value);
  if (array == nullptr || strings.size() != array->size())
    error(file_, fmt::format("{} must be a list of strings", key));
  return strings;
}

std::vector<double> Settings::numbers(std::string_view key, std::size_t count) {
  std::vector<double> numbers;
  if (const toml::array* array = table_->at_path(key).as_array())
    for (const toml::node& node : *array)
      if (const auto value = node.value<double>()) numbers.push_back(*value);
  if (numbers.size() != count) error(file_, fmt::format("{} must be a list of {} numbers", key, count));
  numbers.resize(count);
  return numbers;
}

std::u32string Settings::characters(std::string_view key) {
  const std::string text = string(key);
  std::u32string codepoints;
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
  auto text = rules.file(file);
  if (!text) {
    errors_.push_back(text.error());
    return;
  }
  std::vector<std::string_view> row;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text->size();) {
    std::size_t end = text->find('\n', begin);
    if (end == std::string::npos) end = text->size();
    const std::string_view line = std::string_view(*text).substr(begin, end - begin);
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
