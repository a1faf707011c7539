#include "inkwash/edit.h"

#include <algorithm>

namespace inkwash {

std::string_view name_of(BlockKind kind) noexcept {
  switch (kind) {
    case BlockKind::unknown: return "unknown";
    case BlockKind::kicker: return "kicker";
    case BlockKind::headline: return "headline";
    case BlockKind::subheadline: return "subheadline";
    case BlockKind::byline: return "byline";
    case BlockKind::dateline: return "dateline";
    case BlockKind::body: return "body";
    case BlockKind::caption: return "caption";
    case BlockKind::note: return "note";
    case BlockKind::furniture: return "furniture";
  }
  return "unknown";
}

void Proposal::replace(TextRange range, std::string_view text, RuleIndex rule, std::uint8_t confidence) {
  const auto begin = static_cast<ByteOffset>(text_.size());
  text_ += text;
  edits_.push_back({range, begin, static_cast<ByteOffset>(text_.size()), rule, confidence});
}

void Proposal::transcode(TextRange range, std::string_view text, std::uint8_t from_unit, std::uint8_t to_unit,
                         RuleIndex rule, std::uint8_t confidence) {
  replace(range, text, rule, confidence);
  edits_.back().from_unit = from_unit;
  edits_.back().to_unit = to_unit;
}

void Proposal::arrange(std::vector<TextRange> order, RuleIndex rule, std::uint8_t confidence) {
  order_ = std::move(order);
  order_rule_ = rule;
  order_confidence_ = confidence;
}

void Proposal::note(TextRange range, Severity severity, RuleIndex rule, std::string message) {
  notes_.push_back({range, severity, rule, std::move(message)});
}

void Proposal::clear() noexcept {
  edits_.clear();
  labels_.clear();
  order_.clear();
  notes_.clear();
  jumps_.clear();
  folios_.clear();
  text_.clear();
  refusal_.reset();
  encoding_.clear();
}

void Proposal::add(const Proposal& proposal, TextRange part) {
  const auto moved = [&part](TextRange range) { return TextRange{range.begin + part.begin, range.end + part.begin}; };
  const auto texts_begin = static_cast<ByteOffset>(text_.size());
  text_ += proposal.text_;
  for (Edit edit : proposal.edits_) {
    edit.range = moved(edit.range);
    edit.text_begin += texts_begin;
    edit.text_end += texts_begin;
    edits_.push_back(edit);
  }
  for (Label label : proposal.labels_) {
    label.range = moved(label.range);
    labels_.push_back(label);
  }
  for (const Note& note : proposal.notes_)
    notes_.push_back({moved(note.range), note.severity, note.rule, note.message});
  for (const JumpNote& jump : proposal.jumps_)
    jumps_.push_back({jump.way, jump.page, jump.title, moved(jump.where), moved(jump.beside)});
  for (const FolioNote& folio : proposal.folios_) folios_.push_back({folio.page, moved(folio.where)});
  if (!refusal_ && proposal.refusal_)
    refusal_ = Error{proposal.refusal_->message, proposal.refusal_->byte_offset + part.begin};
  if (encoding_.empty()) encoding_ = proposal.encoding_;
  if (proposal.order_.empty()) {
    if (!order_.empty()) order_.push_back(part);
    return;
  }
  if (order_.empty()) {
    if (part.begin > 0) order_.push_back({0, part.begin});
    order_confidence_ = 100;
  }
  for (const TextRange range : proposal.order_) order_.push_back(moved(range));
  order_rule_ = proposal.order_rule_;
  order_confidence_ = std::min(order_confidence_, proposal.order_confidence_);
}

void Proposal::expect(const Proposal& proposal, double parts) {
  constexpr double more = 1.05;
  const auto room = [&](std::size_t size) {
    return static_cast<std::size_t>(more * parts * static_cast<double>(size));
  };
  text_.reserve(room(proposal.text_.size()));
  edits_.reserve(room(proposal.edits_.size()));
}

void Proposal::sort_edits() {
  // Insertions come before what is replaced at the same place.
  const auto before = [](const Edit& a, const Edit& b) {
    if (a.range.begin != b.range.begin) return a.range.begin < b.range.begin;
    return a.range.empty() && !b.range.empty();
  };
  if (!std::is_sorted(edits_.begin(), edits_.end(), before)) std::stable_sort(edits_.begin(), edits_.end(), before);
}

}  // namespace inkwash
