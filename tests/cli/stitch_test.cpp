// inkwash clean --stitch as a user runs it.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::map<std::string, std::string> issue = {
    {"晚报-20310916-01.txt",
     "旧纱厂里读书声\n本报记者 宋以宁\n　　早晨8时30分，离开馆还有半个小时，门口已经排起了长队。\n"
     "　　设计师说，车间里的铸铁柱没有包裹，墙上的标语没有粉刷，连地面上被机器磨出的\n（下转第二版）\n"},
    {"晚报-20310916-02.txt",
     "芦湾河清淤进入尾声\n　　本报讯（记者 谢以安）芦湾河城区段清淤工程已经完成九成，累计清出淤泥21万立方米。\n"
     "（上接第一版）\n痕迹也保留了下来，成为展览的一部分。\n"
     "　　上午9时，大门打开，读者有序进入大厅，在书架之间寻找自己想看的\n（下转第3版）\n"},
    {"晚报-20310916-03.txt", "（上接第2版）\n书籍，一直到傍晚才离开。\n"},
    // The same pages of another day are not theirs.
    {"晚报-20310917-02.txt", "（上接第一版）\n痕迹也保留了下来，成为展览的一部分。\n"},
    {"晚报-20310917-04.txt", "社区食堂添了窗口\n　　本报讯（记者 郑一苇）昨天中午，社区食堂多了一个绿色窗口。\n"},
};

constexpr std::string_view whole =
    "旧纱厂里读书声\n本报记者 宋以宁\n早晨8时30分，离开馆还有半个小时，门口已经排起了长队。\n"
    "设计师说，车间里的铸铁柱没有包裹，墙上的标语没有粉刷，连地面上被机器磨出的痕迹也保留了下来，成为展览的一部分。\n"
    "上午9时，大门打开，读者有序进入大厅，在书架之间寻找自己想看的书籍，一直到傍晚才离开。\n";

void write_issue(const Folder& folder) {
  for (const auto& [name, text] : issue) write_file(folder / ("in/" + name), text);
}

std::string command(const Folder& folder, const std::string& flags, const std::string& out = "out") {
  return "{} clean --stitch " + flags + " " + (folder / "in").string() + " -o " + (folder / out).string();
}

TEST(Stitch, JoinsWhatGoesOnOnOtherPagesOfTheIssue) {
  const Folder folder;
  write_issue(folder);
  const Result result = run(command(folder, "-v"));
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(read_file(folder / "out/晚报-20310916-01.txt"), whole);
  EXPECT_EQ(read_file(folder / "out/晚报-20310916-02.txt"),
            "芦湾河清淤进入尾声\n本报讯（记者 谢以安）芦湾河城区段清淤工程已经完成九成，累计清出淤泥21万立方米。\n");
  EXPECT_EQ(read_file(folder / "out/晚报-20310916-03.txt"), "");
  EXPECT_EQ(read_file(folder / "out/晚报-20310917-02.txt"), "痕迹也保留了下来，成为展览的一部分。\n");
  EXPECT_THAT(result.err, HasSubstr("20310916-01.txt:4: byte 136: note: the article goes on with text of "));
  EXPECT_THAT(result.err, HasSubstr("20310917-02.txt:2: byte 22: note: the article comes from page 1, where nothing "
                                    "surely fits [stitch.loose]"));
  EXPECT_THAT(result.err, HasSubstr("5 files (0 skipped, 0 failed)"));
  EXPECT_THAT(result.err, HasSubstr("stitch "));
  // Without the flag pages stay pages.
  EXPECT_EQ(run("{} clean " + (folder / "in").string() + " -o " + (folder / "plain").string()).code, 0);
  EXPECT_EQ(read_file(folder / "plain/晚报-20310916-03.txt"), "书籍，一直到傍晚才离开。\n");
}

TEST(Stitch, TheOutputIsTheSameForAnyNumberOfJobs) {
  const Folder folder;
  for (int day = 0; day < 20; ++day)
    for (const auto& [name, text] : issue) write_file(folder / ("in/" + std::to_string(day) + "/" + name), text);
  const Result one = run(command(folder, "-v -j1", "one"));
  const Result many = run(command(folder, "-v -j8", "many"));
  EXPECT_EQ(run("diff -r -x .inkwash-journal " + (folder / "one").string() + " " + (folder / "many").string()).out, "");
  EXPECT_EQ(one.err.substr(0, one.err.find("inkwash: ")), many.err.substr(0, many.err.find("inkwash: ")));
  EXPECT_EQ(read_file(folder / "many/7/晚报-20310916-01.txt"), whole);
}

TEST(Stitch, EveryInputCanBeRestoredByItself) {
  const Folder folder;
  write_issue(folder);
  ASSERT_EQ(run(command(folder, "--edits")).code, 0);
  for (const auto& [name, text] : issue)
    EXPECT_EQ(run("{} restore '" + (folder / ("out/" + name)).string() + "'").out, text) << name;
}

TEST(Stitch, ResumeDoesAgainWhatAnotherPageChanged) {
  const Folder folder;
  write_issue(folder);
  const std::string again = command(folder, "--resume");
  EXPECT_THAT(run(again).err, HasSubstr("5 files (0 skipped"));
  EXPECT_THAT(run(again).err, HasSubstr("5 files (5 skipped"));
  // Page 3 changes, so do the pages whose article it has.
  write_file(folder / "in/晚报-20310916-03.txt", "（上接第2版）\n书籍，到晚上才离开。\n");
  EXPECT_THAT(run(again).err, HasSubstr("5 files (2 skipped"));
  EXPECT_THAT(read_file(folder / "out/晚报-20310916-01.txt"), HasSubstr("想看的书籍，到晚上才离开。"));
  // It goes away: what is left is what there is.
  fs::remove(folder / "in/晚报-20310916-03.txt");
  EXPECT_EQ(run(again).code, 0);
  EXPECT_THAT(read_file(folder / "out/晚报-20310916-01.txt"), HasSubstr("寻找自己想看的\n"));
  // And without --stitch it is another result.
  EXPECT_THAT(run("{} clean --resume " + (folder / "in").string() + " -o " + (folder / "out").string()).err,
              HasSubstr("4 files (0 skipped"));
}

TEST(Stitch, WhatMayBeTwoIsLeftAndTold) {
  const Folder folder;
  write_file(folder / "in/01.txt", issue.at("晚报-20310916-01.txt"));
  write_file(folder / "in/02a/02.txt", issue.at("晚报-20310917-02.txt"));
  write_file(folder / "in/02.txt", issue.at("晚报-20310917-02.txt"));
  write_file(folder / "in/02_.txt", issue.at("晚报-20310917-02.txt"));
  const Result result = run(command(folder, "-v"));
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(read_file(folder / "out/01.txt"), HasSubstr("被机器磨出的\n"));
  EXPECT_EQ(read_file(folder / "out/02.txt"), "痕迹也保留了下来，成为展览的一部分。\n");
  EXPECT_THAT(result.err, HasSubstr("more than one place may fit"));
  EXPECT_THAT(result.err, HasSubstr("in/02.txt, "));
}

TEST(Stitch, TraditionalPagesOfAnArchive) {
  const Folder folder;
  write_file(folder / "pages/A1.txt",
             "舊紗廠裡讀書聲\n　　設計師說，牆上的標語沒有粉刷，連地面上被機器磨出的\n（下轉A2版「舊紗廠」）\n");
  write_file(folder / "pages/A2.txt", "舊紗廠裡讀書聲（上承A1版）\n痕跡也保留了下來，成為展覽的一部分。\n");
  ASSERT_EQ(run("mkdir " + (folder / "in").string() + " && tar czf " + (folder / "in/pages.tar.gz").string() + " -C " +
                (folder / "pages").string() + " .")
                .code,
            0);
  EXPECT_EQ(run(command(folder, "--script hans")).code, 0);
  EXPECT_EQ(read_file(folder / "out/pages/A1.txt"),
            "旧纱厂里读书声\n设计师说，墙上的标语没有粉刷，连地面上被机器磨出的痕迹也保留了下来，成为展览的一部分。\n");
  EXPECT_EQ(read_file(folder / "out/pages/A2.txt"), "");
}

TEST(Stitch, RecordsTellWhatCameFromElsewhere) {
  const Folder folder;
  write_issue(folder);
  ASSERT_EQ(run(command(folder, "-f jsonl")).code, 0);
  const auto record = nlohmann::json::parse(read_file(folder / "out/晚报-20310916-01.jsonl"));
  EXPECT_EQ(record["text"], whole);
  EXPECT_EQ(record["blocks"].back()["kind"], "body");
  EXPECT_TRUE(record["blocks"].back()["source"].empty());
  EXPECT_THAT(std::string(record["diagnostics"].back()["message"]), HasSubstr("goes on with text of"));
  EXPECT_EQ(record["changes"]["stitch.take"], 1);
}

TEST(Stitch, WhatItCantDoIsSaidBeforeAnyWork) {
  const Folder folder;
  write_issue(folder);
  const std::string in = (folder / "in").string();
  EXPECT_THAT(run("{} clean --stitch " + in + "/晚报-20310916-01.txt").err, HasSubstr("needs an output folder"));
  EXPECT_THAT(run(command(folder, "--stages decode,spaces")).err, HasSubstr("stage furniture finds"));
  EXPECT_EQ(run(command(folder, "--input-format jsonl")).code, 2);
  EXPECT_FALSE(fs::exists(folder / "out"));
  const Result dry = run("{} clean --stitch -n " + in);
  EXPECT_EQ(dry.code, 0);
  EXPECT_THAT(dry.out, HasSubstr("1 stitch.take"));
}

TEST(Stitch, NothingIsLostWhereAPageCantBeWritten) {
  const Folder folder;
  write_issue(folder);
  write_file(folder / "out/晚报-20310916-01.txt", "mine");
  const Result result = run(command(folder, ""));
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/晚报-20310916-01.txt"), "mine");
  EXPECT_THAT(read_file(folder / "out/晚报-20310916-02.txt"), HasSubstr("痕迹也保留了下来"));
}

}  // namespace
}  // namespace inkwash::testing
