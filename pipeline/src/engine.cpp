#include "inkwash/engine.h"

#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <array>
#include <optional>
#include <thread>
#include <utility>

#include "handover.h"

namespace inkwash {

void run(JobSource& source, const EngineOptions& options) {
  // More threads than cores are allowed: jobs also wait for disks. TBB's own number needs no saying, which takes time.
  std::optional<tbb::global_control> allowed;
  if (options.threads != 0) allowed.emplace(tbb::global_control::max_allowed_parallelism, options.threads);
  // One job needs no pool of threads, which takes longer to start than a page to clean.
  std::array<std::unique_ptr<Job>, 2> ahead;
  std::size_t taken = 0;
  for (std::unique_ptr<Job>& job : ahead)
    if (job = source.next(); !job) break;
  if (!ahead[1]) {
    if (!ahead[0]) return;
    ahead[0]->run();
    return ahead[0]->finish();
  }
  const std::size_t threads =
      options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
  const std::size_t in_flight = options.jobs_in_flight != 0 ? options.jobs_in_flight : 3 * threads;
  tbb::task_arena arena(static_cast<int>(threads));
  Handover handover;
  arena.execute([&] {
    tbb::parallel_pipeline(
        in_flight,
        tbb::make_filter<void, Job*>(tbb::filter_mode::serial_in_order, [&](tbb::flow_control& control) -> Job* {
          handover.mark();
          std::unique_ptr<Job> job = taken < ahead.size() ? std::move(ahead[taken++]) : source.next();
          if (!job) control.stop();
          handover.mark();
          return job.release();
        }) & tbb::make_filter<Job*, Job*>(tbb::filter_mode::parallel, [&](Job* job) {
          handover.mark();
          job->run();
          handover.mark();
          return job;
        }) & tbb::make_filter<Job*, void>(tbb::filter_mode::serial_in_order, [&](Job* job) {
          handover.mark();
          const std::unique_ptr<Job> owned(job);
          owned->finish();
          handover.mark();
        }));
    handover.mark();
  });
  handover.mark();
}

}  // namespace inkwash
