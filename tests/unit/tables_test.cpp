#include "stages/tables.h"

#include <gtest/gtest.h>

#include "tests/run_chain.h"

namespace inkwash {
namespace {

std::string rows_of(const std::string& text) {
  const Document document = testing::run_document("normalize", text);
  const std::vector<bool> rows = stages::find_table_rows(document.text(), document.lines());
  std::string which(document.lines().size(), '.');
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i]) which[i] = 'R';
  return which;
}

TEST(Tables, RowsHaveAsManyCellsAndMostAreFigures) {
  EXPECT_EQ(rows_of("菜价\n白菜    1.2    1.5\n萝卜    0.9    1.1\n猪肉    14.5   15.0\n价格平稳。\n"), ".RRR.");
  EXPECT_EQ(rows_of("品名    昨日    今日\n白菜    1.2    1.5\n萝卜    0.9    1.1\n猪肉    14.5   15.0\n"), "RRRR");
  EXPECT_EQ(rows_of("临江    晴    12℃    20℃\n东港    多云    10℃    18℃\n西山    小雨    8℃    15℃\n"), "RRR");
  EXPECT_EQ(rows_of("600001    临江实业  12.35\n600002    东港股份  8.20\n600003    南湖科技  21.07\n"), "RRR");
  EXPECT_EQ(rows_of("今天 阵雨 12 20\n明天 多云 10 18\n后天 晴 8 21\n"), "RRR");
  EXPECT_EQ(rows_of("Gold   1,250   1,260\nCrude oil   70.2   71.5\nZinc   1.2   1.3\n"), "RRR");
}

TEST(Tables, ProseWithFiguresHasNoRows) {
  EXPECT_EQ(rows_of("收入数百元难养 3 口人，公所\n及民间单位捐款共 3 万元，但\n访视后已经拨款 2 次给他们\n"), "...");
  EXPECT_EQ(rows_of("白菜    1.2    1.5\n萝卜    0.9    1.1\n"), "..");
  EXPECT_EQ(rows_of("the port had 3 ships\nand then came 4 more\nof which it had 5 left\n"), "...");
  EXPECT_EQ(rows_of("2 0 3 1\n1 9 8 1\n2 0 0 0\n"), "...");
}

}  // namespace
}  // namespace inkwash
