#include "stages/phrases.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace inkwash::stages {
namespace {

/// Bytes of a phrase that are looked for at many places at once: they tell most phrases from all other text.
constexpr std::size_t head = 3;
using Head = std::array<char, head>;

constexpr std::size_t block = 64;  ///< places

/// The first block of places at which any of the heads stands, or the place from which on there are too few for a
/// block.
[[gnu::always_inline]] inline std::size_t find_block(std::string_view text, const Head* heads, std::size_t count) {
  std::size_t at = 0;
  for (; at + block + head - 1 <= text.size(); at += block) {
    const char* const from = text.data() + at;
    std::array<std::uint8_t, block> found{};  // which compilers make vectors
    for (std::size_t k = 0; k < count; ++k) {
      const Head one = heads[k];
      for (std::size_t i = 0; i < block; ++i)
        found[i] = static_cast<std::uint8_t>(found[i] |
                                             ((from[i] == one[0]) & (from[i + 1] == one[1]) & (from[i + 2] == one[2])));
    }
    std::array<std::uint64_t, block / 8> words;
    std::memcpy(words.data(), found.data(), sizeof words);
    std::uint64_t any = 0;
    for (const std::uint64_t word : words) any |= word;
    if (any != 0) break;
  }
  return at;
}

#ifdef __x86_64__
[[gnu::target("avx2")]] std::size_t find_block_avx2(std::string_view text, const Head* heads, std::size_t count) {
  return find_block(text, heads, count);
}
#endif

std::size_t find_any_block(std::string_view text, const std::vector<Head>& heads) {
#ifdef __x86_64__
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return find_block_avx2(text, heads.data(), heads.size());
#endif
  return find_block(text, heads.data(), heads.size());
}

}  // namespace

Phrases::Phrases(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (const std::string& text : texts_) {
    if (text.size() >= head)
      heads_.push_back({text[0], text[1], text[2]});
    else
      are_long_ = false;
  }
}

bool Phrases::any_in(std::string_view text) const noexcept {
  const auto stands_at = [&](std::size_t at) {
    return std::ranges::any_of(
        texts_, [&](const std::string& phrase) { return !phrase.empty() && text.substr(at).starts_with(phrase); });
  };
  for (std::size_t at = 0; at < text.size();) {
    if (are_long_) at += find_any_block(text.substr(at), heads_);
    for (const std::size_t end = std::min(at + block, text.size()); at < end; ++at)
      if (stands_at(at)) return true;
  }
  return false;
}

}  // namespace inkwash::stages
