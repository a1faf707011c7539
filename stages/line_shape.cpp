#include "stages/line_shape.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace inkwash::stages {

LineShapes::LineShapes(Settings& settings, const StageOptions& options, const Rules& rules) {
  Settings file("line_shape", options, rules, "line_shape.toml");
  indent_ = static_cast<std::uint32_t>(file.number("width.indent", 2, 20));
  tolerance_ = static_cast<std::uint32_t>(file.number("width.tolerance", 0, 10));
  constexpr std::array<std::string_view, told> above = {
      "odds.full_open",   "odds.indented_open",   "odds.narrower_open",   "odds.narrow_open",
      "odds.full_closed", "odds.indented_closed", "odds.narrower_closed", "odds.narrow_closed"};
  for (std::size_t i = 0; i < told; ++i) {
    const std::vector<double> odds = file.numbers(above[i], told);
    for (std::size_t k = 0; k < odds.size(); ++k) {
      odds_[i][k] = static_cast<float>(odds[k]);
      most_ = std::max(most_, odds_[i][k]);
    }
  }
  for (ConfigError& error : file.take_errors()) settings.error(std::move(error.where), std::move(error.message));
}

LineShape LineShapes::of(std::uint32_t width, std::uint32_t column, bool open) const noexcept {
  if (width > column + 2 * tolerance_) return LineShape::none;
  const std::uint8_t place = width + tolerance_ >= column             ? 0
                             : width + indent_ > column + tolerance_  ? 2
                             : width + indent_ + tolerance_ >= column ? 1
                                                                      : 3;
  return static_cast<LineShape>(place + (open ? 0 : told / 2));
}

void LineShapes::Count::add(LineShape shape) noexcept {
  begins += shape == LineShape::indented_open;
  ends += shape == LineShape::narrow_closed;
  full += shape == LineShape::full_open || shape == LineShape::full_closed;
  ++all;
}

std::uint32_t set_width(std::string_view ink) noexcept {
  const auto is_ascii_ink = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != ' '; };
  std::uint32_t width = 0;
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    at += length;
    const bool seam =
        codepoint == U' ' && at < ink.size() && at > 1 && (is_ascii_ink(ink[at - 2]) || is_ascii_ink(ink[at]));
    if (!seam) width += half_ems(codepoint);
  }
  return width;
}

}  // namespace inkwash::stages
