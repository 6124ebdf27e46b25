#include "pipeline/run/load/staged_parts.h"

namespace godwit::pipeline {

void StagedParts::add(const std::string& dataset, const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    datasets_[dataset].paths.push_back(path);
  }
  changed_.notify_all();
}

void StagedParts::finish(const std::string& dataset) {
  {
    const std::lock_guard lock(mutex_);
    datasets_[dataset].finished = true;
  }
  changed_.notify_all();
}

void StagedParts::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

bool StagedParts::handed_over(const std::string& dataset) const {
  const std::lock_guard lock(mutex_);
  const auto known = datasets_.find(dataset);
  return known != datasets_.end() && !known->second.paths.empty();
}

Result<std::optional<std::string>> StagedParts::wait(const std::string& dataset, size_t index) {
  std::unique_lock lock(mutex_);
  const Dataset& parts = datasets_[dataset];
  changed_.wait(lock, [&] { return stopped_ || parts.finished || parts.paths.size() > index; });
  if (stopped_) return make_error(ErrorKind::interrupted, "the load beside the extraction was stopped");
  if (parts.paths.size() > index) return std::optional<std::string>(parts.paths[index]);
  return std::optional<std::string>();
}

}  // namespace godwit::pipeline
