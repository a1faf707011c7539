// A set of hashes of which there may be millions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <vector>

namespace inkwash::cli {

/// Takes 8 bytes a hash, where a node of std::unordered_set takes 40: those that came last stand in one of these until
/// they are merged into the others, which are in order. Not thread-safe.
class HashSet {
 public:
  /// False where it was there already.
  bool insert(std::uint64_t hash) {
    if (std::ranges::binary_search(sorted_, hash) || !recent_.insert(hash).second) return false;
    if (recent_.size() == most_recent) merge();
    return true;
  }

 private:
  void merge() {
    const auto size = static_cast<std::ptrdiff_t>(sorted_.size());
    sorted_.reserve(sorted_.size() + recent_.size());  // no more: it may be most of what the program holds
    sorted_.insert(sorted_.end(), recent_.begin(), recent_.end());
    recent_.clear();
    std::sort(sorted_.begin() + size, sorted_.end());
    std::inplace_merge(sorted_.begin(), sorted_.begin() + size, sorted_.end());
  }

  static constexpr std::size_t most_recent = 1 << 16;
  std::vector<std::uint64_t> sorted_;
  std::unordered_set<std::uint64_t> recent_;
};

}  // namespace inkwash::cli
