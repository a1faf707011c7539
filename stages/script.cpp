#include "stages/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "inkwash/unicode.h"
#include "stages/script_converter.h"
#include "stages/script_signs.h"
#include "stages/settings.h"

namespace inkwash::stages {
namespace {

enum : RuleIndex { convert, term };
constexpr RuleInfo rule_list[] = {
    {"script.convert", "convert the script by OpenCC's dictionaries", Effect::character},
    {"script.term", "convert by the user's dictionary", Effect::character},
};
constexpr OptionInfo option_list[] = {
    {"config", "keep", "keep, an OpenCC configuration by name (t2s, s2twp ...) or path (own.json), hans or hant"},
    {"auto", "false", "leave alone what is in the target's script already"},
    {"dictionary", "", "the user's dictionaries (lines of from, tab, to), with ; between files"},
    {"protect", "", "files of terms that are never converted, one a line, with ; between files"},
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
    const bool is_file = configuration.ends_with(".json");
    if (!is_file && std::find(known.begin(), known.end(), configuration) == known.end()) {
      std::string list = "keep, hans, hant";
      for (const std::string& name : known) list += ", " + name;
      settings.error("stage script",
                     fmt::format("there is no configuration '{}'; there are {}; one of your own is named "
                                 "by its path, which ends in .json",
                                 configuration, list));
      return;
    }
    if (is_file && !can_read(settings, configuration)) return;
    auto converter = ScriptConverter::open(is_file ? configuration.substr(0, configuration.size() - 5) : configuration);
    if (!converter) {
      while (converter.error().ends_with('\n')) converter.error().pop_back();
      settings.error(is_file ? configuration : "stage script",
                     fmt::format("OpenCC can't use this configuration: {}", converter.error()));
      return;
    }
    converter_.emplace(std::move(*converter));
    if (only_other_script_) learn_scripts(settings, configuration);
  }

  const StageInfo& info() const noexcept override { return script_info; }
  Scope scope() const noexcept override { return only_other_script_ ? Scope::lines : Scope::line; }

  void propose(const Document& document, Proposal& proposal) const override {
    if (!converter_ && terms_.empty()) return;
    const std::string_view text = document.text();
    const Evidence whole = only_other_script_ ? evidence(text) : Evidence{};
    if (!only_other_script_ && terms_.empty()) return convert_part(text, 0, text.size(), Mode::all, proposal);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      Mode mode = converter_ ? Mode::all : Mode::none;
      if (converter_ && only_other_script_) mode = mode_of(evidence(text.substr(begin, end - begin)), whole);
      std::size_t from = begin;
      for (std::size_t at = begin; at < end && !terms_.empty();) {
        const auto [codepoint, length] = valid_utf8_next(text, at);
        const auto* found = term_at(text.substr(at, end - at), codepoint);
        if (found == nullptr) {
          at += length;
          continue;
        }
        convert_part(text, from, at, mode, proposal);
        if (found->first != found->second)
          proposal.replace({static_cast<ByteOffset>(at), static_cast<ByteOffset>(at + found->first.size())},
                           found->second, term);
        at += found->first.size();
        from = at;
      }
      convert_part(text, from, end, mode, proposal);
      begin = end + 1;
    }
  }

 private:
  /// What of a line is converted.
  enum class Mode : std::uint8_t {
    none,
    all,
    other,  ///< segments with a character that only the other script has
  };

  void convert_part(std::string_view text, std::size_t begin, std::size_t end, Mode mode, Proposal& proposal) const {
    if (mode == Mode::none || begin == end) return;
    std::string& texts = proposal.texts();
    const std::string_view part = text.substr(begin, end - begin);
    if (mode == Mode::all) {
      const std::size_t before = texts.size();
      texts.reserve(before + part.size() + part.size() / 64);
      std::vector<ScriptConverter::Change> uneven;
      converter_->append(part, texts, &uneven);
      if (std::string_view(texts).substr(before) == part) return texts.resize(before);
      return propose_changes(text, begin, end, before, uneven, proposal);
    }
    converter_->for_each_change(part, [&](std::size_t at, std::size_t length, std::string_view converted) {
      if (evidence(part.substr(at, length)).other == 0) return;
      const ScriptConverter::Change change{0, length, texts.size(), converted.size()};
      texts += converted;
      propose_changes(text, begin + at, begin + at + length, change.to_begin, {&change, 1}, proposal);
    });
  }

  /// What was made of [begin, end) of the text stands in the proposal's texts from `written` on to their end. Each
  /// character keeps its place; but for what is `uneven` and has not as many characters, which is replaced as a whole.
  static void propose_changes(std::string_view text, std::size_t begin, std::size_t end, std::size_t written,
                              std::span<const ScriptConverter::Change> uneven, Proposal& proposal) {
    const std::string_view texts = proposal.texts();
    const auto offset = [](std::size_t value) { return static_cast<ByteOffset>(value); };
    std::size_t in_step = begin, in_step_written = written;  // what is, up to the next that is not
    const auto rewrite = [&](std::size_t at, std::size_t at_written) {
      if (at == in_step) return;
      proposal.rewrite({offset(in_step), offset(at)}, {offset(in_step_written), offset(at_written)}, convert);
    };
    const auto replace = [&](std::size_t at, std::size_t size, std::size_t at_written, std::size_t size_written) {
      rewrite(at, at_written);
      in_step = at + size;
      in_step_written = at_written + size_written;
      proposal.replace({offset(at), offset(in_step)}, {offset(at_written), offset(in_step_written)}, convert);
    };
    for (const ScriptConverter::Change& change : uneven) {
      std::size_t at = begin + change.begin, at_written = change.to_begin;
      const std::string_view from = text.substr(at, change.size), to = texts.substr(at_written, change.to_size);
      if (valid_utf8_length(from) != valid_utf8_length(to)) {
        replace(at, from.size(), at_written, to.size());
        continue;
      }
      for (const std::size_t after = at + from.size(); at != after;) {
        const std::size_t size = valid_utf8_next(text, at).length;
        const std::size_t size_written = valid_utf8_next(texts, at_written).length;
        if (size != size_written) replace(at, size, at_written, size_written);
        at += size;
        at_written += size_written;
      }
    }
    rewrite(end, in_step_written + (end - in_step));
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
  /// Many characters are good in both scripts and mean different things (后, 里, 干): a line that is
  /// in the target already is not touched for their sake, and a line without evidence goes with its
  /// document.
  static Mode mode_of(Evidence line, Evidence document) {
    if (line.target == 0 && line.other == 0) line = document;
    if (line.other == 0) return Mode::none;
    return line.other > line.target ? Mode::all : Mode::other;
  }

  Evidence evidence(std::string_view text) const {
    const ScriptSigns::Count signs = signs_->count(text);
    return to_simplified_ ? Evidence{signs.simplified, signs.traditional}
                          : Evidence{signs.traditional, signs.simplified};
  }

  /// OpenCC would look for it where it is installed, and say little.
  static bool can_read(Settings& settings, const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error))
      settings.error(path,
                     "there is no such OpenCC configuration; those that come with OpenCC are named without .json");
    else if (!std::filesystem::is_regular_file(path, error) || !std::ifstream(path))
      settings.error(path, "this OpenCC configuration can't be read");
    else
      return true;
    return false;
  }

  void learn_scripts(Settings& settings, const std::string& configuration) {
    // 说 is Simplified alone, 說 Traditional alone; Japanese has neither.
    const auto changes = [&](std::string_view from, std::string_view to) {
      std::string converted;
      converter_->append(from, converted);
      return converted != from && (to.empty() || converted == to);
    };
    const bool to_simplified = changes("說", "说"), to_traditional = changes("说", {});
    if (!to_simplified && !to_traditional) {
      settings.error("stage script", fmt::format("auto needs a configuration from one script to the other; {} stays "
                                                 "within one",
                                                 configuration));
      return;
    }
    signs_ = ScriptSigns::shared();
    if (signs_ == nullptr) settings.error("stage script", "OpenCC's t2s and s2t are needed to tell the scripts apart");
    to_simplified_ = to_simplified;
  }

  std::optional<ScriptConverter> converter_;
  bool only_other_script_ = false;
  bool to_simplified_ = false;
  Terms terms_;
  const ScriptSigns* signs_ = nullptr;  ///< where it looks first
};

}  // namespace

const StageInfo script_info{"script",   "converts between Simplified and Traditional", rule_list, option_list, 1, false,
                            Scope::line};

expected<std::unique_ptr<const Stage>, ConfigErrors> make_script(const StageOptions& options, const Rules& rules) {
  Settings settings("script", options, rules, "script.toml");
  auto stage = std::make_unique<ScriptStage>(settings);
  if (!settings.ok()) return unexpected(settings.take_errors());
  return stage;
}

}  // namespace inkwash::stages
