// Writes a file that holds OpenCC's configurations, compiled, so that no start reads its dictionaries. The build runs
// it. usage: embed_scripts RULES/script.toml OPENCC_DATA OUTPUT
#include <simdjson.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inkwash/rule_table.h"
#include "inkwash/stage.h"
#include "stages/script_embedded.h"
#include "stages/script_opencc.h"
#include "stages/script_signs.h"
#include "stages/script_sources.h"

namespace {

using namespace inkwash;
using namespace inkwash::stages;

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  std::fprintf(stderr, "embed_scripts: %s: %s\n", where.c_str(), message.c_str());
  std::exit(1);
}

struct Image {
  std::string name;
  std::string bytes;
  std::vector<ScriptSource> sources;
};

/// OpenCC's data folder.
class Data {
 public:
  explicit Data(std::string folder) : folder_(std::move(folder)) {}

  std::string path_of(std::string_view name) const { return folder_ + "/" + std::string(name); }

  [[nodiscard]] ScriptSource source(const std::string& name) const {
    const auto source = script_source(folder_, name);
    if (!source) fail(folder_ + "/" + name, "there is no such file, or its name is too long");
    return *source;
  }

  /// A configuration's file and those of the dictionaries it names.
  [[nodiscard]] std::vector<ScriptSource> sources_of(const std::string& configuration) const {
    const std::string name = configuration + ".json";
    std::vector<ScriptSource> sources = {source(name)};
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.load(folder_ + "/" + name).get(root)) fail(name, simdjson::error_message(error));
    add_files_in(root, sources);
    return sources;
  }

 private:
  void add_files_in(simdjson::dom::element json, std::vector<ScriptSource>& to) const {
    if (json.is_array())
      for (const simdjson::dom::element one : simdjson::dom::array(json)) add_files_in(one, to);
    if (!json.is_object()) return;
    for (const auto& [key, value] : simdjson::dom::object(json)) {
      if (key != "file" || !value.is_string()) {
        add_files_in(value, to);
        continue;
      }
      const ScriptSource file = source(std::string(std::string_view(value)));
      if (std::find(to.begin(), to.end(), file) == to.end()) to.push_back(file);
    }
  }

  std::string folder_;
};

void add_configuration(const std::string& name, const Data& data, std::vector<Image>& images) {
  // By path: OpenCC looks for a name in the working folder first.
  const auto library = open_opencc(data.path_of(name));
  if (!library) fail(name, library.error());
  if (const auto matcher = compile(**library))
    images.push_back({name, matcher->image(), data.sources_of(name)});
  else  // the library is asked when inkwash runs
    std::fprintf(stderr, "embed_scripts: %s: this version of OpenCC does not show what it does\n", name.c_str());
}

void add_signs(const std::string& dictionary, const Data& data, std::vector<Image>& images) {
  const auto characters = characters_converted(data.path_of(dictionary));
  if (!characters) fail(dictionary, characters.error());
  const ScriptSigns::Bits bits = ScriptSigns::bits_of(*characters);
  images.push_back({dictionary, {reinterpret_cast<const char*>(bits.data()), sizeof bits}, {data.source(dictionary)}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) fail("usage", "embed_scripts RULES/script.toml OPENCC_DATA OUTPUT");
  std::ifstream in(argv[1], std::ios::binary);
  const std::string toml{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(argv[1], "this file can't be read");
  const auto rules = RuleTable::parse(toml, argv[1]);
  if (!rules) fail(rules.error().where, rules.error().message);
  const RuleTable::Entry* const configurations = rules->find("configurations");
  if (configurations == nullptr) fail(argv[1], "there are no configurations");

  const Data data(argv[2]);
  std::vector<Image> images;
  for (const RuleTable::Value& name : configurations->values()) add_configuration(std::string(name.text), data, images);
  add_signs(std::string(simplified_characters), data, images);
  add_signs(std::string(traditional_characters), data, images);

  std::vector<EmbeddedScript> directory(images.size() + 1, EmbeddedScript{});
  std::string contents;
  const auto align = [&](std::size_t size) {
    return (size + image_alignment - 1) / image_alignment * image_alignment;
  };
  const std::size_t head = align(directory.size() * sizeof(EmbeddedScript));
  const auto append = [&](const void* bytes, std::size_t size) {
    const std::size_t begin = head + contents.size();
    contents.append(static_cast<const char*>(bytes), size);
    contents.resize(align(contents.size()));
    return begin;
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& [name, bytes, sources] = images[i];
    if (name.size() > EmbeddedScript::longest_name) fail(name, "this name is too long");
    EmbeddedScript& entry = directory[i];
    name.copy(entry.name, name.size());
    entry.begin = append(bytes.data(), bytes.size());
    entry.size = bytes.size();
    entry.sources_begin = append(sources.data(), sources.size() * sizeof(ScriptSource));
    entry.sources = sources.size();
  }
  std::string all(reinterpret_cast<const char*>(directory.data()), directory.size() * sizeof(EmbeddedScript));
  all.resize(head);
  std::ofstream out(argv[3], std::ios::binary);
  out << all << contents;
  out.flush();
  if (!out) fail(argv[3], "this file can't be written");
}
