// The parts of a run: phases, datasets, checks, stores, undo index.

#include "ledger/rows.h"
#include "ledger/sql_ledger.h"

namespace godwit::ledger {

namespace {

// Runs the statement once per record inside one transaction.
template <typename Record, typename ToArguments>
Status record_all(Session& session, const std::string& sql, const std::vector<Record>& records,
                  const ToArguments& to_arguments) {
  if (records.empty()) return {};
  RETURN_IF_ERROR(session.begin());
  for (const Record& record : records) {
    if (Result<int64_t> changed = session.change(sql, to_arguments(record)); !changed.ok()) {
      session.roll_back();
      return changed.error();
    }
  }
  return session.commit();
}

}  // namespace

Status SqlLedger::record_phase(const std::string& run, const PhaseOutcome& phase) {
  const std::vector<PhaseOutcome> one = {phase};
  return record_all(
      *session_,
      "INSERT INTO phase (run, phase, started_us, finished_us, state, row_count, byte_count, detail) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (run, phase, started_us) DO UPDATE SET "
      "finished_us = excluded.finished_us, state = excluded.state, row_count = excluded.row_count, "
      "byte_count = excluded.byte_count, detail = excluded.detail",
      one, [&](const PhaseOutcome& record) -> std::vector<Argument> {
        return {run,
                to_string(record.phase),
                record.started_us,
                record.finished_us,
                record.state,
                record.rows,
                record.bytes,
                record.detail};
      });
}

Status SqlLedger::record_datasets(const std::vector<DatasetRecord>& datasets) {
  return record_all(
      *session_,
      "INSERT INTO dataset (run, dataset, ordinal, membership, rows_extracted, rows_owned, rows_inserted, "
      "rows_updated, rows_kept, byte_count, digest, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
      "$11, $12) "
      "ON CONFLICT (run, dataset) DO UPDATE SET ordinal = excluded.ordinal, membership = "
      "excluded.membership, "
      "rows_extracted = excluded.rows_extracted, rows_owned = excluded.rows_owned, "
      "rows_inserted = excluded.rows_inserted, rows_updated = excluded.rows_updated, "
      "rows_kept = excluded.rows_kept, byte_count = excluded.byte_count, digest = excluded.digest, "
      "state = excluded.state",
      datasets, [](const DatasetRecord& record) -> std::vector<Argument> {
        return {record.run,           record.dataset,        int64_t{record.ordinal},
                record.membership,    record.rows_extracted, record.rows_owned,
                record.rows_inserted, record.rows_updated,   record.rows_kept,
                record.bytes,         record.digest,         record.state};
      });
}

Status SqlLedger::record_checks(const std::string& run, const std::vector<CheckRecord>& checks) {
  return record_all(
      *session_,
      "INSERT INTO check_outcome (run, id, severity, verdict, findings) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (run, id) DO UPDATE SET severity = excluded.severity, "
      "verdict = excluded.verdict, findings = excluded.findings",
      checks, [&](const CheckRecord& record) -> std::vector<Argument> {
        return {run, record.id, record.severity, record.verdict, record.findings};
      });
}

Status SqlLedger::record_store(const StoreRecord& store) {
  const std::vector<StoreRecord> one = {store};
  return record_all(
      *session_,
      "INSERT INTO store (run, store, ordinal, state, transaction_id, changed_us) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (run, store) DO UPDATE SET "
      "ordinal = excluded.ordinal, state = excluded.state, "
      "transaction_id = excluded.transaction_id, changed_us = excluded.changed_us",
      one, [&](const StoreRecord& record) -> std::vector<Argument> {
        const int64_t changed_us = record.changed_us != 0 ? record.changed_us : clock_.now_us();
        return {
            record.run, record.store, int64_t{record.ordinal}, to_string(record.state), record.transaction_id,
            changed_us};
      });
}

Status SqlLedger::record_undo(const std::vector<UndoRecord>& undo) {
  return record_all(
      *session_,
      "INSERT INTO undo (run, store, dataset, to_delete, to_restore) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (run, store, dataset) DO UPDATE SET to_delete = excluded.to_delete, "
      "to_restore = excluded.to_restore",
      undo, [](const UndoRecord& record) -> std::vector<Argument> {
        return {record.run, record.store, record.dataset, record.to_delete, record.to_restore};
      });
}

Result<std::vector<PhaseOutcome>> SqlLedger::phases(const std::string& run) {
  ASSIGN_OR_RETURN(
      const auto rows,
      session_->query("SELECT phase, started_us, finished_us, state, row_count, byte_count, detail FROM "
                      "phase WHERE run = $1 ORDER BY started_us, finished_us, phase",
                      7, {run}));
  std::vector<PhaseOutcome> phases;
  for (const TextRow& row : rows) {
    PhaseOutcome& phase = phases.emplace_back();
    phase.phase = phase_from(row[0]);
    phase.started_us = to_number(row[1]);
    phase.finished_us = to_number(row[2]);
    phase.state = row[3];
    phase.rows = to_number(row[4]);
    phase.bytes = to_number(row[5]);
    phase.detail = row[6];
  }
  return phases;
}

Result<std::vector<DatasetRecord>> SqlLedger::datasets(const std::string& run) {
  ASSIGN_OR_RETURN(
      const auto rows,
      session_->query("SELECT dataset, ordinal, membership, rows_extracted, rows_owned, rows_inserted, "
                      "rows_updated, rows_kept, byte_count, digest, state FROM dataset WHERE run = $1 "
                      "ORDER BY ordinal, dataset",
                      11, {run}));
  std::vector<DatasetRecord> datasets;
  for (const TextRow& row : rows) {
    DatasetRecord& record = datasets.emplace_back();
    record.run = run;
    record.dataset = row[0];
    record.ordinal = static_cast<int>(to_number(row[1]));
    record.membership = row[2];
    record.rows_extracted = to_number(row[3]);
    record.rows_owned = to_number(row[4]);
    record.rows_inserted = to_number(row[5]);
    record.rows_updated = to_number(row[6]);
    record.rows_kept = to_number(row[7]);
    record.bytes = to_number(row[8]);
    record.digest = row[9];
    record.state = row[10];
  }
  return datasets;
}

Result<std::vector<CheckRecord>> SqlLedger::checks(const std::string& run) {
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query("SELECT id, severity, verdict, findings FROM check_outcome "
                                   "WHERE run = $1 ORDER BY id",
                                   4, {run}));
  std::vector<CheckRecord> checks;
  for (const TextRow& row : rows)
    checks.push_back({row[0], row[1], row[2], to_number(row[3])});
  return checks;
}

Result<std::vector<StoreRecord>> SqlLedger::stores(const std::string& run) {
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query("SELECT store, ordinal, state, transaction_id, changed_us FROM store "
                                   "WHERE run = $1 ORDER BY ordinal, store",
                                   5, {run}));
  std::vector<StoreRecord> stores;
  for (const TextRow& row : rows) {
    stores.push_back({run, row[0], static_cast<int>(to_number(row[1])), commit_state_from(row[2]), row[3],
                      to_number(row[4])});
  }
  return stores;
}

Result<std::vector<UndoRecord>> SqlLedger::undo(const std::string& run) {
  ASSIGN_OR_RETURN(const auto rows, session_->query("SELECT store, dataset, to_delete, to_restore FROM undo "
                                                    "WHERE run = $1 ORDER BY store, dataset",
                                                    4, {run}));
  std::vector<UndoRecord> undo;
  for (const TextRow& row : rows) {
    undo.push_back({run, row[0], row[1], to_number(row[2]), to_number(row[3])});
  }
  return undo;
}

Status SqlLedger::record_approval(const ApprovalRecord& approval) {
  ASSIGN_OR_RETURN(
      [[maybe_unused]] const int64_t inserted,
      session_->change(
          "INSERT INTO approval (plan_hash, database_name, environment, commit_id, actor, approved_us, "
          "expires_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
          {approval.plan_hash, approval.database, approval.environment, approval.commit, approval.actor,
           approval.approved_us, approval.expires_us}));
  return {};
}

Result<std::vector<ApprovalRecord>> SqlLedger::approvals(const std::string& plan_hash) {
  ASSIGN_OR_RETURN(
      const auto rows,
      session_->query("SELECT plan_hash, database_name, environment, commit_id, actor, approved_us, "
                      "expires_us FROM approval WHERE plan_hash = $1 ORDER BY approved_us",
                      7, {plan_hash}));
  std::vector<ApprovalRecord> approvals;
  for (const TextRow& row : rows) {
    approvals.push_back({row[0], row[1], row[2], row[3], row[4], to_number(row[5]), to_number(row[6])});
  }
  return approvals;
}

Status SqlLedger::record_receipt(const ReceiptRecord& receipt) {
  ASSIGN_OR_RETURN(
      [[maybe_unused]] const int64_t inserted,
      session_->change(
          "INSERT INTO receipt (plan_hash, database_name, environment, made_us, document) "
          "VALUES ($1, $2, $3, $4, $5)",
          {receipt.plan_hash, receipt.database, receipt.environment, receipt.made_us, receipt.document}));
  return {};
}

Result<std::vector<ReceiptRecord>> SqlLedger::receipts(const std::string& plan_hash) {
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query("SELECT plan_hash, database_name, environment, made_us, document FROM "
                                   "receipt WHERE plan_hash = $1 ORDER BY made_us DESC",
                                   5, {plan_hash}));
  std::vector<ReceiptRecord> receipts;
  for (const TextRow& row : rows)
    receipts.push_back({row[0], row[1], row[2], to_number(row[3]), row[4]});
  return receipts;
}

}  // namespace godwit::ledger
