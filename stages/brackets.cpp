#include "stages/brackets.h"

#include <algorithm>
#include <utility>

#include "inkwash/unicode.h"

namespace inkwash::stages {

BracketOdds::BracketOdds(Settings& settings, const StageOptions& options, const Rules& rules) {
  Settings file("brackets", options, rules, "brackets.toml");
  const std::vector<std::string> pairs = file.strings("pairs");
  if (pairs.size() > most_kinds) file.error("brackets.toml: pairs", "more than 8 pairs");
  for (std::size_t kind = 0; kind < std::min(pairs.size(), most_kinds); ++kind) {
    const std::string_view pair = pairs[kind];
    const std::size_t middle = pair.empty() ? 0 : valid_utf8_next(pair, 0).length;
    if (middle == pair.size() || middle + valid_utf8_next(pair, middle).length != pair.size()) {
      file.error("brackets.toml: pairs", "not two characters: " + pairs[kind]);
      continue;
    }
    for (const bool opens : {true, false}) {
      const std::string_view mark = opens ? pair.substr(0, middle) : pair.substr(middle);
      Bracket bracket;
      std::ranges::copy(mark, bracket.bytes.begin());
      bracket.length = static_cast<std::uint8_t>(mark.size());
      bracket.kind = static_cast<std::uint8_t>(kind);
      bracket.opens = opens;
      brackets_.push_back(bracket);
      begins_[static_cast<unsigned char>(mark[0])] = true;
    }
  }
  fit_ = static_cast<float>(file.number("odds.fit", -20, 20));
  at_odds_ = static_cast<float>(file.number("odds.at_odds", -20, 20));
  for (ConfigError& error : file.take_errors()) settings.error(std::move(error.where), std::move(error.message));
}

Brackets BracketOdds::of(std::string_view ink) const noexcept {
  Brackets result;
  std::array<std::uint32_t, most_kinds> depth{};
  for (std::size_t at = 0; at < ink.size(); ++at) {
    if (!begins_[static_cast<unsigned char>(ink[at])]) continue;
    const auto bracket =
        std::ranges::find_if(brackets_, [&](const Bracket& b) { return ink.substr(at).starts_with(b.mark()); });
    if (bracket == brackets_.end()) continue;
    if (bracket->opens)
      ++depth[bracket->kind];
    else if (depth[bracket->kind] > 0)
      --depth[bracket->kind];
    else
      result.closes |= static_cast<std::uint8_t>(1u << bracket->kind);
  }
  for (std::size_t kind = 0; kind < most_kinds; ++kind)
    if (depth[kind] > 0) result.opens |= static_cast<std::uint8_t>(1u << kind);
  return result;
}

}  // namespace inkwash::stages
