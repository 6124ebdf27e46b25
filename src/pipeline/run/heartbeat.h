// The heart of a run: a thread of its own tells the ledger that the run is alive, however long a statement
// takes, and hears from it when somebody asked the run to stop (godwit cancel).
#pragma once

#include "base/result.h"
#include "pipeline/engine.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace godwit::pipeline {

// Beats until destroyed. A ledger that does not answer is a warning, once: what must be written down is
// written by the run itself, which fails when it cannot.
class Heartbeat {
 public:
  // Opens the ledger once more. `services` outlives the heart.
  [[nodiscard]] static Result<std::unique_ptr<Heartbeat>> start(const Services& services, std::string run);
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  ~Heartbeat();

 private:
  Heartbeat(const Services& services, std::string run, std::unique_ptr<ledger::Ledger> ledger);
  void beat();
  [[nodiscard]] Status look(bool beats);

  const Services& services_;
  const std::string run_;
  const std::unique_ptr<ledger::Ledger> ledger_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace godwit::pipeline
