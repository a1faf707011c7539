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

// On every processor the same as one by one: text of three bytes and ASCII, cut off by other bytes at any place.
TEST(ScriptBlocks, ManyAtOnceAreAsOneByOne) {
  Random random;
  std::vector<std::uint32_t> own(0x10000);
  ScriptBeginnings pairs(200);
  for (std::uint32_t& one : own)
    one = (random() & 0x3FFFFFF) | (random() % 3 == 0 ? own_deed | own_starts : 0) |
          (random() % 3 == 0 ? own_deed_second | own_second : 0) | (random() % 40 == 0 ? 1u << own_other_shift : 0);
  ScriptBeginnings triples(2000);
  for (int i = 0; i < 200; ++i) pairs.insert(random.character(40), random.character(40));
  for (int i = 0; i < 2000; ++i) triples.insert(random.character(40), random.character(40), random.character(40));
  const std::vector<std::string> other = {"a", "12", "é", "𠝹", "\xE5\x90", "\x80", "\xFF", "\n"};
  const std::vector<BlockConverter> converters = block_converters();
  const BlockConverter one_by_one = converters.back();
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const std::size_t ends = round % 3 == 0 ? 1000 : random() % 40;
    for (std::size_t i = 0; text.size() < 400; ++i)
      if (i >= ends ? random() % 2 == 0 : round % 4 == 0 && random() % 6 == 0)
        text += other[random() % (i < ends ? 2 : other.size())];
      else
        append_utf8(text, round % 2 == 0 ? random.character(40) : 0x800 + random() % 0xC000);
    const std::size_t most = random() % (text.size() - behind_block);
    const bool deeds = round % 7 != 0;
    ScriptOpenings openings{deeds ? own_deed_shift : own_starts_shift, deeds ? own_deed_second_shift : own_second_shift,
                            pairs.view(), std::nullopt, round % 5 != 0};
    if (round % 11 != 0) openings.triples = triples.view();
    for (const BlockConverter converter : converters) {
      // To the end of what can be converted: where it stops does not matter, but that it goes on.
      std::string to(text.size(), '-'), wanted = to;
      const auto all_open = [&](BlockConverter convert, std::string& out) {
        std::vector<std::size_t> open;
        std::size_t at = 0;
        for (;;) {
          const Block done = convert(text.data() + at, most - at, out.data() + at, own.data(), openings);
          EXPECT_LE(at + done.begin + done.size, most);
          for (std::uint64_t bits = done.open; bits != 0; bits &= bits - 1)
            open.push_back(at + done.begin + static_cast<std::size_t>(std::countr_zero(bits)));
          if (done.begin + done.size == 0) break;
          at += done.begin + done.size;
        }
        open.push_back(at);
        out.resize(at);
        return open;
      };
      ASSERT_EQ(all_open(converter, to), all_open(one_by_one, wanted)) << text;
      ASSERT_EQ(to, wanted) << text;
    }
  }
}

}  // namespace
}  // namespace inkwash::stages
