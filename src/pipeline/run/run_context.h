// What the phases of one run share: the plan, the folder, the services. Lives as long as the run.
#pragma once

#include "pipeline/engine.h"
#include "pipeline/run/run_folder.h"

#include <string>
#include <string_view>

namespace godwit::pipeline {

struct RunContext {
  const Services* services = nullptr;
  ledger::Ledger* ledger = nullptr;
  const Job* job = nullptr;
  std::string run;
  MigrationPlan* plan = nullptr;
  const RunFolder* folder = nullptr;
  RunReport* report = nullptr;

  // ErrorKind::interrupted when a signal or the ledger (heartbeat.h) asked for it.
  [[nodiscard]] Status check_cancelled() const;
  void checkpoint(const std::string& point) const {
    if (services->test_checkpoint) services->test_checkpoint(point);
  }
  // The report's entry of a dataset of the plan.
  [[nodiscard]] TableReport& table_report(const std::string& dataset) const;
  // Writes the state to the ledger first, then to the report.
  [[nodiscard]] Status enter(RunState state) const;
};

// One phase: records its start and end in report, ledger and observer. A phase that is not finished when it
// goes out of scope has failed.
class PhaseScope {
 public:
  // `since_us`: when it began, if that was before now; `rows_expected`: 0 = unknown.
  PhaseScope(const RunContext& context, Phase phase, int64_t since_us = 0, int64_t rows_expected = 0);
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;
  ~PhaseScope();
  void finish(int64_t rows, int64_t bytes, std::string detail);

 private:
  void publish();
  const RunContext& context_;
  PhaseOutcome outcome_;
  bool finished_ = false;
};

}  // namespace godwit::pipeline
