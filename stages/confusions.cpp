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

Confusions::Confusions(Settings& settings, const Rules& rules) {
  const auto channel = [&](std::string_view key) { return static_cast<float>(settings.number(key, 0, 1000)); };
  const float back = channel("channel.back"), strength = channel("channel.strength");
  read_counts(settings, rules, back, strength);
  read_parts(settings, rules);
  read_shapes(settings, rules, strength);
}

Confusions::Confusions(std::string_view image, const Rules& rules) {
  ImageReader reader(image);
  members(*this, reader);
  if (auto shapes = rules.file(shapes_file)) shapes_ = std::move(*shapes);
}

std::string Confusions::image() const {
  std::string image;
  ImageWriter writer(image);
  members(*this, writer);
  return image;
}

void Confusions::read_counts(Settings& settings, const Rules& rules, float back, float strength) {
  std::vector<std::vector<Count>> counts(characters);  // by the character read
  const auto add = [&](Codepoint read, Codepoint right, float count) {
    std::vector<Count>& list = counts[read];
    const auto found = std::ranges::find(list, right, &Count::right);
    if (found == list.end())
      list.push_back({right, count});
    else
      found->count += count;
  };
  std::vector<std::uint16_t> which(characters);
  std::vector<float> misread(1);  // how often, in the order of `which`
  settings.table(rules, counts_file, 3, [&](Settings::Row row) {
    const float count = number_of(row[2]);
    if (row[0].empty() || row[1].empty() || !(count > 0)) {
      settings.error(std::string(counts_file), "a line is: the character read, the true one, how often");
      return;
    }
    const Codepoint read = valid_utf8_next(row[0], 0).codepoint, right = valid_utf8_next(row[1], 0).codepoint;
    if (read >= characters || right >= characters) return;  // no model reads it
    add(read, right, count);
    add(right, read, back * count);
    if (which[right] == 0) {
      which[right] = static_cast<std::uint16_t>(misread.size());
      misread.push_back(0);
    }
    misread[which[right]] += count;
  });
  std::vector<std::uint32_t> begins;
  std::vector<Count> all;
  begins.reserve(characters + 1);
  for (const std::vector<Count>& list : counts) {
    begins.push_back(static_cast<std::uint32_t>(all.size()));
    all.insert(all.end(), list.begin(), list.end());
  }
  begins.push_back(static_cast<std::uint32_t>(all.size()));
  std::vector<Errors> errors;
  for (const float count : misread) errors.push_back({std::log1p(count), std::log(count + strength)});
  counts_begin_ = ImageArray(std::move(begins));
  counts_ = ImageArray(std::move(all));
  which_ = ImageArray(std::move(which));
  errors_ = ImageArray(std::move(errors));
}

void Confusions::read_parts(Settings& settings, const Rules& rules) {
  std::vector<Parts> parts;
  settings.table(rules, parts_file, 2, [&](Settings::Row row) {
    const std::size_t length = row[0].empty() ? 0 : valid_utf8_next(row[0], 0).length;
    if (length == 0 || length == row[0].size() || row[1].empty()) {
      settings.error(std::string(parts_file), "a line is: two characters, the one that they are the parts of");
      return;
    }
    parts.push_back({valid_utf8_next(row[0], 0).codepoint, valid_utf8_next(row[0], length).codepoint,
                     valid_utf8_next(row[1], 0).codepoint});
  });
  std::ranges::sort(parts, {}, [](const Parts& p) { return std::tuple(p.left, p.right, p.whole); });
  parts_ = ImageArray(std::move(parts));
}

void Confusions::read_shapes(Settings& settings, const Rules& rules, float strength) {
  constexpr std::size_t tenths_of_two_digits = 100;
  std::vector<float> alike, log_alike, never_read;
  for (std::size_t tenths = 0; tenths < tenths_of_two_digits; ++tenths) {
    alike.push_back(strength * std::exp(-0.1f * static_cast<float>(tenths)));
    log_alike.push_back(std::log(alike.back()));
    never_read.push_back(std::log(alike.back() / strength));
  }
  alike_ = ImageArray(std::move(alike));
  log_alike_ = ImageArray(std::move(log_alike));
  never_read_ = ImageArray(std::move(never_read));
  std::vector<std::uint32_t> look_alikes(characters);
  auto shapes = rules.file(shapes_file);
  if (shapes)
    shapes_ = std::move(*shapes);
  else
    settings.error(shapes.error().where, shapes.error().message);
  const char* wrong = nullptr;
  std::string_view above;
  for (std::string_view rest = shapes_.view(); !rest.empty() && wrong == nullptr;) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto [read, tab] = valid_utf8_next(line, 0);
    if (tab >= line.size() || line[tab] != '\t' || !is_list(line.substr(tab + 1)))
      wrong = "a line is: the character read, a tab, true ones with two digits each";
    else if (line.substr(0, tab) <= above)
      wrong = "lines must be sorted by the character read, each there once";
    else if (read < characters)
      look_alikes[read] = static_cast<std::uint32_t>(line.data() + tab + 1 - shapes_.view().data());
    above = line.substr(0, tab);
  }
  if (wrong != nullptr) settings.error(std::string(shapes_file), wrong);
  look_alikes_ = ImageArray(std::move(look_alikes));
}

std::string_view Confusions::look_alikes(Codepoint read) const {
  if (look_alikes_[read] == 0) return {};
  const std::string_view list = shapes_.view().substr(look_alikes_[read]);
  return list.substr(0, list.find('\n'));
}

std::span<const Confusions::Parts> Confusions::wholes(Codepoint left, Codepoint right) const noexcept {
  const auto found = std::ranges::equal_range(parts(), std::pair(left, right), {},
                                              [](const Parts& p) { return std::pair(p.left, p.right); });
  return {found.begin(), found.end()};
}

}  // namespace inkwash::stages
