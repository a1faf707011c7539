// Writes the list of Chinese words as the table it is in the symbols of a coherence model, so that no start makes it.
// The build runs it. usage: embed_words WORDS MODEL OUTPUT
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "stages/words.h"

namespace {

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  std::fprintf(stderr, "embed_words: %s: %s\n", where.c_str(), message.c_str());
  std::exit(1);
}

std::string contents_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string contents{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) fail(path, "this file can't be read");
  return contents;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace inkwash::stages;
  if (argc != 4) fail("usage", "embed_words WORDS MODEL OUTPUT");
  const std::string list = contents_of(argv[1]), model = contents_of(argv[2]);
  std::vector<CoherenceModel::Symbol> map(0x10000);
  const std::size_t size = map.size() * sizeof(CoherenceModel::Symbol);
  if (!model.starts_with(CoherenceModel::magic) || model.size() < CoherenceModel::map_begin + size)
    fail(argv[2], "this is no coherence model of this version");
  std::memcpy(map.data(), model.data() + CoherenceModel::map_begin, size);
  const auto words = Words::of_list(list, CoherenceModel::Map(map));
  if (!words) fail(argv[1], "line " + std::to_string(words.error()) + " is no word");
  std::ofstream out(argv[3], std::ios::binary);
  out << words->image();
  out.flush();
  if (!out) fail(argv[3], "this file can't be written");
}
