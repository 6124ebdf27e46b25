// What the loads of one run share, and what is remembered of each table until the commit.
#pragma once

#include "base/time.h"
#include "connect/sink.h"
#include "connect/sqlite/connection.h"
#include "connect/sqlite/load/row_identity.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace godwit::connect {

class TableLoad;

struct LoadedTable {
  std::string dataset_id;
  Table target;
  TableClosure closure;
  Table source_table;
  std::string scope;
  std::vector<std::string> columns;  // loaded, in the order of the staged ones
  RowIdentity identity;
  RowAddress address;
  int ordinal = 0;
  LoadOutcome outcome;
  std::optional<RowSet> rows;  // all rows of the run that are in the target
  bool overwrites = false;
  std::map<std::string, Resolution> resolve;

  // Of a load that waits (replace_rows.h):
  const StoreClosure* replaced_in = nullptr;
  std::unique_ptr<DatasetLoad> load;
  std::shared_ptr<TableLoad> loading;
  std::optional<RowSet> met;     // rows of the target whose keys the run brings
  std::optional<RowSet> doomed;  // rows of the scope that it does not bring
  int64_t needed_rows = 0;       // of doomed: needed by runs of other scopes
};

struct LoadContext {
  LoadContext(StoreConnection& store_connection, RunMarker run_marker, int64_t number)
      : connection(store_connection), marker(std::move(run_marker)), run_number(number) {}

  StoreConnection& connection;
  RunMarker marker;
  int64_t run_number = 0;
  int next_ordinal = 1;
  std::set<TableName> without_rowid;
  std::optional<sqlite::Statement> insert_undo;
  std::map<TableName, std::unique_ptr<LoadedTable>> tables;
  std::vector<LoadedTable*> waiting;  // of tables, in load order

  [[nodiscard]] sqlite::Database& database() { return connection.database(); }
};

// Streams the rows into the target and writes the undo records beside them.
[[nodiscard]] Result<LoadOutcome> load_table(LoadContext& context, const DatasetLoad& load);

// A boolean over the target's row `alias`: an owner step holds. Steps to parents follow the tables of this
// run; where a path goes in circles or leaves the store, a row counts that this run itself brings. Never
// NULL.
[[nodiscard]] std::string owned_in_target_sql(const LoadContext& context, const LoadedTable& table,
                                              const std::string& alias);

// The same for a row that an incoming one with the same key would overwrite; the parameters are the incoming
// row's columns in the order of table.columns.
[[nodiscard]] std::string owned_before_sql(const LoadContext& context, const LoadedTable& table,
                                           const std::string& alias);

// What the target says about a loaded table, inside the run's transaction.
[[nodiscard]] Result<Proof> prove_table(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect
