#include "pipeline/engine.h"

#include "os/files.h"
#include "pipeline/planner.h"
#include "pipeline/run/execution.h"
#include "pipeline/run/run_documents.h"
#include "pipeline/run/settle.h"
#include "pipeline/run/undo.h"
#include "pipeline/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

// A run whose heart has not beaten for this long is taken for dead by others.
constexpr int64_t stale_after_ms = 60'000;

Result<Sinks> open_sinks(const Services& services, const Job& job) {
  Sinks sinks;
  for (const StoreEndpoint& endpoint : job.resolved.targets) {
    if (endpoint.read_only) {
      return make_error(
          ErrorKind::gate,
          fmt::format("environment {} is read-only: nothing is loaded there", endpoint.environment),
          "load into another environment, or remove read_only from this one");
    }
    ASSIGN_OR_RETURN(auto sink, services.open_sink(endpoint));
    ASSIGN_OR_RETURN(const connect::SinkCapabilities capabilities, sink->capabilities());
    if (capabilities.read_only) {
      return make_error(ErrorKind::gate,
                        fmt::format("store {} ({}) is read-only: {}", endpoint.store, endpoint.environment,
                                    capabilities.evidence),
                        "load into a writable server");
    }
    if (!capabilities.can_keep_undo) {
      return make_error(ErrorKind::gate,
                        fmt::format("store {} ({}): the role may not keep undo data: {}", endpoint.store,
                                    endpoint.environment, capabilities.evidence),
                        "let the role create schema godwit in the target");
    }
    sinks.push_back(std::move(sink));
  }
  return sinks;
}

// Held until the sinks are closed.
Status lock_targets(const Job& job, Sinks& sinks) {
  for (auto& sink : sinks)
    RETURN_IF_ERROR(sink->lock(job.pipeline->name, job.scope));
  return {};
}

// The same database at both ends is found by looking, never by name.
Status refuse_same_database(const Services& services, const Job& job, Sinks& sinks,
                            const OpenStores& stores) {
  for (size_t t = 0; t < sinks.size(); ++t) {
    const auto nonce = static_cast<int64_t>(services.random_number() >> 1);
    ASSIGN_OR_RETURN(const connect::Probe probe, sinks[t]->hold_probe(nonce));
    for (size_t s = 0; s < stores.sources.size(); ++s) {
      ASSIGN_OR_RETURN(const bool seen, stores.sources[s]->sees_probe(probe));
      if (!seen) continue;
      const StoreEndpoint& source = job.resolved.sources[s];
      const StoreEndpoint& target = job.resolved.targets[t];
      return make_error(ErrorKind::plan_refused,
                        fmt::format("source and target are the same database: {} ({}) and {} ({})",
                                    source.store, source.environment, target.store, target.environment),
                        "point the two environments at different databases");
    }
  }
  return {};
}

RunState state_after(const Error& error, RunState reached) {
  switch (error.kind) {
    case ErrorKind::findings:
      return reached == RunState::checking || reached == RunState::planned ? RunState::check_failed : reached;
    case ErrorKind::partial:
      return RunState::partial;
    case ErrorKind::in_doubt:
      return RunState::in_doubt;
    case ErrorKind::interrupted:
      return RunState::cancelled;
    default:
      // A run whose rows are undone stays that, whatever is refused afterwards.
      return reached == RunState::rolled_back || reached == RunState::rollback_partial ? reached
                                                                                       : RunState::failed;
  }
}

ledger::RunRecord draft(const Services& services, const Job& job, std::string kind) {
  ledger::RunRecord record;
  record.kind = std::move(kind);
  record.pipeline = job.pipeline->name;
  record.scope = job.scope;
  record.strategy = job.pipeline->load.strategy;
  record.requester = services.actor;
  record.host = services.host;
  record.pid = services.pid;
  return record;
}

// Writes the end of a run into report and ledger, whatever it was.
Status conclude(const Services& services, ledger::Ledger& ledger, RunReport& report, const Status& status,
                RunState success) {
  report.finished_us = services.clock->now_us();
  report.peak_memory_bytes = services.peak_memory_bytes ? services.peak_memory_bytes() : 0;
  if (status.ok()) {
    report.state = success;
    report.exit_code = 0;
  } else {
    report.state = state_after(status.error(), report.state);
    report.exit_code = status.error().exit_code();
    report.error = status.error().text();
    report.hint = status.error().hint;
  }
  const Status recorded = ledger.finish_run(report.run, report.state, report.exit_code, report.error);
  if (!status.ok()) return status;
  return recorded;
}

// What the ledger knows of a run, without starting it.
void describe_record(const Services& services, const ledger::RunRecord& record, RunReport& report) {
  report.run = record.run;
  report.kind = record.kind;
  report.of_run = record.of_run;
  report.pipeline = record.pipeline;
  report.scope = record.scope;
  report.strategy = record.strategy;
  report.plan_hash = record.plan_hash;
  report.key_fingerprint = record.key_fingerprint;
  report.state = record.state;
  report.godwit_version = services.version;
}

Status demand_job_of(const ledger::RunRecord& record, const Job& job) {
  if (record.pipeline == job.pipeline->name && record.scope == job.scope) return {};
  return make_error(ErrorKind::usage, fmt::format("run {} is of pipeline {} and scope {}", record.run,
                                                  record.pipeline, record.scope));
}

void start_report(const Services& services, RunReport& report, const ledger::RunRecord& record) {
  describe_record(services, record, report);
  report.started_us = services.clock->now_us();
  services.observer->on_run(record.run, record.pipeline, record.scope);
}

}  // namespace

Result<ledger::RunRecord> migration_record(ledger::Ledger& ledger, const std::string& run) {
  ASSIGN_OR_RETURN(auto record, ledger.run(run));
  if (!record)
    return make_error(ErrorKind::usage, fmt::format("the ledger knows no run {}", run),
                      "list them with: godwit runs");
  if (record->kind == "mig") return *std::move(record);
  const std::string what = record->kind == "rb" ? "a rollback" : "a verification";
  return make_error(ErrorKind::usage,
                    fmt::format("{} is {} and moved no rows: only a migration can be verified, resumed or "
                                "rolled back",
                                run, what),
                    fmt::format("it was about {}: name that run", record->of_run));
}

Result<MigrationPlan> Engine::plan(const Job& job) {
  ASSIGN_OR_RETURN(const MaskContext masks, mask_context(job));
  ASSIGN_OR_RETURN(OpenStores stores, open_stores(services_, job));
  {
    ASSIGN_OR_RETURN(auto sinks, open_sinks(services_, job));
    RETURN_IF_ERROR(refuse_same_database(services_, job, sinks, stores));
  }
  return make_plan(services_, job, stores, masks);
}

Status Engine::run(const Job& job, const RunOptions& options, RunReport& report) {
  ASSIGN_OR_RETURN(const MaskContext masks, mask_context(job));
  ASSIGN_OR_RETURN(const ledger::RunRecord record,
                   ledger_.begin_run(draft(services_, job, "mig"), true, stale_after_ms));
  start_report(services_, report, record);
  const Status status = [&]() -> Status {
    ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::open(job.settings->folder, record.run));
    report.artifacts["folder"] = folder.path();
    RunContext context{&services_, &ledger_, &job, record.run, nullptr, &folder, &report};
    MigrationPlan plan;
    OpenStores stores;
    Sinks sinks;  // open to the end: they hold the targets' locks
    {
      PhaseScope phase(context, Phase::plan);
      ASSIGN_OR_RETURN(stores, open_stores(services_, job));
      ASSIGN_OR_RETURN(sinks, open_sinks(services_, job));
      RETURN_IF_ERROR(refuse_same_database(services_, job, sinks, stores));
      if (!options.skip_load) RETURN_IF_ERROR(lock_targets(job, sinks));
      ASSIGN_OR_RETURN(plan, make_plan(services_, job, stores, masks));
      RETURN_IF_ERROR(os::write_file(folder.plan(), plan_to_json(plan)));
      RETURN_IF_ERROR(ledger_.set_plan(record.run, plan.hash, plan.key_fingerprint));
      describe_plan(plan, report);
      report.artifacts["plan"] = folder.plan();
      phase.finish(0, 0,
                   fmt::format("{} tables, {} checks, plan {}", report.tables.size(), plan.checks.size(),
                               plan.hash.substr(0, 12)));
    }
    context.plan = &plan;
    context.checkpoint("planned");
    return execute(context, stores, sinks, masks, options.skip_load, true);
  }();
  return conclude(services_, ledger_, report, status,
                  options.skip_load ? RunState::checked : RunState::completed);
}

Status Engine::resume(const Job& job, const std::string& run, RunReport& report) {
  ASSIGN_OR_RETURN(const MaskContext masks, mask_context(job));
  ASSIGN_OR_RETURN(const ledger::RunRecord record, migration_record(ledger_, run));
  RETURN_IF_ERROR(demand_job_of(record, job));
  if (record.state == RunState::completed || record.state == RunState::rolled_back) {
    describe_record(services_, record, report);
    if (record.state == RunState::completed) return {};
    const Error refusal = rolled_back_error(run);
    report.exit_code = refusal.exit_code();
    report.error = refusal.text();
    report.hint = refusal.hint;
    return refusal;
  }
  RETURN_IF_ERROR(ledger_.take_over(run, services_.host, services_.pid, stale_after_ms));
  start_report(services_, report, record);
  const Status status = [&]() -> Status {
    ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::open(job.settings->folder, run));
    report.artifacts["folder"] = folder.path();
    ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(folder.plan()));
    if (!text)
      return make_error(ErrorKind::usage,
                        fmt::format("run {} stopped before it had a plan: nothing to resume", run),
                        "start a new run");
    ASSIGN_OR_RETURN(MigrationPlan plan, plan_from_json(*text));
    if (plan.key_fingerprint != masks.keyring.fingerprint()) {
      return make_error(ErrorKind::plan_refused, "the masking key is not the one the run was planned with",
                        "set the key of the run, or start a new run");
    }
    describe_plan(plan, report);
    report.artifacts["plan"] = folder.plan();
    RunContext context{&services_, &ledger_, &job, run, &plan, &folder, &report};
    ASSIGN_OR_RETURN(OpenStores stores, open_stores(services_, job));
    // Today's connections, not those of the day that the run was planned.
    for (size_t i = 0; i < std::min(report.stores.size(), stores.sources.size()); ++i)
      report.stores[i].connection_notes = connection_notes(job, stores, i);
    ASSIGN_OR_RETURN(Sinks sinks, open_sinks(services_, job));
    RETURN_IF_ERROR(lock_targets(job, sinks));
    RETURN_IF_ERROR(refuse_undone(context, record.state, sinks));
    return execute(context, stores, sinks, masks, false, false);
  }();
  return conclude(services_, ledger_, report, status, RunState::completed);
}

Status Engine::verify(const Job& job, const std::string& run, RunReport& report) {
  RETURN_IF_ERROR(migration_record(ledger_, run));
  ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::open(job.settings->folder, run));
  ASSIGN_OR_RETURN(const std::string text, os::read_file(folder.plan()));
  ASSIGN_OR_RETURN(MigrationPlan plan, plan_from_json(text));
  ASSIGN_OR_RETURN(const Manifest manifest, read_manifest(folder));
  if (!manifest.finished(plan))
    return make_error(ErrorKind::usage, fmt::format("run {} has no complete data to compare with", run));
  ledger::RunRecord request = draft(services_, job, "ver");
  request.of_run = run;
  ASSIGN_OR_RETURN(const ledger::RunRecord record, ledger_.begin_run(request, false, stale_after_ms));
  start_report(services_, report, record);
  const Status status = [&]() -> Status {
    RETURN_IF_ERROR(verify_files(folder, manifest));
    apply_restaging(plan, manifest);
    describe_plan(plan, report);
    describe_manifest(manifest, report);
    // Rows that stood in the target before the run and differed are known from its load.
    RETURN_IF_ERROR(read_load(folder, report));
    RunContext context{&services_, &ledger_, &job, record.run, &plan, &folder, &report};
    ASSIGN_OR_RETURN(const auto staged, open_staged(folder, job));
    std::vector<std::unique_ptr<connect::Source>> targets;
    for (const StoreEndpoint& endpoint : job.resolved.targets) {
      ASSIGN_OR_RETURN(auto target, services_.open_source(endpoint));
      targets.push_back(std::move(target));
    }
    return verify_rows(context, targets, manifest, *staged);
  }();
  return conclude(services_, ledger_, report, status, RunState::completed);
}

Status Engine::rollback(const Job& job, const std::string& run, const RollbackOptions& options,
                        std::vector<connect::UndoPlan>& undone, RunReport& report) {
  ASSIGN_OR_RETURN(const ledger::RunRecord of_run, migration_record(ledger_, run));
  RETURN_IF_ERROR(demand_job_of(of_run, job));
  ASSIGN_OR_RETURN(auto sinks, open_sinks(services_, job));
  UndoRequest request;
  request.run = run;
  request.purge_scope = options.purge_scope;
  request.force = options.force;
  request.execute = !options.dry_run;
  if (options.dry_run) return preview_undo(job, request, sinks, undone);
  ledger::RunRecord record_draft = draft(services_, job, "rb");
  record_draft.of_run = run;
  ASSIGN_OR_RETURN(const ledger::RunRecord record, ledger_.begin_run(record_draft, true, stale_after_ms));
  start_report(services_, report, record);
  report.of_run = run;
  RunContext context{&services_, &ledger_, &job, record.run, nullptr, nullptr, &report};
  const Status status = undo_run(context, request, sinks, undone);
  return conclude(services_, ledger_, report, status, RunState::completed);
}

Result<RunState> Engine::settle(const Job& job, const std::string& run) {
  ASSIGN_OR_RETURN(const ledger::RunRecord record, migration_record(ledger_, run));
  Sinks sinks;
  for (const StoreEndpoint& endpoint : job.resolved.targets) {
    ASSIGN_OR_RETURN(auto sink, services_.open_sink(endpoint));
    sinks.push_back(std::move(sink));
  }
  ASSIGN_OR_RETURN(const auto progress, ask_targets(run, job.pipeline->stores, sinks, ledger_));
  const RunState state = settled_state(record.state, progress);
  if (state != record.state) RETURN_IF_ERROR(ledger_.set_state(run, state));
  return state;
}

}  // namespace godwit::pipeline
