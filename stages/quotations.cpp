#include "stages/quotations.h"

namespace inkwash::stages {

Quotations quotations_of(std::string_view ink) noexcept {
  constexpr std::string_view opening[] = {"“", "「"}, closing[] = {"”", "」"};
  constexpr std::size_t length = 3;  // bytes of each
  Quotations quotations;
  for (std::size_t at = 0; at + length <= ink.size(); ++at) {
    if (ink[at] != '\xE2' && ink[at] != '\xE3') continue;
    const std::string_view mark = ink.substr(at, length);
    const bool opens = mark == opening[0] || mark == opening[1];
    if (!opens && mark != closing[0] && mark != closing[1]) continue;
    quotations.last = opens ? QuotationMark::opens : QuotationMark::closes;
    if (quotations.first != QuotationMark::none) continue;
    quotations.first = quotations.last;
    quotations.begins_line = opens && at == 0;
  }
  return quotations;
}

}  // namespace inkwash::stages
