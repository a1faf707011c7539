// Bytes put aside on disk until they are needed again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "inkwash/expected.h"

namespace inkwash::cli {

/// A file without a name, which is gone when the program ends, however it ends. Thread-safe.
class Spill {
 public:
  struct Place {
    std::uint64_t begin = 0, size = 0;
  };

  Spill() = default;
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  /// It will lie on the disk of `folder`, which is there when put() is called first.
  void set_folder(std::filesystem::path folder) { folder_ = std::move(folder); }
  /// Error: why the bytes could not be put there, or read from there.
  [[nodiscard]] expected<Place, std::string> put(std::string_view bytes);
  [[nodiscard]] expected<std::string, std::string> get(Place place) const;

 private:
  [[nodiscard]] expected<void, std::string> open();

  std::filesystem::path folder_;
  std::mutex mutex_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace inkwash::cli
