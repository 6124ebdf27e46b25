#include "connect/postgres/undo/undo.h"

#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/run_schema.h"
#include "connect/postgres/load/target_setup.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/undo/doomed_rows.h"
#include "connect/postgres/undo/restored_rows.h"
#include "connect/postgres/undo/undo_records.h"
#include "pg/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace godwit::connect::postgres {
namespace {

class RunUndo {
 public:
  RunUndo(pg::Session& session, CatalogReader catalog, const std::string& run, const std::string& store,
          UndoOptions options)
      : session_(session),
        catalog_(std::move(catalog)),
        run_(run),
        store_(store),
        options_(std::move(options)),
        doomed_(session),
        restored_(session, run, store) {}

  // Finds the rows; fills the plan.
  Status look(UndoPlan& plan) {
    ASSIGN_OR_RETURN(records_, read_undo_records(session_, run_, store_));
    for (const UndoRecord& record : records_) {
      UndoTable& entry = entry_of(plan, record);
      if (const Status found = find_rows(record, entry); !found.ok())
        return at(record.dataset, found.error());
    }
    RETURN_IF_ERROR(spare_shared(plan));
    std::set<TableName> asked;  // each connection of a load has a record of its own
    for (const UndoRecord& record : records_) {
      if (record.kind != "insert" || !asked.insert(record.table).second) continue;
      UndoTable& entry = entry_of(plan, record);
      ASSIGN_OR_RETURN(const Blocker blocker, doomed_.blockers(record.table));
      entry.blocked += blocker.rows;
      if (blocker.rows > 0) entry.blocked_by += (entry.blocked_by.empty() ? "" : ", ") + blocker.by;
    }
    return find_lacking(plan);
  }

  Status execute() {
    std::vector<SilencedTrigger> silenced;
    for (const UndoRecord& record : records_) {
      if (record.triggers != TriggerPolicy::disable || record.kind == "shared") continue;
      Table table;
      table.name = record.table;
      RETURN_IF_ERROR(apply_trigger_policy(session_, table, record.triggers, silenced));
    }
    RETURN_IF_ERROR(session_.run("SET CONSTRAINTS ALL DEFERRED"));
    RETURN_IF_ERROR(std::any_of(records_.begin(), records_.end(), restores) ? exchange() : remove_doomed());
    RETURN_IF_ERROR(session_.run("SET CONSTRAINTS ALL IMMEDIATE"));
    RETURN_IF_ERROR(wake_triggers(session_, silenced));
    RETURN_IF_ERROR(verify());
    RETURN_IF_ERROR(hand_over());
    return forget();
  }

 private:
  static bool restores(const UndoRecord& record) {
    return record.kind == "update" || record.kind == "delete";
  }

  Result<const Table*> table_of(const UndoRecord& record) {
    ASSIGN_OR_RETURN(const Catalog* catalog, catalog_());
    const Table* table = catalog->table(record.table);
    if (table != nullptr) return table;
    return make_error(ErrorKind::failed, record.table.text() + " is no longer in the target",
                      "restore the table first");
  }

  Status find_lacking(UndoPlan& plan) {
    for (const UndoRecord& record : records_) {
      if (!restores(record)) continue;
      ASSIGN_OR_RETURN(const Table* table, table_of(record));
      ASSIGN_OR_RETURN(const Blocker lacking, restored_.lacking(record, *table, doomed_, records_));
      UndoTable& entry = entry_of(plan, record);
      entry.lacking += lacking.rows;
      if (lacking.rows > 0) entry.lacking_of += (entry.lacking_of.empty() ? "" : ", ") + lacking.by;
    }
    return {};
  }

  // What the run inserted goes and what it deleted or overwrote comes back, all at once.
  Status exchange() {
    RowChanges changes(session_);
    std::set<TableName> removed;
    for (const UndoRecord& record : records_) {
      if (restores(record) || !removed.insert(record.table).second) continue;
      ASSIGN_OR_RETURN(const int64_t rows, doomed_.size(record.table));
      changes.remove(record.table, doomed_.set_of(record.table), rows);
    }
    for (const UndoRecord& record : records_) {
      if (!restores(record)) continue;
      ASSIGN_OR_RETURN(const Table* table, table_of(record));
      if (const Status planned = restored_.plan(record, *table, changes); !planned.ok()) {
        return at("restoring " + record.dataset, planned.error());
      }
    }
    if (const Status changed = changes.run(); !changed.ok()) return at("restoring rows", changed.error());
    for (const UndoRecord& record : records_) {
      if (restores(record)) RETURN_IF_ERROR(restored_.demand_restored(record));
    }
    return {};
  }

  Status remove_doomed() {
    std::map<int, std::vector<TableName>, std::greater<>> groups;
    for (const UndoRecord& record : records_) {
      if (record.kind == "insert" || record.kind == "reference") groups[record.group].push_back(record.table);
    }
    for (auto& [group, tables] : groups) {
      std::sort(tables.begin(), tables.end());
      tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
      if (const Status removed = doomed_.remove(tables); !removed.ok()) {
        return at("deleting the rows of " + tables.front().text(), removed.error());
      }
    }
    return {};
  }

  UndoTable& entry_of(UndoPlan& plan, const UndoRecord& record) {
    for (UndoTable& entry : plan.tables) {
      if (entry.dataset == record.dataset) return entry;
    }
    plan.tables.emplace_back();
    plan.tables.back().dataset = record.dataset;
    return plan.tables.back();
  }

  static std::string handed(const UndoRecord& record) {
    return fmt::format("pg_temp.handed_{}", record.ordinal);
  }

  // Rows of this run that another committed run needs: they stay, as shared rows. How many.
  Result<int64_t> keep_needed(const UndoRecord& record) {
    if (record.identity.whole_rows) return int64_t{0};
    ASSIGN_OR_RETURN(const std::string keys, handed_over_keys_sql(session_, record, run_, store_));
    if (keys.empty()) return int64_t{0};
    std::string columns;
    std::string hashes;
    for (size_t i = 0; i < record.identity.parts(); ++i) {
      columns += record.identity.part("t", i) + ", ";
      hashes += fmt::format("{}h.k{} = k.k{}", i == 0 ? "" : " AND ", i, i);
    }
    if (record.hashed) {
      columns += "h.hash AS \"godwit$hash\", ";
      hashes = fmt::format(" JOIN ({}) h ON {}",
                           unpack_hashes_sql(record.identity, run_, store_, record.ordinal), hashes);
    } else {
      hashes.clear();
    }
    RETURN_IF_ERROR(session_.run(fmt::format(
        "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}t.tableoid AS \"godwit$o\", t.ctid AS "
        "\"godwit$c\" FROM {} t JOIN ({}) k ON {} AND {}{}",
        handed(record), columns, quoted(record.table), keys, match_key(record.identity, "t", "k"),
        is_own_row(record.table, "t"), hashes)));
    ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM " + handed(record)));
    if (rows.number(0, 0) > 0) handed_[record.ordinal] = rows.number(0, 0);
    return rows.number(0, 0);
  }

  // Their keys become a record of shared rows, so that the last run that refers to them takes them along.
  Status hand_over() {
    for (const UndoRecord& record : records_) {
      const auto rows = handed_.find(record.ordinal);
      if (rows == handed_.end() || record.kind != "insert") continue;
      const std::string mine = fmt::format("run = {} AND store = {} AND ordinal = {}", quote_literal(run_),
                                           quote_literal(store_), record.ordinal);
      RETURN_IF_ERROR(session_.run(fmt::format(
          "DELETE FROM godwit.undo_key WHERE {0}; UPDATE godwit.undo_table SET kind = 'shared', row_count = "
          "{1} WHERE {0}; {2}",
          mine, rows->second,
          pack_keys_sql(record.identity, handed(record), "true", record.hashed ? "\"godwit$hash\"" : "", run_,
                        store_, record.ordinal))));
    }
    return {};
  }

  Status find_rows(const UndoRecord& record, UndoTable& entry) {
    if (record.kind == "insert") {
      ASSIGN_OR_RETURN(std::string doomed, inserted_rows_sql(session_, record, run_, store_));
      ASSIGN_OR_RETURN(const int64_t kept, keep_needed(record));
      if (kept > 0) {
        doomed = fmt::format(
            "SELECT o, c, touched FROM ({}) d WHERE NOT EXISTS (SELECT FROM {} h WHERE "
            "h.\"godwit$o\" = d.o AND h.\"godwit$c\" = d.c)",
            doomed, handed(record));
      }
      ASSIGN_OR_RETURN(const int64_t rows, doom(record, doomed, entry));
      entry.to_delete += rows;
      entry.kept_shared += kept;
    } else if (record.kind == "reference") {
      ASSIGN_OR_RETURN(const std::string unshared, unshared_rows_sql(session_, record, run_, store_));
      ASSIGN_OR_RETURN(const int64_t rows, doom(record, unshared, entry));
      entry.to_delete += rows;
      entry.kept_shared += record.rows - rows;
    } else if (restores(record)) {
      ASSIGN_OR_RETURN(const auto changed, restored_.look(record));
      note_changed(changed, entry);
      RETURN_IF_ERROR(doomed_.add_restored(record.table, RestoredRows::present_rows_sql(record)));
      ASSIGN_OR_RETURN(const int64_t rows, restored_.rows_to_write(record));
      entry.to_restore += rows;
    }
    return {};
  }

  // The rows that go; those among them that were written since are compared with what the run left.
  Result<int64_t> doom(const UndoRecord& record, const std::string& select, UndoTable& entry) {
    ASSIGN_OR_RETURN(const DoomedRows::Added added, doomed_.add(record.table, select));
    ASSIGN_OR_RETURN(const pg::Rows touched,
                     session_.query("SELECT EXISTS (SELECT FROM " + added.set + " WHERE touched)"));
    if (!touched.boolean(0, 0)) return added.rows;
    ASSIGN_OR_RETURN(const std::string hashes, hashes_sql(session_, record, run_, store_));
    ASSIGN_OR_RETURN(const auto changed, changed_rows(session_, catalog_, record, added.set, hashes));
    note_changed(changed, entry);
    return added.rows;
  }

  void note_changed(const std::vector<std::string>& keys, UndoTable& entry) {
    for (const std::string& key : keys) {
      const bool forced = std::any_of(options_.force.begin(), options_.force.end(), [&](const auto& row) {
        return row.dataset == entry.dataset && row.key == key;
      });
      if (forced) {
        ++entry.forced;
        continue;
      }
      ++entry.changed;
      if (entry.changed_keys.size() < changed_keys_max) entry.changed_keys.push_back(key);
    }
  }

  // A shared row that somebody outside refers to stays; then its own parents stay too, and so on.
  Status spare_shared(UndoPlan& plan) {
    for (bool again = true; again;) {
      again = false;
      for (const UndoRecord& record : records_) {
        if (record.kind != "reference") continue;
        bool also_owned = false;
        for (const UndoRecord& other : records_) {
          also_owned = also_owned || (other.kind == "insert" && other.table == record.table);
        }
        if (also_owned) continue;  // owned rows beside them: what blocks is reported, not spared
        ASSIGN_OR_RETURN(const int64_t spared, doomed_.spare_referenced(record.table));
        if (spared == 0) continue;
        again = true;
        UndoTable& entry = entry_of(plan, record);
        entry.to_delete -= spared;
        entry.kept_shared += spared;
      }
    }
    return {};
  }

  // The statements that take the rows away have counted them. Only a trigger could have brought some again.
  Status verify() {
    for (const UndoRecord& record : records_) {
      if (record.kind != "insert" || record.identity.whole_rows) continue;
      ASSIGN_OR_RETURN(const pg::Rows triggers,
                       session_.query("SELECT c.relkind = 'p' OR c.relhassubclass OR EXISTS (SELECT FROM "
                                      "pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND "
                                      "g.tgenabled <> 'D') FROM pg_class c WHERE c.oid = to_regclass($1)",
                                      {quoted(record.table)}));
      if (!triggers.boolean(0, 0)) continue;
      ASSIGN_OR_RETURN(const std::string rows_left, inserted_rows_sql(session_, record, run_, store_));
      ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM (" + rows_left + ") r"));
      const auto kept = handed_.find(record.ordinal);
      const int64_t left = rows.number(0, 0) - (kept == handed_.end() ? 0 : kept->second);
      if (left != 0) {
        return make_error(ErrorKind::failed,
                          fmt::format("{} rows of {} are left after the undo", left, record.table.text()));
      }
    }
    return {};
  }

  Status forget() {
    const std::string mine =
        fmt::format("run = {} AND store = {}", quote_literal(run_), quote_literal(store_));
    // "shared" records stay while another run refers to the table: its undo needs them.
    return session_.run(fmt::format(
        "UPDATE godwit.run SET state = 'undone', undone = clock_timestamp() WHERE {0};"
        "DELETE FROM godwit.undo_row WHERE {0};"
        "CREATE TEMPORARY TABLE forgotten ON COMMIT DROP AS SELECT u.run, u.store, u.ordinal FROM "
        "godwit.undo_table u "
        "JOIN godwit.run r ON r.run = u.run AND r.store = u.store WHERE r.state = 'undone' AND (u.kind <> "
        "'shared' OR "
        "NOT EXISTS (SELECT FROM godwit.undo_table o JOIN godwit.run c ON c.run = o.run AND c.store = "
        "o.store "
        "WHERE c.state = 'committed' AND o.kind = 'reference' AND o.table_schema = u.table_schema "
        "AND o.table_name = u.table_name));"
        "DELETE FROM godwit.undo_key k USING pg_temp.forgotten f WHERE (k.run, k.store, k.ordinal) = (f.run, "
        "f.store, "
        "f.ordinal);"
        "DELETE FROM godwit.undo_table k USING pg_temp.forgotten f WHERE (k.run, k.store, k.ordinal) = "
        "(f.run, "
        "f.store, f.ordinal)",
        mine));
  }

  pg::Session& session_;
  const CatalogReader catalog_;
  const std::string run_, store_;
  const UndoOptions options_;
  DoomedRows doomed_;
  RestoredRows restored_;
  std::vector<UndoRecord> records_;
  std::map<int, int64_t> handed_;  // by ordinal: how many inserted rows stay because others need them
};

}  // namespace

struct UndoAttempt::State {
  std::optional<pg::Transaction> transaction;
  std::optional<RunUndo> undo;
  UndoPlan plan;
};

UndoAttempt::UndoAttempt() : state_(std::make_unique<State>()) {}
UndoAttempt::UndoAttempt(UndoAttempt&&) noexcept = default;
UndoAttempt::~UndoAttempt() = default;

Result<UndoAttempt> UndoAttempt::look(pg::Session& session, const CatalogReader& catalog,
                                      const std::string& run, const std::string& store,
                                      const UndoOptions& options) {
  UndoAttempt attempt;
  UndoPlan& plan = attempt.state_->plan;
  plan.run = run;
  ASSIGN_OR_RETURN(const bool there, has_run_schema(session));
  if (!there) return attempt;
  RETURN_IF_ERROR(ensure_run_schema(session));
  ASSIGN_OR_RETURN(pg::Transaction transaction,
                   pg::Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ, READ WRITE"));
  // Before the first snapshot: shared rows change hands only under this lock.
  if (auto lock = session.query("SELECT pg_advisory_xact_lock($1::bigint)",
                                {std::to_string(lock_key("godwit shared rows"))});
      !lock.ok()) {
    return lock.error();
  }
  ASSIGN_OR_RETURN(
      const pg::Rows marker,
      session.query("SELECT state FROM godwit.run WHERE run = $1 AND store = $2 FOR UPDATE", {run, store}));
  if (marker.empty()) return attempt;
  plan.already_undone = marker.text(0, 0) == "undone";
  if (plan.already_undone) return attempt;
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO DEFAULT"));
  attempt.state_->undo.emplace(session, catalog, run, store, options);
  RETURN_IF_ERROR(attempt.state_->undo->look(plan));
  attempt.state_->transaction.emplace(std::move(transaction));
  return attempt;
}

const UndoPlan& UndoAttempt::plan() const {
  return state_->plan;
}

Status UndoAttempt::execute() {
  if (!state_->undo) return {};
  RETURN_IF_ERROR(refuse_undo(state_->plan));
  RETURN_IF_ERROR(state_->undo->execute());
  return state_->transaction->commit();
}

}  // namespace godwit::connect::postgres
