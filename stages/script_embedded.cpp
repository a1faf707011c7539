#include "stages/script_embedded.h"

extern "C" const char inkwash_scripts_begin[];

namespace inkwash::stages {

std::string_view embedded_script(std::string_view name) noexcept {
  const auto* one = reinterpret_cast<const EmbeddedScript*>(inkwash_scripts_begin);
  for (; *one->name != '\0'; ++one)
    if (name == one->name) return {inkwash_scripts_begin + one->begin, one->size};
  return {};
}

}  // namespace inkwash::stages
