#include "stages/script_converter.h"

#include <algorithm>
#include <opencc/Converter.hpp>
#include <utility>

#include "stages/script_embedded.h"
#include "stages/script_opencc.h"

namespace inkwash::stages {

expected<ScriptConverter, std::string> ScriptConverter::open(const std::string& configuration, Engine engine) {
  ScriptConverter converter;
  if (engine == Engine::compiled) {
    if (const std::string_view image = embedded_script(configuration); !image.empty()) {
      converter.matcher_ = ScriptMatcher::of_image(image);
      return converter;
    }
  }
  auto library = open_opencc(configuration);
  if (!library) return unexpected(std::move(library.error()));
  if (engine == Engine::compiled) converter.matcher_ = compile(**library);
  if (!converter.matcher_) converter.library_ = std::move(*library);
  return converter;
}

void ScriptConverter::append(std::string_view text, std::string& to, std::vector<Change>* uneven) const {
  if (matcher_) return matcher_->append(text, to, uneven);
  std::size_t done = 0;
  for_each_change(text, [&](std::size_t at, std::size_t length, std::string_view converted) {
    to += text.substr(done, at - done);
    if (uneven != nullptr) uneven->push_back({at, length, to.size(), converted.size()});
    to += converted;
    done = at + length;
  });
  to += text.substr(done);
}

ScriptConverter::Piece ScriptConverter::convert_line(std::string_view text, std::size_t begin,
                                                     std::string& converted) const {
  std::size_t end = begin, next = text.size();
  while (end < text.size()) {
    const AnyDecoded decoded = utf8_next(text, end);
    next = end + (decoded.valid ? decoded.length : 1);
    if (!decoded.valid || decoded.codepoint == '\n' || decoded.codepoint == '\0') break;
    end = next;
  }
  const std::string line(text.substr(begin, end - begin));
  converted = library_->Convert(line);
  // What stays at both ends, in whole characters.
  const std::size_t least = std::min(line.size(), converted.size());
  std::size_t head = 0, tail = 0;
  while (head < least && line[head] == converted[head]) ++head;
  while (valid_utf8_inside(line, head) || valid_utf8_inside(converted, head)) --head;
  while (tail < least - head && line[line.size() - tail - 1] == converted[converted.size() - tail - 1]) ++tail;
  while (valid_utf8_inside(line, line.size() - tail) || valid_utf8_inside(converted, converted.size() - tail)) --tail;
  const std::size_t length = line.size() - head - tail;
  converted = converted.substr(head, converted.size() - head - tail);
  return {begin + head, length, next};
}

}  // namespace inkwash::stages
