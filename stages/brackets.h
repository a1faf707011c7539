// Brackets that a line leaves open, or closes without having opened them, say which line may stand below which: titles
// and notes in brackets are short.
//
//     BracketOdds brackets(settings, options, rules);
//     cost -= brackets.odds(brackets.of(line_above), brackets.of(line));
//
// Immutable once made; every function is safe to call from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stages/settings.h"

namespace inkwash::stages {

/// Kinds of brackets, a bit each.
struct Brackets {
  std::uint8_t closes = 0;  ///< closed, and not opened before
  std::uint8_t opens = 0;   ///< left open
};

class BracketOdds {
 public:
  /// Reads rules/brackets.toml; mistakes are added to `settings`.
  BracketOdds(Settings& settings, const StageOptions& options, const Rules& rules);

  /// `ink` is valid UTF-8.
  [[nodiscard]] Brackets of(std::string_view ink) const noexcept;
  /// log P(this line below | line above) - log P(any line); 0 where none is open above and none closed below.
  [[nodiscard]] float odds(const Brackets& above, const Brackets& below) const noexcept {
    if ((above.opens | below.closes) == 0) return 0;
    return above.opens == below.closes ? fit_ : at_odds_;
  }
  /// The greatest that odds() can be.
  [[nodiscard]] float most() const noexcept { return std::max({0.0f, fit_, at_odds_}); }

 private:
  static constexpr std::size_t most_kinds = 8;
  struct Bracket {
    std::string_view mark() const noexcept { return {bytes.data(), length}; }
    std::array<char, 4> bytes{};
    std::uint8_t length = 0, kind = 0;
    bool opens = false;
  };
  std::vector<Bracket> brackets_;
  std::array<bool, 256> begins_{};  ///< bytes that one begins with
  float fit_, at_odds_;
};

}  // namespace inkwash::stages
