#include "stages/quotations.h"

#include <gtest/gtest.h>

namespace inkwash::stages {
namespace {

TEST(Quotations, AreThoseOfTheFirstAndLastMark) {
  EXPECT_EQ(quotations_of("没有引号的一行").first, QuotationMark::none);
  EXPECT_EQ(quotations_of("").last, QuotationMark::none);
  const Quotations closes = quotations_of("一百年。”他又说：“慢慢来");
  EXPECT_EQ(closes.first, QuotationMark::closes);
  EXPECT_EQ(closes.last, QuotationMark::opens);
  EXPECT_FALSE(closes.begins_line);
  const Quotations whole = quotations_of("「慢慢來」");
  EXPECT_EQ(whole.first, QuotationMark::opens);
  EXPECT_EQ(whole.last, QuotationMark::closes);
  EXPECT_TRUE(whole.begins_line);
}

TEST(Quotations, AMarkThatClosesNeedsOneThatOpened) {
  const Quotations opens = quotations_of("他说：“慢慢来，"), closes = quotations_of("不着急。”说完就走");
  QuotationState state;
  EXPECT_FALSE(state.is_at_odds_with(closes));  // it may have been opened above
  state.add(opens);
  EXPECT_FALSE(state.is_at_odds_with(closes));
  EXPECT_TRUE(state.is_at_odds_with(opens));
  state.add(quotations_of("没有引号的一行"));
  state.add(closes);
  EXPECT_TRUE(state.is_at_odds_with(closes));
  EXPECT_FALSE(state.is_at_odds_with(opens));
}

TEST(Quotations, EachParagraphOfAQuotationOpensIt) {
  QuotationState state;
  state.add(quotations_of("“慢慢来，不着急。"));
  EXPECT_FALSE(state.is_at_odds_with(quotations_of("“慢工出细活。”")));
}

TEST(Quotations, TextGoesOnWithTextOfTheSameQuotation) {
  QuotationState head, inside, outside;
  head.add(quotations_of("他说：“慢慢来，"));
  inside.add(quotations_of("不着急。”说完就走"));
  outside.add(quotations_of("有人问：“要多久？”"));
  EXPECT_FALSE(head.is_at_odds_with(inside));
  EXPECT_TRUE(head.is_at_odds_with(outside));
}

}  // namespace
}  // namespace inkwash::stages
