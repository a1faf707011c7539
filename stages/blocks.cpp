#include "stages/blocks.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/leads.h"
#include "stages/pages.h"
#include "stages/pattern.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { kind, article, mark, order };
constexpr RuleInfo rule_list[] = {
    {"blocks.kind", "what a paragraph is", Effect::label},
    {"blocks.article", "a blank line between articles", Effect::space},
    {"blocks.caption-mark", "drop the mark before a caption", Effect::drop},
    {"blocks.order", "a caption goes after the article it interrupts, a headline before the one it came after",
     Effect::move},
};

/// A paragraph and what it looks like by itself.
struct Paragraph {
  BlockKind kind = BlockKind::body;
  bool has_dateline = false;
  bool starts_article = false;
  ByteOffset mark_end = 0;  ///< end of the caption mark and the white space after it
};

class BlocksStage final : public Stage {
 public:
  BlocksStage(Settings& settings, Settings& lines, const Rules& rules)
      : leads_(settings, rules, CoherenceModel::of(settings, rules)),
        lead_(settings.cost("displaced.lead")),
        new_article_(settings.cost("displaced.new_article")),
        shared_words_(settings.count("displaced.words")) {
    marks_ = settings.characters("caption_marks");
    headline_most_ = static_cast<std::uint32_t>(settings.number("headline_most", 0, 10000));
    caption_end_ = Pattern(settings, "caption_end", {".*" + any_of(settings.strings("caption_end"))});
    note_ = Pattern(settings, "note", settings.strings("note"));
    byline_ = Pattern(lines, "byline", lines.strings("byline"));
    dateline_ = Pattern(lines, "dateline", lines.strings("dateline"));
  }

  const StageInfo& info() const noexcept override { return blocks_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.empty()) return;
    std::vector<Paragraph> paragraphs(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) paragraphs[i] = look_at(text, lines[i]);
    const std::vector<std::size_t> reading = headlines_first(text, lines, paragraphs);
    std::vector<Paragraph> read_paragraphs;
    read_paragraphs.reserve(reading.size());
    for (const std::size_t i : reading) read_paragraphs.push_back(paragraphs[i]);
    find_headlines(text, lines, reading, read_paragraphs);
    part_at_jumps(document, reading, read_paragraphs);
    for (std::size_t i = 0; i < reading.size(); ++i) {
      const Line& line = lines[reading[i]];
      const Paragraph& paragraph = read_paragraphs[i];
      TextRange range = line.ink;
      if (paragraph.mark_end > 0) {
        range.begin = paragraph.mark_end;
        proposal.erase({line.ink.begin, paragraph.mark_end}, mark);
      }
      if (line.kind != paragraph.kind) proposal.label(range, paragraph.kind, kind, 80);
    }
    arrange(text, lines, reading, read_paragraphs, proposal);
  }

 private:
  Paragraph look_at(std::string_view text, const Line& line) const {
    Paragraph paragraph;
    const std::string_view ink = line.ink.of(text);
    const auto [first, length] = valid_utf8_next(ink, 0);
    const bool is_short = line.ink.size() <= 1200;
    if (contains(marks_, first) && is_short && caption_end_.matches(ink)) {
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
    if (line.kind == BlockKind::byline || line.kind == BlockKind::caption) {
      paragraph.kind = line.kind;
      return paragraph;
    }
    if (line.width <= 120 && byline_.matches(ink)) {
      paragraph.kind = BlockKind::byline;
    } else if (dateline_.begins(ink)) {
      paragraph.has_dateline = true;
      paragraph.kind = dateline_.matches(ink) ? BlockKind::dateline : BlockKind::body;
    } else if (line.width <= 400 && note_.matches(ink)) {
      paragraph.kind = BlockKind::note;
    } else if (line.width <= headline_most_ && looks_like_headline(ink)) {
      paragraph.kind = BlockKind::headline;  // which, the paragraphs around it tell
    }
    return paragraph;
  }

  /// No mark at its end, and none inside that sentences have.
  static bool looks_like_headline(std::string_view ink) {
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

  /// The paragraphs in reading order. Electronic editions that set down a page by its text areas give an
  /// article's text first and its headline after it. Such a page begins with a lead and ends with a headline;
  /// each headline goes before the text above it, where that begins with the one lead it has and speaks of
  /// what the headline does. In doubt it stays.
  std::vector<std::size_t> headlines_first(std::string_view text, std::span<const Line> lines,
                                           const std::vector<Paragraph>& paragraphs) const {
    std::vector<std::size_t> reading = in_place(lines.size());
    const auto is_headline = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::headline; };
    const auto is_text = [&](std::size_t i) {
      return paragraphs[i].kind == BlockKind::body && has_sentence_marks(lines[i].ink.of(text));
    };
    const auto likeness = [&](std::size_t i) { return leads_.likeness(lines[i].ink.of(text)); };
    const BlockKind last = paragraphs.back().kind;
    if (last != BlockKind::headline && last != BlockKind::byline) return reading;
    if (!is_text(0) || likeness(0) < lead_) return reading;
    std::size_t above = 0;  // where the text begins to which no headline belongs yet
    for (std::size_t i = 1; i < lines.size();) {
      if (!is_headline(i)) {
        ++i;
        continue;
      }
      // Headlines, their sub-headlines with a dash, and a byline at most.
      std::size_t end = i + 1;
      while (end < lines.size() && (is_headline(end) || paragraphs[end].kind == BlockKind::byline) &&
             paragraphs[end - 1].kind != BlockKind::byline)
        ++end;
      const bool closes = end == lines.size() || is_headline(end) || (is_text(end) && likeness(end) >= new_article_);
      if (closes) {
        const auto at = [&](std::size_t k) { return reading.begin() + static_cast<std::ptrdiff_t>(k); };
        if (belongs_to(text, lines, is_text, i, end, above)) std::rotate(at(above), at(i), at(end));
        above = end;
      }
      i = end;
    }
    // The page's last headline is what shows that they come after their text.
    return above == lines.size() ? reading : in_place(lines.size());
  }

  static std::vector<std::size_t> in_place(std::size_t count) {
    std::vector<std::size_t> reading(count);
    for (std::size_t i = 0; i < count; ++i) reading[i] = i;
    return reading;
  }

  /// Headlines [first, last) are those of the text from `above` to them.
  template <typename IsText>
  bool belongs_to(std::string_view text, std::span<const Line> lines, const IsText& is_text, std::size_t first,
                  std::size_t last, std::size_t above) const {
    if (above >= first || !is_text(above)) return false;
    const auto likeness = [&](std::size_t i) { return leads_.likeness(lines[i].ink.of(text)); };
    if (likeness(above) < lead_) return false;
    // A second lead is another article, whose headline it may be.
    for (std::size_t i = above + 1; i < first; ++i)
      if (is_text(i) && likeness(i) >= new_article_) return false;
    const std::string_view body =
        text.substr(lines[above].ink.begin, lines[first - 1].ink.end - lines[above].ink.begin);
    std::size_t shared = 0;
    for (std::size_t i = first; i < last; ++i) shared += shared_pairs(lines[i].ink.of(text), body);
    return shared >= shared_words_;
  }

  /// Headlines begin an article where a byline or dateline follows, or at the text's beginning;
  /// between paragraphs of body they are sub-headlines.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  static void find_headlines(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
                             std::vector<Paragraph>& paragraphs) {
    if (are_briefs(paragraphs)) {
      for (std::size_t i = 1; i < paragraphs.size(); ++i)
        paragraphs[i].starts_article =
            paragraphs[i].kind == BlockKind::headline && paragraphs[i - 1].kind == BlockKind::body;
      return;
    }
    const auto is_headline = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::headline; };
    for (std::size_t i = 0; i < paragraphs.size();) {
      if (!is_headline(i)) {
        // An article without a headline begins with its dateline.
        paragraphs[i].starts_article = paragraphs[i].has_dateline && i > 0 && !introduces(paragraphs[i - 1]);
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < paragraphs.size() && is_headline(end)) ++end;
      const bool followed =
          end < paragraphs.size() && (paragraphs[end].kind == BlockKind::byline || paragraphs[end].has_dateline);
      if (i > 0 && !followed) {
        for (std::size_t k = i; k < end; ++k) paragraphs[k].kind = BlockKind::subheadline;
      } else {
        paragraphs[i].starts_article = i > 0;
        // Of several lines the widest type is not known: the first is the headline, what begins with
        // a dash or comes after is a sub-headline, a short first line before a long one a kicker.
        std::size_t headline = i;
        if (end - i >= 3 || (end - i == 2 && 2 * lines[reading[i]].width < lines[reading[i + 1]].width &&
                             !lines[reading[i + 1]].ink.of(text).starts_with("—"))) {
          paragraphs[i].kind = BlockKind::kicker;
          headline = i + 1;
        }
        for (std::size_t k = headline + 1; k < end; ++k) paragraphs[k].kind = BlockKind::subheadline;
      }
      i = end;
    }
  }

  /// Where an article goes on on another page, what follows is another one; what comes from another page is none of
  /// the article above it.
  static void part_at_jumps(const Document& document, std::span<const std::size_t> reading,
                            std::vector<Paragraph>& paragraphs) {
    for (const JumpPlace& jump : jump_places(document)) {
      const auto place = std::find(reading.begin(), reading.end(), jump.line);
      auto i = static_cast<std::size_t>(place - reading.begin());
      if (jump.way == JumpWay::onward) {
        // Captions are set below the article.
        do ++i;
        while (i < paragraphs.size() && paragraphs[i].kind == BlockKind::caption);
      } else {
        const auto is_heading = [&](std::size_t k) {
          return paragraphs[k].kind != BlockKind::byline && introduces(paragraphs[k]);
        };
        while (i > 0 && !paragraphs[i].starts_article && is_heading(i - 1)) --i;
      }
      if (i > 0 && i < paragraphs.size()) paragraphs[i].starts_article = true;
    }
  }

  /// Stands above the text of an article.
  static bool introduces(const Paragraph& paragraph) {
    return paragraph.kind == BlockKind::byline || paragraph.kind == BlockKind::headline ||
           paragraph.kind == BlockKind::kicker || paragraph.kind == BlockKind::subheadline;
  }

  /// A column of briefs: headline, paragraph, headline, paragraph ... to the end.
  static bool are_briefs(const std::vector<Paragraph>& paragraphs) {
    constexpr std::size_t least = 8;
    const std::size_t odd = paragraphs.size() % 2;  // perhaps with a name of the column above
    if (paragraphs.size() < least) return false;
    for (std::size_t i = 0; i < paragraphs.size(); ++i) {
      const bool headline = paragraphs[i].kind == BlockKind::headline;
      if (headline != (i < odd || (i - odd) % 2 == 0)) return false;
    }
    return true;
  }

  static bool interrupts(const std::vector<Paragraph>& paragraphs, std::size_t i, std::size_t first, std::size_t last) {
    if (paragraphs[i].kind != BlockKind::caption) return false;
    const auto is_body = [&](const Paragraph& p) { return p.kind == BlockKind::body; };
    const auto at = [&](std::size_t k) { return paragraphs.begin() + static_cast<std::ptrdiff_t>(k); };
    return std::any_of(at(first), at(i), is_body) && std::any_of(at(i), at(last), is_body);
  }

  /// One newline after each paragraph, a blank line before each article, captions last.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  static void arrange(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
                      const std::vector<Paragraph>& paragraphs, Proposal& proposal) {
    std::vector<std::size_t> sequence;
    for (std::size_t first = 0; first < lines.size();) {
      std::size_t last = first + 1;
      while (last < lines.size() && !paragraphs[last].starts_article) ++last;
      std::vector<std::size_t> captions;
      for (std::size_t i = first; i < last; ++i)
        (interrupts(paragraphs, i, first, last) ? captions : sequence).push_back(i);
      sequence.insert(sequence.end(), captions.begin(), captions.end());
      first = last;
    }
    const bool moved = !std::is_sorted(sequence.begin(), sequence.end(),
                                       [&](std::size_t a, std::size_t b) { return reading[a] < reading[b]; });
    const auto size = static_cast<ByteOffset>(text.size());
    const auto begin_of = [&](std::size_t i) { return i == 0 ? 0 : lines[i].range.begin; };
    std::vector<TextRange> ranges;
    for (std::size_t k = 0; k < sequence.size(); ++k) {
      const std::size_t i = reading[sequence[k]];
      const TextRange range{begin_of(i), i + 1 < lines.size() ? begin_of(i + 1) : size};
      ranges.push_back(range);
      const bool before_article = k + 1 < sequence.size() && paragraphs[sequence[k + 1]].starts_article;
      const TextRange gap{lines[i].range.end, range.end};
      const std::string_view wanted = before_article ? "\n\n" : "\n";
      if (gap.of(text) != wanted) proposal.replace(gap, wanted, article);
    }
    if (moved) proposal.arrange(std::move(ranges), order, 80);
  }

  Leads leads_;
  float lead_, new_article_;
  std::size_t shared_words_;
  std::u32string marks_;
  std::uint32_t headline_most_ = 0;
  Pattern caption_end_, note_, byline_, dateline_;
};

}  // namespace

const StageInfo blocks_info{"blocks", "says what each paragraph is and sets articles apart", rule_list, {}};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_blocks(const StageOptions& options, const Rules& rules) {
  Settings settings("blocks", options, rules, "blocks.toml");
  Settings lines("blocks", options, rules, "lines.toml");
  auto stage = std::make_unique<BlocksStage>(settings, lines, rules);
  if (!settings.ok() || !lines.ok()) {
    ConfigErrors errors = settings.take_errors();
    for (ConfigError& error : lines.take_errors()) errors.push_back(std::move(error));
    return unexpected(std::move(errors));
  }
  return stage;
}

}  // namespace inkwash::stages
