#include "pipeline/run/load/store_load.h"

#include "base/text.h"
#include "pipeline/run/progress.h"

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

const DatasetManifest& staged_of(const Manifest& manifest, const std::string& dataset) {
  const DatasetManifest* staged = manifest.dataset(dataset);
  CHECK(staged != nullptr);
  return *staged;
}

}  // namespace

bool StoreLoad::replaces() const {
  return std::any_of(plan_.datasets.begin(), plan_.datasets.end(), [](const DatasetPlan& planned) {
    return planned.strategy == connect::LoadStrategy::replace &&
           planned.dataset.closure.membership == Membership::owned;
  });
}

void StoreLoad::describe(ledger::CommitState state, const std::string& transaction_id) {
  transaction_id_ = transaction_id;
  for (StoreReport& report : context_.report->stores) {
    if (report.store != plan_.store) continue;
    report.commit_state = to_string(state);
    report.transaction_id = transaction_id;
  }
}

Status StoreLoad::record(ledger::CommitState state, const std::string& transaction_id) {
  describe(state, transaction_id);
  ledger::StoreRecord record;
  record.run = context_.run;
  record.store = plan_.store;
  record.ordinal = ordinal_;
  record.state = state;
  record.transaction_id = transaction_id;
  record.changed_us = context_.services->clock->now_us();
  return context_.ledger->record_store(record);
}

Status StoreLoad::begin(duck::Database& staged, const std::atomic<bool>* cancel) {
  ASSIGN_OR_RETURN(connection_, staged.connect());
  connection_->set_cancel_flag(cancel);
  loads_.clear();
  connect::RunMarker marker;
  marker.run = context_.run;
  marker.pipeline = context_.plan->pipeline;
  marker.scope = context_.plan->scope;
  marker.store = plan_.store;
  marker.plan_hash = context_.plan->hash;
  marker.strategy = context_.plan->strategy;
  return sink_.begin(marker);
}

std::string StoreLoad::rows_of(const Dataset& dataset, const std::string& relation) {
  std::vector<std::string> columns;
  for (const DatasetColumn& column : dataset.columns)
    columns.push_back(quote_identifier(column.name));
  if (dataset.has_owned_column) columns.push_back(quote_identifier(owned_column_name));
  return fmt::format("SELECT {} FROM {}", join(columns, ", "), relation);
}

Status StoreLoad::load_dataset(const DatasetPlan& planned, connect::RowQueries queries,
                               int64_t rows_expected) {
  connect::DatasetLoad load;
  load.dataset = &planned.dataset;
  load.target = &planned.target;
  load.strategy = planned.strategy;
  load.triggers = context_.plan->triggers;
  load.scope = context_.plan->scope;
  load.connection = connection_.get();
  load.deferred_columns = planned.deferred_columns;
  load.resolve = planned.resolve;
  if (replaces()) load.replaced_in = &plan_.closure;
  load.queries = std::move(queries);
  auto meter = std::make_shared<DatasetMeter>(*context_.services->observer, *context_.services->clock,
                                              Phase::load, planned.dataset.id, rows_expected);
  auto rows = std::make_shared<int64_t>(0);
  load.progress = [meter, rows](int64_t done) {
    *rows = done;
    meter->set(done);
  };
  auto loaded = sink_.load(load);
  if (!loaded.ok()) return wrap(loaded.error(), "loading " + planned.dataset.id);
  meter->finish(*rows, 0);
  describe(planned.dataset.id, planned.strategy, *loaded);
  load.queries = nullptr;
  loads_.push_back(std::move(load));
  context_.checkpoint("loaded:" + planned.dataset.id);
  return {};
}

void StoreLoad::describe(const std::string& dataset, connect::LoadStrategy planned,
                         const connect::LoadOutcome& loaded) {
  TableReport& report = report_of(*context_.report, dataset);
  report.inserted = loaded.inserted;
  report.updated = loaded.updated;
  report.kept = loaded.kept;
  report.different = loaded.different;
  report.deleted = loaded.deleted;
  if (planned != connect::LoadStrategy::automatic || report.membership != "owned") return;
  report.chosen = true;
  report.strategy = to_string(loaded.strategy);
  report.existing = loaded.existing;
  report.brought = loaded.brought;
}

Status StoreLoad::load_all(const Manifest& manifest) {
  for (const auto& group : plan_.load_groups) {
    for (const size_t index : group) {
      RETURN_IF_ERROR(context_.check_cancelled());
      const DatasetPlan& planned = plan_.datasets[index];
      const DatasetManifest& staged = staged_of(manifest, planned.dataset.id);
      RETURN_IF_ERROR(load_dataset(
          planned, connect::single_query(rows_of(planned.dataset, staged_relation(*context_.folder, staged))),
          staged.rows));
    }
  }
  return {};
}

Status StoreLoad::finish_and_prove(const Manifest& manifest) {
  RETURN_IF_ERROR(sink_.finish());
  context_.checkpoint("loaded-store:" + plan_.store);
  for (connect::DatasetLoad& load : loads_) {
    const connect::LoadOutcome loaded = sink_.loaded(load);
    describe(load.dataset->id, load.strategy, loaded);
    report_of(*context_.report, load.dataset->id).digest = loaded.digest;
    load.rows_expected = staged_of(manifest, load.dataset->id).rows;
    RETURN_IF_ERROR(prove(load));
  }
  return {};
}

Status StoreLoad::prove(const connect::DatasetLoad& load) {
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
  if (proof.surplus > 0) problem = fmt::format("{} rows of the scope are left over", proof.surplus);
  if (proof.duplicate_keys > 0) problem = fmt::format("{} keys are there twice", proof.duplicate_keys);
  if (problem.empty()) return {};
  return make_error(ErrorKind::failed, fmt::format("proof failed for {}: {}", load.dataset->id, problem),
                    "nothing was committed; look at the source's rows and at the target's triggers");
}

void StoreLoad::abandon() {
  sink_.abandon();
  connection_.reset();
  loads_.clear();
  for (TableReport& table : context_.report->tables) {
    if (table.store != plan_.store) continue;
    table.inserted = table.updated = table.kept = table.different = table.deleted = 0;
    table.existing = table.brought = 0;
    table.proved_rows = table.foreign_rows = table.orphans = 0;
  }
}

}  // namespace godwit::pipeline
