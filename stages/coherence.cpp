#include "stages/coherence.h"

#include <cassert>
#include <cstring>

#include "inkwash/unicode.h"

extern "C" const char inkwash_model_begin[];
extern "C" const char inkwash_model_end[];

namespace inkwash::stages {
namespace {

using Symbol = CoherenceModel::Symbol;
constexpr Symbol border = 1;
constexpr Symbol unknown = 2;
constexpr std::size_t reach = 3;  // symbols of context
constexpr std::string_view magic = "INKWASH-COHERENCE-1\n";

std::uint64_t mix(std::uint64_t key) {
  constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t h = key * multiplier;
  h ^= h >> 32;
  h *= multiplier;
  return h ^ (h >> 29);
}

struct Symbols {
  std::array<Symbol, reach + 1> at{};
  std::size_t count = 0;
};

}  // namespace

const CoherenceModel& CoherenceModel::shipped() {
  static const CoherenceModel model = [] {
    auto read = from_bytes({inkwash_model_begin, static_cast<std::size_t>(inkwash_model_end - inkwash_model_begin)});
    assert(read);
    return *read;
  }();
  return model;
}

expected<CoherenceModel, std::string> CoherenceModel::from_bytes(std::string_view bytes) {
  CoherenceModel model;
  const auto cut = [] { return unexpected(std::string("the model is cut off; make it anew")); };
  if (!bytes.starts_with(magic)) return unexpected(std::string("this is no coherence model of this version"));
  std::size_t at = 32;
  const auto take = [&](std::size_t size) -> const char* {
    if (bytes.size() - at < size) return nullptr;
    const char* const here = bytes.data() + at;
    at += size;
    return here;
  };
  const char* part = take(0x10000 * 2);
  if (part == nullptr) return cut();
  model.map_ = reinterpret_cast<const std::uint16_t*>(part);
  if ((part = take(0x10000 * 4)) == nullptr) return cut();
  model.unigrams_ = reinterpret_cast<const float*>(part);
  if ((part = take(0x10000 * 4)) == nullptr) return cut();
  model.weights_ = reinterpret_cast<const float*>(part);
  for (std::size_t n = 2; n <= order; ++n) {
    if ((part = take(8)) == nullptr) return cut();
    Table& table = model.tables_[n];
    std::memcpy(&table.size, part, 8);
    if (table.size == 0 || table.size > bytes.size() / 4) return cut();
    if ((part = take(table.size * 4)) == nullptr) return cut();
    table.places = reinterpret_cast<const std::uint32_t*>(part);
  }
  return model;
}

CoherenceModel::Symbol CoherenceModel::read(char32_t codepoint) const noexcept {
  return codepoint < 0x10000 ? map_[codepoint] : unknown;
}

CoherenceModel::Found CoherenceModel::find(std::size_t n, std::uint64_t key) const noexcept {
  const Table& table = tables_[n];
  const std::uint64_t h = mix(key);
  const auto mark = std::max<std::uint32_t>(1, static_cast<std::uint32_t>(h >> 48));
  for (std::uint64_t place = h % table.size;; place = place + 1 == table.size ? 0 : place + 1) {
    const std::uint32_t entry = table.places[place];
    if (entry == 0) return {0, 0, false};
    if (entry >> 16 == mark)
      return {static_cast<float>(entry >> 8 & 0xFF) * (-1.0f / 14), static_cast<float>(entry & 0xFF) * (-1.0f / 27),
              true};
  }
}

float CoherenceModel::log_probability(const Symbol* context, std::size_t length, Symbol symbol) const noexcept {
  // From the shortest context up: what was not seen after one symbol was not seen after three, and
  // most of what is asked was not.
  const std::size_t longest = std::min(length, reach);
  float probability = unigrams_[symbol];
  std::uint64_t key = 0;
  std::size_t n = 0;
  for (bool seen = true; n < longest; ++n) {
    const std::uint64_t longer = key | std::uint64_t{context[length - 1 - n]} << (16 * n);
    if (seen) {
      const Found whole = find(n + 2, longer << 16 | symbol);
      seen = whole.there;
      if (seen) probability = whole.probability;
    }
    if (!seen) {
      if (n == 0) {
        probability += weights_[context[length - 1]];
      } else {
        const Found known = find(n + 1, longer);
        if (!known.there) break;
        probability += known.backoff;
      }
    }
    key = longer;
  }
  return probability;
}

bool CoherenceModel::has_seen(const Symbol* symbols, std::size_t count) const noexcept {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < count; ++i) key = key << 16 | symbols[i];
  return find(count, key).there;
}

namespace {

/// The last symbols of a text, in order.
Symbols tail(const CoherenceModel& model, std::string_view text) {
  Symbols symbols;
  std::array<Symbol, reach> backwards{};
  for (std::size_t at = text.size(); at > 0 && symbols.count < reach;) {
    const auto [codepoint, length] = valid_utf8_previous(text, at);
    at -= length;
    if (const Symbol symbol = model.read(codepoint); symbol != 0) backwards[symbols.count++] = symbol;
  }
  for (std::size_t i = 0; i < symbols.count; ++i) symbols.at[i] = backwards[symbols.count - 1 - i];
  return symbols;
}

Symbols head(const CoherenceModel& model, std::string_view text) {
  Symbols symbols;
  for (std::size_t at = 0; at < text.size() && symbols.count < reach;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (const Symbol symbol = model.read(codepoint); symbol != 0) symbols.at[symbols.count++] = symbol;
  }
  return symbols;
}

/// Sum of log P(right_i | left, right before i) - log P(right_i | right before i).
float gain(const CoherenceModel& model, const Symbols& left, const Symbols& right) {
  if (left.count == 0) return 0;
  std::array<Symbol, 2 * reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  float sum = 0;
  for (std::size_t i = 0; i < right.count; ++i) {
    all[left.count + i] = right.at[i];
    const std::size_t length = left.count + i;
    sum += model.log_probability(all.data(), length, right.at[i]) -
           model.log_probability(all.data() + left.count, i, right.at[i]);
    // What was never seen over the border leaves what follows as probable as it is without `left`.
    if (i + 1 < right.count && !model.has_seen(all.data() + left.count - 1, i + 2)) break;
  }
  return sum;
}

}  // namespace

float CoherenceModel::continuation(std::string_view left, std::string_view right) const noexcept {
  return gain(*this, tail(*this, left), head(*this, right));
}

float CoherenceModel::continuation_above(std::string_view left, std::string_view right,
                                         float otherwise) const noexcept {
  const Symbols before = tail(*this, left);
  Symbols after = head(*this, right);
  const std::size_t all = after.count;
  after.count = std::min<std::size_t>(after.count, 1);
  if (gain(*this, before, after) < otherwise) return otherwise;
  after.count = all;
  return gain(*this, before, after);
}

bool CoherenceModel::surely_continues(std::string_view left, std::string_view right, float least) const noexcept {
  const Symbols before = tail(*this, left);
  Symbols after = head(*this, right);
  // What the first character gains, the next two hardly ever lose.
  constexpr float margin = 1.5f;
  const std::size_t all = after.count;
  after.count = std::min<std::size_t>(after.count, 1);
  if (gain(*this, before, after) > least + margin) return true;
  after.count = all;
  return gain(*this, before, after) > least;
}

float CoherenceModel::begins_paragraph(std::string_view right) const noexcept {
  Symbols start;
  start.at[0] = border;
  start.count = 1;
  return gain(*this, start, head(*this, right));
}

float CoherenceModel::ends_paragraph(std::string_view left) const noexcept {
  Symbols end;
  end.at[0] = border;
  end.count = 1;
  return gain(*this, tail(*this, left), end);
}

}  // namespace inkwash::stages
