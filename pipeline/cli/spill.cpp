#include "spill.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "outputs.h"

namespace inkwash::cli {
namespace {

unexpected<std::string> failed(const std::filesystem::path& folder, int error) {
  return unexpected(fmt::format("it can't be put aside in {}: {}", printable(folder.native()), std::strerror(error)));
}

}  // namespace

Spill::~Spill() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

expected<void, std::string> Spill::open() {
  descriptor_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {  // a file system that has no such files
    std::string name = (folder_ / ".inkwash-XXXXXX.tmp").native();
    descriptor_ = ::mkostemps(name.data(), 4, O_CLOEXEC);
    if (descriptor_ < 0) return failed(folder_, errno);
    ::unlink(name.c_str());
  }
  return {};
}

expected<Spill::Place, std::string> Spill::put(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0)
    if (const auto opened = open(); !opened) return unexpected(opened.error());
  const Place place{size_, bytes.size()};
  for (std::uint64_t at = size_; !bytes.empty();) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0) {
      if (errno == EINTR) continue;
      return failed(folder_, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  size_ += place.size;
  return place;
}

expected<std::string, std::string> Spill::get(Place place) const {
  std::string bytes(place.size, '\0');
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t read =
        ::pread(descriptor_, bytes.data() + at, bytes.size() - at, static_cast<off_t>(place.begin + at));
    if (read < 0 && errno == EINTR) continue;
    if (read <= 0) return failed(folder_, read == 0 ? EIO : errno);
    at += static_cast<std::size_t>(read);
  }
  return bytes;
}

}  // namespace inkwash::cli
