#include "stages/interruptions.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

/// A character or a number alone is noise.
bool has_words(std::string_view line) {
  std::size_t ideographs = 0;
  for (std::size_t at = 0; at < line.size() && ideographs < 2;) {
    const auto [codepoint, length] = valid_utf8_next(line, at);
    ideographs += is_ideographic(class_of(codepoint));
    at += length;
  }
  return ideographs == 2;
}

}  // namespace

Interruptions::Interruptions(Settings& settings, const Rules& rules, const CoherenceModel& model) : model_(model) {
  static const StageOptions no_options;
  Settings own("interruptions", no_options, rules, "interruptions.toml");
  most_lines_ = own.count("most_lines");
  most_short_ = own.count("most_short");
  across_ = own.cost("across");
  across_known_ = own.cost("across_known");
  most_begins_ = own.cost("most_begins");
  most_ahead_ = own.cost("most_ahead");
  sure_ = own.cost("sure");
  box_lines_ = own.count("box_lines");
  per_line_ = own.cost("per_line");
  least_ = own.cost("least");
  least_known_ = own.cost("least_known");
  Settings lines("interruptions", no_options, rules, "lines.toml");
  item_ = Pattern(lines, "item", lines.strings("item"));
  for (Settings* of : {&own, &lines})
    for (ConfigError& error : of->take_errors()) settings.error(std::move(error.where), std::move(error.message));
}

bool Interruptions::may_break_off(std::string_view above) noexcept {
  constexpr Codepoint colon = U'：', semicolon = U'；';
  const Codepoint last = valid_utf8_previous(above, above.size()).codepoint;
  return is_open(above) && last != colon && last != ':' && last != semicolon && last != ';';
}

float Interruptions::gain(std::string_view above, std::span<const std::string_view> between, std::string_view below,
                          bool known, std::size_t short_lines) const {
  constexpr float never = -1e9f;
  const std::string_view first = between.front(), last = between.back();
  if (begins_badly(first) || begins_badly(below) || !has_words(below)) return never;
  // Items of a list, and headings with a number, are of the text.
  if (!known &&
      std::ranges::any_of(between, [&](std::string_view line) { return !has_words(line) || item_.begins(line); }))
    return never;
  // Several short lines are a box whatever they say.
  known |= short_lines == between.size() && short_lines >= box_lines_;
  const float across = model_.continuation(above, below);
  const float begins = model_.begins_paragraph(below);
  if (across < (known ? across_known_ : across_) || begins > std::min(most_begins_, across + most_ahead_)) return never;
  const float ends = model_.ends_paragraph(above);
  // What is known to be no text is not read on into.
  if (known) return across - ends - begins - least_known_;
  const float into = model_.begins_paragraph(first), out = model_.ends_paragraph(last);
  const float here = std::max(model_.continuation(above, first), ends + into) +
                     std::max(model_.continuation(last, below), out + begins);
  const auto most = static_cast<float>(most_short_), of_short = static_cast<float>(short_lines);
  const float lines = std::min(of_short, most) - (static_cast<float>(between.size()) - of_short);
  return (1 + sure_) * across + into + out - here + per_line_ * lines - least_;
}

}  // namespace inkwash::stages
