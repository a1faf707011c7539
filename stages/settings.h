// Reading a stage's options and its file of rules/, collecting every mistake.
//
//     Settings settings("wraps", options, rules, "wraps.toml");
//     const auto slack = settings.number("join.slack", 0, 8);
//     const auto stops = settings.strings("join.stops");
//     if (!settings.ok()) return unexpected(settings.take_errors());
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/stage.h"

namespace inkwash::stages {

class Settings {
 public:
  /// `file` is a TOML file of rules/, or empty for a stage without one.
  Settings(std::string_view stage, const StageOptions& options, const Rules& rules, std::string_view file);
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  /// Values of the rules file by dotted key; a missing or wrong one is an error and gives the least
  /// value of its type.
  [[nodiscard]] double number(std::string_view key, double least, double most);
  /// A cost, gain or log probability.
  [[nodiscard]] float cost(std::string_view key) { return static_cast<float>(number(key, -1000, 10000)); }
  [[nodiscard]] std::size_t count(std::string_view key) { return static_cast<std::size_t>(number(key, 0, 1e6)); }
  [[nodiscard]] bool flag(std::string_view key);
  [[nodiscard]] std::string string(std::string_view key);
  [[nodiscard]] std::vector<std::string> strings(std::string_view key);
  /// A list of exactly `count` numbers, also where that is an error.
  [[nodiscard]] std::vector<double> numbers(std::string_view key, std::size_t count);
  /// A set of characters written as one string, as sorted codepoints.
  [[nodiscard]] std::u32string characters(std::string_view key);

  /// Calls `use` for each row of a tab-separated rules file with that many fields; lines that begin with # are
  /// comments. A field is followed by a tab, LF or NUL, and gone after the call.
  using Row = std::span<const std::string_view>;
  void table(const Rules& rules, std::string_view file, std::size_t fields, const std::function<void(Row)>& use);

  /// Option values; the default of the declaration where the option is not given.
  [[nodiscard]] std::string option(std::string_view name, std::string_view default_value) const;
  [[nodiscard]] bool option_flag(std::string_view name, bool default_value);

  /// The rules file is the one built into the library, which the tests have checked.
  [[nodiscard]] bool built_in() const noexcept { return built_in_; }

  void error(std::string where, std::string message);
  [[nodiscard]] bool ok() const noexcept { return errors_.empty(); }
  [[nodiscard]] ConfigErrors take_errors() noexcept { return std::move(errors_); }

 private:
  [[nodiscard]] std::optional<RuleTable::Value> value(std::string_view key) const;

  std::string stage_;
  std::string file_;
  const StageOptions& options_;
  bool built_in_;
  RuleTable table_;
  ConfigErrors errors_;
};

/// The number that a field of a row is; 0 where it is none.
[[nodiscard]] float number_of(std::string_view field) noexcept;

/// True where `sorted` holds `codepoint`.
[[nodiscard]] bool contains(std::u32string_view sorted, char32_t codepoint) noexcept;

}  // namespace inkwash::stages
