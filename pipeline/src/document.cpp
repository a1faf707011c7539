#include "inkwash/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "differences.h"
#include "inkwash/stage.h"
#include "inkwash/unicode.h"
#include "segments.h"

namespace inkwash {
namespace {

ByteOffset offset(std::size_t value) { return static_cast<ByteOffset>(value); }

/// Source range of the bytes [from, from + length) of a piece, counted from its beginning.
SourceRange source_of_part(const Piece& piece, ByteOffset from, ByteOffset length) {
  if (piece.text_unit == 0) return {piece.source_begin, piece.source_begin + piece.source_length};
  const ByteOffset first = from / piece.text_unit;
  const ByteOffset last = (from + length + piece.text_unit - 1u) / piece.text_unit;
  return {piece.source_begin + first * piece.source_unit, piece.source_begin + last * piece.source_unit};
}

/// Writes the new list of pieces, merging runs that continue each other.
class PieceWriter {
 public:
  explicit PieceWriter(std::vector<Piece>& to) : to_(to) {}

  void add(const Piece& piece) {
    if (!to_.empty() && piece.text_unit != 0) {
      Piece& last = to_.back();
      const bool same_units = last.text_unit == piece.text_unit && last.source_unit == piece.source_unit;
      if (same_units && last.source_begin + last.source_length == piece.source_begin) {
        last.source_length += piece.source_length;
        return;
      }
    }
    to_.push_back(piece);
  }

  /// Copies what `old` says of the text [from, from + length), now at `text_begin`.
  /// `cursor` is the index of a piece at or before `from`; it is moved along.
  void copy(std::span<const Piece> old, std::size_t& cursor, ByteOffset old_size, ByteOffset from, ByteOffset length,
            ByteOffset text_begin) {
    const ByteOffset end = from + length;
    while (cursor + 1 < old.size() && old[cursor + 1].text_begin <= from) ++cursor;
    while (from < end) {
      const Piece& piece = old[cursor];
      const ByteOffset piece_end = cursor + 1 < old.size() ? old[cursor + 1].text_begin : old_size;
      const ByteOffset part = std::min(end, piece_end) - from;
      if (piece.text_unit == 1 && piece.source_unit == 1) {  // nearly all
        add({text_begin, piece.source_begin + (from - piece.text_begin), part, 1, 1});
      } else {
        const SourceRange source = source_of_part(piece, from - piece.text_begin, part);
        const bool whole_unit = piece.text_unit != 0 && (from - piece.text_begin) % piece.text_unit == 0;
        add({text_begin, source.begin, source.size(), whole_unit ? piece.text_unit : std::uint8_t{0},
             piece.source_unit});
      }
      text_begin += part;
      from += part;
      if (from == piece_end) ++cursor;
    }
  }

 private:
  std::vector<Piece>& to_;
};

/// Where unchanged text went: old [from, from + length) is now at `to`.
struct Kept {
  ByteOffset from, to, length;
};

}  // namespace

expected<Document, Error> Document::from_bytes(std::string bytes, Account account) {
  if (bytes.size() > max_document_bytes)
    return unexpected(Error{fmt::format("the document has {} bytes; at most {} can be processed as "
                                        "one: split it at article boundaries",
                                        bytes.size(), max_document_bytes),
                            0});
  Document document;
  document.source_ = std::move(bytes);
  document.account_ = account;
  if (!document.source_.empty()) document.pieces_.push_back({0, 0, offset(document.source_.size()), 1, 1});
  return document;
}

Document Document::part(TextRange range) const {
  Document part;
  part.whole_ = this;
  part.part_ = range;
  part.verbatim_ = false;
  part.is_utf8_ = is_utf8_;
  part.encoding_ = encoding_;
  if (range.empty()) return part;
  PieceWriter writer(part.pieces_);
  std::size_t cursor = piece_at(range.begin);
  writer.copy(pieces_, cursor, offset(text().size()), range.begin, range.size(), 0);
  for (auto label = std::partition_point(labels_.begin(), labels_.end(),
                                         [&](const Label& l) { return l.range.begin < range.begin; });
       label != labels_.end() && label->range.end <= range.end; ++label) {
    part.labels_.push_back(*label);
    part.labels_.back().range = {label->range.begin - range.begin, label->range.end - range.begin};
  }
  const SourceRange hull = source_of(range);
  for (auto jump =
           std::partition_point(jumps_.begin(), jumps_.end(), [&](const Jump& j) { return j.where.end < hull.begin; });
       jump != jumps_.end() && jump->where.begin <= hull.end; ++jump)
    part.jumps_.push_back(*jump);
  part.page_begins_.assign(std::ranges::upper_bound(page_begins_, hull.begin),
                           std::ranges::lower_bound(page_begins_, hull.end));
  return part;
}

void Document::begin_again() {
  verbatim_ = is_utf8_ = source_is_utf8_ = true;
  pieces_.clear();
  if (!source_.empty()) pieces_.push_back({0, 0, offset(source_.size()), 1, 1});
  page_begins_.clear();
  labels_.clear();
  jumps_.clear();
  folios_.clear();
  diagnostics_.clear();
  steps_.clear();
  characters_read_.reset();
  measured_ = false;
  lines_of_ = LinesOf::nothing;
  source_newlines_.clear();
}

void Document::find_pages() {
  const std::string_view all = text();
  const auto add = [&](std::size_t begin) {
    if (begin < all.size()) page_begins_.push_back(source_of({offset(begin), offset(begin + 1)}).begin);
  };
  for (std::size_t at = all.find('\f'); at != std::string_view::npos; at = all.find('\f', at + 1)) add(at + 1);
  constexpr std::size_t largest_page = 64 << 10;  // bytes: a broadsheet's has half as many
  if (!page_begins_.empty() || all.size() <= largest_page) return;
  constexpr std::size_t least_blanks = 2;
  for (std::size_t begin = 0, blanks = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    std::string_view line = all.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (is_blank(line)) {
      ++blanks;
    } else {
      if (blanks >= least_blanks) add(begin);
      blanks = 0;
    }
    begin = end + 1;
  }
}

std::vector<TextRange> Document::pages() const {
  const std::string_view all = text();
  std::vector<TextRange> pages{{0, offset(all.size())}};
  auto next = page_begins_.begin();
  for (std::size_t i = 0; i < pieces_.size() && next != page_begins_.end(); ++i) {
    const Piece& piece = pieces_[i];
    for (; next != page_begins_.end() && *next < piece.source_begin + piece.source_length; ++next) {
      ByteOffset at = piece.text_begin;
      if (*next > piece.source_begin && piece.text_unit != 0)
        at += (*next - piece.source_begin) / piece.source_unit * piece.text_unit;
      else if (*next > piece.source_begin)
        at = i + 1 < pieces_.size() ? pieces_[i + 1].text_begin : offset(all.size());
      if (at <= pages.back().begin || at >= all.size() || (all[at - 1] != '\n' && all[at - 1] != '\f')) continue;
      pages.back().end = at;
      pages.push_back({at, offset(all.size())});
    }
  }
  return pages;
}

std::span<const Line> Document::lines() const {
  if (!measured_) measure();
  return lines_;
}

std::size_t Document::characters_read() const {
  if (characters_read_) return *characters_read_;
  const bool is_text = source_is_utf8_ || utf8_first_error(source_) == source_.size();
  return is_text ? valid_utf8_length(source_) : 0;
}

std::optional<ByteOffset> Document::first_bad_byte() const {
  if (is_utf8_) return std::nullopt;
  const std::size_t bad = utf8_first_error(text());
  is_utf8_ = bad == text().size();
  source_is_utf8_ = source_is_utf8_ || (verbatim_ && is_utf8_);
  return is_utf8_ ? std::nullopt : std::optional(offset(bad));
}

void Document::measure() const {
  const std::string_view before = lines_of_ == LinesOf::nothing  ? std::string_view()
                                  : lines_of_ == LinesOf::source ? std::string_view(source_)
                                                                 : std::string_view(spare_);
  const std::vector<Line> lines_before = lines_of_ == LinesOf::nothing ? std::vector<Line>() : std::move(lines_);
  lines_of_ = LinesOf::nothing;
  lines_.clear();
  measured_ = true;
  if (first_bad_byte()) return;
  const std::string_view all = text();
  std::size_t label = 0;
  std::size_t piece = 0;
  std::uint16_t blanks = 0;
  const auto class_at = [&](std::size_t at) { return class_of(valid_utf8_next(all, at).codepoint); };
  // Passes over white space and returns its half-ems.
  const auto pass_space = [&](std::size_t& at) {
    std::uint32_t width = 0;
    while (at < all.size() && class_at(at) == CharClass::space) {
      const auto [codepoint, length] = valid_utf8_next(all, at);
      width += half_ems(codepoint);
      at += length;
    }
    return width;
  };
  constexpr auto bit = [](CharClass c) { return 1u << static_cast<unsigned>(c); };
  const auto add = [&](Line line) {
    line.blanks_before = blanks;
    blanks = 0;
    line.gaps = 0;
    while (piece < pieces_.size() && pieces_[piece].text_begin <= line.ink.begin) ++piece;
    for (; piece < pieces_.size() && pieces_[piece].text_begin < line.ink.end; ++piece)
      line.gaps += pieces_[piece].source_begin > pieces_[piece - 1].source_begin + pieces_[piece - 1].source_length;
    while (label < labels_.size() && labels_[label].range.end <= line.ink.begin) ++label;
    line.kind = label < labels_.size() && labels_[label].range.begin <= line.ink.begin ? labels_[label].kind
                                                                                       : BlockKind::unknown;
    lines_.push_back(line);
  };
  // Lines of the text before that are in this one are not measured again. Few go or come at one place.
  std::size_t known = 0;
  const auto find_known = [&](std::size_t begin) -> const Line* {
    constexpr std::size_t ahead = 4;
    for (std::size_t i = known > 0 ? known - 1 : 0; i < std::min(known + ahead, lines_before.size()); ++i) {
      const TextRange range = lines_before[i].range;
      const std::size_t end = begin + range.size();
      if (end > all.size() || (end < all.size() && all[end] != '\n') ||
          std::memcmp(all.data() + begin, before.data() + range.begin, range.size()) != 0)
        continue;
      known = i + 1;
      return &lines_before[i];
    }
    ++known;
    return nullptr;
  };
  for (std::size_t begin = 0; begin < all.size();) {
    if (all[begin] == '\n') {
      if (blanks < 0xFFFF) ++blanks;
      ++begin;
      continue;
    }
    if (const Line* const line_before = find_known(begin)) {
      Line line = *line_before;
      const ByteOffset moved = offset(begin) - line.range.begin;  // round the circle where it moved up
      line.range = {line.range.begin + moved, line.range.end + moved};
      line.ink = {line.ink.begin + moved, line.ink.end + moved};
      add(line);
      begin = line.range.end + std::size_t{1};
      continue;
    }
    std::size_t at = begin;
    const std::uint32_t indent = pass_space(at);
    const std::size_t ink_begin = at;
    std::size_t ink_end = at;
    std::uint32_t width = 0, classes = 0;
    std::uint64_t characters = 0;
    while (at < all.size()) {
      if (is_common_han(all, at)) {
        do {
          width += 2;
          characters |= Line::bit_of(static_cast<unsigned char>(all[at + 2]));
          at += 3;
        } while (at < all.size() && is_common_han(all, at));
        classes |= bit(CharClass::han);
        ink_end = at;
        continue;
      }
      const auto [codepoint, length] = valid_utf8_next(all, at);
      const CharClass c = class_of(codepoint);
      if (c != CharClass::space && c != CharClass::newline) {
        width += half_ems(codepoint);
        classes |= bit(c);
        characters |= Line::bit_of(codepoint);
        ink_end = at += length;
        continue;
      }
      const std::size_t gap_begin = at;
      const std::uint32_t gap = pass_space(at);
      if (at == all.size() || all[at] == '\n') break;
      width += gap;
      classes |= bit(CharClass::space);
      for (std::size_t k = gap_begin; k < at; k += valid_utf8_next(all, k).length)
        characters |= Line::bit_of(valid_utf8_next(all, k).codepoint);
    }
    const std::size_t end = at;
    if (ink_begin == end) {
      if (blanks < 0xFFFF) ++blanks;
    } else {
      Line line;
      line.range = {offset(begin), offset(end)};
      line.ink = {offset(ink_begin), offset(ink_end)};
      line.indent = indent;
      line.width = width;
      line.classes = static_cast<std::uint16_t>(classes);
      line.characters = characters;
      add(line);
    }
    begin = end + 1;
  }
}

std::vector<Block> Document::blocks() const {
  std::vector<Block> blocks;
  for (const Line& line : lines()) {
    const bool labelled = line.kind != BlockKind::unknown;
    if (blocks.empty() || line.blanks_before > 0 || labelled || blocks.back().kind != BlockKind::unknown)
      blocks.push_back({line.ink, line.kind, blocks.empty() || line.blanks_before > 0});
    else
      blocks.back().range.end = line.ink.end;
  }
  return blocks;
}

std::vector<SourceRange> Document::sources_of(TextRange range) const {
  std::vector<SourceRange> ranges;
  if (range.empty() || pieces_.empty()) return ranges;
  auto piece = pieces_.begin() + static_cast<std::ptrdiff_t>(piece_at(range.begin));
  const auto text_size = offset(text().size());
  for (ByteOffset at = range.begin; at < range.end && piece != pieces_.end(); ++piece) {
    const auto next = std::next(piece);
    const ByteOffset end = std::min(range.end, next == pieces_.end() ? text_size : next->text_begin);
    const SourceRange part = source_of_part(*piece, at - piece->text_begin, end - at);
    at = end;
    if (part.empty()) continue;
    if (!ranges.empty() && ranges.back().end == part.begin)
      ranges.back().end = part.end;
    else if (ranges.empty() || !(ranges.back() == part))
      ranges.push_back(part);
  }
  return ranges;
}

std::size_t Document::piece_at(ByteOffset at) const {
  const auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), at,
                                      [](ByteOffset place, const Piece& p) { return place < p.text_begin; });
  return piece == pieces_.begin() ? 0 : static_cast<std::size_t>(piece - pieces_.begin()) - 1;
}

SourceRange Document::hull_of(TextRange range, std::size_t& cursor) const {
  if (pieces_.empty()) return {};
  while (cursor + 1 < pieces_.size() && pieces_[cursor + 1].text_begin <= range.begin) ++cursor;
  SourceRange hull;
  ByteOffset at = range.begin;
  for (std::size_t i = cursor; at < range.end && i < pieces_.size(); ++i) {
    const ByteOffset end = std::min(range.end, i + 1 < pieces_.size() ? pieces_[i + 1].text_begin : range.end);
    const SourceRange part = source_of_part(pieces_[i], at - pieces_[i].text_begin, end - at);
    at = end;
    if (part.empty()) continue;
    hull = hull.empty() ? part : SourceRange{std::min(hull.begin, part.begin), std::max(hull.end, part.end)};
  }
  if (!hull.empty()) return hull;
  // An insertion, or an empty range: the place in the source that the text before it came from.
  const SourceRange place = source_of_part(pieces_[cursor], range.begin - pieces_[cursor].text_begin, 0);
  return {place.begin, place.begin};
}

SourceRange Document::source_of(TextRange range) const {
  std::size_t cursor = piece_at(range.begin);
  return hull_of(range, cursor);
}

std::optional<Document::Places> Document::places_of(SourceRange source) const {
  std::optional<Places> places;
  SourceRange found;
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    const ByteOffset first = std::max(piece.source_begin, source.begin);
    const ByteOffset last = std::min(piece.source_begin + piece.source_length, source.end);
    if (first >= last) continue;
    const ByteOffset text_end = i + 1 < pieces_.size() ? pieces_[i + 1].text_begin : offset(text().size());
    ByteOffset begin = piece.text_begin, end = text_end;
    if (piece.text_unit != 0) {  // character by character
      begin += (first - piece.source_begin) / piece.source_unit * piece.text_unit;
      end =
          piece.text_begin + (last - piece.source_begin + piece.source_unit - 1u) / piece.source_unit * piece.text_unit;
      // Verbatim runs count in bytes: whole characters only.
      begin = static_cast<ByteOffset>(valid_utf8_floor(text(), begin));
      end = static_cast<ByteOffset>(valid_utf8_ceiling(text(), end));
    }
    if (!places) {
      places = {begin, end};
      found = {first, last};
      continue;
    }
    if (first < found.begin) {
      places->begin = begin;
      found.begin = first;
    }
    if (last > found.end) {
      places->end = end;
      found.end = last;
    }
  }
  return places;
}

std::uint32_t Document::source_line(ByteOffset at) const {
  if (source_newlines_.empty()) {
    for (std::size_t i = 0; i < source_.size(); ++i)
      if (source_[i] == '\n' || (source_[i] == '\r' && (i + 1 == source_.size() || source_[i + 1] != '\n')))
        source_newlines_.push_back(offset(i));
    source_newlines_.push_back(std::numeric_limits<ByteOffset>::max());
  }
  return 1 + static_cast<std::uint32_t>(std::lower_bound(source_newlines_.begin(), source_newlines_.end(), at) -
                                        source_newlines_.begin());
}

void Document::count(const StageInfo& stage, RuleIndex rule, std::uint64_t edits, std::uint64_t characters) {
  const std::string_view id = stage.rules[rule].id;
  for (RuleCount& count : counts_)
    if (count.rule.data() == id.data()) {
      count.edits += edits;
      count.characters += characters;
      return;
    }
  if (edits != 0) counts_.push_back({stage.name, id, edits, characters});
}

AppliedStep Document::account_of(const Proposal& proposal, const StageInfo& stage) const {
  AppliedStep step{&stage, offset(text().size()), 0, {}, {}, proposal.order_rule_, proposal.order_confidence_, {}};
  step.edits.reserve(proposal.edits_.size());
  std::size_t cursor = 0;
  const auto add = [&](const Edit& edit, TextRange range, std::string_view after) {
    step.edits.push_back({range, hull_of(range, cursor), offset(step.texts.size()), offset(after.size()), edit.rule,
                          edit.confidence, edit.from_unit != 0 || edit.in_step});
    step.texts += range.of(text());
    step.texts += after;
  };
  for (const Edit& edit : proposal.edits_) {
    const std::string_view after = proposal.text_of(edit);
    if (!edit.in_step) {
      add(edit, edit.range, after);
      continue;
    }
    for_each_difference(edit.range.of(text()), after, [&](std::size_t begin, std::size_t end) {
      const ByteOffset from = edit.range.begin;
      add(edit, {from + offset(begin), from + offset(end)}, after.substr(begin, end - begin));
    });
  }
  for (const TextRange& part : proposal.order_) {
    // Neighbours that stayed neighbours moved together.
    if (!step.order.empty() && step.order.back().range.end == part.begin)
      step.order.back().range.end = part.end;
    else
      step.order.push_back({part, {}});
  }
  for (AppliedMove& move : step.order) move.source = source_of(move.range);
  return step;
}

expected<void, Error> Document::apply(Proposal& proposal, const StageInfo& stage) {
  const std::string_view old = text();
  const auto old_size = offset(old.size());
  const bool lines_known = measured_;
  if (proposal.refusal_) {
    const auto at = static_cast<ByteOffset>(proposal.refusal_->byte_offset);
    return unexpected(Error{proposal.refusal_->message, source_of({at, at}).begin});
  }
  proposal.sort_edits();

  // Check everything first: a refused proposal changes nothing.
  const auto refuse = [&](ByteOffset at, std::string_view rule, std::string_view what) {
    return unexpected(Error{fmt::format("stage {} ({}) {}; the document was kept as it was. This "
                                        "is a fault of the stage, please report it",
                                        stage.name, rule, what),
                            source_of({at, at}).begin});
  };
  const auto rule_of = [&](RuleIndex rule) -> const RuleInfo* {
    return rule < stage.rules.size() ? &stage.rules[rule] : nullptr;
  };
  // Bytes that are not UTF-8 have no characters to cut.
  const auto inside_character = [&](ByteOffset at) { return !stage.decodes && valid_utf8_inside(old, at); };
  const bool all_utf8 = utf8_first_error(proposal.text_) == proposal.text_.size();
  const auto leaves_text = [&](TextRange range) { return range.end < range.begin || range.end > old_size; };
  for (const Proposal::Note& note : proposal.notes_)
    if (rule_of(note.rule) == nullptr || leaves_text(note.range))
      return refuse(0, "?", "left a note by a rule it does not list, or beside the text");
  for (const Label& label : proposal.labels_)
    if (rule_of(label.rule) == nullptr || leaves_text(label.range))
      return refuse(0, "?", "put a label by a rule it does not list, or beside the text");
  for (const Proposal::JumpNote& jump : proposal.jumps_)
    if (leaves_text(jump.where) || leaves_text(jump.beside)) return refuse(0, "?", "saw a jump line beside the text");
  for (const Proposal::FolioNote& folio : proposal.folios_)
    if (leaves_text(folio.where)) return refuse(0, "?", "saw a page's number beside the text");
  ByteOffset last_end = 0;
  std::vector<Differences> in_step;  // of each edit that is
  // All of the text anew, which takes no copy.
  bool is_whole = proposal.order_.empty() && !proposal.edits_.empty();
  ByteOffset written = 0;
  for (const Edit& edit : proposal.edits_) {
    is_whole = is_whole && edit.range.begin == last_end && edit.text_begin == written;
    written = edit.text_end;
    const RuleInfo* rule = rule_of(edit.rule);
    if (rule == nullptr) return refuse(0, "?", "named a rule it does not list");
    if (edit.range.begin < last_end || leaves_text(edit.range))
      return refuse(last_end, rule->id, "proposed edits that overlap or leave the text");
    if (inside_character(edit.range.begin) || inside_character(edit.range.end))
      return refuse(edit.range.begin, rule->id, "would cut a character");
    last_end = edit.range.end;
    if (!all_utf8 || (edit.text_begin < edit.text_end && valid_utf8_inside(proposal.text_, edit.text_begin)))
      return refuse(edit.range.begin, rule->id, "would put bytes that are not UTF-8");
    if (rule->effect == Effect::space) {
      if (!is_blank(edit.range.of(old)) || !is_blank(proposal.text_of(edit)))
        return refuse(edit.range.begin, rule->id, "would change characters beside white space");
    } else if (rule->effect == Effect::drop) {
      if (!is_blank(proposal.text_of(edit)))
        return refuse(edit.range.begin, rule->id, "would put characters where it may only drop");
    } else if (rule->effect != Effect::character) {
      return refuse(edit.range.begin, rule->id, "would change text by a rule that may not");
    }
    if (edit.in_step) {
      const auto differences = differences_in_step(edit.range.of(old), proposal.text_of(edit));
      if (!differences) return refuse(edit.range.begin, rule->id, "would rewrite characters by longer or shorter ones");
      in_step.push_back(*differences);
    }
  }
  is_whole = is_whole && last_end == old_size && written == proposal.text_.size();
  if (!proposal.order_.empty()) {
    const RuleInfo* rule = rule_of(proposal.order_rule_);
    if (rule == nullptr || rule->effect != Effect::move)
      return refuse(0, "?", "would move text by a rule that may not");
    // Empty ranges move nothing, but would repeat what is put at their place.
    std::erase_if(proposal.order_, [](TextRange part) { return part.empty(); });
    std::vector<TextRange> sorted(proposal.order_);
    std::sort(sorted.begin(), sorted.end(), [](TextRange a, TextRange b) { return a.begin < b.begin; });
    ByteOffset at = 0;
    for (const TextRange& part : sorted) {
      if (part.begin != at || leaves_text(part)) return refuse(at, rule->id, "would lose or repeat text in a move");
      if (inside_character(part.end)) return refuse(part.end, rule->id, "would cut a character in a move");
      at = part.end;
    }
    if (at != old_size) return refuse(at, rule->id, "would lose text in a move");
    // An edit across the border of two moved ranges has no place to go.
    std::size_t part = 0;
    for (const Edit& edit : proposal.edits_) {
      while (part < sorted.size() && sorted[part].end < edit.range.end) ++part;
      if (part < sorted.size() && edit.range.begin < sorted[part].begin)
        return refuse(edit.range.begin, rule->id, "proposed an edit across a moved border");
    }
  }

  if (!proposal.encoding_.empty()) encoding_ = proposal.encoding_;
  for (const Proposal::Note& note : proposal.notes_)
    diagnostics_.push_back({note.severity, stage.name, stage.rules[note.rule].id, source_of(note.range), note.message});
  for (Proposal::JumpNote& jump : proposal.jumps_)
    jumps_.push_back(
        {jump.way, std::move(jump.page), std::move(jump.title), source_of(jump.where), source_of(jump.beside)});
  for (Proposal::FolioNote& folio : proposal.folios_)
    folios_.push_back({std::move(folio.page), source_of(folio.where)});
  const auto by_place = [](const auto& a, const auto& b) { return a.where.begin < b.where.begin; };
  if (!proposal.jumps_.empty()) std::stable_sort(jumps_.begin(), jumps_.end(), by_place);
  if (!proposal.folios_.empty()) std::stable_sort(folios_.begin(), folios_.end(), by_place);
  auto differences = in_step.begin();
  for (const Edit& edit : proposal.edits_) {
    if (edit.in_step) {
      count(stage, edit.rule, differences->runs, differences->characters);
      ++differences;
      continue;
    }
    const std::string_view before = edit.range.of(old);
    count(stage, edit.rule, 1, edit.from_unit != 0 ? edit.range.size() / edit.from_unit : valid_utf8_length(before));
  }
  if (!proposal.order_.empty()) {
    ByteOffset at = 0;
    for (const TextRange& part : proposal.order_) {
      if (part.begin != at) count(stage, proposal.order_rule_, 1, 0);
      at = part.end;
    }
  }

  if (account_ == Account::edits && proposal.changes_text()) steps_.push_back(account_of(proposal, stage));

  // Labels that the proposal replaces; the new ones are still in old coordinates.
  if (!proposal.labels_.empty()) {
    std::vector<Label> labels = proposal.labels_;
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.range.begin < b.range.begin; });
    std::size_t next = 0;
    for (const Label& label : labels_) {
      while (next < labels.size() && labels[next].range.end <= label.range.begin) ++next;
      if (next == labels.size() || labels[next].range.begin >= label.range.end) labels.push_back(label);
    }
    std::stable_sort(labels.begin(), labels.end(),
                     [](const Label& a, const Label& b) { return a.range.begin < b.range.begin; });
    labels_ = std::move(labels);
    measured_ = false;
  }
  if (!proposal.changes_text()) return {};

  spare_.clear();
  if (!is_whole) spare_.reserve(old.size() + proposal.text_.size());
  ByteOffset size = 0;  // of the new text
  const auto append = [&](std::string_view part) {
    if (!is_whole) spare_ += part;
    size += offset(part.size());
  };
  std::vector<Piece> pieces;
  pieces.reserve(pieces_.size() + proposal.edits_.size());
  PieceWriter writer(pieces);
  std::vector<Kept> kept;
  const bool want_kept = !labels_.empty();
  std::size_t cursor = 0;

  const auto keep = [&](ByteOffset from, ByteOffset to) {
    if (from == to) return;
    writer.copy(pieces_, cursor, old_size, from, to - from, size);
    if (want_kept) kept.push_back({from, size, to - from});
    append(old.substr(from, to - from));
  };
  const auto put = [&](const Edit& edit) {
    const std::string_view replacement = proposal.text_of(edit);
    const ByteOffset text_begin = size;
    if (want_kept && !replacement.empty() && !edit.range.empty())
      kept.push_back({edit.range.begin, text_begin, edit.range.size()});
    append(replacement);
    if (replacement.empty()) return;
    if (edit.in_step) return writer.copy(pieces_, cursor, old_size, edit.range.begin, edit.range.size(), text_begin);
    while (cursor + 1 < pieces_.size() && pieces_[cursor + 1].text_begin <= edit.range.begin) ++cursor;
    if (edit.from_unit != 0) {
      // Character by character: as many runs as the old pieces make of it.
      std::size_t piece_index = cursor;
      ByteOffset from = edit.range.begin;
      ByteOffset to = text_begin;
      while (from < edit.range.end) {
        const Piece& piece = pieces_[piece_index];
        const ByteOffset piece_end = piece_index + 1 < pieces_.size() ? pieces_[piece_index + 1].text_begin : old_size;
        const ByteOffset part = std::min(edit.range.end, piece_end) - from;
        const SourceRange source = source_of_part(piece, from - piece.text_begin, part);
        const bool aligned = part % edit.from_unit == 0 && (from - edit.range.begin) % edit.from_unit == 0 &&
                             (piece.text_unit == 1 || piece.text_unit == edit.from_unit);
        if (!aligned) {  // rare: a character that straddles two pieces; keep the hull
          const SourceRange rest = source_of({from, edit.range.end});
          writer.add({to, rest.begin, rest.size(), 0, 0});
          break;
        }
        // Characters that stay as long as they were stand where they stood.
        const bool as_long = edit.from_unit == edit.to_unit;
        const auto source_unit = static_cast<std::uint8_t>(
            piece.text_unit == 1 && !as_long ? piece.source_unit * edit.from_unit : piece.source_unit);
        writer.add({to, source.begin, source.size(), as_long ? piece.text_unit : edit.to_unit, source_unit});
        to += part / edit.from_unit * edit.to_unit;
        from += part;
        if (from == piece_end) ++piece_index;
      }
    } else {
      std::size_t at_edit = std::min(cursor, pieces_.size() - 1);  // it may be past the last
      const SourceRange source = hull_of(edit.range, at_edit);
      writer.add({text_begin, source.begin, source.size(), 0, 0});
    }
  };

  for_each_segment(
      std::span<const TextRange>(proposal.order_), std::span<const Edit>(proposal.edits_), old_size,
      [&](TextRange part) {
        if (cursor >= pieces_.size() || part.begin < pieces_[cursor].text_begin) cursor = piece_at(part.begin);
      },
      keep, put);
  if (is_whole) spare_.swap(proposal.text_);
  if (account_ == Account::edits) steps_.back().size_after = size;

  if (want_kept) {
    if (!proposal.order_.empty())
      std::sort(kept.begin(), kept.end(), [](const Kept& a, const Kept& b) { return a.from < b.from; });
    std::vector<Label> labels;
    labels.reserve(labels_.size());
    for (const Label& label : labels_) {
      auto first = std::upper_bound(kept.begin(), kept.end(), label.range.begin,
                                    [](ByteOffset at, const Kept& k) { return at < k.from + k.length; });
      if (first == kept.end() || first->from >= label.range.end) continue;
      // The label follows the first run that stayed, as far as text continues from there.
      const ByteOffset begin = first->to + (std::max(label.range.begin, first->from) - first->from);
      ByteOffset end = begin;
      for (auto k = first; k != kept.end() && k->from < label.range.end; ++k) {
        if (k != first && k->to < end) break;
        end = k->to + (std::min(label.range.end, k->from + k->length) - k->from);
      }
      Label moved = label;
      moved.range = {begin, std::min(end, size)};
      labels.push_back(moved);
    }
    std::sort(labels.begin(), labels.end(),
              [](const Label& a, const Label& b) { return a.range.begin < b.range.begin; });
    labels_ = std::move(labels);
  }

  std::swap(text_, spare_);
  lines_of_ = !lines_known ? LinesOf::nothing : verbatim_ ? LinesOf::source : LinesOf::spare;
  verbatim_ = false;
  is_utf8_ = !stage.decodes;
  pieces_ = std::move(pieces);
  measured_ = false;
  assert(!validate());
  return {};
}

std::optional<std::string> Document::validate() const {
  const std::string_view all = text();
  if (!verbatim_) {
    if (const std::size_t bad = utf8_first_error(all); bad != all.size())
      return fmt::format("the text is not UTF-8 at byte {}", bad);
    ByteOffset at = 0;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const Piece& piece = pieces_[i];
      if (i == 0 ? piece.text_begin != 0 : piece.text_begin <= at)
        return fmt::format("piece {} does not follow the one before", i);
      at = piece.text_begin;
      if (at >= all.size()) return fmt::format("piece {} begins after the text", i);
      if (piece.source_begin + std::uint64_t{piece.source_length} > source_.size())
        return fmt::format("piece {} leaves the source", i);
      const ByteOffset end = i + 1 < pieces_.size() ? pieces_[i + 1].text_begin : offset(all.size());
      if (piece.text_unit != 0 && (end - at) / piece.text_unit * piece.source_unit != piece.source_length)
        return fmt::format("piece {} has units that do not fit its lengths", i);
    }
    if (pieces_.empty() != all.empty()) return "the pieces do not cover the text";
  }
  ByteOffset at = 0;
  for (const Label& label : labels_) {
    if (label.range.begin < at || label.range.end > all.size()) return "labels overlap";
    at = label.range.begin;
  }
  return std::nullopt;
}

}  // namespace inkwash
