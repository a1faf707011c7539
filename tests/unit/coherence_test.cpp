#include "stages/coherence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "stages/coherence_lines.h"

namespace inkwash::stages {
namespace {

TEST(Coherence, KnowsWhatGoesOn) {
  const CoherenceModel& model = CoherenceModel::shipped();
  EXPECT_GT(model.continuation("记者从市交通运", "输局获悉"), 3);
  EXPECT_LT(model.continuation("记者从市交通运", "的客流量"), 0);
  EXPECT_GT(model.continuation("他說，希望", "大家都能"), 0);
}

TEST(Coherence, ReadsBothScriptsAlike) {
  const CoherenceModel& model = CoherenceModel::shipped();
  EXPECT_FLOAT_EQ(model.continuation("国务院总", "理会见"), model.continuation("國務院總", "理會見"));
  EXPECT_FLOAT_EQ(model.continuation("国 务 院总", " 理会见"), model.continuation("国务院总", "理会见"));
}

TEST(Coherence, ProbabilitiesSumToOne) {
  const CoherenceModel& model = CoherenceModel::shipped();
  for (const std::u32string_view context : {U"", U"国", U"国务", U"国务院"}) {
    std::vector<CoherenceModel::Symbol> symbols;
    for (const char32_t c : context) symbols.push_back(model.read(c));
    double sum = 0;
    for (std::uint32_t s = 1; s < 0x10000; ++s)
      if (model.log_probability(nullptr, 0, static_cast<CoherenceModel::Symbol>(s)) > -15.0f)  // seen in training
        sum += std::exp(model.log_probability(symbols.data(), symbols.size(), static_cast<CoherenceModel::Symbol>(s)));
    // Probabilities are stored in 256 steps, and a fingerprint of 16 bits is now and then another's.
    EXPECT_GT(sum, 0.8);
    EXPECT_LT(sum, 1.5);
  }
}

/// What is looked up beforehand changes nothing, not a bit of it.
TEST(Coherence, SavesWorkWithoutAnotherResult) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const std::vector<std::string_view> texts = {"记者从市交通运", "输局获悉", "的客流量", "他說，希望", "大家都能",
                                               "龘龘",           "",         "一",       "abc",        "，",
                                               "国务院总",       "理会见",   "5月3",     "日电"};
  std::vector<CoherenceModel::Tail> tails;
  for (const std::string_view text : texts) model.prepare(tails.emplace_back(model.tail_of(text)));
  for (const std::string_view right : texts)
    for (std::size_t i = 0; i < texts.size(); ++i)
      EXPECT_EQ(model.continuation(tails[i], model.head_of(right)), model.continuation(texts[i], right)) << right;
  for (const CoherenceModel::Tail& tail : tails)
    for (const char32_t c : std::u32string_view(U"局理的，5龘日"))
      EXPECT_EQ(model.log_probability(tail, model.read(c)),
                model.log_probability(tail.at.data(), tail.count, model.read(c)));
}

/// Fingerprints of 16 bits are now and then another's: then the two may differ, but not on this text.
TEST(Coherence, WeighsATextAsCharacterByCharacter) {
  const CoherenceModel& model = CoherenceModel::shipped();
  std::vector<CoherenceModel::Symbol> text;
  for (const char32_t c : std::u32string_view(U"国务院总理昨日会见来访的客人，龘双方就进一步合作交换了意见。本报讯"))
    text.push_back(model.read(c));
  for (const std::size_t first : {0, 1, 2, 7}) {
    CoherenceModel::Tail before;
    while (before.count < std::min(first, CoherenceModel::reach)) ++before.count;
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(first - before.count), before.count, before.at.begin());
    std::size_t next = first;
    model.weigh(
        before, first, text.size(), [&](std::size_t i) { return text[i]; },
        [&](std::size_t i, const CoherenceModel::Weighed& weighed, const CoherenceModel::Tail& tail) {
          ASSERT_EQ(i, next++);
          const auto& by = weighed.by;
          for (std::size_t n = 1; n <= by.size(); ++n) {
            const std::size_t length = std::min(i, n);
            EXPECT_EQ(by[n - 1], model.log_probability(text.data() + i - length, length, text[i])) << i << " " << n;
          }
          const std::size_t longer = weighed.longest + 1;
          EXPECT_TRUE(weighed.longest == 1 || model.has_seen(&text[i + 1 - weighed.longest], weighed.longest));
          EXPECT_FALSE(longer <= std::min(i, CoherenceModel::reach) + 1 &&
                       model.has_seen(&text[i + 1 - longer], longer));
          EXPECT_EQ(model.log_probability(tail, text[0]), model.log_probability(tail.at.data(), tail.count, text[0]));
        });
    EXPECT_EQ(next, text.size());
  }
}

/// What the model says of a border, character by character and each time from the beginning.
float continuation_by_characters(const CoherenceModel& model, const CoherenceModel::Tail& left,
                                 const CoherenceModel::Head& right) {
  std::vector<CoherenceModel::Symbol> all(left.at.begin(), left.at.begin() + static_cast<std::ptrdiff_t>(left.count));
  float sum = 0;
  for (std::size_t i = 0; left.count > 0 && i < right.count; ++i) {
    sum += model.log_probability(all.data(), all.size(), right.at[i]) -
           model.log_probability(right.at.data(), i, right.at[i]);
    all.push_back(right.at[i]);
    if (i + 1 < right.count && !model.has_seen(all.data() + left.count - 1, i + 2)) break;
  }
  return CoherenceModel::calibrated(sum);
}

TEST(Coherence, WhatWasFoundOfOneCharacterServesTheNext) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const std::string_view text =
      "国务院总理昨日会见来访的客人，双方就进一步加强合作交换了意见。本报讯记者从市交通局获悉";
  std::vector<CoherenceModel::Tail> tails;
  std::vector<CoherenceModel::Head> heads;
  for (std::size_t at = 0; at <= text.size(); at += 3) {
    tails.push_back(model.tail_of(text.substr(0, at)));
    heads.push_back(model.head_of(text.substr(at)));
  }
  for (const CoherenceModel::Tail& tail : tails)
    for (const CoherenceModel::Head& head : heads)
      EXPECT_EQ(model.continuation(tail, head), continuation_by_characters(model, tail, head));
}

TEST(Coherence, LinesThatWereApproachedGoOnAsTheyDo) {
  const CoherenceModel& model = CoherenceModel::shipped();
  std::vector<std::string_view> inks(50, "市民");
  constexpr std::string_view lines[] = {"记者从市交通运", "输局获悉", "", "的客流量", "一", "全市新开通的公"};
  for (std::size_t i = 0; i < inks.size(); i += 2) inks[i] = lines[i / 2 % std::size(lines)];
  CoherenceLines approached(model, inks);
  for (std::size_t i = 0; i + 1 < inks.size(); ++i) {
    approached.approach(i, [](std::size_t k) { return k % 3 != 0; });
    EXPECT_EQ(model.continuation(approached.tail(i), approached.head(i + 1)), model.continuation(inks[i], inks[i + 1]));
  }
  CoherenceLines none(model, {});
  none.approach(0, [](std::size_t) { return true; });
}

TEST(Coherence, ParagraphsBeginAndEnd) {
  const CoherenceModel& model = CoherenceModel::shipped();
  EXPECT_GT(model.begins_paragraph("近年来，"), model.begins_paragraph("的发展"));
  EXPECT_GT(model.ends_paragraph("取得成功。"), model.ends_paragraph("取得成"));
}

TEST(Coherence, NeighboursAreThoseOfTheBigrams) {
  const CoherenceModel& model = CoherenceModel::shipped();
  const std::array pair{model.read(U'经'), model.read(U'济')};
  EXPECT_TRUE(std::ranges::binary_search(model.followers(pair[0]), pair[1]));
  EXPECT_TRUE(std::ranges::binary_search(model.predecessors(pair[1]), pair[0]));
  for (const auto symbol : model.followers(pair[0])) {
    const std::array known{pair[0], symbol};
    EXPECT_TRUE(model.has_seen(known.data(), known.size()));
  }
  for (const auto symbol : model.predecessors(pair[1])) {
    const std::array known{symbol, pair[1]};
    EXPECT_TRUE(model.has_seen(known.data(), known.size()));
  }
}

TEST(Coherence, AWrongModelIsAMessage) {
  EXPECT_FALSE(CoherenceModel::from_bytes(""));
  EXPECT_FALSE(CoherenceModel::from_bytes("INKWASH-COHERENCE-3\n"));
  EXPECT_FALSE(CoherenceModel::from_bytes(std::string(1000, 'x')));
}

}  // namespace
}  // namespace inkwash::stages
