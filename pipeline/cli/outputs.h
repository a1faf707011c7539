// Writing files whole or not at all, and the formats of `inkwash clean`.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "inkwash/document.h"
#include "inkwash/expected.h"
#include "inkwash/quality.h"

namespace inkwash::cli {

enum class Format : std::uint8_t { text, jsonl, markdown };
[[nodiscard]] std::optional<Format> format_named(std::string_view name);

/// The document as the format writes it (`quality` is for jsonl only); text and markdown end in a newline unless
/// they are empty.
[[nodiscard]] std::string format_document(const Document& document, std::string_view name, Format format,
                                          const Quality& quality);

/// A file that is visible under its name only once it is complete: written under a temporary name
/// in the same folder, locked while it is written, synced, renamed. Not thread-safe; different files are independent.
class AtomicFile {
 public:
  /// Makes missing folders, but not `root`: where a run has a folder for its outputs and somebody takes it away, that
  /// is an error. Error: what could not be done, and why.
  [[nodiscard]] static expected<AtomicFile, std::string> create(const std::filesystem::path& path,
                                                                const std::filesystem::path& root = {});
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  /// Removes the temporary file unless commit() succeeded.
  ~AtomicFile();

  [[nodiscard]] expected<void, std::string> write(std::string_view bytes);
  /// With `replace` an existing file is replaced, otherwise that is an error, as it is of a device or a pipe.
  [[nodiscard]] expected<void, std::string> commit(bool replace);

 private:
  AtomicFile(std::filesystem::path path, std::filesystem::path temporary, int descriptor)
      : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
  off_t size_ = 0, on_its_way_ = 0;  ///< bytes written, and of these those that the disk was asked for
};

/// A file that appears whole under its name or not at all.
/// `root` is as of AtomicFile::create().
[[nodiscard]] expected<void, std::string> write_file(const std::filesystem::path& path, std::string_view bytes,
                                                     bool replace, const std::filesystem::path& root = {});

/// Where the edit log of an output is: beside it, as NAME.edits.jsonl.
[[nodiscard]] std::filesystem::path log_of(std::filesystem::path output);
[[nodiscard]] bool is_log_name(std::string_view name);

/// Temporary names of AtomicFile, which no walk of a folder takes for an input.
[[nodiscard]] bool is_temporary_name(std::string_view name);

/// Removes the temporary files that runs which were killed have left in `folder` and below; those of runs that go on
/// are locked and stay.
void remove_leftovers(const std::filesystem::path& folder);

/// A name for messages: what is not UTF-8 or not printable becomes \xHH.
[[nodiscard]] std::string printable(std::string_view name);

}  // namespace inkwash::cli
