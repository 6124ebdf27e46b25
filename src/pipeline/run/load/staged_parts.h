// The finished files of one store, handed from its extraction to a load that runs beside it.
#pragma once

#include "base/result.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace godwit::pipeline {

// Any thread. Files are masked, whole and on the disk before they are handed over.
class StagedParts {
 public:
  void add(const std::string& dataset, const std::string& path);
  // No further part of the dataset follows.
  void finish(const std::string& dataset);
  // Wakes and refuses whoever waits, now and later.
  void stop();

  [[nodiscard]] bool handed_over(const std::string& dataset) const;
  // The path of part `index`, counted from 0; nothing when the dataset ends before it. Waits until one of the
  // two is known. ErrorKind::interrupted after stop().
  [[nodiscard]] Result<std::optional<std::string>> wait(const std::string& dataset, size_t index);

 private:
  struct Dataset {
    std::vector<std::string> paths;
    bool finished = false;
  };

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Dataset> datasets_;
  bool stopped_ = false;
};

}  // namespace godwit::pipeline
