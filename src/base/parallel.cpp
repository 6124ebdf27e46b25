#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace godwit {

Status in_parallel(size_t count, size_t lanes, const std::function<Status(size_t index, size_t lane)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  size_t failed_index = count;
  std::optional<Error> failure;
  const auto drain = [&](size_t lane) {
    for (size_t index = next++; index < count; index = next++) {
      const Status done = work(index, lane);
      if (done.ok()) continue;
      next = count;
      const std::lock_guard lock(mutex);
      if (index >= failed_index) continue;
      failed_index = index;
      failure = done.error();
    }
  };
  std::vector<std::thread> threads;
  for (size_t lane = 1; lane < std::min(lanes, count); ++lane)
    threads.emplace_back(drain, lane);
  drain(0);
  for (std::thread& thread : threads)
    thread.join();
  if (failure) return *std::move(failure);
  return {};
}

}  // namespace godwit
