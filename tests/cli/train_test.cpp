#include <gmock/gmock.h>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* text =
    "青埠港的三号码头昨天完工。\n"
    "港务局说，三号码头每年装卸八十万吨货物。\n";

TEST(Train, MakesAModelThatCleans) {
  const Folder folder;
  write_file(folder / "corpus/a.txt", text);
  write_file(folder / "page.txt", text);
  const std::string at = folder.path().string();
  const Result trained = run("{} train " + at + "/corpus -o " + at + "/own.icm --weigh " + at + "/corpus=2");
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err, HasSubstr("1 files, 33 characters in 2 paragraphs"));
  const Result cleaned = run("{} clean -q --model " + at + "/own.icm " + at + "/page.txt -o " + at + "/out");
  EXPECT_EQ(cleaned.code, 0) << cleaned.err;
  EXPECT_EQ(read_file(folder / "out/page.txt"), text);
}

TEST(Train, GivesTheSameBytesTwice) {
  const Folder folder;
  write_file(folder / "corpus/a.txt", text);
  write_file(folder / "corpus/b/c.txt", "货轮靠岸，港务局长前来迎接。\n");
  const std::string at = folder.path().string();
  for (const std::string name : {"1", "2"}) EXPECT_EQ(run("{} train " + at + "/corpus -o " + at + "/" + name).code, 0);
  EXPECT_EQ(read_file(folder / "1"), read_file(folder / "2"));
}

TEST(Train, ReadsArchivesAndWritesToStandardOutput) {
  const Folder folder;
  write_file(folder / "corpus/a.txt", text);
  write_file(folder / "corpus/b.txt", "货轮靠岸，港务局长前来迎接。\n");
  const std::string at = folder.path().string();
  ASSERT_EQ(run("cd " + at + "/corpus && tar czf ../corpus.tgz a.txt b.txt").code, 0);
  EXPECT_EQ(run("{} train " + at + "/corpus -o " + at + "/own.icm").code, 0);
  const Result piped = run("{} train " + at + "/corpus.tgz -o -");
  EXPECT_EQ(piped.code, 0) << piped.err;
  EXPECT_EQ(piped.out, read_file(folder / "own.icm"));
  EXPECT_THAT(piped.err, HasSubstr("2 files, "));
}

TEST(Train, TellsEveryMistakeAtOnce) {
  const Folder folder;
  write_file(folder / "there", "x");
  const std::string at = folder.path().string();
  const Result result = run("{} train -o " + at + "/there --weigh nowhere=2 --counts x --ngrams few");
  EXPECT_EQ(result.code, 2);
  for (const char* part : {"train takes files", "nowhere: no such file", "PATH=N", "--ngrams few", "is there already"})
    EXPECT_THAT(result.err, HasSubstr(part));
}

TEST(Train, LeavesOutWhatIsNotText) {
  const Folder folder;
  write_file(folder / "corpus/a.txt", text);
  write_file(folder / "corpus/b.txt", "abc\xff\n");
  const std::string at = folder.path().string();
  const Result result = run("{} train " + at + "/corpus -o " + at + "/own.icm");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("b.txt: byte 3: this is not UTF-8"));
  EXPECT_TRUE(fs::exists(folder / "own.icm"));
}

TEST(Train, AModelOfWhatIsNoNumberIsRefused) {
  const Folder folder;
  write_file(folder / "a.txt", text);
  const std::string at = folder.path().string();
  ASSERT_EQ(run("{} train " + at + "/a.txt -o " + at + "/own.icm").code, 0);
  std::string model = read_file(folder / "own.icm");
  constexpr std::size_t unigrams = 64 + 2 * 0x10000;
  model.replace(unigrams + 4000, 4, "\xff\xff\xff\xff");
  write_file(folder / "own.icm", model);
  const Result result = run("{} clean " + at + "/a.txt --model " + at + "/own.icm");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("the model is damaged"));
}

TEST(Train, AWrongModelIsRefusedBeforeAnyWork) {
  const Folder folder;
  write_file(folder / "page.txt", text);
  write_file(folder / "own.icm", "this is no model");
  const std::string at = folder.path().string();
  const Result result = run("{} clean -q --model " + at + "/own.icm " + at + "/page.txt -o " + at + "/out");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("own.icm: this is no coherence model"));
  EXPECT_EQ(result.err.find("own.icm"), result.err.rfind("own.icm")) << "said once, though many stages read it";
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_EQ(run("{} clean -q --model " + at + "/none " + at + "/page.txt -o " + at + "/out").code, 2);
}

}  // namespace
}  // namespace inkwash::testing
