#include "stages/script_blocks.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define INKWASH_AVX2
#include <immintrin.h>

#include <array>
#endif

namespace inkwash::stages {

namespace {

Block convert_one_by_one(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                         const ScriptOpenings& openings) {
  Block done;
  for (;;) {
    const std::size_t at = done.begin + done.size;
    if (done.open == 0) done = {at, 0, 0};
    if (at == most || done.size >= block - 2) return done;
    const char* const from = in + at;
    if (*from >= 0 && openings.pass_ascii) {
      to[at] = *from;
      ++done.size;
      continue;
    }
    const std::uint32_t word = load32(from), next_word = load32(from + 3), third_word = load32(from + 6);
    if (!has_three_bytes(word) || most - at < 3) return done;
    const Codepoint c = of_three_bytes(word), next = of_three_bytes(next_word), third = of_three_bytes(third_word);
    const std::uint32_t own = own_of[c];
    std::memcpy(to + at, &own, sizeof own);
    const bool is_known = openings.pairs.may_hold(c, next) || (openings.triples && has_three_bytes(third_word) &&
                                                               openings.triples->may_hold(c, next, third));
    const bool may_start =
        !has_three_bytes(next_word) || ((own_of[next] >> openings.second_shift & 1u) != 0 && is_known);
    const std::uint64_t starts = own >> openings.starts_shift & std::uint32_t(may_start);
    done.open |= (starts | (own >> own_other_shift & 1u)) << done.size;
    done.size += 3;
  }
}

}  // namespace

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
inline __m128i count_of(unsigned bits) { return _mm_cvtsi32_si128(static_cast<int>(bits)); }
/// The bit of each lane of `words` that stands at `place`, modulo 32, comes to be its highest.
[[gnu::target("avx2")]] inline __m256i highest_at(__m256i words, __m256i place) {
  const __m256i bit = _mm256_and_si256(place, all_lanes(31));
  return _mm256_sllv_epi32(words, _mm256_sub_epi32(all_lanes(31), bit));
}
/// Lanes whose hash the set holds.
[[gnu::target("avx2")]] inline std::uint32_t held_by_avx2(const ScriptBeginnings::View& set, __m256i hash) {
  using Beginnings = ScriptBeginnings::View;
  const __m256i place = _mm256_srl_epi32(hash, count_of(set.shift));
  const __m256i next_place = _mm256_srl_epi32(hash, count_of(set.shift - Beginnings::bit_shift));
  const __m256i word = gather(set.bits, _mm256_srli_epi32(place, Beginnings::bit_shift));
  return high_bits(_mm256_and_si256(highest_at(word, place), highest_at(word, next_place)));
}
inline void store16_bytes(char* to, __m128i bytes) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }

/// What is left of less than a block, or is not of three bytes.
Block convert_rest(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                   const ScriptOpenings& openings, std::size_t begin) {
  Block done = convert_one_by_one(in + begin, most - begin, to + begin, own_of, openings);
  done.begin += begin;
  return done;
}

/// A block of characters of three bytes, eight at a time. Its size is 0 where the first has another one.
[[gnu::target("avx2")]] inline Block block_avx2(const char* in, char* to, const std::uint32_t* own_of,
                                                const ScriptOpenings& openings) {
  constexpr std::size_t lanes = 8, most = 16;  // characters
  constexpr char no = -1;
  // The bytes of a character from the last to the first in four, and back.
  const __m128i widen = _mm_setr_epi8(2, 1, 0, no, 5, 4, 3, no, 8, 7, 6, no, 11, 10, 9, no);
  const __m128i narrow = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, no, no, no, no);
  const __m256i widen_both = _mm256_set_m128i(widen, widen), narrow_both = _mm256_set_m128i(narrow, narrow);
  const __m256i marks = all_lanes(0xF0C0C0), three_bytes = all_lanes(0xE08080), payload = all_lanes(0x0F3F3F);
  // Six bits of each byte: bytes by 1, 64, 1 and 0, then halves by 1 and 4096.
  const __m256i add_bytes = all_lanes(0x00014001), add_halves = all_lanes(0x10000001);
  const __m128i to_starts = count_of(31 - openings.starts_shift), to_other = count_of(31 - own_other_shift),
                to_second = count_of(31 - openings.second_shift);

  Codepoint characters[most + lanes];
  std::uint32_t starts = 0, second = 0, other = 0;
  std::size_t count = 0;
  for (std::size_t at = 0; at < most; at += lanes) {
    const char* const from = in + 3 * at;
    const __m256i wide = _mm256_shuffle_epi8(_mm256_set_m128i(load16_bytes(from + 12), load16_bytes(from)), widen_both);
    const std::uint32_t fit = high_bits(_mm256_cmpeq_epi32(_mm256_and_si256(wide, marks), three_bytes));
    const __m256i codepoints =
        _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_and_si256(wide, payload), add_bytes), add_halves);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(characters + at), codepoints);
    const __m256i own = gather(own_of, codepoints);
    starts |= high_bits(_mm256_sll_epi32(own, to_starts)) << at;
    second |= high_bits(_mm256_sll_epi32(own, to_second)) << at;
    other |= high_bits(_mm256_sll_epi32(own, to_other)) << at;
    const __m256i bytes = _mm256_shuffle_epi8(own, narrow_both);
    store16_bytes(to + 3 * at, _mm256_castsi256_si128(bytes));
    store16_bytes(to + 3 * at + 12, _mm256_extracti128_si256(bytes, 1));
    const auto fitting = static_cast<std::size_t>(std::countr_one(fit));
    count += fitting;
    if (fitting < lanes) break;
  }
  if (count == 0) return {};
  const std::uint32_t last = std::uint32_t{1} << (count - 1), all = last | (last - 1);
  std::uint32_t open = other & all;
  // The last one counts where what is behind it has not three bytes, and no triple goes beyond.
  std::uint32_t held = last, triples = all >> 2;
  if (count == most) {
    const std::uint32_t behind = load32(in + 3 * most), further = load32(in + 3 * most + 3);
    characters[most] = of_three_bytes(behind);
    characters[most + 1] = of_three_bytes(further);
    if (has_three_bytes(behind)) {
      second |= (own_of[characters[most]] >> openings.second_shift & 1u) << most;
      held = 0;
      triples = has_three_bytes(further) ? all : all >> 1;
    }
  }
  starts &= all & (second >> 1 | held);
  if (starts != 0) {
    using Beginnings = ScriptBeginnings::View;
    for (std::size_t at = 0; at < count; at += lanes) {
      const __m256i first = _mm256_mullo_epi32(load_codepoints(characters + at), all_lanes(Beginnings::first_factor));
      const __m256i next =
          _mm256_mullo_epi32(load_codepoints(characters + at + 1), all_lanes(Beginnings::second_factor));
      const __m256i two = _mm256_add_epi32(first, next);
      held |= held_by_avx2(openings.pairs, two) << at;
      if (!openings.triples) continue;
      const __m256i third =
          _mm256_mullo_epi32(load_codepoints(characters + at + 2), all_lanes(Beginnings::third_factor));
      held |= (held_by_avx2(*openings.triples, _mm256_add_epi32(two, third)) << at) & triples;
    }
    open |= starts & held;
  }
  Block done{0, 3 * count, 0};
  for (; open != 0; open &= open - 1) done.open |= std::uint64_t{1} << (3 * std::countr_zero(open));
  return done;
}

[[gnu::target("avx2")]] Block convert_avx2(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                                           const ScriptOpenings& openings) {
  std::size_t at = 0;
  while (most - at >= block) {
    const Block done = block_avx2(in + at, to + at, own_of, openings);
    if (done.open != 0) return {at, done.size, done.open};
    const std::size_t before = at;
    at += done.size;
    if (openings.pass_ascii)
      for (; at < most && in[at] >= 0; ++at) to[at] = in[at];
    if (at == before) return {at, 0, 0};
  }
  return convert_rest(in, most, to, own_of, openings, at);
}

/// Where the four bytes of a lane begin, and its number.
constexpr auto lane_bytes = [] {
  std::array<std::uint8_t, 64> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(4 * i);
  return bytes;
}();
constexpr auto lane_numbers = [] {
  std::array<std::uint16_t, 32> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint16_t>(i);
  return numbers;
}();

#define INKWASH_AVX512 \
  [[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]]

INKWASH_AVX512 inline __m512i all_16_lanes(std::uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
/// Four of `from`, one by one: processors gather no faster than they load, and some much slower.
INKWASH_AVX512 inline __m128i load4(const std::uint32_t* from, const std::uint16_t* indices) {
  const auto one = [&](std::size_t i) { return static_cast<int>(from[indices[i]]); };
  __m128i four = _mm_cvtsi32_si128(one(0));
  four = _mm_insert_epi32(four, one(1), 1);
  four = _mm_insert_epi32(four, one(2), 2);
  return _mm_insert_epi32(four, one(3), 3);
}
INKWASH_AVX512 inline __m256i load8(const std::uint32_t* from, const std::uint16_t* indices) {
  return _mm256_set_m128i(load4(from, indices + 4), load4(from, indices));
}
/// The bytes at the places whose bits are set, in 16 bits each.
INKWASH_AVX512 inline __m512i bytes_of(__m512i from, std::uint64_t places) {
  return _mm512_cvtepu8_epi16(_mm512_castsi512_si256(_mm512_maskz_compress_epi8(places, from)));
}
/// Lanes that have the bit.
INKWASH_AVX512 inline std::uint32_t bits_of(const __m512i (&own)[2], unsigned shift) {
  const __m512i bit = all_16_lanes(1u << shift);
  return _mm512_test_epi32_mask(own[0], bit) | std::uint32_t{_mm512_test_epi32_mask(own[1], bit)} << 16;
}
/// Of those characters whose bits are set the first eight, in 32 bits each, times a factor.
INKWASH_AVX512 inline __m256i product_of(std::uint32_t lanes, __m512i codepoints, std::uint32_t factor) {
  const __m512i compressed = _mm512_maskz_compress_epi16(lanes, codepoints);
  return _mm256_mullo_epi32(_mm256_cvtepu16_epi32(_mm512_castsi512_si128(compressed)), all_lanes(factor));
}
/// Lanes whose hash the set holds.
INKWASH_AVX512 inline std::uint32_t held_by(const ScriptBeginnings::View& set, __m256i hash) {
  using Beginnings = ScriptBeginnings::View;
  const __m256i place = _mm256_srl_epi32(hash, count_of(set.shift));
  const __m256i next_place = _mm256_srl_epi32(hash, count_of(set.shift - Beginnings::bit_shift));
  const __m256i word = gather(set.bits, _mm256_srli_epi32(place, Beginnings::bit_shift));
  // Rotations count modulo 32.
  const __m256i both = _mm256_and_si256(_mm256_rorv_epi32(word, place), _mm256_rorv_epi32(word, next_place));
  return _mm256_test_epi32_mask(both, all_lanes(1));
}

/// All characters of a block at a time, ASCII among them.
INKWASH_AVX512 inline Block block_avx512(const char* in, char* to, const std::uint32_t* own_of,
                                         const ScriptOpenings& openings) {
  const __m512i first_bytes = _mm512_loadu_si512(in);
  // Bits of bytes: those with which a character of three bytes begins that has the others behind it, in the block.
  const std::uint64_t insides = _mm512_cmplt_epi8_mask(first_bytes, _mm512_set1_epi8(-64));
  std::uint64_t begins =
      _mm512_cmpeq_epi8_mask(_mm512_and_si512(first_bytes, _mm512_set1_epi8(-16)), _mm512_set1_epi8(-32)) &
      insides >> 1 & insides >> 2;
  const std::uint64_t ascii = openings.pass_ascii ? ~_mm512_movepi8_mask(first_bytes) : 0;
  Block done;
  done.size = static_cast<std::size_t>(std::countr_one(begins | begins << 1 | begins << 2 | ascii));
  begins = _bzhi_u64(begins, static_cast<unsigned>(done.size));
  if (begins == 0) {
    _mm512_storeu_si512(to, first_bytes);
    return done;
  }
  const __m512i six_bits = _mm512_set1_epi16(0x3F);
  const __m512i higher_bits =
      _mm512_or_si512(_mm512_slli_epi16(bytes_of(first_bytes, begins), 12),
                      _mm512_slli_epi16(_mm512_and_si512(bytes_of(first_bytes, begins << 1), six_bits), 6));
  __m512i codepoints = _mm512_or_si512(higher_bits, _mm512_and_si512(bytes_of(first_bytes, begins << 2), six_bits));
  static_assert(block / 3 <= 24);
  alignas(64) std::uint16_t each[32];
  _mm512_store_si512(each, codepoints);
  asm("" : "+m"(each));  // or they would be taken out of the vector, which takes twice as long
  const __m512i own[] = {_mm512_inserti64x4(_mm512_castsi256_si512(load8(own_of, each)), load8(own_of, each + 8), 1),
                         _mm512_zextsi256_si512(load8(own_of, each + 16))};

  // The bytes back to where they came from: of lane n, bytes 4 n and the two after it.
  const __m512i lane = _mm512_loadu_si512(lane_bytes.data());
  const __m512i from_first = _mm512_maskz_expand_epi8(begins, lane);
  const __m512i from_second =
      _mm512_mask_expand_epi8(from_first, begins << 1, _mm512_add_epi8(lane, _mm512_set1_epi8(1)));
  const __m512i from = _mm512_mask_expand_epi8(from_second, begins << 2, _mm512_add_epi8(lane, _mm512_set1_epi8(2)));
  const __m512i bytes = _mm512_permutex2var_epi8(own[0], from, own[1]);
  _mm512_storeu_si512(to, _mm512_mask_mov_epi8(first_bytes, begins | begins << 1 | begins << 2, bytes));

  const auto count = static_cast<unsigned>(std::popcount(begins));
  std::uint32_t starts = _bzhi_u32(bits_of(own, openings.starts_shift), count);
  std::uint32_t second = _bzhi_u32(bits_of(own, openings.second_shift), count);
  std::uint32_t open = _bzhi_u32(bits_of(own, own_other_shift), count);
  // Characters that have another one of three bytes behind them, of those and of the one behind the block.
  auto followed = static_cast<std::uint32_t>(_pext_u64(begins >> 3, begins));
  const std::uint32_t behind = load32(in + done.size), further = load32(in + done.size + 3);
  if ((begins >> (done.size - 3) & 1) != 0 && has_three_bytes(behind)) {
    followed |= 1u << (count - 1) | std::uint32_t(has_three_bytes(further)) << count;
    second |= (own_of[of_three_bytes(behind)] >> openings.second_shift & 1u) << count;
    codepoints = _mm512_mask_set1_epi16(codepoints, 1u << count, static_cast<short>(of_three_bytes(behind)));
    codepoints = _mm512_mask_set1_epi16(codepoints, 2u << count, static_cast<short>(of_three_bytes(further)));
  }
  const __m512i one_on = _mm512_add_epi16(_mm512_loadu_si512(lane_numbers.data()), _mm512_set1_epi16(1));
  using Beginnings = ScriptBeginnings::View;
  for (starts &= second >> 1 | ~followed; starts != 0;) {
    const std::uint32_t eight = _pdep_u32(0xFF, starts);
    const __m512i next = _mm512_permutexvar_epi16(one_on, codepoints);
    const __m256i two = _mm256_add_epi32(product_of(eight, codepoints, Beginnings::first_factor),
                                         product_of(eight, next, Beginnings::second_factor));
    std::uint32_t held = _pdep_u32(held_by(openings.pairs, two), eight);
    if (openings.triples) {
      const __m512i third = _mm512_permutexvar_epi16(one_on, next);
      const __m256i three = _mm256_add_epi32(two, product_of(eight, third, Beginnings::third_factor));
      held |= _pdep_u32(held_by(*openings.triples, three), eight) & followed & followed >> 1;
    }
    open |= eight & (held | ~followed);
    starts &= ~eight;
  }
  done.open = _pdep_u64(open, begins);
  return done;
}

INKWASH_AVX512 Block convert_avx512(const char* in, std::size_t most, char* to, const std::uint32_t* own_of,
                                    const ScriptOpenings& openings) {
  std::size_t at = 0;
  while (most - at >= block) {
    const Block done = block_avx512(in + at, to + at, own_of, openings);
    if (done.open != 0 || done.size == 0) return {at, done.size, done.open};
    at += done.size;
  }
  return convert_rest(in, most, to, own_of, openings, at);
}

}  // namespace
#endif

std::vector<BlockConverter> block_converters() {
  std::vector<BlockConverter> all;
#ifdef INKWASH_AVX2
  if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vbmi") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2"))
    all.push_back(convert_avx512);
  if (__builtin_cpu_supports("avx2")) all.push_back(convert_avx2);
#endif
  all.push_back(convert_one_by_one);
  return all;
}

BlockConverter block_converter() noexcept {
  static const BlockConverter fastest = block_converters().front();
  return fastest;
}

}  // namespace inkwash::stages
