// Metrics of a run pushed to a Prometheus Pushgateway while it runs (docs/FORMATS.md, "Metrics").
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace godwit::report {

struct PushTarget {
  Secret url;           // with the group: …/metrics/job/JOB{/LABEL/VALUE}
  std::string ca_file;  // empty: the system's authorities
  int64_t every_ms = 5'000;
  int64_t timeout_ms = 5'000;  // of one push, and of one try at the end
};

// The URL for a run: as it is written, or, without a path, that of the group of this pipeline and scope.
// ErrorKind::usage when it is no http or https URL.
[[nodiscard]] Result<Secret> push_url(const Secret& url, const std::string& pipeline,
                                      const std::string& scope);

// Sends on a thread of its own, one request at a time, and never keeps anybody waiting before finish().
// Errors name the address without user, password and path.
class MetricsPush {
 public:
  // `text` is called from the thread until finish() returns; `failed` at most once, from there too.
  MetricsPush(PushTarget target, std::function<std::string()> text,
              std::function<void(const std::string& what)> failed);
  MetricsPush(const MetricsPush&) = delete;
  MetricsPush& operator=(const MetricsPush&) = delete;
  ~MetricsPush();

  // There is something new: it is sent soon, at most every `every_ms`.
  void offer();
  // Ends the thread and sends the last text, a second time when the first fails. What a person should know:
  // empty when it arrived.
  [[nodiscard]] std::string finish();

 private:
  void work();
  void stop();
  // Empty when it was taken.
  [[nodiscard]] std::string push(const std::atomic<bool>* cancel) const;

  const PushTarget target_;
  const std::function<std::string()> text_;
  const std::function<void(const std::string&)> failed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool offered_ = false;
  std::atomic<bool> stop_{false};  // ends a request under way, too
  std::thread thread_;
};

}  // namespace godwit::report
