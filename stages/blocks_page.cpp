#include "stages/blocks_page.h"

#include <string>

namespace inkwash::stages::paragraphs {

float Page::kinship(const Kinship& rules, const Group& group, std::size_t start) {
  vocabularies.resize(lines.size() + 1);
  std::optional<Vocabulary>& vocabulary = vocabularies[start];
  if (!vocabulary) {
    std::string beginning;
    for (std::size_t i = start, found = 0;
         i < lines.size() && found < 2 && (!is_headline(i) || paragraphs[i].interrupts); ++i) {
      if (!is_article(i)) continue;
      beginning += ink(i);
      ++found;
    }
    vocabulary.emplace(rules, beginning);
  }
  std::string headline;
  for (std::size_t i = group.first; i < group.last; ++i)
    if (is_headline(i)) headline.append(ink(i)).append(" ");
  return vocabulary->kinship(headline);
}

void find_sign_offs(Page& page) {
  std::vector<Paragraph>& p = page.paragraphs;
  for (std::size_t i = 1; i < p.size(); ++i) {
    if (p[i].kind != BlockKind::dateline) continue;
    const bool text_follows = i + 1 < p.size() && p[i + 1].kind == BlockKind::body;
    const bool below_text = p[i - 1].kind == BlockKind::body || introduces(p[i - 1]);
    if (!p[i].signs_off && (!below_text || text_follows)) continue;
    p[i].signs_off = true;
    p[i].has_dateline = false;
  }
}

std::vector<Group> groups_of(const Page& page) {
  std::vector<Group> groups;
  const std::size_t count = page.lines.size();
  for (std::size_t i = 0; i < count;) {
    if (!page.is_headline(i)) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < count && !page.is_byline(end - 1) && (page.is_headline(end) || page.is_byline(end))) ++end;
    // Names and offices below a text are who signed it.
    if (is_signature(page.paragraphs, end - 1)) {
      while (!page.paragraphs[end].signs_off) ++end;
    } else {
      groups.push_back({i, end});
    }
    i = end;
  }
  return groups;
}

}  // namespace inkwash::stages::paragraphs
