#include "tests/run_chain.h"

namespace inkwash {
namespace {

std::string punctuation(std::string text, std::string_view options = "") {
  const auto spec = ChainSpec::of_stages("punctuation" + std::string(options));
  const auto chain = Chain::make(*spec, builtin_stages(), Rules{});
  auto document = Document::from_bytes(std::move(text));
  const auto done = chain->run(*document);
  EXPECT_TRUE(done) << done.error().message;
  return std::string(document->text());
}

TEST(Punctuation, WritesMarksInOneWay) {
  EXPECT_EQ(punctuation("他说──港口完工了。\n"), "他说——港口完工了。\n");
  EXPECT_EQ(punctuation("他说--港口完工了...\n"), "他说——港口完工了……\n");
  EXPECT_EQ(punctuation("等等…还有⋯⋯吗\n"), "等等……还有……吗\n");
  EXPECT_EQ(punctuation("等等………\n"), "等等……\n");
  EXPECT_EQ(punctuation("安娜•林德‧霍尔\n"), "安娜·林德·霍尔\n");
}

TEST(Punctuation, LeavesLatinTextAndNumbersAlone) {
  const std::string text = "The port -- it opened... yesterday.\n3．5万吨\n港A•B线\n";
  EXPECT_EQ(punctuation(text), text);
}

TEST(Punctuation, IsTheSameTheSecondTime) {
  const std::string once = punctuation("他说──港口…完工了。。。\n安娜•林德\n", ":quotes=curly");
  EXPECT_EQ(punctuation(once, ":quotes=curly"), once);
}

TEST(Punctuation, ChangesQuotationMarksWhereAsked) {
  EXPECT_EQ(punctuation("他说“港口‘完工’了”。\n"), "他说“港口‘完工’了”。\n");
  EXPECT_EQ(punctuation("他说“港口‘完工’了”。\n", ":quotes=corner"), "他说「港口『完工』了」。\n");
  EXPECT_EQ(punctuation("他說「港口『完工』了」。\n", ":quotes=curly"), "他說“港口‘完工’了”。\n");
  EXPECT_EQ(punctuation("It’s the port’s.\n", ":quotes=corner"), "It’s the port’s.\n");
  EXPECT_EQ(punctuation("他说──好\n", ":marks=false:quotes=curly"), "他说──好\n");
}

TEST(Punctuation, TypedQuotationMarksArePairedWhereAsked) {
  EXPECT_EQ(punctuation("他说：\"码头完工了。\"又说：\"很好\"。\n", ":quotes=curly"),
            "他说：“码头完工了。”又说：“很好”。\n");
  EXPECT_EQ(punctuation("用\"Harbour\"做品牌。\n", ":quotes=corner"), "用「Harbour」做品牌。\n");
  const std::string text = "这块5\"屏幕。\nHe said \"yes\" twice.\n";
  EXPECT_EQ(punctuation(text, ":quotes=corner"), text);
  EXPECT_EQ(punctuation("他说：\"好\"。\n"), "他说：\"好\"。\n");
}

TEST(Punctuation, RefusesOtherQuotationMarks) {
  const auto chain = Chain::make("decode,punctuation:quotes=straight", builtin_stages(), Rules{});
  ASSERT_FALSE(chain);
  EXPECT_NE(chain.error().front().message.find("keep, curly or corner"), std::string::npos);
}

TEST(Punctuation, AsciiRunsOfAnotherLengthStay) {
  EXPECT_EQ(testing::run_stage("punctuation", "真的....我不知道-----但是可以"), "真的....我不知道-----但是可以");
  EXPECT_EQ(testing::run_stage("punctuation", "真的...我不知道--但是可以"), "真的……我不知道——但是可以");
}

}  // namespace
}  // namespace inkwash
