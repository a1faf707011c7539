// The sample pages: output, exit code and standard error, once and twice, alone and together.
#include <gmock/gmock.h>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> pages() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(INKWASH_SAMPLES)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".raw.txt")) names.push_back(name.substr(0, name.size() - 8));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Sample : public ::testing::TestWithParam<std::string> {};

TEST_P(Sample, ComesOutAsExpected) {
  const fs::path base = fs::path(INKWASH_SAMPLES) / GetParam();
  const Result result = run("{} clean " + base.string() + ".raw.txt");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, read_file(base.string() + ".clean.txt"));
}

TEST_P(Sample, ASecondTimeChangesNothing) {
  const fs::path clean = fs::path(INKWASH_SAMPLES) / (GetParam() + ".clean.txt");
  EXPECT_EQ(run("{} clean " + clean.string()).out, read_file(clean));
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = "Page" + info.param;
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
  return name;
}
INSTANTIATE_TEST_SUITE_P(Pages, Sample, ::testing::ValuesIn(pages()), test_name);

TEST(Samples, AreEnough) { EXPECT_GE(pages().size(), 8u); }

TEST(Samples, AFolderIsTheSameWithOneJobAndMany) {
  const Folder folder;
  std::string all;
  for (const char* jobs : {"1", "2", "7"}) {
    const fs::path out = folder / (std::string("out") + jobs);
    const Result result =
        run("{} clean " INKWASH_SAMPLES " --include '*.raw.txt' -q -j " + std::string(jobs) + " -o " + out.string());
    EXPECT_EQ(result.code, 0);
    EXPECT_EQ(result.err, "");
    std::string bytes;
    for (const std::string& page : pages()) bytes += read_file(out / (page + ".raw.txt"));
    if (all.empty()) all = bytes;
    EXPECT_FALSE(bytes.empty());
    EXPECT_EQ(bytes, all);
  }
}

}  // namespace
}  // namespace inkwash::testing
