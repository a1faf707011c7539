// A page as `blocks` sees it: its paragraphs, and the headlines that stand together.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "inkwash/document.h"
#include "stages/blocks_kinds.h"
#include "stages/ends.h"
#include "stages/kinship.h"

namespace inkwash::stages::paragraphs {

inline constexpr std::size_t none = ~std::size_t{0};

/// Lines that stand together above or below a text: headlines, their sub-headlines, and a byline at most.
struct Group {
  std::size_t first, last;     ///< [first, last)
  std::size_t target = none;   ///< paragraph that it belongs before; none: it stays
  bool begins_article = true;  ///< where it has a target: else it is a sub-headline there
};

/// A page seen as headlines and the texts they belong to.
struct Page {
  std::string_view text;
  std::span<const Line> lines;
  std::vector<Paragraph>& paragraphs;
  std::vector<Group> groups;
  std::vector<bool> taken{};  ///< paragraphs that a group belongs before; as many as lines once place() was called
  /// What the beginnings of articles speak of, by their first paragraphs, as far as it was asked for.
  std::vector<std::optional<Vocabulary>> vocabularies{};

  /// A page has few headlines; what has many is a book or noise, where comparing them all would take too long.
  [[nodiscard]] bool is_of_few() const {
    constexpr std::size_t most = 200;
    std::size_t count = 0;
    for (const Group& group : groups) {
      count += group.last - group.first;
      if (count > most) return false;
    }
    return true;
  }
  /// How much the headlines of [group.first, group.last) have in common with the two paragraphs from `start`: an
  /// article's beginning says again what its headline says.
  [[nodiscard]] float kinship(const Kinship& rules, const Group& group, std::size_t start);
  void place(Group& group, std::size_t target) {
    group.target = target;
    taken.resize(lines.size());
    taken[target] = true;
  }
  /// Parts a group; parts that have a target are placed there.
  void part(std::size_t g, const std::vector<Group>& parts) {
    const auto at = groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(g));
    const auto first = groups.insert(at, parts.begin(), parts.end());
    for (auto of = first; of != first + static_cast<std::ptrdiff_t>(parts.size()); ++of)
      if (of->target != none) place(*of, of->target);
  }
  [[nodiscard]] bool is_taken(std::size_t i) const { return i < taken.size() && taken[i]; }
  [[nodiscard]] std::string_view ink(std::size_t i) const { return lines[i].ink.of(text); }
  [[nodiscard]] bool is_headline(std::size_t i) const { return paragraphs[i].kind == BlockKind::headline; }
  [[nodiscard]] bool is_byline(std::size_t i) const { return paragraphs[i].kind == BlockKind::byline; }
  [[nodiscard]] bool is_text(std::size_t i) const {
    return paragraphs[i].kind == BlockKind::body && has_sentence_marks(ink(i));
  }
  /// A dateline alone above its text, or text.
  [[nodiscard]] bool is_article(std::size_t i) const {
    return is_text(i) || (paragraphs[i].kind == BlockKind::dateline && !paragraphs[i].signs_off);
  }
};

/// A dateline or a date that stands alone below a text, or below who signed it, ends it.
void find_sign_offs(Page& page);

/// The page's headlines with what stands beside them.
[[nodiscard]] std::vector<Group> groups_of(const Page& page);

}  // namespace inkwash::stages::paragraphs
