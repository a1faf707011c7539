#include "stages/script_embedded.h"

#include "stages/script_sources.h"

extern "C" const char inkwash_scripts_begin[];

namespace inkwash::stages {

std::string_view embedded_script(std::string_view name, std::string_view folder) {
  const auto* one = reinterpret_cast<const EmbeddedScript*>(inkwash_scripts_begin);
  while (*one->name != '\0' && name != one->name) ++one;
  if (*one->name == '\0') return {};
  const auto* const sources = reinterpret_cast<const ScriptSource*>(inkwash_scripts_begin + one->sources_begin);
  if (sources_changed({sources, one->sources}, folder)) return {};
  return {inkwash_scripts_begin + one->begin, one->size};
}

std::string_view embedded_script(std::string_view name) { return embedded_script(name, INKWASH_OPENCC_DATA); }

}  // namespace inkwash::stages
