#include "report.h"

#include <ctemplate/template.h>
#include <fmt/format.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <atomic>
#include <boost/algorithm/string/replace.hpp>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "inkwash/unicode.h"
#include "outputs.h"
#include "visible.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;
using ctemplate::TemplateDictionary;

/// A page shows at most so many bytes of source: browsers give up on more.
constexpr std::size_t most_source = 8u << 20;
/// Files in the index: the worst.
constexpr std::size_t most_files = 5000;

void set(TemplateDictionary& to, const char* name, std::string_view value) {
  to.SetValue(name, ctemplate::TemplateString(value.data(), value.size()));
}

/// The colour of a stage has its name where it is one of ours.
std::string_view colour_of(std::string_view stage) {
  return builtin_stages().find(stage) != nullptr ? stage : std::string_view("other");
}

/// A change in the order of the account.
struct Change {
  const AppliedStep* step;
  const AppliedEdit* edit;
};

/// The source in runs: what became of each byte. Bytes of a kept run are in the paragraph `paragraph`.
class Page {
 public:
  static constexpr std::uint32_t nothing = std::numeric_limits<std::uint32_t>::max();

  explicit Page(const Document& document) : document_(document) {
    collect_changes();
    own_source();
  }

  void fill_rules(TemplateDictionary& page) const {
    for (const auto& [stage, rule] : rules_) {
      TemplateDictionary& to = *page.AddSectionDictionary("RULE");
      set(to, "STAGE_NAME", stage->name);
      set(to, "RULE_TEXT", fmt::format("{}: {}", stage->rules[rule].id, stage->rules[rule].summary));
    }
  }

  void fill_source(TemplateDictionary& page) const {
    const std::string_view source = document_.source();
    std::uint32_t number = 1;
    for (std::size_t begin = 0; begin < source.size(); ++number) {
      std::size_t end = std::min(source.find('\n', begin), source.size() - 1) + 1;
      // UTF-16 and UTF-32 have bytes of the newline's value anywhere.
      if (document_.encoding().starts_with("UTF-16") || document_.encoding().starts_with("UTF-32")) end = source.size();
      TemplateDictionary& line = *page.AddSectionDictionary("LINE");
      line.SetIntValue("N", number);
      for (std::size_t at = begin; at < end;) {
        std::size_t stop = at + 1;
        while (stop < end && owner_[stop] == owner_[at] && painted_[stop] == painted_[at]) ++stop;
        // The line's end itself is shown only where it was changed.
        const bool only_newline = owner_[at] != nothing && source.substr(at, stop - at) == "\n";
        if (!only_newline) add_source_run(line, at, stop);
        at = stop;
      }
      begin = end;
    }
  }

  void fill_text(TemplateDictionary& page) const {
    const std::string_view text = document_.text();
    std::uint32_t paragraph = 0;
    ByteOffset last_source = 0;
    for (const Line& line : document_.lines()) {
      const SourceRange source = document_.source_of(line.ink);
      TemplateDictionary& p = *page.AddSectionDictionary("PARAGRAPH");
      p.SetIntValue("P", paragraph++);
      p.SetIntValue("N", document_.source_line(source.begin));
      set(p, "KIND", name_of(line.kind));
      const std::vector<SourceRange> parts = document_.sources_of(line.ink);
      const bool moved =
          (!parts.empty() && parts.front().begin < last_source) ||
          !std::is_sorted(parts.begin(), parts.end(), [](SourceRange a, SourceRange b) { return a.begin < b.begin; });
      set(p, "MOVED", moved ? " moved" : "");
      if (!parts.empty()) last_source = parts.back().end;
      add_text_runs(p, text, line.ink);
    }
  }

 private:
  void collect_changes() {
    const std::size_t size = document_.source().size();
    painted_.assign(size, nothing);
    for (const AppliedStep& step : document_.steps())
      for (const AppliedEdit& edit : step.edits) {
        const auto index = static_cast<std::uint32_t>(changes_.size());
        changes_.push_back({&step, &edit});
        if (rule_index(*step.stage, edit.rule) == static_cast<long>(rules_.size()))
          rules_.emplace_back(step.stage, edit.rule);
        if (edit.source.empty()) inserted_.emplace(edit.source.begin, index);
      }
    // The narrower a change is the more it says of its bytes.
    std::vector<std::uint32_t> by_size(changes_.size());
    for (std::uint32_t i = 0; i < by_size.size(); ++i) by_size[i] = i;
    std::stable_sort(by_size.begin(), by_size.end(), [&](std::uint32_t a, std::uint32_t b) {
      return changes_[a].edit->source.size() > changes_[b].edit->source.size();
    });
    constexpr ByteOffset widest = 4096;  // the hull of bytes that stood far from each other
    for (const std::uint32_t i : by_size) {
      const SourceRange source = changes_[i].edit->source;
      if (changes_[i].edit->transcoded || source.size() > widest) continue;
      std::fill(painted_.begin() + source.begin, painted_.begin() + source.end, i);
    }
  }

  /// Finds for each byte of the source the paragraph it is in.
  void own_source() {
    owner_.assign(document_.source().size(), nothing);
    replaced_.assign(document_.source().size(), false);
    std::uint32_t paragraph = 0;
    for (const Line& line : document_.lines()) {
      for (const SourceRange part : document_.sources_of(line.ink))
        std::fill(owner_.begin() + part.begin, owner_.begin() + part.end, paragraph);
      ++paragraph;
    }
    // What replaced something as a whole: the source shows what it was.
    const auto pieces = document_.pieces();
    for (const Piece& piece : pieces)
      if (piece.text_unit == 0)
        for (ByteOffset at = piece.source_begin; at < piece.source_begin + piece.source_length; ++at)
          if (painted_[at] != nothing && !changes_[painted_[at]].edit->transcoded) replaced_[at] = true;
  }

  std::string readable(std::size_t begin, std::size_t end) const {
    const std::string_view bytes = document_.source().substr(begin, end - begin);
    if (document_.encoding() == "UTF-8") return visible(bytes, false);
    std::string utf8;
    icu::UnicodeString(bytes.data(), static_cast<std::int32_t>(bytes.size()), document_.encoding().data())
        .toUTF8String(utf8);
    return visible(utf8, false);
  }

  void describe(TemplateDictionary& to, std::uint32_t index) const {
    const auto& [step, edit] = changes_[index];
    set(to, "COLOUR", colour_of(step->stage->name));
    to.SetIntValue("R", rule_index(*step->stage, edit->rule));
    if (edit->confidence < 100) to.AddSectionDictionary("UNSURE")->SetIntValue("K", edit->confidence);
    constexpr std::size_t most = 60;
    const auto cut = [&](std::string_view text) {
      const std::size_t end = valid_utf8_floor(text, std::min(text.size(), most));
      return visible(text.substr(0, end), true) + (end < text.size() ? "…" : "");
    };
    set(to, "D",
        fmt::format("{} → {}", cut(step->before(*edit)), edit->after_size == 0 ? "∅" : cut(step->after(*edit))));
  }

  /// Place of a rule in the page's list.
  long rule_index(const StageInfo& stage, RuleIndex rule) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const auto& known) { return known.first == &stage && known.second == rule; });
    return found - rules_.begin();
  }

  void add_source_run(TemplateDictionary& line, std::size_t begin, std::size_t end) const {
    TemplateDictionary& run = *line.AddSectionDictionary("RUN");
    const bool gone = owner_[begin] == nothing || replaced_[begin];
    if (gone && painted_[begin] != nothing) {
      TemplateDictionary& to = *run.AddSectionDictionary("GONE");
      describe(to, painted_[begin]);
      set(to, "TEXT", visible(readable(begin, end), true));
    } else if (owner_[begin] != nothing) {
      TemplateDictionary& to = *run.AddSectionDictionary("KEPT");
      to.SetIntValue("P", owner_[begin]);
      set(to, "TEXT", readable(begin, end));
    } else {
      set(*run.AddSectionDictionary("PLAIN"), "TEXT", readable(begin, end));
    }
  }

  /// The change that put the text at the beginning of `piece`, or nothing.
  std::uint32_t change_of(const Piece& piece) const {
    if (piece.source_length == 0) {
      const auto found = inserted_.find(piece.source_begin);
      return found == inserted_.end() ? nothing : found->second;
    }
    return piece.text_unit == 0 ? painted_[piece.source_begin] : nothing;
  }

  void add_text_runs(TemplateDictionary& paragraph, std::string_view text, TextRange ink) const {
    const std::span<const Piece> pieces = document_.pieces();
    auto piece = std::upper_bound(pieces.begin(), pieces.end(), ink.begin,
                                  [](ByteOffset at, const Piece& p) { return at < p.text_begin; });
    if (piece != pieces.begin()) --piece;
    for (ByteOffset at = ink.begin; at < ink.end && piece != pieces.end(); ++piece) {
      const auto next = std::next(piece);
      const ByteOffset end = std::min(ink.end, next == pieces.end() ? ink.end : next->text_begin);
      TemplateDictionary& run = *paragraph.AddSectionDictionary("RUN");
      const std::string shown = visible(text.substr(at, end - at), false);
      if (const std::uint32_t put = change_of(*piece); put != nothing) {
        add_put(run, put, shown, false);
      } else {
        set(*run.AddSectionDictionary("PLAIN"), "TEXT", shown);
      }
      // Something stood between here and the next piece and is gone.
      if (next != pieces.end() && end < ink.end && end == next->text_begin && piece->source_length > 0) {
        const ByteOffset gap = piece->source_begin + piece->source_length;
        if (gap < painted_.size() && gap != next->source_begin && painted_[gap] != nothing &&
            change_of(*next) == nothing)
          add_put(*paragraph.AddSectionDictionary("RUN"), painted_[gap], "", true);
      }
      at = end;
    }
  }

  void add_put(TemplateDictionary& run, std::uint32_t change, std::string_view text, bool gap) const {
    TemplateDictionary& to = *run.AddSectionDictionary("PUT");
    describe(to, change);
    set(to, "TEXT", text);
    if (gap) to.AddSectionDictionary("GAP");
  }

  const Document& document_;
  std::vector<Change> changes_;
  std::vector<std::pair<const StageInfo*, RuleIndex>> rules_;  // those that changed something
  std::vector<std::uint32_t> painted_;                         // by byte of the source: a change, or nothing
  std::vector<std::uint32_t> owner_;                           // by byte of the source: a paragraph, or nothing
  std::unordered_map<ByteOffset, std::uint32_t> inserted_;     // by place in the source
  std::vector<bool> replaced_;                                 // by byte of the source: it was replaced as a whole
};

fs::path page_path(const fs::path& relative) { return fs::path("pages") / (relative.native() + ".html"); }

bool is_better(const Report::Entry& a, const Report::Entry& b) { return a.quality < b.quality; }

}  // namespace

expected<std::unique_ptr<Report>, std::string> Report::open(const fs::path& folder, const Rules& rules, bool replace) {
  std::error_code error;
  if (!replace && fs::exists(folder / "index.html", error))
    return unexpected(
        fmt::format("{} is there already; --overwrite replaces it", printable((folder / "index.html").native())));
  std::unique_ptr<Report> report(new Report(folder));
  static std::atomic<int> opened{0};
  const int number = ++opened;
  const auto load = [&](std::string_view name, std::string_view script) -> expected<std::string, std::string> {
    std::string html;
    for (const auto& [file, mark] :
         {std::pair{name, std::string_view()}, {"report.css", "@@css@@"}, {script, "@@js@@"}}) {
      const auto text = rules.file(fmt::format("report/{}", file));
      if (!text) return unexpected(fmt::format("{}: {}", text.error().where, text.error().message));
      html = mark.empty() ? std::string(text->view()) : boost::algorithm::replace_all_copy(html, mark, text->view());
    }
    const std::string key = fmt::format("{}-{}", number, name);
    if (!ctemplate::StringToTemplateCache(key, html, ctemplate::DO_NOT_STRIP))
      return unexpected(fmt::format("report/{} is no template", name));
    return key;
  };
  auto page = load("page.html", "page.js"), index = load("index.html", "index.js");
  if (!page) return unexpected(page.error());
  if (!index) return unexpected(index.error());
  report->page_template_ = std::move(*page);
  report->index_template_ = std::move(*index);
  fs::create_directories(folder, error);
  if (error) return unexpected(fmt::format("{} can't be made: {}", printable(folder.native()), error.message()));
  return report;
}

Report::~Report() = default;

expected<Report::Entry, std::string> Report::write_page(const Document& document, const std::string& name,
                                                        const fs::path& relative, const Quality& quality) const {
  Entry entry{printable(name),
              page_path(relative),
              quality.score,
              quality.characters,
              0,
              document.diagnostics().size(),
              {document.counts().begin(), document.counts().end()},
              {}};
  for (const RuleCount& count : document.counts()) entry.changes += count.edits;
  for (const Diagnostic& diagnostic : document.diagnostics())
    entry.messages.emplace_back(diagnostic.rule, diagnostic.message);
  if (document.source().size() > most_source) {
    entry.page.clear();
    return entry;
  }
  TemplateDictionary page("page");
  set(page, "NAME", entry.name);
  set(page, "LANG", quality.script == "hant" ? "zh-Hant" : quality.script == "latin" ? "en" : "zh-Hans");
  std::string up;
  for (auto part = entry.page.begin(); std::next(part) != entry.page.end(); ++part) up += "../";
  set(page, "INDEX", up + "index.html");
  set(page, "QUALITY", fmt::format("{:.2f}", quality.score));
  set(page, "ENCODING", document.encoding());
  set(page, "SCRIPT", quality.script);
  page.SetIntValue("CHANGES", static_cast<long>(entry.changes));
  for (const StageEntry& stage : builtin_stages().entries()) {
    std::uint64_t changes = 0;
    for (const RuleCount& count : document.counts())
      if (count.stage == stage.info->name) changes += count.edits;
    if (changes == 0) continue;
    TemplateDictionary& to = *page.AddSectionDictionary("STAGE");
    set(to, "STAGE_NAME", stage.info->name);
    set(to, "COLOUR", colour_of(stage.info->name));
    to.SetIntValue("STAGE_CHANGES", static_cast<long>(changes));
  }
  if (!document.diagnostics().empty()) {
    TemplateDictionary& notes = *page.AddSectionDictionary("NOTES");
    notes.SetIntValue("NOTE_COUNT", static_cast<long>(document.diagnostics().size()));
    for (const Diagnostic& diagnostic : document.diagnostics()) {
      TemplateDictionary& note = *notes.AddSectionDictionary("NOTE");
      note.SetIntValue("NOTE_LINE", document.source_line(diagnostic.where.begin));
      set(note, "NOTE_RULE", diagnostic.rule);
      set(note, "NOTE_TEXT", diagnostic.message);
    }
  }
  const Page content(document);
  content.fill_rules(page);
  content.fill_source(page);
  content.fill_text(page);
  std::string html;
  if (!ctemplate::ExpandTemplate(page_template_, ctemplate::DO_NOT_STRIP, &page, &html))
    return unexpected(std::string("the report's page can't be made"));
  if (auto written = write_file(folder_ / entry.page, html, true, folder_); !written)
    return unexpected(written.error());
  return entry;
}

void Report::add(Entry entry) {
  ++files_;
  characters_ += entry.characters;
  changes_ += entry.changes;
  notes_ += entry.notes;
  ++bins_[std::min<std::size_t>(bins_.size() - 1,
                                static_cast<std::size_t>(entry.quality * static_cast<double>(bins_.size())))];
  for (const RuleCount& count : entry.counts) counts_[std::string(count.rule)] += count.edits;
  for (const auto& [rule, message] : entry.messages) {
    Kind& kind = kinds_[std::string(rule)];
    if (kind.count++ == 0) kind.message = message;
  }
  entry.counts.clear();
  entry.messages.clear();
  worst_.push_back(std::move(entry));
  std::push_heap(worst_.begin(), worst_.end(), is_better);
  if (worst_.size() <= most_files) return;
  std::pop_heap(worst_.begin(), worst_.end(), is_better);
  worst_.pop_back();
}

expected<void, std::string> Report::write_index() {
  TemplateDictionary index("index");
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  set(index, "FILES", number(files_));
  set(index, "CHARACTERS", number(characters_));
  set(index, "CHANGES", number(changes_));
  set(index, "NOTES", number(notes_));
  const std::uint64_t tallest = std::max<std::uint64_t>(1, *std::max_element(bins_.begin(), bins_.end()));
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    TemplateDictionary& bin = *index.AddSectionDictionary("BIN");
    constexpr long room = 96;
    const long height = static_cast<long>(static_cast<std::uint64_t>(room) * bins_[i] / tallest);
    bin.SetIntValue("X", static_cast<long>(i) * 44);
    bin.SetIntValue("Y", room + 4 - height);
    bin.SetIntValue("H", height);
    set(bin, "BIN_COUNT", number(bins_[i]));
    set(bin, "BIN_NAME", fmt::format("{:.1f}", static_cast<double>(i) / static_cast<double>(bins_.size())));
  }
  std::uint64_t most = 1;
  for (const auto& [rule, count] : counts_) most = std::max(most, count);
  for (const StageEntry& stage : builtin_stages().entries())
    for (const RuleInfo& rule : stage.info->rules) {
      const auto found = counts_.find(rule.id);
      if (found == counts_.end()) continue;
      TemplateDictionary& row = *index.AddSectionDictionary("RULE");
      set(row, "STAGE_NAME", stage.info->name);
      set(row, "COLOUR", colour_of(stage.info->name));
      set(row, "RULE_NAME", rule.id);
      set(row, "COUNT", number(found->second));
      row.SetIntValue("WIDTH", static_cast<long>(100 * found->second / most));
    }
  if (!kinds_.empty()) {
    TemplateDictionary& kinds = *index.AddSectionDictionary("KINDS");
    for (const auto& [rule, kind] : kinds_) {
      TemplateDictionary& row = *kinds.AddSectionDictionary("KIND_OF_NOTE");
      set(row, "NOTE_RULE", rule);
      set(row, "COUNT", number(kind.count));
      set(row, "NOTE_TEXT", kind.message);
    }
  }
  std::sort_heap(worst_.begin(), worst_.end(), is_better);
  if (files_ > worst_.size()) set(index, "SHOWN", fmt::format("The lowest {} of {}; ", worst_.size(), files_));
  for (const Entry& entry : worst_) {
    TemplateDictionary& row = *index.AddSectionDictionary("FILE");
    set(row, "NAME", entry.name);
    set(row, "HREF", entry.page.empty() ? std::string("#") : url_of(entry.page));
    set(row, "QUALITY", fmt::format("{:.2f}", entry.quality));
    set(row, "CHARACTERS_OF_FILE", number(entry.characters));
    set(row, "CHANGES_OF_FILE", number(entry.changes));
    set(row, "NOTES_OF_FILE", number(entry.notes));
  }
  std::make_heap(worst_.begin(), worst_.end(), is_better);
  std::string html;
  if (!ctemplate::ExpandTemplate(index_template_, ctemplate::DO_NOT_STRIP, &index, &html))
    return unexpected(std::string("the report's index can't be made"));
  return write_file(folder_ / "index.html", html, true, folder_);
}

}  // namespace inkwash::cli
