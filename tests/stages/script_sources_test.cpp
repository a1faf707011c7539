#include "stages/script_sources.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "stages/script_embedded.h"

namespace inkwash::stages {
namespace {

namespace fs = std::filesystem;

class ScriptSources : public ::testing::Test {
 protected:
  ScriptSources() {
    fs::create_directories(folder_);
    write("t2s.json", "{}");
    write("TSPhrases.ocd2", "phrases");
    sources_ = {*script_source(folder_.string(), "t2s.json"), *script_source(folder_.string(), "TSPhrases.ocd2")};
  }
  ~ScriptSources() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& contents) const {
    std::ofstream(folder_ / name, std::ios::binary) << contents;
  }
  [[nodiscard]] bool changed() const { return sources_changed(sources_, folder_.string()); }

  const fs::path folder_ = fs::path(::testing::TempDir()) / ("sources-" + std::to_string(::getpid()));
  std::vector<ScriptSource> sources_;
};

TEST_F(ScriptSources, AreTheSameUntilOneIsChanged) {
  EXPECT_FALSE(changed());
  EXPECT_EQ(sources_[1].name, std::string("TSPhrases.ocd2"));
  EXPECT_EQ(sources_[1].size, 7u);
}

TEST_F(ScriptSources, ChangeWithTheSize) {
  const auto time = fs::last_write_time(folder_ / "TSPhrases.ocd2");
  write("TSPhrases.ocd2", "more phrases");
  fs::last_write_time(folder_ / "TSPhrases.ocd2", time);
  EXPECT_TRUE(changed());
}

TEST_F(ScriptSources, ChangeWithTheTime) {
  fs::last_write_time(folder_ / "t2s.json", fs::last_write_time(folder_ / "t2s.json") + std::chrono::seconds(2));
  EXPECT_TRUE(changed());
}

TEST_F(ScriptSources, StayWhereFilesAreNotThere) {
  fs::remove(folder_ / "TSPhrases.ocd2");
  EXPECT_FALSE(changed());
  write("t2s.json", "{ }");
  EXPECT_TRUE(changed());
  fs::remove_all(folder_);
  EXPECT_FALSE(changed());
}

TEST_F(ScriptSources, AreReadByOpenCCWhereTheyDifferFromThoseOfTheImage) {
  EXPECT_TRUE(embedded_script("t2s", folder_.string()).empty());
  EXPECT_FALSE(embedded_script("s2twp", folder_.string()).empty()) << "none of its files is there";
  write("TWVariants.ocd2", "");
  EXPECT_TRUE(embedded_script("s2twp", folder_.string()).empty()) << "the last dictionary that it names";
  EXPECT_FALSE(embedded_script(simplified_characters, folder_.string()).empty());
  write("STCharacters.ocd2", "");
  EXPECT_TRUE(embedded_script(simplified_characters, folder_.string()).empty());
  EXPECT_TRUE(embedded_script("x2y", folder_.string()).empty());
}

TEST_F(ScriptSources, AreThoseThatInkwashWasBuiltWith) { EXPECT_FALSE(embedded_script("t2s").empty()); }

}  // namespace
}  // namespace inkwash::stages
