#include <gmock/gmock.h>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Three reports about 岬湾 and its harbour master 覃喏; once the name is misread.
void write_texts(const Folder& folder) {
  write_file(folder / "texts/a.txt", "岬湾的码头昨天完工。\n港务局长覃喏说，货轮已经靠岸。\n");
  write_file(folder / "texts/b.txt", "记者从岬湾港务局了解到，覃喏昨天到任。\n");
  write_file(folder / "texts/c/d.txt", "今年岬湾的鱼价好。“会更好。”覃喏告诉渔民。\n");
  write_file(folder / "texts/c/e.txt", "覃偌昨天到过岬湾。\n");
}

TEST(Words, ListsWhatRecursAndNewspapersDontHave) {
  const Folder folder;
  write_texts(folder);
  const std::string at = folder.path().string();
  const Result result = run("{} words " + at + "/texts");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\n岬湾\n"));
  EXPECT_THAT(result.out, HasSubstr("\n覃喏\n"));
  for (const char* no : {"覃偌", "昨天", "码头", "港务"}) EXPECT_THAT(result.out, Not(HasSubstr(no)));
  EXPECT_THAT(result.err, HasSubstr("4 texts, 2 words"));
  EXPECT_EQ(run("{} words --texts 5 " + at + "/texts").out.find("岬湾"), std::string::npos);
}

TEST(Words, ReadsWhatCleanReads) {
  const Folder folder;
  write_texts(folder);
  write_file(folder / "more.jsonl", R"({"text": "覃喏昨天离开岬湾。"})"
                                    "\n\n{\"body\": 1}\n");
  const std::string at = folder.path().string(), texts = at + "/texts";
  ASSERT_EQ(run("cd " + texts + " && tar czf ../all.tgz . && tar cf ../unnamed a.txt b.txt").code, 0);
  EXPECT_THAT(run("{} words " + at + "/all.tgz").err, HasSubstr("4 texts, 2 words"));
  EXPECT_THAT(run("{} words " + at + "/unnamed " + texts + "/c").err, HasSubstr("4 texts, 2 words"));
  EXPECT_THAT(run("gzip -c " + texts + "/a.txt | {} words - " + texts + "/b.txt " + texts + "/c").err,
              HasSubstr("4 texts, 2 words"));
  const Result records = run("{} words " + texts + " " + at + "/more.jsonl");
  EXPECT_EQ(records.code, 1);
  EXPECT_THAT(records.err, HasSubstr("5 texts, 2 words"));
  EXPECT_THAT(records.err, HasSubstr("more.jsonl:3: not a JSON record with a \"text\""));
}

TEST(Words, ReadsAFileOnceHoweverOftenItIsNamed) {
  const Folder folder;
  write_texts(folder);
  const std::string texts = (folder / "texts").string();
  EXPECT_THAT(run("{} words " + texts + " " + texts + "/a.txt " + texts + "/../texts/c").err,
              HasSubstr("4 texts, 2 words"));
}

TEST(Words, ADashIsStandardOutput) {
  const Folder folder;
  write_texts(folder);
  const std::string at = folder.path().string();
  const Result result = run("cd " + at + " && {} words -o - texts");
  EXPECT_THAT(result.out, HasSubstr("\n岬湾\n"));
  EXPECT_FALSE(fs::exists(folder / "-"));
}

TEST(Words, WhatLooksLikeAMoreFrequentWordIsNotListed) {
  const Folder folder;
  write_texts(folder);
  for (const char* name : {"1", "2"}) write_file(folder / "texts" / name, "覃偌昨天到过码头。\n");
  const std::string at = folder.path().string();
  EXPECT_THAT(run("{} words " + at + "/texts").out, Not(HasSubstr("覃偌\n")));
}

TEST(Words, TheListProtects) {
  const Folder folder;
  for (const std::string name : {"a", "b", "c"})
    write_file(folder / "texts" / name, "他们在经挤" + std::string(name == "a" ? "那" : "这") + "里工作，回到经挤。\n");
  write_file(folder / "page.txt", "各族人民团结奋斗，发展经挤\n");
  const std::string at = folder.path().string();
  const std::string clean = "{} clean -q --ocr full " + at + "/page.txt -o ";
  EXPECT_EQ(run(clean + at + "/without").code, 0);
  EXPECT_THAT(read_file(folder / "without/page.txt"), HasSubstr("发展经济"));
  EXPECT_EQ(run("mkdir " + at + "/own && {} words " + at + "/texts -o " + at + "/own/protected.tsv").code, 0);
  const Result cleaned = run(clean + at + "/with --rules " + at + "/own");
  EXPECT_EQ(cleaned.code, 0) << cleaned.err;
  EXPECT_THAT(read_file(folder / "with/page.txt"), HasSubstr("发展经挤"));
}

TEST(Words, TellsEveryMistakeAtOnce) {
  const Folder folder;
  write_file(folder / "there", "x");
  const std::string at = folder.path().string();
  const Result result = run("{} words -o " + at + "/there --texts few");
  EXPECT_EQ(result.code, 2);
  for (const char* part : {"words takes files", "--texts few", "is there already"})
    EXPECT_THAT(result.err, HasSubstr(part));
}

TEST(Words, TheListIsNoText) {
  const Folder folder;
  write_texts(folder);
  const std::string at = folder.path().string(), list = at + "/texts/list";
  EXPECT_THAT(run("{} words " + at + "/texts -o " + list).err, HasSubstr("4 texts, 2 words"));
  EXPECT_THAT(run("{} words " + at + "/texts --overwrite -o " + list).err, HasSubstr("4 texts, 2 words"));
  const Result result = run("{} words " + at + "/texts/a.txt --overwrite -o " + at + "/texts/../texts/a.txt");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("is an input, too"));
}

TEST(Words, AListOfNothingReplacesNone) {
  const Folder folder;
  write_file(folder / "list", "岬湾\n");
  const std::string at = folder.path().string();
  const Result result = run("{} words " + at + "/missing --overwrite -o " + at + "/list");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("no text to list words of"));
  EXPECT_EQ(read_file(folder / "list"), "岬湾\n");
}

TEST(Words, ReplacesNoPipe) {
  const Folder folder;
  write_texts(folder);
  const std::string at = folder.path().string();
  const Result result = run("mkfifo " + at + "/pipe && {} words " + at + "/texts --overwrite -o " + at + "/pipe");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("/pipe is no regular file"));
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(Words, LeavesOutWhatIsNotText) {
  const Folder folder;
  write_texts(folder);
  write_file(folder / "texts/b.bin", "abc\xff\n");
  const std::string at = folder.path().string();
  const Result result = run("{} words " + at + "/texts -o " + at + "/list");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("b.bin: byte 3: this is not UTF-8"));
  EXPECT_THAT(read_file(folder / "list"), HasSubstr("岬湾"));
}

}  // namespace
}  // namespace inkwash::testing
