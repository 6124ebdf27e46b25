#include "pipeline/run/load/load.h"

#include "base/text.h"
#include "pipeline/run/load/digests.h"
#include "pipeline/run/run_documents.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

class Loading {
 public:
  Loading(const RunContext& context, StoreLoads& stores, OverlappedLoads& overlapped,
          const std::vector<StoreProgress>& progress, Manifest& manifest, duck::Database& staged)
      : context_(context),
        progress_(progress),
        manifest_(manifest),
        staged_(staged),
        stores_(stores),
        overlapped_(overlapped) {
    for (const StoreProgress& store : progress_)
      may_be_prepared_.push_back(store.outcome == connect::RunOutcome::prepared);
  }

  Status run() {
    RETURN_IF_ERROR(context_.enter(RunState::loading));
    {
      PhaseScope phase(context_, Phase::load, overlapped_.since_us(), rows_to_load());
      for (size_t i = 0; i < stores_.size(); ++i) {
        if (progress_[i].outcome == connect::RunOutcome::committed) {
          ++committed_;
          stores_[i]->describe(ledger::CommitState::committed, progress_[i].transaction_id);
        } else if (progress_[i].outcome == connect::RunOutcome::prepared) {
          stores_[i]->describe(ledger::CommitState::prepared, progress_[i].transaction_id);
        }
      }
      const Status loaded = load_all();
      if (!loaded.ok()) return abandoned(loaded.error());
      RETURN_IF_ERROR(complete_digests(context_, manifest_, staged_));
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
      if (const Status loaded = load_and_prove(i); !loaded.ok()) {
        overlapped_.give_up();
        return wrap(loaded.error(), fmt::format("store {} ({})", stores_[i]->store(), context_.plan->to));
      }
    }
    return context_.check_cancelled();  // the last moment: commits are not interrupted
  }

  Status load_and_prove(size_t i) {
    StoreLoad& store = *stores_[i];
    if (OverlappedLoad* begun = overlapped_.of(i); begun != nullptr) {
      RETURN_IF_ERROR(begun->settle());
    } else {
      RETURN_IF_ERROR(store.record(ledger::CommitState::intent, ""));
      RETURN_IF_ERROR(store.begin(staged_, context_.services->cancel));
      RETURN_IF_ERROR(store.load_all(manifest_));
    }
    return store.finish_and_prove(manifest_);
  }

  // Nothing of this attempt stays; when earlier attempts committed stores, the run is partial and what they
  // prepared waits for the next attempt.
  Error abandoned(const Error& error) {
    if (committed_ == 0) return undo_prepared(error);
    for (size_t i = 0; i < stores_.size(); ++i) {
      if (!absent(i)) continue;
      stores_[i]->abandon();
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
      undo.push_back(
          {context_.run, table.store, table.dataset, table.inserted, table.updated + table.deleted});
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
      if (const Status prepared = prepare(i); !prepared.ok())
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

  Status prepare(size_t i) {
    StoreLoad& store = *stores_[i];
    ASSIGN_OR_RETURN(const std::string transaction_id, store.sink().transaction_id());
    RETURN_IF_ERROR(store.record(ledger::CommitState::intent, transaction_id));
    context_.checkpoint("before-prepare:" + store.store());
    const Status prepared = store.sink().prepare();
    may_be_prepared_[i] = prepared.ok() || prepared.error().kind == ErrorKind::in_doubt;
    RETURN_IF_ERROR(prepared);
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
  // as they were. A store that cannot be asked any more may keep what it prepared.
  Error undo_prepared(const Error& error) {
    std::vector<std::string> unasked;
    for (size_t i = 0; i < stores_.size(); ++i) {
      StoreLoad& store = *stores_[i];
      store.abandon();
      if (may_be_prepared_[i] && !store.sink().rollback_prepared(context_.run).ok()) {
        unasked.push_back(store.store());
        continue;
      }
      [[maybe_unused]] const Status recorded = store.record(ledger::CommitState::abandoned, "");
    }
    if (unasked.empty()) return error;
    Error left = wrap(error, fmt::format("store {} may keep a prepared transaction", join(unasked, ", ")));
    if (left.kind != ErrorKind::in_doubt) left.kind = ErrorKind::partial;
    left.hint =
        fmt::format("ask with: godwit status {0}; then resume the run, or: godwit rollback {0} --confirm {0}",
                    context_.run);
    return left;
  }

  const RunContext& context_;
  const std::vector<StoreProgress>& progress_;
  Manifest& manifest_;
  duck::Database& staged_;
  StoreLoads& stores_;
  OverlappedLoads& overlapped_;
  std::vector<bool> may_be_prepared_;
  int committed_ = 0;
};

}  // namespace

Status load(const RunContext& context, StoreLoads& stores, OverlappedLoads& overlapped,
            const std::vector<StoreProgress>& progress, Manifest& manifest, duck::Database& staged) {
  CHECK(stores.size() == context.plan->stores.size());
  return Loading(context, stores, overlapped, progress, manifest, staged).run();
}

}  // namespace godwit::pipeline
