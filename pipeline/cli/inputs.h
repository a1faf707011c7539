// Finding and reading the inputs of `inkwash clean`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inkwash/expected.h"

namespace inkwash::cli {

/// One file (or standard input) to read, and where its output goes.
struct InputFile {
  std::filesystem::path path;      ///< "-": standard input
  std::filesystem::path relative;  ///< below the output folder
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

  Walk(std::vector<std::string> inputs, WalkOptions options, Trouble trouble);
  ~Walk();
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  [[nodiscard]] std::optional<InputFile> next();

 private:
  struct Level;
  void enter(const std::filesystem::path& folder, const std::filesystem::path& relative);

  std::vector<std::string> inputs_;
  std::size_t next_input_ = 0;
  WalkOptions options_;
  Trouble trouble_;
  std::vector<Level> levels_;
};

/// What an input file holds, by its first bytes and its name.
enum class Container : std::uint8_t { plain, json_lines, compressed, archive };
[[nodiscard]] Container container_of(const std::filesystem::path& path);

/// Reads files of one container one after another (an archive has many, others one), decompressed.
/// Not thread-safe.
class Reader {
 public:
  struct Member {
    std::string name;  ///< path inside the archive; empty for other containers
    std::string bytes;
  };
  [[nodiscard]] static expected<std::unique_ptr<Reader>, std::string> open(const std::filesystem::path& path,
                                                                           Container container,
                                                                           std::uint64_t most_bytes);
  virtual ~Reader() = default;
  /// The next member; nullopt at the end. Error: why the rest can't be read. After an error about
  /// one member (`can_go_on`), the members after it can still be read.
  [[nodiscard]] virtual expected<std::optional<Member>, std::string> next() = 0;
  [[nodiscard]] virtual bool can_go_on() const { return false; }
};

/// Reads lines of a (perhaps compressed) file without holding it whole.
class LineReader {
 public:
  [[nodiscard]] static expected<std::unique_ptr<LineReader>, std::string> open(const std::filesystem::path& path,
                                                                               std::uint64_t most_bytes);
  virtual ~LineReader() = default;
  /// The next line without its LF; nullopt at the end.
  [[nodiscard]] virtual expected<std::optional<std::string>, std::string> next() = 0;
};

/// `**` any path, `*` and `?` within a part.
[[nodiscard]] bool glob_matches(std::string_view glob, std::string_view path);

}  // namespace inkwash::cli
