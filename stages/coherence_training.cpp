#include "inkwash/coherence_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "inkwash/unicode.h"
#include "stages/coherence.h"

namespace inkwash {
namespace {

using stages::CoherenceModel;

constexpr std::size_t order = CoherenceTraining::order;
constexpr CoherenceModel::Symbol border = 1;
constexpr double least_probability = 1e-12, least_weight = 1e-4;
/// What is taken from n-grams seen once, twice and more often, by order: near what modified Kneser-Ney
/// estimates on news text; fractions of counts, which other corpora give, have no estimate of their own.
constexpr std::array<std::array<double, 4>, order + 1> discounts{
    {{}, {}, {0, 0.7, 1.0, 1.2}, {0, 0.8, 1.1, 1.3}, {0, 0.9, 1.2, 1.4}}};

double discount(std::size_t n, double count) {
  if (count >= 3) return discounts[n][3];
  const auto below = static_cast<std::size_t>(count);
  const double between = count - static_cast<double>(below);
  return std::min(count, discounts[n][below] * (1 - between) + discounts[n][below + 1] * between);
}

/// The n-grams of one order, by key.
struct Grams {
  std::vector<std::uint64_t> keys;
  std::vector<double> counts, probabilities;
  std::vector<double> weights;  ///< of the lower order after this n-gram as context
  std::vector<double> losses;   ///< what the model loses without it
  std::vector<bool> kept;

  [[nodiscard]] std::size_t find(std::uint64_t key) const {
    const auto at = std::lower_bound(keys.begin(), keys.end(), key);
    return at != keys.end() && *at == key ? static_cast<std::size_t>(at - keys.begin()) : keys.size();
  }
};

/// Calls group(context, first, last) for each run of n-grams with one context.
template <typename Group>
void for_each_context(const Grams& grams, Group group) {
  for (std::size_t first = 0; first < grams.keys.size();) {
    const std::uint64_t context = grams.keys[first] >> 16;
    std::size_t last = first + 1;
    while (last < grams.keys.size() && grams.keys[last] >> 16 == context) ++last;
    group(context, first, last);
    first = last;
  }
}

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

}  // namespace

void CoherenceTraining::merge(std::vector<Count>& counts) {
  // Stable, so that sums of fractions don't depend on the sort.
  std::stable_sort(counts.begin(), counts.end(), [](const Count& a, const Count& b) { return a.key < b.key; });
  std::size_t kept = 0;
  for (const Count& count : counts) {
    if (kept > 0 && counts[kept - 1].key == count.key)
      counts[kept - 1].count += count.count;
    else
      counts[kept++] = count;
  }
  counts.resize(kept);
}

void CoherenceTraining::add(std::size_t n, std::uint64_t key, double count) {
  if (n == 1) {
    unigrams_[key] += count;
    return;
  }
  std::vector<Count>& counts = counts_[n];
  constexpr std::size_t first_merge = std::size_t{1} << 22;
  if (counts.size() == counts.capacity() && counts.size() >= first_merge) {
    merge(counts);
    // Where most are kinds of their own there must be room for as many again.
    counts.reserve(std::max(counts.capacity(), 2 * counts.size()));
  }
  counts.push_back({key, count});
}

void CoherenceTraining::add_text(std::string_view text, double weight) {
  const CoherenceModel& reader = CoherenceModel::shipped();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::uint64_t key = border;
    std::size_t known = 1;
    const auto take = [&](CoherenceModel::Symbol symbol) {
      key = key << 16 | symbol;
      known = std::min(known + 1, order);
      for (std::size_t n = 2; n <= known; ++n)
        add(n, n == order ? key : key & ((std::uint64_t{1} << (16 * n)) - 1), weight);
      unigrams_[symbol] += weight;
    };
    bool empty = true;
    for (std::size_t at = begin; at < end;) {
      const auto [codepoint, length] = valid_utf8_next(text, at);
      at += length;
      const CoherenceModel::Symbol symbol = reader.read(codepoint);
      if (symbol == 0) continue;
      empty = false;
      ++characters_;
      take(symbol);
    }
    if (!empty) {
      take(border);
      ++paragraphs_;
    }
    begin = end + 1;
  }
}

expected<void, std::string> CoherenceTraining::add_counts(std::string_view table, double weight) {
  const CoherenceModel& reader = CoherenceModel::shipped();
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < table.size();) {
    const std::size_t end = std::min(table.find('\n', begin), table.size());
    const std::string_view line = table.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::size_t tab = line.find('\t');
    double count = 0;
    std::uint64_t key = 0;
    std::size_t n = 0;
    bool fits = tab != std::string_view::npos && utf8_first_error(line) == line.size();
    if (fits) {
      const auto [rest, error] = std::from_chars(line.data() + tab + 1, line.data() + line.size(), count);
      fits = error == std::errc() && rest == line.data() + line.size() && count >= 0 && std::isfinite(count);
    }
    for (std::size_t at = 0; fits && at < tab; ++n) {
      const auto [codepoint, length] = valid_utf8_next(line, at);
      at += length;
      key = key << 16 | reader.read(codepoint);
    }
    if (!fits || n == 0 || n > order)
      return unexpected(
          fmt::format("line {}: a line is an n-gram of one to four characters, a tab and its count", number));
    add(n, key, count * weight);
  }
  return {};
}

std::string CoherenceTraining::model(std::size_t ngrams) {
  std::array<Grams, order + 1> grams;
  for (std::size_t symbol = 0; symbol < unigrams_.size(); ++symbol)
    if (unigrams_[symbol] > 0) {
      grams[1].keys.push_back(symbol);
      grams[1].counts.push_back(unigrams_[symbol]);
    }
  if (grams[1].keys.empty()) return {};
  for (std::size_t n = 2; n <= order; ++n) {
    merge(counts_[n]);
    for (const Count& count : counts_[n]) {
      grams[n].keys.push_back(count.key);
      grams[n].counts.push_back(count.count);
    }
  }

  double total = 0;
  for (const double count : grams[1].counts) total += count;
  constexpr double unigram_discount = 0.5;
  const double unknown = unigram_discount / total / 20;
  for (const double count : grams[1].counts)
    grams[1].probabilities.push_back((std::max(count - unigram_discount, 0.0) + unigram_discount) / total);
  grams[1].weights.assign(grams[1].keys.size(), 1);

  const auto lower_of = [&](std::size_t n, std::uint64_t key) {
    const std::uint64_t lower = key & ((std::uint64_t{1} << (16 * (n - 1))) - 1);
    const std::size_t at = grams[n - 1].find(lower);
    return at < grams[n - 1].keys.size() ? grams[n - 1].probabilities[at] : unknown;
  };
  for (std::size_t n = 2; n <= order; ++n) {
    Grams& g = grams[n];
    g.probabilities.resize(g.keys.size());
    g.losses.resize(g.keys.size());
    g.weights.assign(g.keys.size(), 1);
    for_each_context(g, [&](std::uint64_t context, std::size_t first, std::size_t last) {
      double sum = 0, left = 0;
      for (std::size_t i = first; i < last; ++i) {
        sum += g.counts[i];
        left += g.counts[i] - discount(n, g.counts[i]);
      }
      // Counts of another corpus may be of its frequent n-grams only: the context's own count knows more.
      if (const std::size_t at = grams[n - 1].find(context); at < grams[n - 1].keys.size())
        sum = std::max(sum, grams[n - 1].counts[at]);
      const double rest = 1 - left / sum;
      for (std::size_t i = first; i < last; ++i) {
        const double without = rest * lower_of(n, g.keys[i]);
        g.probabilities[i] = std::max((g.counts[i] - discount(n, g.counts[i])) / sum + without, least_probability);
        g.losses[i] = g.counts[i] * std::abs(std::log(g.probabilities[i] / std::max(without, least_probability)));
      }
    });
  }

  // The n-grams without which the model loses most are kept, and the contexts of those that are.
  std::vector<double> losses;
  for (std::size_t n = 2; n <= order; ++n) losses.insert(losses.end(), grams[n].losses.begin(), grams[n].losses.end());
  double least = 0;
  if (losses.size() > ngrams) {
    const auto at = losses.begin() + static_cast<std::ptrdiff_t>(losses.size() - ngrams);
    std::nth_element(losses.begin(), at, losses.end());
    least = *at;
  }
  for (std::size_t n = order; n >= 2; --n) {
    Grams& g = grams[n];
    if (g.kept.empty()) g.kept.assign(g.keys.size(), false);
    for (std::size_t i = 0; i < g.keys.size(); ++i)
      if (g.losses[i] >= least) g.kept[i] = true;
    if (n == 2) break;
    Grams& contexts = grams[n - 1];
    contexts.kept.assign(contexts.keys.size(), false);
    for (std::size_t i = 0; i < g.keys.size(); ++i) {
      if (!g.kept[i]) continue;
      if (const std::size_t at = contexts.find(g.keys[i] >> 16); at < contexts.keys.size()) contexts.kept[at] = true;
    }
  }
  // What was given up goes to the lower order.
  for (std::size_t n = 2; n <= order; ++n)
    for_each_context(grams[n], [&](std::uint64_t context, std::size_t first, std::size_t last) {
      double here = 0, below = 0;
      for (std::size_t i = first; i < last; ++i) {
        if (!grams[n].kept[i]) continue;
        here += grams[n].probabilities[i];
        below += lower_of(n, grams[n].keys[i]);
      }
      const std::size_t at = grams[n - 1].find(context);
      if (at < grams[n - 1].keys.size())
        grams[n - 1].weights[at] = std::min(1.0, std::max(1 - here, least_weight) / std::max(1 - below, least_weight));
    });

  std::array<std::vector<CoherenceModel::Bucket>, order + 1> tables;
  for (std::size_t n = 2; n <= order; ++n) {
    const Grams& g = grams[n];
    const auto kept = static_cast<std::size_t>(std::count(g.kept.begin(), g.kept.end(), true));
    // Room enough that few buckets are full.
    tables[n].resize(kept * 5 / 4 / CoherenceModel::Bucket::places + 1);
    for (std::size_t i = 0; i < g.keys.size(); ++i) {
      if (!g.kept[i]) continue;
      const CoherenceModel::Hash hash(g.keys[i]);
      std::size_t at = hash.bucket(tables[n].size());
      while (tables[n][at].marks.back() != 0) at = at + 1 == tables[n].size() ? 0 : at + 1;
      CoherenceModel::Bucket& bucket = tables[n][at];
      const std::size_t place = bucket.find(0);
      bucket.marks[place] = hash.mark();
      bucket.entries[place] = CoherenceModel::entry_of(std::log(g.probabilities[i]), std::log(g.weights[i]));
    }
  }

  std::string bytes(CoherenceModel::magic);
  bytes.resize(CoherenceModel::magic_size, '\0');
  for (std::size_t n = 2; n <= order; ++n) {
    const std::uint64_t size = tables[n].size();
    append(bytes, &size, sizeof size);
  }
  for (std::uint32_t codepoint = 0; codepoint < 0x10000; ++codepoint) {
    const CoherenceModel::Symbol symbol = CoherenceModel::shipped().read(codepoint);
    append(bytes, &symbol, sizeof symbol);
  }
  std::vector<float> logs(0x10000, static_cast<float>(std::log(unknown))), weights(0x10000, 0);
  for (std::size_t i = 0; i < grams[1].keys.size(); ++i) {
    logs[grams[1].keys[i]] = static_cast<float>(std::log(grams[1].probabilities[i]));
    weights[grams[1].keys[i]] = static_cast<float>(std::log(grams[1].weights[i]));
  }
  append(bytes, logs.data(), logs.size() * sizeof(float));
  append(bytes, weights.data(), weights.size() * sizeof(float));
  for (std::size_t n = 2; n <= order; ++n)
    append(bytes, tables[n].data(), tables[n].size() * sizeof(CoherenceModel::Bucket));
  const auto append_neighbours = [&](bool of_left) {
    // Those kept are in order of the left symbols, and of the right ones of each.
    std::vector<std::uint32_t> begins(0x10000 + 2, 0);  // of each symbol there could be
    const auto kept = [&](const auto& take) {
      for (std::size_t i = 0; i < grams[2].keys.size(); ++i) {
        if (!grams[2].kept[i]) continue;
        const auto left = static_cast<CoherenceModel::Symbol>(grams[2].keys[i] >> 16);
        const auto right = static_cast<CoherenceModel::Symbol>(grams[2].keys[i]);
        of_left ? take(left, right) : take(right, left);
      }
    };
    kept([&](std::size_t of, CoherenceModel::Symbol) { ++begins[of + 2]; });
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<CoherenceModel::Symbol> list(begins.back() + begins.back() % 2);
    kept([&](std::size_t of, CoherenceModel::Symbol neighbour) { list[begins[of + 1]++] = neighbour; });
    std::vector<CoherenceModel::Symbol> symbols;  // that have some
    std::vector<std::uint32_t> places;
    for (std::size_t symbol = 0; symbol < 0x10000; ++symbol) {
      if (begins[symbol] == begins[symbol + 1]) continue;
      symbols.push_back(static_cast<CoherenceModel::Symbol>(symbol));
      places.push_back(begins[symbol]);
    }
    places.push_back(begins[0x10000]);
    const auto size = static_cast<std::uint32_t>(symbols.size());
    if (size % 2 != 0) symbols.push_back(0);
    append(bytes, &size, sizeof size);
    append(bytes, symbols.data(), symbols.size() * sizeof(CoherenceModel::Symbol));
    append(bytes, places.data(), places.size() * sizeof(std::uint32_t));
    append(bytes, list.data(), list.size() * sizeof(CoherenceModel::Symbol));
  };
  append_neighbours(true);
  append_neighbours(false);
  return bytes;
}

}  // namespace inkwash
