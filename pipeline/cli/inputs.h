// Finding and reading inputs: of `inkwash clean`, and of the commands that make one thing of many texts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"

namespace inkwash::cli {

/// One file (or standard input) to read, and where its output goes.
struct InputFile {
  std::filesystem::path path;      ///< "-": standard input
  std::filesystem::path relative;  ///< below the output folder
  bool named = false;              ///< by the user, not found in a folder
};

/// What the user names as an input.
struct InputName {
  std::string path;            ///< a file, a folder or "-"
  bool keeps_folders = false;  ///< the output of a file mirrors its whole path, not only its last part
};

struct WalkOptions {
  std::vector<std::string> include;  ///< globs on the path below the folder or on its last part
  std::vector<std::string> exclude;
  std::filesystem::path output;  ///< a folder that is never walked
};

/// The files of the inputs, one after another: folders recursively, their entries sorted by name, so
/// the order is the same every time. Only the entries of the folders on the way are in memory.
/// Not thread-safe.
class Walk {
 public:
  /// `trouble` is told about what can't be read: (path, reason).
  using Trouble = std::function<void(const std::string&, const std::string&)>;

  Walk(std::vector<InputName> inputs, WalkOptions options, Trouble trouble);
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  [[nodiscard]] std::optional<InputFile> next();

 private:
  struct Level;
  void enter(const std::filesystem::path& folder, const std::filesystem::path& relative);

  std::vector<InputName> inputs_;
  std::size_t next_input_ = 0;
  WalkOptions options_;
  Trouble trouble_;
  std::vector<Level> levels_;
};

/// What an input file holds.
enum class Container : std::uint8_t { plain, json_lines, compressed, archive };
/// By its name.
[[nodiscard]] Container container_of(const std::filesystem::path& path);
/// By its first bytes (512 are enough); nullopt: neither compressed nor an archive.
[[nodiscard]] std::optional<Container> container_of_bytes(std::string_view bytes);

/// Bytes to read from: a file, standard input ("-"), or bytes that were read already.
struct Input {
  std::filesystem::path path;
  std::optional<std::string> bytes;
};

/// A file and what it holds.
struct Found {
  Container container;
  Input input;
};
/// By its name, and of what the user named also by its first bytes. For these standard input is read, but where
/// `streams`: it is plain then. Error: why it can't be read.
[[nodiscard]] expected<Found, std::string> look_into(const InputFile& file, std::uint64_t most_bytes, bool streams);

/// A file, or standard input ("-"), read from its beginning. Movable; not thread-safe.
class FileReader {
 public:
  /// Error: why it can't be read, or that it holds more than `most_bytes`.
  [[nodiscard]] static expected<FileReader, std::string> open(const std::filesystem::path& path,
                                                              std::uint64_t most_bytes);
  FileReader(FileReader&& other) noexcept;
  FileReader& operator=(FileReader&&) = delete;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  ~FileReader();

  /// Bytes of a regular file when it was opened; nullopt: it is none, and can be read only once.
  [[nodiscard]] std::optional<std::size_t> size() const noexcept { return size_; }
  /// The next bytes, at most as many as there is room for; their number, 0 at the end. Error: as of open().
  [[nodiscard]] expected<std::size_t, std::string> read(std::span<char> to);

 private:
  FileReader(int descriptor, std::uint64_t most_bytes) : descriptor_(descriptor), most_bytes_(most_bytes) {}

  int descriptor_;
  std::uint64_t most_bytes_, read_ = 0;
  std::optional<std::size_t> size_;
};

/// Makes room for so many bytes in all, in large pages where the system has them: most of the cost of memory that is
/// written once is for its pages.
void reserve_in_large_pages(std::string& bytes, std::size_t size);

/// Reads all of a plain file or of standard input. Error: why not.
[[nodiscard]] expected<std::string, std::string> read_all(const std::filesystem::path& path, std::uint64_t most_bytes);
/// The bytes of a compressed file.
[[nodiscard]] expected<std::string, std::string> decompress(Input input, std::uint64_t most_bytes);

/// Reads the members of an archive one after another, decompressed. Not thread-safe.
class ArchiveReader {
 public:
  struct Member {
    std::string name;  ///< path inside the archive
    std::string bytes;
  };
  [[nodiscard]] static expected<std::unique_ptr<ArchiveReader>, std::string> open(Input input,
                                                                                  std::uint64_t most_bytes);
  virtual ~ArchiveReader() = default;
  /// The next member; nullopt at the end. Error: why the rest can't be read. After an error about
  /// one member (`can_go_on`), the members after it can still be read.
  [[nodiscard]] virtual expected<std::optional<Member>, std::string> next() = 0;
  [[nodiscard]] virtual bool can_go_on() const = 0;
};

/// Reads lines of a (perhaps compressed) file without holding it whole.
class LineReader {
 public:
  [[nodiscard]] static expected<std::unique_ptr<LineReader>, std::string> open(Input input, std::uint64_t most_bytes);
  virtual ~LineReader() = default;
  /// The next line with its LF, which the last one may lack; nullopt at the end.
  [[nodiscard]] virtual expected<std::optional<std::string>, std::string> next() = 0;
};

/// A path as one below the output folder: without its root and without parts that lead upwards.
[[nodiscard]] std::filesystem::path below_output(const std::filesystem::path& path);

/// `**` any path, `*` and `?` within a part.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view path);

}  // namespace inkwash::cli
