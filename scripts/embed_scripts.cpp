// Writes a file that holds OpenCC's configurations, compiled, so that no start reads its dictionaries. The build runs
// it. usage: embed_scripts RULES/script.toml OUTPUT
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

namespace {

using namespace inkwash;
using namespace inkwash::stages;

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  std::fprintf(stderr, "embed_scripts: %s: %s\n", where.c_str(), message.c_str());
  std::exit(1);
}

using Images = std::vector<std::pair<std::string_view, std::string>>;

void add_configuration(std::string_view name, Images& images) {
  const auto library = open_opencc(std::string(name));
  if (!library) fail(std::string(name), library.error());
  if (const auto matcher = compile(**library))
    images.emplace_back(name, matcher->image());
  else  // the library is asked when inkwash runs
    std::fprintf(stderr, "embed_scripts: %s: this version of OpenCC does not show what it does\n",
                 std::string(name).c_str());
}

void add_signs(std::string_view name, const char* dictionary, Images& images) {
  const auto characters = characters_converted(dictionary);
  if (!characters) fail(dictionary, characters.error());
  const ScriptSigns::Bits bits = ScriptSigns::bits_of(*characters);
  images.emplace_back(name, std::string(reinterpret_cast<const char*>(bits.data()), sizeof bits));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) fail("usage", "embed_scripts RULES/script.toml OUTPUT");
  std::ifstream in(argv[1], std::ios::binary);
  const std::string toml{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(argv[1], "this file can't be read");
  const auto rules = RuleTable::parse(toml, argv[1]);
  if (!rules) fail(rules.error().where, rules.error().message);
  const RuleTable::Entry* const configurations = rules->find("configurations");
  if (configurations == nullptr) fail(argv[1], "there are no configurations");

  Images images;
  for (const RuleTable::Value& name : configurations->values()) add_configuration(name.text, images);
  add_signs(embedded_simplified, "STCharacters.ocd2", images);
  add_signs(embedded_traditional, "TSCharacters.ocd2", images);

  std::vector<EmbeddedScript> directory(images.size() + 1, EmbeddedScript{});
  std::string contents;
  const auto align = [&](std::size_t size) {
    return (size + script_image_alignment - 1) / script_image_alignment * script_image_alignment;
  };
  const std::size_t head = align(directory.size() * sizeof(EmbeddedScript));
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& [name, image] = images[i];
    if (name.size() > EmbeddedScript::longest_name) fail(std::string(name), "this name is too long");
    name.copy(directory[i].name, name.size());
    directory[i].begin = head + contents.size();
    directory[i].size = image.size();
    contents += image;
    contents.resize(align(contents.size()));
  }
  std::string all(reinterpret_cast<const char*>(directory.data()), directory.size() * sizeof(EmbeddedScript));
  all.resize(head);
  std::ofstream out(argv[2], std::ios::binary);
  out << all << contents;
  out.flush();
  if (!out) fail(argv[2], "this file can't be written");
}
