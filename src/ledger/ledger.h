// The ledger: what every run intended and what became of it. SQLite by default, PostgreSQL to share it
// between machines; both pass the same tests. A call that returns ok is durable (fsynced or committed).
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "model/check_rule.h"
#include "model/dataset.h"
#include "model/run.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::ledger {

struct RunRecord {
  std::string run;
  std::string kind;  // "mig", "rb", "ver"
  std::string pipeline;
  std::string scope;
  std::string strategy;
  std::string plan_hash;
  std::string of_run;  // rb, ver: the run it is about
  std::string key_fingerprint;
  RunState state = RunState::planned;
  std::string requester;  // actor
  std::string host;
  int64_t pid = 0;
  int64_t started_us = 0;
  int64_t finished_us = 0;  // 0 = not yet
  int64_t heartbeat_us = 0;
  int exit_code = -1;  // -1 = not yet
  std::string error;   // one line, no tenant data
  bool cancel_requested = false;
};

// A run whose heart has not beaten for this long is taken for dead by others.
inline constexpr int64_t run_stale_after_ms = 60'000;
// Whether somebody works on the run, as far as this machine can tell: it is not ended, its heart beats, and
// on this very machine (`host`) its process is there.
[[nodiscard]] bool is_under_way(const RunRecord& run, std::string_view host, int64_t now_us,
                                int64_t stale_after_ms);

// The commit protocol's word per target store.
enum class CommitState : uint8_t {
  none,
  intent,
  prepared,
  committing,
  committed,
  abandoned,
  in_doubt,
  undone
};
[[nodiscard]] std::string_view to_string(CommitState state);

struct StoreRecord {
  std::string run;
  std::string store;
  int ordinal = 0;  // load order
  CommitState state = CommitState::none;
  std::string transaction_id;
  int64_t changed_us = 0;
};

struct DatasetRecord {
  std::string run;
  std::string dataset;
  int ordinal = 0;
  std::string membership;
  int64_t rows_extracted = 0;
  int64_t rows_owned = 0;
  int64_t rows_inserted = 0;
  int64_t rows_updated = 0;
  int64_t rows_kept = 0;
  int64_t bytes = 0;
  std::string digest;
  std::string state;  // "extracted", "loaded"
};

struct CheckRecord {
  std::string id;
  std::string severity;
  std::string verdict;
  int64_t findings = 0;
};

struct UndoRecord {  // an index: the undo data itself lives in the target
  std::string run;
  std::string store;
  std::string dataset;
  int64_t to_delete = 0;
  int64_t to_restore = 0;
};

// Somebody said yes to a plan that changes a database's structure.
struct ApprovalRecord {
  std::string plan_hash;
  std::string database;
  std::string environment;
  std::string commit;  // of the repository; empty = whatever commit
  std::string actor;
  int64_t approved_us = 0;
  int64_t expires_us = 0;
};

// A signed receipt of a rehearsal (docs/FORMATS.md).
struct ReceiptRecord {
  std::string plan_hash;
  std::string database;
  std::string environment;
  int64_t made_us = 0;
  std::string document;
};

// One thread at a time per object; several processes may share one ledger.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Allocates the run id (prefix-YYYYMMDD-HHMMSS-NNNNNN: drawn, and unique by the ledger's own constraint)
  // and records the run. With `exclusive`, ErrorKind::locked when another run of the same pipeline and scope
  // is active, that is not final and with a heartbeat younger than `stale_after_ms`; the message names that
  // run.
  [[nodiscard]] virtual Result<RunRecord> begin_run(RunRecord draft, bool exclusive,
                                                    int64_t stale_after_ms) = 0;
  [[nodiscard]] virtual Status set_state(const std::string& run, RunState state) = 0;
  [[nodiscard]] virtual Status set_plan(const std::string& run, const std::string& plan_hash,
                                        const std::string& key_fingerprint) = 0;
  [[nodiscard]] virtual Status finish_run(const std::string& run, RunState state, int exit_code,
                                          const std::string& error) = 0;
  // Takes a run that stopped over for --resume: locked when its heartbeat is fresh.
  [[nodiscard]] virtual Status take_over(const std::string& run, const std::string& host, int64_t pid,
                                         int64_t stale_after_ms) = 0;
  // Also tells whether a cancel was requested.
  [[nodiscard]] virtual Result<bool> heartbeat(const std::string& run) = 0;
  [[nodiscard]] virtual Status request_cancel(const std::string& run) = 0;

  [[nodiscard]] virtual Status record_phase(const std::string& run, const PhaseOutcome& phase) = 0;
  [[nodiscard]] virtual Status record_datasets(
      const std::vector<DatasetRecord>& datasets) = 0;  // insert or replace
  [[nodiscard]] virtual Status record_checks(const std::string& run,
                                             const std::vector<CheckRecord>& checks) = 0;
  [[nodiscard]] virtual Status record_store(const StoreRecord& store) = 0;  // insert or replace
  [[nodiscard]] virtual Status record_undo(const std::vector<UndoRecord>& undo) = 0;

  // Append-only: saying it again adds another one.
  [[nodiscard]] virtual Status record_approval(const ApprovalRecord& approval) = 0;
  [[nodiscard]] virtual Result<std::vector<ApprovalRecord>> approvals(const std::string& plan_hash) = 0;
  // Append-only. Newest first.
  [[nodiscard]] virtual Status record_receipt(const ReceiptRecord& receipt) = 0;
  [[nodiscard]] virtual Result<std::vector<ReceiptRecord>> receipts(const std::string& plan_hash) = 0;

  [[nodiscard]] virtual Result<std::optional<RunRecord>> run(const std::string& run) = 0;
  // Newest first; empty filters match all.
  [[nodiscard]] virtual Result<std::vector<RunRecord>> runs(const std::string& pipeline,
                                                            const std::string& scope, int most) = 0;
  [[nodiscard]] virtual Result<std::vector<PhaseOutcome>> phases(const std::string& run) = 0;
  [[nodiscard]] virtual Result<std::vector<DatasetRecord>> datasets(const std::string& run) = 0;
  [[nodiscard]] virtual Result<std::vector<CheckRecord>> checks(const std::string& run) = 0;
  [[nodiscard]] virtual Result<std::vector<StoreRecord>> stores(const std::string& run) = 0;
  [[nodiscard]] virtual Result<std::vector<UndoRecord>> undo(const std::string& run) = 0;
};

// `location`: a file path, or a postgresql:// URL (its schema "godwit_ledger" is created).
[[nodiscard]] Result<std::unique_ptr<Ledger>> open(const Secret& location, const Clock& clock);

}  // namespace godwit::ledger
