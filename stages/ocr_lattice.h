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
/// `as_read`: what was read, in which the first and last places have as many neighbours as judges look at, or the text
/// ends. `places`: in order, not empty. `beam`: how many paths are followed, and the best with each option of a place;
/// the one as read always is. A judge says
///
///     judge.goes_on(text, i)       log odds that the text goes on with its symbol at `i` after those before it
///     judge.reach                  so many of them
///     judge.change(text, i, read)  log odds of what stands at `i`, where `read` was read, by what is around it
template <typename Judge>
std::vector<std::vector<double>> odds_of_paths(std::span<const CoherenceModel::Symbol> as_read,
                                               std::span<const Place> places, const Judge& judge, std::size_t beam) {
  // Paths share their beginnings: a step knows the one before it, and which option it took, from 1 on; 0: what was
  // read.
  struct Step {
    std::size_t before, taken;
  };
  struct Path {
    double odds;
    std::size_t step;  ///< the last one
  };
  std::vector<Step> steps{{0, 0}};  // where all begin
  std::vector<CoherenceModel::Symbol> text(as_read.begin(), as_read.end());
  const auto set = [&](std::size_t n, std::size_t taken) {
    const auto& [at, read, options] = places[n];
    text[at] = taken == 0 ? read : options[taken - 1].symbol;
  };
  struct Longer {
    double odds;
    Step step;
  };
  std::vector<Path> paths{{0, 0}};
  std::vector<Longer> longer;
  for (std::size_t n = 0; n < places.size(); ++n) {
    const auto& [at, read, options] = places[n];
    const std::size_t end = n + 1 < places.size() ? places[n + 1].at : std::min(text.size(), at + 1 + judge.reach);
    std::size_t near = n;  // the first place that what follows is judged by
    while (near > 0 && places[near - 1].at + judge.reach >= at) --near;
    longer.clear();
    for (const Path& path : paths) {
      for (std::size_t k = n, step = path.step; k > near; step = steps[step].before) set(--k, steps[step].taken);
      for (std::size_t taken = 0; taken <= options.size(); ++taken) {
        set(n, taken);
        double odds = path.odds + (taken == 0 ? 0 : static_cast<double>(options[taken - 1].odds));
        for (std::size_t k = at; k < end; ++k) odds += static_cast<double>(judge.goes_on(text, k));
        longer.push_back({odds, {path.step, taken}});
      }
      for (std::size_t k = near; k <= n; ++k) set(k, 0);
    }
    if (longer.size() > beam) {
      // The first is the one as read. Of each option the best goes on, too: what speaks for it may stand further right.
      std::ranges::sort(longer.begin() + 1, longer.end(), std::ranges::greater{}, &Longer::odds);
      std::vector<bool> goes_on(1 + options.size());
      std::size_t rank = 0;
      std::erase_if(longer, [&](const Longer& one) {
        const bool is_best = !goes_on[one.step.taken];
        goes_on[one.step.taken] = true;
        return rank++ >= beam && !is_best;
      });
    }
    paths.clear();
    for (const Longer& one : longer) {
      paths.push_back({one.odds, steps.size()});
      steps.push_back(one.step);
    }
  }
  const double odds_as_read = paths.front().odds;
  constexpr double never = -std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> odds(places.size());
  for (std::size_t n = 0; n < places.size(); ++n) odds[n].assign(1 + places[n].options.size(), never);
  // Of logarithms, since the odds of many changes together are more than a number holds.
  const auto add = [](double& sum, double one) {
    const auto [less, more] = std::minmax(sum, one);
    sum = more + std::log1p(std::exp(less - more));
  };
  std::vector<std::size_t> taken(places.size());
  for (const Path& path : paths) {
    for (std::size_t n = places.size(), step = path.step; n > 0; step = steps[step].before) {
      taken[--n] = steps[step].taken;
      set(n, taken[n]);
    }
    double sum = path.odds - odds_as_read;
    for (std::size_t n = 0; n < places.size(); ++n)
      if (taken[n] > 0) sum += static_cast<double>(judge.change(text, places[n].at, places[n].read));
    for (std::size_t n = 0; n < places.size(); ++n) add(odds[n][taken[n]], sum);
  }
  return odds;
}

}  // namespace inkwash::stages::ocr
