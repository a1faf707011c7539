// The piece list against a naive oracle: a vector of characters that each know their source bytes.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "inkwash/chain.h"
#include "inkwash/unicode.h"

namespace inkwash {
namespace {

struct Character {
  std::string bytes;
  SourceRange source;  // empty: inserted
};

constexpr RuleInfo rules[] = {
    {"test.character", "", Effect::character}, {"test.move", "", Effect::move}, {"test.label", "", Effect::label}};

/// A stage that proposes what the test planned.
class Planned final : public Stage {
 public:
  explicit Planned(std::function<void(const Document&, Proposal&)> plan) : plan_(std::move(plan)) {}
  const StageInfo& info() const noexcept override {
    static const StageInfo planned{"planned", "", rules, {}};
    return planned;
  }
  void propose(const Document& document, Proposal& proposal) const override { plan_(document, proposal); }

 private:
  std::function<void(const Document&, Proposal&)> plan_;
};

std::function<void(const Document&, Proposal&)> current_plan;
expected<std::unique_ptr<const Stage>, ConfigErrors> make_planned(const StageOptions&, const Rules&) {
  return std::make_unique<Planned>(current_plan);
}

expected<void, Error> run_plan(Document& document, std::function<void(const Document&, Proposal&)> plan) {
  static const StageInfo planned{"planned", "", rules, {}};
  Registry registry;
  EXPECT_TRUE(registry.add({&planned, make_planned}));
  current_plan = std::move(plan);
  return Chain::make("planned", registry, Rules{})->run(document);
}

std::vector<Character> explode(std::string_view text) {
  std::vector<Character> characters;
  for (std::size_t at = 0; at < text.size();) {
    const auto [codepoint, length] = valid_utf8_next(text, at);
    characters.push_back(
        {std::string(text.substr(at, length)), {static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + length)}});
    at += length;
  }
  return characters;
}

TEST(Provenance, AgreesWithTheOracle) {
  std::mt19937 random(11);
  const std::string_view alphabet[] = {"a", "é", "港", "𠝹", " ", "\n", "，"};
  for (int trial = 0; trial < 400; ++trial) {
    std::string source;
    for (std::size_t i = 0, n = random() % 40; i < n; ++i) source += alphabet[random() % std::size(alphabet)];
    std::vector<Character> oracle = explode(source);
    auto document = Document::from_bytes(source);
    ASSERT_TRUE(document);
    for (int round = 0; round < 4; ++round) {
      std::vector<Character> next;
      const auto done = run_plan(*document, [&](const Document& shown, Proposal& proposal) {
        // Byte offsets of the characters.
        std::vector<ByteOffset> at{0};
        for (const Character& c : oracle) at.push_back(at.back() + static_cast<ByteOffset>(c.bytes.size()));
        ASSERT_EQ(at.back(), shown.text().size());
        // Parts of the text in a new order, some of them edited inside.
        std::vector<std::size_t> cuts{0, oracle.size()};
        for (int i = 0; i < 3; ++i) cuts.push_back(random() % (oracle.size() + 1));
        std::sort(cuts.begin(), cuts.end());
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::vector<std::pair<std::size_t, std::size_t>> parts;
        for (std::size_t i = 0; i + 1 < cuts.size(); ++i) parts.emplace_back(cuts[i], cuts[i + 1]);
        const bool move = random() % 2 == 0 && !parts.empty();
        if (move) std::shuffle(parts.begin(), parts.end(), random);
        std::vector<TextRange> order;
        for (const auto& [first, last] : parts) {
          order.push_back({at[first], at[last]});
          for (std::size_t i = first; i < last;) {
            const std::size_t end = std::min(last, i + 1 + random() % 3);
            const TextRange range{at[i], at[end]};
            switch (random() % 6) {
              case 0: proposal.erase(range, 0); break;
              case 1: {
                proposal.replace(range, "港口", 0);
                SourceRange hull{};
                for (std::size_t k = i; k < end; ++k) {
                  if (oracle[k].source.empty()) continue;
                  if (hull.empty()) hull = oracle[k].source;
                  hull = {std::min(hull.begin, oracle[k].source.begin), std::max(hull.end, oracle[k].source.end)};
                }
                next.push_back({"港口", hull});
                break;
              }
              case 2:
                if (i > first) {
                  proposal.insert(at[i], "+", 0);
                  next.push_back({"+", {}});
                }
                [[fallthrough]];
              default:
                for (std::size_t k = i; k < end; ++k) next.push_back(oracle[k]);
            }
            i = end;
          }
        }
        if (move) proposal.arrange(std::move(order), 1);
      });
      ASSERT_TRUE(done) << done.error().message;
      oracle = std::move(next);
      std::string text;
      for (const Character& c : oracle) text += c.bytes;
      ASSERT_EQ(document->text(), text);
      ASSERT_EQ(document->validate().value_or(""), "");
      ByteOffset at = 0;
      for (const Character& c : oracle) {
        const TextRange range{at, at + static_cast<ByteOffset>(c.bytes.size())};
        at = range.end;
        // "港口" stands for a range as a whole; single characters for just their bytes.
        if (c.source.empty()) {
          EXPECT_TRUE(document->sources_of(range).empty()) << c.bytes;
        } else {
          EXPECT_EQ(document->source_of(range), c.source) << c.bytes;
        }
      }
    }
  }
}

constexpr RuleInfo strict_rules[] = {{"strict.space", "", Effect::space},
                                     {"strict.drop", "", Effect::drop},
                                     {"strict.move", "", Effect::move},
                                     {"strict.note", "", Effect::note}};
const StageInfo strict_info{"strict", "", strict_rules, {}};

class Strict final : public Stage {
 public:
  const StageInfo& info() const noexcept override { return strict_info; }
  void propose(const Document& document, Proposal& proposal) const override { current_plan(document, proposal); }
};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_strict(const StageOptions&, const Rules&) {
  return std::make_unique<Strict>();
}

TEST(Proposal, NonsenseIsRefusedAndChangesNothing) {
  const std::string source = "甲 乙丙";
  const std::function<void(Proposal&)> wrong[] = {
      [](Proposal& p) {
        p.erase({0, 3}, 0);
      },  // not white space
      [](Proposal& p) {
        p.replace({3, 4}, "x", 0);
      },  // puts a character
      [](Proposal& p) {
        p.replace({0, 3}, "x", 1);
      },  // a drop that puts one
      [](Proposal& p) {
        p.erase({3, 4}, 3);
      },  // a rule that only notes
      [](Proposal& p) {
        p.erase({3, 4}, 9);
      },  // a rule that is not there
      [](Proposal& p) {
        p.erase({0, 4}, 1);
        p.erase({3, 7}, 1);
      },  // overlap
      [](Proposal& p) {
        p.erase({4, 99}, 1);
      },  // beyond the text
      [](Proposal& p) {
        p.arrange({{0, 3}}, 2);
      },  // loses text
      [](Proposal& p) {
        p.arrange({{0, 4}, {3, 10}}, 2);
      },  // repeats text
      [](Proposal& p) {
        p.arrange({{0, 10}}, 0);
      },  // a rule that may not move
      [](Proposal& p) {
        p.arrange({{4, 10}, {0, 4}}, 2);
        p.erase({3, 7}, 1);
      },  // across a border
  };
  for (const auto& plan : wrong) {
    auto document = Document::from_bytes(source);
    current_plan = [&](const Document&, Proposal& p) { plan(p); };
    Registry registry;
    ASSERT_TRUE(registry.add({&strict_info, make_strict}));
    const auto done = Chain::make("strict", registry, Rules{})->run(*document);
    EXPECT_FALSE(done);
    EXPECT_EQ(document->text(), source);
    EXPECT_EQ(document->validate().value_or(""), "");
  }
}

}  // namespace
}  // namespace inkwash
