// What the loads of one run share, and what is remembered of each table until the commit.
#pragma once

#include "base/time.h"
#include "connect/postgres/undo/undo_keys.h"
#include "connect/sink.h"
#include "model/closure.h"
#include "pg/session.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// The columns that a staging table has beside the data.
inline constexpr const char* stage_owned = "\"godwit$owned\"";
inline constexpr const char* stage_hash = "\"godwit$hash\"";  // duck::row_hashes of the data

struct LoadedTable {
  std::string dataset_id;
  Dataset dataset;  // a copy: the caller's may go
  Table target;
  TableClosure closure;
  LoadStrategy strategy = LoadStrategy::insert;
  TriggerPolicy triggers = TriggerPolicy::fire;
  std::string scope;
  std::vector<std::string> columns;   // loaded, in the order of the staged ones
  std::vector<std::string> deferred;  // of columns: loaded as NULL, filled in by finish()
  std::map<std::string, Resolution> resolve;
  RowIdentity identity;
  int ordinal = 0;    // loaded directly: of its record of inserted rows
  int group = 0;      // tables of one cycle are loaded, and undone, together
  std::string stage;  // the staging table, quoted; empty: loaded directly
  // Staged rows whose key is in the target, quoted; empty: none. Columns: s, the staged row's ctid; o and c,
  // the target's row; owned; ours, the row is the scope's own; different; rekeyed, a unique value moves.
  std::string met;
  int64_t rekeyed = 0;           // of met
  std::string doomed;            // rows of the scope that the run does not bring, (o, c); empty: none
  int64_t rows = 0;              // taken from the caller
  int64_t other_rows = 0;        // of them: shared or needed
  int64_t inserts = 0;           // rows that are to be inserted
  std::string shared_keys = {};  // SELECT of the keys that runs inserted as shared; empty: none
  LoadOutcome outcome;
};

// Replaced rows are overwritten like any others: what else goes is found apart.
[[nodiscard]] inline bool overwrites(const LoadedTable& table) {
  return table.strategy != LoadStrategy::insert && !table.identity.whole_rows;
}

struct LoadContext {
  pg::Session& session;
  const Clock& clock;
  RunMarker marker;
  const Catalog* catalog = nullptr;           // the target's
  const StoreClosure* replaced_in = nullptr;  // DatasetLoad::replaced_in
  int next_ordinal = 1;
  int next_group = 1;
  bool shared_locked = false;
  std::string xid = {};                // of the transaction, once a proof has asked
  std::vector<std::string> sets = {};  // tables that end with the transaction, beside the staging tables
  std::map<TableName, std::unique_ptr<LoadedTable>> tables = {};
};

// What is known before the first row. ErrorKind::plan_refused when the target lacks a column.
[[nodiscard]] Result<std::unique_ptr<LoadedTable>> loaded_table(const DatasetLoad& load);
// A name in schema godwit for a table that does not outlive the transaction; quoted.
[[nodiscard]] std::string passing_name(LoadContext& context, const char* what);
// Makes it of a SELECT, for the planner too. Temporary tables would forbid two-phase commit.
[[nodiscard]] Result<std::string> make_set(LoadContext& context, const char* what, const std::string& select);
// How the table's triggers stand in undo_table.
[[nodiscard]] const char* to_text(TriggerPolicy policy);
// One row of godwit.undo_table.
[[nodiscard]] Status record_undo(LoadContext& context, const LoadedTable& table, int ordinal,
                                 const char* kind, int64_t rows);

}  // namespace godwit::connect::postgres
