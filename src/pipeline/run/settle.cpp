#include "pipeline/run/settle.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {
size_t count(const std::vector<StoreProgress>& progress, connect::RunOutcome outcome) {
  return static_cast<size_t>(std::count_if(progress.begin(), progress.end(), [&](const StoreProgress& store) {
    return store.outcome == outcome;
  }));
}
// What the target's answer makes of the ledger's word.
ledger::CommitState told_state(connect::RunOutcome outcome, ledger::CommitState recorded) {
  if (outcome == connect::RunOutcome::committed) return ledger::CommitState::committed;
  if (outcome == connect::RunOutcome::prepared || outcome == connect::RunOutcome::half_prepared)
    return ledger::CommitState::prepared;
  if (outcome == connect::RunOutcome::half_committed) return ledger::CommitState::committing;
  const bool gone = outcome == connect::RunOutcome::absent && recorded == ledger::CommitState::prepared;
  return gone ? ledger::CommitState::abandoned : recorded;
}
}  // namespace

Result<std::vector<StoreProgress>> ask_targets(const std::string& run, const std::vector<std::string>& stores,
                                               std::vector<std::unique_ptr<connect::Sink>>& sinks,
                                               ledger::Ledger& ledger) {
  ASSIGN_OR_RETURN(const auto records, ledger.stores(run));
  std::vector<StoreProgress> progress;
  for (size_t i = 0; i < stores.size(); ++i) {
    const auto known = std::find_if(records.begin(), records.end(), [&](const ledger::StoreRecord& record) {
      return record.store == stores[i];
    });
    ASSIGN_OR_RETURN(const connect::RunOutcome outcome,
                     sinks[i]->outcome(run, known == records.end() ? "" : known->transaction_id));
    if (outcome == connect::RunOutcome::unknown || outcome == connect::RunOutcome::in_progress) {
      return make_error(
          ErrorKind::in_doubt,
          fmt::format("store {} cannot say what became of run {}: {}", stores[i], run, to_string(outcome)),
          "wait until the server has ended the old session, then ask again with: godwit status");
    }
    ledger::StoreRecord settled;
    if (known != records.end()) settled = *known;
    settled.run = run;
    settled.store = stores[i];
    settled.ordinal = static_cast<int>(i);
    if (const auto state = told_state(outcome, settled.state); state != settled.state) {
      settled.state = state;
      RETURN_IF_ERROR(ledger.record_store(settled));
    }
    progress.push_back({outcome, settled.transaction_id});
  }
  return progress;
}

RunState settled_state(RunState recorded, const std::vector<StoreProgress>& progress) {
  const size_t committed = count(progress, connect::RunOutcome::committed);
  const size_t undone = count(progress, connect::RunOutcome::undone);
  const size_t prepared =
      count(progress, connect::RunOutcome::prepared) + count(progress, connect::RunOutcome::half_prepared);
  if (undone == progress.size()) return RunState::rolled_back;
  if (undone > 0) return RunState::rollback_partial;
  if (committed == progress.size())
    return is_final(recorded) || recorded == RunState::verified ? recorded : RunState::committed;
  if (committed + count(progress, connect::RunOutcome::half_committed) > 0) return RunState::partial;
  if (prepared > 0) return RunState::committing;  // decided nowhere: nothing of the run is visible
  if (recorded == RunState::rolling_back) return RunState::rolled_back;  // there was nothing to undo
  // Whatever was feared: nothing of the run is in any target.
  if (recorded == RunState::in_doubt || recorded == RunState::partial) return RunState::failed;
  return recorded;
}

Error rolled_back_error(const std::string& run) {
  return make_error(ErrorKind::plan_refused, fmt::format("run {} was rolled back: it cannot be resumed", run),
                    "start a new run");
}

Status refuse_undone(const RunContext& context, RunState recorded,
                     std::vector<std::unique_ptr<connect::Sink>>& sinks) {
  ASSIGN_OR_RETURN(const auto progress,
                   ask_targets(context.run, context.job->pipeline->stores, sinks, *context.ledger));
  if (count(progress, connect::RunOutcome::undone) == 0) return {};
  const RunState state = settled_state(recorded, progress);
  RETURN_IF_ERROR(context.enter(state));
  context.report->started_us = 0;  // nothing was started: the run's own report stays
  if (state == RunState::rolled_back) return rolled_back_error(context.run);
  return make_error(ErrorKind::plan_refused,
                    fmt::format("run {} is half rolled back: it cannot be resumed", context.run),
                    fmt::format("finish that with: godwit rollback {0} --confirm {0}", context.run));
}

}  // namespace godwit::pipeline
