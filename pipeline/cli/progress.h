// The progress bar, on a terminal only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace inkwash::cli {

/// Not thread-safe: update() is called where jobs finish, one at a time.
class Progress {
 public:
  /// `total_bytes` 0: unknown, so no time left is shown.
  Progress(bool shown, std::uint64_t total_files, std::uint64_t total_bytes);
  void update(std::uint64_t files, std::uint64_t bytes);
  /// Removes the bar, so that a message or the summary can be printed.
  void clear();

  [[nodiscard]] double seconds() const;

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_;
  std::uint64_t total_files_, total_bytes_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_{};
  std::size_t width_ = 0;
};

}  // namespace inkwash::cli
