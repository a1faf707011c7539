#include "inkwash/chain.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace inkwash {
namespace {

using ::testing::HasSubstr;

TEST(Chain, EveryNamedChainCanBeMade) {
  const Rules rules;
  const auto names = rules.names("chains/");
  EXPECT_GE(names.size(), 6u);
  for (const std::string& file : names) {
    const std::string name = file.substr(7, file.size() - 7 - 5);
    const auto chain = Chain::make(name, builtin_stages(), rules);
    EXPECT_TRUE(chain) << name;
  }
}

TEST(Chain, ReportsEveryMistakeAtOnce) {
  const auto chain = Chain::make("decode:encoding=klingon,wash,spaces:colour=red", builtin_stages(), Rules{});
  ASSERT_FALSE(chain);
  ASSERT_EQ(chain.error().size(), 3u);
  EXPECT_THAT(chain.error()[1].message, HasSubstr("no stage or chain 'wash'"));
  EXPECT_THAT(chain.error()[2].message, HasSubstr("no option 'colour'"));
}

TEST(Chain, AFileOfItsOwn) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "own.toml";
  std::ofstream(path) << "name = \"own\"\n[[step]]\nstage = \"script\"\nconfig = \"t2s\"\n";
  const auto chain = Chain::make(path.string(), builtin_stages(), Rules{});
  ASSERT_TRUE(chain);
  auto document = Document::from_bytes("發明");
  ASSERT_TRUE(chain->run(*document));
  EXPECT_EQ(document->text(), "发明");

  std::ofstream(path) << "nam = \"own\"\n[[step]]\n";
  const auto wrong = Chain::make(path.string(), builtin_stages(), Rules{});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().size(), 2u);
  EXPECT_THAT(wrong.error()[0].where, HasSubstr(":1"));
}

TEST(Rules, AFolderOverridesFileByFile) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "own-rules";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "chains");
  std::ofstream(folder / "chains" / "mine.toml") << "summary = \"mine\"\n[[step]]\nstage = \"spaces\"\n";
  const Rules rules(folder.string());
  EXPECT_TRUE(Chain::make("mine", builtin_stages(), rules));
  EXPECT_TRUE(Chain::make("default", builtin_stages(), rules));
  std::ofstream(folder / "wraps.toml") << "[width]\nleast_lines = \"many\"\n";
  const auto broken = Chain::make("default", builtin_stages(), rules);
  ASSERT_FALSE(broken);
  EXPECT_GT(broken.error().size(), 10u);
}

TEST(Registry, ANameStandsOnce) {
  Registry registry;
  const StageEntry entry = builtin_stages().entries()[0];
  EXPECT_TRUE(registry.add(entry));
  EXPECT_FALSE(registry.add(entry));
}

TEST(Chain, KeepsAnAccountOfEveryEdit) {
  const auto chain = Chain::make("spaces", builtin_stages(), Rules{});
  auto document = Document::from_bytes("永 久 合 作", Account::edits);
  ASSERT_TRUE(chain->run(*document));
  ASSERT_EQ(document->edits().size(), 3u);
  EXPECT_EQ(document->edits()[0].rule, "spaces.letter-spacing");
  EXPECT_EQ(document->edits()[0].before, " ");
  EXPECT_EQ(document->edits()[0].source, (SourceRange{3, 4}));
  ASSERT_EQ(document->counts().size(), 1u);
  EXPECT_EQ(document->counts()[0].edits, 3u);
}

}  // namespace
}  // namespace inkwash
