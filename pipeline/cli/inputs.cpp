#include "inputs.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "outputs.h"

namespace inkwash::cli {
namespace fs = std::filesystem;

// ---- walking ---------------------------------------------------------------------------------

struct Walk::Level {
  fs::path relative;
  std::vector<fs::path> entries;  // sorted, taken from the back
  dev_t device;
  ino_t inode;
};

Walk::Walk(std::vector<std::string> inputs, WalkOptions options, Trouble trouble)
    : inputs_(std::move(inputs)), options_(std::move(options)), trouble_(std::move(trouble)) {}

Walk::~Walk() = default;

void Walk::enter(const fs::path& folder, const fs::path& relative) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return trouble_(folder.native(), std::strerror(errno));
  for (const Level& level : levels_)
    if (level.device == status.st_dev && level.inode == status.st_ino)
      return trouble_(folder.native(), "a link leads back to a folder above it; it is left out");
  std::error_code error;
  if (!options_.output.empty() && fs::equivalent(folder, options_.output, error)) return;
  Level level{relative, {}, status.st_dev, status.st_ino};
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error))
    if (!is_temporary_name(entry->path().filename().native())) level.entries.push_back(entry->path());
  if (error) trouble_(folder.native(), error.message());
  std::sort(level.entries.begin(), level.entries.end(), std::greater<>());
  levels_.push_back(std::move(level));
}

std::optional<InputFile> Walk::next() {
  for (;;) {
    if (levels_.empty()) {
      if (next_input_ == inputs_.size()) return std::nullopt;
      const std::string& input = inputs_[next_input_++];
      if (input == "-") return InputFile{"-", "stdin.txt"};
      const fs::path path(input);
      std::error_code error;
      const fs::file_status status = fs::status(path, error);
      if (error) {
        trouble_(input, error.message());
      } else if (fs::is_directory(status)) {
        enter(path, {});
      } else {
        return InputFile{path, path.filename()};
      }
      continue;
    }
    Level& level = levels_.back();
    if (level.entries.empty()) {
      levels_.pop_back();
      continue;
    }
    const fs::path path = std::move(level.entries.back());
    level.entries.pop_back();
    const fs::path relative = level.relative / path.filename();
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (error) {
      trouble_(path.native(), error.message());
      continue;
    }
    const auto matches = [&](const std::string& glob) {
      return glob_matches(glob, relative.native()) || glob_matches(glob, path.filename().native());
    };
    if (std::any_of(options_.exclude.begin(), options_.exclude.end(), matches)) continue;
    if (fs::is_directory(status)) {
      enter(path, relative);
      continue;
    }
    if (!options_.include.empty() && std::none_of(options_.include.begin(), options_.include.end(), matches)) continue;
    if (path.filename() == ".inkwash-journal") continue;
    if (!fs::is_regular_file(status)) {
      trouble_(path.native(), "not a regular file; name it as an input of its own to read it");
      continue;
    }
    return InputFile{path, relative};
  }
}

bool glob_matches(std::string_view glob, std::string_view path) {
  // `**` is what fnmatch calls `*` without FNM_PATHNAME.
  const bool any_depth = glob.find("**") != std::string_view::npos;
  return ::fnmatch(std::string(glob).c_str(), std::string(path).c_str(), any_depth ? 0 : FNM_PATHNAME) == 0;
}

// ---- reading ---------------------------------------------------------------------------------

Container container_of(const fs::path& path) {
  const std::string name = path.filename().native();
  const auto ends = [&](std::initializer_list<std::string_view> endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.size() > ending.size() && name.ends_with(ending); });
  };
  if (ends({".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".tar.xz", ".tar.bz2", ".zip"})) return Container::archive;
  if (ends({".jsonl", ".ndjson", ".jsonl.gz", ".jsonl.zst", ".ndjson.gz", ".ndjson.zst"})) return Container::json_lines;
  if (ends({".gz", ".zst", ".xz", ".bz2"})) return Container::compressed;
  return Container::plain;
}

namespace {

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};
using ArchivePointer = std::unique_ptr<archive, ArchiveCloser>;

std::string message_of(archive* a) {
  const char* text = archive_error_string(a);
  return text != nullptr ? text : "it can't be read";
}

expected<ArchivePointer, std::string> open_archive(const fs::path& path, bool members) {
  ArchivePointer a(archive_read_new());
  archive_read_support_filter_all(a.get());
  if (members) {
    archive_read_support_format_tar(a.get());
    archive_read_support_format_zip(a.get());
  } else {
    archive_read_support_format_raw(a.get());
  }
  constexpr std::size_t block = 1u << 16;
  if (archive_read_open_filename(a.get(), path.c_str(), block) != ARCHIVE_OK) return unexpected(message_of(a.get()));
  return a;
}

std::string too_large(std::uint64_t most) {
  return fmt::format("it holds more than {} bytes; --max-document allows more", most);
}

class PlainReader final : public Reader {
 public:
  PlainReader(int descriptor, std::uint64_t most) : descriptor_(descriptor), most_(most) {}
  ~PlainReader() override {
    if (descriptor_ > 0) ::close(descriptor_);
  }
  expected<std::optional<Member>, std::string> next() override {
    if (done_) return std::nullopt;
    done_ = true;
    Member member;
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
      if (static_cast<std::uint64_t>(status.st_size) > most_) return unexpected(too_large(most_));
      member.bytes.resize(static_cast<std::size_t>(status.st_size));
    }
    std::size_t size = 0;
    for (;;) {
      if (size > most_) return unexpected(too_large(most_));
      // One byte more than expected, so that a file that has grown is noticed.
      if (size == member.bytes.size()) member.bytes.resize(std::max<std::size_t>(size + size / 2, size + 4096));
      const ssize_t got = ::read(descriptor_, member.bytes.data() + size, member.bytes.size() - size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return unexpected(std::string(std::strerror(errno)));
      if (got == 0) break;
      size += static_cast<std::size_t>(got);
    }
    member.bytes.resize(size);
    return std::optional<Member>(std::move(member));
  }

 private:
  int descriptor_;
  std::uint64_t most_;
  bool done_ = false;
};

class ArchiveReader final : public Reader {
 public:
  ArchiveReader(ArchivePointer a, bool members, std::uint64_t most)
      : archive_(std::move(a)), members_(members), most_(most) {}

  expected<std::optional<Member>, std::string> next() override {
    can_go_on_ = false;
    for (;;) {
      archive_entry* entry = nullptr;
      const int status = archive_read_next_header(archive_.get(), &entry);
      if (status == ARCHIVE_EOF) return std::nullopt;
      if (status < ARCHIVE_WARN) return unexpected(message_of(archive_.get()));
      if (members_ && archive_entry_filetype(entry) != AE_IFREG) continue;
      Member member;
      if (members_) {
        const char* name = archive_entry_pathname(entry);
        member.name = name != nullptr ? name : "";
      }
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      int read = ARCHIVE_OK;
      while ((read = archive_read_data_block(archive_.get(), &block, &size, &offset)) == ARCHIVE_OK) {
        const auto end = static_cast<std::uint64_t>(offset) + size;
        if (end > most_) {
          can_go_on_ = members_;
          return unexpected(fmt::format("{}{}", prefix(member.name), too_large(most_)));
        }
        member.bytes.resize(std::max<std::size_t>(member.bytes.size(), static_cast<std::size_t>(offset)));
        member.bytes.append(static_cast<const char*>(block), size);
      }
      if (read != ARCHIVE_EOF) return unexpected(prefix(member.name) + message_of(archive_.get()));
      return std::optional<Member>(std::move(member));
    }
  }
  bool can_go_on() const override { return can_go_on_; }

 private:
  static std::string prefix(const std::string& name) { return name.empty() ? std::string() : printable(name) + ": "; }

  ArchivePointer archive_;
  bool members_;
  std::uint64_t most_;
  bool can_go_on_ = false;
};

class ArchiveLineReader final : public LineReader {
 public:
  ArchiveLineReader(ArchivePointer a, std::uint64_t most) : archive_(std::move(a)), most_(most) {}

  bool start(std::string& error) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) ended_ = true;
    if (status < ARCHIVE_WARN) error = message_of(archive_.get());
    return status >= ARCHIVE_WARN || status == ARCHIVE_EOF;
  }

  expected<std::optional<std::string>, std::string> next() override {
    std::string line;
    for (;;) {
      const std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos) {
        line = buffer_.substr(at_, end - at_);
        at_ = end + 1;
        return std::optional<std::string>(std::move(line));
      }
      if (ended_) {
        if (at_ == buffer_.size()) return std::nullopt;
        line = buffer_.substr(at_);
        at_ = buffer_.size();
        return std::optional<std::string>(std::move(line));
      }
      buffer_.erase(0, at_);
      at_ = 0;
      if (buffer_.size() > most_) return unexpected(too_large(most_));
      const std::size_t size = buffer_.size();
      constexpr std::size_t step = 1u << 18;
      buffer_.resize(size + step);
      const la_ssize_t got = archive_read_data(archive_.get(), buffer_.data() + size, step);
      if (got < 0) return unexpected(message_of(archive_.get()));
      buffer_.resize(size + static_cast<std::size_t>(got));
      ended_ = got == 0;
    }
  }

 private:
  ArchivePointer archive_;
  std::uint64_t most_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

expected<std::unique_ptr<Reader>, std::string> Reader::open(const fs::path& path, Container container,
                                                            std::uint64_t most_bytes) {
  if (container == Container::plain) {
    const int descriptor = path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return unexpected(std::string(std::strerror(errno)));
    return std::make_unique<PlainReader>(descriptor, most_bytes);
  }
  const bool members = container == Container::archive;
  auto opened = open_archive(path, members);
  if (!opened) return unexpected(opened.error());
  return std::make_unique<ArchiveReader>(std::move(*opened), members, most_bytes);
}

expected<std::unique_ptr<LineReader>, std::string> LineReader::open(const fs::path& path, std::uint64_t most_bytes) {
  auto opened = open_archive(path == "-" ? fs::path("/dev/stdin") : path, false);
  if (!opened) return unexpected(opened.error());
  auto reader = std::make_unique<ArchiveLineReader>(std::move(*opened), most_bytes);
  std::string error;
  if (!reader->start(error)) return unexpected(error);
  return reader;
}

}  // namespace inkwash::cli
