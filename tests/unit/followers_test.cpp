#include "stages/followers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

namespace inkwash::stages {
namespace {

TEST(Followers, AreThoseThatTheCorpusHas) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const Followers followers(model);
  const auto after = followers.after(model.read(U'经'));
  EXPECT_NE(std::ranges::find(after, model.read(U'济')), after.end());
  for (const auto symbol : after) {
    const std::array pair{model.read(U'经'), symbol};
    EXPECT_TRUE(model.has_seen(pair.data(), pair.size()));
  }
}

TEST(Followers, FormsAreOfBothScripts) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const Followers followers(model);
  const auto forms = followers.forms_of(model.read(U'濟'));
  EXPECT_NE(std::ranges::find(forms, U'济'), forms.end());
  EXPECT_NE(std::ranges::find(forms, U'濟'), forms.end());
  EXPECT_TRUE(followers.forms_of(model.read(U'。')).empty());
}

TEST(Followers, AreTheSameFromSeveralThreads) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const Followers followers(model);
  std::array<std::vector<Followers::Symbol>, 4> found;
  std::vector<std::thread> threads;
  for (auto& list : found)
    threads.emplace_back([&] {
      const auto after = followers.after(model.read(U'国'));
      list.assign(after.begin(), after.end());
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& list : found) EXPECT_EQ(list, found[0]);
  EXPECT_FALSE(found[0].empty());
}

}  // namespace
}  // namespace inkwash::stages
