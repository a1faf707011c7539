// Pages that are known to come out wrong: the list may only shrink.
#include <gtest/gtest.h>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

std::vector<std::string> pages() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(INKWASH_TESTS "/failures")) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".raw.txt")) names.push_back(name.substr(0, name.size() - 8));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Failure : public ::testing::TestWithParam<std::string> {};

TEST_P(Failure, ComesOutWrongYet) {
  const std::string base = INKWASH_TESTS "/failures/" + GetParam();
  const Result result = run("{} clean " + base + ".raw.txt");
  EXPECT_EQ(result.code, 0);
  EXPECT_NE(result.out, read_file(base + ".clean.txt"))
      << "it comes out right: tests/failures/README.md says what to do";
}

TEST_P(Failure, IsLabelled) {
  EXPECT_NE(read_file(INKWASH_TESTS "/failures/README.md").find("| " + GetParam() + " |"), std::string::npos);
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::erase(name, '-');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Pages, Failure, ::testing::ValuesIn(pages()), test_name);

}  // namespace
}  // namespace inkwash::testing
