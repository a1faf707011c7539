#include "stages/blocks_kinds.h"

#include "inkwash/unicode.h"
#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages::paragraphs {
namespace {

/// No mark at its end, and none inside that sentences have.
bool looks_like_headline(std::string_view ink) {
  const CharClass last = class_of(valid_utf8_previous(ink, ink.size()).codepoint);
  if (last == CharClass::stop || last == CharClass::pause) {
    // A question or an exclamation may be a headline; a sentence is none.
    const Codepoint mark = valid_utf8_previous(ink, ink.size()).codepoint;
    if (mark != U'？' && mark != U'！') return false;
  }
  if (ink.ends_with('.') || ink.ends_with(';') || ink.ends_with(',')) return false;
  std::size_t letters = 0;
  for (std::size_t at = 0; at < ink.size();) {
    const auto [codepoint, length] = valid_utf8_next(ink, at);
    if (codepoint == U'。' || codepoint == U'；' || codepoint == U'，') return false;
    const CharClass c = class_of(codepoint);
    letters += is_ideographic(c) || c == CharClass::latin;
    at += length;
  }
  return letters >= 2;
}

}  // namespace

Kinds::Kinds(Settings& settings, Settings& lines)
    : longest_marked_caption_(settings.count("longest.marked_caption")),
      longest_caption_(settings.count("longest.caption")),
      longest_closing_(settings.count("longest.closing")),
      longest_sign_off_(settings.count("longest.sign_off")),
      longest_date_(static_cast<std::uint32_t>(settings.number("longest.date", 0, 10000))),
      longest_source_(static_cast<std::uint32_t>(settings.number("longest.source", 0, 10000))),
      longest_byline_(static_cast<std::uint32_t>(settings.number("longest.byline", 0, 10000))),
      longest_note_(static_cast<std::uint32_t>(settings.number("longest.note", 0, 10000))) {
  marks_ = CharacterSet(settings.characters("caption_marks"));
  headline_most_ = static_cast<std::uint32_t>(settings.number("headline_most", 0, 10000));
  caption_end_ = Pattern(settings, "caption_end", each_between(".*", settings.strings("caption_end"), {}));
  photographer_ = Pattern(settings, "photographer", each_between(".*", settings.strings("photographer"), {}));
  note_ = Pattern(settings, "note", settings.strings("note"));
  sign_off_ = Pattern(settings, "sign_off", each_between(".*", settings.strings("sign_off"), {}));
  source_ = Pattern(lines, "source", lines.strings("source"));
  date_ = Pattern(settings, "date", settings.strings("date"));
  closing_ = Pattern(settings, "closing", settings.strings("closing"));
  byline_ = Pattern(lines, "byline", lines.strings("byline"));
  dateline_ = Pattern(lines, "dateline", lines.strings("dateline"));
}

Paragraph Kinds::look_at(std::string_view text, const Line& line) const {
  Paragraph paragraph = kind_of(text, line);
  const std::string_view ink = line.ink.of(text);
  if (paragraph.kind == BlockKind::body || paragraph.kind == BlockKind::dateline) {
    const std::size_t end = valid_utf8_ceiling(ink, ink.size() - std::min(ink.size(), longest_sign_off_));
    const bool brackets = last_class(ink) == CharClass::close || last_class(ink) == CharClass::ascii_close;
    paragraph.signs_off |= brackets && sign_off_.matches(ink.substr(end));
    paragraph.closes = ink.size() <= longest_closing_ && closing_.matches(text, line);
  }
  return paragraph;
}

Paragraph Kinds::kind_of(std::string_view text, const Line& line) const {
  Paragraph paragraph;
  const std::string_view ink = line.ink.of(text);
  const auto [first, length] = valid_utf8_next(ink, 0);
  const bool is_short = line.ink.size() <= longest_marked_caption_;
  if (contains(marks_, first) && is_short && caption_end_.matches(text, line)) {
    paragraph.kind = BlockKind::caption;
    paragraph.mark_end = line.ink.begin + length;
    while (paragraph.mark_end < line.ink.end) {
      const auto [codepoint, size] = valid_utf8_next(text, paragraph.mark_end);
      if (class_of(codepoint) != CharClass::space) break;
      paragraph.mark_end += size;
    }
    if (paragraph.mark_end == line.ink.end) paragraph.mark_end = 0;
    return paragraph;
  }
  if (ink.size() <= longest_caption_ && has_sentence_marks(ink) && photographer_.matches(text, line)) {
    paragraph.kind = BlockKind::caption;
    return paragraph;
  }
  if (line.kind == BlockKind::byline || line.kind == BlockKind::caption) {
    paragraph.kind = line.kind;
    return paragraph;
  }
  if (line.width <= longest_date_ && date_.matches(text, line)) {
    paragraph.kind = BlockKind::dateline;
  } else if (line.width <= longest_source_ && source_.matches(text, line)) {
    paragraph.kind = BlockKind::note;
    paragraph.is_source = true;
  } else if (line.width <= longest_byline_ && byline_.matches(text, line)) {
    paragraph.kind = BlockKind::byline;
  } else if (dateline_.begins(text, line)) {
    paragraph.has_dateline = true;
    paragraph.kind = dateline_.matches(text, line) ? BlockKind::dateline : BlockKind::body;
  } else if (line.width <= longest_note_ && note_.matches(text, line)) {
    paragraph.kind = BlockKind::note;
  } else if (line.width <= headline_most_ && looks_like_headline(ink)) {
    paragraph.kind = BlockKind::headline;  // which, the paragraphs around it tell
  }
  return paragraph;
}

bool introduces(const Paragraph& paragraph) {
  return paragraph.kind == BlockKind::byline || paragraph.kind == BlockKind::headline ||
         paragraph.kind == BlockKind::kicker || paragraph.kind == BlockKind::subheadline;
}

bool is_signature(const std::vector<Paragraph>& paragraphs, std::size_t i) {
  while (i < paragraphs.size() && introduces(paragraphs[i])) ++i;
  return i < paragraphs.size() && paragraphs[i].signs_off;
}

}  // namespace inkwash::stages::paragraphs
