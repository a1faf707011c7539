// What --resume goes by: for each output, hashes of the input, of the configuration and of itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "inkwash/expected.h"

struct XXH3_state_s;

namespace inkwash::cli {

[[nodiscard]] std::uint64_t content_hash(std::string_view bytes);
/// The same of a file's bytes; nullopt where it can't be read.
[[nodiscard]] std::optional<std::uint64_t> content_hash_of_file(const std::filesystem::path& path);

/// The same of bytes that come in parts. Not thread-safe.
class ContentHash {
 public:
  ContentHash();
  ~ContentHash();
  ContentHash(const ContentHash&) = delete;
  ContentHash& operator=(const ContentHash&) = delete;
  void add(std::string_view bytes);
  [[nodiscard]] std::uint64_t value() const;

 private:
  XXH3_state_s* state_;
};

/// A file of lines in the output folder, only ever appended to, a line at a time; a line that was
/// cut off is ignored. Thread-safe.
class Journal {
 public:
  ~Journal();
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Reads what is there and opens it for more. Error: why it can't be.
  [[nodiscard]] expected<void, std::string> open(const std::filesystem::path& folder, std::uint64_t configuration);

  /// An earlier run wrote this output, so it may be replaced.
  [[nodiscard]] bool knows(const std::filesystem::path& relative) const;
  /// The output was made from this input by this configuration and is as it was then.
  [[nodiscard]] bool is_done(const std::filesystem::path& relative, std::uint64_t input,
                             const std::filesystem::path& output) const;
  void add(const std::filesystem::path& relative, std::uint64_t input, std::uint64_t output);

 private:
  struct Entry {
    std::uint64_t input, configuration, output;
  };
  /// A line with the hash of the output's relative path; none where it is no whole one.
  static std::optional<std::pair<std::uint64_t, Entry>> read(std::string_view line);

  std::unordered_map<std::uint64_t, Entry> entries_;  // by hash of the output's relative path
  mutable std::mutex mutex_;
  std::uint64_t configuration_ = 0;
  int descriptor_ = -1;
};

}  // namespace inkwash::cli
