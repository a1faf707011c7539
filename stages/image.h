// Tables as bytes: what takes long to make, such as OpenCC's own configurations, is made when inkwash is built and used
// where it lies in the program, so that no start waits for it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inkwash::stages {

/// An array of its own, or one that lies in an image, which must outlive it. Movable, not copyable.
template <typename T>
class ImageArray {
 public:
  ImageArray() = default;
  explicit ImageArray(std::vector<T> own) : own_(std::move(own)), view_(own_) {}
  explicit ImageArray(std::span<const T> in_image) : view_(in_image) {}
  ImageArray(ImageArray&&) noexcept = default;
  ImageArray& operator=(ImageArray&&) noexcept = default;

  [[nodiscard]] const T* data() const noexcept { return view_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return view_[index]; }
  /// To be changed. Precondition: it is its own.
  [[nodiscard]] std::span<T> own() noexcept { return own_; }

 private:
  std::vector<T> own_;
  std::span<const T> view_;  ///< the vector's elements stay where they are when it is moved
};

/// Where arrays begin in an image, so that each is aligned as any vector of them must be.
constexpr std::size_t image_alignment = 64;

/// Appends numbers and arrays to an image; ImageReader takes them in the same order.
class ImageWriter {
 public:
  explicit ImageWriter(std::string& image) : image_(image) {}

  void operator()(const std::integral auto& number) { append(&number, sizeof number); }
  template <typename T>
  void operator()(const ImageArray<T>& array) {
    (*this)(array.size());
    align();
    append(array.data(), array.size() * sizeof(T));
  }
  void align() { image_.resize((image_.size() + image_alignment - 1) / image_alignment * image_alignment); }

 private:
  void append(const void* from, std::size_t size) { image_.append(static_cast<const char*>(from), size); }

  std::string& image_;
};

/// Precondition: `image` was made by an ImageWriter of the same build and is aligned.
class ImageReader {
 public:
  explicit ImageReader(std::string_view image) : image_(image) {}

  void operator()(std::integral auto& number) {
    std::memcpy(&number, image_.data() + at_, sizeof number);
    at_ += sizeof number;
  }
  template <typename T>
  void operator()(ImageArray<T>& array) {
    std::size_t size = 0;
    (*this)(size);
    at_ = (at_ + image_alignment - 1) / image_alignment * image_alignment;
    array = ImageArray<T>(std::span(reinterpret_cast<const T*>(image_.data() + at_), size));
    at_ += size * sizeof(T);
  }

 private:
  std::string_view image_;
  std::size_t at_ = 0;
};

}  // namespace inkwash::stages
