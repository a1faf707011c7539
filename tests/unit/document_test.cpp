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

TEST(Document, LinesKnowTheClassesOfTheirInk) {
  auto document = Document::from_bytes("　北京5G，\n东 西\n䷀");
  ASSERT_TRUE(document);
  ASSERT_EQ(document->lines().size(), 3u);
  const Line& first = document->lines()[0];
  for (const CharClass c : {CharClass::han, CharClass::digit, CharClass::latin, CharClass::pause})
    EXPECT_TRUE(first.has(c)) << static_cast<int>(c);
  for (const CharClass c : {CharClass::space, CharClass::newline, CharClass::stop, CharClass::other})
    EXPECT_FALSE(first.has(c)) << static_cast<int>(c);
  EXPECT_TRUE(document->lines()[1].has(CharClass::space));
  // A hexagram stands among the ideographs and is none.
  EXPECT_FALSE(document->lines()[2].has(CharClass::han));
  EXPECT_EQ(document->lines()[2].width, 2u);
}

/// Looks at the lines, then takes what its option says out of the text.
class Cut final : public Stage {
 public:
  explicit Cut(std::string what) : what_(std::move(what)) {}
  static constexpr RuleInfo rules[] = {{"cut.cut", "", Effect::drop}};
  static constexpr OptionInfo options[] = {{"what", "", ""}};
  static constexpr StageInfo cut_info{"cut", "", rules, options};
  const StageInfo& info() const noexcept override { return cut_info; }
  void propose(const Document& document, Proposal& proposal) const override {
    if (document.lines().empty()) return;
    const std::string_view text = document.text();
    for (std::size_t at = text.find(what_); at != std::string_view::npos; at = text.find(what_, at + what_.size()))
      proposal.erase({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + what_.size())}, 0);
  }

 private:
  std::string what_;
};

/// Lines that a change left as they were are not measured again: the result is the same.
TEST(Document, LinesAfterAChangeAreThoseOfTheNewText) {
  const std::string text = "　甲乙丙5\n\n丁 戊\n己庚\n\n\n己庚\n ab cd\n辛\n壬癸。\n辛\n子丑\n";
  for (const std::string what :
       {"乙", "己庚", "\n", "\n\n", "丁", "子丑\n", "　", " ", "辛\n", "己庚\n\n\n己庚\n", "x"}) {
    Registry registry;
    ASSERT_TRUE(registry.add({&Cut::cut_info, [](const StageOptions& options, const Rules&) {
                                return expected<std::unique_ptr<const Stage>, ConfigErrors>(
                                    std::make_unique<const Cut>(options.at("what")));
                              }}));
    // Twice: what is measured of what was not measured anew counts, too.
    ChainSpec spec = *ChainSpec::of_stages("cut,cut");
    spec.set("cut", "what", what);
    const auto chain = Chain::make(spec, registry, Rules{});
    ASSERT_TRUE(chain);
    auto document = Document::from_bytes(text);
    ASSERT_TRUE(chain->run(*document));
    const auto fresh = Document::from_bytes(std::string(document->text()));
    ASSERT_EQ(document->lines().size(), fresh->lines().size()) << what;
    for (std::size_t i = 0; i < fresh->lines().size(); ++i) {
      const Line &line = document->lines()[i], &wanted = fresh->lines()[i];
      EXPECT_EQ(line.range, wanted.range) << what << i;
      EXPECT_EQ(line.ink, wanted.ink) << what << i;
      EXPECT_EQ(line.indent, wanted.indent) << what << i;
      EXPECT_EQ(line.width, wanted.width) << what << i;
      EXPECT_EQ(line.classes, wanted.classes) << what << i;
      EXPECT_EQ(line.blanks_before, wanted.blanks_before) << what << i;
    }
  }
}

}  // namespace
}  // namespace inkwash
