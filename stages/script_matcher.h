// What a chain of conversion dictionaries makes of a text, compiled into one matcher.
//
// OpenCC cuts a text into segments (the longest entry of the segmentation's dictionaries at each place; what
// lies between such entries is one segment, a run), then sends each segment through one dictionary after the
// other, each time by the longest entry at each place. Here all that is known before any text is seen is done
// when the dictionaries are read: what becomes of each entry of the segmentation, and of each character of a
// run. What is left is to find entries fast:
//
//     own_     what becomes of a character by itself, by its codepoint; most are done with this one look
//     deeds_   entries that make of their characters what these do not become by themselves: one of five, the others
//     only
//              confirm what they become
//     inside_  pairs of characters: can they stand in one entry? Where not, segments end for sure
//     pairs_   a few bits for each pair of characters: can an entry of a table begin with them?
//     slots_   hashed pairs; each knows its entries, in the order in which they are tried
//
// All characters are converted as if each were by itself, until an entry that does something else may begin. Whether a
// segment begins there is found from the last place before it at which one surely ends, a few characters back.
//
// A later dictionary may have an entry that lies across characters of a run. Places where that is possible are
// known by their pair of characters as well; there the run is converted dictionary by dictionary, up to the first
// place at which all of them have come equally far (see Cascade in the .cpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/unicode.h"
#include "stages/script_blocks.h"

namespace inkwash::stages {

struct ScriptEntry {
  std::string from, to;
  bool operator==(const ScriptEntry&) const = default;
};
using ScriptDictionary = std::vector<ScriptEntry>;
/// Indices of dictionaries. At each place the first one with any entry there is taken, with its longest.
using ScriptDictionaries = std::vector<std::size_t>;
struct ScriptChain {
  std::vector<ScriptDictionary> dictionaries;  ///< each once
  ScriptDictionaries segmentation;
  std::vector<ScriptDictionaries> conversions;
};

/// Dictionaries for the longest entry at a place. Immutable after `compile`.
class ScriptTable {
 public:
  /// One entry, or what is known of a pair of characters without one.
  struct Item {
    enum Kind : std::uint8_t {
      entry,
      of_itself,  ///< an entry that changes nothing but what is known of its characters; `to` is empty
      of_run,     ///< a character that is no segment by itself
      unsteady,   ///< such a one, converted only with what follows it
      may_cross,  ///< no entry: a conversion may have one across the first of these two characters; `to` is empty
    };
    std::string_view from, to;
    Kind kind = entry;
    std::uint8_t rank = 0;  ///< of its dictionary; the first is taken
  };
  struct Match {
    std::string_view to;
    std::uint32_t length = 0;  ///< bytes of text; 0: there is no entry
    Item::Kind kind = Item::entry;
  };

  /// Preconditions: texts are UTF-8 of at most 4 KB, without end of line or NUL, and empty only where said. They are
  /// copied. False where there is too much of them (16 MB).
  [[nodiscard]] bool compile(std::span<const Item> items);

  /// The entry that applies at the beginning of `text`. Any bytes.
  [[nodiscard]] Match match(std::string_view text) const;
  /// The same where the first character is known; `longer` leaves out entries of that character alone. Without an
  /// entry, its kind says may_cross or not.
  [[nodiscard]] Match longer(std::string_view text, Decoded first) const;
  [[nodiscard]] Match alone(Decoded first) const;

  /// Which pairs of characters an entry may begin with.
  [[nodiscard]] const ScriptBeginnings& pairs() const noexcept { return pairs_; }

  /// Writes it to an image, or reads it from one.
  template <typename Self, typename Image>
  static void pass(Self& self, Image& image) {
    image(self.slots_);
    ScriptBeginnings::pass(self.pairs_, image);
    image(self.records_);
    image(self.slot_shift_);
  }

  /// Bytes of text that are enough to know the entry at their beginning, as far as the two characters at the beginning
  /// of `text` tell.
  [[nodiscard]] std::size_t needed(std::string_view text) const;

 private:
  [[nodiscard]] const char* find(Codepoint first, Codepoint second) const noexcept;

  ImageArray<std::uint64_t> slots_;  ///< the pair, then the place of its records in units of four bytes
  ScriptBeginnings pairs_;
  ImageArray<char> records_;
  unsigned slot_shift_ = 63;
};

/// Immutable after `compile`, so safe to use from any thread; movable. Source: OpenCC's maximum match segmentation and
/// conversion chain (Apache-2.0), whose results it gives byte by byte; bytes that are not UTF-8 stay and end a run.
/// Memory: about 0.5 MB and one and a half times the size of the entries. Time: linear in the text, but that entries
/// with the same first two characters are tried in turn.
class ScriptMatcher {
 public:
  /// Empty where a text is empty, not UTF-8, longer than 4 KB, or holds an end of line or a NUL; where there are
  /// more than 16 MB of them, or 254 dictionaries in one step.
  [[nodiscard]] static std::optional<ScriptMatcher> compile(const ScriptChain& chain);

  /// What `compile` made, as bytes, to be put where `image_alignment` says.
  [[nodiscard]] std::string image() const;
  /// Precondition: image() of this build made `image`, which outlives the matcher.
  [[nodiscard]] static ScriptMatcher of_image(std::string_view image);

  /// A part of a text and where what it became stands in what is made of the text.
  struct Change {
    std::size_t begin, size, to_begin, to_size;
  };

  /// Appends the conversion of `text`. Any bytes. Where not each character became one of as many bytes is added to
  /// `uneven`, in order; everything else is in step.
  void append(std::string_view text, std::string& to, std::vector<Change>* uneven = nullptr) const;

  /// Calls change(offset, length, converted) for each segment that changes, in their order: an entry of the
  /// segmentation, or what lies between two of them on a line. Any bytes. `converted` is valid during the call.
  template <typename Visit>
  void for_each_change(std::string_view text, Visit change) const {
    // In whole lines, few enough to stay in a core's own cache.
    constexpr std::size_t at_once = 1u << 15;
    std::string converted;
    std::vector<Change> all;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.size() - 1, text.find('\n', begin + at_once)) + 1;
      converted.clear();
      all.clear();
      changes(text.substr(begin, end - begin), converted, all);
      for (const Change& one : all)
        change(begin + one.begin, one.size, std::string_view(converted).substr(one.to_begin, one.to_size));
      begin = end;
    }
  }

 private:
  class Cascade;
  /// What is converted as a whole.
  struct Unit {
    std::string_view to;
    std::uint32_t length;  ///< bytes of text
    bool segment;          ///< an entry of the segmentation
    bool of_itself;        ///< each character as own_ says; `to` is empty
  };

  ScriptMatcher() = default;
  template <typename Self, typename Image>
  static void pass(Self& self, Image& image);
  /// An entry of the segmentation begins here.
  bool segment_at(std::string_view text, Decoded first) const;
  /// `first` is the character at the beginning of `text`, `own` what own_ says of it. The unit may point into
  /// `cascade`.
  Unit unit_at(std::string_view text, Decoded first, std::uint32_t own, Cascade& cascade) const;
  /// Where the first segment begins, from `place` on. Precondition: the text from `known`, where one begins, to `place`
  /// holds no unit that does what its characters do not become by themselves.
  const char* first_segment(const char* known, const char* place, const char* end) const;
  template <bool by_segment>
  void convert(std::string_view text, std::string& to, std::vector<Change>* changes) const;
  void changes(std::string_view text, std::string& to, std::vector<Change>& all) const;

  ScriptTable units_;                     ///< segments, and characters of runs where `own_` is not enough
  std::vector<ScriptTable> conversions_;  ///< each as far as it matters in runs
  ImageArray<std::uint32_t> own_;        ///< by codepoint of the BMP: the conversion's bytes, then flags (.cpp)
  bool ascii_stays_ = false;              ///< whatever stands beside it
  ScriptTable deeds_;                     ///< of `units_`
  ScriptBeginnings deeds_by_two_;
  std::optional<ScriptBeginnings> deeds_by_three_;  ///< the others of `deeds_`
  ScriptBeginnings inside_;
};

}  // namespace inkwash::stages
