// The tables that scripts/embed_tables.cpp made when inkwash was built.
#include <string_view>

#include "stages/confusions.h"
#include "stages/leads_table.h"
#include "stages/misread_words.h"
#include "stages/words.h"

extern "C" const char inkwash_words_begin[], inkwash_words_end[];
extern "C" const char inkwash_confusions_begin[], inkwash_confusions_end[];
extern "C" const char inkwash_misread_words_begin[], inkwash_misread_words_end[];
extern "C" const char inkwash_leads_begin[], inkwash_leads_end[];

namespace inkwash::stages {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, end}; }

}  // namespace

const Words& Words::shipped() {
  static const Words words = of_image(between(inkwash_words_begin, inkwash_words_end));
  return words;
}

const MisreadWords& MisreadWords::shipped() {
  static const MisreadWords words(between(inkwash_misread_words_begin, inkwash_misread_words_end));
  return words;
}

const Confusions& Confusions::shipped() {
  static const Confusions confusions(between(inkwash_confusions_begin, inkwash_confusions_end), Rules{});
  return confusions;
}

const LeadsTable& LeadsTable::shipped() {
  static const LeadsTable table(between(inkwash_leads_begin, inkwash_leads_end));
  return table;
}

}  // namespace inkwash::stages
