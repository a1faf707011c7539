#include "inkwash/encodings.h"

#include <dlfcn.h>
#include <unicode/udata.h>
#include <unicode/unistr.h>

#include <cstdint>

#define INKWASH_TEXT_OF(name) #name
#define INKWASH_TEXT(name) INKWASH_TEXT_OF(name)

namespace inkwash {

void find_encodings() {
  // Where ICU is part of the program its data is not (see pipeline/icu/no_data.cpp); elsewhere it is there already.
  [[maybe_unused]] static const bool found = [] {
    void* const library = ::dlopen("libicudata.so." U_ICU_VERSION_SHORT, RTLD_LAZY | RTLD_LOCAL);
    const void* const data = library != nullptr ? ::dlsym(library, INKWASH_TEXT(U_ICUDATA_ENTRY_POINT)) : nullptr;
    UErrorCode status = U_ZERO_ERROR;
    if (data != nullptr) udata_setCommonData(data, &status);
    return data != nullptr && U_SUCCESS(status);
  }();
}

std::string utf8_of(std::string_view bytes, const std::string& encoding) {
  find_encodings();
  std::string utf8;
  icu::UnicodeString(bytes.data(), static_cast<std::int32_t>(bytes.size()), encoding.c_str()).toUTF8String(utf8);
  return utf8;
}

}  // namespace inkwash
