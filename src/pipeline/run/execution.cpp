#include "pipeline/run/execution.h"

#include "os/files.h"
#include "pipeline/run/check_phase.h"
#include "pipeline/run/extract.h"
#include "pipeline/run/load/digests.h"
#include "pipeline/run/load/load.h"
#include "pipeline/run/run_documents.h"
#include "pipeline/run/settle.h"
#include "pipeline/verify/verify.h"

#include <fmt/format.h>

namespace godwit::pipeline {

Result<std::unique_ptr<duck::Database>> open_staged(const RunFolder& folder, const Job& job) {
  RETURN_IF_ERROR(os::make_folder(folder.spill()));
  duck::DatabaseOptions options;
  options.folder = folder.path();
  options.memory_limit_mb = job.pipeline->memory_limit_mb;
  options.threads = job.pipeline->jobs;
  options.temp_directory = folder.spill();  // masked rows only
  return duck::Database::open(options);
}

void describe_plan(const MigrationPlan& plan, RunReport& report) {
  report.pipeline = plan.pipeline;
  report.scope = plan.scope;
  report.scope_name = plan.scope_name;
  report.from = plan.from;
  report.to = plan.to;
  report.strategy = plan.strategy;
  report.plan_hash = plan.hash;
  report.key_fingerprint = plan.key_fingerprint;
  report.notes.insert(report.notes.end(), plan.notes.begin(), plan.notes.end());
  report.warnings.insert(report.warnings.end(), plan.warnings.begin(), plan.warnings.end());
  for (const StorePlan& store : plan.stores) {
    StoreReport described;
    described.store = store.store;
    described.kind = store.kind;
    described.connection_notes = store.connection_notes;
    report.stores.push_back(std::move(described));
    for (const DatasetPlan& planned : store.datasets) {
      TableReport table;
      table.dataset = planned.dataset.id;
      table.store = store.store;
      table.membership = to_string(planned.dataset.closure.membership);
      table.reason = planned.dataset.closure.reason;
      if (planned.dataset.closure.membership == Membership::owned)
        table.strategy = to_string(planned.strategy);
      report.tables.push_back(std::move(table));
    }
  }
}

void describe_manifest(const Manifest& manifest, RunReport& report) {
  report.skew_us = manifest.skew_us();
  for (const StoreManifest& store : manifest.stores) {
    for (StoreReport& described : report.stores) {
      if (described.store != store.store) continue;
      described.snapshot_us = store.snapshot_us;
      described.snapshot_position = store.snapshot_position;
    }
  }
  for (TableReport& table : report.tables) {
    const DatasetManifest* done = manifest.dataset(table.dataset);
    if (done == nullptr) continue;
    table.rows = done->rows;
    table.owned_rows = done->owned_rows;
    table.needed_rows = done->needed_rows;
    table.bytes = done->bytes;
    table.digest = done->digest;
    table.masks = done->masks;
  }
}

namespace {

class Execution {
 public:
  Execution(const RunContext& context, OpenStores& stores, Sinks& sinks, const MaskContext& masks,
            bool skip_load, bool fresh)
      : context_(context),
        stores_(stores),
        sinks_(sinks),
        masks_(masks),
        skip_load_(skip_load),
        fresh_(fresh) {}

  Status run() {
    ASSIGN_OR_RETURN(Manifest manifest, read_manifest(*context_.folder));
    if (!manifest.plan_hash.empty() && manifest.plan_hash != context_.plan->hash) {
      return make_error(ErrorKind::plan_refused, "the staged data belongs to another plan",
                        "start a new run");
    }
    ASSIGN_OR_RETURN(const auto staged, open_staged(*context_.folder, *context_.job));
    for (size_t i = 0; i < sinks_.size(); ++i) {
      loads_.push_back(
          std::make_unique<StoreLoad>(context_, context_.plan->stores[i], static_cast<int>(i), *sinks_[i]));
    }
    // A resumed run asks the targets first: it loads after the checks.
    OverlappedLoads overlapped;
    if (fresh_ && !skip_load_) {
      ASSIGN_OR_RETURN(overlapped, OverlappedLoads::of(context_, loads_, *staged));
    }
    RETURN_IF_ERROR(extracted(manifest, overlapped));
    apply_restaging(*context_.plan, manifest);
    ASSIGN_OR_RETURN(const auto counted,
                     count_missing_references(context_, stores_.targets, manifest, *staged));
    RETURN_IF_ERROR(run_checks(context_, counted, manifest, *staged));
    context_.checkpoint("checked");
    if (skip_load_) return complete_digests(context_, manifest, *staged);
    RETURN_IF_ERROR(loaded(manifest, *staged, overlapped));
    ASSIGN_OR_RETURN(const auto targets, fresh_targets());
    RETURN_IF_ERROR(verify_rows(context_, targets, manifest, *staged));
    return context_.enter(RunState::verified);
  }

 private:
  Status extracted(Manifest& manifest, OverlappedLoads& overlapped) {
    if (!manifest.finished(*context_.plan)) {
      RETURN_IF_ERROR(context_.enter(RunState::extracting));
      RETURN_IF_ERROR(extract(context_, stores_.sources, masks_, manifest, overlapped));
    } else {
      RETURN_IF_ERROR(verify_files(*context_.folder, manifest, context_.services->cancel));
    }
    describe_manifest(manifest, *context_.report);
    int64_t owned = 0;
    for (const TableReport& table : context_.report->tables)
      owned += table.owned_rows;
    if (owned == 0) {
      return make_error(ErrorKind::plan_refused,
                        fmt::format("{} {} owns zero rows: nothing to move", context_.plan->scope_name,
                                    context_.plan->scope),
                        "check the scope value and the `keys` of the pipeline's scope");
    }
    if (context_.plan->max_skew_ms > 0 && manifest.skew_us() > context_.plan->max_skew_ms * 1000) {
      return make_error(ErrorKind::gate,
                        fmt::format("the stores' snapshots lie {} ms apart, {} are allowed",
                                    manifest.skew_us() / 1000, context_.plan->max_skew_ms),
                        "run again when the sources are quieter, or raise max_skew_ms");
    }
    return context_.enter(RunState::extracted);
  }

  // A fresh run has left nothing in any target; its own transactions may be open already.
  Result<std::vector<StoreProgress>> progress_in_targets() {
    if (fresh_) return std::vector<StoreProgress>(sinks_.size());
    std::vector<std::string> names;
    for (const StorePlan& store : context_.plan->stores)
      names.push_back(store.store);
    return ask_targets(context_.run, names, sinks_, *context_.ledger);
  }

  Status loaded(Manifest& manifest, duck::Database& staged, OverlappedLoads& overlapped) {
    ASSIGN_OR_RETURN(const auto progress, progress_in_targets());
    // Stores that an earlier attempt committed were counted then.
    RETURN_IF_ERROR(read_load(*context_.folder, *context_.report));
    const Status done = load(context_, loads_, overlapped, progress, manifest, staged);
    const Status written = write_load(*context_.folder, *context_.report);
    if (!done.ok()) return done;
    return written;
  }

  // The sources that planning opened on the target hold an older snapshot.
  Result<std::vector<std::unique_ptr<connect::Source>>> fresh_targets() {
    stores_.targets.clear();
    std::vector<std::unique_ptr<connect::Source>> targets;
    for (const StoreEndpoint& endpoint : context_.job->resolved.targets) {
      ASSIGN_OR_RETURN(auto target, context_.services->open_source(endpoint));
      targets.push_back(std::move(target));
    }
    return targets;
  }

  const RunContext& context_;
  OpenStores& stores_;
  Sinks& sinks_;
  const MaskContext& masks_;
  bool skip_load_;
  bool fresh_;
  StoreLoads loads_;
};

}  // namespace

Status execute(const RunContext& context, OpenStores& stores, Sinks& sinks, const MaskContext& masks,
               bool skip_load, bool fresh) {
  return Execution(context, stores, sinks, masks, skip_load, fresh).run();
}

}  // namespace godwit::pipeline
