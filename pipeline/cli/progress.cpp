#include "progress.h"

#include <fmt/format.h>

#include <cstdio>

#include "console.h"

namespace inkwash::cli {

Progress::Progress(bool shown, std::uint64_t total_files, std::uint64_t total_bytes)
    : shown_(shown), total_files_(total_files), total_bytes_(total_bytes) {}

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

void Progress::update(std::uint64_t files, std::uint64_t bytes) {
  const auto now = Clock::now();
  if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const double spent = seconds();
  const double rate = spent > 0 ? static_cast<double>(bytes) / spent : 0;
  std::string line = fmt::format("{} files", files);
  if (total_bytes_ > 0) {
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_bytes_));
    constexpr int cells = 24;
    const auto filled = static_cast<std::size_t>(share * cells);
    line = fmt::format("[{}{}] {:3.0f} %  {} of {} files", std::string(filled, '#'), std::string(cells - filled, '.'),
                       share * 100, files, total_files_);
    if (rate > 0) {
      const auto left = static_cast<long>(static_cast<double>(total_bytes_ - std::min(bytes, total_bytes_)) / rate);
      line += fmt::format("  {}:{:02} left", left / 60, left % 60);
    }
  }
  line += fmt::format("  {:.1f} MB/s", rate / 1e6);
  tell("\r{:<{}}", line, width_);
  width_ = line.size();
  std::fflush(stderr);
}

void Progress::clear() {
  if (width_ > 0) tell("\r{:<{}}\r", "", width_);
  width_ = 0;
}

}  // namespace inkwash::cli
