// Applies, or undoes, one migration after another: SQL and history row in one transaction and, on PostgreSQL,
// one round trip; outside a transaction statement by statement, resumable. The caller holds the lock of the
// history.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "schema/apply/autopsy.h"
#include "schema/apply/watch.h"
#include "schema/database/database.h"
#include "schema/history/history.h"
#include "schema/marks.h"
#include "schema/observer.h"
#include "schema/program/program.h"
#include "schema/state.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace godwit::schema {

struct ApplyOptions {
  int64_t lock_timeout_ms = 2000;  // 0 = wait for ever
  int64_t statement_timeout_ms = 0;
  int64_t retry_for_ms = 60'000;
  const Clock* clock = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  Observer* observer = nullptr;
  std::function<uint64_t()> random_number;
  std::function<std::string()> uuid;
  RecordContext context;              // run, actor, commit …; times and uuid are filled in
  int64_t block_budget_ms = 0;        // of the watch
  Watch* watch = nullptr;             // looks on while a migration works, and may cancel it
  std::string guard;                  // HistoryLock::guard
  bool shared_sessions = false;       // every transaction may meet another session: nothing is set for longer
  ProgramRunner* programs = nullptr;  // outlives the applier; nullptr: SQL only
  std::string program_log;            // where what they say is kept; empty = nowhere
  // Each statement of a transaction in a message of its own: slower, for rehearsals, which look in between.
  bool separate_messages = false;
  // Of a script that was prepared before and is the same still; may be not set, and may answer nullptr.
  std::function<const PreparedScript*(const Script&)> prepared;
  // Named moments, for tests that kill the process and for rehearsals: "REVISION message", "REVISION in
  // transaction N" (after a statement), "REVISION statement N" (before one that commits by itself), "REVISION
  // done N", "REVISION record", "REVISION program" (before it is started), "REVISION committed".
  std::function<void(const std::string&)> checkpoint;
};

struct StepOutcome {
  int64_t duration_us = 0;
  size_t statements = 0;
  RunMode mode = RunMode::one_message;
  int attempts = 1;
  int cancels = 0;                      // attempts that the watch ended
  std::vector<SchemaBlocker> blockers;  // of the last attempt that waited for a lock in vain
  std::optional<Autopsy> autopsy;       // when it failed
};

// Single use per run; one thread.
class Applier {
 public:
  // All of them outlive the applier; `state` is kept up to date.
  Applier(Database& database, const History& history, const MarksSql& marks, State& state,
          ApplyOptions options);

  // Creates the tables that are missing: the history's and godwit's own.
  [[nodiscard]] Status prepare_tables();
  // One migration. ErrorKind::in_doubt when the connection broke while it may have been committed: read the
  // history again, over a new connection.
  [[nodiscard]] Status step(const Migration& migration, Direction direction, StepOutcome& outcome);

 private:
  [[nodiscard]] Status watched_attempt(const Migration& migration, Direction direction,
                                       const PreparedScript& prepared, StepOutcome& outcome);
  [[nodiscard]] Status attempt(const Migration& migration, Direction direction,
                               const PreparedScript& prepared, StepOutcome& outcome);
  [[nodiscard]] Status in_one_message(const Migration& migration, Direction direction,
                                      const PreparedScript& prepared, StepOutcome& outcome);
  [[nodiscard]] Status in_one_transaction(const Migration& migration, Direction direction,
                                          const PreparedScript& prepared, StepOutcome& outcome);
  [[nodiscard]] Status by_statement(const Migration& migration, Direction direction,
                                    const PreparedScript& prepared, StepOutcome& outcome);
  [[nodiscard]] Status by_program(const Migration& migration, Direction direction, StepOutcome& outcome);
  [[nodiscard]] Result<std::vector<std::string>> record_statements(const Migration& migration,
                                                                   Direction direction);
  [[nodiscard]] Status note_recorded(const Migration& migration, Direction direction);
  [[nodiscard]] Status program_failed(const Migration& migration, Direction direction, const Status& status,
                                      const ProgramFailure& failure, StepOutcome& outcome);
  [[nodiscard]] Status one_statement(const Migration& migration, const PreparedStatement& prepared,
                                     size_t index, bool resumed);
  [[nodiscard]] Status waiting_shortly(const PreparedStatement& prepared);
  [[nodiscard]] Status outside_transaction(const PreparedStatement& prepared, bool resumed);
  [[nodiscard]] Status failed(const Migration& migration, Direction direction, const PreparedScript& prepared,
                              std::optional<size_t> index, const Status& status, StepOutcome& outcome);
  [[nodiscard]] std::vector<std::string> opening() const;
  // The account's own settings, whatever was set before.
  [[nodiscard]] std::vector<std::string> fresh_settings() const;
  // A transaction, refused when the lock is lost, for a few statements of ours.
  [[nodiscard]] std::vector<std::string> guarded(std::vector<std::string> statements) const;
  [[nodiscard]] std::vector<std::string> closing(const Migration& migration, Direction direction);
  [[nodiscard]] RecordContext context_now(const std::string& elapsed_ms) const;
  void reached(const std::string& moment) const;

  Database& database_;
  const History& history_;
  const MarksSql& marks_;
  State& state_;
  ApplyOptions options_;
  int64_t begun_us_ = 0;
  std::string revision_;  // that is under way
};

}  // namespace godwit::schema
