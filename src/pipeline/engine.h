// The engine that moves data: plan, run, resume, verify, roll back. DESIGN §5; docs/ARCHITECTURE.md, "A run".
//
// One Engine per process and command. It drives Sources, DuckDB, the mask and check engines and Sinks in the
// order of the commit protocol, writes every intention to the ledger before acting on it, and tells the
// observer.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"
#include "connect/sink.h"
#include "connect/source.h"
#include "ledger/ledger.h"
#include "model/run.h"
#include "model/run_report.h"
#include "pipeline/plan/migration_plan.h"
#include "secrets/resolve.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace godwit::pipeline {

// What the engine is given by main.cpp. References outlive the engine.
struct Services {
  const Clock* clock = nullptr;
  RunObserver* observer = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  std::function<uint64_t()> random_number;
  std::function<int64_t()> peak_memory_bytes;
  std::function<Result<std::unique_ptr<connect::Source>>(const StoreEndpoint&)> open_source;
  std::function<Result<std::unique_ptr<connect::Sink>>(const StoreEndpoint&)> open_sink;
  std::string actor, host;
  int64_t pid = 0;
  std::string version;
  // Test seam for crash tests: called at each named point of the protocol ("before-commit:ids", …).
  std::function<void(const std::string& point)> test_checkpoint;
};

struct Job {
  const Settings* settings = nullptr;
  const PipelineSettings* pipeline = nullptr;
  ResolvedPipeline resolved;
  std::string scope;
};

struct RunOptions {
  bool dry_run = false;    // the plan, and stop before the target is opened for writing
  bool skip_load = false;  // extract, mask and check; nothing is written to the target
};

struct RollbackOptions {
  bool dry_run = false;
  bool purge_scope = false;
  std::vector<connect::ForcedRow> force;
};

// The record of a migration. ErrorKind::usage when the ledger does not know the run, and when it is one about
// another run, which has nothing of its own to verify, resume or roll back.
[[nodiscard]] Result<ledger::RunRecord> migration_record(ledger::Ledger& ledger, const std::string& run);

class Engine {
 public:
  Engine(Services services, ledger::Ledger& ledger) : services_(std::move(services)), ledger_(ledger) {}

  // Reads catalogs of both ends, closes the scope, classifies columns, instantiates checks. Writes nothing.
  [[nodiscard]] Result<MigrationPlan> plan(const Job& job);

  // The report is filled as far as the run came, also when the Status is an Error.
  [[nodiscard]] Status run(const Job& job, const RunOptions& options, RunReport& report);
  // Continues a run that stopped: extraction from the first unfinished store, loading from what the targets
  // say.
  [[nodiscard]] Status resume(const Job& job, const std::string& run, RunReport& report);
  // Re-reads the target and compares row by row with the run's data. ErrorKind::findings when they differ.
  [[nodiscard]] Status verify(const Job& job, const std::string& run, RunReport& report);
  [[nodiscard]] Status rollback(const Job& job, const std::string& run, const RollbackOptions& options,
                                std::vector<connect::UndoPlan>& undone, RunReport& report);
  // Asks the targets what became of a run whose ledger record is not final, and writes the answer down.
  [[nodiscard]] Result<RunState> settle(const Job& job, const std::string& run);

 private:
  Services services_;
  ledger::Ledger& ledger_;
};

}  // namespace godwit::pipeline
