#include "stages/confusions.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace inkwash::stages {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A list of characters, each with two digits.
bool is_list(std::string_view list) {
  for (std::size_t at = 0; at < list.size();) {
    at += valid_utf8_next(list, at).length;
    if (at + 2 > list.size() || !is_digit(list[at]) || !is_digit(list[at + 1])) return false;
    at += 2;
  }
  return true;
}

}  // namespace

Confusions::Confusions(Settings& settings, const Rules& rules, Smoothing smoothing)
    : smoothing_(smoothing), errors_(1), which_(0x10000), look_alikes_(0x10000) {
  const auto add = [&](Codepoint read, Codepoint right, float count) {
    std::vector<Count>& list = counts_[read];
    const auto found = std::find_if(list.begin(), list.end(), [&](const Count& c) { return c.right == right; });
    if (found == list.end())
      list.push_back({right, count});
    else
      found->count += count;
  };
  for (std::size_t tenths = 0; tenths < alike_.size(); ++tenths) {
    alike_[tenths] = smoothing.strength * std::exp(-0.1f * static_cast<float>(tenths));
    log_alike_[tenths] = std::log(alike_[tenths]);
    never_read_[tenths] = std::log(alike_[tenths] / smoothing.strength);
  }
  settings.table(rules, counts_file, 3, [&](Settings::Row row) {
    const float count = number_of(row[2]);
    if (row[0].empty() || row[1].empty() || !(count > 0)) {
      settings.error(std::string(counts_file), "a line is: the character read, the true one, how often");
      return;
    }
    const Codepoint read = valid_utf8_next(row[0], 0).codepoint, right = valid_utf8_next(row[1], 0).codepoint;
    if (read >= which_.size() || right >= which_.size()) return;  // no model reads it
    add(read, right, count);
    add(right, read, smoothing.back * count);
    if (which_[right] == 0) {
      which_[right] = static_cast<std::uint16_t>(errors_.size());
      errors_.push_back({});
    }
    errors_[which_[right]].count += count;
  });
  for (auto& [count, log_more, log_all] : errors_) {
    log_more = std::log1p(count);
    log_all = std::log(count + smoothing.strength);
  }
  settings.table(rules, parts_file, 2, [&](Settings::Row row) {
    const std::size_t length = row[0].empty() ? 0 : valid_utf8_next(row[0], 0).length;
    if (length == 0 || length == row[0].size() || row[1].empty()) {
      settings.error(std::string(parts_file), "a line is: two characters, the one that they are the parts of");
      return;
    }
    parts_.push_back({valid_utf8_next(row[0], 0).codepoint, valid_utf8_next(row[0], length).codepoint,
                      valid_utf8_next(row[1], 0).codepoint});
  });
  for (const Parts& p : parts_)
    if (p.left < left_parts_.size()) left_parts_[p.left] = true;
  std::ranges::sort(parts_, {}, [](const Parts& p) { return std::tuple(p.left, p.right, p.whole); });
  auto shapes = rules.file(shapes_file);
  if (!shapes) {
    settings.error(shapes.error().where, shapes.error().message);
    return;
  }
  shapes_ = std::move(*shapes);
  const bool own = !rules.path_of(shapes_file).empty();  // the tests have checked the other
  std::string_view above;
  const char* wrong = nullptr;
  for (std::string_view rest = shapes_.view(); !rest.empty() && wrong == nullptr;) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto [read, tab] = valid_utf8_next(line, 0);
    if (own && (tab >= line.size() || line[tab] != '\t' || !is_list(line.substr(tab + 1))))
      wrong = "a line is: the character read, a tab, true ones with two digits each";
    else if (own && line.substr(0, tab) <= above)
      wrong = "lines must be sorted by the character read, each there once";
    else if (read < look_alikes_.size())
      look_alikes_[read] = static_cast<std::uint32_t>(line.data() + tab + 1 - shapes_.view().data());
    above = line.substr(0, tab);
  }
  if (wrong != nullptr) settings.error(std::string(shapes_file), wrong);
}

std::string_view Confusions::look_alikes(Codepoint read) const {
  if (read >= look_alikes_.size() || look_alikes_[read] == 0) return {};
  const std::string_view list = shapes_.view().substr(look_alikes_[read]);
  return list.substr(0, list.find('\n'));
}

std::span<const Confusions::Parts> Confusions::wholes(Codepoint left, Codepoint right) const noexcept {
  if (left >= left_parts_.size() || !left_parts_[left]) return {};
  const auto found = std::ranges::equal_range(parts_, std::pair(left, right), {},
                                              [](const Parts& p) { return std::pair(p.left, p.right); });
  return {found.begin(), found.end()};
}

}  // namespace inkwash::stages
