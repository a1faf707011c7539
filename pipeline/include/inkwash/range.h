// inkwash/range.h - byte ranges of the source and of the current text, as types that never mix.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

namespace inkwash {

/// Offsets are 32 bits: a document is at most 4 GiB - 1 byte (max_document_bytes), larger inputs are
/// refused with a message. This halves the account of changes of every document.
using ByteOffset = std::uint32_t;
inline constexpr std::uint64_t max_document_bytes = std::numeric_limits<ByteOffset>::max() - 1;

/// Half-open range of bytes [begin, end) of one buffer. `Space` says of which; ranges of different
/// buffers are different types.
template <typename Space>
struct Range {
  ByteOffset begin = 0;
  ByteOffset end = 0;

  [[nodiscard]] constexpr ByteOffset size() const noexcept { return end - begin; }
  [[nodiscard]] constexpr bool empty() const noexcept { return begin == end; }
  [[nodiscard]] constexpr bool contains(ByteOffset at) const noexcept { return begin <= at && at < end; }
  [[nodiscard]] constexpr bool contains(Range other) const noexcept { return begin <= other.begin && other.end <= end; }
  /// The bytes in `buffer`; valid as long as the buffer is neither changed nor destroyed.
  [[nodiscard]] constexpr std::string_view of(std::string_view buffer) const noexcept {
    return buffer.substr(begin, end - begin);
  }
  friend constexpr bool operator==(Range, Range) noexcept = default;
};

using TextRange = Range<struct TextSpace>;      ///< of the current text of a Document
using SourceRange = Range<struct SourceSpace>;  ///< of the bytes the Document was made from

}  // namespace inkwash
