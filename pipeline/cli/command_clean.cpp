// inkwash clean: the main job.
#include <fmt/format.h>
#include <signal.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <utility>

#include "chain_flags.h"
#include "console.h"
#include "flags.h"
#include "hash_set.h"
#include "inkwash/chain.h"
#include "inkwash/engine.h"
#include "inkwash/log.h"
#include "inkwash/stitch.h"
#include "inkwash/unicode.h"
#include "inputs.h"
#include "journal.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "spill.h"

namespace inkwash::cli {
namespace {

namespace fs = std::filesystem;

constexpr Flag flags[] = {
    {"output", 'o', "DIR", false,
     "write cleaned files below DIR, mirroring the inputs' folders; without it one\nfile is written to standard "
     "output"},
    {"format", 'f', "NAME", false, "text (default), jsonl (one record a document) or markdown"},
    chain_flag,
    stages_flag,
    script_flag,
    ocr_flag,
    punctuation_flag,
    encoding_flag,
    rules_flag,
    model_flag,
    {"include", 0, "GLOB", true, "of folders, only files that match (may be repeated); it is an error if\nnone does"},
    {"exclude", 0, "GLOB", true, "of folders, leave out files and folders that match"},
    {"files-from", 0, "FILE", false,
     "also clean the files listed in FILE, one a line (-: standard input);\ntheir outputs mirror their whole paths"},
    {"null", '0', "", false, "the names in FILE end in NUL instead of LF (find -print0)"},
    {"input-format", 0, "NAME", false,
     "auto (default: by name; of inputs you name, archives and compressed\nfiles also by content), text, or jsonl: "
     "JSON Lines of which one field\nis cleaned"},
    {"jsonl-field", 0, "NAME", false, "the field of JSON Lines inputs to clean (default: text)"},
    {"max-document", 0, "SIZE", false, "largest document, with K, M or G (default: 1G)"},
    {"jobs", 'j', "N", false, "documents cleaned at once (default: one for each core)"},
    {"edits", 0, "", false,
     "write beside each output a log of every change (NAME.edits.jsonl), from\nwhich `inkwash restore` makes the "
     "input again"},
    {"stitch", 0, "", false,
     "join an article that goes on on another page of its folder (（下转第二版） …\n（上接第一版）) where one surely "
     "fits; "
     "the others are told by --verbose"},
    {"report", 0, "DIR", false, "write a report to look at in a browser: DIR/index.html and a page for each text"},
    {"overwrite", 0, "", false, "replace existing outputs"},
    {"resume", 0, "", false, "skip inputs whose output is there and unchanged, by content"},
    {"dry-run", 'n', "", false, "write nothing; say what would change"},
    {"fail-fast", 0, "", false, "stop at the first file that fails"},
    {"quiet", 'q', "", false, "no summary"},
    {"verbose", 'v', "", false, "print every diagnostic"},
    {"help", 'h', "", false, "print this"},
};

constexpr std::string_view notes =
    "INPUT is a file, a folder or - (standard input, which is also read where neither an input nor -o\n"
    "is given). Read as they are: plain text, .gz .zst .xz .bz2, .tar and .zip archives of texts (also\n"
    "compressed), .jsonl and .ndjson. A single file without -o goes to standard output.\n"
    "\n"
    "Exit codes: 0 done; 1 some inputs failed (the others are done, the failures are listed); 2 wrong\n"
    "usage or configuration (nothing was done); 130 interrupted (what is written is whole).";

std::atomic<bool> interrupted{false};
extern "C" void on_interrupt(int) { interrupted = true; }

struct Options {
  std::vector<InputName> inputs;
  fs::path output;  // empty: standard output
  fs::path report;  // empty: none
  Format format = Format::text;
  bool json_lines = false, text_only = false;
  std::string field = "text";
  std::uint64_t most_bytes = 1ull << 30;
  std::size_t jobs = 0;
  bool stitch = false, edits = false, overwrite = false, resume = false, dry_run = false, fail_fast = false,
       quiet = false, verbose = false;
  WalkOptions walk;
  std::uint64_t configuration_hash = 0;
};

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value == 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) return value;
  if (unit == "K" || unit == "k") return value << 10;
  if (unit == "M" || unit == "m") return value << 20;
  if (unit == "G" || unit == "g") return value << 30;
  return std::nullopt;
}

/// A document whose articles may go on elsewhere: it is cleaned again when all others were looked at.
struct Deferred {
  std::string name;
  fs::path relative;
  Spill::Place source;
  std::uint64_t source_hash;
  Sheet sheet;
  std::vector<LooseEnd> ends;
};

/// Told also without --verbose: the user said something that is hardly so.
constexpr std::string_view doubtful_encoding = "decode.doubtful";

/// Everything the jobs share. What they add up is added in finish(), one job at a time.
struct Batch {
  const Options& options;
  const Chain& chain;
  const Chain& record_chain;  ///< the same for texts that are UTF-8 whatever --encoding says
  const Judge& judge;
  bool by_lines;             ///< files of plain text are cleaned without being held as a whole
  const Stitcher* stitcher;  ///< null: articles are left where they are
  Report* report;            ///< null: none
  Progress& progress;
  Journal journal;

  std::mutex trouble_mutex;  // next() and finish() both report
  std::vector<std::pair<std::string, std::string>> failures;
  std::atomic<bool> stop{false};
  bool broken_pipe = false;

  Spill spill;
  std::vector<Deferred> deferred;  // in the order of the inputs

  HashSet outputs;  // hashes of their paths; used by next() alone

  std::uint64_t files = 0, skipped = 0, documents = 0, bytes = 0, characters_in = 0, characters_out = 0,
                diagnostics = 0;
  std::map<std::string_view, RuleCount> counts;

  void fail(const std::string& name, const std::string& reason) {
    const std::lock_guard lock(trouble_mutex);
    progress.clear();
    tell("inkwash: {}: {}\n", printable(name), reason);
    failures.emplace_back(name, reason);
    if (options.fail_fast) stop = true;
  }

  void account(std::span<const RuleCount> changes) {
    ++documents;
    for (const RuleCount& count : changes) {
      RuleCount& sum = counts[count.rule];
      sum.stage = count.stage;
      sum.rule = count.rule;
      sum.edits += count.edits;
      sum.characters += count.characters;
    }
  }

  void account(const Document& document, const std::string& name) {
    account(document.counts());
    diagnostics += document.diagnostics().size();
    for (const Diagnostic& d : document.diagnostics())
      if (options.verbose || d.rule == doubtful_encoding)
        tell("{}:{}: byte {}: {}: {} [{}]\n", printable(name), document.source_line(d.where.begin), d.where.begin,
             d.severity == Severity::note ? "note" : "warning", d.message, d.rule);
    if (options.dry_run) {
      std::uint64_t total = 0;
      for (const RuleCount& count : document.counts()) total += count.edits;
      std::string line = fmt::format("{}: {} changes", printable(name), total);
      for (const RuleCount& count : document.counts()) line += fmt::format(", {} {}", count.edits, count.rule);
      print(line + "\n");
    }
  }

  /// An output that is there may be replaced.
  [[nodiscard]] bool may_replace(const fs::path& relative) const {
    return options.overwrite || (options.resume && journal.knows(relative));
  }

  /// Writes to standard output; a reader that has gone away ends the run quietly.
  void print(std::string_view text) {
    if (broken_pipe) return;
    const int error = put(text);
    if (error == EPIPE)
      broken_pipe = true;
    else if (error != 0 && !stop)
      fail("standard output", std::strerror(error));
    if (error != 0) stop = true;
  }
};

fs::path with_extension_of(fs::path relative, Format format) {
  std::string name = relative.filename().native();
  for (const std::string_view ending : {".gz", ".zst", ".xz", ".bz2"})
    if (name.size() > ending.size() && name.ends_with(ending)) {
      name.resize(name.size() - ending.size());
      break;
    }
  if (format != Format::text) {
    const fs::path stem = fs::path(name).stem();
    name = stem.native() + (format == Format::jsonl ? ".jsonl" : ".md");
  }
  return relative.replace_filename(name);
}

/// Claims an output path: an error where another input of this run writes it too, or where it is
/// there and must not be replaced.
expected<void, std::string> claim(Batch& batch, const fs::path& output) {
  if (!batch.outputs.insert(content_hash(output.native())))
    return unexpected(
        fmt::format("its output {} is another input's output too; clean them into "
                    "different folders",
                    printable(output.native())));
  std::error_code ignored;
  if (!batch.options.overwrite && !batch.options.resume && !batch.options.dry_run &&
      fs::exists(fs::symlink_status(output, ignored)))
    return unexpected(
        fmt::format("{} is there already; --overwrite replaces it, --resume keeps it "
                    "if it is up to date",
                    printable(output.native())));
  return {};
}

/// A log of an output that is replaced would not fit the new one.
expected<void, std::string> remove_log(const fs::path& output, bool replace) {
  std::error_code error;
  if (replace) fs::remove(log_of(output), error);
  if (error)
    return unexpected(fmt::format("{} can't be removed: {}", printable(log_of(output).native()), error.message()));
  return {};
}

/// A text that goes out as it is cleaned, piece by piece, to be seen when it is whole: a file, or standard output.
class Outflow {
 public:
  /// `size` is about how many bytes it will have; 0: not known.
  Outflow(Batch& batch, fs::path relative, std::size_t size) : batch_(batch), relative_(std::move(relative)) {
    if (batch_.options.output.empty()) reserve_in_large_pages(held_, size + size / 16);
  }

  expected<void, std::string> write(std::string_view part) {
    if (!part.empty()) last_ = part.back();
    if (batch_.options.output.empty()) {
      held_ += part;
      return {};
    }
    if (!file_) {
      auto file = AtomicFile::create(batch_.options.output / relative_, batch_.options.output);
      if (!file) return unexpected(file.error());
      file_.emplace(std::move(*file));
    }
    hash_.add(part);
    return file_->write(part);
  }

  /// Makes the file visible. `source_hash` is of all that it was made from.
  expected<void, std::string> finish(std::uint64_t source_hash) {
    if (auto done = write(last_ == '\n' ? "" : "\n"); !done) return done;
    if (!file_) return {};
    const fs::path output = batch_.options.output / relative_;
    const bool replace = batch_.may_replace(relative_);
    if (auto done = remove_log(output, replace); !done) return done;
    if (auto done = file_->commit(replace); !done) return done;
    batch_.journal.add(relative_, source_hash, hash_.value());
    return {};
  }

  /// What goes to standard output.
  [[nodiscard]] std::string_view held() const { return held_; }

 private:
  Batch& batch_;
  fs::path relative_;
  std::optional<AtomicFile> file_;
  ContentHash hash_;
  std::string held_;
  char last_ = '\n';  ///< written
};

/// A cleaned document on its way out.
class Cleaned {
 public:
  Cleaned(Batch& batch, std::string name, fs::path relative, Document document)
      : batch_(batch), name_(std::move(name)), relative_(std::move(relative)), document_(std::move(document)) {}

  [[nodiscard]] Document& document() { return document_; }

  /// Formats it and writes what belongs into the output folder. `hash` is of all that the output was made from.
  expected<void, std::string> write(std::uint64_t hash) {
    const Options& options = batch_.options;
    const fs::path relative = with_extension_of(relative_, options.format);
    const bool judged = options.edits || batch_.report != nullptr || options.format == Format::jsonl;
    const Quality quality = judged ? batch_.judge.judge(document_) : Quality{};
    is_as_it_is_ = options.format == Format::text && document_.text().ends_with('\n');
    if (!is_as_it_is_) formatted_ = format_document(document_, name_, options.format, quality);
    if (!options.output.empty() && !options.dry_run) {
      const fs::path output = options.output / relative;
      const bool replace = batch_.may_replace(relative);
      // The log first: an output that is there has its log.
      if (auto done = options.edits ? write_edits(quality, output) : remove_log(output, replace); !done) return done;
      if (auto done = write_file(output, formatted(), replace, options.output); !done) return done;
      batch_.journal.add(relative, hash, content_hash(formatted()));
      formatted_ = {};
    }
    if (batch_.report != nullptr) {
      auto entry = batch_.report->write_page(document_, name_, relative, quality);
      if (!entry) return unexpected(entry.error());
      entry_ = std::move(*entry);
    }
    characters_out_ = valid_utf8_length(document_.text());
    return {};
  }

  /// Adds it to what the batch has done. In the order of the inputs.
  void finish() {
    batch_.characters_in += document_.characters_read();
    batch_.characters_out += characters_out_;
    batch_.account(document_, name_);
    if (entry_) batch_.report->add(std::move(*entry_));
    if (batch_.options.output.empty() && !batch_.options.dry_run) batch_.print(formatted());
  }

 private:
  std::string_view formatted() const { return is_as_it_is_ ? document_.text() : formatted_; }

  expected<void, std::string> write_edits(const Quality& quality, const fs::path& output) const {
    const bool newline_added = formatted().size() > document_.text().size();
    const std::string name = printable(name_);
    return write_file(
        log_of(output),
        write_log(document_,
                  {.name = name, .program = INKWASH_VERSION, .newline_added = newline_added, .quality = quality.score}),
        true,  // one without its output is left of a run that was ended
        batch_.options.output);
  }

  Batch& batch_;
  std::string name_;
  fs::path relative_;
  Document document_;
  std::uint64_t characters_out_ = 0;
  bool is_as_it_is_ = false;  ///< the text needs no formatting, which would copy it
  std::string formatted_;
  std::optional<Report::Entry> entry_;
};

expected<Document, std::string> clean_bytes(const Batch& batch, std::string bytes) {
  const bool keeps_edits = batch.options.edits || batch.report != nullptr;
  auto document = Document::from_bytes(std::move(bytes), keeps_edits ? Account::edits : Account::counts);
  if (!document) return unexpected(document.error().message);
  if (const auto done = batch.chain.run(*document); !done)
    return unexpected(fmt::format("byte {}: {}", done.error().byte_offset, done.error().message));
  return std::move(*document);
}

/// One document: a text file, or a member of an archive whose bytes were read already.
class DocumentJob final : public Job {
 public:
  DocumentJob(Batch& batch, const InputFile& file, Container container)
      : batch_(batch),
        input_{file.path, std::nullopt},
        relative_(file.relative),
        container_(container),
        name_(file.path.native()) {}
  DocumentJob(Batch& batch, std::string name, fs::path relative, Container container, std::string bytes)
      : batch_(batch),
        input_{{}, std::move(bytes)},
        relative_(std::move(relative)),
        container_(container),
        name_(std::move(name)) {}

  void run() override {
    if (batch_.stop || interrupted) {
      abandoned_ = true;
      return;
    }
    try {
      clean();
    } catch (const std::bad_alloc&) {
      fail("there is not enough memory for it; clean it alone or with fewer --jobs");
    }
  }

  void finish() override {
    if (abandoned_) return;
    batch_.bytes += size_;
    if (deferred_) {
      batch_.deferred.push_back(std::move(*deferred_));
    } else {
      ++batch_.files;
      if (!failure_.empty())
        batch_.fail(name_, failure_);
      else if (skipped_)
        ++batch_.skipped;
      else if (outflow_)
        finish_by_lines();
      else
        cleaned_->finish();
    }
    batch_.progress.update(batch_.files, batch_.bytes);
  }

 private:
  void clean() {
    const Options& options = batch_.options;
    if (batch_.by_lines && container_ == Container::plain && !input_.bytes) {
      const auto done = clean_by_lines();
      if (!done) return fail(done.error());
      if (*done) return;
      outflow_.reset();
    }
    auto read = read_input();
    if (!read) return fail(read.error());
    std::string bytes = std::move(*read);
    size_ = bytes.size();
    std::uint64_t input_hash = 0;
    if (!options.output.empty()) {
      const fs::path relative = with_extension_of(relative_, options.format);
      input_hash = content_hash(bytes);
      if (options.resume && batch_.journal.is_done(relative, input_hash, options.output / relative)) {
        skipped_ = true;
        return;
      }
    }
    auto document = clean_bytes(batch_, std::move(bytes));
    if (!document) return fail(document.error());
    if (batch_.stitcher != nullptr) {
      Sheet sheet = batch_.stitcher->sheet_of(name_);
      if (auto ends = batch_.stitcher->loose_ends(*document, sheet.page); !ends.empty()) {
        const auto place = batch_.spill.put(document->source());
        if (!place) return fail(place.error());
        deferred_ = Deferred{name_, relative_, *place, input_hash, std::move(sheet), std::move(ends)};
        return;
      }
    }
    cleaned_.emplace(batch_, name_, relative_, std::move(*document));
    if (const auto done = cleaned_->write(input_hash); !done) fail(done.error());
  }

  /// False where it has to be seen as a whole; nothing was done then.
  expected<bool, std::string> clean_by_lines() {
    const Options& options = batch_.options;
    auto file = FileReader::open(input_.path, options.most_bytes);
    if (!file) return unexpected(file.error());
    if (!file->size()) return false;  // and can't be read twice
    const fs::path relative = with_extension_of(relative_, options.format);
    if (options.resume) {
      const auto hash = content_hash_of_file(input_.path);
      skipped_ = hash && batch_.journal.is_done(relative, *hash, options.output / relative);
      if (skipped_) {
        size_ = *file->size();
        return true;
      }
    }
    outflow_.emplace(batch_, relative, *file->size());
    ContentHash hash;
    bool begins = true, plain = true;
    const auto read = [&](std::span<char> to) {
      auto got = file->read(to);
      if (!got) return got;
      const std::string_view bytes(to.data(), *got);
      if (std::exchange(begins, false) && container_of_bytes(bytes)) {
        plain = false;
        return decltype(got)(0);
      }
      if (!options.output.empty()) hash.add(bytes);
      return got;
    };
    auto tally = batch_.chain.run_by_lines(read, [&](std::string_view part) { return outflow_->write(part); });
    if (!tally) return unexpected(tally.error());
    if (!*tally || !plain) return false;
    if (const auto done = outflow_->finish(hash.value()); !done) return unexpected(done.error());
    tally_ = std::move(**tally);
    size_ = tally_.bytes_read;
    return true;
  }

  void finish_by_lines() {
    batch_.characters_in += tally_.characters_read;
    batch_.characters_out += tally_.characters_written;
    batch_.account(tally_.counts);
    if (batch_.options.output.empty()) batch_.print(outflow_->held());
  }

  expected<std::string, std::string> read_input() {
    const std::uint64_t most = batch_.options.most_bytes;
    Container container = container_;
    if (container == Container::plain) {
      if (!input_.bytes) {
        auto bytes = read_all(input_.path, most);
        if (!bytes) return bytes;
        input_.bytes = std::move(*bytes);
      }
      container = container_of_bytes(*input_.bytes).value_or(Container::plain);
      if (container == Container::plain) return std::move(*input_.bytes);
    }
    if (container == Container::archive)
      return unexpected(std::string("it is an archive inside of other inputs; unpack it, or name it as an input"));
    return decompress(std::move(input_), most);
  }

  void fail(std::string reason) { failure_ = std::move(reason); }

  Batch& batch_;
  Input input_;
  fs::path relative_;
  Container container_;
  std::string name_;
  std::uint64_t size_ = 0;
  bool abandoned_ = false, skipped_ = false;
  std::string failure_;
  std::optional<Deferred> deferred_;
  std::optional<Cleaned> cleaned_;
  std::optional<Outflow> outflow_;  ///< where it is cleaned by lines
  Tally tally_;
};

/// Documents whose articles go on in each other, or one alone whose articles end loosely.
class StitchJob final : public Job {
 public:
  /// `plan` has the indices of `documents`; those behind them are `elsewhere`, which may fit but are left alone.
  StitchJob(Batch& batch, std::vector<const Deferred*> documents, std::vector<std::string> elsewhere, StitchPlan plan)
      : batch_(batch), deferred_(std::move(documents)), plan_(std::move(plan)) {
    for (const Deferred* document : deferred_) names_.push_back(printable(document->name));
    names_.insert(names_.end(), elsewhere.begin(), elsewhere.end());
    for (std::size_t d = 0; d < deferred_.size(); ++d) order_.push_back(d);
  }

  void run() override {
    if (batch_.stop || interrupted) {
      abandoned_ = true;
      return;
    }
    try {
      if (auto done = stitch(); !done) failure_ = std::move(done.error());
    } catch (const std::bad_alloc&) {
      failure_ = "there is not enough memory for the pages that its articles go on on";
    }
  }

  void finish() override {
    if (abandoned_) return;
    for (std::size_t d = 0; d < deferred_.size(); ++d) {
      ++batch_.files;
      if (skipped_)
        ++batch_.skipped;
      else if (d < written_)
        cleaned_[order_[d]].finish();
      else
        batch_.fail(deferred_[order_[d]]->name, failure_);
    }
    batch_.progress.update(batch_.files, batch_.bytes);
  }

 private:
  expected<void, std::string> stitch() {
    const Options& options = batch_.options;
    // Those that take text are written first: at no time is a text nowhere.
    std::vector<bool> takes(deferred_.size());
    for (const StitchPlan::Join& made : plan_.joins) takes[made.onward.document] = true;
    std::stable_partition(order_.begin(), order_.end(), [&](std::size_t d) { return takes[d]; });
    const std::uint64_t hash = hash_of_all();
    skipped_ = options.resume && std::all_of(deferred_.begin(), deferred_.end(), [&](const Deferred* document) {
                 const fs::path relative = with_extension_of(document->relative, options.format);
                 return batch_.journal.is_done(relative, hash, options.output / relative);
               });
    if (skipped_) return {};
    std::vector<std::vector<LooseEnd>> ends;
    std::vector<Document*> documents;
    for (const Deferred* deferred : deferred_) {
      auto bytes = batch_.spill.get(deferred->source);
      if (!bytes) return unexpected(bytes.error());
      auto document = clean_bytes(batch_, std::move(*bytes));
      if (!document) return unexpected(document.error());
      ends.push_back(batch_.stitcher->loose_ends(*document, deferred->sheet.page));
      cleaned_.emplace_back(batch_, deferred->name, deferred->relative, std::move(*document));
    }
    for (Cleaned& cleaned : cleaned_) documents.push_back(&cleaned.document());
    if (const auto done = batch_.stitcher->carry_out(documents, ends, plan_, names_); !done)
      return unexpected(fmt::format("byte {}: {}", done.error().byte_offset, done.error().message));
    for (const std::size_t d : order_) {
      if (auto done = cleaned_[d].write(hash); !done) return done;
      ++written_;
    }
    return {};
  }

  /// Of all inputs and of what is done to them. It is no input's own, so that --resume looks at these again.
  [[nodiscard]] std::uint64_t hash_of_all() const {
    std::string all = "stitch";
    for (const Deferred* document : deferred_)
      all += fmt::format(" {:x}:{:x}", content_hash(document->relative.native()), document->source_hash);
    const auto add = [&](LooseEndId id) { all += fmt::format(" {}.{}", id.document, id.end); };
    for (const StitchPlan::Join& made : plan_.joins) {
      add(made.onward);
      add(made.back);
    }
    for (const StitchPlan::Doubt& doubt : plan_.doubts) {
      add(doubt.end);
      for (const LooseEndId fit : doubt.fits) all += " " + names_[fit.document];
    }
    return content_hash(all);
  }

  Batch& batch_;
  std::vector<const Deferred*> deferred_;
  std::vector<std::string> names_;
  StitchPlan plan_;
  std::vector<std::size_t> order_;
  std::vector<Cleaned> cleaned_;
  std::size_t written_ = 0;
  bool abandoned_ = false, skipped_ = false;
  std::string failure_;
};

/// The deferred documents, those that go on in each other together.
class Stitches final : public JobSource {
 public:
  explicit Stitches(Batch& batch) : batch_(batch) {
    std::map<std::string_view, std::vector<const Deferred*>> issues;
    for (const Deferred& document : batch.deferred) issues[document.sheet.issue].push_back(&document);
    for (const auto& [issue, documents] : issues) plan(documents);
    // In the order of the inputs.
    std::sort(groups_.begin(), groups_.end(),
              [](const Group& a, const Group& b) { return a.documents.front() < b.documents.front(); });
  }

  std::unique_ptr<Job> next() override {
    if (batch_.stop || interrupted || next_ == groups_.size()) return nullptr;
    Group& group = groups_[next_++];
    return std::make_unique<StitchJob>(batch_, std::move(group.documents), std::move(group.elsewhere),
                                       std::move(group.plan));
  }

 private:
  struct Group {
    std::vector<const Deferred*> documents;
    std::vector<std::string> elsewhere;
    StitchPlan plan;
  };

  void plan(const std::vector<const Deferred*>& documents) {
    std::vector<std::vector<LooseEnd>> ends;
    ends.reserve(documents.size());
    for (const Deferred* document : documents) ends.push_back(document->ends);
    const StitchPlan all = batch_.stitcher->plan(ends);
    std::vector<std::size_t> root(documents.size());
    for (std::size_t d = 0; d < root.size(); ++d) root[d] = d;
    const auto root_of = [&](std::size_t d) {
      while (root[d] != d) d = root[d] = root[root[d]];
      return d;
    };
    for (const StitchPlan::Join& made : all.joins) {
      const std::size_t a = root_of(made.onward.document), b = root_of(made.back.document);
      root[std::max(a, b)] = std::min(a, b);
    }
    std::map<std::size_t, std::size_t> group_of_root;
    std::vector<std::pair<std::size_t, std::size_t>> place(documents.size());  // group, index in it
    for (std::size_t d = 0; d < documents.size(); ++d) {
      const auto [found, is_new] = group_of_root.emplace(root_of(d), groups_.size());
      if (is_new) groups_.emplace_back();
      Group& group = groups_[found->second];
      place[d] = {found->second, group.documents.size()};
      group.documents.push_back(documents[d]);
    }
    for (StitchPlan::Join made : all.joins) {
      Group& group = groups_[place[made.onward.document].first];
      made.onward.document = place[made.onward.document].second;
      made.back.document = place[made.back.document].second;
      group.plan.joins.push_back(made);
    }
    for (StitchPlan::Doubt doubt : all.doubts) {
      const std::size_t of = place[doubt.end.document].first;
      Group& group = groups_[of];
      doubt.end.document = place[doubt.end.document].second;
      for (LooseEndId& fit : doubt.fits) {
        if (place[fit.document].first == of) {
          fit.document = place[fit.document].second;
          continue;
        }
        group.elsewhere.push_back(printable(documents[fit.document]->name));
        fit.document = group.documents.size() + group.elsewhere.size() - 1;
      }
      group.plan.doubts.push_back(std::move(doubt));
    }
  }

  Batch& batch_;
  std::vector<Group> groups_;
  std::size_t next_ = 0;
};

/// Something that went wrong while looking for inputs, told in its place.
class TroubleJob final : public Job {
 public:
  TroubleJob(Batch& batch, std::string name, std::string reason)
      : batch_(batch), name_(std::move(name)), reason_(std::move(reason)) {}
  void run() override {}
  void finish() override { batch_.fail(name_, reason_); }

 private:
  Batch& batch_;
  std::string name_, reason_;
};

/// A file whose output is there and up to date.
class SkippedJob final : public Job {
 public:
  explicit SkippedJob(Batch& batch) : batch_(batch) {}
  void run() override {}
  void finish() override {
    ++batch_.files;
    ++batch_.skipped;
  }

 private:
  Batch& batch_;
};

/// The output of a JSON Lines input: its records come in order and the file appears after the last.
struct RecordsFile {
  std::string name;
  fs::path relative;
  std::optional<AtomicFile> file;  // none: standard output, or a dry run
  bool failed = false;             // there will be no output
  bool has_failures = false;       // some records stay as they are; --resume tries again
  std::uint64_t input_hash = 0;
  ContentHash output_hash;
};

/// Lines of a JSON Lines file, each with its LF: the field is cleaned, every other byte stays.
class RecordsJob final : public Job {
 public:
  RecordsJob(Batch& batch, std::shared_ptr<RecordsFile> file, std::vector<std::string> lines, std::uint64_t first_line,
             bool last)
      : batch_(batch), file_(std::move(file)), lines_(std::move(lines)), first_line_(first_line), last_(last) {}

  void run() override {
    simdjson::dom::parser checker;
    simdjson::ondemand::parser parser;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      size_ += lines_[i].size();
      try {
        if (lines_[i].find_first_not_of(" \t\r\n") != std::string::npos)
          clean(lines_[i], first_line_ + i, checker, parser);
      } catch (const std::bad_alloc&) {
        failures_.emplace_back(first_line_ + i, "there is not enough memory for it; the line is kept as it is");
      }
      out_ += lines_[i];
    }
  }

  void finish() override {
    batch_.bytes += size_;
    file_->has_failures |= !failures_.empty();
    for (const auto& [line, reason] : failures_) batch_.fail(fmt::format("{}:{}", file_->name, line), reason);
    for (const Document& document : documents_) {
      batch_.characters_in += document.characters_read();
      batch_.characters_out += valid_utf8_length(document.text());
      batch_.account(document, file_->name);
    }
    if (batch_.options.output.empty()) {
      if (!batch_.options.dry_run) batch_.print(out_);
    } else if (file_->file && !file_->failed) {
      file_->output_hash.add(out_);
      if (const auto written = file_->file->write(out_); !written) {
        batch_.fail(file_->name, written.error());
        file_->failed = true;
      }
    }
    if (last_) {
      ++batch_.files;
      if (file_->file && !file_->failed && !batch_.stop && !interrupted) {
        if (const auto done = file_->file->commit(batch_.may_replace(file_->relative)); !done)
          batch_.fail(file_->name, done.error());
        else if (!file_->has_failures)
          batch_.journal.add(file_->relative, file_->input_hash, file_->output_hash.value());
      }
    }
    batch_.progress.update(batch_.files, batch_.bytes);
  }

 private:
  void clean(std::string& line, std::uint64_t number, simdjson::dom::parser& checker,
             simdjson::ondemand::parser& parser) {
    const auto fail = [&](std::string reason) { failures_.emplace_back(number, std::move(reason)); };
    const bool newline = line.ends_with('\n');
    if (newline) line.pop_back();
    constexpr std::string_view bom = "\xEF\xBB\xBF";
    const bool marked = number == 1 && line.starts_with(bom);
    if (marked) line.erase(0, bom.size());
    clean_record(line, fail, checker, parser);
    if (marked) line.insert(0, bom);
    if (newline) line += '\n';
  }

  template <typename Fail>
  void clean_record(std::string& line, const Fail& fail, simdjson::dom::parser& checker,
                    simdjson::ondemand::parser& parser) {
    const simdjson::padded_string padded(line);
    // The on-demand parser finds the field's bytes but checks only what it passes.
    if (const auto error = checker.parse(padded).error(); error != simdjson::SUCCESS)
      return fail(fmt::format("not a JSON record ({}); the line is kept as it is", simdjson::error_message(error)));
    // A name may stand there more than once, of which some readers take the first and some the last; and letters of
    // it may be escaped.
    struct Found {
      std::size_t begin, end;  // of the line
      std::string text;
    };
    std::vector<Found> found;
    simdjson::ondemand::document record;
    simdjson::ondemand::object fields;
    if (parser.iterate(padded).get(record) == simdjson::SUCCESS && record.get_object().get(fields) == simdjson::SUCCESS)
      for (auto field : fields) {
        std::string_view name, token, text;
        simdjson::ondemand::value value;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS) break;
        if (name != batch_.options.field) continue;
        if (field.value().get(value) != simdjson::SUCCESS) break;
        token = value.raw_json_token();
        if (value.get_string().get(text) != simdjson::SUCCESS)
          return fail(fmt::format("the field '{}' is no text; the line is kept as it is", batch_.options.field));
        const auto begin = static_cast<std::size_t>(token.data() - padded.data());
        found.push_back({begin, begin + token.find_last_of('"') + 1, std::string(text)});
      }
    if (found.empty())
      return fail(fmt::format("the record has no field '{}'; the line is kept as it is", batch_.options.field));
    std::string cleaned_line(line);
    std::vector<Document> cleaned_documents;
    for (auto place = found.rbegin(); place != found.rend(); ++place) {  // from the back: places before it stay
      auto document = Document::from_bytes(std::move(place->text));
      if (!document) return fail(document.error().message);
      if (const auto done = batch_.record_chain.run(*document); !done) return fail(done.error().message);
      std::string_view cleaned = document->text();
      if (cleaned.ends_with('\n')) cleaned.remove_suffix(1);
      cleaned_line.replace(place->begin, place->end - place->begin,
                           nlohmann::json(cleaned).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      cleaned_documents.push_back(std::move(*document));
    }
    line = std::move(cleaned_line);
    std::move(cleaned_documents.rbegin(), cleaned_documents.rend(), std::back_inserter(documents_));
  }

  Batch& batch_;
  std::shared_ptr<RecordsFile> file_;
  std::vector<std::string> lines_;
  std::uint64_t first_line_;
  bool last_;
  std::uint64_t size_ = 0;
  std::string out_;
  std::vector<Document> documents_;
  std::vector<std::pair<std::uint64_t, std::string>> failures_;
};

/// A member's name as a path below the output folder; empty where it would leave it.
fs::path safe_member(const std::string& name) {
  const fs::path normal = fs::path(name).lexically_normal().relative_path();
  return normal.begin() != normal.end() && *normal.begin() == ".." ? fs::path() : below_output(normal);
}

class Inputs final : public JobSource {
 public:
  explicit Inputs(Batch& batch)
      : batch_(batch),
        walk_(batch.options.inputs, batch.options.walk,
              [this](const std::string& name, const std::string& reason) { troubles_.emplace_back(name, reason); }) {}

  std::unique_ptr<Job> next() override {
    for (;;) {
      if (batch_.stop || interrupted) return nullptr;
      if (!troubles_.empty()) return trouble();  // what went wrong on the way is told first
      std::unique_ptr<Job> job;
      if (lines_) {  // which may be a member's
        job = next_records();
      } else if (archive_) {
        job = next_member();
      } else if (found_) {
        job = start(*std::exchange(found_, std::nullopt));
      } else {
        found_ = walk_.next();
        if (!found_ && troubles_.empty()) return nullptr;
      }
      if (job) return job;
    }
  }

 private:
  std::unique_ptr<Job> trouble() {
    auto [name, reason] = std::move(troubles_.front());
    troubles_.erase(troubles_.begin());
    return std::make_unique<TroubleJob>(batch_, std::move(name), std::move(reason));
  }

  /// Begins a file: a job, or null where its members or lines are the jobs.
  std::unique_ptr<Job> start(const InputFile& file) {
    const Options& options = batch_.options;
    const std::string name = file.path.native();
    auto looked = look_into(file, options.most_bytes, options.json_lines);
    if (!looked) return failed(name, looked.error());
    auto& [container, input] = *looked;
    if (options.text_only && container == Container::json_lines) container = Container::plain;
    if (options.json_lines && container != Container::archive) container = Container::json_lines;
    if (container == Container::archive) return start_archive(name, file.relative, std::move(input));
    if (container == Container::json_lines) return start_records(name, file.relative, std::move(input));
    if (!claim_output(name, file.relative, options.format)) return nullptr;
    if (input.bytes)
      return std::make_unique<DocumentJob>(batch_, name, file.relative, container, std::move(*input.bytes));
    return std::make_unique<DocumentJob>(batch_, file, container);
  }

  std::unique_ptr<Job> failed(const std::string& name, const std::string& reason) {
    troubles_.emplace_back(name, reason);
    return nullptr;
  }

  std::unique_ptr<Job> start_archive(const std::string& name, const fs::path& relative, Input input) {
    auto reader = ArchiveReader::open(std::move(input), batch_.options.most_bytes);
    if (!reader) return failed(name, reader.error());
    archive_ = std::move(*reader);
    archive_name_ = name;
    archive_folder_ = relative;
    for (int i = 0; i < 2 && archive_folder_.has_extension() && archive_folder_.stem() != ""; ++i) {
      const std::string extension = archive_folder_.extension();
      if (extension != ".tar" && extension != ".gz" && extension != ".tgz" && extension != ".zst" &&
          extension != ".tzst" && extension != ".xz" && extension != ".bz2" && extension != ".zip")
        break;
      archive_folder_.replace_extension();
    }
    return nullptr;
  }

  std::unique_ptr<Job> start_records(const std::string& name, const fs::path& relative, Input input) {
    const Options& options = batch_.options;
    if (options.edits) return failed(name, "--edits keeps no log of JSON Lines records; clean it without");
    auto records = std::make_shared<RecordsFile>();
    records->name = name;
    if (!options.output.empty()) {
      records->relative = with_extension_of(relative, Format::text);
      const fs::path output = options.output / records->relative;
      if (!claim_output(name, relative, Format::text)) return nullptr;
      if (!options.dry_run) {
        const auto hash = input.bytes ? content_hash(*input.bytes) : content_hash_of_file(input.path);
        records->input_hash = hash.value_or(0);
        if (options.resume && hash && batch_.journal.is_done(records->relative, *hash, output))
          return std::make_unique<SkippedJob>(batch_);
        auto atomic = AtomicFile::create(output, options.output);
        if (!atomic) return failed(name, atomic.error());
        records->file.emplace(std::move(*atomic));
      }
    }
    auto reader = LineReader::open(std::move(input), options.most_bytes);
    if (!reader) return failed(name, reader.error());
    records_ = std::move(records);
    lines_ = std::move(*reader);
    next_line_ = 1;
    return nullptr;
  }

  /// Claims the output in the order of the inputs, so that which of two is refused does not depend on
  /// the number of jobs.
  bool claim_output(const std::string& name, const fs::path& relative, Format format) {
    if (batch_.options.output.empty()) return true;
    const auto claimed = claim(batch_, batch_.options.output / with_extension_of(relative, format));
    if (!claimed) troubles_.emplace_back(name, claimed.error());
    return claimed.has_value();
  }

  std::unique_ptr<Job> next_member() {
    auto member = archive_->next();
    if (!member) {
      troubles_.emplace_back(archive_name_, member.error());
      if (!archive_->can_go_on()) archive_.reset();
      return nullptr;
    }
    if (!*member) {
      archive_.reset();
      return nullptr;
    }
    const std::string name = archive_name_ + ":" + (*member)->name;
    const fs::path inside = safe_member((*member)->name);
    if (inside.empty())
      return std::make_unique<TroubleJob>(batch_, name, "its path leads out of the archive; it is left out");
    const fs::path relative = archive_folder_ / inside;
    Container container = container_of(inside);
    if (batch_.options.text_only && container == Container::json_lines) container = Container::plain;
    if (batch_.options.json_lines && container != Container::archive) container = Container::json_lines;
    if (container == Container::json_lines) return start_records(name, relative, {{}, std::move((*member)->bytes)});
    if (!claim_output(name, relative, batch_.options.format)) return nullptr;
    return std::make_unique<DocumentJob>(batch_, name, relative, container, std::move((*member)->bytes));
  }

  std::unique_ptr<Job> next_records() {
    // Enough records for a job to be worth its overhead.
    constexpr std::size_t enough = 1u << 18;
    std::vector<std::string> lines;
    std::size_t bytes = 0;
    bool last = false;
    while (bytes < enough) {
      auto line = lines_->next();
      if (!line) {
        troubles_.emplace_back(records_->name, line.error());
        records_->failed = true;
        last = true;
        break;
      }
      if (!*line) {
        last = true;
        break;
      }
      bytes += (*line)->size();
      lines.push_back(std::move(**line));
    }
    const std::uint64_t first = next_line_;
    next_line_ += lines.size();
    if (last) lines_.reset();
    return std::make_unique<RecordsJob>(batch_, records_, std::move(lines), first, last);
  }

  Batch& batch_;
  std::vector<std::pair<std::string, std::string>> troubles_;
  std::optional<InputFile> found_;
  Walk walk_;
  std::unique_ptr<ArchiveReader> archive_;
  std::string archive_name_;
  fs::path archive_folder_;
  std::unique_ptr<LineReader> lines_;
  std::shared_ptr<RecordsFile> records_;
  std::uint64_t next_line_ = 1;
};

/// Reads the flags and inputs; adds every mistake to `errors`.
Options resolve(const Arguments& arguments, std::vector<std::string>& errors) {
  Options options;
  for (const std::string& input : arguments.inputs) options.inputs.push_back({input});
  if (arguments.has("files-from")) {
    const std::string list(arguments.value("files-from"));
    std::ifstream in(list == "-" ? std::string("/dev/stdin") : list, std::ios::binary);
    if (!in) errors.push_back(fmt::format("--files-from {}: {}", printable(list), std::strerror(errno)));
    for (std::string line; std::getline(in, line, arguments.has("null") ? '\0' : '\n');)
      if (!line.empty()) options.inputs.push_back({line, true});
  } else if (arguments.has("null")) {
    errors.emplace_back("--null says how the names in --files-from end; give that too");
  } else if (options.inputs.empty() && !arguments.has("output") && ::isatty(STDIN_FILENO) == 0) {
    options.inputs.push_back({"-"});
  }
  if (options.inputs.empty()) errors.emplace_back("no input; name files, folders or - for standard input");
  options.output = arguments.value("output") == "-" ? std::string() : std::string(arguments.value("output"));
  if (const auto format = format_named(arguments.value("format", "text")))
    options.format = *format;
  else
    errors.push_back(fmt::format("--format is text, jsonl or markdown, not '{}'", arguments.value("format")));
  const std::string_view input_format = arguments.value("input-format", "auto");
  options.json_lines = input_format == "jsonl";
  options.text_only = input_format == "text";
  if (!options.json_lines && !options.text_only && input_format != "auto")
    errors.push_back(fmt::format("--input-format is auto, text or jsonl, not '{}'", input_format));
  options.field = arguments.value("jsonl-field", "text");
  if (const auto size = parse_size(arguments.value("max-document", "1G")); size && *size <= max_document_bytes)
    options.most_bytes = *size;
  else
    errors.push_back(
        fmt::format("--max-document is a size up to 4G, like 500M, not '{}'", arguments.value("max-document")));
  const std::string_view jobs = arguments.value("jobs", "0");
  const auto [end, error] = std::from_chars(jobs.data(), jobs.data() + jobs.size(), options.jobs);
  if (error != std::errc() || end != jobs.data() + jobs.size() || options.jobs > 1024 ||
      (arguments.has("jobs") && options.jobs == 0))
    errors.push_back(fmt::format("--jobs is a number from 1 to 1024, not '{}'", jobs));
  options.report = std::string(arguments.value("report"));
  options.stitch = arguments.has("stitch");
  options.edits = arguments.has("edits");
  options.overwrite = arguments.has("overwrite");
  options.resume = arguments.has("resume");
  options.dry_run = arguments.has("dry-run");
  options.fail_fast = arguments.has("fail-fast");
  options.quiet = arguments.has("quiet");
  options.verbose = arguments.has("verbose");
  options.walk.include.assign(arguments.all("include").begin(), arguments.all("include").end());
  options.walk.exclude.assign(arguments.all("exclude").begin(), arguments.all("exclude").end());
  options.walk.output = options.output;
  for (const auto& [input, keeps_folders] : options.inputs) {
    if (input == "-") continue;
    std::error_code code;
    const fs::file_status status = fs::status(input, code);
    if (!fs::exists(status))
      errors.push_back(fmt::format("{}: {}", printable(input), code ? code.message() : "no such file or folder"));
    if (!options.output.empty() && fs::equivalent(input, options.output, code))
      errors.push_back(fmt::format("-o {}: it is an input too; outputs need a folder of their own", printable(input)));
    if (options.output.empty() && !options.dry_run && (fs::is_directory(status) || options.inputs.size() > 1)) {
      errors.emplace_back("several inputs or a folder need an output folder: -o DIR");
      break;
    }
  }
  if (options.edits && options.output.empty())
    errors.emplace_back("--edits writes logs beside the outputs: it needs an output folder: -o DIR");
  if (options.edits && options.format != Format::text)
    errors.push_back(
        fmt::format("--edits logs the changes of plain text: give it without --format {}, or that without --edits",
                    arguments.value("format")));
  if (options.stitch && options.output.empty() && !options.dry_run)
    errors.emplace_back("--stitch joins pages of a folder: it needs an output folder: -o DIR");
  if (options.stitch && options.json_lines)
    errors.emplace_back("--stitch joins pages that are files; records of JSON Lines stay apart");
  if (options.edits && options.json_lines) errors.emplace_back("--edits keeps no log of JSON Lines records");
  if (options.resume && options.output.empty()) errors.emplace_back("--resume needs an output folder: -o DIR");
  std::error_code code;
  if (!options.output.empty() && fs::exists(options.output, code) && !fs::is_directory(options.output, code))
    errors.push_back(fmt::format("-o {}: it is a file; name a folder", printable(options.output.native())));
  if (arguments.has("chain") && arguments.has("stages"))
    errors.emplace_back("--chain and --stages are two ways to name a chain; give one");
  return options;
}

/// The contents of the files that an option names, with ; between them, and of those that an OpenCC configuration
/// among them names in turn.
void describe_files(std::string_view value, std::string& description) {
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(';', begin), value.size());
    const fs::path path(value.substr(begin, end - begin));
    begin = end + 1;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) continue;
    description += fmt::format("={:x}", content_hash_of_file(path).value_or(0));
    if (path.extension() != ".json") continue;
    std::ifstream in(path);
    const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_structured()) continue;
    const nlohmann::json flat = json.flatten();
    for (const auto& [place, inner] : flat.items())
      if (place.ends_with("/file") && inner.is_string())
        description += fmt::format(
            "={:x}", content_hash_of_file(path.parent_path() / inner.get_ref<const std::string&>()).value_or(0));
  }
}

/// What a result depends on beside its input, for --resume: stages, options, the files they name, and rules.
std::uint64_t configuration_hash(const ChainSpec& spec, const Rules& rules, std::string_view format) {
  std::string description = fmt::format("{} {} ", INKWASH_VERSION, format);
  for (const ChainSpec::Step& step : spec.steps) {
    description += step.stage;
    for (const auto& [option, value] : step.options) {
      description += fmt::format(":{}={}", option, value);
      describe_files(value, description);
    }
    description += ',';
  }
  description += fmt::format("{:x},", rules.digest());
  for (const char* file : {"model/news.icm", "model/captions.icm"})
    if (const std::string model = rules.path_of(file); !model.empty()) describe_files(model, description);
  return content_hash(description);
}

void print_summary(const Batch& batch, double seconds) {
  tell("inkwash: {} files ({} skipped, {} failed), {:.1f} MB in {:.2f} s ({:.1f} MB/s)\n", batch.files, batch.skipped,
       batch.failures.size(), static_cast<double>(batch.bytes) / 1e6, seconds,
       seconds > 0 ? static_cast<double>(batch.bytes) / 1e6 / seconds : 0.0);
  tell("inkwash: {} characters in, {} out; {} diagnostics{}\n", batch.characters_in, batch.characters_out,
       batch.diagnostics, batch.diagnostics > 0 && !batch.options.verbose ? " (--verbose prints them)" : "");
  // Changes by stage, in the order of the stages, with their rules.
  for (const StageEntry& entry : builtin_stages().entries()) {
    std::string line;
    std::uint64_t total = 0;
    for (const RuleInfo& rule : entry.info->rules)
      if (const auto found = batch.counts.find(rule.id); found != batch.counts.end()) {
        total += found->second.edits;
        const std::string_view id = rule.id.substr(rule.id.find('.') + 1);
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", id, found->second.edits);
      }
    if (total > 0) tell("  {:<10} {:>9} changes: {}\n", entry.info->name, total, line);
  }
  constexpr std::size_t most = 20;
  if (!batch.failures.empty()) tell("inkwash: failed:\n");
  for (std::size_t i = 0; i < std::min(most, batch.failures.size()); ++i)
    tell("  {}: {}\n", printable(batch.failures[i].first), batch.failures[i].second);
  if (batch.failures.size() > most) tell("  and {} more, named above\n", batch.failures.size() - most);
}

int run_clean(const Arguments& arguments) {
  std::vector<std::string> errors;
  Options options = resolve(arguments, errors);
  const Rules rules = chain_rules(arguments, errors);
  auto spec = chain_spec(arguments, rules);
  auto chain = spec ? Chain::make(*spec, builtin_stages(), rules) : unexpected(spec.error());
  if (!chain)
    for (const ConfigError& error : chain.error()) errors.push_back(fmt::format("{}: {}", error.where, error.message));
  const auto judge = Judge::make(rules);
  if (!judge)
    for (const ConfigError& error : judge.error()) errors.push_back(fmt::format("{}: {}", error.where, error.message));
  std::optional<Stitcher> stitcher;
  if (options.stitch) {
    if (auto made = Stitcher::make(rules))
      stitcher.emplace(std::move(*made));
    else
      for (const ConfigError& error : made.error()) errors.push_back(fmt::format("{}: {}", error.where, error.message));
    for (const std::string_view needed : {"furniture", "blocks"})
      if (spec && std::none_of(spec->steps.begin(), spec->steps.end(),
                               [&](const ChainSpec::Step& step) { return step.stage == needed; }))
        errors.push_back(fmt::format("--stitch goes by what stage {} finds, which the chain does not have", needed));
  }
  if (!errors.empty()) {
    for (const std::string& error : errors) tell("inkwash: {}\n", error);
    tell("inkwash: nothing was done; `inkwash clean --help` explains the flags\n");
    return exit_usage;
  }
  if (!options.output.empty())  // for the journal
    options.configuration_hash =
        configuration_hash(*spec, rules,
                           fmt::format("{}{}{}", arguments.value("format", "text"), options.edits ? " edits" : "",
                                       options.stitch ? " stitch" : ""));
  // Texts in JSON are UTF-8 whatever the flag or the chain says of files.
  std::optional<Chain> record_chain;
  const bool declared = std::any_of(spec->steps.begin(), spec->steps.end(), [](const ChainSpec::Step& step) {
    return step.stage == "decode" && step.options.contains("encoding");
  });
  if (declared) {
    spec->set("decode", "encoding", "auto");
    if (auto made = Chain::make(*spec, builtin_stages(), rules)) record_chain = std::move(*made);
  }

  std::unique_ptr<Report> report;
  if (!options.report.empty()) {
    auto opened = Report::open(options.report, rules, options.overwrite || options.resume);
    if (!opened) {
      tell("inkwash: --report: {}\n", opened.error());
      return exit_usage;
    }
    report = std::move(*opened);
  }

  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the program at once
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);

  const bool show_progress = ::isatty(STDERR_FILENO) != 0 && !options.quiet && !options.output.empty();
  std::uint64_t total_files = 0, total_bytes = 0;
  if (show_progress) {
    Walk count(options.inputs, options.walk, [](const std::string&, const std::string&) {});
    while (const auto file = count.next()) {
      std::error_code ignored;
      const auto size = fs::file_size(file->path, ignored);
      ++total_files;
      if (!ignored) total_bytes += size;
    }
  }
  Progress progress(show_progress, total_files, total_bytes);
  const bool by_lines = chain->looks_at_lines_alone() && options.format == Format::text && !options.edits &&
                        !options.stitch && !options.dry_run && !report;
  Batch batch{options,
              *chain,
              record_chain ? *record_chain : *chain,
              *judge,
              by_lines,
              stitcher ? &*stitcher : nullptr,
              report.get(),
              progress,
              {},
              {},
              {},
              {},
              false,
              {},
              {},
              {},
              0,
              0,
              0,
              0,
              0,
              0,
              0,
              {}};
  if (!options.output.empty() && !options.dry_run) remove_leftovers(options.output);
  batch.spill.set_folder(options.output.empty() || options.dry_run ? fs::temp_directory_path() : options.output);
  if (!options.output.empty() && !options.dry_run)
    if (const auto opened = batch.journal.open(options.output, options.configuration_hash); !opened) {
      tell("inkwash: -o {}: {}\n", printable(options.output.native()), opened.error());
      return exit_usage;
    }
  Inputs inputs(batch);
  inkwash::run(inputs, {.threads = options.jobs, .jobs_in_flight = 0});
  Stitches stitches(batch);
  inkwash::run(stitches, {.threads = options.jobs, .jobs_in_flight = 0});
  if (report)
    if (const auto written = report->write_index(); !written) batch.fail("--report", written.error());
  progress.clear();
  if (batch.broken_pipe) return batch.failures.empty() ? exit_done : exit_failures;
  if (!options.walk.include.empty() && batch.files == 0 && batch.failures.empty() && !interrupted)
    batch.fail("--include", "no file of the inputs matches");
  const bool quiet = options.quiet || (options.output.empty() && batch.failures.empty() && !options.dry_run);
  if (!quiet) print_summary(batch, progress.seconds());
  if (interrupted) {
    tell("inkwash: interrupted; what is written is whole, --resume goes on\n");
    return exit_interrupted;
  }
  return batch.failures.empty() ? exit_done : exit_failures;
}

}  // namespace

const Command clean_command{"clean", "[flags] INPUT...", "clean files and folders of scraped newspaper text", flags,
                            notes,   run_clean};

}  // namespace inkwash::cli
