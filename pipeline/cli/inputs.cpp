#include "inputs.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <locale.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "outputs.h"

namespace inkwash::cli {
namespace fs = std::filesystem;

namespace {

/// Names are UTF-8 whatever the user's locale; fnmatch and libarchive ask the thread's. Made where it is needed, since
/// reading it is work for a start.
class Utf8Names {
 public:
  Utf8Names() : before_(::uselocale(utf8())) {}
  ~Utf8Names() { ::uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  locale_t before_;
};

std::string too_large_message(std::uint64_t most) {
  return fmt::format("it holds more than {} bytes; --max-document allows more", most);
}

}  // namespace

// ---- walking ---------------------------------------------------------------------------------

/// Names one after another in one string: a folder may have millions.
struct Walk::Level {
  fs::path folder, relative;
  std::string names;                   // each with a NUL
  std::vector<std::uint32_t> entries;  // where they begin; sorted, taken from the back
  dev_t device;
  ino_t inode;
};

Walk::Walk(std::vector<InputName> inputs, WalkOptions options, Trouble trouble)
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
  Level level{folder, relative, {}, {}, status.st_dev, status.st_ino};
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().native();
    if (is_temporary_name(name) || is_log_name(name)) continue;
    level.entries.push_back(static_cast<std::uint32_t>(level.names.size()));
    level.names.append(name.c_str(), name.size() + 1);
  }
  if (error) trouble_(folder.native(), error.message());
  std::sort(level.entries.begin(), level.entries.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::strcmp(level.names.data() + a, level.names.data() + b) > 0;
  });
  levels_.push_back(std::move(level));
}

std::optional<InputFile> Walk::next() {
  for (;;) {
    if (levels_.empty()) {
      if (next_input_ == inputs_.size()) return std::nullopt;
      const InputName& input = inputs_[next_input_++];
      if (input.path == "-") return InputFile{"-", "stdin.txt", true};
      const fs::path path(input.path);
      std::error_code error;
      const fs::file_status status = fs::status(path, error);
      if (error) {
        trouble_(input.path, error.message());
      } else if (fs::is_directory(status)) {
        enter(path, {});
      } else {
        return InputFile{path, input.keeps_folders ? below_output(path) : path.filename(), true};
      }
      continue;
    }
    Level& level = levels_.back();
    if (level.entries.empty()) {
      levels_.pop_back();
      continue;
    }
    const fs::path name(level.names.data() + level.entries.back());
    level.entries.pop_back();
    const fs::path path = level.folder / name;
    const fs::path relative = level.relative / name;
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (error) {
      trouble_(path.native(), error.message());
      continue;
    }
    const auto matches = [&](const std::string& glob) {
      return glob_matches(glob, relative.native()) || glob_matches(glob, name.native());
    };
    if (std::any_of(options_.exclude.begin(), options_.exclude.end(), matches)) continue;
    if (fs::is_directory(status)) {
      enter(path, relative);
      continue;
    }
    if (!options_.include.empty() && std::none_of(options_.include.begin(), options_.include.end(), matches)) continue;
    if (name == ".inkwash-journal") continue;
    if (!fs::is_regular_file(status)) {
      trouble_(path.native(), "not a regular file; name it as an input of its own to read it");
      continue;
    }
    return InputFile{path, relative};
  }
}

fs::path below_output(const fs::path& path) {
  fs::path safe;
  for (const fs::path& part : path.lexically_normal().relative_path())
    if (part != ".." && part != "." && !part.empty()) safe /= part;
  return safe;
}

bool glob_matches(std::string_view glob, std::string_view path) {
  // `**` is what fnmatch calls `*` without FNM_PATHNAME.
  const Utf8Names names;
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

std::optional<Container> container_of_bytes(std::string_view bytes) {
  using namespace std::string_view_literals;
  const auto begins = [&](std::string_view magic, std::size_t at = 0) {
    return bytes.size() >= at + magic.size() && bytes.substr(at, magic.size()) == magic;
  };
  if (begins("\x1F\x8B\x08"sv) || begins("\x28\xB5\x2F\xFD"sv) || begins("\xFD\x37zXZ\0"sv) ||
      (begins("BZh"sv) && begins("1AY&SY"sv, 4)))
    return Container::compressed;
  if (begins("PK\x03\x04"sv) || begins("PK\x05\x06"sv) || begins("ustar"sv, 257)) return Container::archive;
  return std::nullopt;
}

expected<FileReader, std::string> FileReader::open(const fs::path& path, std::uint64_t most_bytes) {
  const int descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unexpected(std::string(std::strerror(errno)));
  FileReader reader(descriptor, most_bytes);
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) {
    if (static_cast<std::uint64_t>(status.st_size) > most_bytes) return unexpected(too_large_message(most_bytes));
    reader.size_ = static_cast<std::size_t>(status.st_size);
  }
  return reader;
}

FileReader::FileReader(FileReader&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      most_bytes_(other.most_bytes_),
      read_(other.read_),
      size_(other.size_) {}

FileReader::~FileReader() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

expected<std::size_t, std::string> FileReader::read(std::span<char> to) {
  for (;;) {
    const ssize_t got = ::read(descriptor_, to.data(), to.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unexpected(std::string(std::strerror(errno)));
    read_ += static_cast<std::size_t>(got);
    if (read_ > most_bytes_) return unexpected(too_large_message(most_bytes_));
    return static_cast<std::size_t>(got);
  }
}

void reserve_in_large_pages(std::string& bytes, std::size_t size) {
  bytes.reserve(size);
#ifdef MADV_HUGEPAGE
  constexpr std::size_t page = 2u << 20, worth_it = 2 * page;
  if (size < worth_it) return;
  // What is in the string is at its beginning, in pages of its own.
  auto address = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size());
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(bytes.data() + size) / page * page;
  address = (address + page - 1) / page * page;
  if (address < end) ::madvise(reinterpret_cast<void*>(address), end - address, MADV_HUGEPAGE);
#endif
}

expected<std::string, std::string> read_all(const fs::path& path, std::uint64_t most_bytes) {
  auto reader = FileReader::open(path, most_bytes);
  if (!reader) return unexpected(reader.error());
  std::string bytes;
  // One byte more than expected, so that the end is seen without another buffer.
  const std::size_t expected_size = reader->size() ? *reader->size() + 1 : 0;
  reserve_in_large_pages(bytes, expected_size);
  bytes.resize(expected_size);
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(std::max<std::size_t>(size + size / 2, size + 4096));
    const auto got = reader->read(std::span(bytes).subspan(size));
    if (!got) return unexpected(got.error());
    if (*got == 0) break;
    size += *got;
  }
  bytes.resize(size);
  return bytes;
}

namespace {

std::string first_bytes(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return {};  // what is read from a pipe is gone
  std::ifstream in(path, std::ios::binary);
  std::string bytes(512, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  return bytes;
}

}  // namespace

expected<Found, std::string> look_into(const InputFile& file, std::uint64_t most_bytes, bool streams) {
  Found found{container_of(file.path), {file.path, std::nullopt}};
  if (!file.named || found.container != Container::plain) return found;
  if (file.path != "-") {
    found.container = container_of_bytes(first_bytes(file.path)).value_or(Container::plain);
  } else if (!streams) {
    // It can't be looked at without being read.
    auto bytes = read_all(file.path, most_bytes);
    if (!bytes) return unexpected(bytes.error());
    found.container = container_of_bytes(*bytes).value_or(Container::plain);
    found.input.bytes = std::move(*bytes);
  }
  return found;
}

namespace {

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};

/// libarchive's reader and the bytes it reads, which must not move.
struct OpenArchive {
  std::unique_ptr<std::string> bytes;
  std::unique_ptr<archive, ArchiveCloser> handle;
  [[nodiscard]] archive* get() const { return handle.get(); }
};

std::string message_of(archive* a) {
  const char* text = archive_error_string(a);
  return text != nullptr ? text : "it can't be read";
}

expected<OpenArchive, std::string> open_archive(Input input, bool members) {
  const Utf8Names names;
  OpenArchive a;
  a.handle.reset(archive_read_new());
  // Not all that libarchive knows: it starts programs for some, and needs more libraries.
  archive_read_support_filter_gzip(a.get());
  archive_read_support_filter_zstd(a.get());
  archive_read_support_filter_xz(a.get());
  archive_read_support_filter_bzip2(a.get());
  if (members) {
    archive_read_support_format_tar(a.get());
    archive_read_support_format_zip(a.get());
  } else {
    archive_read_support_format_raw(a.get());
    archive_read_support_format_empty(a.get());
  }
  constexpr std::size_t block = 1u << 16;
  int opened = ARCHIVE_OK;
  if (input.bytes) {
    a.bytes = std::make_unique<std::string>(std::move(*input.bytes));
    opened = archive_read_open_memory(a.get(), a.bytes->data(), a.bytes->size());
  } else if (input.path == "-") {
    opened = archive_read_open_fd(a.get(), 0, block);
  } else {
    opened = archive_read_open_filename(a.get(), input.path.c_str(), block);
  }
  if (opened != ARCHIVE_OK) return unexpected(message_of(a.get()));
  return a;
}

class MembersReader final : public ArchiveReader {
 public:
  MembersReader(OpenArchive a, bool members, std::uint64_t most)
      : archive_(std::move(a)), members_(members), most_(most) {}

  expected<std::optional<Member>, std::string> next() override {
    const Utf8Names names;
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
          return unexpected(prefix(member.name) + too_large_message(most_));
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

  OpenArchive archive_;
  bool members_;
  std::uint64_t most_;
  bool can_go_on_ = false;
};

class RawLineReader final : public LineReader {
 public:
  RawLineReader(OpenArchive a, std::uint64_t most) : archive_(std::move(a)), most_(most) {}

  bool start(std::string& error) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) ended_ = true;
    if (status < ARCHIVE_WARN) error = message_of(archive_.get());
    return status >= ARCHIVE_WARN || status == ARCHIVE_EOF;
  }

  expected<std::optional<std::string>, std::string> next() override {
    for (;;) {
      std::size_t end = buffer_.find('\n', at_);
      if (end != std::string::npos || ended_) {
        if (at_ == buffer_.size()) return std::nullopt;
        end = end == std::string::npos ? buffer_.size() : end + 1;
        std::string line = buffer_.substr(at_, end - at_);
        at_ = end;
        return std::optional<std::string>(std::move(line));
      }
      buffer_.erase(0, at_);
      at_ = 0;
      if (buffer_.size() > most_) return unexpected(too_large_message(most_));
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
  OpenArchive archive_;
  std::uint64_t most_;
  std::string buffer_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

}  // namespace

expected<std::string, std::string> decompress(Input input, std::uint64_t most_bytes) {
  auto opened = open_archive(std::move(input), false);
  if (!opened) return unexpected(opened.error());
  MembersReader reader(std::move(*opened), false, most_bytes);
  auto member = reader.next();
  if (!member) return unexpected(member.error());
  return *member ? std::move((*member)->bytes) : std::string();
}

expected<std::unique_ptr<ArchiveReader>, std::string> ArchiveReader::open(Input input, std::uint64_t most_bytes) {
  auto opened = open_archive(std::move(input), true);
  if (!opened) return unexpected(opened.error());
  return std::make_unique<MembersReader>(std::move(*opened), true, most_bytes);
}

expected<std::unique_ptr<LineReader>, std::string> LineReader::open(Input input, std::uint64_t most_bytes) {
  auto opened = open_archive(std::move(input), false);
  if (!opened) return unexpected(opened.error());
  auto reader = std::make_unique<RawLineReader>(std::move(*opened), most_bytes);
  std::string error;
  if (!reader->start(error)) return unexpected(error);
  return reader;
}

}  // namespace inkwash::cli
