#include "stages/coherence.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "inkwash/unicode.h"
#include "stages/settings.h"

extern "C" const char inkwash_news_begin[];
extern "C" const char inkwash_news_end[];
extern "C" const char inkwash_captions_begin[];
extern "C" const char inkwash_captions_end[];

namespace inkwash::stages {
namespace {

using Symbol = CoherenceModel::Symbol;
constexpr Symbol border = 1;
constexpr float infinity = std::numeric_limits<float>::infinity();
/// What stands before a paragraph.
const CoherenceModel::Tail paragraph_start{{border}, 1, {}, {}};
const std::string damaged = "the model is damaged; make it anew";

// Steps of a natural logarithm that a byte of an entry counts.
constexpr float probability_step = 1.0f / 14, weight_step = 1.0f / 27;

}  // namespace

std::uint16_t CoherenceModel::entry_of(double probability, double weight) noexcept {
  const auto steps = [](double logarithm, float step) {
    return static_cast<std::uint32_t>(std::clamp(std::round(-logarithm / static_cast<double>(step)), 0.0, 255.0));
  };
  return static_cast<std::uint16_t>(steps(probability, probability_step) << 8 | steps(weight, weight_step));
}

std::size_t CoherenceModel::Bucket::find(std::uint16_t mark) const noexcept {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi16(static_cast<short>(mark));
  const auto same = [&](std::size_t first) {
    return _mm_cmpeq_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(marks.data() + first)), wanted);
  };
  const int found = _mm_movemask_epi8(_mm_packs_epi16(same(0), same(places / 2)));
  return found == 0 ? places : static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
#else
  return static_cast<std::size_t>(std::ranges::find(marks, mark) - marks.begin());
#endif
}

const CoherenceModel& CoherenceModel::shipped(Language language) {
  const auto read = [](const char* begin, const char* end) {
    auto model = from_bytes({begin, static_cast<std::size_t>(end - begin)});
    assert(model);
    return *model;
  };
  static const CoherenceModel news = read(inkwash_news_begin, inkwash_news_end);
  if (language == Language::news) return news;
  static const CoherenceModel captions = read(inkwash_captions_begin, inkwash_captions_end);
  return captions;
}

expected<CoherenceModel, std::string> CoherenceModel::from_bytes(std::string_view bytes) {
  CoherenceModel model;
  const auto cut = [] { return unexpected(std::string("the model is cut off; make it anew")); };
  if (!bytes.starts_with(magic)) return unexpected(std::string("this is no coherence model of this version"));
  std::size_t at = magic_size;
  const auto take = [&](std::size_t size) -> const char* {
    if (bytes.size() < at || bytes.size() - at < size) return nullptr;
    const char* const here = bytes.data() + at;
    at += size;
    return here;
  };
  std::array<std::uint64_t, order - 1> sizes{};
  const char* part = take(sizeof sizes);
  if (part == nullptr) return cut();
  std::memcpy(sizes.data(), part, sizeof sizes);
  if ((part = take(std::size_t{0x10000} * 2)) == nullptr) return cut();
  model.map_ = reinterpret_cast<const std::uint16_t*>(part);
  if ((part = take(std::size_t{0x10000} * 4)) == nullptr) return cut();
  model.unigrams_ = reinterpret_cast<const float*>(part);
  if ((part = take(std::size_t{0x10000} * 4)) == nullptr) return cut();
  model.weights_ = reinterpret_cast<const float*>(part);
  for (std::size_t n = 2; n <= order; ++n) {
    const std::uint64_t size = sizes[n - 2];
    if (size == 0 || size > bytes.size() / sizeof(Bucket)) return cut();
    if ((part = take(size * sizeof(Bucket))) == nullptr) return cut();
    model.tables_[n] = {reinterpret_cast<const Bucket*>(part), size};
    // A search ends at a free place.
    const std::span<const Bucket> buckets(model.tables_[n].buckets, size);
    if (std::ranges::all_of(buckets, [](const Bucket& bucket) { return bucket.marks.back() != 0; }))
      return unexpected(damaged);
  }
  for (Neighbours* const neighbours : {&model.followers_, &model.predecessors_}) {
    // Symbols of an odd number are followed by two bytes of nothing.
    const auto take_symbols = [&](std::size_t size) {
      return reinterpret_cast<const Symbol*>(take((size + size % 2) * sizeof(Symbol)));
    };
    if ((part = take(sizeof(std::uint32_t))) == nullptr) return cut();
    const std::uint32_t symbols = *reinterpret_cast<const std::uint32_t*>(part);
    const Symbol* const of = symbols > 0x10000 ? nullptr : take_symbols(symbols);
    if (of == nullptr || (part = take((symbols + 1) * sizeof(std::uint32_t))) == nullptr) return cut();
    neighbours->symbols = {of, symbols};
    neighbours->begins = reinterpret_cast<const std::uint32_t*>(part);
    if ((neighbours->list = take_symbols(neighbours->begins[symbols])) == nullptr) return cut();
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
  if (!model) return model;
  // Of numbers that are none no stage can tell the better one.
  const auto are_numbers = [](const float* numbers) {
    return std::all_of(numbers, numbers + 0x10000, [](float number) { return std::isfinite(number); });
  };
  const auto are_lists = [](const Neighbours& neighbours) {
    return std::ranges::is_sorted(neighbours.symbols) &&
           std::is_sorted(neighbours.begins, neighbours.begins + neighbours.symbols.size() + 1);
  };
  if (!are_numbers(model->unigrams_) || !are_numbers(model->weights_) || !are_lists(model->followers_) ||
      !are_lists(model->predecessors_))
    return unexpected(damaged);
  model->bytes_ = std::move(region);
  return model;
}

CoherenceModel CoherenceModel::of(Settings& settings, const Rules& rules, Language language) {
  const std::string path = rules.path_of(language == Language::news ? news_file : captions_file);
  CoherenceModel model = shipped(language);
  if (!path.empty()) {
    if (auto own = open(path))
      model = std::move(*own);
    else
      settings.error(path, own.error());
  }
  model.latin_ = LatinLines::of(settings, rules);
  return model;
}

CoherenceModel::Found CoherenceModel::find(std::size_t n, std::uint64_t key) const noexcept {
  const Table& table = tables_[n];
  const Hash hash(key);
  const std::uint16_t mark = hash.mark();
  for (std::size_t at = hash.bucket(table.size);; at = at + 1 == table.size ? 0 : at + 1) {
    const Bucket& bucket = table.buckets[at];
    if (const std::size_t place = bucket.find(mark); place < Bucket::places) {
      const std::uint32_t entry = bucket.entries[place];
      return {static_cast<float>(entry >> 8) * -probability_step, static_cast<float>(entry & 0xFF) * -weight_step,
              true};
    }
    if (bucket.marks.back() == 0) return {0, 0, false};
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

float CoherenceModel::log_probability(const Tail& context, Symbol symbol) const noexcept {
  float probability = unigrams_[symbol];
  std::uint64_t key = symbol;
  std::size_t n = 0;
  for (; n < context.count; ++n) {
    key |= std::uint64_t{context.at[context.count - 1 - n]} << (16 * (n + 1));
    const Found whole = find(n + 2, key);
    if (!whole.there) break;
    probability = whole.probability;
  }
  for (; n < context.ending->known; ++n) probability += context.ending->weights[n];
  return probability;
}

CoherenceModel::Weighed CoherenceModel::add(Tail& tail, Symbol symbol) const noexcept {
  Weighed weighed;
  Ending ending;
  ending.weights[0] = weights_[symbol];
  float probability = unigrams_[symbol];
  std::uint64_t key = symbol;
  std::size_t n = 0;
  for (; n < tail.count; ++n) {
    key |= std::uint64_t{tail.at[tail.count - 1 - n]} << (16 * (n + 1));
    const Found whole = find(n + 2, key);
    if (!whole.there) break;
    weighed.by[n] = probability = whole.probability;
    if (n + 1 < reach) ending.weights[n + 1] = whole.backoff;
  }
  ending.known = std::min(n + 1, reach);
  weighed.longest = n + 1;
  for (; n < reach; ++n) {
    if (n < tail.ending->known) probability += tail.ending->weights[n];
    weighed.by[n] = probability;
  }
  if (tail.count == reach)
    std::shift_left(tail.at.begin(), tail.at.end(), 1);
  else
    ++tail.count;
  tail.at[tail.count - 1] = symbol;
  tail.ending = ending;
  return weighed;
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

CoherenceModel::Ending CoherenceModel::ending_of(const Tail& tail) const noexcept {
  Ending ending;
  std::uint64_t key = 0;
  for (std::size_t n = 0; n < tail.count; ++n) {
    const Symbol symbol = tail.at[tail.count - 1 - n];
    key |= std::uint64_t{symbol} << (16 * n);
    if (n == 0) {
      ending.weights[n] = weights_[symbol];
    } else {
      const Found known = find(n + 1, key);
      if (!known.there) break;
      ending.weights[n] = known.backoff;
    }
    ++ending.known;
  }
  return ending;
}

void CoherenceModel::prepare(Tail& tail) const noexcept { tail.ending = ending_of(tail); }

/// log_probability() of a context and of its `own` nearest symbols in one go: the shorter is on the way to the longer.
/// `before()`: how the context ends, asked for where not all of it was seen with the symbol. `pair`: what find() said
/// of its last symbol and this one, if known. `seen` is asked for.
template <typename Before>
CoherenceModel::Scores CoherenceModel::scores(const Symbol* context, std::size_t length, std::size_t own, Symbol symbol,
                                              const Before& before, const Found* pair, bool ask_seen) const noexcept {
  const std::size_t longest = std::min(length, reach);
  Scores scores{};
  scores.ending.weights[0] = weights_[symbol];
  float probability = unigrams_[symbol], by_own = probability;
  std::uint64_t key = symbol;
  std::size_t n = 0;
  for (; n < longest; ++n) {
    key |= std::uint64_t{context[length - 1 - n]} << (16 * (n + 1));
    const Found whole = n == 0 && pair != nullptr ? *pair : find(n + 2, key);
    if (!whole.there) break;
    probability = whole.probability;
    if (n + 1 < reach) scores.ending.weights[n + 1] = whole.backoff;
    if (n < own) by_own = probability;
  }
  scores.ending.known = std::min(n + 1, reach);
  scores.seen = n > own;
  if (n < own && ask_seen) {
    for (std::size_t k = n + 1; k <= own; ++k) key |= std::uint64_t{context[length - 1 - k]} << (16 * (k + 1));
    scores.seen = find(own + 2, key).there;
  }
  if (n < longest) {
    const Ending& ending = before();
    for (; n < std::min(ending.known, longest); ++n) {
      probability += ending.weights[n];
      if (n < own) by_own = probability;
    }
  }
  scores.whole = probability;
  scores.own = by_own;
  return scores;
}

/// Sum of log P(right_i | left, right before i) - log P(right_i | right before i); the first of it alone where
/// that is not within [low, high].
float CoherenceModel::gain(const Tail& left, const Head& right, float low, float high) const noexcept {
  if (left.count == 0 || right.count == 0) return 0;
  const Found pair = find(2, std::uint64_t{left.at[left.count - 1]} << 16 | right.at[0]);
  Ending ending;
  bool is_known = left.ending.has_value();
  if (is_known) ending = *left.ending;
  const auto before = [&]() -> const Ending& {
    if (!std::exchange(is_known, true)) ending = ending_of(left);
    return ending;
  };
  if (!pair.there) {
    float probability = unigrams_[right.at[0]];
    for (std::size_t n = 0; n < before().known; ++n) probability += ending.weights[n];
    return probability - unigrams_[right.at[0]];
  }
  std::array<Symbol, 2 * reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  float sum = 0;
  for (std::size_t i = 0; i < right.count; ++i) {
    all[left.count + i] = right.at[i];
    const Scores of =
        scores(all.data(), left.count + i, i, right.at[i], before, i == 0 ? &pair : nullptr, i + 1 < right.count);
    sum += of.whole - of.own;
    // What was never seen over the border leaves what follows as probable as it is without `left`.
    if (!of.seen || (i == 0 && (sum < low || sum > high))) break;
    ending = of.ending;
    is_known = true;
  }
  return sum;
}

void CoherenceModel::prefetch_ending(const Tail& tail) const noexcept {
  if (tail.count > 1) prefetch(tail.at.data(), tail.count - 1, tail.at[tail.count - 1]);
}

void CoherenceModel::prefetch(const Symbol* context, std::size_t length, Symbol symbol) const noexcept {
  std::uint64_t key = symbol;
  for (std::size_t n = 1; n <= std::min(length, reach); ++n) {
    key |= std::uint64_t{context[length - n]} << (16 * n);
    const Table& table = tables_[n + 1];
    __builtin_prefetch(table.buckets + Hash(key).bucket(table.size));
  }
}

void CoherenceModel::prefetch(const Tail& left, const Head& right, std::size_t characters) const noexcept {
  // What is asked of each character of `right`: after one to three symbols before it.
  std::array<Symbol, 2 * reach> all{};
  std::copy_n(left.at.begin(), left.count, all.begin());
  std::copy_n(right.at.begin(), right.count, all.begin() + static_cast<std::ptrdiff_t>(left.count));
  for (std::size_t i = left.count; i < left.count + std::min(right.count, characters); ++i)
    prefetch(all.data(), i, all[i]);
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

float CoherenceModel::begins_paragraph(const Head& right) const noexcept {
  return gain(paragraph_start, right, -infinity, infinity);
}

void CoherenceModel::prefetch_beginning(const Head& right) const noexcept { prefetch(paragraph_start, right); }

float CoherenceModel::ends_paragraph(std::string_view left) const noexcept {
  Head end;
  end.at[0] = border;
  end.count = 1;
  return gain(tail_of(left), end, -infinity, infinity);
}

}  // namespace inkwash::stages
