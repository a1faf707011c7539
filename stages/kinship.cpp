#include "stages/kinship.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

using Symbol = CoherenceModel::Symbol;

std::uint32_t pair_of(Symbol a, Symbol b) { return std::uint32_t{a} << 16 | b; }

/// Calls `use(symbol, before)` for each ideograph; before: the one it follows at once, or 0.
template <typename Use>
void for_ideographs(const CoherenceModel& model, std::string_view text, const Use& use) {
  Symbol before = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    const Symbol symbol = class_of(codepoint) == CharClass::han ? model.read(codepoint) : Symbol{0};
    if (symbol != 0) use(symbol, before);
    before = symbol;
  }
}

}  // namespace

Kinship::Kinship(Settings& settings, const Rules& rules, const CoherenceModel& model) : model_(model) {
  static const StageOptions no_options;
  Settings file("kinship", no_options, rules, "kinship.toml");
  own_single_ = static_cast<float>(file.number("own_single", 0.01, 0.99));
  own_pair_ = static_cast<float>(file.number("own_pair", 0.01, 0.99));
  part_of_singles_ = static_cast<float>(file.number("part_of_singles", 0, 1));
  most_ = file.cost("most");
  most_against_ = file.cost("most_against");
  for (ConfigError& error : file.take_errors()) settings.error(std::move(error.where), std::move(error.message));
}

float Kinship::weight(bool is_there, float own, float log_probability, float length) const {
  const float chance = std::clamp(1 - std::exp(-length * std::exp(log_probability)), 0.001f, 0.999f);
  return std::clamp(is_there ? std::log(own / chance) : std::log((1 - own) / (1 - chance)), -most_against_, most_);
}

Vocabulary::Vocabulary(const Kinship& rules, std::string_view text) : rules_(rules) {
  constexpr std::size_t places = 1024;  // a paragraph's or two
  known_.resize(places);
  for_ideographs(rules.model_, text, [&](Symbol symbol, Symbol before) {
    ++length_;
    add(symbol);
    if (before != 0) add(pair_of(before, symbol));
  });
}

void Vocabulary::add(std::uint32_t key) {
  std::uint32_t& place = known_[place_of(key)];
  if (place == key) return;
  place = key;
  if (2 * ++count_ <= known_.size()) return;
  const std::vector<std::uint32_t> before = std::exchange(known_, std::vector<std::uint32_t>(2 * known_.size()));
  for (const std::uint32_t known : before)
    if (known != 0) known_[place_of(known)] = known;
}

std::size_t Vocabulary::place_of(std::uint32_t key) const noexcept {
  const std::size_t last = known_.size() - 1;
  std::size_t place = key * 0x9E3779B97F4A7C15u >> 32 & last;
  while (known_[place] != key && known_[place] != 0) place = (place + 1) & last;
  return place;
}

float Vocabulary::kinship(std::string_view headline) const {
  std::vector<std::uint32_t> asked;
  const auto is_new = [&](std::uint32_t key) {
    if (std::find(asked.begin(), asked.end(), key) != asked.end()) return false;
    asked.push_back(key);
    return true;
  };
  float sum = 0;
  for_ideographs(rules_.model_, headline, [&](Symbol symbol, Symbol before) {
    const float alone = rules_.model_.log_probability(nullptr, 0, symbol);
    if (is_new(symbol))
      sum += rules_.part_of_singles_ * rules_.weight(knows(symbol), rules_.own_single_, alone, length_);
    if (before == 0) return;
    const std::uint32_t pair = pair_of(before, symbol);
    const float both =
        rules_.model_.log_probability(nullptr, 0, before) + rules_.model_.log_probability(&before, 1, symbol);
    if (is_new(pair)) sum += rules_.weight(knows(pair), rules_.own_pair_, both, length_);
  });
  return sum;
}

}  // namespace inkwash::stages
