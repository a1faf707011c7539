#include "stages/blocks.h"

#include <algorithm>

#include "inkwash/unicode.h"
#include "stages/blocks_asides.h"
#include "stages/blocks_headlines.h"
#include "stages/blocks_kinds.h"
#include "stages/coherence.h"
#include "stages/ends.h"
#include "stages/kinship.h"
#include "stages/leads.h"
#include "stages/pages.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

using paragraphs::Group;
using paragraphs::introduces;
using paragraphs::is_signature;
using paragraphs::Page;
using paragraphs::Paragraph;

enum : RuleIndex { kind, article, mark, order, unplaced, join };
constexpr RuleInfo rule_list[] = {
    {"blocks.kind", "what a paragraph is", Effect::label},
    {"blocks.article", "a blank line between articles", Effect::space},
    {"blocks.caption-mark", "drop the mark before a caption", Effect::drop},
    {"blocks.order", "a caption goes after the article it interrupts, a headline before the one it came after",
     Effect::move},
    {"blocks.unplaced", "a headline without a text", Effect::note},
    {"blocks.join", "join the halves of a sentence that something interrupted", Effect::space},
};

class BlocksStage final : public Stage {
 public:
  BlocksStage(Settings& settings, Settings& lines, const Rules& rules)
      : model_(CoherenceModel::of(settings, rules)),
        leads_(settings, rules, model_),
        kinship_(settings, rules, model_),
        kinds_(settings, lines),
        displaced_(settings, kinship_, leads_),
        asides_(settings, rules, model_, kinship_, leads_),
        least_headline_(settings.count("kicker.headline")),
        least_kicker_(settings.count("kicker.least")),
        least_briefs_(settings.count("briefs.least")) {}

  const StageInfo& info() const noexcept override { return blocks_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    const std::string_view text = document.text();
    const std::span<const Line> lines = document.lines();
    if (lines.empty()) return;
    std::vector<Paragraph> paragraphs(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) paragraphs[i] = kinds_.look_at(text, lines[i]);
    asides_.find_interruptions(text, lines, paragraphs);
    Page page{text, lines, paragraphs, {}};
    find_sign_offs(page);
    page.groups = groups_of(page);
    std::vector<std::size_t> reading = displaced_.headlines_first(page, proposal, unplaced);
    bylines_below(page, reading);
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
      const TextRange title = paragraph.kind == BlockKind::body ? TextRange{} : title_in(page, reading[i]);
      if (title.empty()) {
        if (line.kind != paragraph.kind) proposal.label(range, paragraph.kind, kind, 80);
        continue;
      }
      set_apart(page, title, proposal);
      proposal.label({range.begin, title.begin}, paragraph.kind, kind, 80);
      proposal.label({title.begin, range.end}, BlockKind::headline, kind, 80);
    }
    arrange(text, lines, reading, read_paragraphs, proposal);
  }

 private:
  /// The end of a headline's line that is another headline of the page, whole: a kicker and a headline that wrapping
  /// joined. Empty: none is.
  TextRange title_in(const Page& page, std::size_t i) const {
    if (!page.is_headline(i) || !page.is_of_few()) return {};
    const std::string_view ink = page.ink(i);
    for (const Group& group : page.groups)
      for (std::size_t other = group.first; other < group.last; ++other) {
        if (other == i || !page.is_headline(other)) continue;
        const std::size_t length = tail_of(ink, page.ink(other));
        if (length >= least_headline_ && length + least_kicker_ <= ink.size())
          return {static_cast<ByteOffset>(page.lines[i].ink.end - length), page.lines[i].ink.end};
      }
    return {};
  }

  /// Bytes at the end of `ink` that are all of `title`, white space aside; 0: they are not.
  static std::size_t tail_of(std::string_view ink, std::string_view title) {
    std::size_t at = ink.size();
    for (std::size_t from = title.size(); from > 0;) {
      const auto [wanted, wanted_length] = valid_utf8_previous(title, from);
      from -= wanted_length;
      if (class_of(wanted) == CharClass::space) continue;
      for (; at > 0 && class_of(valid_utf8_previous(ink, at).codepoint) == CharClass::space;)
        at -= valid_utf8_previous(ink, at).length;
      if (at == 0 || valid_utf8_previous(ink, at).codepoint != wanted) return 0;
      at -= valid_utf8_previous(ink, at).length;
    }
    return ink.size() - at;
  }

  /// On a line of its own, with the spaces between clauses that it has where it stands whole.
  static void set_apart(const Page& page, TextRange title, Proposal& proposal) {
    proposal.insert(title.begin, "\n", article);
    for (const Group& group : page.groups)
      for (std::size_t other = group.first; other < group.last; ++other) {
        const std::string_view whole = page.ink(other), here = title.of(page.text);
        if (page.lines[other].ink.end == title.end || !page.is_headline(other) || tail_of(here, whole) != here.size())
          continue;
        for (std::size_t at = 0, from = 0; at < here.size() && from < whole.size();) {
          const auto [codepoint, length] = valid_utf8_next(here, at);
          if (whole[from] == ' ' && codepoint != U' ') {
            proposal.insert(static_cast<ByteOffset>(title.begin + at), " ", article);
            ++from;
          }
          at += length;
          from += valid_utf8_next(whole, from).length;
        }
        return;
      }
  }

  /// A byline between a text that has its own and a headline is that headline's: it goes below it.
  static void bylines_below(const Page& page, std::vector<std::size_t>& reading) {
    bool signed_above = false;
    for (std::size_t k = 0; k + 1 < reading.size(); ++k) {
      const std::size_t i = reading[k];
      if (page.is_headline(i)) signed_above = false;
      if (page.paragraphs[i].has_dateline) signed_above = true;
      // One in brackets ends a text.
      if (!page.is_byline(i) || first_class(page.ink(i)) == CharClass::open) continue;
      std::size_t end = k + 1;
      while (end < reading.size() && page.is_headline(reading[end])) ++end;
      const bool between =
          k > 0 && page.is_text(reading[k - 1]) && end > k + 1 && end < reading.size() && page.is_text(reading[end]);
      if (between && signed_above)
        std::rotate(reading.begin() + static_cast<std::ptrdiff_t>(k),
                    reading.begin() + static_cast<std::ptrdiff_t>(k) + 1,
                    reading.begin() + static_cast<std::ptrdiff_t>(end));
      signed_above = !between;
      k = end - 1;
    }
  }

  /// Headlines begin an article where a byline or dateline follows, or at the text's beginning;
  /// between paragraphs of body they are sub-headlines.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  void find_headlines(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
                      std::vector<Paragraph>& paragraphs) const {
    if (are_briefs(paragraphs)) {
      for (std::size_t i = 1; i < paragraphs.size(); ++i)
        paragraphs[i].starts_article =
            paragraphs[i].kind == BlockKind::headline && paragraphs[i - 1].kind == BlockKind::body;
      return;
    }
    const auto is_headline = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::headline; };
    for (std::size_t i = 0; i < paragraphs.size();) {
      if (!is_headline(i)) {
        // An article without a headline begins with its dateline, or below what ends one.
        const bool below_end = i > 0 && paragraphs[i - 1].signs_off && paragraphs[i].kind == BlockKind::body;
        paragraphs[i].starts_article = i > 0 && (paragraphs[i].starts_article || below_end ||
                                                 (paragraphs[i].has_dateline && !introduces(paragraphs[i - 1])));
        ++i;
        continue;
      }
      std::size_t end = i;
      while (end < paragraphs.size() && is_headline(end)) ++end;
      const bool followed =
          end < paragraphs.size() && ((paragraphs[end].kind == BlockKind::byline && !is_signature(paragraphs, end)) ||
                                      paragraphs[end].has_dateline);
      const bool below_end = i > 0 && (paragraphs[i - 1].signs_off || paragraphs[i - 1].closes);
      const bool begins = followed || paragraphs[i].starts_article || below_end;
      if (i > 0 && (!begins || paragraphs[i].interrupts)) {
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

  /// A column of briefs: headline, paragraph, headline, paragraph ... to the end.
  bool are_briefs(const std::vector<Paragraph>& paragraphs) const {
    const std::size_t odd = paragraphs.size() % 2;  // perhaps with a name of the column above
    if (paragraphs.size() < least_briefs_) return false;
    for (std::size_t i = 0; i < paragraphs.size(); ++i) {
      const bool headline = paragraphs[i].kind == BlockKind::headline;
      if (headline != (i < odd || (i - odd) % 2 == 0)) return false;
    }
    return true;
  }

  /// One newline after each paragraph, a blank line before each article, captions last.
  /// `paragraphs` are in reading order, of which `reading` says where they stand.
  void arrange(std::string_view text, std::span<const Line> lines, std::span<const std::size_t> reading,
               const std::vector<Paragraph>& paragraphs, Proposal& proposal) const {
    std::vector<std::size_t> sequence;
    for (std::size_t first = 0; first < lines.size();) {
      std::size_t last = first + 1;
      // Pictures above the page's first headline are its article's.
      const auto is_caption = [&](std::size_t i) { return paragraphs[i].kind == BlockKind::caption; };
      if (first == 0)
        while (last < lines.size() && is_caption(last - 1)) ++last;
      while (last < lines.size() && !paragraphs[last].starts_article) ++last;
      asides_.add_in_order({text, lines, reading, paragraphs, first, last}, sequence);
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
      const std::size_t rest = paragraphs[sequence[k]].goes_on;
      if (rest != 0 && k + 1 < sequence.size() && reading[sequence[k + 1]] == rest) {
        proposal.replace(gap, joint(lines[i].ink.of(text), lines[rest].ink.of(text)), join, 80);
        continue;
      }
      const std::string_view wanted = before_article ? "\n\n" : "\n";
      if (gap.of(text) != wanted) proposal.replace(gap, wanted, article);
    }
    if (moved) proposal.arrange(std::move(ranges), order, 80);
  }

  CoherenceModel model_;
  Leads leads_;
  Kinship kinship_;
  paragraphs::Kinds kinds_;
  paragraphs::Displaced displaced_;
  paragraphs::Asides asides_;
  std::size_t least_headline_, least_kicker_;  ///< bytes
  std::size_t least_briefs_;
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
