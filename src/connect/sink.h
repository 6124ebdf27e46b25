// Sink: where data goes, with the commit protocol of a run. One implementation per kind of store.
//
// Order of calls: open, catalog, lock, begin, load* (in load order), finish, prove*, then either prepare +
// commit_prepared or commit; abandon at any moment before. Everything between begin and commit is ONE
// transaction of the target: data, undo records, and the marker row in schema "godwit" (SQLite: tables
// godwit_run, godwit_undo_*). The destructor abandons.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "duck/database.h"
#include "model/catalog.h"
#include "model/dataset.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::connect {

// What becomes of owned rows of the scope whose key is in the target already:
enum class LoadStrategy : uint8_t {
  insert,     // none may be: the load is refused
  upsert,     // overwritten where they differ
  merge,      // overwritten, column by column as DatasetLoad::resolve says
  replace,    // overwritten; and rows of the scope that the run does not bring are deleted
  automatic,  // insert, upsert or merge, by how many of the run's rows are there: choose_strategy
};
[[nodiscard]] std::string_view to_string(LoadStrategy strategy);  // automatic: "auto"
[[nodiscard]] std::optional<LoadStrategy> load_strategy_from(std::string_view text);
// For `existing` of `brought` owned rows: none insert, less than half upsert, else merge.
[[nodiscard]] LoadStrategy choose_strategy(int64_t existing, int64_t brought);

// Whose value an existing row has in a column after a merge: the run's is the default and never stands in a
// map of resolutions.
enum class Resolution : uint8_t {
  target,  // the target's stays
  fill,    // the target's stays unless it is NULL
};
[[nodiscard]] std::string_view to_string(Resolution resolution);

struct SinkCapabilities {
  bool two_phase = false;     // PostgreSQL with max_prepared_transactions > 0
  bool read_only = false;     // default_transaction_read_only, a standby, a read-only file
  bool can_keep_undo = true;  // the role may have schema godwit
  bool overlaps = false;      // readers are not in the way of an open transaction, nor it in theirs
  std::string evidence;
};

struct RunMarker {
  std::string run;
  std::string pipeline;
  std::string scope;
  std::string store;
  std::string plan_hash;
  std::string strategy;
};

enum class TriggerPolicy : uint8_t { fire, disable, fail };

// The next SELECT of a dataset's staged rows, nothing after the last one. May wait until the rows are staged.
using RowQueries = std::function<Result<std::optional<std::string>>()>;
[[nodiscard]] RowQueries single_query(std::string sql);

// One dataset to load. The rows come from `queries` on `connection` (SELECTs over the staged Parquet, columns
// of dataset.columns in order, then owned_column_name when has_owned_column).
struct DatasetLoad {
  const Dataset* dataset = nullptr;
  const Table* target = nullptr;  // the target's own catalog entry
  LoadStrategy strategy = LoadStrategy::insert;
  TriggerPolicy triggers = TriggerPolicy::fire;
  std::string scope;
  int64_t rows_expected = 0;  // known when the rows are proved
  duck::Connection* connection = nullptr;
  RowQueries queries;                         // used once, by load()
  std::vector<std::string> deferred_columns;  // null_then_update: loaded as NULL, filled in by finish()
  // Of merge and automatic, by column. Never of columns of a unique key.
  std::map<std::string, Resolution> resolve;
  // Set in every load of a store in which a table is replaced: the store's whole closure. Rows are staged by
  // load(), and the target is changed by finish(), which has seen all of them.
  const StoreClosure* replaced_in = nullptr;
  std::function<void(int64_t rows)> progress;
};

// Rows of a load, and the hash of each over dataset.columns (duck::row_hashes).
using RowsTaken = std::function<Status(const duck::ChunkReader&, const std::vector<int64_t>& hashes)>;

// Runs the queries one after the other; `start` is told the columns once. Returns the digest of all rows.
[[nodiscard]] Result<std::string> stream_rows(
    const DatasetLoad& load, const std::function<Status(const std::vector<duck::ColumnDef>&)>& start,
    const RowsTaken& taken);

struct LoadOutcome {
  int64_t inserted = 0;
  int64_t updated = 0;    // existing rows of the scope overwritten
  int64_t kept = 0;       // shared and needed rows that were there already, equal
  int64_t different = 0;  // shared and needed rows that were there with other values: never updated, reported
  int64_t deleted = 0;    // rows of the scope that the run did not bring
  LoadStrategy strategy = LoadStrategy::insert;  // never automatic
  int64_t existing = 0, brought = 0;             // automatic: the owned rows that it was chosen by
  std::string digest;                            // of the rows that were taken from the staged files
};

// What the target says after the load, inside the transaction.
struct Proof {
  int64_t rows = 0;          // rows of the run found again by key
  int64_t foreign_rows = 0;  // owned rows of any other scope that the run wrote: must be 0
  int64_t orphans = 0;  // rows of the run with a missing parent over any foreign key or link in the store
  int64_t duplicate_keys = 0;
  int64_t surplus = 0;  // replace: rows of the scope that the run did not bring: must be 0
};

enum class RunOutcome : uint8_t {
  absent,       // no marker: nothing of the run is visible
  committed,    // the marker row is there
  undone,       // the marker says it was rolled back
  prepared,     // a prepared transaction of the run waits
  in_progress,  // the run's transaction is still open on the server
  unknown,
};
[[nodiscard]] std::string_view to_string(RunOutcome outcome);

// A row that is undone although it changed since: the change is lost. `key` is written as UndoTable writes
// it.
struct ForcedRow {
  std::string dataset;
  std::string key;
};
struct UndoOptions {
  std::vector<ForcedRow> force;
  // plan_undo keeps its transaction, and undo of the same run goes on in it instead of looking again. Any
  // other call ends it.
  bool hold = false;
};

inline constexpr size_t changed_keys_max = 10;

struct UndoTable {
  std::string dataset;
  int64_t to_delete = 0;    // inserted rows, to be deleted
  int64_t to_restore = 0;   // overwritten and deleted rows, to be restored
  int64_t kept_shared = 0;  // shared rows that another run still references: kept
  int64_t blocked = 0;      // rows that others now reference
  std::string blocked_by;   // table and foreign key, never values
  // Rows that are neither as the run left them nor as they were before it, without the forced ones.
  int64_t changed = 0;
  // Keys of the first of them: the columns' text forms with commas between; a comma or backslash inside a key
  // of several columns has a backslash before it.
  std::vector<std::string> changed_keys;
  int64_t forced = 0;
  int64_t lacking = 0;     // rows to be restored whose parent is gone since
  std::string lacking_of;  // "public.schools over students_school_id_fkey"
};
struct UndoPlan {
  std::string run;
  bool already_undone = false;
  std::vector<UndoTable> tables;  // in the order of undoing
};
// ErrorKind::gate when a row is blocked, changed or lacks its parent: names tables, and keys of changed rows.
[[nodiscard]] Status refuse_undo(const UndoPlan& plan);

class Sink {
 public:
  virtual ~Sink() = default;

  [[nodiscard]] virtual Result<Catalog> catalog() = 0;
  [[nodiscard]] virtual Result<SinkCapabilities> capabilities() = 0;
  // Shows itself to a Source on the same database until destroyed.
  [[nodiscard]] virtual Result<Probe> hold_probe(int64_t nonce) = 0;
  // The target's own lock, keyed by pipeline and scope, and a second one that serialises shared rows; held
  // until destroyed. ErrorKind::locked names the holder (pid, application, age) when it is taken.
  [[nodiscard]] virtual Status lock(const std::string& pipeline, const std::string& scope) = 0;

  [[nodiscard]] virtual Status begin(const RunMarker& marker) = 0;
  [[nodiscard]] virtual Result<LoadOutcome> load(const DatasetLoad& load) = 0;
  // After the last load: what waits (replaced_in), deferred columns, sequences, SET CONSTRAINTS ALL
  // IMMEDIATE.
  [[nodiscard]] virtual Status finish() = 0;
  // What became of the rows of a load. With replaced_in it is known after finish(), else after load()
  // already.
  [[nodiscard]] virtual LoadOutcome loaded(const DatasetLoad& load) const = 0;
  [[nodiscard]] virtual Result<Proof> prove(const DatasetLoad& load) = 0;

  // Names the transaction for the ledger (PostgreSQL: its xid) before COMMIT is sent.
  [[nodiscard]] virtual Result<std::string> transaction_id() = 0;
  [[nodiscard]] virtual Status prepare() = 0;  // two-phase only; the transaction survives a crash
  [[nodiscard]] virtual Status commit_prepared(
      const std::string& run) = 0;  // idempotent, also by another process
  [[nodiscard]] virtual Status rollback_prepared(const std::string& run) = 0;  // idempotent
  // ErrorKind::in_doubt when the answer to COMMIT did not arrive.
  [[nodiscard]] virtual Status commit() = 0;
  virtual void abandon() noexcept = 0;

  // What really happened, asked after a crash: the marker row decides, then prepared transactions, then the
  // transaction id.
  [[nodiscard]] virtual Result<RunOutcome> outcome(const std::string& run,
                                                   const std::string& transaction_id) = 0;

  // Undo of a committed run: plan compares every row that the run wrote with what it left and with what stood
  // before, and changes nothing; undo does it in one transaction in reverse load order and marks the run
  // undone, or refuses (refuse_undo). Idempotent.
  [[nodiscard]] virtual Result<UndoPlan> plan_undo(const std::string& run, const UndoOptions& options) = 0;
  [[nodiscard]] virtual Result<UndoPlan> undo(const std::string& run, const UndoOptions& options) = 0;
  // Deletes the whole scope by closure, children first; with `execute` false only counts.
  [[nodiscard]] virtual Result<UndoPlan> purge(const StoreClosure& closure, const std::string& scope,
                                               bool execute) = 0;

  [[nodiscard]] virtual std::vector<std::string> connection_notes() const = 0;
};

}  // namespace godwit::connect
