// inkwash/rule_table.h - a TOML file of rules/ as a table of keys, which takes no parsing where it is built in.
//
//     const auto table = rules.table("wraps.toml");          // expected<RuleTable, ConfigError>
//     const RuleTable::Entry* slack = table->find("join.slack");
//     if (slack != nullptr && slack->number()) ...
//
// Tables within tables are one table with dotted keys. Tables in lists have their place in the key: the second
// `[[step]]` is "step.0001", and its `stage` "step.0001.stage". The built-in files were written down in this form
// when the library was built, so that a start reads only what it looks up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"

namespace inkwash {

struct ConfigError;

/// Immutable; const use is thread-safe. Movable and copyable, cheaply. Entries and what they view live as long as
/// a copy of the table does; those of a table that is built in forever.
class RuleTable {
 public:
  enum class Kind : char { string = 's', integer = 'i', real = 'r', boolean = 'b', other = 'o' };

  struct Value {
    Kind kind;
    std::string_view text;  ///< valid UTF-8; numbers as std::to_chars writes them, booleans as true and false

    [[nodiscard]] std::optional<std::string_view> string() const noexcept;
    [[nodiscard]] std::optional<double> number() const noexcept;  ///< of an integer, too
  };

  struct Entry {
    enum class Form : char { value = '=', list = '[', table = '{' };  ///< table: one in a list; it has no values
    std::string_view key;
    std::uint32_t line;  ///< in the TOML file, from 1
    Form form;
    std::string_view packed;

    /// In the order of the file; one, where it is no list.
    [[nodiscard]] std::vector<Value> values() const;
    /// The value, where it is none of a list.
    [[nodiscard]] std::optional<Value> value() const noexcept;
  };

  /// No keys.
  RuleTable() = default;

  /// Reads TOML. Error: what is wrong with it, with `name` and the line.
  [[nodiscard]] static expected<RuleTable, ConfigError> parse(std::string_view toml, std::string_view name);

  /// A table as packed() wrote it, which is not copied and must outlive all copies of the table.
  [[nodiscard]] static RuleTable of_packed(std::string_view packed);
  /// Each entry as key, line and values, with bytes that UTF-8 never has between them.
  [[nodiscard]] std::string_view packed() const noexcept { return packed_; }

  /// Null where there is no such key. Takes time logarithmic in the keys.
  [[nodiscard]] const Entry* find(std::string_view key) const noexcept;
  /// Sorted by key.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  std::shared_ptr<const std::string> owned_;  ///< null: what is packed is somebody else's
  std::string_view packed_;
  std::vector<Entry> entries_;
};

}  // namespace inkwash
