#include "pipeline/run/load/store_load.h"

#include "base/text.h"
#include "duck/parquet.h"
#include "pipeline/plan/load_connections.h"
#include "pipeline/run/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::pipeline {

namespace {

const DatasetManifest& staged_of(const Manifest& manifest, const std::string& dataset) {
  const DatasetManifest* staged = manifest.dataset(dataset);
  CHECK(staged != nullptr);
  return *staged;
}

// Every `step`th file from `from` on.
connect::RowQueries rows_of_files(const Dataset& dataset, const RunFolder& folder,
                                  const DatasetManifest& staged, size_t from, size_t step) {
  return [&dataset, &folder, &staged, next = from, step]() mutable -> Result<std::optional<std::string>> {
    if (next >= staged.files.size()) return std::optional<std::string>();
    const std::string path = folder.absolute(staged.files[next].path);
    next += step;
    return std::optional<std::string>(StoreLoad::rows_of(dataset, duck::read_parquet_sql({path})));
  };
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

Result<std::string> StoreLoad::open_transactions() const {
  ASSIGN_OR_RETURN(const std::string told, sink_.transaction_id());
  const auto earlier = split(transaction_id_, ',');
  auto ids = split(told, ',');
  for (size_t i = 0; i < ids.size() && i < earlier.size(); ++i) {
    if (ids[i].empty()) ids[i] = earlier[i];
  }
  return join(ids, ",");
}

connect::RunMarker StoreLoad::marker() const {
  connect::RunMarker marker;
  marker.run = context_.run;
  marker.pipeline = context_.plan->pipeline;
  marker.scope = context_.plan->scope;
  marker.store = plan_.store;
  marker.plan_hash = context_.plan->hash;
  marker.strategy = context_.plan->strategy;
  return marker;
}

Status StoreLoad::connect_staged(duck::Database& staged, const std::atomic<bool>* cancel) {
  while (connections_.size() < static_cast<size_t>(spread_.connections)) {
    ASSIGN_OR_RETURN(auto connection, staged.connect());
    connection->set_cancel_flag(cancel);
    connections_.push_back(std::move(connection));
  }
  return {};
}

Status StoreLoad::begin(duck::Database& staged, const std::atomic<bool>* cancel, const Manifest* finished) {
  connections_.clear();
  loads_.clear();
  spread_ = {};
  rest_ = false;
  RETURN_IF_ERROR(sink_.begin(marker()));
  if (context_.plan->atomic == "table") RETURN_IF_ERROR(divide(finished));
  return connect_staged(staged, cancel);
}

Status StoreLoad::begin_rest(duck::Database& staged, const std::atomic<bool>* cancel) {
  connections_.clear();
  loads_.clear();
  ASSIGN_OR_RETURN(spread_, sink_.begin_rest(marker()));
  rest_ = true;
  return connect_staged(staged, cancel);
}

std::vector<const DatasetPlan*> StoreLoad::large(const Manifest* finished) const {
  std::vector<const DatasetPlan*> found;
  for (const DatasetPlan& planned : plan_.datasets) {
    const std::string& id = planned.dataset.id;
    if (std::find(plan_.load.divided.begin(), plan_.load.divided.end(), id) == plan_.load.divided.end())
      continue;
    const bool is_large = finished == nullptr ? planned.estimated_rows >= divided_rows_min
                                              : staged_of(*finished, id).files.size() > 1;
    if (is_large) found.push_back(&planned);
  }
  return found;
}

Status StoreLoad::divide(const Manifest* finished) {
  const auto divided = large(finished);
  std::string reason = plan_.load.one_because;
  if (reason.empty() && divided.empty()) reason = "no table that may be divided is large enough";
  connect::Spread wanted;
  std::vector<std::string> names;
  if (reason.empty()) {
    wanted.connections = plan_.load.connections;
    for (const DatasetPlan* planned : divided) {
      wanted.tables.push_back(planned->target.name);
      names.push_back(planned->target.name.text());
    }
    for (const DatasetPlan& planned : plan_.datasets) {
      if (planned.dataset.closure.membership == Membership::owned)
        wanted.empty.push_back(planned.target.name);
    }
    for (int lane = 0; lane < wanted.connections; ++lane)
      wanted.open.push_back(lane);
    wanted.reached = [this](const char* step, int lane) {
      context_.checkpoint(fmt::format("{}:{}:{}", step, plan_.store, lane));
    };
    ASSIGN_OR_RETURN(const auto refused, sink_.spread(wanted));
    reason = refused.value_or("");
  }
  if (!reason.empty()) {
    tell_load(1, "loaded in one transaction, although atomic is table: " + reason);
    return {};
  }
  spread_ = wanted;
  tell_load(wanted.connections, fmt::format("loaded over {} connections, a transaction each: {}",
                                            wanted.connections, join(names, ", ")));
  return {};
}

void StoreLoad::tell_load(int connections, const std::string& note) {
  for (StoreReport& report : context_.report->stores) {
    if (report.store != plan_.store) continue;
    report.connections = connections;
    report.load_note = note;
  }
  context_.services->observer->on_note(plan_.store + ": " + note, "");
}

bool StoreLoad::divides(const DatasetPlan& planned) const {
  return std::find(spread_.tables.begin(), spread_.tables.end(), planned.target.name) != spread_.tables.end();
}

std::string StoreLoad::rows_of(const Dataset& dataset, const std::string& relation) {
  std::vector<std::string> columns;
  for (const DatasetColumn& column : dataset.columns)
    columns.push_back(quote_identifier(column.name));
  if (dataset.has_owned_column) columns.push_back(quote_identifier(owned_column_name));
  return fmt::format("SELECT {} FROM {}", join(columns, ", "), relation);
}

Status StoreLoad::load_dataset(const DatasetPlan& planned, const RowParts& parts, int64_t rows_expected) {
  connect::DatasetLoad load;
  load.dataset = &planned.dataset;
  load.target = &planned.target;
  load.strategy = planned.strategy;
  load.triggers = context_.plan->triggers;
  load.scope = context_.plan->scope;
  load.connection = connections_.front().get();
  load.deferred_columns = planned.deferred_columns;
  load.resolve = planned.resolve;
  if (replaces()) load.replaced_in = &plan_.closure;
  if (divides(planned)) {
    load.lane_rows = [this, &parts](int lane) {
      const auto index = static_cast<size_t>(lane);
      return connect::LaneRows{connections_[index].get(),
                               parts(index, static_cast<size_t>(spread_.connections))};
    };
  } else {
    load.queries = parts(0, 1);
  }
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
  if (!rest_) describe(planned.dataset.id, planned.strategy, *loaded);
  load.queries = nullptr;
  load.lane_rows = nullptr;
  loads_.push_back(std::move(load));
  context_.checkpoint("loaded:" + planned.dataset.id);
  return {};
}

void StoreLoad::describe(const std::string& dataset, connect::LoadStrategy planned,
                         const connect::LoadOutcome& loaded) {
  TableReport& report = context_.table_report(dataset);
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
      if (rest_ && !divides(planned)) continue;
      const DatasetManifest& staged = staged_of(manifest, planned.dataset.id);
      const RowParts parts = [&](size_t from, size_t step) {
        return step == 1 ? connect::single_query(
                               rows_of(planned.dataset, staged_relation(*context_.folder, staged)))
                         : rows_of_files(planned.dataset, *context_.folder, staged, from, step);
      };
      RETURN_IF_ERROR(load_dataset(planned, parts, staged.rows));
    }
  }
  return {};
}

int64_t StoreLoad::rows_to_prove(const DatasetManifest& staged) const {
  if (!rest_) return staged.rows;
  int64_t rows = 0;
  for (const int lane : spread_.open) {
    for (auto i = static_cast<size_t>(lane); i < staged.files.size();
         i += static_cast<size_t>(spread_.connections))
      rows += staged.files[i].rows;
  }
  return rows;
}

Status StoreLoad::finish_and_prove(const Manifest& manifest) {
  RETURN_IF_ERROR(sink_.finish());
  context_.checkpoint("loaded-store:" + plan_.store);
  for (connect::DatasetLoad& load : loads_) {
    if (!rest_) {  // what was committed before was counted then
      const connect::LoadOutcome loaded = sink_.loaded(load);
      describe(load.dataset->id, load.strategy, loaded);
      context_.table_report(load.dataset->id).digest = loaded.digest;
    }
    load.rows_expected = rows_to_prove(staged_of(manifest, load.dataset->id));
    RETURN_IF_ERROR(prove(load));
  }
  return {};
}

Status StoreLoad::prove(const connect::DatasetLoad& load) {
  ASSIGN_OR_RETURN(const connect::Proof proof, sink_.prove(load));
  if (!rest_) {  // what was committed before was counted then
    TableReport& report = context_.table_report(load.dataset->id);
    report.proved_rows = proof.rows;
    report.foreign_rows = proof.foreign_rows;
    report.orphans = proof.orphans;
  }
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
  connections_.clear();
  loads_.clear();
  if (rest_) return;
  for (TableReport& table : context_.report->tables) {
    if (table.store != plan_.store) continue;
    table.inserted = table.updated = table.kept = table.different = table.deleted = 0;
    table.existing = table.brought = 0;
    table.proved_rows = table.foreign_rows = table.orphans = 0;
  }
}

}  // namespace godwit::pipeline
