#include "inkwash/chain.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <tuple>

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

// Stages read what such files hold without looking whether it is there and whole: each of these once was read beyond
// its end.
TEST(Rules, MistakesInOnesOwnAreToldAndNotRead) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "wrong-rules";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [file, contents, said] :
       {std::tuple<const char*, const char*, const char*>{"ocr.toml", "[character]\nweights = [1, 2]\n", "list of 11"},
        {"protected.tsv", "\xC4\xFA\n\xBA", "no UTF-8"},
        {"confusables.tsv", "\xE5\t\xE5\t1\n", "no UTF-8"},
        {"shapes.tsv",
         "\xE5\t\xE5"
         "12\n",
         "no UTF-8"}}) {
    std::ofstream(folder / file) << contents;
    const auto chain = Chain::make("ocr", builtin_stages(), Rules(folder.string()));
    ASSERT_FALSE(chain) << file;
    std::string all;
    for (const ConfigError& error : chain.error()) all += error.message + "\n";
    EXPECT_THAT(all, HasSubstr(said)) << file;
    std::filesystem::remove(folder / file);
  }
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

TEST(Chain, BytesThatAreNotUtf8NeedDecode) {
  const std::string bytes = "新华社\x80\xFF北京\xE4";
  for (const StageEntry& entry : builtin_stages().entries()) {
    const auto chain = Chain::make(*ChainSpec::of_stages(entry.info->name), builtin_stages(), Rules{});
    ASSERT_TRUE(chain);
    auto document = Document::from_bytes(bytes);
    const auto done = chain->run(*document);
    EXPECT_EQ(done.has_value(), entry.info->decodes) << entry.info->name;
    if (!done) {
      EXPECT_EQ(done.error().byte_offset, 9u);
      EXPECT_THAT(done.error().message, HasSubstr("decode"));
      EXPECT_EQ(document->text(), bytes);
    }
  }
  EXPECT_TRUE(Document::from_bytes(bytes)->lines().empty());
}

/// A stage that proposes what it is told to.
using Propose = void (*)(Proposal&);
Propose propose_now = nullptr;
constexpr RuleInfo scripted_rules[] = {{"scripted.space", "", Effect::space},
                                       {"scripted.character", "", Effect::character},
                                       {"scripted.move", "", Effect::move}};
constexpr StageInfo scripted_info{"scripted", "", scripted_rules, {}};
class Scripted final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return scripted_info; }
  void propose(const Document&, Proposal& proposal) const override { propose_now(proposal); }
};

/// What the chain makes of "北京 上海" (北 0-3, 京 3-6, space 6, 上 7-10, 海 10-13), or the error's words.
std::string run_scripted(Propose propose) {
  propose_now = propose;
  Registry registry;
  EXPECT_TRUE(registry.add({&scripted_info, [](const StageOptions&, const Rules&) {
                              return expected<std::unique_ptr<const Stage>, ConfigErrors>(std::make_unique<Scripted>());
                            }}));
  const auto chain = Chain::make("scripted", registry, Rules{});
  auto document = Document::from_bytes("北京 上海");
  if (const auto done = chain->run(*document); !done) {
    EXPECT_EQ(document->text(), "北京 上海");
    return "error: " + done.error().message;
  }
  EXPECT_FALSE(document->validate());
  return std::string(document->text());
}

TEST(Chain, RefusesWhatAStageMayNotDo) {
  EXPECT_THAT(run_scripted([](Proposal& p) { p.erase({0, 3}, 0); }), HasSubstr("error: "));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.replace({6, 7}, "x", 0); }), HasSubstr("error: "));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.replace({1, 3}, "x", 1); }), HasSubstr("cut a character"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.insert(4, "x", 1); }), HasSubstr("cut a character"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.insert(3, "\xE4", 1); }), HasSubstr("not UTF-8"));
  EXPECT_THAT(run_scripted([](Proposal& p) {
                p.insert(0, "\xE4", 1);
                p.insert(3, "\xB8\x80", 1);
              }),
              HasSubstr("not UTF-8"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.erase({0, 30}, 1); }), HasSubstr("leave the text"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.erase({0, 3}, 9); }), HasSubstr("does not list"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.note({}, Severity::note, 9, ""); }), HasSubstr("does not list"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.label({0, 99}, BlockKind::body, 1); }), HasSubstr("beside the text"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.arrange({{0, 4}, {4, 13}}, 2); }), HasSubstr("cut a character"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.arrange({{7, 13}, {0, 6}}, 2); }), HasSubstr("lose"));
  EXPECT_THAT(run_scripted([](Proposal& p) { p.arrange({{7, 13}, {0, 7}}, 1); }), HasSubstr("may not"));
}

TEST(Chain, EmptyRangesOfAMoveRepeatNothing) {
  EXPECT_EQ(run_scripted([](Proposal& p) {
              p.arrange({{7, 13}, {0, 0}, {0, 7}, {0, 0}, {7, 7}}, 2);
              p.insert(0, "　", 0);
              p.insert(7, "\n", 0);
            }),
            "上海　北京 \n");
}

TEST(Chain, KeepsAnAccountOfEveryEdit) {
  const auto chain = Chain::make("spaces", builtin_stages(), Rules{});
  auto document = Document::from_bytes("永 久 合 作", Account::edits);
  ASSERT_TRUE(chain->run(*document));
  ASSERT_EQ(document->steps().size(), 1u);
  const AppliedStep& step = document->steps()[0];
  ASSERT_EQ(step.edits.size(), 3u);
  EXPECT_EQ(step.stage->rules[step.edits[0].rule].id, "spaces.letter-spacing");
  EXPECT_EQ(step.before(step.edits[0]), " ");
  EXPECT_EQ(step.after(step.edits[0]), "");
  EXPECT_EQ(step.edits[0].source, (SourceRange{3, 4}));
  ASSERT_EQ(document->counts().size(), 1u);
  EXPECT_EQ(document->counts()[0].edits, 3u);
}

}  // namespace
}  // namespace inkwash
