#include "stages/latin.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_small(static_cast<char>(c | 0x20)); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view word) {
  std::string small(word);
  for (char& c : small)
    if (is_capital(c)) c = static_cast<char>(c | 0x20);
  return small;
}

/// The last word with the marks set to it.
std::string_view last_word(std::string_view ink) {
  const std::size_t space = ink.rfind(' ');
  return space == std::string_view::npos ? ink : ink.substr(space + 1);
}

constexpr std::size_t longest_fragment = 12;
constexpr std::string_view words_file = "words-english.txt";
constexpr std::string_view closers = "\"')]", openers = "\"'([";

}  // namespace

std::shared_ptr<const LatinLines> LatinLines::of(Settings& settings, const Rules& rules) {
  static const StageOptions no_options;
  const auto read = [](Settings& file, const Rules& from) {
    return std::shared_ptr<const LatinLines>(new LatinLines(file, from));
  };
  if (rules.path_of("latin.toml").empty() && rules.path_of(words_file).empty()) {
    static const std::shared_ptr<const LatinLines> built_in = [&] {
      const Rules own;
      Settings file("latin", no_options, own, "latin.toml");
      return read(file, own);
    }();
    return built_in;
  }
  Settings file("latin", no_options, rules, "latin.toml");
  auto lines = read(file, rules);
  for (ConfigError& error : file.take_errors()) settings.error(std::move(error.where), std::move(error.message));
  return lines;
}

LatinLines::LatinLines(Settings& settings, const Rules& rules) {
  if (auto words = rules.file(words_file))
    words_ = *std::move(words);
  else
    settings.error(std::move(words.error().where), std::move(words.error().message));
  widths_.fill(1);
  constexpr std::array<const char*, 7> classes{"hair", "narrow", "small", "letter", "capital", "wide", "widest"};
  for (const char* of : classes) {
    const float width = settings.cost(fmt::format("width.{}", of));
    for (const char32_t codepoint : settings.characters(fmt::format("letters.{}", of)))
      if (codepoint < widths_.size()) widths_[codepoint] = width;
  }
  constexpr std::array<std::pair<const char*, End>, 5> lists{{{"determiners", End::determiner},
                                                              {"prepositions", End::preposition},
                                                              {"conjunctions", End::conjunction},
                                                              {"auxiliaries", End::auxiliary},
                                                              {"pronouns", End::pronoun}}};
  for (const auto& [name, kind] : lists)
    for (std::string& word : settings.strings(fmt::format("words.{}", name))) kinds_.emplace(std::move(word), kind);
  for (std::string& word : settings.strings("words.fragments")) fragments_.insert(std::move(word));
  for (std::string& word : settings.strings("words.abbreviations")) abbreviations_.insert(std::move(word));
  constexpr std::array<const char*, ends> names{
      "",          "",        "stop", "colon",   "comma", "determiner", "preposition", "conjunction",
      "auxiliary", "pronoun", "word", "capital", "digit"};
  const float weight = settings.cost("goes_on.weight");
  const std::vector<double> cut = settings.numbers("goes_on.cut", 3);
  cut_word_ = weight * static_cast<float>(cut[0]);
  cut_compound_ = weight * static_cast<float>(cut[1]);
  cut_none_ = weight * static_cast<float>(cut[2]);
  for (std::size_t end = static_cast<std::size_t>(End::stop); end < ends; ++end) {
    const std::vector<double> row = settings.numbers(fmt::format("goes_on.{}", names[end]), beginnings - 1);
    for (std::size_t begin = 1; begin < beginnings; ++begin)
      goes_on_[end][begin] = weight * static_cast<float>(row[begin - 1]);
  }
}

float LatinLines::width_of(std::string_view ink) const noexcept {
  float width = 0;
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    width += codepoint < widths_.size() ? widths_[codepoint] : static_cast<float>(half_ems(codepoint));
    at += length;
  }
  return width;
}

float LatinLines::first_word_width(std::string_view ink) const noexcept {
  std::size_t end = std::min(ink.find(' '), ink.size());
  if (const std::size_t dash = ink.find('-'); dash > 0 && dash < end) end = dash + 1;
  return width_of(ink.substr(0, end));
}

bool LatinLines::begins_small(std::string_view ink) noexcept { return is_small(ink.front()); }

bool LatinLines::begins_with_capital(std::string_view ink) noexcept {
  if (ink.front() == '"' || ink.starts_with("“")) return true;
  if (!is_capital(ink.front())) return false;
  return ink.front() != 'I' || (ink.size() > 1 && is_letter(ink[1]));
}

bool LatinLines::ends_openly(std::string_view ink) const {
  const End kind = kind_of(last_word(ink));
  return kind != End::none && kind != End::pronoun;
}

bool LatinLines::ends_unfinished(std::string_view ink) const {
  return ink.back() == ',' || (is_small(last_word(ink).front()) && ends_openly(ink));
}

bool LatinLines::begins_openly(std::string_view ink) const {
  const End kind = kind_of(ink.substr(0, ink.find(' ')));
  return kind == End::preposition || kind == End::conjunction || kind == End::auxiliary;
}

bool LatinLines::ends_in_abbreviation(std::string_view ink) const {
  if (ink.back() != '.') return false;
  std::string_view word = last_word(ink.substr(0, ink.size() - 1));
  while (!word.empty() && openers.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  constexpr std::size_t longest = 6;
  return word.size() <= longest && abbreviations_.contains(lower(word));
}

/// Lines are sorted, so one is found by halves; those with a # come before all words.
bool LatinLines::knows(std::string_view word) const noexcept {
  const std::string_view all = words_.view();
  for (std::size_t first = 0, last = all.size(); first < last;) {
    const std::size_t middle = first + (last - first) / 2;
    const std::size_t line_end = std::min(all.find('\n', middle), last);
    const std::size_t before = middle == first ? std::string_view::npos : all.rfind('\n', middle - 1);
    const std::size_t line = before == std::string_view::npos ? first : std::max(first, before + 1);
    const int order = all.substr(line, line_end - line).compare(word);
    if (order == 0) return true;
    if (order < 0)
      first = line_end + 1;
    else
      last = line;
  }
  return false;
}

bool LatinLines::ends_in_word(std::string_view ink) noexcept {
  return ink.size() >= 3 && ink.back() == '-' && is_letter(ink[ink.size() - 2]) && is_letter(ink[ink.size() - 3]);
}

LatinLines::End LatinLines::kind_of(std::string_view word) const {
  constexpr std::size_t longest = 12;
  if (word.size() > longest) return End::none;
  const auto found = kinds_.find(lower(word));
  return found == kinds_.end() ? End::none : found->second;
}

LatinLines::Ended LatinLines::end_of(std::string_view text) const {
  // Names and figures stand in Chinese text too: a Latin line has a word before them.
  if (text.empty() || static_cast<unsigned char>(text.back()) >= 0x80) return {};
  const std::size_t space = text.rfind(' ');
  if (space == std::string_view::npos || space == 0 || !(is_letter(text[space - 1]) || text[space - 1] == ','))
    return {};
  std::string_view word = text.substr(space + 1);
  if (std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) return {};
  if (ends_in_word(text)) {
    word.remove_suffix(1);
    std::size_t begin = word.size();
    while (begin > 0 && is_letter(word[begin - 1])) --begin;
    return {End::hyphen, word.substr(begin)};
  }
  while (!word.empty() && closers.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  while (!word.empty() && openers.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  if (word.empty()) return {};
  switch (word.back()) {
    case '.':
      if (!ends_in_abbreviation(text)) return {End::stop, {}};
      word.remove_suffix(1);
      break;
    case '!':
    case '?': return {End::stop, {}};
    case ':':
    case ';': return {End::colon, {}};
    case ',': return {End::comma, {}};
    default: break;
  }
  if (const End kind = kind_of(word); kind != End::none) return {kind, {}};
  if (is_digit(word.front())) return {End::digit, {}};
  if (is_capital(word.front())) return {End::capital, {}};
  return {is_small(word.front()) ? End::word : End::none, {}};
}

LatinLines::Begun LatinLines::begin_of(std::string_view text) const {
  std::string_view word = text.substr(0, std::min(text.find(' '), text.size()));
  if (word.size() + 1 >= text.size() ||
      std::any_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }) ||
      static_cast<unsigned char>(text[word.size() + 1]) >= 0x80)
    return {};
  if (word.front() == '"' || word.front() == '\'') return {Begin::quote, {}};
  while (!word.empty() && openers.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  while (!word.empty() && !is_letter(word.back()) && !is_digit(word.back())) word.remove_suffix(1);
  if (word.empty()) return {};
  if (is_digit(word.front()) || word.front() == '$') return {Begin::digit, {}};
  const End kind = kind_of(word);
  if (is_capital(word.front()))
    return {kind == End::none ? Begin::capital : word == "I" ? Begin::pronoun : Begin::starter, {}};
  const std::string_view letters(word.begin(), std::find_if_not(word.begin(), word.end(), is_small));
  switch (kind) {
    case End::none:
      if (letters.empty()) return {};
      return {word.size() <= longest_fragment && fragments_.contains(std::string(word)) ? Begin::fragment : Begin::word,
              letters};
    case End::determiner: return {Begin::determiner, letters};
    case End::preposition: return {Begin::preposition, letters};
    case End::conjunction: return {Begin::conjunction, letters};
    case End::auxiliary: return {Begin::auxiliary, letters};
    default: return {Begin::pronoun, letters};
  }
}

float LatinLines::goes_on(const Ended& end, const Begun& begin) const {
  if (end.kind != End::hyphen)
    return goes_on_[static_cast<std::size_t>(end.kind)][static_cast<std::size_t>(begin.kind)];
  if (begin.word.empty()) return cut_none_;
  const std::string cut = lower(end.cut), rest(begin.word);
  return knows(cut + rest) ? cut_word_ : knows(cut) && knows(rest) ? cut_compound_ : cut_none_;
}

}  // namespace inkwash::stages
