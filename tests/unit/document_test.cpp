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

TEST(Document, LinesKnowWhichCharactersTheirInkMayHold) {
  auto document = Document::from_bytes("　北京5G，𠀀\n东 西\n");
  ASSERT_TRUE(document);
  const auto bits_of = [](std::u32string_view characters) {
    std::uint64_t bits = 0;
    for (const char32_t c : characters) bits |= Line::bit_of(c);
    return bits;
  };
  EXPECT_EQ(document->lines()[0].characters, bits_of(U"北京5G，𠀀"));
  EXPECT_EQ(document->lines()[1].characters, bits_of(U"东 西"));
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
      EXPECT_EQ(line.characters, wanted.characters) << what << i;
      EXPECT_EQ(line.blanks_before, wanted.blanks_before) << what << i;
    }
  }
}

/// Writes its text anew: rewrites "from" of the text by "to", then replaces the rest of it by "rest".
class Anew final : public Stage {
 public:
  explicit Anew(StageOptions said) : options_(std::move(said)) {}
  static constexpr RuleInfo rules[] = {{"anew.anew", "", Effect::character}};
  static constexpr OptionInfo options[] = {{"size", "", ""}, {"to", "", ""}, {"rest", "", ""}};
  static constexpr StageInfo anew_info{"anew", "", rules, options};
  const StageInfo& info() const noexcept override { return anew_info; }
  void propose(const Document& document, Proposal& proposal) const override {
    const auto size = static_cast<ByteOffset>(std::stoul(options_.at("size")));
    const auto all = static_cast<ByteOffset>(document.text().size());
    std::string& texts = proposal.texts();
    texts += options_.at("to");
    const auto middle = static_cast<ByteOffset>(texts.size());
    texts += options_.at("rest");
    const auto end = static_cast<ByteOffset>(texts.size());
    proposal.rewrite({0, size}, {0, middle}, 0);
    if (size != all) proposal.replace({size, all}, Proposal::Written{middle, end}, 0);
  }

 private:
  StageOptions options_;
};

expected<Document, Error> anew(const std::string& text, const std::string& size, const std::string& to,
                               const std::string& rest, Account account = Account::counts) {
  Registry registry;
  EXPECT_TRUE(registry.add({&Anew::anew_info, [](const StageOptions& options, const Rules&) {
                              return expected<std::unique_ptr<const Stage>, ConfigErrors>(
                                  std::make_unique<const Anew>(options));
                            }}));
  ChainSpec spec = *ChainSpec::of_stages("anew");
  spec.set("anew", "size", size);
  spec.set("anew", "to", to);
  spec.set("anew", "rest", rest);
  const auto chain = Chain::make(spec, registry, Rules{});
  EXPECT_TRUE(chain);
  auto document = Document::from_bytes(text, account);
  if (auto done = chain->run(*document); !done) return unexpected(done.error());
  EXPECT_EQ(document->validate().value_or(""), "");
  return document;
}

TEST(Document, ARewrittenTextKeepsThePlaceOfEachCharacter) {
  const auto document = anew("甲a說話\n好", "14", "甲b说话\n好", "");
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->text(), "甲b说话\n好");
  ASSERT_EQ(document->pieces().size(), 1u);
  EXPECT_EQ(document->source_of({4, 7}), (SourceRange{4, 7}));
  ASSERT_EQ(document->counts().size(), 1u);
  EXPECT_EQ(document->counts()[0].edits, 1u);
  EXPECT_EQ(document->counts()[0].characters, 3u);
}

TEST(Document, TheAccountHasEachRunOfRewrittenCharacters) {
  const auto document = anew("說甲說話乙", "12", "说甲说话", "丙丁", Account::edits);
  ASSERT_TRUE(document) << document.error().message;
  EXPECT_EQ(document->text(), "说甲说话丙丁");
  ASSERT_EQ(document->steps().size(), 1u);
  const AppliedStep& step = document->steps()[0];
  EXPECT_EQ(step.size_after, 18u);
  ASSERT_EQ(step.edits.size(), 3u);
  EXPECT_EQ(step.edits[1].range, (TextRange{6, 12}));
  EXPECT_EQ(step.edits[1].source, (SourceRange{6, 12}));
  EXPECT_EQ(step.before(step.edits[1]), "說話");
  EXPECT_EQ(step.after(step.edits[1]), "说话");
  EXPECT_EQ(step.after(step.edits[2]), "丙丁");
  EXPECT_EQ(document->counts()[0].edits, 3u);
  EXPECT_EQ(document->source_of({15, 18}), (SourceRange{12, 15}));
}

TEST(Document, RefusesToRewriteByLongerOrShorterCharacters) {
  for (const std::string to : {"é說", "說", "說é說"}) {
    const auto document = anew("說é", "5", to, "");
    ASSERT_FALSE(document);
    EXPECT_NE(document.error().message.find("anew.anew"), std::string::npos);
  }
}

}  // namespace
}  // namespace inkwash
