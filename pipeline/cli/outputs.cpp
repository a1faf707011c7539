#include "outputs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "inkwash/unicode.h"

namespace inkwash::cli {
namespace {

constexpr std::string_view temporary_prefix = ".inkwash-";
constexpr std::string_view temporary_suffix = ".tmp";
constexpr std::string_view log_suffix = ".edits.jsonl";

std::string reason(int error) { return std::strerror(error); }

/// Text without what Markdown would take for markup.
std::string escape_markdown(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inline_markup =
        c == '\\' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']' || c == '<' || c == '>' || c == '|';
    const bool at_start = i == 0 && (c == '#' || c == '+' || c == '-' || c == '~' || c == '=');
    // "1." at a paragraph's start would become a list.
    const bool list_number = (c == '.' || c == ')') && i > 0 && i < 10 &&
                             text.substr(0, i).find_first_not_of("0123456789") == std::string_view::npos &&
                             (i + 1 == text.size() || text[i + 1] == ' ');
    if (inline_markup || at_start || list_number) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string format_markdown(const Document& document) {
  std::string out;
  for (const Block& block : document.blocks()) {
    if (!out.empty()) out += '\n';
    const std::string text = escape_markdown(block.range.of(document.text()));
    switch (block.kind) {
      case BlockKind::headline: out += "# " + text; break;
      case BlockKind::kicker: out += "**" + text + "**"; break;
      case BlockKind::subheadline: out += "## " + text; break;
      case BlockKind::caption:
      case BlockKind::byline: out += "*" + text + "*"; break;
      default: out += text; break;
    }
    out += '\n';
  }
  return out;
}

std::string format_record(const Document& document, std::string_view name, const Quality& quality) {
  nlohmann::ordered_json record;
  record["name"] = printable(name);
  record["encoding"] = document.encoding();
  record["script"] = quality.script;
  record["quality"] = std::round(quality.score * 1000) / 1000;
  record["counts"] = {{"characters", quality.characters},       {"ideographs", quality.ideographs},
                      {"latin_letters", quality.latin_letters}, {"digits", quality.digits},
                      {"paragraphs", quality.paragraphs},       {"open_paragraphs", quality.open_paragraphs},
                      {"repaired", quality.repaired},           {"strange", quality.strange}};
  record["text"] = document.text();
  auto& blocks = record["blocks"] = nlohmann::ordered_json::array();
  for (const Block& block : document.blocks()) {
    nlohmann::ordered_json entry;
    entry["kind"] = name_of(block.kind);
    entry["text"] = block.range.of(document.text());
    auto& source = entry["source"] = nlohmann::ordered_json::array();
    for (const SourceRange& range : document.sources_of(block.range)) {
      // Small holes are white space that was taken out; a list of every one would be no use.
      constexpr ByteOffset small = 16;
      if (!source.empty() && source.back()[1].get<ByteOffset>() <= range.begin &&
          range.begin - source.back()[1].get<ByteOffset>() <= small)
        source.back()[1] = range.end;
      else
        source.push_back({range.begin, range.end});
    }
    blocks.push_back(std::move(entry));
  }
  auto& diagnostics = record["diagnostics"] = nlohmann::ordered_json::array();
  for (const Diagnostic& diagnostic : document.diagnostics())
    diagnostics.push_back({{"severity", diagnostic.severity == Severity::note ? "note" : "warning"},
                           {"rule", diagnostic.rule},
                           {"source", {diagnostic.where.begin, diagnostic.where.end}},
                           {"message", diagnostic.message}});
  auto& changes = record["changes"] = nlohmann::ordered_json::object();
  for (const RuleCount& count : document.counts()) changes[std::string(count.rule)] = count.edits;
  return record.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::optional<Format> format_named(std::string_view name) {
  if (name == "text") return Format::text;
  if (name == "jsonl") return Format::jsonl;
  if (name == "markdown") return Format::markdown;
  return std::nullopt;
}

std::string format_document(const Document& document, std::string_view name, Format format, const Quality& quality) {
  switch (format) {
    case Format::jsonl: return format_record(document, name, quality);
    case Format::markdown: return format_markdown(document);
    case Format::text: break;
  }
  std::string text;
  text.reserve(document.text().size() + 1);
  text = document.text();
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

expected<void, std::string> write_file(const std::filesystem::path& path, std::string_view bytes, bool replace,
                                       const std::filesystem::path& root) {
  auto file = AtomicFile::create(path, root);
  if (!file) return unexpected(file.error());
  if (auto written = file->write(bytes); !written) return written;
  return file->commit(replace);
}

std::filesystem::path log_of(std::filesystem::path output) { return output += log_suffix; }

bool is_log_name(std::string_view name) { return name.ends_with(log_suffix); }

bool is_temporary_name(std::string_view name) {
  return name.starts_with(temporary_prefix) && name.ends_with(temporary_suffix);
}

void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!is_temporary_name(entry->path().filename().native())) continue;
    const int descriptor = ::open(entry->path().c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) continue;
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) ::unlink(entry->path().c_str());
    ::close(descriptor);
  }
}

std::string printable(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const auto [codepoint, length, valid] = utf8_next(name, at);
    if (valid && codepoint >= 0x20 && codepoint != 0x7F)
      out += name.substr(at, length);
    else
      for (std::size_t i = at; i < at + length; ++i)
        out += fmt::format("\\x{:02X}", static_cast<unsigned char>(name[i]));
    at += length;
  }
  return out;
}

expected<AtomicFile, std::string> AtomicFile::create(const std::filesystem::path& path,
                                                     const std::filesystem::path& root) {
  static std::atomic<std::uint64_t> counter{0};
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  for (bool is_made = false;;) {
    const std::filesystem::path temporary =
        folder / fmt::format("{}{}-{}{}", temporary_prefix, ::getpid(), ++counter, temporary_suffix);
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST) continue;  // left by a run of the same number
    if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR) && !std::exchange(is_made, true)) {
      std::error_code error;
      if (!root.empty() && !std::filesystem::is_directory(root, error))
        return unexpected(fmt::format("the folder {} is gone", printable(root.native())));
      std::filesystem::create_directories(folder, error);
      if (!error) continue;
      return unexpected(fmt::format("the folder {} can't be made: {}", printable(folder.native()), error.message()));
    }
    if (descriptor < 0)
      return unexpected(fmt::format("no file can be made in {}: {}", printable(folder.native()), reason(errno)));
    // Another run may have taken it for a leftover before it was locked.
    struct stat status {};
    if (::flock(descriptor, LOCK_EX) != 0 || ::fstat(descriptor, &status) != 0 || status.st_nlink > 0)
      return AtomicFile(path, temporary, descriptor);
    ::close(descriptor);
  }
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_),
      on_its_way_(other.on_its_way_) {}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

expected<void, std::string> AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return unexpected(fmt::format("{} can't be written: {}", printable(path_.native()), reason(errno)));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += written;
  }
  // The disk is at work while the next piece is made: commit() waits for what is left.
  constexpr off_t large = 8 << 20;
  if (size_ - on_its_way_ >= large)
    ::sync_file_range(descriptor_, std::exchange(on_its_way_, size_), 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

expected<void, std::string> AtomicFile::commit(bool replace) {
  const auto failed = [&](int error) {
    return unexpected(fmt::format("{} can't be written: {}", printable(path_.native()), reason(error)));
  };
  // A device or a pipe would be gone, and whoever reads it would wait.
  struct stat taken {};
  if (::stat(path_.c_str(), &taken) == 0 && !S_ISREG(taken.st_mode) && !S_ISDIR(taken.st_mode))
    return unexpected(
        fmt::format("{} is no regular file, which alone is replaced; give the name of one", printable(path_.native())));
  if (::fdatasync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) return failed(errno);
  const unsigned flags = replace ? 0u : 1u;  // RENAME_NOREPLACE
  int done = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), flags);
  if (done != 0 && errno == EINVAL && !replace) {  // a file system that can't tell
    struct stat existing {};
    if (::stat(path_.c_str(), &existing) == 0) return failed(EEXIST);
    done = ::rename(temporary_.c_str(), path_.c_str());
  }
  if (done != 0) return failed(errno);
  ::close(std::exchange(descriptor_, -1));
  return {};
}

}  // namespace inkwash::cli
