// The document model: edits, moves, labels and provenance.
#include <gtest/gtest.h>

#include "inkwash/chain.h"

namespace inkwash {
namespace {

TEST(Document, EmptyTextHasNoLines) {
  auto document = Document::from_bytes("");
  ASSERT_TRUE(document);
  EXPECT_TRUE(document->lines().empty());
  EXPECT_FALSE(document->validate());
}

TEST(Document, LinesCarryLayoutEvidence) {
  auto document = Document::from_bytes("　北京5G  \n\n\nab");
  ASSERT_TRUE(document);
  ASSERT_EQ(document->lines().size(), 2u);
  const Line& first = document->lines()[0];
  EXPECT_EQ(first.ink.of(document->text()), "北京5G");
  EXPECT_EQ(first.indent, 2u);
  EXPECT_EQ(first.width, 6u);
  EXPECT_EQ(document->lines()[1].blanks_before, 2u);
}

}  // namespace
}  // namespace inkwash
