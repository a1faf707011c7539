#include "differences.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <immintrin.h>
#endif

namespace inkwash {
namespace {

constexpr std::size_t block = 64;

/// A bit for each of 64 bytes.
struct Masks {
  std::uint64_t differ = 0;
  std::uint64_t before_inside = 0, after_inside = 0;  ///< characters: all of their bytes but the first
};

using MasksOf = Masks (*)(const char* before, const char* after);

Masks masks_of(const char* before, const char* after) {
  Masks masks;
#ifdef __SSE2__
  const __m128i first_lead = _mm_set1_epi8(-64);  // 0xC0; insides are below it as signed bytes
  for (unsigned at = 0; at < block; at += sizeof(__m128i)) {
    __m128i a, b;
    std::memcpy(&a, before + at, sizeof a);
    std::memcpy(&b, after + at, sizeof b);
    const auto bits = [&](__m128i lanes) {
      return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(lanes))) << at;
    };
    masks.differ |= bits(_mm_cmpeq_epi8(a, b));
    masks.before_inside |= bits(_mm_cmplt_epi8(a, first_lead));
    masks.after_inside |= bits(_mm_cmplt_epi8(b, first_lead));
  }
  masks.differ = ~masks.differ;
#else
  const auto is_inside = [](char c) { return std::uint64_t((c & 0xC0) == 0x80); };
  for (unsigned at = 0; at < block; ++at) {
    masks.differ |= std::uint64_t(before[at] != after[at]) << at;
    masks.before_inside |= is_inside(before[at]) << at;
    masks.after_inside |= is_inside(after[at]) << at;
  }
#endif
  return masks;
}

template <MasksOf masks_of>
[[gnu::always_inline]] inline std::optional<Differences> count(std::string_view before, std::string_view after) {
  if (before.size() != after.size()) return std::nullopt;
  Differences all;
  bool continues = false;  // a run from the block before
  const auto add = [&](std::uint64_t differ, std::uint64_t inside, std::size_t size) {
    for (int i = 0; i < 3; ++i) differ |= (differ & inside) >> 1;  // down to a character's first byte
    std::uint64_t changed = differ & ~inside;
    all.characters += static_cast<std::uint64_t>(std::popcount(changed));
    for (int i = 0; i < 3; ++i) changed |= changed << 1 & inside;  // and up to its last
    all.runs += static_cast<std::uint64_t>(std::popcount(changed & ~(changed << 1 | std::uint64_t(continues))));
    continues = (changed >> (size - 1) & 1) != 0;
  };
  std::size_t at = 0;
  while (before.size() - at > block) {
    const Masks masks = masks_of(before.data() + at, after.data() + at);
    if (masks.before_inside != masks.after_inside) return std::nullopt;
    // Without the last character, which may go on behind the block.
    const auto size = static_cast<std::size_t>(std::bit_width(~masks.before_inside)) - 1;
    if (size == 0 || size >= block) return std::nullopt;  // no UTF-8
    at += size;
    if (masks.differ == 0) {
      continues = false;
      continue;
    }
    add(masks.differ & ((std::uint64_t{1} << size) - 1), masks.before_inside, size);
  }
  if (at == before.size()) return all;
  // The rest, with zeros behind it.
  std::array<char, block> last_before{}, last_after{};
  std::copy(before.begin() + static_cast<std::ptrdiff_t>(at), before.end(), last_before.begin());
  std::copy(after.begin() + static_cast<std::ptrdiff_t>(at), after.end(), last_after.begin());
  const Masks masks = masks_of(last_before.data(), last_after.data());
  if (masks.before_inside != masks.after_inside) return std::nullopt;
  add(masks.differ, masks.before_inside, block);
  return all;
}

#ifdef __SSE2__
[[gnu::target("avx2,popcnt,bmi,lzcnt")]] std::optional<Differences> count_avx2(std::string_view before,
                                                                               std::string_view after) {
  return count<masks_of>(before, after);
}

[[gnu::target("avx512bw")]] inline Masks masks_of_avx512(const char* before, const char* after) {
  const __m512i first_lead = _mm512_set1_epi8(-64), a = _mm512_loadu_si512(before), b = _mm512_loadu_si512(after);
  return {_mm512_cmpneq_epi8_mask(a, b), _mm512_cmplt_epi8_mask(a, first_lead), _mm512_cmplt_epi8_mask(b, first_lead)};
}
[[gnu::target("avx512bw,popcnt,bmi,lzcnt")]] std::optional<Differences> count_avx512(std::string_view before,
                                                                                     std::string_view after) {
  return count<masks_of_avx512>(before, after);
}
#endif

}  // namespace

std::optional<Differences> differences_in_step(std::string_view before, std::string_view after) noexcept {
#ifdef __SSE2__
  static const bool has_lzcnt = __builtin_cpu_supports("lzcnt") != 0;
  static const bool has_avx512 = has_lzcnt && __builtin_cpu_supports("avx512bw");
  static const bool has_avx2 = has_lzcnt && __builtin_cpu_supports("avx2");
  if (has_avx512) return count_avx512(before, after);
  if (has_avx2) return count_avx2(before, after);
#endif
  return count<masks_of>(before, after);
}

}  // namespace inkwash
