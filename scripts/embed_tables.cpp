// Writes what takes long to make of the rules as the tables it is, so that no start makes them: the Chinese words, what
// they are read as, the channel of recognition and how articles begin. The build runs it. usage: embed_tables WORDS
// MISREAD_WORDS CONFUSIONS LEADS
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "stages/coherence.h"
#include "stages/confusions.h"
#include "stages/leads_table.h"
#include "stages/misread_words.h"
#include "stages/settings.h"
#include "stages/words.h"

namespace {

[[noreturn]] void fail(const std::string& where, const std::string& message) {
  std::fprintf(stderr, "embed_tables: %s: %s\n", where.c_str(), message.c_str());
  std::exit(1);
}

void write(const std::string& path, const std::string& image) {
  std::ofstream out(path, std::ios::binary);
  out << image;
  out.flush();
  if (!out) fail(path, "this file can't be written");
}

}  // namespace

int main(int argc, char** argv) {
  using namespace inkwash;
  using namespace inkwash::stages;
  if (argc != 5) fail("usage", "embed_tables WORDS MISREAD_WORDS CONFUSIONS LEADS");
  const StageOptions options;
  const Rules rules;
  Settings settings("ocr", options, rules, "ocr.toml");
  const Words words = Words::of(settings, rules, CoherenceModel::shipped());
  const Confusions confusions(settings, rules);
  const MisreadWords misread_words(settings, rules, CoherenceModel::shipped(), confusions);
  const LeadsTable leads(settings, rules);
  for (const ConfigError& error : settings.take_errors()) fail(error.where, error.message);
  write(argv[1], words.image());
  write(argv[2], misread_words.image());
  write(argv[3], confusions.image());
  write(argv[4], leads.image());
}
