#include <fmt/format.h>

#include <utility>

#include "stages/words.h"

extern "C" const char inkwash_words_begin[];
extern "C" const char inkwash_words_end[];

namespace inkwash::stages {

const Words& Words::shipped() {
  static const Words words =
      of_image({inkwash_words_begin, static_cast<std::size_t>(inkwash_words_end - inkwash_words_begin)});
  return words;
}

Words Words::of(Settings& settings, const Rules& rules, const CoherenceModel& model) {
  const auto list = rules.file(file);
  if (!list) {
    settings.error(list.error().where, list.error().message);
    return {};
  }
  auto words = of_list(list->view(), model.map());
  if (words) return std::move(*words);
  if (words.error() == 0)
    settings.error(std::string(file), "there are no words");
  else
    settings.error(fmt::format("{}:{}", file, words.error()),
                   "a line is a word of two to four ideographs, and nothing else");
  return {};
}

}  // namespace inkwash::stages
