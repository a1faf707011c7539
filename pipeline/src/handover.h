// What shows ThreadSanitizer the order of steps.
#pragma once

#include <mutex>

namespace inkwash {

/// Debian's TBB is not built for ThreadSanitizer, which so can't see that steps happen one after
/// another. In its builds a lock taken by each step shows it.
class Handover {
 public:
#if defined(__SANITIZE_THREAD__)
  void mark() { const std::lock_guard seen(mutex_); }

 private:
  std::mutex mutex_;
#else
  void mark() {}
#endif
};

}  // namespace inkwash
