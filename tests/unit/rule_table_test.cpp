#include "inkwash/rule_table.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "inkwash/stage.h"

namespace inkwash {
namespace {

using ::testing::HasSubstr;
using Form = RuleTable::Entry::Form;
using Kind = RuleTable::Kind;

RuleTable parse(std::string_view toml) {
  auto table = RuleTable::parse(toml, "test.toml");
  EXPECT_TRUE(table);
  return table ? *table : RuleTable();
}

TEST(RuleTable, FindsValuesByDottedKeys) {
  const RuleTable table = parse("title = '版'\n[join]\nslack = 2\n[join.cost]\nwide = -1.5\non = true\n");
  ASSERT_NE(table.find("title"), nullptr);
  EXPECT_EQ(table.find("title")->value()->string(), "版");
  EXPECT_EQ(table.find("join.slack")->value()->number(), 2);
  EXPECT_EQ(table.find("join.slack")->line, 3u);
  EXPECT_EQ(table.find("join.cost.wide")->value()->number(), -1.5);
  EXPECT_EQ(table.find("join.cost.on")->value()->kind, Kind::boolean);
  EXPECT_FALSE(table.find("join.cost.on")->value()->number());
  EXPECT_FALSE(table.find("title")->value()->number());
  EXPECT_FALSE(table.find("join.slack")->value()->string());
  EXPECT_EQ(table.find("join"), nullptr);
  EXPECT_EQ(table.find("jo"), nullptr);
  EXPECT_EQ(RuleTable().find("title"), nullptr);
}

TEST(RuleTable, ListsKeepTheirOrder) {
  const RuleTable table = parse("none = []\nmixed = ['b', 1, '', 1979-05-27]\n");
  EXPECT_EQ(table.find("none")->form, Form::list);
  EXPECT_TRUE(table.find("none")->values().empty());
  EXPECT_FALSE(table.find("mixed")->value());
  const auto values = table.find("mixed")->values();
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(values[0].string(), "b");
  EXPECT_EQ(values[1].number(), 1);
  EXPECT_EQ(values[2].string(), "");
  EXPECT_EQ(values[3].kind, Kind::other);
}

TEST(RuleTable, TablesInListsHaveTheirPlace) {
  const RuleTable table = parse("[[step]]\nstage = 'a'\n[[step]]\n");
  ASSERT_EQ(table.entries().size(), 3u);
  EXPECT_EQ(table.entries()[0].form, Form::table);
  EXPECT_EQ(table.find("step.0000.stage")->value()->string(), "a");
  EXPECT_EQ(table.find("step.0001")->line, 3u);
}

TEST(RuleTable, TellsWhereTomlIsWrong) {
  const auto table = RuleTable::parse("a = 1\nb = \n", "wrong.toml");
  ASSERT_FALSE(table);
  EXPECT_THAT(table.error().where, HasSubstr("wrong.toml:2"));
}

/// What is built in is what the file says.
TEST(RuleTable, BuiltInOnesAreThoseOfTheFiles) {
  const Rules built_in, folder(INKWASH_RULES);
  std::size_t tables = 0;
  for (const std::string& name : built_in.names()) {
    if (!name.ends_with(".toml")) continue;
    const auto a = built_in.table(name), b = folder.table(name);
    ASSERT_TRUE(a && b) << name;
    EXPECT_EQ(a->packed(), b->packed()) << name;
    EXPECT_FALSE(a->entries().empty()) << name;
    ++tables;
  }
  EXPECT_GT(tables, 20u);
}

TEST(Rules, DigestTellsWhetherAFileIsAnother) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "digest-rules";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const Rules rules(folder.string());
  EXPECT_EQ(rules.digest(), Rules().digest());
  std::ofstream(folder / "protected.tsv") << "词\n";
  const auto one = rules.digest();
  EXPECT_NE(one, Rules().digest());
  std::ofstream(folder / "protected.tsv") << "字\n";
  EXPECT_NE(rules.digest(), one);
}

}  // namespace
}  // namespace inkwash
