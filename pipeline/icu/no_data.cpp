// Stands for ICU's data where ICU is linked from its archive: an empty table of contents, as ICU's own stubdata is. The
// data would make the program twice as large; find_encodings() finds it when it is needed.
#include <unicode/udata.h>

#include <cstdint>

namespace {

struct Header {
  std::uint16_t size;
  std::uint8_t magic[2];
  UDataInfo info;
  char padding[8];
  std::uint32_t count, reserved;
  std::uint32_t nothing[4];
};

}  // namespace

extern "C" {
extern const Header U_ICUDATA_ENTRY_POINT;
alignas(16) const Header U_ICUDATA_ENTRY_POINT = {
    32,
    {0xDA, 0x27},
    {sizeof(UDataInfo), 0, U_IS_BIG_ENDIAN, U_CHARSET_FAMILY, sizeof(UChar), 0, {'T', 'o', 'C', 'P'}, {1, 0, 0, 0}, {}},
    {},
    0,
    0,
    {}};
}
