#include "connect/postgres/undo/undo.h"

#include "base/text.h"
#include "connect/postgres/advisory_lock.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/load/run_schema.h"
#include "connect/postgres/load/target_setup.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/undo/doomed_rows.h"
#include "connect/postgres/undo/undo_records.h"
#include "pg/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace godwit::connect::postgres {
namespace {

class RunUndo {
 public:
  RunUndo(pg::Session& session, const std::string& run, const std::string& store)
      : session_(session), run_(run), store_(store), doomed_(session) {}

  // Finds the rows; fills the plan.
  Status look(UndoPlan& plan) {
    ASSIGN_OR_RETURN(records_, read_undo_records(session_, run_, store_));
    for (const UndoRecord& record : records_) {
      UndoTable& entry = entry_of(plan, record);
      if (const Status found = find_rows(record, entry); !found.ok())
        return at(record.dataset, found.error());
    }
    RETURN_IF_ERROR(spare_shared(plan));
    for (const UndoRecord& record : records_) {
      if (record.kind != "insert") continue;
      UndoTable& entry = entry_of(plan, record);
      ASSIGN_OR_RETURN(const Blocker blocker, doomed_.blockers(record.table));
      entry.blocked += blocker.rows;
      if (blocker.rows > 0) entry.blocked_by += (entry.blocked_by.empty() ? "" : ", ") + blocker.by;
    }
    return {};
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
    for (const UndoRecord& record : records_) {
      if (record.kind != "update") continue;
      if (const Status restored = restore(record); !restored.ok()) {
        return at("restoring " + record.dataset, restored.error());
      }
    }
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
    RETURN_IF_ERROR(session_.run("SET CONSTRAINTS ALL IMMEDIATE"));
    RETURN_IF_ERROR(wake_triggers(session_, silenced));
    RETURN_IF_ERROR(verify());
    RETURN_IF_ERROR(hand_over());
    return forget();
  }

 private:
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
    for (size_t i = 0; i < record.identity.parts(); ++i)
      columns += record.identity.part("t", i) + ", ";
    RETURN_IF_ERROR(session_.run(fmt::format(
        "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}t.tableoid AS \"godwit$o\", t.ctid AS "
        "\"godwit$c\" FROM {} t JOIN ({}) k ON {} AND {}",
        handed(record), columns, quoted(record.table), keys, match_key(record.identity, "t", "k"),
        is_own_row(record.table, "t"))));
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
          pack_keys_sql(record.identity, handed(record), "true", run_, store_, record.ordinal))));
    }
    return {};
  }

  Status find_rows(const UndoRecord& record, UndoTable& entry) {
    if (record.kind == "insert") {
      std::string doomed = inserted_rows_sql(record, run_, store_);
      ASSIGN_OR_RETURN(const int64_t kept, keep_needed(record));
      if (kept > 0)
        doomed += fmt::format(" EXCEPT SELECT \"godwit$o\", \"godwit$c\" FROM {}", handed(record));
      ASSIGN_OR_RETURN(const int64_t rows, doomed_.add(record.table, doomed));
      entry.to_delete += rows;
      entry.kept_shared += kept;
    } else if (record.kind == "reference") {
      ASSIGN_OR_RETURN(const std::string unshared, unshared_rows_sql(session_, record, run_, store_));
      ASSIGN_OR_RETURN(const int64_t rows, doomed_.add(record.table, unshared));
      entry.to_delete += rows;
      entry.kept_shared += record.rows - rows;
    } else if (record.kind == "update") {
      const std::string updated = updated_rows_sql(record, run_, store_);
      RETURN_IF_ERROR(doomed_.add_restored(record.table, "SELECT o, c FROM (" + updated + ") u"));
      ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM (" + updated +
                                                           ") u WHERE digest = after_digest"));
      entry.to_restore = record.rows;
      const int64_t changed = record.rows - rows.number(0, 0);
      entry.blocked += changed;
      if (changed > 0)
        entry.blocked_by += (entry.blocked_by.empty() ? "" : ", ") + std::string("rows changed since");
    }
    return {};
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

  Status restore(const UndoRecord& record) {
    // All columns but the key, the generated ones and identities that refuse a value.
    ASSIGN_OR_RETURN(
        const pg::Rows columns,
        session_.query("SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND "
                       "a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> "
                       "'a' AND a.attname <> ALL ($2::text[]) ORDER BY a.attnum",
                       {quoted(record.table), array_literal(record.identity.columns)}));
    std::string assignments;
    for (size_t row = 0; row < columns.size(); ++row) {
      const std::string name = quote_identifier(columns.text(row, 0));
      assignments += fmt::format("{}{} = (u.image).{}", row == 0 ? "" : ", ", name, name);
    }
    const std::string images = fmt::format("SELECT o, c, before, before::{} AS image FROM ({}) b",
                                           quoted(record.table), updated_rows_sql(record, run_, store_));
    ASSIGN_OR_RETURN(
        const int64_t restored,
        session_.execute(fmt::format("UPDATE {} t SET {} FROM ({}) u WHERE t.tableoid = u.o AND t.ctid = u.c",
                                     quoted(record.table), assignments, images)));
    ASSIGN_OR_RETURN(const pg::Rows different,
                     session_.query(fmt::format("SELECT count(*) FROM ({}) u WHERE digest <> md5(before)",
                                                updated_rows_sql(record, run_, store_))));
    if (restored != record.rows || different.number(0, 0) != 0) {
      return make_error(ErrorKind::failed, fmt::format("{} of {} rows are as they were before",
                                                       restored - different.number(0, 0), record.rows));
    }
    return {};
  }

  // Nothing of the run is left but what others need: its keys are not found any more.
  Status verify() {
    for (const UndoRecord& record : records_) {
      if (record.kind != "insert" || record.identity.whole_rows) continue;
      ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM (" +
                                                           inserted_rows_sql(record, run_, store_) + ") r"));
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
  const std::string run_, store_;
  DoomedRows doomed_;
  std::vector<UndoRecord> records_;
  std::map<int, int64_t> handed_;  // by ordinal: how many inserted rows stay because others need them
};

Status refuse_when_blocked(const UndoPlan& plan) {
  for (const UndoTable& table : plan.tables) {
    if (table.blocked == 0) continue;
    return make_error(
        ErrorKind::gate,
        fmt::format("run {} cannot be undone: {} rows of {} are in use: {}", plan.run, table.blocked,
                    table.dataset, table.blocked_by),
        "remove what refers to the run's rows first; godwit rollback --dry-run lists all of it");
  }
  return {};
}

}  // namespace

Result<UndoPlan> undo_run(pg::Session& session, const std::string& run, const std::string& store,
                          bool execute) {
  UndoPlan plan;
  plan.run = run;
  ASSIGN_OR_RETURN(const bool there, has_run_schema(session));
  if (!there) return plan;
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
  if (marker.empty()) return plan;
  plan.already_undone = marker.text(0, 0) == "undone";
  if (plan.already_undone) return plan;
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO DEFAULT"));
  RunUndo undo(session, run, store);
  RETURN_IF_ERROR(undo.look(plan));
  if (!execute) return plan;
  RETURN_IF_ERROR(refuse_when_blocked(plan));
  RETURN_IF_ERROR(undo.execute());
  RETURN_IF_ERROR(transaction.commit());
  return plan;
}

}  // namespace godwit::connect::postgres
