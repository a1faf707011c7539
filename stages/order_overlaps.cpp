#include "stages/order_overlaps.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "stages/ends.h"
#include "stages/settings.h"

namespace inkwash::stages::ordering {
namespace {

/// The characters of fragments that are no white space, one after another.
class Characters {
 public:
  Characters(std::string_view text, std::span<const Fragment> fragments)
      : text_(text), fragments_(fragments), codepoints_(std::make_unique_for_overwrite<Codepoint[]>(text.size())) {
    begins.reserve(fragments.size());
    ends.reserve(fragments.size());
    for (const Fragment& fragment : fragments) {
      begins.push_back(size_);
      std::size_t size = size_;
      for (std::size_t at = fragment.ink.begin; at < fragment.ink.end;) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        at += length;
        codepoints_[size] = codepoint;
        // Nearly all are ideographs.
        size += (codepoint >= 0x4000 && codepoint < 0xA000) || !is_white(codepoint);
      }
      size_ = size;
      ends.push_back(size_);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  Codepoint operator[](std::size_t i) const noexcept { return codepoints_[i]; }
  /// Where the character stands in the text.
  [[nodiscard]] ByteOffset place_of(std::size_t i) const {
    const auto f = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), i) - ends.begin());
    ByteOffset at = fragments_[f].ink.begin;
    for (std::size_t left = i - begins[f];;) {
      const auto [codepoint, length] = valid_utf8_next(text_, at);
      if (!is_white(codepoint) && left-- == 0) return at;
      at += static_cast<ByteOffset>(length);
    }
  }

  std::vector<std::size_t> begins, ends;  ///< of each fragment

 private:
  static bool is_white(Codepoint codepoint) {
    const CharClass c = class_of(codepoint);
    return c == CharClass::space || c == CharClass::newline;
  }

  std::string_view text_;
  std::span<const Fragment> fragments_;
  std::unique_ptr<Codepoint[]> codepoints_;
  std::size_t size_ = 0;
};

}  // namespace

Overlaps::Overlaps(Settings& s)
    : most_(s.count("overlap.most")),
      least_(s.count("overlap.least")),
      least_in_lines_(s.count("overlap.least_in_lines")) {}

std::vector<Link> Overlaps::find(std::string_view text, std::span<const Fragment> fragments, bool in_lines) const {
  const std::size_t least = in_lines ? least_in_lines_ : least_;
  const Characters all(text, fragments);
  const std::vector<std::size_t>&begins = all.begins, &ends = all.ends;
  // Where the first characters of a fragment stand elsewhere too.
  constexpr std::size_t probe = 4;
  const auto key = [&](std::size_t at) {
    std::uint64_t h = 0;
    for (std::size_t i = 0; i < probe; ++i) h = (h ^ all[at + i]) * 0x9E3779B97F4A7C15u;
    return h;
  };
  // Where many fragments begin alike, their beginnings say nothing.
  constexpr std::size_t most_alike = 8;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> starts;
  for (std::uint32_t f = 0; f < fragments.size(); ++f) {
    if (begins[f] + probe > all.size()) continue;
    std::vector<std::uint32_t>& alike = starts[key(begins[f])];
    if (alike.size() <= most_alike) alike.push_back(f);
  }
  // Most places are told by two characters alone, most others by four.
  Pairs may_begin, may_start;
  for (const auto& [four, alike] : starts) may_start.set(four >> 48);
  for (std::uint32_t f = 0; f < fragments.size(); ++f)
    if (begins[f] + 1 < all.size()) may_begin.set(pair_of(all[begins[f]], all[begins[f] + 1]));
  std::vector<Link> links;
  std::vector<std::size_t> lengths;
  for (std::size_t at = 0; at + probe <= all.size(); ++at) {
    if (!may_begin[pair_of(all[at], all[at + 1])]) continue;
    const std::uint64_t four = key(at);
    if (!may_start[four >> 48]) continue;
    const auto found = starts.find(four);
    if (found == starts.end() || found->second.size() > most_alike) continue;
    for (const std::uint32_t next : found->second) {
      const std::size_t start = begins[next];
      if (start == at) continue;
      // What stands before it twice, too, is no seam but text that was scraped twice.
      if (at >= probe && start >= probe && key(at - probe) == key(start - probe)) continue;
      std::size_t length = 0;
      const std::size_t most = std::min(most_, start > at ? start - at : all.size() - at);
      while (length < most && start + length < all.size() && all[at + length] == all[start + length]) ++length;
      // It must end just where a fragment does.
      const auto end = std::lower_bound(ends.begin(), ends.end(), at + length);
      if (length < least || end == ends.end() || *end != at + length) continue;
      const auto before = static_cast<std::uint32_t>(end - ends.begin());
      // One that begins inside a sentence is a seam, also where it ends with a sentence.
      const bool inside = at > begins[before] && length >= least_in_lines_ && class_of(all[at - 1]) == CharClass::han &&
                          class_of(all[at]) == CharClass::han;
      if (before == next || !(inside || is_open(fragments[before].ink.of(text)))) continue;
      // The same line again is no seam: a running head, a caption, a byline, a refrain.
      const bool is_line =
          start + length == ends[next] && length < least_in_lines_ && !has_sentence_marks(fragments[next].ink.of(text));
      // A text may begin with the last words of a headline.
      const bool is_headline_end = at >= begins[before] && length < least_in_lines_ &&
                                   !has_sentence_marks(fragments[before].ink.of(text)) &&
                                   has_sentence_marks(fragments[next].ink.of(text));
      if (is_line || is_headline_end) continue;
      if (at == begins[before] && !has_sentence_marks(fragments[before].ink.of(text))) continue;
      const auto first = static_cast<std::uint32_t>(std::upper_bound(ends.begin(), ends.end(), at) - ends.begin());
      const bool ended = !is_open(fragments[before].ink.of(text)) && start + length < ends[next];
      links.push_back({before,
                       next,
                       {all.place_of(at), fragments[before].ink.end},
                       first,
                       ended ? all.place_of(start + length) : ByteOffset{0}});
      lengths.push_back(length);
    }
  }
  // The longest ones, each side once.
  std::vector<std::size_t> by_length(links.size());
  for (std::size_t i = 0; i < links.size(); ++i) by_length[i] = i;
  std::stable_sort(by_length.begin(), by_length.end(),
                   [&](std::size_t a, std::size_t b) { return lengths[a] > lengths[b]; });
  std::vector<Link> chosen;
  for (const std::size_t i : by_length) {
    const bool taken = std::any_of(chosen.begin(), chosen.end(), [&](const Link& link) {
      const bool inside = links[i].next > link.first && links[i].next <= link.before;
      const bool around = link.next > links[i].first && link.next <= links[i].before;
      // Where a paragraph ends in what goes, nothing can be set.
      const auto ends_in = [](const Link& a, const Link& b) {
        return a.ended > b.twice.begin && a.ended < b.twice.end;
      };
      return (links[i].first <= link.before && link.first <= links[i].before) || link.next == links[i].next || inside ||
             around || ends_in(link, links[i]) || ends_in(links[i], link);
    });
    if (!taken) chosen.push_back(links[i]);
  }
  return chosen;
}

}  // namespace inkwash::stages::ordering
