// The ledger over any Session: one set of statements for SQLite and PostgreSQL. Internal to this folder.
#pragma once

#include "ledger/ledger.h"
#include "ledger/session.h"

namespace godwit::ledger {

class SqlLedger final : public Ledger {
 public:
  SqlLedger(std::unique_ptr<Session> session, const Clock& clock)
      : session_(std::move(session)), clock_(clock) {}
  // Makes the tables when they are not there; ErrorKind::config for those of a newer version.
  [[nodiscard]] Status set_up();

  Result<RunRecord> begin_run(RunRecord draft, bool exclusive, int64_t stale_after_ms) override;
  Status set_state(const std::string& run, RunState state) override;
  Status set_plan(const std::string& run, const std::string& plan_hash,
                  const std::string& key_fingerprint) override;
  Status finish_run(const std::string& run, RunState state, int exit_code, const std::string& error) override;
  Status take_over(const std::string& run, const std::string& host, int64_t pid,
                   int64_t stale_after_ms) override;
  Result<bool> heartbeat(const std::string& run) override;
  Status request_cancel(const std::string& run) override;

  Status record_phase(const std::string& run, const PhaseOutcome& phase) override;
  Status record_datasets(const std::vector<DatasetRecord>& datasets) override;
  Status record_checks(const std::string& run, const std::vector<CheckRecord>& checks) override;
  Status record_store(const StoreRecord& store) override;
  Status record_undo(const std::vector<UndoRecord>& undo) override;
  Status record_approval(const ApprovalRecord& approval) override;
  Result<std::vector<ApprovalRecord>> approvals(const std::string& plan_hash) override;
  Status record_receipt(const ReceiptRecord& receipt) override;
  Result<std::vector<ReceiptRecord>> receipts(const std::string& plan_hash) override;

  Result<std::optional<RunRecord>> run(const std::string& run) override;
  Result<std::vector<RunRecord>> runs(const std::string& pipeline, const std::string& scope,
                                      int most) override;
  Result<std::vector<PhaseOutcome>> phases(const std::string& run) override;
  Result<std::vector<DatasetRecord>> datasets(const std::string& run) override;
  Result<std::vector<CheckRecord>> checks(const std::string& run) override;
  Result<std::vector<StoreRecord>> stores(const std::string& run) override;
  Result<std::vector<UndoRecord>> undo(const std::string& run) override;

 private:
  // Begins a transaction, does the work, commits; rolls back when the work fails.
  template <typename Work>
  [[nodiscard]] Status in_transaction(const Work& work);
  // Changes exactly the row of this run, or says that there is none.
  [[nodiscard]] Status change_run(const std::string& run, const std::string& sql,
                                  const std::vector<Argument>& arguments);
  // ErrorKind::locked when another exclusive run of the pipeline and scope is under way.
  [[nodiscard]] Status refuse_if_active(const RunRecord& asking, int64_t stale_after_ms);

  std::unique_ptr<Session> session_;
  const Clock& clock_;
};

}  // namespace godwit::ledger
