// inkwash/engine.h - many documents at once.
//
// The engine runs jobs through a pipeline of three steps on a pool of threads:
//
//     JobSource::next()     one at a time, in order     find the next input
//     Job::run()            on any thread, in parallel  read, clean, write
//     Job::finish()         one at a time, in order     whatever must follow the inputs' order
//
// A job holds its document only between next() and finish(), and only a bounded number of jobs is
// between the two: memory is bounded by threads times the largest document, not by their number.
// The order of the calls of next() and finish() does not depend on the number of threads, so
// neither does the output.
//
//     struct Shout : inkwash::Job { ... };
//     inkwash::run(source, {.threads = 8});
//
// For one document in memory no engine is needed: see Chain::run().
#pragma once

#include <cstddef>
#include <memory>

namespace inkwash {

class Job {
 public:
  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  /// Called once, on any thread, at the same time as other jobs' run(). Errors are kept in the job;
  /// an exception ends the whole run and comes out of inkwash::run().
  virtual void run() = 0;
  /// Called once after run(), in the order of next(), never at the same time as another finish().
  virtual void finish() = 0;
};

class JobSource {
 public:
  JobSource() = default;
  JobSource(const JobSource&) = delete;
  JobSource& operator=(const JobSource&) = delete;
  virtual ~JobSource() = default;

  /// The next job, or null at the end (it is not called again then). Never called from two threads
  /// at once, but at the same time as jobs' run() and finish().
  virtual std::unique_ptr<Job> next() = 0;
};

struct EngineOptions {
  std::size_t threads = 0;         ///< 0: one for each core
  std::size_t jobs_in_flight = 0;  ///< most jobs between next() and finish(); 0: three for each thread
};

/// Runs all jobs of `source`; returns when the last one is finished. May be called from several
/// threads at once for different sources.
void run(JobSource& source, const EngineOptions& options = {});

}  // namespace inkwash
