#include "stages/script_blocks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace inkwash::stages {
namespace {

class Random {
 public:
  std::uint32_t operator()() { return static_cast<std::uint32_t>(engine_()); }
  Codepoint character(std::uint32_t of) { return 0x4E00 + (*this)() % of; }

 private:
  std::mt19937 engine_{5};
};

TEST(ScriptBeginnings, HoldWhatWasInserted) {
  ScriptBeginnings pairs(1000);
  Random random;
  std::size_t wrong = 0;
  for (Codepoint i = 0; i < 1000; ++i) pairs.insert(0x4E00 + i * 7 % 5000, 0x4E00 + i);
  for (Codepoint i = 0; i < 1000; ++i) {
    EXPECT_TRUE(pairs.may_hold(0x4E00 + i * 7 % 5000, 0x4E00 + i));
    wrong += pairs.may_hold(0x6E00 + i, random.character(5000));
  }
  EXPECT_LT(wrong, 150u);
}

// On every processor the same as one by one: text of three bytes, cut off by other bytes at any place.
TEST(ScriptBlocks, ManyAtOnceAreAsOneByOne) {
  Random random;
  std::vector<std::uint32_t> own(0x10000);
  ScriptBeginnings pairs(200);
  for (std::uint32_t& one : own)
    one = (random() & 0x3FFFFFF) | (random() % 3 == 0 ? own_deed | own_starts : 0) |
          (random() % 40 == 0 ? 1u << own_other_shift : 0);
  ScriptBeginnings triples(2000);
  for (int i = 0; i < 200; ++i) pairs.insert(random.character(40), random.character(40));
  for (int i = 0; i < 2000; ++i) triples.insert(random.character(40), random.character(40), random.character(40));
  const std::vector<std::string> other = {"a", "é", "𠝹", "\xE5\x90", "\x80", "\xFF", "\n"};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t ends = round % 3 == 0 ? 1000 : random() % 40;
    for (std::size_t i = 0; text.size() < 3 * block + behind_block; ++i)
      if (i >= ends && random() % 2 == 0)
        text += other[random() % other.size()];
      else
        append_utf8(text, round % 2 == 0 ? random.character(40) : 0x800 + random() % 0xC000);
    const std::size_t most = round % 5 == 0 ? random() % (block + 1) : block;
    std::string to(3 * block + behind_block, '-'), wanted = to;
    ScriptOpenings openings{round % 7 == 0 ? own_starts_shift : own_deed_shift, pairs.view(), std::nullopt};
    if (round % 11 != 0) openings.triples = triples.view();
    const Block done = block_converter()(text.data(), most, to.data(), own.data(), openings);
    const Block one = convert_block_one_by_one(text.data(), most, wanted.data(), own.data(), openings);
    ASSERT_EQ(done.count, one.count) << text;
    ASSERT_EQ(done.open, one.open) << text;
    ASSERT_EQ(to.substr(0, 3 * done.count), wanted.substr(0, 3 * done.count)) << text;
  }
}

}  // namespace
}  // namespace inkwash::stages
