#include "stages/coherence.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "inkwash/unicode.h"
#include "stages/settings.h"

extern "C" const char inkwash_model_begin[];
extern "C" const char inkwash_model_end[];

namespace inkwash::stages {
namespace {

using Symbol = CoherenceModel::Symbol;
constexpr Symbol border = 1;
constexpr Symbol unknown = 2;
constexpr float infinity = std::numeric_limits<float>::infinity();
/// What speaks against a continuation counts half: text has many pairs that the corpus has not. Measured as
/// log P(score | true continuation) - log P(score | any fragment) on articles that are not in the corpus.
constexpr float against = 0.5f;
float calibrated(float gain) { return gain < 0 ? against * gain : gain; }
float uncalibrated(float score) { return score < 0 ? score / against : score; }

// Steps of a natural logarithm that a byte of an entry counts.
constexpr float probability_step = 1.0f / 14, weight_step = 1.0f / 27;

std::uint32_t mark_of(std::uint64_t place) {  // never 0, which marks a free place
  return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(place >> 48));
}

}  // namespace

std::uint64_t CoherenceModel::place_of(std::uint64_t key) noexcept {
  constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t h = key * multiplier;
  h ^= h >> 32;
  h *= multiplier;
  return h ^ (h >> 29);
}

std::uint32_t CoherenceModel::entry_of(std::uint64_t place, double probability, double weight) noexcept {
  const auto steps = [](double logarithm, float step) {
    return static_cast<std::uint32_t>(std::clamp(std::round(-logarithm / static_cast<double>(step)), 0.0, 255.0));
  };
  return mark_of(place) << 16 | steps(probability, probability_step) << 8 | steps(weight, weight_step);
}

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
  std::size_t at = header_size;
  const auto take = [&](std::size_t size) -> const char* {
    if (bytes.size() - at < size) return nullptr;
    const char* const here = bytes.data() + at;
    at += size;
    return here;
  };
  const char* part = take(std::size_t{0x10000} * 2);
  if (part == nullptr) return cut();
  model.map_ = reinterpret_cast<const std::uint16_t*>(part);
  if ((part = take(std::size_t{0x10000} * 4)) == nullptr) return cut();
  model.unigrams_ = reinterpret_cast<const float*>(part);
  if ((part = take(std::size_t{0x10000} * 4)) == nullptr) return cut();
  model.weights_ = reinterpret_cast<const float*>(part);
  for (std::size_t n = 2; n <= order; ++n) {
    if ((part = take(8)) == nullptr) return cut();
    Table& table = model.tables_[n];
    std::memcpy(&table.size, part, 8);
    if (table.size == 0 || table.size > bytes.size() / 4) return cut();
    if ((part = take(table.size * 4)) == nullptr) return cut();
    table.places = reinterpret_cast<const std::uint32_t*>(part);
    // A search ends at a free place.
    if (std::find(table.places, table.places + table.size, 0u) == table.places + table.size)
      return unexpected(std::string("the model is damaged; make it anew"));
  }
  return model;
}

expected<CoherenceModel, std::string> CoherenceModel::open(const std::string& path) {
  namespace ipc = boost::interprocess;
  std::shared_ptr<const ipc::mapped_region> region;
  try {
    region = std::make_shared<ipc::mapped_region>(ipc::file_mapping(path.c_str(), ipc::read_only), ipc::read_only);
  } catch (const ipc::interprocess_exception& error) {
    return unexpected(fmt::format("it can't be read: {}", error.what()));
  }
  auto model = from_bytes({static_cast<const char*>(region->get_address()), region->get_size()});
  if (model) model->bytes_ = std::move(region);
  return model;
}

CoherenceModel CoherenceModel::of(Settings& settings, const Rules& rules) {
  const std::string path = rules.path_of("model/news.icm");
  CoherenceModel model = shipped();
  if (!path.empty()) {
    if (auto own = open(path))
      model = std::move(*own);
    else
      settings.error(path, own.error());
  }
  model.latin_ = LatinLines::of(settings, rules);
  return model;
}

CoherenceModel::Symbol CoherenceModel::read(char32_t codepoint) const noexcept {
  return codepoint < 0x10000 ? map_[codepoint] : unknown;
}

CoherenceModel::Found CoherenceModel::find(std::size_t n, std::uint64_t key) const noexcept {
  const Table& table = tables_[n];
  const std::uint64_t h = place_of(key);
  const std::uint32_t mark = mark_of(h);
  for (std::uint64_t place = h % table.size;; place = place + 1 == table.size ? 0 : place + 1) {
    const std::uint32_t entry = table.places[place];
    if (entry == 0) return {0, 0, false};
    if (entry >> 16 == mark)
      return {static_cast<float>(entry >> 8 & 0xFF) * -probability_step,
              static_cast<float>(entry & 0xFF) * -weight_step, true};
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

CoherenceModel::Tail CoherenceModel::tail_of(std::string_view text) const noexcept {
  Tail tail;
  std::array<Symbol, reach> backwards{};
  for (std::size_t at = text.size(); at > 0 && tail.count < reach;) {
    const auto [codepoint, length] = valid_utf8_previous(text, at);
    at -= length;
    if (const Symbol symbol = read(codepoint); symbol != 0) backwards[tail.count++] = symbol;
  }
  for (std::size_t i = 0; i < tail.count; ++i) tail.at[i] = backwards[tail.count - 1 - i];
  if (latin_) tail.latin = latin_->end_of(text);
  return tail;
}

CoherenceModel::Head CoherenceModel::head_of(std::string_view text) const noexcept {
  Head head;
  for (std::size_t at = 0; at < text.size() && head.count < reach;) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    at += length;
    if (const Symbol symbol = read(codepoint); symbol != 0) head.at[head.count++] = symbol;
  }
  if (latin_ && !text.empty()) head.latin = latin_->begin_of(text);
  return head;
}

void CoherenceModel::weigh(Tail& tail) const noexcept {
  float sum = 0;
  std::uint64_t key = 0;
  for (std::size_t n = 0; n < tail.count; ++n) {
    const Symbol symbol = tail.at[tail.count - 1 - n];
    key |= std::uint64_t{symbol} << (16 * n);
    if (n == 0) {
      sum += weights_[symbol];
    } else {
      const Found known = find(n + 1, key);
      if (!known.there) break;
      sum += known.backoff;
    }
  }
  tail.never = sum;
}

/// Sum of log P(right_i | left, right before i) - log P(right_i | right before i); the first of it alone where
/// that is not within [low, high].
float CoherenceModel::gain(const Tail& left, const Head& right, float low, float high) const noexcept {
  if (left.count == 0 || right.count == 0) return 0;
  std::array<Symbol, 2 * reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  float sum = 0;
  for (std::size_t i = 0; i < right.count; ++i) {
    all[left.count + i] = right.at[i];
    const std::size_t length = left.count + i;
    // What was never seen over the border leaves what follows as probable as it is without `left`.
    const bool seen = (i > 0 && i + 1 == right.count) || has_seen(all.data() + left.count - 1, i + 2);
    if (!seen && i == 0 && left.never) return *left.never;
    sum += log_probability(all.data(), length, right.at[i]) - log_probability(all.data() + left.count, i, right.at[i]);
    if (!seen || (i == 0 && (sum < low || sum > high))) break;
  }
  return sum;
}

float CoherenceModel::continuation(const Tail& left, const Head& right) const noexcept {
  if (both_latin(left, right)) return latin_->goes_on(left.latin, right.latin);
  return calibrated(gain(left, right, -infinity, infinity));
}

float CoherenceModel::continuation_above(const Tail& left, const Head& right, float otherwise) const noexcept {
  if (both_latin(left, right)) return std::max(otherwise, latin_->goes_on(left.latin, right.latin));
  return std::max(otherwise, calibrated(gain(left, right, uncalibrated(otherwise), infinity)));
}

float CoherenceModel::continuation_below(const Tail& left, const Head& right, float sure) const noexcept {
  if (both_latin(left, right)) return latin_->goes_on(left.latin, right.latin);
  // What the first character gains, the next two hardly ever lose.
  constexpr float margin = 1.5f;
  return calibrated(gain(left, right, -infinity, uncalibrated(sure + margin)));
}

float CoherenceModel::begins_paragraph(std::string_view right) const noexcept {
  Tail start;
  start.at[0] = border;
  start.count = 1;
  return gain(start, head_of(right), -infinity, infinity);
}

float CoherenceModel::ends_paragraph(std::string_view left) const noexcept {
  Head end;
  end.at[0] = border;
  end.count = 1;
  return gain(tail_of(left), end, -infinity, infinity);
}

}  // namespace inkwash::stages
