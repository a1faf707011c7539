// Characters that may be misread, decided together: a lattice of what was read and of what may stand there instead,
// through which a beam goes from left to right. Two misread neighbours that make no sense one by one may do together.
//
//     宋|军|队|的|停|房|，          as read, and what may stand at the two places
//                俘 虏
//
// The odds of a path against the text as read are those by which a judge says that the text goes on, times those that
// speak for each change wherever it is and where it is. What stands at a place is as probable as all paths through it
// together are, out of all.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/coherence.h"

namespace inkwash::stages::ocr {

/// What may stand at a place.
struct Option {
  Codepoint codepoint;
  CoherenceModel::Symbol symbol;
  float odds;  ///< what speaks for it wherever it is read so, as log odds
};

/// Where a character may be misread.
struct Place {
  std::size_t at;
  CoherenceModel::Symbol read;
  std::vector<Option> options;
};

/// For each place the logarithms of the summed odds of all paths with what was read, and with each option.
///
/// `text`: what was read, in which the first and last places have as many neighbours as judges look at, or the text
/// ends. `places`: in order, not empty. `beam`: how many paths are followed, and the best with each option of a place;
/// the one as read always is. A judge says
///
///     judge.goes_on(text, i)       log odds that the text goes on with its symbol at `i` after those before it
///     judge.reach                  so many of them
///     judge.change(text, i, read)  log odds of what stands at `i`, where `read` was read, by what is around it
template <typename Judge>
std::vector<std::vector<double>> odds_of_paths(std::span<const CoherenceModel::Symbol> text,
                                               std::span<const Place> places, const Judge& judge, std::size_t beam) {
  struct Path {
    double odds = 0;
    std::vector<CoherenceModel::Symbol> text;
    std::vector<std::size_t> taken{};  ///< at each place an option, from 1 on, or 0: what was read
  };
  std::vector<Path> paths{{0, {text.begin(), text.end()}}}, longer;
  for (std::size_t n = 0; n < places.size(); ++n) {
    const auto& [at, read, options] = places[n];
    const std::size_t end = n + 1 < places.size() ? places[n + 1].at : std::min(text.size(), at + 1 + judge.reach);
    longer.clear();
    for (const Path& path : paths)
      for (std::size_t taken = 0; taken <= options.size(); ++taken) {
        Path& next = longer.emplace_back(path);
        next.taken.push_back(taken);
        if (taken > 0) {
          next.text[at] = options[taken - 1].symbol;
          next.odds += static_cast<double>(options[taken - 1].odds);
        }
        for (std::size_t k = at; k < end; ++k) next.odds += static_cast<double>(judge.goes_on(next.text, k));
      }
    if (longer.size() > beam) {
      // The first is the one as read. Of each option the best goes on, too: what speaks for it may stand further right.
      std::ranges::sort(longer.begin() + 1, longer.end(), std::ranges::greater{}, &Path::odds);
      std::vector<bool> goes_on(1 + options.size());
      std::size_t rank = 0;
      std::erase_if(longer, [&](const Path& path) {
        const std::size_t taken = path.taken.back();
        const bool is_best = !goes_on[taken];
        goes_on[taken] = true;
        return rank++ >= beam && !is_best;
      });
    }
    std::swap(paths, longer);
  }
  const double as_read = paths.front().odds;
  constexpr double never = -std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> odds(places.size());
  for (std::size_t n = 0; n < places.size(); ++n) odds[n].assign(1 + places[n].options.size(), never);
  // Of logarithms, since the odds of many changes together are more than a number holds.
  const auto add = [](double& sum, double one) {
    const auto [less, more] = std::minmax(sum, one);
    sum = more + std::log1p(std::exp(less - more));
  };
  for (const Path& path : paths) {
    double sum = path.odds - as_read;
    for (std::size_t n = 0; n < places.size(); ++n)
      if (path.taken[n] > 0) sum += static_cast<double>(judge.change(path.text, places[n].at, places[n].read));
    for (std::size_t n = 0; n < places.size(); ++n) add(odds[n][path.taken[n]], sum);
  }
  return odds;
}

}  // namespace inkwash::stages::ocr
