#include "pipeline/run/load.h"

#include "base/text.h"
#include "pipeline/run/progress.h"
#include "pipeline/run/run_documents.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

TableReport& report_of(RunReport& report, const std::string& dataset) {
  const auto found = std::find_if(report.tables.begin(), report.tables.end(),
                                  [&](const TableReport& table) { return table.dataset == dataset; });
  CHECK(found != report.tables.end());
  return *found;
}

// One store between begin and commit.
class StoreLoad {
 public:
  StoreLoad(const RunContext& context, const StorePlan& plan, int ordinal, connect::Sink& sink,
            const Manifest& manifest, std::string transaction_id)
      : context_(context),
        plan_(plan),
        ordinal_(ordinal),
        sink_(sink),
        manifest_(manifest),
        transaction_id_(std::move(transaction_id)) {}

  [[nodiscard]] const std::string& store() const { return plan_.store; }
  [[nodiscard]] connect::Sink& sink() const { return sink_; }
  // Of the transaction that was recorded last, by an earlier attempt too.
  [[nodiscard]] const std::string& transaction_id() const { return transaction_id_; }

  // In the report only: the ledger has it already.
  void describe(ledger::CommitState state) const {
    for (StoreReport& report : context_.report->stores) {
      if (report.store != plan_.store) continue;
      report.commit_state = to_string(state);
      report.transaction_id = transaction_id_;
    }
  }

  Status record(ledger::CommitState state, const std::string& transaction_id) {
    transaction_id_ = transaction_id;
    ledger::StoreRecord record;
    record.run = context_.run;
    record.store = plan_.store;
    record.ordinal = ordinal_;
    record.state = state;
    record.transaction_id = transaction_id;
    record.changed_us = context_.services->clock->now_us();
    describe(state);
    return context_.ledger->record_store(record);
  }

  // Loads every dataset, fills in what was deferred, and proves the result inside the open transaction.
  Status load_and_prove(duck::Database& staged) {
    RETURN_IF_ERROR(record(ledger::CommitState::intent, ""));
    ASSIGN_OR_RETURN(connection_, staged.connect());
    connection_->set_cancel_flag(context_.services->cancel);
    connect::RunMarker marker;
    marker.run = context_.run;
    marker.pipeline = context_.plan->pipeline;
    marker.scope = context_.plan->scope;
    marker.store = plan_.store;
    marker.plan_hash = context_.plan->hash;
    marker.strategy = context_.plan->strategy;
    RETURN_IF_ERROR(sink_.begin(marker));
    for (const auto& group : plan_.load_groups) {
      for (const size_t index : group)
        RETURN_IF_ERROR(load_dataset(plan_.datasets[index]));
    }
    RETURN_IF_ERROR(sink_.finish());
    context_.checkpoint("loaded-store:" + plan_.store);
    for (const connect::DatasetLoad& load : loads_)
      RETURN_IF_ERROR(prove(load));
    return {};
  }

 private:
  Status load_dataset(const DatasetPlan& planned) {
    RETURN_IF_ERROR(context_.check_cancelled());
    const DatasetManifest* staged = manifest_.dataset(planned.dataset.id);
    CHECK(staged != nullptr);
    connect::DatasetLoad load;
    load.dataset = &planned.dataset;
    load.target = &planned.target;
    load.strategy = planned.strategy;
    load.triggers = context_.plan->triggers;
    load.scope = context_.plan->scope;
    load.rows_expected = staged->rows;
    load.connection = connection_.get();
    load.deferred_columns = planned.deferred_columns;
    std::vector<std::string> columns;
    for (const DatasetColumn& column : planned.dataset.columns)
      columns.push_back(quote_identifier(column.name));
    if (planned.dataset.has_owned_column) columns.push_back(quote_identifier(owned_column_name));
    load.sql =
        fmt::format("SELECT {} FROM {}", join(columns, ", "), staged_relation(*context_.folder, *staged));
    auto meter = std::make_shared<DatasetMeter>(*context_.services->observer, *context_.services->clock,
                                                Phase::load, planned.dataset.id, staged->rows);
    load.progress = [meter](int64_t rows) { meter->set(rows); };
    auto loaded = sink_.load(load);
    if (!loaded.ok()) return wrap(loaded.error(), "loading " + planned.dataset.id);
    meter->finish(staged->rows, staged->bytes);
    TableReport& report = report_of(*context_.report, planned.dataset.id);
    report.inserted = loaded->inserted;
    report.updated = loaded->updated;
    report.kept = loaded->kept;
    report.different = loaded->different;
    loads_.push_back(std::move(load));
    context_.checkpoint("loaded:" + planned.dataset.id);
    return {};
  }

  Status prove(const connect::DatasetLoad& load) {
    ASSIGN_OR_RETURN(const connect::Proof proof, sink_.prove(load));
    TableReport& report = report_of(*context_.report, load.dataset->id);
    report.proved_rows = proof.rows;
    report.foreign_rows = proof.foreign_rows;
    report.orphans = proof.orphans;
    std::string problem;
    if (proof.rows != load.rows_expected)
      problem = fmt::format("{} of {} rows are in the target", proof.rows, load.rows_expected);
    if (proof.foreign_rows > 0) problem = fmt::format("{} rows belong to another scope", proof.foreign_rows);
    if (proof.orphans > 0) problem = fmt::format("{} rows have no parent", proof.orphans);
    if (proof.duplicate_keys > 0) problem = fmt::format("{} keys are there twice", proof.duplicate_keys);
    if (problem.empty()) return {};
    return make_error(ErrorKind::failed, fmt::format("proof failed for {}: {}", load.dataset->id, problem),
                      "nothing was committed; look at the source's rows and at the target's triggers");
  }

  const RunContext& context_;
  const StorePlan& plan_;
  int ordinal_;
  connect::Sink& sink_;
  const Manifest& manifest_;
  std::string transaction_id_;
  std::unique_ptr<duck::Connection> connection_;
  std::vector<connect::DatasetLoad> loads_;
};

class Loading {
 public:
  Loading(const RunContext& context, std::vector<std::unique_ptr<connect::Sink>>& sinks,
          const std::vector<StoreProgress>& progress, const Manifest& manifest, duck::Database& staged)
      : context_(context), progress_(progress), manifest_(manifest), staged_(staged) {
    for (size_t i = 0; i < sinks.size(); ++i) {
      stores_.push_back(std::make_unique<StoreLoad>(context, context.plan->stores[i], static_cast<int>(i),
                                                    *sinks[i], manifest, progress[i].transaction_id));
    }
  }

  Status run() {
    RETURN_IF_ERROR(context_.enter(RunState::loading));
    {
      PhaseScope phase(context_, Phase::load, rows_to_load());
      for (size_t i = 0; i < stores_.size(); ++i) {
        if (progress_[i].outcome != connect::RunOutcome::committed) continue;
        ++committed_;
        stores_[i]->describe(ledger::CommitState::committed);
      }
      const Status loaded = load_all();
      if (!loaded.ok()) return abandoned(loaded.error());
      RETURN_IF_ERROR(record_datasets());
      // Before the first commit: what a resumed run cannot count again.
      RETURN_IF_ERROR(write_load(*context_.folder, *context_.report));
      phase.finish(manifest_.rows(), 0, fmt::format("{} stores loaded and proved", stores_.size()));
    }
    RETURN_IF_ERROR(context_.enter(RunState::committing));
    PhaseScope phase(context_, Phase::commit);
    RETURN_IF_ERROR(commit_all());
    phase.finish(0, 0, fmt::format("{} stores committed", stores_.size()));
    return context_.enter(RunState::committed);
  }

 private:
  [[nodiscard]] bool absent(size_t i) const { return progress_[i].outcome == connect::RunOutcome::absent; }

  [[nodiscard]] int64_t rows_to_load() const {
    int64_t rows = 0;
    for (size_t i = 0; i < stores_.size(); ++i) {
      for (const DatasetPlan& planned : context_.plan->stores[i].datasets)
        rows += absent(i) ? manifest_.dataset(planned.dataset.id)->rows : 0;
    }
    return rows;
  }

  Status load_all() {
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!absent(i)) continue;
      if (const Status loaded = stores_[i]->load_and_prove(staged_); !loaded.ok()) {
        return wrap(loaded.error(), fmt::format("store {} ({})", stores_[i]->store(), context_.plan->to));
      }
    }
    return context_.check_cancelled();  // the last moment: commits are not interrupted
  }

  // Nothing of this attempt stays; when earlier attempts committed stores, the run is partial and what they
  // prepared waits for the next attempt.
  Error abandoned(const Error& error) {
    if (committed_ == 0) return undo_prepared(error);
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!absent(i)) continue;
      stores_[i]->sink().abandon();
      [[maybe_unused]] const Status recorded = stores_[i]->record(ledger::CommitState::abandoned, "");
    }
    return partial(error);
  }

  [[nodiscard]] Error partial(const Error& cause) const {
    Error error = wrap(cause, fmt::format("{} of {} stores are committed", committed_, stores_.size()));
    if (error.kind != ErrorKind::in_doubt) error.kind = ErrorKind::partial;
    error.hint =
        fmt::format("roll forward with: godwit run {} {} --resume {}; or undo with: godwit rollback {}",
                    context_.plan->pipeline, context_.plan->scope, context_.run, context_.run);
    return error;
  }

  Status record_datasets() {
    std::vector<ledger::DatasetRecord> records;
    std::vector<ledger::UndoRecord> undo;
    int ordinal = 0;
    for (const TableReport& table : context_.report->tables) {
      ledger::DatasetRecord record;
      record.run = context_.run;
      record.dataset = table.dataset;
      record.ordinal = ordinal++;
      record.membership = table.membership;
      record.rows_extracted = table.rows;
      record.rows_owned = table.owned_rows;
      record.rows_inserted = table.inserted;
      record.rows_updated = table.updated;
      record.rows_kept = table.kept;
      record.bytes = table.bytes;
      record.digest = table.digest;
      record.state = "loaded";
      records.push_back(record);
      undo.push_back({context_.run, table.store, table.dataset, table.inserted, table.updated});
    }
    RETURN_IF_ERROR(context_.ledger->record_datasets(records));
    return context_.ledger->record_undo(undo);
  }

  // Two-phase where there are several stores and the server has it: prepare those, commit the ones that
  // cannot, then the prepared ones. A prepared transaction survives a crash, so after the first commit the
  // run only goes forward.
  Status commit_all() {
    std::vector<bool> two_phase(stores_.size(), false);
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (progress_[i].outcome == connect::RunOutcome::prepared) two_phase[i] = true;
      if (!absent(i) || stores_.size() == 1) continue;
      ASSIGN_OR_RETURN(const connect::SinkCapabilities capabilities, stores_[i]->sink().capabilities());
      two_phase[i] = capabilities.two_phase;
    }
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!absent(i) || !two_phase[i]) continue;
      if (const Status prepared = prepare(*stores_[i]); !prepared.ok())
        return committed_ == 0 ? undo_prepared(prepared.error()) : abandoned(prepared.error());
    }
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!absent(i) || two_phase[i]) continue;
      if (const Status done = commit(*stores_[i]); !done.ok()) {
        const bool nothing_yet = committed_ == 0 && done.error().kind != ErrorKind::in_doubt;
        return nothing_yet ? undo_prepared(done.error()) : partial(done.error());
      }
    }
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!two_phase[i]) continue;
      if (const Status done = commit_prepared(*stores_[i]); !done.ok()) return partial(done.error());
    }
    return {};
  }

  Status prepare(StoreLoad& store) {
    ASSIGN_OR_RETURN(const std::string transaction_id, store.sink().transaction_id());
    RETURN_IF_ERROR(store.record(ledger::CommitState::intent, transaction_id));
    context_.checkpoint("before-prepare:" + store.store());
    RETURN_IF_ERROR(store.sink().prepare());
    context_.checkpoint("prepared:" + store.store());
    return store.record(ledger::CommitState::prepared, transaction_id);
  }

  Status commit(StoreLoad& store) {
    ASSIGN_OR_RETURN(const std::string transaction_id, store.sink().transaction_id());
    RETURN_IF_ERROR(store.record(ledger::CommitState::committing, transaction_id));
    context_.checkpoint("before-commit:" + store.store());
    if (const Status done = store.sink().commit(); !done.ok()) {
      const bool doubt = done.error().kind == ErrorKind::in_doubt;
      [[maybe_unused]] const Status recorded = store.record(
          doubt ? ledger::CommitState::in_doubt : ledger::CommitState::abandoned, transaction_id);
      return wrap(done.error(), fmt::format("committing store {} ({})", store.store(), context_.plan->to));
    }
    ++committed_;
    context_.checkpoint("after-commit:" + store.store());
    return store.record(ledger::CommitState::committed, transaction_id);
  }

  Status commit_prepared(StoreLoad& store) {
    context_.checkpoint("before-commit:" + store.store());
    if (const Status done = store.sink().commit_prepared(context_.run); !done.ok()) {
      return wrap(done.error(), fmt::format("committing store {} ({})", store.store(), context_.plan->to));
    }
    ++committed_;
    context_.checkpoint("after-commit:" + store.store());
    return store.record(ledger::CommitState::committed, store.transaction_id());
  }

  // Nothing is committed yet: everything prepared is rolled back, by earlier attempts too, so the targets are
  // as they were.
  Error undo_prepared(const Error& error) {
    for (const auto& store : stores_) {
      store->sink().abandon();
      if (const Status undone = store->sink().rollback_prepared(context_.run); !undone.ok()) {
        Error left = wrap(error, fmt::format("store {} keeps a prepared transaction", store->store()));
        left.kind = ErrorKind::partial;
        left.hint = fmt::format("remove it with: godwit rollback {}", context_.run);
        return left;
      }
      [[maybe_unused]] const Status recorded = store->record(ledger::CommitState::abandoned, "");
    }
    return error;
  }

  const RunContext& context_;
  const std::vector<StoreProgress>& progress_;
  const Manifest& manifest_;
  duck::Database& staged_;
  std::vector<std::unique_ptr<StoreLoad>> stores_;
  int committed_ = 0;
};

}  // namespace

Status load(const RunContext& context, std::vector<std::unique_ptr<connect::Sink>>& sinks,
            const std::vector<StoreProgress>& progress, const Manifest& manifest, duck::Database& staged) {
  CHECK(sinks.size() == context.plan->stores.size());
  return Loading(context, sinks, progress, manifest, staged).run();
}

}  // namespace godwit::pipeline
