#include "stages/script_matcher.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>
#include <type_traits>
#include <unordered_map>

namespace inkwash::stages {
namespace {

using Item = ScriptTable::Item;

/// Stands for the second character of an entry that has one only. No entry holds a NUL.
constexpr Codepoint none = 0;

// A slot: the pair's codepoints of 21 bits each, then where its records begin.
constexpr unsigned place_bits = 22, codepoint_bits = 21;
constexpr std::uint64_t codepoint_mask = (1u << codepoint_bits) - 1;
constexpr std::uint64_t pair_of(Codepoint first, Codepoint second) {
  return std::uint64_t(first) << codepoint_bits | second;
}
/// Odd, so that different pairs stay different; their mixture stands in the highest bits.
constexpr std::uint64_t mixed(std::uint64_t pair) { return pair * 0x9E3779B97F4A7C15u; }

// A record: its head, what follows the pair, what it is converted to; at the next multiple of four bytes the next one.
constexpr unsigned tail_bits = 12, kind_bits = 3;
constexpr std::size_t longest_text = (1u << tail_bits) - 1;
constexpr std::uint64_t last_order = (1u << place_bits) - 1;  // of the entries of a pair
/// Behind all dictionaries of a segmentation.
constexpr std::uint8_t rank_of_run = 255;
struct Head {
  std::uint32_t tail : tail_bits, kind : kind_bits, last : 1, to : tail_bits;
};
constexpr std::size_t record_unit = sizeof(Head);
constexpr std::size_t record_size(Head head) {
  return (sizeof(Head) + head.tail + head.to + record_unit - 1) / record_unit * record_unit;
}
Head head_at(const char* record) {
  Head head;
  std::memcpy(&head, record, sizeof head);
  return head;
}
constexpr std::size_t padding = 16;  ///< behind the records, so that eight bytes can always be read

std::uint64_t load64(const char* from) {
  std::uint64_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

constexpr std::uint32_t own_unknown = own_deed | own_starts;  // beyond the BMP

/// The character at the beginning of any bytes; length 0 where there is none.
inline Decoded first_of(std::string_view text) {
  if (text.empty()) return {0, 0};
  if (text[0] >= 0) return {static_cast<Codepoint>(text[0]), 1};
  if (text.size() >= 3 && has_three_bytes(load24(text.data()))) {
    const Codepoint c = of_three_bytes(load24(text.data()));
    return {c, c >= 0x800 && (c & 0xF800) != 0xD800 ? 3u : 0u};
  }
  const AnyDecoded decoded = utf8_next(text, 0);
  return {decoded.codepoint, decoded.valid ? decoded.length : 0};
}

bool same_tail(const char* tail, std::size_t size, const char* text, const char* end) {
  if (size == 0) return true;
  if (static_cast<std::size_t>(end - text) < size) return false;
  if (size <= 8 && end - text >= 8) return (load64(tail) ^ load64(text)) << (64 - 8 * size) == 0;
  return std::memcmp(tail, text, size) == 0;
}

}  // namespace

bool ScriptTable::compile(std::span<const Item> items) {
  // Sorted by the pair, then the rank, then longer ones first.
  struct Place {
    std::uint64_t key;
    std::uint32_t item;
    std::uint64_t pair() const { return key >> place_bits; }
  };
  std::vector<Place> places;
  places.reserve(items.size());
  std::size_t bytes = 0;
  for (const Item& item : items) {
    const Decoded first = first_of(item.from);
    const Codepoint second =
        first.length == item.from.size() ? none : valid_utf8_next(item.from, first.length).codepoint;
    const std::uint64_t order = item.kind == Item::may_cross ? last_order
                                                             : static_cast<std::uint64_t>(item.rank) << tail_bits |
                                                                   (longest_text - item.from.size());
    places.push_back(
        {pair_of(first.codepoint, second) << place_bits | order, static_cast<std::uint32_t>(&item - items.data())});
    bytes += item.from.size() + item.to.size() + sizeof(Head);
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.key < b.key; });
  // A dictionary behind the one with the character's own entry is never asked.
  std::uint64_t alone = 0, last_of_alone = 0;
  std::erase_if(places, [&](const Place& place) {
    const std::uint64_t pair = place.pair() >> codepoint_bits << codepoint_bits | none;
    if (pair == place.pair() && pair != alone && items[place.item].kind == Item::entry) {
      alone = pair;
      last_of_alone = (place.key & last_order) | longest_text;
    }
    return pair == alone && (place.key & last_order) > last_of_alone;
  });
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < places.size(); ++i) pairs += i == 0 || places[i].pair() != places[i - 1].pair();

  const std::size_t slots = std::bit_ceil(pairs + pairs / 2 + 2);
  slot_shift_ = static_cast<unsigned>(65 - std::bit_width(slots));
  std::vector<std::uint64_t> all_slots(slots);
  pairs_ = ScriptBeginnings(pairs);
  std::vector<char> records;
  records.reserve(bytes + padding);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::uint64_t pair = places[i].pair();
    if (i == 0 || places[i - 1].pair() != pair) {
      if (records.size() / record_unit >> place_bits != 0) return false;
      pairs_.insert(static_cast<Codepoint>(pair >> codepoint_bits), static_cast<Codepoint>(pair & codepoint_mask));
      std::size_t slot = mixed(pair) >> slot_shift_;
      while (all_slots[slot] != 0) slot = (slot + 1) & (slots - 1);
      all_slots[slot] = pair << place_bits | records.size() / record_unit;
    }
    const Item& item = items[places[i].item];
    const std::size_t one = first_of(item.from).length;
    const std::string_view tail =
        one == item.from.size() ? std::string_view() : item.from.substr(one + valid_utf8_next(item.from, one).length);
    Head head{};
    head.tail = static_cast<std::uint32_t>(tail.size()) & longest_text;
    head.kind = item.kind & ((1u << kind_bits) - 1);
    head.last = i + 1 == places.size() || places[i + 1].pair() != pair;
    head.to = static_cast<std::uint32_t>(item.to.size()) & longest_text;
    const std::size_t begin = records.size();
    records.resize(begin + record_size(head));
    std::memcpy(records.data() + begin, &head, sizeof head);
    std::copy(tail.begin(), tail.end(), records.begin() + static_cast<std::ptrdiff_t>(begin + sizeof head));
    std::copy(item.to.begin(), item.to.end(),
              records.begin() + static_cast<std::ptrdiff_t>(begin + sizeof head + tail.size()));
  }
  records.resize(records.size() + padding);
  slots_ = ImageArray(std::move(all_slots));
  records_ = ImageArray(std::move(records));
  return true;
}

inline const char* ScriptTable::find(Codepoint first, Codepoint second) const noexcept {
  const std::uint64_t pair = pair_of(first, second);
  if (!pairs_.may_hold(first, second)) return nullptr;
  const std::uint64_t hash = mixed(pair);
  for (std::size_t slot = hash >> slot_shift_; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1))
    if (slots_[slot] >> place_bits == pair)
      return records_.data() + (slots_[slot] & ((1u << place_bits) - 1)) * record_unit;
  return nullptr;
}

inline ScriptTable::Match ScriptTable::longer(std::string_view text, Decoded first) const {
  const Decoded second = first_of(text.substr(first.length));
  if (second.length == 0 || second.codepoint == none) return {};
  const char* record = find(first.codepoint, second.codepoint);
  if (record == nullptr) return {};
  const char* const end = text.data() + text.size();
  const std::uint32_t pair_length = first.length + second.length;
  for (;;) {
    const Head head = head_at(record);
    const auto kind = static_cast<Item::Kind>(head.kind);
    if (kind == Item::may_cross) return {{}, 0, kind};
    const char* const tail = record + sizeof(Head);
    if (same_tail(tail, head.tail, text.data() + pair_length, end))
      return {{tail + head.tail, head.to}, pair_length + head.tail, kind};
    if (head.last) return {};
    record += record_size(head);
  }
}

inline ScriptTable::Match ScriptTable::alone(Decoded first) const {
  const char* const record = find(first.codepoint, none);
  if (record == nullptr) return {};
  const Head head = head_at(record);
  return {{record + sizeof head, head.to}, first.length, static_cast<Item::Kind>(head.kind)};
}

std::size_t ScriptTable::needed(std::string_view text) const {
  const Decoded first = first_of(text);
  if (first.length == 0) return 1;
  const Decoded second = first_of(text.substr(first.length));
  if (second.length == 0) return first.length + 1;
  const char* record = find(first.codepoint, second.codepoint);
  if (record == nullptr) return 0;
  for (std::size_t tail = 0;; record += record_size(head_at(record))) {
    const Head head = head_at(record);
    tail = std::max<std::size_t>(tail, head.tail);
    if (head.last) return first.length + second.length + tail;
  }
}

ScriptTable::Match ScriptTable::match(std::string_view text) const {
  const Decoded first = first_of(text);
  if (first.length == 0) return {};
  const Match found = longer(text, first);
  return found.length != 0 ? found : alone(first);
}

/// Converts a run from a place at which a conversion may cross characters, to the next place at which all
/// conversions have come equally far: no entry of any of them lies across it.
class ScriptMatcher::Cascade {
 public:
  explicit Cascade(const ScriptMatcher& matcher) : matcher_(matcher) {}

  /// Precondition: no entry of the segmentation applies at the beginning of `text`.
  void run(std::string_view text) {
    text_ = text;
    steps_.resize(matcher_.conversions_.size() + 1);
    for (Step& step : steps_) {
      step.out.clear();
      step.read = 0;
      step.ends.clear();
    }
    grow(0);
    do grow(steps_.size() - 1);
    while (!level());
  }

  std::size_t length() const { return length_; }  ///< of text
  const std::string& converted() const { return steps_.back().out; }

 private:
  /// A dictionary's output so far. The first step stands for the run itself.
  struct Step {
    std::string out;
    std::size_t read = 0;                                   ///< bytes of the output of the step before
    std::vector<std::pair<std::size_t, std::size_t>> ends;  ///< of each entry or character: in `out`, and `read`
  };

  /// Lets a step go on by one entry or character. False at the end of the run.
  bool grow(std::size_t index) {
    Step& step = steps_[index];
    if (index == 0) {
      const std::string_view rest = text_.substr(step.out.size());
      const Decoded next = first_of(rest);
      if (next.length == 0 || (!step.out.empty() && matcher_.segment_at(rest, next))) return false;
      step.out += rest.substr(0, next.length);
      return true;
    }
    const ScriptTable& table = matcher_.conversions_[index - 1];
    Step& before = steps_[index - 1];
    std::string_view rest;
    do rest = std::string_view(before.out).substr(step.read);
    while (rest.size() < table.needed(rest) && grow(index - 1));
    if (rest.empty()) return false;
    const ScriptTable::Match found = table.match(rest);
    if (found.length == 0) {
      const std::uint32_t length = first_of(rest).length;
      step.out += rest.substr(0, length);
      step.read += length;
    } else {
      step.out += found.to;
      step.read += found.length;
    }
    step.ends.emplace_back(step.out.size(), step.read);
    return true;
  }

  bool level() {
    length_ = steps_.back().out.size();
    for (std::size_t index = steps_.size() - 1; index > 0; --index) {
      const auto& ends = steps_[index].ends;
      const auto found = std::lower_bound(ends.begin(), ends.end(), std::pair(length_, std::size_t(0)));
      if (found == ends.end() || found->first != length_) return false;
      length_ = found->second;
    }
    return true;
  }

  const ScriptMatcher& matcher_;
  std::string_view text_;
  std::vector<Step> steps_;
  std::size_t length_ = 0;
};

bool ScriptMatcher::segment_at(std::string_view text, Decoded first) const {
  if (units_.longer(text, first).length != 0) return true;
  const ScriptTable::Match alone = units_.alone(first);
  return alone.length != 0 && alone.kind == Item::entry;
}

ScriptMatcher::Unit ScriptMatcher::unit_at(std::string_view text, Decoded first, std::uint32_t own,
                                           Cascade& cascade) const {
  bool crosses = false;
  if ((own & own_starts) != 0) {
    const ScriptTable::Match found = units_.longer(text, first);
    if (found.length != 0) return {found.to, found.length, true, found.kind == Item::of_itself};
    crosses = found.kind == Item::may_cross;
  }
  Unit unit{};
  if (own_length(own) == 0) {
    const ScriptTable::Match alone = units_.alone(first);
    const bool segment = alone.length != 0 && alone.kind == Item::entry;
    unit = {alone.length != 0 ? alone.to : text.substr(0, first.length), first.length, segment, false};
    crosses = !segment && (crosses || alone.kind == Item::unsteady);
  }
  if (!crosses) return unit;
  cascade.run(text);
  return {cascade.converted(), static_cast<std::uint32_t>(cascade.length()), false, false};
}

namespace {

/// A string with room behind its end, to be written through a pointer.
struct Output {
  explicit Output(std::string& string) : to(string), at(to.data() + to.size()), limit(at) {}
  ~Output() { to.resize(size()); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::size_t size() const { return static_cast<std::size_t>(at - to.data()); }
  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(limit - at) >= bytes) return;
    constexpr std::size_t at_once = 1u << 14;
    const std::size_t done = size();
    to.resize(done + std::max(bytes, at_once));
    at = to.data() + done;
    limit = to.data() + to.size();
  }

  std::string& to;
  char* at;  ///< the end
  char* limit;
};

}  // namespace

/// A segment is an entry of the segmentation, or what lies between two of them on a line.
const char* ScriptMatcher::first_segment(const char* known, const char* place, const char* end) const {
  const auto rest = [&](const char* from) { return std::string_view(from, static_cast<std::size_t>(end - from)); };
  const char* at = place;
  for (Codepoint next = first_of(rest(place)).codepoint; at != known;) {
    const char* before = at - 1;
    while (before != known && at - before < 4 && (*before & 0xC0) == 0x80) --before;
    const Decoded character = first_of(rest(before));
    if (character.length != static_cast<std::size_t>(at - before) || !inside_.may_hold(character.codepoint, next))
      break;
    next = character.codepoint;
    at = before;
  }
  while (at < place) {
    const Decoded first = first_of(rest(at));
    const std::uint32_t length = units_.longer(rest(at), first).length;
    at += length != 0 ? length : first.length;
  }
  return at;
}

template <bool by_segment>
void ScriptMatcher::convert(std::string_view text, std::string& to, std::vector<Change>* changes) const {
  const char* in = text.data();
  const char* const end = in + text.size();
  const char* segment = in;  // where the last one that is known begins
  const std::uint32_t* const own_of = own_.data();
  ScriptOpenings openings{own_starts_shift, own_second_shift, units_.pairs().view(), std::nullopt, false};
  if (!by_segment) {
    openings = {own_deed_shift, own_deed_second_shift, deeds_by_two_.view(), std::nullopt, ascii_stays_};
    if (deeds_by_three_) openings.triples = deeds_by_three_->view();
  }
  Cascade cascade(*this);
  Output out(to);
  std::size_t segment_to = out.size();

  const auto end_segment = [&](const char* from, const char* at) {
    if (!by_segment || from == segment) return;
    const auto size = static_cast<std::size_t>(from - segment);
    const std::size_t converted = static_cast<std::size_t>(at - out.to.data()) - segment_to;
    if (size != converted || std::memcmp(segment, out.to.data() + segment_to, size) != 0)
      changes->push_back({static_cast<std::size_t>(segment - text.data()), size, segment_to, converted});
    segment = from;
    segment_to += converted;
  };
  // What stands at `from` and does not become what its characters become by themselves.
  const auto unit_from = [&](const char* from, Decoded first, std::uint32_t own) {
    const std::string_view rest(from, static_cast<std::size_t>(end - from));
    if (by_segment) return unit_at(rest, first, own, cascade);
    if (from < segment) return Unit{};
    if (own_length(own) != 0) {
      if ((own & own_deed) == 0) return Unit{};
      const ScriptTable::Match deed = deeds_.longer(rest, first);
      if (deed.length == 0 && deed.kind != Item::may_cross) return Unit{};
    }
    const Unit unit = unit_at(rest, first, own, cascade);
    if (unit.length == 0 || unit.of_itself) return Unit{};
    segment = first_segment(segment, from, end);
    return segment == from ? unit : Unit{};
  };
  const auto is_in_step = [](std::string_view from, std::string_view after) {
    if (from.size() != after.size()) return false;
    for (std::size_t i = 0; i < from.size(); ++i)
      if (valid_utf8_inside(from, i) != valid_utf8_inside(after, i)) return false;
    return true;
  };
  const auto write = [&](const Unit& unit) {
    if (unit.segment) end_segment(in, out.at);
    if (unit.of_itself) {
      out.make_room(unit.length + 1);
      for (const char* const after = in + unit.length; in != after; in += 3, out.at += 3)
        std::memcpy(out.at, &own_of[of_three_bytes(load24(in))], sizeof *own_of);
    } else {
      if (!by_segment && changes != nullptr && !is_in_step({in, unit.length}, unit.to))
        changes->push_back({static_cast<std::size_t>(in - text.data()), unit.length, out.size(), unit.to.size()});
      out.make_room(unit.to.size());
      std::memcpy(out.at, unit.to.data(), unit.to.size());
      in += unit.length;
      out.at += unit.to.size();
    }
    if (unit.segment) end_segment(in, out.at);
    if (!by_segment) segment = in;
  };

  const BlockConverter convert_blocks = block_converter();
  while (in != end) {
    const auto left = static_cast<std::size_t>(end - in);
    constexpr std::size_t at_once = 1u << 15;
    const std::size_t most = std::min(at_once, left - std::min(left, behind_block));
    out.make_room(std::max(most, block) + behind_block);
    const Block done = convert_blocks(in, most, out.at, own_of, openings);
    in += done.begin;
    out.at += done.begin;
    if (done.size != 0) {
      const char* const block_in = in;
      char* const block_to = out.at;
      bool in_step = true;
      for (std::uint64_t open = done.open; open != 0;) {
        const auto place = static_cast<std::size_t>(std::countr_zero(open));
        const char* const from = block_in + place;
        const Codepoint first = of_three_bytes(load32(from));
        // Overlong ones stay.
        const Unit unit = first < 0x800 ? Unit{{from, 3}, 3, false, false} : unit_from(from, {first, 3}, own_of[first]);
        if (unit.length == 0) {
          open &= open - 1;
          continue;
        }
        const std::size_t after = place + unit.length;
        if (after > done.size || (!unit.of_itself && !is_in_step({from, unit.length}, unit.to))) {
          in = from;
          out.at = block_to + place;
          write(unit);
          in_step = false;
          break;
        }
        std::memcpy(block_to + place, unit.to.data(), unit.to.size());
        if (unit.segment) {
          end_segment(from, block_to + place);
          end_segment(block_in + after, block_to + after);
        }
        if (!by_segment) segment = block_in + after;
        open = after < block ? open >> after << after : 0;
      }
      if (in_step) {
        in += done.size;
        out.at += done.size;
      }
      continue;
    }
    if (done.begin != 0) continue;
    if (!by_segment) {
      const char* const before = in;
      for (const char* const stop = in + std::min(block, left); in != stop && *in >= 0; ++in) {
        const std::uint32_t own = own_of[static_cast<unsigned char>(*in)];
        if (own_length(own) == 0 || (own & own_deed) != 0) break;
        *out.at++ = static_cast<char>(own);
      }
      if (in != before) continue;
    }
    const std::string_view rest(in, left);
    const Decoded first = first_of(rest);
    if (first.length == 0) {
      *out.at++ = *in++;
      continue;
    }
    const bool ends_line = first.codepoint == '\n' || first.codepoint == '\0';
    if (ends_line) end_segment(in, out.at);
    const std::uint32_t own = first.codepoint < 0x10000 ? own_of[first.codepoint] : own_unknown;
    if (const Unit unit = unit_from(in, first, own); unit.length != 0) {
      write(unit);
    } else {
      std::memcpy(out.at, own_length(own) != 0 ? reinterpret_cast<const char*>(&own) : in, first.length);
      in += first.length;
      out.at += first.length;
    }
    if (ends_line) end_segment(in, out.at);
  }
  end_segment(in, out.at);
}

void ScriptMatcher::append(std::string_view text, std::string& to, std::vector<Change>* uneven) const {
  convert<false>(text, to, uneven);
}
void ScriptMatcher::changes(std::string_view text, std::string& to, std::vector<Change>& all) const {
  convert<true>(text, to, &all);
}

namespace {

std::string converted(const ScriptTable& table, std::string_view text) {
  std::string to;
  while (!text.empty()) {
    const ScriptTable::Match found = table.match(text);
    const std::uint32_t length = found.length != 0 ? found.length : first_of(text).length;
    to += found.length != 0 ? found.to : text.substr(0, length);
    text.remove_prefix(length);
  }
  return to;
}

bool is_good(std::string_view text) {
  if (text.empty() || text.size() > longest_text) return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, length] = first_of(text.substr(at));
    if (length == 0 || c == '\n' || c == '\0') return false;
    at += length;
  }
  return true;
}

bool is_good(const ScriptChain& chain) {
  const auto few = [](const ScriptDictionaries& of) { return of.size() < rank_of_run; };
  return few(chain.segmentation) && std::all_of(chain.conversions.begin(), chain.conversions.end(), few) &&
         std::all_of(chain.dictionaries.begin(), chain.dictionaries.end(), [](const ScriptDictionary& one) {
           return std::all_of(one.begin(), one.end(), [](const auto& e) { return is_good(e.from) && is_good(e.to); });
         });
}

void add(const ScriptDictionary& dictionary, std::size_t rank, std::vector<Item>& to) {
  for (const auto& [from, to_text] : dictionary)
    to.push_back({from, to_text, Item::entry, static_cast<std::uint8_t>(rank)});
}

/// Characters of three bytes that become, each by itself, `to`.
bool is_of_itself(std::span<const std::uint32_t> own_of, std::string_view from, std::string_view to) {
  if (from.size() % 3 != 0 || from.size() != to.size()) return false;
  for (std::size_t at = 0; at < from.size(); at += 3) {
    const std::uint32_t word = load24(from.data() + at), own = own_of[of_three_bytes(word)];
    if (!has_three_bytes(word) || own_length(own) != 3 || ((own ^ load24(to.data() + at)) & 0xFFFFFF) != 0)
      return false;
  }
  return true;
}

/// It begins with three characters of three bytes.
bool is_known_by_three(const Item& item) {
  const auto is_three = [&](std::size_t at) { return has_three_bytes(load24(item.from.data() + at)); };
  return item.from.size() >= 9 && is_three(0) && is_three(3) && is_three(6);
}

bool is_one(std::string_view text) { return first_of(text).length == text.size(); }

Codepoint last_of(std::string_view text) { return valid_utf8_previous(text, text.size()).codepoint; }

/// For each character those of the text out of which a chain of conversions may make it, at the beginning of
/// what it makes of them, or at the end.
class Origins {
 public:
  enum class Of { beginnings, ends };
  /// Of characters of the text itself.
  explicit Origins(Of which) : which_(which) {}

  void add(std::span<const Item> conversion) {
    std::unordered_map<Codepoint, std::vector<Codepoint>> after = origins_;
    for (const auto& item : conversion) {
      const Codepoint from = edge_of(item.from), to = edge_of(item.to);
      if (from == to) continue;
      auto& all = after.try_emplace(to, of(to)).first->second;
      for (const Codepoint origin : of(from))
        if (std::find(all.begin(), all.end(), origin) == all.end()) all.push_back(origin);
    }
    origins_ = std::move(after);
  }

  std::vector<Codepoint> of(Codepoint c) const {
    const auto found = origins_.find(c);
    return found == origins_.end() ? std::vector<Codepoint>{c} : found->second;
  }

 private:
  Codepoint edge_of(std::string_view text) const {
    return which_ == Of::beginnings ? first_of(text).codepoint : last_of(text);
  }

  Of which_;
  std::unordered_map<Codepoint, std::vector<Codepoint>> origins_;
};

/// Calls pair(first, second) for each two neighbours.
template <typename Pair>
void for_each_pair(std::string_view valid_text, Pair pair) {
  const Decoded first = first_of(valid_text);
  Codepoint before = first.codepoint;
  for (std::size_t at = first.length; at < valid_text.size();) {
    const auto [codepoint, length] = first_of(valid_text.substr(at));
    pair(before, codepoint);
    before = codepoint;
    at += length;
  }
}

}  // namespace

std::optional<ScriptMatcher> ScriptMatcher::compile(const ScriptChain& chain) {
  if (!is_good(chain)) return std::nullopt;
  const auto& dictionaries = chain.dictionaries;
  const auto& segmentation = chain.segmentation;
  const auto& conversions = chain.conversions;
  ScriptMatcher matcher;
  std::vector<std::vector<Item>> of_runs;  // what of each conversion matters in runs
  for (const ScriptDictionaries& conversion : conversions) {
    auto& items = of_runs.emplace_back();
    for (std::size_t rank = 0; rank < conversion.size(); ++rank) {
      // No entry of the segmentation begins anywhere in a run.
      const bool known = std::find(segmentation.begin(), segmentation.end(), conversion[rank]) != segmentation.end();
      if (of_runs.size() > 1 || !known) add(dictionaries[conversion[rank]], rank, items);
    }
    if (!matcher.conversions_.emplace_back().compile(items)) return std::nullopt;
  }

  // Characters of runs; the segmentation's own entries go before them.
  std::vector<std::pair<Codepoint, std::string_view>> characters;
  for (const auto& conversion : of_runs)
    for (const Item& item : conversion)
      if (is_one(item.from)) characters.emplace_back(first_of(item.from).codepoint, item.from);
  std::sort(characters.begin(), characters.end());
  characters.erase(std::unique(characters.begin(), characters.end()), characters.end());
  std::deque<std::string> texts;  // that `units` point into
  std::vector<Item> units;
  for (const auto& [codepoint, character] : characters) {
    std::string to(character);
    bool steady = true;
    for (const auto& conversion : matcher.conversions_) {
      steady = steady && is_one(to);
      to = converted(conversion, to);
    }
    units.push_back(
        {character, texts.emplace_back(std::move(to)), steady ? Item::of_run : Item::unsteady, rank_of_run});
  }

  ScriptTable whole;  // all of the first conversion
  const auto goes_first = [&](std::size_t dictionary) {
    return !conversions.empty() && !conversions.front().empty() && dictionary == conversions.front().front();
  };
  if (!conversions.empty() && !std::all_of(segmentation.begin(), segmentation.end(), goes_first)) {
    std::vector<Item> items;
    for (std::size_t rank = 0; rank < conversions.front().size(); ++rank)
      add(dictionaries[conversions.front()[rank]], rank, items);
    if (!whole.compile(items)) return std::nullopt;
  }
  for (std::size_t rank = 0; rank < segmentation.size(); ++rank) {
    const bool known = goes_first(segmentation[rank]);  // how the first conversion converts its entries
    for (const auto& [from, to] : dictionaries[segmentation[rank]]) {
      std::string_view after = known ? to : from;
      for (std::size_t i = known ? 1 : 0; i < conversions.size(); ++i)
        after = texts.emplace_back(converted(i == 0 ? whole : matcher.conversions_[i], after));
      units.push_back({from, after, Item::entry, static_cast<std::uint8_t>(rank)});
    }
  }

  std::size_t inside = 0;
  for (const std::size_t dictionary : segmentation)
    for (const ScriptEntry& entry : dictionaries[dictionary]) inside += entry.from.size() / 3;
  matcher.inside_ = ScriptBeginnings(inside);  // pairs recur, which makes up for those of other conversions
  for (const std::size_t dictionary : segmentation)
    for (const ScriptEntry& entry : dictionaries[dictionary])
      for_each_pair(entry.from, [&](Codepoint a, Codepoint b) { matcher.inside_.insert(a, b); });

  // Pairs of characters of the text out of which a conversion may see the beginning of an entry.
  std::vector<std::pair<Codepoint, Codepoint>> pairs;
  Origins origins(Origins::Of::beginnings), ends(Origins::Of::ends);
  for (const auto& conversion : of_runs) {
    for (const Item& item : conversion) {
      if (is_one(item.from)) continue;
      const Decoded first = first_of(item.from), second = first_of(item.from.substr(first.length));
      for (const Codepoint one : origins.of(first.codepoint))
        for (const Codepoint other : origins.of(second.codepoint)) pairs.emplace_back(one, other);
      for_each_pair(item.from, [&](Codepoint a, Codepoint b) {
        for (const Codepoint one : ends.of(a))
          for (const Codepoint other : origins.of(b)) matcher.inside_.insert(one, other);
      });
    }
    if (&conversion == &of_runs.back()) break;
    origins.add(conversion);
    ends.add(conversion);
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  for (const auto& [one, other] : pairs) {
    std::string& pair = texts.emplace_back();
    append_utf8(pair, one);
    append_utf8(pair, other);
    units.push_back({pair, {}, Item::may_cross, 0});
  }

  matcher.own_ = ImageArray(std::vector<std::uint32_t>(0x10000));
  const std::span<std::uint32_t> own_of = matcher.own_.own();
  for (Codepoint c = 0; c < 0x10000; ++c) {
    std::uint32_t& own = own_of[c];
    if (c < 0x80)
      own = c | 1u << own_length_shift;
    else if (c < 0x800)
      own = 0xC0 | c >> 6 | (0x80 | (c & 0x3F)) << 8 | 2u << own_length_shift;
    else
      own = 0xE0 | c >> 12 | (0x80 | (c >> 6 & 0x3F)) << 8 | (0x80 | (c & 0x3F)) << 16 | 3u << own_length_shift;
  }
  for (const Item& unit : units) {
    const Decoded first = first_of(unit.from);
    if (first.codepoint >= 0x10000 || !is_one(unit.from)) continue;
    std::uint32_t& own = own_of[first.codepoint];
    own = 0;
    if (unit.kind == Item::of_run && unit.to.size() == first.length && is_one(unit.to)) {
      std::memcpy(&own, unit.to.data(), first.length);
      own |= first.length << own_length_shift;
    }
  }
  for (std::uint32_t& own : own_of) own |= std::uint32_t(own_length(own) != 3) << own_other_shift;
  const auto mark = [&](std::string_view pair, std::uint32_t as_first, std::uint32_t as_second) {
    const Decoded first = first_of(pair), second = first_of(pair.substr(first.length));
    if (first.codepoint < 0x10000) own_of[first.codepoint] |= as_first;
    if (second.codepoint < 0x10000) own_of[second.codepoint] |= as_second;
  };
  std::vector<Item> deeds;
  for (Item& unit : units) {
    if (unit.kind == Item::entry && is_of_itself(own_of, unit.from, unit.to)) unit.kind = Item::of_itself, unit.to = {};
    if (is_one(unit.from)) continue;
    mark(unit.from, own_starts, own_second);
    if (unit.kind != Item::entry && unit.kind != Item::may_cross) continue;
    deeds.push_back(unit);
    mark(unit.from, own_deed, own_deed_second);
  }
  if (!matcher.deeds_.compile(deeds)) return std::nullopt;
  // Two characters tell enough where there are few.
  constexpr std::size_t few = 2000;
  const auto by_three = deeds.size() > few ? std::count_if(deeds.begin(), deeds.end(), is_known_by_three) : 0;
  matcher.deeds_by_two_ = ScriptBeginnings(deeds.size() - static_cast<std::size_t>(by_three));
  if (by_three != 0) matcher.deeds_by_three_.emplace(static_cast<std::size_t>(by_three));
  matcher.ascii_stays_ = true;
  for (std::uint32_t c = 0; c < 0x80; ++c)
    matcher.ascii_stays_ &= own_length(own_of[c]) == 1 && (own_of[c] & 0xFF) == c && (own_of[c] & own_deed) == 0;
  for (const Item& deed : deeds) {
    const Decoded first = first_of(deed.from), second = first_of(deed.from.substr(first.length));
    if (matcher.deeds_by_three_ && is_known_by_three(deed))
      matcher.deeds_by_three_->insert(first.codepoint, second.codepoint, of_three_bytes(load24(deed.from.data() + 6)));
    else
      matcher.deeds_by_two_.insert(first.codepoint, second.codepoint);
  }
  if (!matcher.units_.compile(units)) return std::nullopt;
  return matcher;
}

template <typename Self, typename Image>
void ScriptMatcher::pass(Self& self, Image& image) {
  ScriptTable::pass(self.units_, image);
  std::size_t conversions = self.conversions_.size();
  image(conversions);
  if constexpr (!std::is_const_v<Self>) self.conversions_.resize(conversions);
  for (auto& conversion : self.conversions_) ScriptTable::pass(conversion, image);
  image(self.own_);
  image(self.ascii_stays_);
  ScriptTable::pass(self.deeds_, image);
  ScriptBeginnings::pass(self.deeds_by_two_, image);
  bool by_three = self.deeds_by_three_.has_value();
  image(by_three);
  if constexpr (!std::is_const_v<Self>)
    if (by_three) self.deeds_by_three_.emplace();
  if (by_three) ScriptBeginnings::pass(*self.deeds_by_three_, image);
  ScriptBeginnings::pass(self.inside_, image);
}

std::string ScriptMatcher::image() const {
  std::string image;
  ImageWriter writer(image);
  pass(*this, writer);
  writer.align();
  return image;
}

ScriptMatcher ScriptMatcher::of_image(std::string_view image) {
  ScriptMatcher matcher;
  ImageReader reader(image);
  pass(matcher, reader);
  return matcher;
}

}  // namespace inkwash::stages
