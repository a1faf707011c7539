#include "inkwash/rule_table.h"

#include <fmt/format.h>

// Built in: only a table of one's own is ever parsed, for which no library need be loaded at every start.
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>
#include <algorithm>
#include <charconv>

#include "inkwash/stage.h"

namespace inkwash {
namespace {

// Bytes that no UTF-8 has.
constexpr char field_end = '\xFF', entry_end = '\xFE';

/// The part of `text` before `end`, which is taken from it with what ends it.
std::string_view take(std::string_view& text, char end) noexcept {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return part;
}

/// Of few in much text: std::count widens each byte.
std::size_t count_of(std::string_view text, char c) noexcept {
  std::size_t count = 0;
  for (std::size_t at = text.find(c); at != std::string_view::npos; at = text.find(c, at + 1)) ++count;
  return count;
}

RuleTable::Value unpack(std::string_view packed) noexcept {
  return {static_cast<RuleTable::Kind>(packed.front()), packed.substr(1)};
}

std::string pack(const toml::node& node) {
  using Kind = RuleTable::Kind;
  const auto packed = [](Kind kind, std::string_view text) {
    return fmt::format("{}{}{}", static_cast<char>(kind), text, field_end);
  };
  if (const auto* string = node.as_string()) return packed(Kind::string, string->get());
  if (const auto* integer = node.as_integer()) return packed(Kind::integer, fmt::format("{}", integer->get()));
  if (const auto* real = node.as_floating_point()) return packed(Kind::real, fmt::format("{}", real->get()));
  if (const auto* boolean = node.as_boolean()) return packed(Kind::boolean, boolean->get() ? "true" : "false");
  return packed(Kind::other, "");
}

struct Packed {
  std::string key, rest;
};

void pack(const toml::table& table, const std::string& prefix, std::vector<Packed>& entries) {
  using Form = RuleTable::Entry::Form;
  const auto add = [&](const std::string& key, const toml::node& node, Form form, std::string_view values) {
    entries.push_back(
        {key, fmt::format("{}{}{}{}", node.source().begin.line, field_end, static_cast<char>(form), values)});
  };
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::array* list = node.as_array();
    if (const toml::table* inner = node.as_table()) {
      pack(*inner, key + ".", entries);
    } else if (list == nullptr) {
      add(key, node, Form::value, pack(node));
    } else if (list->is_array_of_tables()) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string place = fmt::format("{}.{:04}", key, i);
        add(place, (*list)[i], Form::table, {});
        pack(*(*list)[i].as_table(), place + ".", entries);
      }
    } else {
      std::string values;
      for (const toml::node& element : *list) values += pack(element);
      add(key, node, Form::list, values);
    }
  }
}

}  // namespace

std::optional<std::string_view> RuleTable::Value::string() const noexcept {
  return kind == Kind::string ? std::optional(text) : std::nullopt;
}

std::optional<double> RuleTable::Value::number() const noexcept {
  double number = 0;
  if ((kind != Kind::integer && kind != Kind::real) ||
      std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
    return std::nullopt;
  return number;
}

std::vector<RuleTable::Value> RuleTable::Entry::values() const {
  std::vector<Value> values;
  values.reserve(count_of(packed, field_end));
  for (std::string_view rest = packed; !rest.empty();) values.push_back(unpack(take(rest, field_end)));
  return values;
}

std::optional<RuleTable::Value> RuleTable::Entry::value() const noexcept {
  if (form != Form::value) return std::nullopt;
  std::string_view rest = packed;
  return unpack(take(rest, field_end));
}

expected<RuleTable, ConfigError> RuleTable::parse(std::string_view toml, std::string_view name) {
  std::vector<Packed> entries;
  try {
    pack(toml::parse(toml, name), {}, entries);
  } catch (const toml::parse_error& wrong) {
    return unexpected(
        ConfigError{fmt::format("{}:{}", name, wrong.source().begin.line), std::string(wrong.description())});
  }
  std::sort(entries.begin(), entries.end(), [](const Packed& a, const Packed& b) { return a.key < b.key; });
  std::string text;
  for (const Packed& entry : entries) text += entry.key + field_end + entry.rest + entry_end;
  const auto owned = std::make_shared<const std::string>(std::move(text));
  RuleTable table = of_packed(*owned);
  table.owned_ = owned;
  return table;
}

RuleTable RuleTable::of_packed(std::string_view packed) {
  RuleTable table;
  table.packed_ = packed;
  table.entries_.reserve(count_of(packed, entry_end));
  while (!packed.empty()) {
    std::string_view rest = take(packed, entry_end);
    Entry entry{};
    entry.key = take(rest, field_end);
    for (const char digit : take(rest, field_end))
      entry.line = 10 * entry.line + static_cast<std::uint32_t>(digit - '0');
    entry.form = static_cast<Entry::Form>(rest.front());
    entry.packed = rest.substr(1);
    table.entries_.push_back(entry);
  }
  return table;
}

const RuleTable::Entry* RuleTable::find(std::string_view key) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), key,
                                      [](const Entry& entry, std::string_view other) { return entry.key < other; });
  return found != entries_.end() && found->key == key ? &*found : nullptr;
}

}  // namespace inkwash
