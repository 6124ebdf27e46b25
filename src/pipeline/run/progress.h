// Progress of one dataset, counted where the rows pass and told at most ten times a second.
#pragma once

#include "base/time.h"
#include "duck/database.h"
#include "model/run.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace godwit::pipeline {

// Safe to call from several threads.
class DatasetMeter {
 public:
  DatasetMeter(RunObserver& observer, const Clock& clock, Phase phase, std::string dataset,
               int64_t rows_expected);
  void add(int64_t rows);
  // The number so far, told whole (for callers that count themselves).
  void set(int64_t rows);
  void finish(int64_t rows, int64_t bytes);

 private:
  void tell(bool always);
  RunObserver& observer_;
  const Clock& clock_;
  DatasetProgress progress_;
  const int64_t started_us_;
  std::atomic<int64_t> rows_{0};
  std::atomic<int64_t> told_us_{0};
  std::mutex telling_;
};

// The same rows, counted.
[[nodiscard]] std::shared_ptr<duck::TableProducer> metered(std::shared_ptr<duck::TableProducer> producer,
                                                           std::shared_ptr<DatasetMeter> meter);

}  // namespace godwit::pipeline
