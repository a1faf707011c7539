#include "stages/seams_joints.h"

#include <algorithm>
#include <bit>
#include <span>

#include "stages/ends.h"

namespace inkwash::stages {
namespace {

std::uint64_t key_of(std::span<const CoherenceModel::Symbol> symbols, bool flag) {
  std::uint64_t key = 0;
  for (const CoherenceModel::Symbol symbol : symbols) key = key << 16 | symbol;  // none is 0
  return key << 1 | flag;
}

}  // namespace

SeamJoints::SeamJoints(const Costs& costs, std::size_t rows)
    : costs_(costs), most_joints_(std::bit_ceil(std::clamp<std::size_t>(128 * rows, 1 << 10, 1 << 14))) {}

SeamEnds SeamJoints::ends_of(std::string_view core) {
  if (core.empty()) return {};
  const End end{costs_.model.tail_of(core), stages::is_open(core)};
  const Begin begin{costs_.model.head_of(core), begins_badly(core)};
  const auto id = [](auto& known, auto& all, std::uint64_t key, const auto& one) {
    const auto [place, is_new] = known.try_emplace(key, static_cast<std::uint32_t>(all.size()));
    if (is_new) all.push_back(one);
    return place->second;
  };
  return {id(begin_of_, begins_, key_of(std::span(begin.head.at).first(begin.head.count), begin.is_bad), begin),
          id(end_of_, ends_, key_of(std::span(end.tail.at).first(end.tail.count), end.is_open), end)};
}

float SeamJoints::cost(std::uint32_t end, std::uint32_t begin) {
  if (end == SeamEnds::nothing || begin == SeamEnds::nothing) return costs_.base;
  if (joints_.empty()) joints_.resize(most_joints_);  // few texts are asked at all
  Joint& known = joints_[(end * 0x9E3779B1u + begin) & (joints_.size() - 1)];
  if (known.end != end || known.begin != begin) known = {end, begin, ask(ends_[end], begins_[begin])};
  return known.cost;
}

float SeamJoints::ask(End& end, const Begin& begin) const {
  constexpr float torn_apart = 10;
  if (begin.is_bad && end.is_open) return torn_apart;
  const float cost =
      std::clamp(costs_.base - costs_.model.continuation(prepared(end), begin.head), costs_.least, costs_.most);
  // What follows the end of a sentence is often hard to foresee.
  return end.is_open ? cost : std::min(cost, 0.75f * costs_.base);
}

const CoherenceModel::Tail& SeamJoints::prepared(End& end) const {
  if (!end.tail.ending) costs_.model.prepare(end.tail);
  return end.tail;
}

void SeamJoints::prefetch(std::uint32_t end) const noexcept {
  if (end != SeamEnds::nothing) costs_.model.prefetch_ending(ends_[end].tail);
}

void SeamJoints::prefetch(std::uint32_t end, std::uint32_t begin) noexcept {
  if (end != SeamEnds::nothing && begin != SeamEnds::nothing)
    costs_.model.prefetch_first(prepared(ends_[end]), begins_[begin].head);
}

}  // namespace inkwash::stages
