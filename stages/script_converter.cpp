#include "stages/script_converter.h"

#include <algorithm>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/DictGroup.hpp>
#include <opencc/Exception.hpp>
#include <opencc/Lexicon.hpp>
#include <opencc/MaxMatchSegmentation.hpp>
#include <typeinfo>

namespace inkwash::stages {
namespace {

/// A group as OpenCC 1.1 has it becomes its dictionaries; anything else is one dictionary.
void read(const opencc::DictPtr& dict, ScriptDictionaries& to, ScriptChain& chain) {
  const opencc::Dict& known = *dict;
  if (typeid(known) == typeid(opencc::DictGroup)) {
    for (const auto& part : static_cast<const opencc::DictGroup&>(known).GetDicts()) read(part, to, chain);
    return;
  }
  const opencc::LexiconPtr lexicon = dict->GetLexicon();
  ScriptDictionary entries;
  entries.reserve(lexicon->Length());
  for (const auto& entry : *lexicon) entries.push_back({entry->Key(), entry->GetDefault()});
  // OpenCC loads a file as often as a configuration names it.
  const auto same = std::find(chain.dictionaries.begin(), chain.dictionaries.end(), entries);
  to.push_back(static_cast<std::size_t>(same - chain.dictionaries.begin()));
  if (same == chain.dictionaries.end()) chain.dictionaries.push_back(std::move(entries));
}

/// Empty where OpenCC does not show what it does (from 1.3 on it may leave out the segmentation, or put a step
/// before it).
std::optional<ScriptMatcher> compile(const opencc::Converter& library) {
  const auto segmentation = std::dynamic_pointer_cast<opencc::MaxMatchSegmentation>(library.GetSegmentation());
  const auto conversions = library.GetConversionChain();
  if (!segmentation || !conversions) return std::nullopt;
  ScriptChain chain;
  read(segmentation->GetDict(), chain.segmentation, chain);
  for (const auto& conversion : conversions->GetConversions())
    read(conversion->GetDict(), chain.conversions.emplace_back(), chain);
  auto matcher = ScriptMatcher::compile(chain);
  // A step that is not shown would be one that replaces compatibility ideographs.
  const std::string probe = "\uF900\uFA0C";
  std::string converted;
  if (matcher) matcher->append(probe, converted);
  return matcher && converted == library.Convert(probe) ? std::move(matcher) : std::nullopt;
}

}  // namespace

expected<ScriptConverter, std::string> ScriptConverter::open(const std::string& configuration, Engine engine) {
  ScriptConverter converter;
  try {
    opencc::Config config;
    converter.library_ = config.NewFromFile(configuration + ".json");
    if (engine == Engine::compiled) converter.matcher_ = compile(*converter.library_);
  } catch (const opencc::Exception& error) {  // no std::exception
    return unexpected(std::string(error.what()));
  } catch (const std::exception& error) {
    return unexpected(std::string(error.what()));
  }
  if (converter.matcher_) converter.library_.reset();
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
