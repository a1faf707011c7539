// RE2 patterns of rules files, compiled once and shared by threads.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stages/settings.h"

namespace inkwash::stages {

[[nodiscard]] inline std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// Compiles `pattern`, in which \p{Han} is what CharClass::han is: a few ranges, which RE2 compiles many times
/// faster than the property's many. A pattern that RE2 refuses is an error of `settings` that names `key`.
[[nodiscard]] inline std::unique_ptr<const re2::RE2> compile(Settings& settings, std::string_view key,
                                                             const std::string& pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_nl(false);
  constexpr std::string_view han = R"([々〇\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{3FFFF}])";
  auto compiled = std::make_unique<const re2::RE2>(replace_all(pattern, R"(\p{Han})", han), options);
  if (!compiled->ok()) settings.error(std::string(key), compiled->error());
  return compiled;
}

/// One pattern that matches where any of `patterns` does.
[[nodiscard]] inline std::string any_of(const std::vector<std::string>& patterns) {
  std::string joined = "(?:";
  for (const std::string& pattern : patterns) {
    if (joined.size() > 3) joined += '|';
    joined += pattern;
  }
  return joined + ")";
}

[[nodiscard]] inline bool matches(std::string_view text, const re2::RE2& pattern) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

[[nodiscard]] inline bool begins_with(std::string_view text, const re2::RE2& pattern) {
  re2::StringPiece rest(text.data(), text.size());
  return re2::RE2::Consume(&rest, pattern);
}

}  // namespace inkwash::stages
