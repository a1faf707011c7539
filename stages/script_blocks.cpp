#include "stages/script_blocks.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define INKWASH_AVX2
#include <immintrin.h>
#endif

namespace inkwash::stages {

Block convert_block_one_by_one(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                               const ScriptOpenings& openings) {
  Block done{0, 0};
  std::uint32_t word = load32(in), next_word = load32(in + 3);
  while (has_three_bytes(word) && done.count < most) {
    const std::uint32_t third_word = load32(in + 3 * done.count + 6);
    const Codepoint c = of_three_bytes(word), next = of_three_bytes(next_word), third = of_three_bytes(third_word);
    const std::uint32_t own = own_of[c];
    std::memcpy(to + 3 * done.count, &own, sizeof own);
    const bool may_start = !has_three_bytes(next_word) || openings.pairs.may_hold(c, next) ||
                           (openings.triples && has_three_bytes(third_word) && openings.triples->may_hold(c, next, third));
    const std::uint32_t starts = own >> openings.starts_shift & std::uint32_t(may_start);
    done.open |= (starts | (own >> own_other_shift & 1u)) << done.count;
    ++done.count;
    word = next_word;
    next_word = third_word;
  }
  return done;
}

#ifdef INKWASH_AVX2
namespace {

[[gnu::target("avx2")]] inline std::uint32_t high_bits(__m256i lanes) {
  return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes)));
}
[[gnu::target("avx2")]] inline __m256i all_lanes(std::uint32_t value) {
  return _mm256_set1_epi32(static_cast<int>(value));
}
[[gnu::target("avx2")]] inline __m256i gather(const std::uint32_t* from, __m256i indices) {
  return _mm256_i32gather_epi32(reinterpret_cast<const int*>(from), indices, sizeof *from);
}
[[gnu::target("avx2")]] inline __m256i load_codepoints(const Codepoint* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline __m128i load16_bytes(const char* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }
/// The lowest bit of each lane of `words` that stands at `place`, modulo 32, as the bits of a number.
[[gnu::target("avx2")]] inline std::uint32_t bits_at(__m256i words, __m256i place) {
  const __m256i bit = _mm256_and_si256(place, all_lanes(31));
  return high_bits(_mm256_sllv_epi32(words, _mm256_sub_epi32(all_lanes(31), bit)));
}
inline void store16_bytes(char* to, __m128i bytes) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }
inline __m128i count_of(unsigned bits) { return _mm_cvtsi32_si128(static_cast<int>(bits)); }

/// Eight characters at a time.
[[gnu::target("avx2")]] Block convert_block_avx2(const char* in, std::size_t most, char* to,
                                                 const std::uint32_t* own_of, const ScriptOpenings& openings) {
  if (most < block) return convert_block_one_by_one(in, most, to, own_of, openings);
  constexpr std::size_t lanes = 8;
  constexpr char no = -1;
  // The bytes of a character from the last to the first in four, and back.
  const __m128i widen = _mm_setr_epi8(2, 1, 0, no, 5, 4, 3, no, 8, 7, 6, no, 11, 10, 9, no);
  const __m128i narrow = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, no, no, no, no);
  const __m256i widen_both = _mm256_set_m128i(widen, widen), narrow_both = _mm256_set_m128i(narrow, narrow);
  const __m256i marks = all_lanes(0xF0C0C0), three_bytes = all_lanes(0xE08080), payload = all_lanes(0x0F3F3F);
  // Six bits of each byte: bytes by 1, 64, 1 and 0, then halves by 1 and 4096.
  const __m256i add_bytes = all_lanes(0x00014001), add_halves = all_lanes(0x10000001);
  const __m128i to_starts = count_of(31 - openings.starts_shift), to_other = count_of(31 - own_other_shift);

  Codepoint characters[block + lanes];
  std::uint32_t starts = 0, other = 0;
  Block done{0, 0};
  for (std::size_t at = 0; at < block; at += lanes) {
    const char* const from = in + 3 * at;
    const __m256i wide = _mm256_shuffle_epi8(_mm256_set_m128i(load16_bytes(from + 12), load16_bytes(from)), widen_both);
    const std::uint32_t fit = high_bits(_mm256_cmpeq_epi32(_mm256_and_si256(wide, marks), three_bytes));
    const __m256i codepoints =
        _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_and_si256(wide, payload), add_bytes), add_halves);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(characters + at), codepoints);
    const __m256i own = gather(own_of, codepoints);
    starts |= high_bits(_mm256_sll_epi32(own, to_starts)) << at;
    other |= high_bits(_mm256_sll_epi32(own, to_other)) << at;
    const __m256i bytes = _mm256_shuffle_epi8(own, narrow_both);
    store16_bytes(to + 3 * at, _mm256_castsi256_si128(bytes));
    store16_bytes(to + 3 * at + 12, _mm256_extracti128_si256(bytes, 1));
    const auto count = static_cast<std::size_t>(std::countr_one(fit));
    done.count += count;
    if (count < lanes) break;
  }
  if (done.count == 0) return done;
  const std::uint32_t last = std::uint32_t{1} << (done.count - 1), all = last | (last - 1);
  starts &= all;
  if (starts != 0) {
    // The last one counts where what is behind it has not three bytes, and no triple goes beyond.
    std::uint32_t held = last, triples = all >> 2;
    if (done.count == block) {
      const std::uint32_t behind = load32(in + 3 * block), further = load32(in + 3 * block + 3);
      characters[block] = of_three_bytes(behind);
      characters[block + 1] = of_three_bytes(further);
      if (has_three_bytes(behind)) {
        held = 0;
        triples = has_three_bytes(further) ? all : all >> 1;
      }
    }
    using Beginnings = ScriptBeginnings::View;
    for (std::size_t at = 0; at < done.count; at += lanes) {
      const __m256i first = _mm256_mullo_epi32(load_codepoints(characters + at), all_lanes(Beginnings::first_factor));
      const __m256i second =
          _mm256_mullo_epi32(load_codepoints(characters + at + 1), all_lanes(Beginnings::second_factor));
      const __m256i two = _mm256_add_epi32(first, second);
      const __m256i pair = _mm256_srl_epi32(two, count_of(openings.pairs.shift));
      held |= bits_at(gather(openings.pairs.bits, _mm256_srli_epi32(pair, 5)), pair) << at;
      if (!openings.triples) continue;
      const __m256i third =
          _mm256_mullo_epi32(load_codepoints(characters + at + 2), all_lanes(Beginnings::third_factor));
      const __m256i triple = _mm256_srl_epi32(_mm256_add_epi32(two, third), count_of(openings.triples->shift));
      held |= (bits_at(gather(openings.triples->bits, _mm256_srli_epi32(triple, 5)), triple) << at) & triples;
    }
    done.open = starts & held;
  }
  done.open |= other & all;
  return done;
}

}  // namespace
#endif

BlockConverter block_converter() noexcept {
#ifdef INKWASH_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return convert_block_avx2;
#endif
  return convert_block_one_by_one;
}

}  // namespace inkwash::stages
