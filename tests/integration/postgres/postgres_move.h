// Moves tables from one scratch database to another through Source, DuckDB and Sink, as the pipeline does,
// with closures that the test writes itself.
#pragma once

#include "base/test_folder.h"
#include "connect/postgres/sink.h"
#include "connect/postgres/source.h"
#include "duck/database.h"
#include "tests/integration/postgres/postgres_scratch.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <thread>

namespace godwit::test {

class TestClock : public Clock {
 public:
  [[nodiscard]] int64_t now_us() const override { return monotonic_us(); }
  [[nodiscard]] int64_t monotonic_us() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  void sleep_ms(int64_t duration_ms) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(duration_ms));
  }
};

inline OwnerStep key_step(const std::string& column) {
  OwnerStep step;
  step.kind = OwnerStep::Kind::key;
  step.column = column;
  return step;
}

inline OwnerStep parent_step(const Table& table, const std::string& parent) {
  OwnerStep step;
  step.kind = OwnerStep::Kind::parent;
  for (const ForeignKey& key : table.foreign_keys) {
    if (key.parent.name == parent) step.foreign_key = key;
  }
  return step;
}

// One store on its way. Tables are added in load order.
class Move {
 public:
  Move(ScratchDatabase& from, ScratchDatabase& to, std::string scope) : to_(to), scope_(std::move(scope)) {
    open(from);
  }

  TableClosure& own(const std::string& table, const std::string& key) {
    TableClosure& closure = add(table, Membership::owned);
    closure.owners.push_back(key_step(key));
    closure.key_column = key;
    return closure;
  }
  TableClosure& own_by_parent(const std::string& table, const std::string& parent) {
    TableClosure& closure = add(table, Membership::owned);
    closure.owners.push_back(parent_step(*catalog_.table({"public", table}), parent));
    return closure;
  }
  TableClosure& share(const std::string& table) { return add(table, Membership::shared); }
  // Needed over include edges of tables added with `include`.
  TableClosure& need(const std::string& table) {
    TableClosure& closure = add(table, Membership::needed);
    closure.has_needed_rows = true;
    return closure;
  }
  void include(TableClosure& child, const std::string& parent) {
    for (const ForeignKey& key : catalog_.table(child.table)->foreign_keys) {
      if (key.parent.name == parent) child.edges.push_back({key, OutsidePolicy::include, false});
    }
  }

  // Reads everything into DuckDB tables.
  void extract() {
    for (const TableClosure& table : tables_)
      closure_.tables.push_back(table);
    std::sort(closure_.tables.begin(), closure_.tables.end(),
              [](const auto& a, const auto& b) { return a.table < b.table; });
    ASSERT_OK(source_->snapshot());
    for (const TableClosure& table : tables_) {
      Dataset& dataset = datasets_.emplace_back();
      dataset.id = dataset_id("ids", table.table);
      dataset.store = "ids";
      dataset.table = *catalog_.table(table.table);
      dataset.closure = table;
      dataset.has_owned_column = table.membership == Membership::owned && table.has_needed_rows;
      for (const Column& column : dataset.table.columns) {
        if (column.generated != Generated::stored) dataset.columns.push_back(source_->stage(column));
      }
      extract(dataset);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

  // begin … finish; the Error of the first step that failed.
  Status load(const std::string& run) {
    if (sink_ == nullptr) RETURN_IF_ERROR(open_sink());
    ASSIGN_OR_RETURN(target_, sink_->catalog());
    RETURN_IF_ERROR(sink_->begin({run, "test", scope_, "ids", "hash", "insert"}));
    loads_.clear();
    outcomes_.clear();
    for (const Dataset& dataset : datasets_) {
      connect::DatasetLoad load;
      load.dataset = &dataset;
      load.target = target_.table(dataset.table.name);
      load.strategy = strategy;
      load.triggers = triggers;
      load.scope = scope_;
      load.rows_expected = rows_[dataset.id];
      load.connection = connection_.get();
      load.queries = connect::single_query("SELECT * FROM \"" + dataset.id + "\"");
      load.deferred_columns = deferred[dataset.table.name.name];
      load.resolve = resolve[dataset.table.name.name];
      if (strategy == connect::LoadStrategy::replace) load.replaced_in = &closure_;
      loads_.push_back(load);
      ASSIGN_OR_RETURN(outcomes_[dataset.table.name.name], sink_->load(load));
    }
    RETURN_IF_ERROR(sink_->finish());
    for (const connect::DatasetLoad& load : loads_)
      outcomes_[load.dataset->table.name.name] = sink_->loaded(load);
    return {};
  }

  // Every proof holds, and finds as many rows as were extracted.
  void prove() {
    for (const connect::DatasetLoad& load : loads_) {
      ASSERT_OK_AND(const connect::Proof proof, sink_->prove(load));
      EXPECT_EQ(proof.rows, rows_[load.dataset->id]) << load.dataset->id;
      EXPECT_EQ(proof.foreign_rows, 0) << load.dataset->id;
      EXPECT_EQ(proof.orphans, 0) << load.dataset->id;
      EXPECT_EQ(proof.duplicate_keys, 0) << load.dataset->id;
      EXPECT_EQ(proof.surplus, 0) << load.dataset->id;
    }
  }

  void run(const std::string& id) {
    extract();
    if (::testing::Test::HasFatalFailure()) return;
    ASSERT_OK(load(id));
    prove();
    ASSERT_OK(sink_->commit());
  }

  Status open_sink() {
    ASSIGN_OR_RETURN(sink_, connect::postgres::open_sink(to_.endpoint(), clock_));
    return {};
  }
  connect::Sink& sink() { return *sink_; }
  void drop_sink() { sink_.reset(); }
  const connect::DatasetLoad& load_of(const std::string& table) {
    for (const connect::DatasetLoad& load : loads_) {
      if (load.dataset->table.name.name == table) return load;
    }
    std::abort();
  }
  connect::LoadOutcome outcome(const std::string& table) { return outcomes_[table]; }
  int64_t rows(const std::string& table) { return rows_["ids.public." + table]; }
  duck::Connection& staged() { return *connection_; }
  const Catalog& catalog() const { return catalog_; }
  const StoreClosure& closure() const { return closure_; }
  void set_load_order(std::vector<std::vector<TableName>> order) { closure_.load_order = std::move(order); }

  connect::LoadStrategy strategy = connect::LoadStrategy::insert;
  connect::TriggerPolicy triggers = connect::TriggerPolicy::fire;
  std::map<std::string, std::vector<std::string>> deferred;
  std::map<std::string, std::map<std::string, connect::Resolution>> resolve;  // by table

 private:
  void open(ScratchDatabase& from) {
    ASSERT_OK_AND(source_, connect::postgres::open_source(from.endpoint()));
    ASSERT_OK_AND(catalog_, source_->catalog());
    duck::DatabaseOptions options;
    options.folder = folder_.path();
    options.memory_limit_mb = 2000;
    ASSERT_OK_AND(duck_, duck::Database::open(options));
    ASSERT_OK_AND(connection_, duck_->connect());
    closure_.store = "ids";
  }

  TableClosure& add(const std::string& table, Membership membership) {
    TableClosure& closure = tables_.emplace_back();
    closure.table = {"public", table};
    closure.membership = membership;
    return closure;
  }

  void extract(Dataset& dataset) {
    for (int tries = 0; tries < 30; ++tries) {
      connect::Scan scan;
      scan.dataset = &dataset;
      scan.closure = &closure_;
      scan.scope = scope_;
      ASSERT_OK_AND(auto producer, source_->read(scan));
      ASSERT_OK(connection_->register_table("rows_read", producer));
      const auto copied =
          connection_->run("CREATE OR REPLACE TABLE \"" + dataset.id + "\" AS SELECT * FROM rows_read()");
      connection_->unregister_table("rows_read");
      if (copied.ok()) break;
      ASSERT_EQ(copied.error().sqlstate, connect::restage_sqlstate) << copied.error().text();
      for (DatasetColumn& column : dataset.columns) {
        if (column.name == copied.error().hint) column.staging = StagingType::text, column.as_text = true;
      }
    }
    ASSERT_OK_AND(const duck::Rows rows, connection_->query("SELECT count(*) FROM \"" + dataset.id + "\""));
    rows_[dataset.id] = std::stoll(*rows.rows[0][0]);
  }

  TestClock clock_;
  ScratchDatabase& to_;
  const std::string scope_;
  std::unique_ptr<connect::Source> source_;
  Catalog catalog_, target_;
  const TestFolder folder_;
  std::unique_ptr<duck::Database> duck_;
  std::unique_ptr<duck::Connection> connection_;
  std::deque<TableClosure> tables_;
  StoreClosure closure_;
  std::deque<Dataset> datasets_;
  std::map<std::string, int64_t> rows_;
  std::unique_ptr<connect::Sink> sink_;
  std::vector<connect::DatasetLoad> loads_;
  std::map<std::string, connect::LoadOutcome> outcomes_;
};

// Everything in a table, order and all, as one digest.
inline std::string digest(ScratchDatabase& database, const std::string& table,
                          const std::string& where = "true") {
  return database.value(
      "SELECT count(*) || ':' || coalesce(md5(string_agg(row, E'\\n' ORDER BY row COLLATE \"C\")), '') "
      "FROM (SELECT (t.*)::text AS row FROM " +
      table + " t WHERE " + where + ") r");
}

}  // namespace godwit::test
