#include "stages/script_sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <string>

namespace inkwash::stages {

std::optional<ScriptSource> script_source(std::string_view folder, std::string_view name) {
  if (name.size() > ScriptSource::longest_name) return std::nullopt;
  std::string path(folder);
  path += '/';
  path += name;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  ScriptSource source{};
  name.copy(source.name, name.size());
  source.size = static_cast<std::uint64_t>(status.st_size);
  source.modified = status.st_mtime;
  return source;
}

bool sources_changed(std::span<const ScriptSource> sources, std::string_view folder) {
  return std::any_of(sources.begin(), sources.end(), [&](const ScriptSource& source) {
    const auto installed = script_source(folder, source.name);
    return installed && *installed != source;
  });
}

}  // namespace inkwash::stages
