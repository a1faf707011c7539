#include "pipeline/cli/hash_set.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_set>

namespace inkwash::cli {
namespace {

// As many as are merged several times, some of them twice.
TEST(HashSet, KnowsWhatIsInIt) {
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::uint64_t> hashes(0, 400'000);
  HashSet set;
  std::unordered_set<std::uint64_t> expected;
  for (int i = 0; i < 500'000; ++i) {
    const std::uint64_t hash = hashes(random) * 0x9E3779B97F4A7C15u;
    ASSERT_EQ(set.insert(hash), expected.insert(hash).second) << i;
  }
}

}  // namespace
}  // namespace inkwash::cli
