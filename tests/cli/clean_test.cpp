// inkwash clean as a user runs it: inputs, outputs, bad input, exit codes.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run.h"

namespace inkwash::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view raw = "永 久 合 作 发 展\n7 月 2 日开港。\n";
constexpr std::string_view clean = "永久合作发展\n7月2日开港。\n";

TEST(Clean, StandardInputToStandardOutput) {
  const Result result = run("printf '永 久 合 作 发 展\\n7 月 2 日开港。\\n' | {} clean -");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, clean);
  EXPECT_EQ(result.err, "");
}

TEST(Clean, AFolderIsMirroredWithASummary) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  write_file(folder / "in/deep/b.txt", raw);
  write_file(folder / "in/deep/c.md", raw);
  const Result result =
      run("{} clean " + (folder / "in").string() + " --exclude '*.md' -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
  EXPECT_EQ(read_file(folder / "out/deep/b.txt"), clean);
  EXPECT_FALSE(fs::exists(folder / "out/deep/c.md"));
  EXPECT_THAT(result.err, HasSubstr("2 files (0 skipped, 0 failed)"));
  EXPECT_THAT(result.err, HasSubstr("spaces"));
}

TEST(Clean, NothingIsOverwrittenUnlessAsked) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  write_file(folder / "out/a.txt", "mine");
  const std::string command = "{} clean " + (folder / "in").string() + " -o " + (folder / "out").string();
  const Result result = run(command);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("--overwrite"));
  EXPECT_EQ(read_file(folder / "out/a.txt"), "mine");
  EXPECT_EQ(run(command + " --overwrite").code, 0);
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
}

TEST(Clean, AnOldLogDoesNotStayBesideANewOutput) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const std::string command = "{} clean " + (folder / "in").string() + " -o " + (folder / "out").string();
  ASSERT_EQ(run(command + " --edits").code, 0);
  ASSERT_TRUE(fs::exists(folder / "out/a.txt.edits.jsonl"));
  EXPECT_EQ(run(command).code, 1);  // nothing is replaced
  EXPECT_TRUE(fs::exists(folder / "out/a.txt.edits.jsonl"));
  EXPECT_EQ(run(command + " --overwrite").code, 0);
  EXPECT_FALSE(fs::exists(folder / "out/a.txt.edits.jsonl"));
}

TEST(Clean, AnOutputFolderThatIsTakenAwayIsNotMadeAgain) {
  const Folder folder;
  write_file(folder / "a.txt", raw);
  const std::string out = (folder / "out").string();
  const Result result =
      run("( for i in $(seq 1000); do [ -e " + out + "/.inkwash-journal ] && break; sleep 0.01; done; rm -r " + out +
          "; printf '永 久 合 作\\n' ) | {} clean " + (folder / "a.txt").string() + " - -o " + out);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("a.txt: the folder " + out + " is gone"));
  EXPECT_THAT(result.err, HasSubstr("2 failed"));
  EXPECT_FALSE(fs::exists(out));
}

TEST(Clean, AnIncludeThatMatchesNothingIsAnError) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const std::string command = "{} clean " + (folder / "in").string() + " -o " + (folder / "out").string();
  const Result nothing = run(command + " --include '*.md' --include '*.text'");
  EXPECT_EQ(nothing.code, 1);
  EXPECT_THAT(nothing.err, HasSubstr("--include: no file of the inputs matches"));
  EXPECT_EQ(run(command + " --include '*.md' --include '*.txt'").code, 0);
}

TEST(Clean, AFolderOfRulesMustBeThere) {
  const Folder folder;
  write_file(folder / "a.txt", raw);
  const std::string file = (folder / "a.txt").string();
  for (const std::string& command : {"clean " + file, "explain " + file, std::string("stages"),
                                     "report " + file + " -o " + (folder / "r").string()}) {
    const Result missing = run("{} " + command + " --rules " + (folder / "none").string());
    EXPECT_EQ(missing.code, 2) << command;
    EXPECT_THAT(missing.err, HasSubstr("none: there is no such folder")) << command;
    const Result no_folder = run("{} " + command + " --rules " + file);
    EXPECT_EQ(no_folder.code, 2) << command;
    EXPECT_THAT(no_folder.err, HasSubstr("a.txt: this is no folder")) << command;
  }
}

TEST(Clean, AChainIsNoStage) {
  const Result result = run("printf '' | {} clean --stages default -");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("default is a chain, not a stage: --chain default"));
}

TEST(Clean, AnEncodingThatIsHardlyRightIsTold) {
  const Folder folder;
  const std::string gbk = "printf '这是我们的国家，大家在这里工作和生活，经济发展得很好。\\n' | iconv -f UTF-8 -t GBK";
  const Result wrong = run(gbk + " | {} clean -e Big5 -");
  EXPECT_EQ(wrong.code, 0);
  EXPECT_THAT(wrong.err, HasSubstr("as Big5 this is hardly text, but as GB18030 it is"));
  EXPECT_EQ(run(gbk + " | {} clean -e GBK -").err, "");
  EXPECT_EQ(run("printf 'plain ASCII\\n' | {} clean -e Big5 -").err, "");
}

TEST(Clean, ResumeGoesByContent) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  write_file(folder / "in/b.txt", raw);
  const std::string command = "{} clean --resume " + (folder / "in").string() + " -o " + (folder / "out").string();
  EXPECT_THAT(run(command).err, HasSubstr("2 files (0 skipped"));
  EXPECT_THAT(run(command).err, HasSubstr("2 files (2 skipped"));
  fs::last_write_time(folder / "in/a.txt", fs::file_time_type::clock::now());
  EXPECT_THAT(run(command).err, HasSubstr("2 skipped"));
  write_file(folder / "in/a.txt", "别的。\n");
  EXPECT_THAT(run(command).err, HasSubstr("1 skipped"));
  EXPECT_EQ(read_file(folder / "out/a.txt"), "别的。\n");
  write_file(folder / "out/b.txt", "spoilt");
  EXPECT_THAT(run(command).err, HasSubstr("1 skipped"));
  EXPECT_EQ(read_file(folder / "out/b.txt"), clean);
  // Another configuration is another result.
  EXPECT_THAT(run(command + " --script s2t").err, HasSubstr("0 skipped"));
  // What was cut off or spoilt of a journal is passed over.
  std::ofstream(folder / "out/.inkwash-journal", std::ios::app)
      << "\n1\n1 \n1 g 1 1 1 .\n1 1 1 1 .\n1 1 1 1 1 . 1\n1 10000000000000000 1 1 1 .\n2 1 1 1 1 .\n1 -1 1 1 1 .\n1 "
         "12ab";
  EXPECT_THAT(run(command + " --script s2t").err, HasSubstr("2 skipped"));
}

TEST(Clean, ResumeNeverReplacesWhatItDidNotWrite) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  write_file(folder / "out/a.txt", "mine");
  const Result result = run("{} clean --resume " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/a.txt"), "mine");
}

TEST(Clean, AHugeFileFailsAlone) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  ASSERT_EQ(run("truncate -s 3T " + (folder / "in/huge.txt").string()).code, 0);
  const Result result = run("{} clean " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
  EXPECT_THAT(result.err, HasSubstr("--max-document"));
}

TEST(Clean, DryRunWritesNothing) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const Result result = run("{} clean -n " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.out, HasSubstr("spaces.letter-spacing"));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(Clean, OneBadFileNeverStopsABatch) {
  const Folder folder;
  write_file(folder / "in/good.txt", raw);
  write_file(folder / "in/empty.txt", "");
  write_file(folder / "in/picture.txt", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\x06", 26));
  write_file(folder / "in/broken.txt.gz", "this is no gzip");
  write_file(folder / "in/bad\xFFname.txt", raw);
  fs::create_directory_symlink(folder / "in", folder / "in/loop");
  fs::create_symlink(folder / "nowhere", folder / "in/dangling.txt");
  ASSERT_EQ(run("mkfifo " + (folder / "in/pipe").string()).code, 0);
  const Result result = run("{} clean " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/good.txt"), clean);
  EXPECT_EQ(read_file(folder / "out/empty.txt"), "");
  EXPECT_TRUE(fs::exists(folder / "out/empty.txt"));
  EXPECT_EQ(read_file(folder / "out/bad\xFFname.txt"), clean);
  EXPECT_FALSE(fs::exists(folder / "out/picture.txt"));
  EXPECT_THAT(result.err, HasSubstr("picture.txt: byte 8: this looks like binary data"));
  EXPECT_THAT(result.err, HasSubstr("a link leads back"));
  EXPECT_THAT(result.err, HasSubstr("dangling.txt"));
  EXPECT_THAT(result.err, HasSubstr("not a regular file"));
  for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".tmp")));
}

TEST(Clean, AFullDiskLeavesNoPartOfAFile) {
  const Folder folder;
  std::string large;
  for (int i = 0; i < 3000; ++i) large += "临江港三号码头昨日完工，首批货轮今天清晨靠岸。\n";
  write_file(folder / "in/large.txt", large);
  write_file(folder / "in/small.txt", "好。\n");
  // A limit on the size of files stands for a full disk.
  const Result result = run("ulimit -f 64; {} clean " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("can't be written"));
  EXPECT_FALSE(fs::exists(folder / "out/large.txt"));
  EXPECT_EQ(read_file(folder / "out/small.txt"), "好。\n");
  for (const auto& entry : fs::directory_iterator(folder / "out"))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".tmp")));
}

TEST(Clean, EverythingWrongWithTheUsageIsSaidAtOnce) {
  const Result result = run("{} clean --format pdf --jobs 0 --stages decode,wash --script x2y /no/such/file");
  EXPECT_EQ(result.code, 2);
  for (const char* part : {"--format", "--jobs", "'wash'", "/no/such/file", "nothing was done"})
    EXPECT_THAT(result.err, HasSubstr(part));
  EXPECT_EQ(run("{} clean -o out").code, 2);
  EXPECT_EQ(run("{} clena").code, 2);
  EXPECT_THAT(run("{} clena").err, HasSubstr("did you mean clean"));
  EXPECT_THAT(run("{} clean --overwrit x").err, HasSubstr("--overwrite"));
}

TEST(Clean, JsonLinesKeepTheirOtherBytes) {
  const Folder folder;
  const std::string records =
      "{\"id\": 1,  \"text\":\"永 久 合 作 发 展\", \"n\": 1.50}\n"
      "not json\n"
      "{\"title\":\"x\"}\n"
      "\n"
      "{\"text\": \"7 月 2 日开港\\u3002\\n\", \"z\":[1, 2]}\n";
  write_file(folder / "in/a.jsonl", records);
  const Result result = run("{} clean " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/a.jsonl"),
            "{\"id\": 1,  \"text\":\"永久合作发展\", \"n\": 1.50}\n"
            "not json\n"
            "{\"title\":\"x\"}\n"
            "\n"
            "{\"text\": \"7月2日开港。\", \"z\":[1, 2]}\n");
  EXPECT_THAT(result.err, HasSubstr("a.jsonl:2"));
  EXPECT_THAT(result.err, HasSubstr("a.jsonl:3"));
}

TEST(Clean, CompressedFilesAndArchives) {
  const Folder folder;
  write_file(folder / "tree/a.txt", raw);
  write_file(folder / "tree/sub/b.txt", raw);
  ASSERT_EQ(run("cd " + folder.path().string() +
                " && mkdir in && gzip -c tree/a.txt > in/a.txt.gz && tar czf in/pages.tar.gz -C tree ."
                " && tar cf in/evil.tar -P --transform='s,tree/a,../../evil,' tree/a.txt")
                .code,
            0);
  const Result result = run("{} clean " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
  EXPECT_EQ(read_file(folder / "out/pages/a.txt"), clean);
  EXPECT_EQ(read_file(folder / "out/pages/sub/b.txt"), clean);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("leads out of the archive"));
  EXPECT_FALSE(fs::exists(folder / "evil.txt"));
}

TEST(Clean, ADocumentMayBeTooLarge) {
  const Folder folder;
  write_file(folder / "a.txt", std::string(5000, 'a'));
  ASSERT_EQ(run("gzip -k " + (folder / "a.txt").string()).code, 0);
  for (const char* name : {"a.txt", "a.txt.gz"}) {
    const Result result = run("{} clean --max-document 4K " + (folder / name).string());
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.err, HasSubstr("--max-document"));
  }
}

TEST(Clean, JsonlOutputHasBlocksWithTheirSource) {
  const Folder folder;
  write_file(folder / "a.txt", "临江港三号码头完工\n本报临江7月2日电 首批货轮今天靠岸。\n");
  const auto record = nlohmann::json::parse(run("{} clean --format jsonl " + (folder / "a.txt").string()).out);
  EXPECT_EQ(record["blocks"][0]["kind"], "headline");
  EXPECT_EQ(record["blocks"][1]["source"], (nlohmann::json{{28, 79}}));
  EXPECT_EQ(record["encoding"], "UTF-8");
}

TEST(Clean, MarkdownHasHeadings) {
  const Folder folder;
  write_file(folder / "a.txt", "临江港*三号*码头完工\n本报临江7月2日电 首批货轮今天靠岸。\n");
  EXPECT_EQ(run("{} clean --format markdown " + (folder / "a.txt").string()).out,
            "# 临江港\\*三号\\*码头完工\n\n本报临江7月2日电 首批货轮今天靠岸。\n");
}

TEST(Clean, AReaderThatHasSeenEnoughIsNoError) {
  const Folder folder;
  std::string large;
  for (int i = 0; i < 20000; ++i) large += "临江港三号码头昨日完工。\n";
  write_file(folder / "a.txt", large);
  const Result result = run("{ {} clean " + (folder / "a.txt").string() + "; echo $? >&2; } | head -n 1 >/dev/null");
  EXPECT_EQ(result.err, "0\n");
}

TEST(Clean, TwoInputsWithOneOutputAreAnError) {
  const Folder folder;
  write_file(folder / "x/a.txt", raw);
  write_file(folder / "y/a.txt", "别的。\n");
  const Result result =
      run("{} clean " + (folder / "x").string() + " " + (folder / "y").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
  EXPECT_THAT(result.err, HasSubstr("another input's output"));
}

TEST(Clean, AnOutputFolderBelowTheInputIsNotRead) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const std::string command = "cd " + (folder / "in").string() + " && {} clean . -o out --overwrite";
  EXPECT_EQ(run(command).code, 0);
  EXPECT_THAT(run(command).err, HasSubstr("1 files"));
  EXPECT_FALSE(fs::exists(folder / "in/out/out"));
}

TEST(Clean, ALongLineIsALine) {
  const Folder folder;
  std::string line;
  while (line.size() < 20'000'000) line += "临江港三号码头昨日完工，首批货轮今天清晨靠岸。";
  write_file(folder / "a.txt", line);
  const Result result = run("{} clean " + (folder / "a.txt").string() + " | wc -c");
  EXPECT_EQ(std::stoul(result.out), line.size() + 1);
}

TEST(Clean, StandardInputNeedsNoName) {
  EXPECT_EQ(run("printf '永 久 合 作 发 展\\n7 月 2 日开港。\\n' | {} clean").out, clean);
}

TEST(Clean, TheEncodingIsNotThatOfJsonLines) {
  const Folder folder;
  write_file(folder / "a.jsonl", "{\"text\": \"永 久 合 作 发 展\"}\n");
  const Result result = run("{} clean -e GB18030 " + (folder / "a.jsonl").string());
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, "{\"text\": \"永久合作发展\"}\n");
}

TEST(Clean, TheLastLineOfJsonLinesGainsNoNewline) {
  const Folder folder;
  write_file(folder / "a.jsonl", "{\"text\": \"港\"}\n\n{\"text\": \"永 久 合 作 发 展\"}");
  EXPECT_EQ(run("{} clean " + (folder / "a.jsonl").string()).out, "{\"text\": \"港\"}\n\n{\"text\": \"永久合作发展\"}");
}

TEST(Clean, ResumeKnowsJsonLinesToo) {
  const Folder folder;
  write_file(folder / "in/a.jsonl", "{\"text\": \"永 久 合 作 发 展\"}\n");
  const std::string command = "{} clean --resume " + (folder / "in").string() + " -o " + (folder / "out").string();
  EXPECT_THAT(run(command).err, HasSubstr("1 files (0 skipped, 0 failed)"));
  EXPECT_THAT(run(command).err, HasSubstr("1 files (1 skipped, 0 failed)"));
  write_file(folder / "in/a.jsonl", "{\"text\": \"7 月 2 日\"}\n");
  EXPECT_EQ(run(command).code, 0);
  EXPECT_EQ(read_file(folder / "out/a.jsonl"), "{\"text\": \"7月2日\"}\n");
}

TEST(Clean, InputsAreKnownByContentWhereTheyAreNamed) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const std::string in = (folder / "in").string(), path = folder.path().string();
  ASSERT_EQ(
      run("gzip -c " + in + "/a.txt >" + path + "/packed && tar -C " + in + " -cf " + path + "/archive a.txt").code, 0);
  EXPECT_EQ(run("{} clean - <" + path + "/packed").out, clean);
  EXPECT_EQ(run("{} clean " + path + "/packed").out, clean);
  EXPECT_EQ(run("{} clean " + path + "/archive -o " + path + "/out").code, 0);
  EXPECT_EQ(read_file(folder / "out/archive/a.txt"), clean);
  EXPECT_EQ(run("{} clean - -o " + path + "/out2 <" + path + "/archive").code, 0);
  EXPECT_EQ(read_file(folder / "out2/stdin.txt/a.txt"), clean);
}

TEST(Clean, MembersOfArchivesAreReadAsFilesAre) {
  const Folder folder;
  write_file(folder / "in/a.jsonl", "{\"text\": \"永 久 合 作 发 展\"}");
  write_file(folder / "in/b.txt", raw);
  const std::string path = folder.path().string();
  ASSERT_EQ(run("cd " + path + "/in && gzip b.txt && tar cf ../t.tar a.jsonl b.txt.gz").code, 0);
  EXPECT_EQ(run("{} clean " + path + "/t.tar -o " + path + "/out").code, 0);
  EXPECT_EQ(read_file(folder / "out/t/a.jsonl"), "{\"text\": \"永久合作发展\"}");
  EXPECT_EQ(read_file(folder / "out/t/b.txt"), clean);
  ASSERT_EQ(run("cd " + path + " && tar cf outer.tar t.tar").code, 0);
  const Result result = run("{} clean " + path + "/outer.tar -o " + path + "/out");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("archive inside"));
}

TEST(Clean, TheFoldersOfListedFilesAreKept) {
  const Folder folder;
  write_file(folder / "in/1/a.txt", raw);
  write_file(folder / "in/2/a.txt", raw);
  const std::string path = folder.path().string();
  const std::string out = path + "/out";
  EXPECT_EQ(run("cd " + path + " && find in -name '*.txt' | {} clean --files-from - -o out").code, 0);
  EXPECT_EQ(read_file(folder / "out/in/1/a.txt"), clean);
  EXPECT_EQ(read_file(folder / "out/in/2/a.txt"), clean);
  EXPECT_EQ(
      run("cd " + path + " && find in -name '*.txt' -print0 | {} clean -0 --files-from - -o out --overwrite").code, 0);
}

TEST(Clean, AnInputIsNoOutputFolder) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  const std::string in = (folder / "in").string();
  const Result result = run("{} clean " + in + " -o " + in);
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("an input too"));
}

TEST(Clean, AFullStandardOutputIsAnError) {
  const Folder folder;
  write_file(folder / "a.txt", raw);
  const std::string file = (folder / "a.txt").string();
  for (const std::string command : {"{} stages", "{} --help", "{} clean --help", "{} --version"}) {
    EXPECT_EQ(run(command + " >/dev/full").code, 1) << command;
    EXPECT_EQ(run(command + " >&-").code, 1) << command;
  }
  EXPECT_EQ(run("{} clean -n " + file + " >/dev/full").code, 1);
  EXPECT_EQ(run("{} clean " + file + " >/dev/full").code, 1);
  // Where messages can't be told, the work is done all the same.
  EXPECT_EQ(run("{} clean " + file + " -o " + (folder / "out").string() + " 2>/dev/full").code, 0);
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
  EXPECT_EQ(run("bash -c 'set -o pipefail; {} stages | true'").code, 0);
}

TEST(Clean, CharactersAreCountedInAnyEncoding) {
  const Folder folder;
  ASSERT_EQ(run("mkdir " + (folder / "in").string() + " && printf '新华社北京今天的电' | iconv -f UTF-8 -t GBK >" +
                (folder / "in/a.txt").string())
                .code,
            0);
  EXPECT_THAT(run("{} clean -e GBK " + (folder / "in").string() + " -o " + (folder / "out").string()).err,
              HasSubstr("9 characters in"));
}

TEST(Clean, RecognitionIsMendedAsFarAsAsked) {
  EXPECT_EQ(run("printf '老周說,今年好\\n' | {} clean").out, "老周說，今年好\n");
  EXPECT_EQ(run("printf '老周說,今年好\\n' | {} clean --ocr off").out, "老周說,今年好\n");
  EXPECT_EQ(run("printf '老周說,今年好\\n' | {} clean --stages decode,spaces --ocr safe").out, "老周說，今年好\n");
  const Result result = run("printf '老周說,今年好\\n' | {} clean --ocr most");
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("off, safe or full"));
}

TEST(Clean, MarksAreWrittenInOneWayWhereAsked) {
  EXPECT_EQ(run("printf '他说──“好”。\\n' | {} clean").out, "他说──“好”。\n");
  EXPECT_EQ(run("printf '他说──“好”。\\n' | {} clean --punctuation keep").out, "他说——“好”。\n");
  EXPECT_EQ(run("printf '他说──“好”。\\n' | {} clean --punctuation corner").out, "他说——「好」。\n");
  EXPECT_EQ(run("printf '好' | {} clean --punctuation straight").code, 2);
}

TEST(Clean, EveryFieldOfTheNameIsCleaned) {
  const Folder folder;
  // Readers differ in which of two they take; letters of names may be escaped; a file may begin with a mark.
  write_file(folder / "a.jsonl",
             "\xEF\xBB\xBF{\"text\":\"永 久 合 作 发 展\",\"id\":1,\"text\":\"7 月 2 日开港。\"}\r\n"
             "{\"in\":{\"text\":\"永 久\"},\"te\\u0078t\":\"永 久 合 作 发 展\"}\n");
  const Result result = run("{} clean " + (folder / "a.jsonl").string());
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "\xEF\xBB\xBF{\"text\":\"永久合作发展\",\"id\":1,\"text\":\"7月2日开港。\"}\r\n"
            "{\"in\":{\"text\":\"永 久\"},\"te\\u0078t\":\"永久合作发展\"}\n");
}

TEST(Clean, WhatAKilledRunLeftIsRemoved) {
  const Folder folder;
  write_file(folder / "in/a.txt", raw);
  write_file(folder / "out/.inkwash-1-1.tmp", "half");
  write_file(folder / "out/deep/.inkwash-2-2.tmp", "half");
  write_file(folder / "out/.inkwash-3-3.tmp", "of a run that goes on");
  const Result result = run("flock " + (folder / "out/.inkwash-3-3.tmp").string() + " {} clean " +
                            (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 0);
  EXPECT_FALSE(fs::exists(folder / "out/.inkwash-1-1.tmp"));
  EXPECT_FALSE(fs::exists(folder / "out/deep/.inkwash-2-2.tmp"));
  EXPECT_TRUE(fs::exists(folder / "out/.inkwash-3-3.tmp"));
  EXPECT_EQ(read_file(folder / "out/a.txt"), clean);
}

TEST(Clean, AnOpenccConfigurationMayBeAFileOfTheUsers) {
  const Folder folder;
  const std::string at = folder.path().string();
  const auto configuration = [](const std::string& dictionary) {
    const std::string dict = R"({"dict": {"type": "text", "file": ")" + dictionary + R"("}})";
    return R"({"name": "own", "segmentation": {"type": "mmseg", )" + dict.substr(1) + R"(, "conversion_chain": [)" +
           dict + "]}";
  };
  write_file(folder / "own/terms.txt", "码头\t港口碼頭\n货\t貨\n");
  write_file(folder / "own/own.json", configuration("terms.txt"));
  write_file(folder / "in/a.txt", "码头的货\n");
  // Its dictionaries lie beside it, wherever the program runs.
  for (const std::string& name : std::vector<std::string>{"own/own.json", "./own/own.json", at + "/own/own.json"})
    EXPECT_EQ(run("cd " + at + " && {} clean in/a.txt --script " + name).out, "港口碼頭的貨\n") << name;
  EXPECT_EQ(run("cd " + at + " && {} clean in/a.txt --stages decode,script:config=own/own.json").out, "港口碼頭的貨\n");

  write_file(folder / "own/broken.json", "{\"name\": ");
  write_file(folder / "own/nothere.json", configuration("nothere.txt"));
  write_file(folder / "own/bad.json", configuration("bad.txt"));
  write_file(folder / "own/bad.txt", "码头 碼頭\n");
  fs::create_directories(folder / "own/folder.json");
  for (const auto& [name, message] : {std::pair<std::string, std::string>{"none.json", "named without .json"},
                                      {"broken.json", "parsing JSON"},
                                      {"nothere.json", "nothere.txt not found"},
                                      {"bad.json", "dictionary at line 1"},
                                      {"folder.json", "can't be read"}}) {
    const Result result = run("cd " + at + " && {} clean in -o out --script own/" + name);
    EXPECT_EQ(result.code, 2) << name;
    EXPECT_THAT(result.err, HasSubstr("own/" + name + ": "));
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(fs::exists(folder / "out"));
  }
  EXPECT_THAT(run("cd " + at + " && {} clean in/a.txt --script own").err, HasSubstr("ends in .json"));

  // Another dictionary is another result.
  const std::string again = "cd " + at + " && {} clean in -o out --resume --script own/own.json";
  EXPECT_THAT(run(again).err, HasSubstr("0 skipped"));
  EXPECT_THAT(run(again).err, HasSubstr("1 skipped"));
  write_file(folder / "own/terms.txt", "码头\t碼頭\n");
  EXPECT_THAT(run(again).err, HasSubstr("0 skipped"));
  EXPECT_EQ(read_file(folder / "out/a.txt"), "碼頭的货\n");
}

TEST(Clean, TheFirstFailureMayEndTheRun) {
  const Folder folder;
  write_file(folder / "in/a.txt", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  for (int i = 0; i < 200; ++i) write_file(folder / ("in/b" + std::to_string(i) + ".txt"), raw);
  const Result result =
      run("{} clean -j1 --fail-fast " + (folder / "in").string() + " -o " + (folder / "out").string());
  EXPECT_EQ(result.code, 1);
  EXPECT_FALSE(fs::exists(folder / "out/b99.txt"));
}

TEST(Stages, AreListed) {
  const Result result = run("{} stages");
  EXPECT_EQ(result.code, 0);
  for (const char* part : {"decode", "wraps.join", "encoding", "script-only"}) EXPECT_THAT(result.out, HasSubstr(part));
  EXPECT_TRUE(nlohmann::json::accept(run("{} stages --json").out));
}

// Where no stage looks beyond a line a file is never held as a whole; standard input is.
TEST(Clean, AFileThatIsCleanedByLinesIsAsIfHeldAsAWhole) {
  const Folder folder;
  std::string plain, bytes;
  for (int i = 0; i < 40000; ++i) plain += "這是第" + std::to_string(i) + "行，後來的頭髮。\r\n";
  const std::string gb = "\xD6\xD0\xB9\xFA\xB5\xC4\xC8\xCB\xC3\xF1";
  bytes.resize(500000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i / 7 % 29);
  const std::string flags = " --stages decode,normalize --script t2s -j 2 ";
  for (const auto& [name, contents] : {std::pair<const char*, std::string>{"plain.txt", plain},
                                       {"empty.txt", ""},
                                       {"no-newline.txt", "後"},
                                       {"one-line.txt", std::string(plain.size(), 'x') + "後"},
                                       {"invalid.txt", plain + "\xFF\xFE" + plain},
                                       {"lost.txt", plain + "锟斤拷\n" + plain},
                                       {"gb.txt", gb + "\n" + gb},
                                       {"binary.txt", bytes},
                                       {"late-binary.txt", plain + bytes}}) {
    SCOPED_TRACE(name);
    const std::string file = (folder / "in" / name).string();
    write_file(file, contents);
    const Result by_lines = run("{} clean -v" + flags + file), whole = run("{} clean -v" + flags + "- < " + file);
    EXPECT_TRUE(by_lines.out == whole.out);
    EXPECT_EQ(by_lines.code, whole.code);
    const Result written = run("{} clean -v --overwrite" + flags + file + " -o " + (folder / "out").string());
    EXPECT_EQ(written.code, whole.code);
    EXPECT_EQ(fs::exists(folder / "out" / name), whole.code == 0);
    EXPECT_TRUE(read_file(folder / "out" / name) == whole.out);  // both empty where it failed
    std::size_t files = 0;
    for (const auto& entry : fs::directory_iterator(folder / "out")) files += entry.path().extension() == ".tmp";
    EXPECT_EQ(files, 0u);
  }
  EXPECT_THAT(run("{} clean -v" + flags + (folder / "in/lost.txt").string()).err, HasSubstr("decode.lost"));
  // Its name does not say it.
  run("gzip -c " + (folder / "in/plain.txt").string() + " > " + (folder / "in/gzip.txt").string());
  const std::string list = "printf '" + (folder / "in").string() + "' | {} clean --include gzip.txt" + flags +
                           "--files-from - -o " + (folder / "unpacked").string();
  EXPECT_EQ(run(list).code, 0);
  EXPECT_TRUE(read_file(folder / "unpacked/gzip.txt") == read_file(folder / "out/plain.txt"));
}

TEST(Clean, ResumeKnowsFilesThatWereCleanedByLines) {
  const Folder folder;
  write_file(folder / "in/a.txt", "後來");
  const std::string command =
      "{} clean --resume --stages decode --script t2s " + (folder / "in").string() + " -o " + (folder / "out").string();
  EXPECT_THAT(run(command).err, HasSubstr("1 files (0 skipped"));
  EXPECT_THAT(run(command).err, HasSubstr("1 files (1 skipped"));
  write_file(folder / "in/a.txt", "後來的");
  EXPECT_THAT(run(command).err, HasSubstr("1 files (0 skipped"));
  EXPECT_EQ(read_file(folder / "out/a.txt"), "后来的\n");
}

TEST(Clean, ADashIsStandardOutput) {
  const Folder folder;
  write_file(folder / "page.txt", "三号码头昨日\n完工。\n");
  const std::string at = folder.path().string();
  const Result result = run("cd " + at + " && {} clean -q page.txt -o -");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out, run("cd " + at + " && {} clean -q page.txt").out);
  EXPECT_FALSE(fs::exists(folder / "-"));
}

}  // namespace
}  // namespace inkwash::testing
