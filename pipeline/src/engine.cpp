#include "inkwash/engine.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <thread>

namespace inkwash {

void run(JobSource& source, const EngineOptions& options) {
  const std::size_t threads =
      options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const std::size_t in_flight = options.jobs_in_flight != 0 ? options.jobs_in_flight : 3 * threads;
  // More threads than cores are allowed: jobs also wait for disks.
  const tbb::global_control allowed(tbb::global_control::max_allowed_parallelism, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    tbb::parallel_pipeline(
        in_flight,
        tbb::make_filter<void, Job*>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) -> Job* {
          std::unique_ptr<Job> job = source.next();
          if (!job) control.stop();
          return job.release();
        }) & tbb::make_filter<Job*, Job*>(tbb::filter_mode::parallel, [](Job* job) {
          job->run();
          return job;
        }) & tbb::make_filter<Job*, void>(tbb::filter_mode::serial_in_order, [](Job* job) {
          const std::unique_ptr<Job> owned(job);
          owned->finish();
        }));
  });
}

}  // namespace inkwash
