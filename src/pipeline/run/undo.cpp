#include "pipeline/run/undo.h"

#include "os/files.h"

#include <fmt/format.h>

namespace godwit::pipeline {

namespace {

Result<MigrationPlan> plan_of(const Job& job, const std::string& run) {
  ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::open(job.settings->folder, run));
  ASSIGN_OR_RETURN(const std::string text, os::read_file(folder.plan()));
  return plan_from_json(text);
}

enum class Step : uint8_t { preview, hold, execute };

Result<connect::UndoPlan> one_store(const Job& job, const UndoRequest& request, connect::Sink& sink,
                                    size_t index, Step step) {
  const bool execute = step == Step::execute;
  if (!request.purge_scope) {
    const connect::UndoOptions options{request.force, step == Step::hold};
    return execute ? sink.undo(request.run, options) : sink.plan_undo(request.run, options);
  }
  ASSIGN_OR_RETURN(const MigrationPlan plan, plan_of(job, request.run));
  return sink.purge(plan.stores[index].closure, job.scope, execute);
}

// A forced row that was not changed is a slip of the pen, and the row that was meant would be lost unseen.
Status demand_forced_rows(const UndoRequest& request, int64_t forced) {
  const auto wanted = static_cast<int64_t>(request.force.size());
  if (forced >= wanted) return {};
  return make_error(
      ErrorKind::usage,
      fmt::format("{} of the {} rows of --force-row did not change since the run", wanted - forced, wanted),
      fmt::format("godwit rollback {} --dry-run names the rows that did", request.run));
}

// Every store is looked at before the first one is touched. The one that is undone first comes last, and its
// transaction stays open: it is not looked at again, and nobody writes to its rows in between.
Status look_at_all(const RunContext& context, const UndoRequest& request,
                   std::vector<std::unique_ptr<connect::Sink>>& sinks) {
  int64_t forced = 0;
  for (size_t i = 0; i < sinks.size(); ++i) {
    const Step step = i + 1 == sinks.size() ? Step::hold : Step::preview;
    ASSIGN_OR_RETURN(const connect::UndoPlan plan, one_store(*context.job, request, *sinks[i], i, step));
    if (const Status refused = connect::refuse_undo(plan); !refused.ok())
      return wrap(refused.error(), "store " + context.job->pipeline->stores[i]);
    for (const connect::UndoTable& table : plan.tables)
      forced += table.forced;
  }
  return demand_forced_rows(request, forced);
}

// The transaction that committed the store's rows stays named.
Status record_undone(const RunContext& context, const std::string& run, const std::string& store,
                     int ordinal) {
  ledger::StoreRecord record;
  ASSIGN_OR_RETURN(const auto known, context.ledger->stores(run));
  for (const ledger::StoreRecord& candidate : known) {
    if (candidate.store == store) record = candidate;
  }
  record.run = run;
  record.store = store;
  record.ordinal = ordinal;
  record.state = ledger::CommitState::undone;
  record.changed_us = context.services->clock->now_us();
  return context.ledger->record_store(record);
}

}  // namespace

Status preview_undo(const Job& job, const UndoRequest& request,
                    std::vector<std::unique_ptr<connect::Sink>>& sinks,
                    std::vector<connect::UndoPlan>& undone) {
  for (size_t i = sinks.size(); i-- > 0;) {
    ASSIGN_OR_RETURN(connect::UndoPlan plan, one_store(job, request, *sinks[i], i, Step::preview));
    undone.push_back(std::move(plan));
  }
  return {};
}

Status undo_run(const RunContext& context, const UndoRequest& request,
                std::vector<std::unique_ptr<connect::Sink>>& sinks, std::vector<connect::UndoPlan>& undone) {
  const Job& job = *context.job;
  PhaseScope phase(context, Phase::undo);
  for (auto& sink : sinks)
    RETURN_IF_ERROR(sink->lock(job.pipeline->name, job.scope));
  // A run that was killed between prepare and commit left prepared transactions: they are part of undoing it.
  for (auto& sink : sinks)
    RETURN_IF_ERROR(sink->rollback_prepared(request.run));
  RETURN_IF_ERROR(look_at_all(context, request, sinks));
  RETURN_IF_ERROR(context.ledger->set_state(request.run, RunState::rolling_back));
  int64_t rows = 0;
  for (size_t i = sinks.size(); i-- > 0;) {
    const std::string& store = job.pipeline->stores[i];
    context.checkpoint("before-undo:" + store);
    auto done = one_store(job, request, *sinks[i], i, Step::execute);
    if (!done.ok()) {
      Error error = wrap(done.error(), fmt::format("undoing store {}", store));
      if (!undone.empty()) {
        error.kind = error.kind == ErrorKind::in_doubt ? error.kind : ErrorKind::partial;
        error.hint = fmt::format("{} of {} stores are undone; roll back again: it continues where it stopped",
                                 undone.size(), sinks.size());
        RETURN_IF_ERROR(context.ledger->set_state(request.run, RunState::rollback_partial));
      }
      return error;
    }
    context.checkpoint("after-undo:" + store);
    RETURN_IF_ERROR(record_undone(context, request.run, store, static_cast<int>(i)));
    for (const connect::UndoTable& table : done->tables)
      rows += table.to_delete + table.to_restore;
    undone.push_back(std::move(done).value());
  }
  RETURN_IF_ERROR(context.ledger->finish_run(request.run, RunState::rolled_back, 0, ""));
  phase.finish(rows, 0, fmt::format("{} stores undone", sinks.size()));
  return {};
}

}  // namespace godwit::pipeline
