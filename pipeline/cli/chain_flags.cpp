#include "chain_flags.h"

#include <algorithm>

namespace inkwash::cli {

Rules chain_rules(const Arguments& arguments) {
  const Rules rules{std::string(arguments.value("rules"))};
  return arguments.has("model") ? rules.with("model/news.icm", std::string(arguments.value("model"))) : rules;
}

expected<ChainSpec, ConfigErrors> chain_spec(const Arguments& arguments, const Rules& rules) {
  auto spec = arguments.has("stages") ? ChainSpec::of_stages(arguments.value("stages"))
                                      : ChainSpec::parse(arguments.value("chain", "default"), rules);
  if (!spec) return spec;
  if (arguments.has("script") && !spec->set("script", "config", arguments.value("script")))
    spec->steps.push_back({"script", {{"config", std::string(arguments.value("script"))}}});
  if (arguments.has("punctuation") && !spec->set("punctuation", "quotes", arguments.value("punctuation")))
    spec->steps.push_back({"punctuation", {{"quotes", std::string(arguments.value("punctuation"))}}});
  if (arguments.has("ocr") && !spec->set("ocr", "level", arguments.value("ocr"))) {
    const auto spaces = std::find_if(spec->steps.begin(), spec->steps.end(),
                                     [](const ChainSpec::Step& step) { return step.stage == "spaces"; });
    spec->steps.insert(spaces, {"ocr", {{"level", std::string(arguments.value("ocr"))}}});
  }
  if (arguments.has("encoding") && !spec->set("decode", "encoding", arguments.value("encoding")))
    spec->steps.insert(spec->steps.begin(), {"decode", {{"encoding", std::string(arguments.value("encoding"))}}});
  return spec;
}

}  // namespace inkwash::cli
