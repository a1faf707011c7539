#include "journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <new>
#include <vector>

#include "outputs.h"

namespace inkwash::cli {

std::uint64_t content_hash(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

ContentHash::ContentHash() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  XXH3_64bits_reset(state_);
}
ContentHash::~ContentHash() { XXH3_freeState(state_); }
void ContentHash::add(std::string_view bytes) { XXH3_64bits_update(state_, bytes.data(), bytes.size()); }
std::uint64_t ContentHash::value() const { return XXH3_64bits_digest(state_); }

std::optional<std::uint64_t> content_hash_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  ContentHash hash;
  std::vector<char> block(1u << 16);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
    hash.add({block.data(), static_cast<std::size_t>(in.gcount())});
  return in.bad() ? std::nullopt : std::optional(hash.value());
}

Journal::~Journal() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::pair<std::uint64_t, Journal::Entry>> Journal::read(std::string_view line) {
  std::uint64_t name = 0;
  Entry entry{};
  if (!line.starts_with("1")) return std::nullopt;
  line.remove_prefix(1);
  for (std::uint64_t* const number : {&name, &entry.input, &entry.configuration, &entry.output}) {
    if (!line.starts_with(' ')) return std::nullopt;
    const char* const end = line.data() + line.size();
    const auto [after, error] = std::from_chars(line.data() + 1, end, *number, 16);
    if (error != std::errc()) return std::nullopt;
    line = {after, end};
  }
  return line == " ." ? std::optional(std::pair(name, entry)) : std::nullopt;
}

expected<void, std::string> Journal::open(const std::filesystem::path& folder, std::uint64_t configuration) {
  configuration_ = configuration;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return unexpected(fmt::format("the folder can't be made: {}", error.message()));
  const std::filesystem::path path = folder / ".inkwash-journal";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor_ < 0) return unexpected(fmt::format("{}: {}", printable(path.native()), std::strerror(errno)));
  std::ifstream in(path);
  bool whole = true;
  for (std::string line; std::getline(in, line);) {
    whole = !in.eof();
    if (const auto known = whole ? read(line) : std::nullopt) entries_[known->first] = known->second;
  }
  // A line that was cut off must not swallow the next one.
  if (!whole && ::write(descriptor_, "\n", 1) != 1)
    return unexpected(fmt::format("{}: {}", printable(path.native()), std::strerror(errno)));
  return {};
}

bool Journal::knows(const std::filesystem::path& relative) const {
  const std::lock_guard lock(mutex_);
  return entries_.contains(content_hash(relative.native()));
}

bool Journal::is_done(const std::filesystem::path& relative, std::uint64_t input,
                      const std::filesystem::path& output) const {
  Entry entry{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(content_hash(relative.native()));
    if (found == entries_.end()) return false;
    entry = found->second;
  }
  if (entry.input != input || entry.configuration != configuration_) return false;
  return content_hash_of_file(output) == entry.output;
}

void Journal::add(const std::filesystem::path& relative, std::uint64_t input, std::uint64_t output) {
  const std::string line =
      fmt::format("1 {:x} {:x} {:x} {:x} .\n", content_hash(relative.native()), input, configuration_, output);
  const std::lock_guard lock(mutex_);
  // A journal that can't be written only means that --resume does more than it must.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, line.data(), line.size());
}

}  // namespace inkwash::cli
