// inkwash clean --edits, restore, explain and report as a user runs them.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view raw = "永 久 合 作 发 展\r\n7 月 2 日开港。（下转第二版）\r\n";

struct Edits : ::testing::Test {
  void SetUp() override {
    write_file(folder / "in/a.txt", raw);
    cleaned = run("{} clean --edits " + in() + " -o " + out());
  }
  std::string in() const { return (folder / "in").string(); }
  std::string out(std::string_view name = "") const { return (folder / "out").string() + std::string(name); }

  Folder folder;
  Result cleaned{};
};

TEST_F(Edits, AreLoggedBesideTheOutput) {
  EXPECT_EQ(cleaned.code, 0) << cleaned.err;
  std::istringstream log(read_file(out("/a.txt.edits.jsonl")));
  std::string line;
  std::getline(log, line);
  const auto header = nlohmann::json::parse(line);
  EXPECT_EQ(header["inkwash_edits"], 1);
  EXPECT_EQ(header["source"]["bytes"], raw.size());
  std::vector<std::string> stages;
  while (std::getline(log, line)) stages.push_back(nlohmann::json::parse(line).value("stage", ""));
  EXPECT_THAT(stages, ::testing::Contains("spaces"));
  EXPECT_THAT(stages, ::testing::Contains("furniture"));
}

TEST_F(Edits, RestoreTheSource) {
  const Result restored = run("{} restore " + out("/a.txt"));
  EXPECT_EQ(restored.code, 0) << restored.err;
  EXPECT_EQ(restored.out, raw);
  EXPECT_EQ(run("{} restore " + out("/a.txt") + " -o " + out("/a.raw")).code, 0);
  EXPECT_EQ(read_file(out("/a.raw")), raw);
  const Result again = run("{} restore " + out("/a.txt") + " -o " + out("/a.raw"));
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("a.raw"));
}

TEST_F(Edits, AreRefusedWhereTheTextIsAnother) {
  write_file(out("/a.txt"), "永久合作发展了\n");
  const Result restored = run("{} restore " + out("/a.txt"));
  EXPECT_EQ(restored.code, 1);
  EXPECT_EQ(restored.out, "");
  EXPECT_THAT(restored.err, HasSubstr("a.txt: byte 0: the text is not the one"));
  EXPECT_THAT(run("{} restore " + out("/a.txt") + " --edits " + out("/none")).err, HasSubstr("none"));
  EXPECT_EQ(run("{} restore").code, 2);
}

TEST_F(Edits, NeedAnOutputFolderAndText) {
  EXPECT_EQ(run("{} clean --edits " + in() + "/a.txt").code, 2);
  const Result records = run("{} clean --edits -f jsonl " + in() + " -o " + out("2"));
  EXPECT_EQ(records.code, 2);
  EXPECT_THAT(records.err, HasSubstr("give it without --format jsonl"));
  EXPECT_THAT(records.err, Not(HasSubstr("-o DIR")));
  write_file(folder / "in/b.jsonl", "{\"text\": \"永 久 合 作\"}\n");
  const Result mixed = run("{} clean --edits " + in() + " -o " + out("2"));
  EXPECT_EQ(mixed.code, 1);
  EXPECT_THAT(mixed.err, HasSubstr("b.jsonl: --edits keeps no log of JSON Lines records"));
  EXPECT_TRUE(fs::exists(out("2/a.txt.edits.jsonl")));
}

TEST_F(Edits, AreNotTakenForInputs) {
  const Result result = run("{} clean " + out() + " -o " + out("2"));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_FALSE(fs::exists(out("2/a.txt.edits.jsonl")));
}

TEST_F(Edits, AreExplained) {
  const Result all = run("{} explain " + in() + "/a.txt");
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("永[-␣-]久[-␣-]合"));
  EXPECT_THAT(all.out, HasSubstr("furniture.jump"));
  EXPECT_THAT(all.out, Not(HasSubstr("\x1b[")));
  const Result one = run("{} explain --stage spaces --color always " + in() + "/a.txt");
  EXPECT_THAT(one.out, Not(HasSubstr("furniture.jump")));
  EXPECT_THAT(one.out, HasSubstr("\x1b["));
  const Result records = run("{} explain --rule furniture.jump --format json " + in() + "/a.txt");
  const auto record = nlohmann::json::parse(records.out);
  EXPECT_EQ(record["rule"], "furniture.jump");
  EXPECT_EQ(record["before"], "（下转第二版）");
  EXPECT_EQ(record["line"], 2);
  const Result wrong = run("{} explain --stage space " + in() + "/a.txt");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean spaces?"));
}

TEST_F(Edits, AreExplainedOfTextsAlone) {
  const std::string file = in() + "/a.txt";
  const Result gbk =
      run("iconv -f UTF-8 -t GBK " + file + " > " + out("-gbk.txt") + " && {} explain " + out("-gbk.txt"));
  EXPECT_EQ(gbk.code, 0) << gbk.err;
  EXPECT_THAT(gbk.out, HasSubstr("decode.transcode         the text is GB18030\n"));
  EXPECT_THAT(gbk.out, HasSubstr("永[-␣-]久"));
  EXPECT_THAT(gbk.out, Not(HasSubstr("\\x")));
  const Result archive = run("tar cf " + out("-a.tar") + " " + file + " && {} explain " + out("-a.tar"));
  EXPECT_EQ(archive.code, 1);
  EXPECT_THAT(archive.err, HasSubstr("it is an archive; unpack it"));
  write_file(out("-a.jsonl"), "{\"text\": \"永 久 合 作\"}\n");
  const Result records = run("{} explain " + out("-a.jsonl"));
  EXPECT_EQ(records.code, 1);
  EXPECT_THAT(records.err, HasSubstr("it holds records, not a text"));
}

TEST_F(Edits, AreReported) {
  const Result from_logs = run("{} report " + out() + " -o " + out("-report"));
  EXPECT_EQ(from_logs.code, 0) << from_logs.err;
  EXPECT_THAT(read_file(out("-report/index.html")), HasSubstr("spaces.letter-spacing"));
  EXPECT_THAT(read_file(out("-report/pages/a.txt.html")), HasSubstr("furniture.jump"));
  const Result with_run = run("{} clean " + in() + " -o " + out("2") + " --report " + out("-report2"));
  EXPECT_EQ(with_run.code, 0) << with_run.err;
  EXPECT_EQ(read_file(out("-report2/pages/a.txt.html")), read_file(out("-report/pages/a.txt.html")));
  EXPECT_EQ(run("{} report " + in() + " -o " + out("-report3")).code, 1);  // no logs there
  const Result again = run("{} report " + out() + " -o " + out("-report"));
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("index.html is there already; --overwrite replaces it"));
  EXPECT_EQ(run("{} report --overwrite " + out() + " -o " + out("-report")).code, 0);
  EXPECT_EQ(run("{} clean --overwrite " + in() + " -o " + out("2") + " --report " + out("-report2")).code, 0);
  EXPECT_EQ(run("{} report " + out()).code, 2);
}

TEST(Records, SayHowFarATextCanBeTrusted) {
  const auto record = [](const std::string& text) {
    return nlohmann::json::parse(run("printf '" + text + "' | {} clean -f jsonl").out);
  };
  const auto good = record("港务局昨日宣布，临江港三号码头已经完工。\\n");
  const auto bad = record("港务局昨日宣布，临江港三号码头已经完工，首批货轮今天清晨靠岸，港区工\\n");
  EXPECT_EQ(good["script"], "hans");
  EXPECT_EQ(good["quality"], 1.0);
  EXPECT_LT(bad["quality"], 0.9);
  EXPECT_EQ(bad["counts"]["open_paragraphs"], 1);
  EXPECT_EQ(record("港務局昨日宣布，碼頭已經完工。\\n")["script"], "hant");
  EXPECT_EQ(record("The port opened yesterday.\\n")["script"], "latin");
}

}  // namespace
}  // namespace inkwash::testing
