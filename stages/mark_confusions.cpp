#include "stages/mark_confusions.h"

#include <algorithm>
#include <cmath>

namespace inkwash::stages {

MarkConfusions::MarkConfusions(Settings& settings, const Rules& rules) {
  constexpr std::string_view file = "confusable_marks.tsv";
  const auto unseen = static_cast<float>(settings.number("mark.unseen", 0, 1000));
  const auto places = static_cast<float>(settings.number("mark.places", 1, 1000));
  std::unordered_map<Codepoint, float> totals;
  float all = 0;
  // Counts first, where the channel will be.
  settings.table(rules, file, 3, [&](Settings::Row row) {
    const float count = number_of(row[2]);
    if (row[0].empty() || !(count > 0)) {
      settings.error(std::string(file), "a line is: the mark read, the true one or nothing, how often");
      return;
    }
    const Codepoint read = valid_utf8_next(row[0], 0).codepoint;
    const Codepoint right = row[1].empty() ? 0 : valid_utf8_next(row[1], 0).codepoint;
    candidates_[read].push_back({right, count});
    totals[right] += count;
    all += count;
  });
  totals[0] = places * all;
  for (auto& [read, list] : candidates_) {
    if (std::ranges::none_of(list, [c = read](const Candidate& one) { return one.codepoint == c; }))
      list.push_back({read, 0});
    for (auto& [codepoint, channel] : list) {
      const float itself = codepoint == read ? unseen : 0;
      channel = std::log((channel + itself) / (totals[codepoint] + unseen));
    }
  }
}

std::span<const MarkConfusions::Candidate> MarkConfusions::find(Codepoint read) const {
  const auto found = candidates_.find(read);
  if (found == candidates_.end()) return {};
  return found->second;
}

}  // namespace inkwash::stages
