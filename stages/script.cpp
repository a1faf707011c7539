#include "stages/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <fstream>
#include <opencc/Config.hpp>
#include <opencc/Conversion.hpp>
#include <opencc/ConversionChain.hpp>
#include <opencc/Converter.hpp>
#include <opencc/Dict.hpp>
#include <opencc/DictEntry.hpp>
#include <opencc/Exception.hpp>
#include <opencc/Segmentation.hpp>
#include <opencc/Segments.hpp>
#include <set>
#include <unordered_map>

#include "inkwash/unicode.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { convert, term };
constexpr RuleInfo rule_list[] = {
    {"script.convert", "convert the script by OpenCC's dictionaries", Effect::character},
    {"script.term", "convert by the user's dictionary", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"config", "keep", "keep, an OpenCC configuration (t2s, s2twp ...), hans or hant"},
    {"auto", "false", "leave alone what is in the target's script already"},
    {"dictionary", "", "the user's dictionaries (lines of from, tab, to), with ; between files"},
    {"protect", "", "files of terms that are never converted, one a line, with ; between files"},
};

/// OpenCC's converter with the places of what it changes. Thread-safe after construction: OpenCC's
/// dictionaries are only read.
class ScriptConverter {
 public:
  /// Error: why there is no such configuration.
  static expected<ScriptConverter, std::string> open(const std::string& configuration) {
    ScriptConverter converter;
    try {
      opencc::Config config;
      converter.converter_ = config.NewFromFile(configuration + ".json");
      converter.segmentation_ = converter.converter_->GetSegmentation();
      converter.chain_ = converter.converter_->GetConversionChain();
    } catch (const opencc::Exception& error) {  // no std::exception
      return unexpected(std::string(error.what()));
    } catch (const std::exception& error) {
      return unexpected(std::string(error.what()));
    }
    if (!converter.segmentation_ || !converter.chain_)
      return unexpected(std::string("this version of OpenCC does not offer its segments"));
    return converter;
  }

  /// Calls change(offset, length, converted) for each segment of `text` that changes. No NUL in it.
  template <typename Change>
  void for_each_change(const std::string& text, Change change) const {
    const opencc::SegmentsPtr before = segmentation_->Segment(text);
    const opencc::SegmentsPtr after = chain_->Convert(before);
    // OpenCC 1.1 may cut a segment inside a character of four bytes. The text is right all the same,
    // but only as a whole.
    if (!at_characters(text, *before)) {
      const std::string whole = converter_->Convert(text);
      if (whole != text && utf8_first_error(whole) == whole.size()) change(0, text.size(), whole);
      return;
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < before->Length(); ++i) {
      const std::string_view old = before->At(i);
      const std::string_view converted = after->At(i);
      if (old != converted) change(at, old.size(), converted);
      at += old.size();
    }
  }

  /// No dictionary of the chain lists the character as a form of itself, and it changes.
  [[nodiscard]] bool must_change(const std::string& character) const {
    if (converter_->Convert(character) == character) return false;
    for (const auto& conversion : chain_->GetConversions()) {
      const auto entry = conversion->GetDict()->Match(character);
      if (entry.IsNull()) continue;
      const std::vector<std::string> forms = entry.Get()->Values();
      if (std::find(forms.begin(), forms.end(), character) != forms.end()) return false;
    }
    return true;
  }

 private:
  /// The segments are the text, cut between characters.
  static bool at_characters(std::string_view text, const opencc::Segments& segments) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < segments.Length(); ++i) {
      const std::string_view segment = segments.At(i);
      if (text.substr(at, segment.size()) != segment) return false;
      at += segment.size();
      if (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) return false;
    }
    return at == text.size();
  }

  opencc::ConverterPtr converter_;
  opencc::SegmentationPtr segmentation_;
  opencc::ConversionChainPtr chain_;
};

/// Terms by their first codepoint, longest first.
using Terms = std::unordered_map<Codepoint, std::vector<std::pair<std::string, std::string>>>;

class ScriptStage final : public Stage {
 public:
  explicit ScriptStage(Settings& settings) {
    std::string configuration = settings.option("config", "keep");
    only_other_script_ = settings.option_flag("auto", false);
    for (const std::string_view short_form : {"hans", "hant"})
      if (configuration == short_form) {
        configuration = settings.string(short_form);
        only_other_script_ = true;
      }
    read_terms(settings, "dictionary", true);
    read_terms(settings, "protect", false);
    for (auto& [first, terms] : terms_)
      std::stable_sort(terms.begin(), terms.end(),
                       [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    if (configuration == "keep") return;
    const std::vector<std::string> known = settings.strings("configurations");
    if (std::find(known.begin(), known.end(), configuration) == known.end()) {
      std::string list = "keep, hans, hant";
      for (const std::string& name : known) list += ", " + name;
      settings.error("stage script", fmt::format("there is no configuration '{}'; there are {}", configuration, list));
      return;
    }
    auto converter = ScriptConverter::open(configuration);
    if (!converter) {
      settings.error("stage script", fmt::format("OpenCC can't open '{}': {}", configuration, converter.error()));
      return;
    }
    converter_.emplace(std::move(*converter));
    if (only_other_script_) learn_scripts(settings, configuration);
  }

  const StageInfo& info() const noexcept override { return script_info; }

  void propose(const Document& document, Proposal& proposal) const override {
    if (!converter_ && terms_.empty()) return;
    const std::string_view text = document.text();
    const Evidence whole = only_other_script_ ? evidence(text) : Evidence{};
    std::string piece;
    // A line at a time; NULs end strings for OpenCC, so it never sees one.
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = begin;
      while (end < text.size() && text[end] != '\n' && text[end] != '\0') ++end;
      Mode mode = converter_ ? Mode::all : Mode::none;
      if (converter_ && only_other_script_) mode = mode_of(evidence(text.substr(begin, end - begin)), whole);
      const auto convert_piece = [&](std::size_t from, std::size_t to) {
        if (from == to || mode == Mode::none) return;
        piece.assign(text.substr(from, to - from));
        converter_->for_each_change(piece, [&](std::size_t at, std::size_t length, std::string_view converted) {
          if (mode == Mode::other && evidence(std::string_view(piece).substr(at, length)).other == 0) return;
          propose_change(text, from + at, length, converted, proposal);
        });
      };
      if (terms_.empty()) {
        convert_piece(begin, end);
      } else {
        std::size_t from = begin;
        for (std::size_t at = begin; at < end;) {
          const auto [codepoint, length] = valid_utf8_next(text, at);
          const auto* found = term_at(text.substr(at, end - at), codepoint);
          if (found == nullptr) {
            at += length;
            continue;
          }
          convert_piece(from, at);
          if (found->first != found->second)
            proposal.replace({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + found->first.size())},
                             found->second, term);
          at += found->first.size();
          from = at;
        }
        convert_piece(from, end);
      }
      begin = end + 1;
    }
  }

 private:
  /// A segment's change, character by character where both sides have as many of the same size.
  static void propose_change(std::string_view text, std::size_t at, std::size_t length, std::string_view converted,
                             Proposal& proposal) {
    const TextRange range{static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + length)};
    const std::string_view old = range.of(text);
    if (valid_utf8_length(old) != valid_utf8_length(converted)) {
      proposal.replace(range, converted, convert);
      return;
    }
    if (converted.size() != old.size() || !all_of_three_bytes(old) || !all_of_three_bytes(converted)) {
      for (std::size_t from = 0, to = 0; from < old.size();) {
        const auto before = static_cast<ByteOffset>(valid_utf8_next(old, from).length);
        const auto after = static_cast<ByteOffset>(valid_utf8_next(converted, to).length);
        const auto begin = range.begin + static_cast<ByteOffset>(from);
        if (old.substr(from, before) != converted.substr(to, after))
          proposal.replace({begin, begin + before}, converted.substr(to, after), convert);
        from += before;
        to += after;
      }
      return;
    }
    for (std::size_t i = 0; i < old.size(); i += 3) {
      if (old.substr(i, 3) == converted.substr(i, 3)) continue;
      std::size_t end = i + 3;
      while (end < old.size() && old.substr(end, 3) != converted.substr(end, 3)) end += 3;
      proposal.transcode({range.begin + static_cast<ByteOffset>(i), range.begin + static_cast<ByteOffset>(end)},
                         converted.substr(i, end - i), 3, 3, convert);
      i = end - 3;
    }
  }

  static bool all_of_three_bytes(std::string_view text) {
    if (text.size() % 3 != 0) return false;
    for (std::size_t i = 0; i < text.size(); i += 3)
      if ((static_cast<unsigned char>(text[i]) & 0xF0) != 0xE0) return false;
    return true;
  }

  const std::pair<std::string, std::string>* term_at(std::string_view text, Codepoint first) const {
    const auto found = terms_.find(first);
    if (found == terms_.end()) return nullptr;
    for (const auto& entry : found->second)
      if (text.starts_with(entry.first)) return &entry;
    return nullptr;
  }

  void read_terms(Settings& settings, std::string_view option, bool with_target) {
    const std::string files = settings.option(option, "");
    for (std::size_t begin = 0; begin < files.size();) {
      const std::size_t end = std::min(files.find(';', begin), files.size());
      const std::string path = files.substr(begin, end - begin);
      begin = end + 1;
      if (path.empty()) continue;
      std::ifstream in(path);
      if (!in) settings.error(path, "this dictionary can't be read");
      std::size_t number = 0;
      for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty() || line.front() == '#') continue;
        const std::size_t tab = line.find('\t');
        const std::string from = line.substr(0, tab);
        std::string to = from;
        if (with_target) {
          if (tab == std::string::npos || tab + 1 == line.size()) {
            settings.error(fmt::format("{}:{}", path, number), "a line of a dictionary is: from, tab, to");
            continue;
          }
          to = line.substr(tab + 1);
          to = to.substr(0, to.find(' '));  // OpenCC's format: the first of several
        }
        if (from.empty() || utf8_first_error(line) != line.size()) {
          settings.error(fmt::format("{}:{}", path, number), "not a term in UTF-8");
          continue;
        }
        terms_[valid_utf8_next(from, 0).codepoint].emplace_back(from, to);
      }
    }
  }

  /// Characters that only the target's script has, and those that only the other one has.
  struct Evidence {
    std::size_t target = 0, other = 0;
  };
  /// What of a line is converted.
  enum class Mode : std::uint8_t {
    none,
    all,
    other,  ///< segments with a character that only the other script has
  };

  /// Many characters are good in both scripts and mean different things (后, 里, 干): a line that is
  /// in the target already is not touched for their sake, and a line without evidence goes with its
  /// document.
  static Mode mode_of(Evidence line, Evidence document) {
    if (line.target == 0 && line.other == 0) line = document;
    if (line.other == 0) return Mode::none;
    return line.other > line.target ? Mode::all : Mode::other;
  }

  Evidence evidence(std::string_view text) const {
    Evidence found;
    for (std::size_t at = 0; at < text.size();) {
      const auto [c, length] = valid_utf8_next(text, at);
      at += length;
      if (c < first_han || c >= end_han) continue;
      found.target += only_target_[c - first_han];
      found.other += only_other_[c - first_han];
    }
    return found;
  }

  /// By OpenCC's own dictionaries. A character is of one script only if the conversion out of it
  /// does not list the character among its own forms.
  void learn_scripts(Settings& settings, const std::string& configuration) {
    const bool to_simplified = std::set<std::string_view>{"t2s", "tw2s", "tw2sp", "hk2s"}.contains(configuration);
    const bool to_traditional = std::set<std::string_view>{"s2t", "s2tw", "s2twp", "s2hk"}.contains(configuration);
    if (!to_simplified && !to_traditional) {
      settings.error("stage script", fmt::format("auto needs a configuration from one script to the other; {} stays "
                                                 "within one",
                                                 configuration));
      return;
    }
    const auto simplify = ScriptConverter::open("t2s");
    const auto traditionalise = ScriptConverter::open("s2t");
    if (!simplify || !traditionalise) {
      settings.error("stage script", "OpenCC's t2s and s2t are needed to tell the scripts apart");
      return;
    }
    std::string one;
    for (Codepoint c = first_han; c < end_han; ++c) {
      one.clear();
      append_utf8(one, c);
      only_target_[c - first_han] = (to_simplified ? *traditionalise : *simplify).must_change(one);
      only_other_[c - first_han] = (to_simplified ? *simplify : *traditionalise).must_change(one);
    }
  }

  static constexpr Codepoint first_han = 0x4E00, end_han = 0xA000;

  std::optional<ScriptConverter> converter_;
  bool only_other_script_ = false;
  Terms terms_;
  std::bitset<end_han - first_han> only_target_, only_other_;
};

}  // namespace

const StageInfo script_info{"script", "converts between Simplified and Traditional", rule_list, option_list};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_script(const StageOptions& options, const Rules& rules) {
  Settings settings("script", options, rules, "script.toml");
  auto stage = std::make_unique<ScriptStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
