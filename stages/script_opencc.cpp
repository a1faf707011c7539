#include "stages/script_opencc.h"

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
#include <utility>

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

/// Calls `make`, of whose exceptions it makes errors.
template <typename Make>
auto caught(Make make) -> expected<decltype(make()), std::string> {
  try {
    return make();
  } catch (const opencc::Exception& error) {  // no std::exception
    return unexpected(std::string(error.what()));
  } catch (const std::exception& error) {
    return unexpected(std::string(error.what()));
  }
}

}  // namespace

expected<std::shared_ptr<opencc::Converter>, std::string> open_opencc(const std::string& configuration) {
  return caught([&] {
    opencc::Config config;
    return config.NewFromFile(configuration + ".json");
  });
}

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

expected<std::vector<Codepoint>, std::string> characters_converted(const std::string& file) {
  return caught([&] {
    const std::string dict = R"({"type": "ocd2", "file": ")" + file + "\"}";
    opencc::Config config;
    const opencc::LexiconPtr entries = config
                                           .NewFromString(R"({"segmentation": {"type": "mmseg", "dict": )" + dict +
                                                              R"(}, "conversion_chain": [{"dict": )" + dict + "}]}",
                                                          "")
                                           ->GetConversionChain()
                                           ->GetConversions()
                                           .front()
                                           ->GetDict()
                                           ->GetLexicon();
    std::vector<Codepoint> all;
    for (const auto& entry : *entries) {
      const std::string key = entry->Key();
      const std::vector<std::string> forms = entry->Values();
      const auto [codepoint, length] = valid_utf8_next(key, 0);
      if (length == key.size() && std::find(forms.begin(), forms.end(), key) == forms.end()) all.push_back(codepoint);
    }
    return all;
  });
}

}  // namespace inkwash::stages
