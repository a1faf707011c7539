#include "tests/run_chain.h"

namespace inkwash {
namespace {

// A page of our own in two columns, one below the other.
constexpr std::string_view left[] = {"　　市教育局昨天召开新闻发", "布会，公布今年全市中小学招",
                                     "生工作的安排。负责人表示，", "今年将继续实行就近入学，学",
                                     "校不得举行任何形式的入学考", "试，招生的结果要向社会公",
                                     "开，接受家长和社会的监督。"};
constexpr std::string_view right[] = {"　　记者了解到，今年全市共", "有十二万名学生参加中考，比",
                                      "去年增加八千人。为了保证考", "试顺利进行，有关部门已经做",
                                      "好各项准备，公安、卫生、电", "力等部门将在考试期间加强值",
                                      "班，为考生提供服务。"};

std::string lines_of(std::span<const std::string_view> lines) {
  std::string text;
  for (const std::string_view line : lines) text += std::string(line) + "\n";
  return text;
}

TEST(Strays, SetsBackTheRightPartOfARow) {
  const std::string whole = lines_of(left) + lines_of(right);
  std::string across;
  for (std::size_t i = 0; i < std::size(left); ++i)
    across += std::string(left[i]) + (i == 3 ? " " + std::string(right[3]) : "") + "\n";
  for (std::size_t i = 0; i < std::size(right); ++i)
    if (i != 3) across += std::string(right[i]) + "\n";
  EXPECT_EQ(testing::run_stage("strays", across), whole);
}

TEST(Strays, SetsRowsBelowEachOtherBackTogether) {
  const std::string whole = lines_of(left) + lines_of(right);
  std::string across;
  for (std::size_t i = 0; i < std::size(left); ++i)
    across += std::string(left[i]) + (i == 3 || i == 4 ? " " + std::string(right[i]) : "") + "\n";
  for (std::size_t i = 0; i < std::size(right); ++i)
    if (i != 3 && i != 4) across += std::string(right[i]) + "\n";
  EXPECT_EQ(testing::run_stage("strays", across), whole);
}

TEST(Strays, SetsBackALineAmongTheLinesOfAnotherColumn) {
  const std::string whole = lines_of(left) + lines_of(right);
  std::string astray;
  for (std::size_t i = 0; i < std::size(left); ++i) {
    astray += std::string(left[i]) + "\n";
    if (i == 3) astray += std::string(right[2]) + "\n";
  }
  for (std::size_t i = 0; i < std::size(right); ++i)
    if (i != 2) astray += std::string(right[i]) + "\n";
  EXPECT_EQ(testing::run_stage("strays", astray), whole);
}

TEST(Strays, LeavesColumnsInOrder) {
  const std::string whole = lines_of(left) + lines_of(right);
  EXPECT_EQ(testing::run_stage("strays", whole), whole);
}

// The row's right part goes on nowhere: it stays, and its space.
TEST(Strays, LeavesAPieceThatBelongsNowhere) {
  std::string across;
  for (std::size_t i = 0; i < std::size(left); ++i)
    across += std::string(left[i]) + (i == 1 ? " 蓝鲸每天吃四吨磷虾，游过整" : "") + "\n";
  EXPECT_EQ(testing::run_stage("strays", across), across);
}

TEST(Strays, EveryByteKnowsItsSource) {
  std::string across;
  for (std::size_t i = 0; i < std::size(left); ++i)
    across += std::string(left[i]) + (i == 3 ? " " + std::string(right[3]) : "") + "\n";
  for (std::size_t i = 0; i < std::size(right); ++i)
    if (i != 3) across += std::string(right[i]) + "\n";
  const Document document = testing::run_document("strays", across);
  const auto at = static_cast<ByteOffset>(document.text().find("有关部门"));
  const SourceRange source = document.source_of({at, at + 12});
  EXPECT_EQ(across.substr(source.begin, source.size()), "有关部门");
}

}  // namespace
}  // namespace inkwash
