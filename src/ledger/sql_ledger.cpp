#include "ledger/sql_ledger.h"

#include "ledger/rows.h"
#include "ledger/schema.h"
#include "os/process.h"

#include <fmt/format.h>

namespace godwit::ledger {

template <typename Work>
Status SqlLedger::in_transaction(const Work& work) {
  RETURN_IF_ERROR(session_->begin());
  if (Status done = work(); !done.ok()) {
    session_->roll_back();
    return done;
  }
  return session_->commit();
}

Status SqlLedger::set_up() {
  // Before anything is written: a newer ledger is not this godwit's to complete.
  ASSIGN_OR_RETURN(const bool begun, session_->has_table("meta"));
  if (begun) {
    ASSIGN_OR_RETURN(const auto versions, session_->query("SELECT max(version) FROM meta", 1, {}));
    const int64_t version = to_number(versions.at(0)[0]);
    if (version > schema_version) {
      return make_error(
          ErrorKind::config,
          fmt::format("the ledger has format {}, this godwit knows {}", version, schema_version),
          "use the version of godwit that wrote it, or name another ledger in godwit.yml");
    }
  }
  // The newest of its tables: a ledger that is older gets those that it lacks.
  ASSIGN_OR_RETURN(const bool there, session_->has_table("receipt"));
  return there ? Status() : session_->set_up(schema_script);
}

bool is_under_way(const RunRecord& run, std::string_view host, int64_t now_us, int64_t stale_after_ms) {
  if (is_final(run.state) || run.finished_us != 0) return false;
  // On its own machine a process that is gone needs no waiting for.
  const bool gone = run.pid > 0 && run.host == host && !os::process_exists(run.pid);
  return !gone && now_us - run.heartbeat_us < stale_after_ms * 1000;
}

// Drawn, not counted: ledgers that know nothing of each other (every job of a CI has its own) name runs in
// the same second, and a server names prepared transactions after runs for all its databases together.
int random_run_number() {
  constexpr int lowest = 100'000;
  constexpr int highest = 999'999;
  return lowest + static_cast<int>(os::random_number() % (highest - lowest + 1));
}

Status SqlLedger::refuse_if_active(const RunRecord& asking, int64_t stale_after_ms) {
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query(fmt::format("SELECT {} FROM run WHERE pipeline = $1 AND scope = $2 AND "
                                               "finished_us = 0 AND is_exclusive = 1 AND run <> $3",
                                               run_columns),
                                   run_column_count, {asking.pipeline, asking.scope, asking.run}));
  for (const TextRow& row : rows) {
    const RunRecord other = run_from(row);
    if (!is_under_way(other, asking.host, clock_.now_us(), stale_after_ms)) continue;
    const int64_t silent_us = clock_.now_us() - other.heartbeat_us;
    return make_error(
        ErrorKind::locked,
        fmt::format("run {} of {} {} is under way (pid {} on {}, last heartbeat {} ago)", other.run,
                    other.pipeline, other.scope, other.pid, other.host, human_duration(silent_us)),
        fmt::format("wait for it to end, or stop it with: godwit cancel {}", other.run));
  }
  return {};
}

Result<RunRecord> SqlLedger::begin_run(RunRecord draft, bool exclusive, int64_t stale_after_ms) {
  const Status begun = in_transaction([&]() -> Status {
    draft.started_us = clock_.now_us();
    draft.heartbeat_us = draft.started_us;
    if (exclusive) RETURN_IF_ERROR(refuse_if_active(draft, stale_after_ms));
    for (;;) {
      draft.run = format_run_id(draft.kind, draft.started_us, random_run_number());
      std::vector<Argument> arguments = arguments_of(draft);
      arguments.emplace_back(int64_t{exclusive ? 1 : 0});
      ASSIGN_OR_RETURN(
          const int64_t inserted,
          session_->change(fmt::format("INSERT INTO run ({}, is_exclusive) VALUES ($1, $2, $3, $4, $5, $6, "
                                       "$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) "
                                       "ON CONFLICT (run) DO NOTHING",
                                       run_columns),
                           arguments));
      if (inserted == 1) return {};
    }
  });
  if (!begun.ok()) return begun.error();
  return draft;
}

Status SqlLedger::change_run(const std::string& run, const std::string& sql,
                             const std::vector<Argument>& arguments) {
  ASSIGN_OR_RETURN(const int64_t changed, session_->change(sql, arguments));
  if (changed == 0) return no_such_run(run);
  return {};
}

Status SqlLedger::set_state(const std::string& run, RunState state) {
  return change_run(run, "UPDATE run SET state = $1, heartbeat_us = $2 WHERE run = $3",
                    {to_string(state), clock_.now_us(), run});
}

Status SqlLedger::set_plan(const std::string& run, const std::string& plan_hash,
                           const std::string& key_fingerprint) {
  return change_run(run, "UPDATE run SET plan_hash = $1, key_fingerprint = $2 WHERE run = $3",
                    {plan_hash, key_fingerprint, run});
}

Status SqlLedger::finish_run(const std::string& run, RunState state, int exit_code,
                             const std::string& error) {
  const int64_t now_us = clock_.now_us();
  return change_run(
      run,
      "UPDATE run SET state = $1, exit_code = $2, error = $3, finished_us = $4, heartbeat_us = $4 "
      "WHERE run = $5",
      {to_string(state), int64_t{exit_code}, error, now_us, run});
}

Status SqlLedger::take_over(const std::string& run, const std::string& host, int64_t pid,
                            int64_t stale_after_ms) {
  return in_transaction([&]() -> Status {
    ASSIGN_OR_RETURN(std::optional<RunRecord> record, this->run(run));
    if (!record.has_value()) return no_such_run(run);
    const bool ours = record->host == host && record->pid == pid;
    if (!ours && is_under_way(*record, host, clock_.now_us(), stale_after_ms)) {
      return make_error(ErrorKind::locked,
                        fmt::format("run {} is under way (pid {} on {})", run, record->pid, record->host),
                        fmt::format("wait for it to end, or stop it with: godwit cancel {}", run));
    }
    record->host = host;
    RETURN_IF_ERROR(refuse_if_active(*record, stale_after_ms));
    return change_run(
        run,
        "UPDATE run SET host = $1, pid = $2, heartbeat_us = $3, finished_us = 0, exit_code = -1, "
        "error = '', cancel_requested = 0, is_exclusive = 1 WHERE run = $4",
        {host, pid, clock_.now_us(), run});
  });
}

Result<bool> SqlLedger::heartbeat(const std::string& run) {
  RETURN_IF_ERROR(change_run(run, "UPDATE run SET heartbeat_us = $1 WHERE run = $2", {clock_.now_us(), run}));
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query("SELECT cancel_requested FROM run WHERE run = $1", 1, {run}));
  return !rows.empty() && to_number(rows[0][0]) != 0;
}

Status SqlLedger::request_cancel(const std::string& run) {
  return change_run(run, "UPDATE run SET cancel_requested = 1 WHERE run = $1", {run});
}

Result<std::optional<RunRecord>> SqlLedger::run(const std::string& run) {
  ASSIGN_OR_RETURN(const auto rows,
                   session_->query(fmt::format("SELECT {} FROM run WHERE run = $1", run_columns),
                                   run_column_count, {run}));
  if (rows.empty()) return std::optional<RunRecord>();
  return std::optional<RunRecord>(run_from(rows[0]));
}

Result<std::vector<RunRecord>> SqlLedger::runs(const std::string& pipeline, const std::string& scope,
                                               int most) {
  ASSIGN_OR_RETURN(
      const auto rows,
      session_->query(
          fmt::format("SELECT {} FROM run WHERE ($1 = '' OR pipeline = $1) AND ($2 = '' OR scope = "
                      "$2) ORDER BY started_us DESC, run DESC LIMIT $3",
                      run_columns),
          run_column_count, {pipeline, scope, int64_t{most}}));
  std::vector<RunRecord> runs;
  for (const TextRow& row : rows)
    runs.push_back(run_from(row));
  return runs;
}

Result<std::unique_ptr<Ledger>> open(const Secret& location, const Clock& clock) {
  const std::string_view text = location.reveal();
  const bool is_url = text.substr(0, 13) == "postgresql://" || text.substr(0, 11) == "postgres://";
  Result<std::unique_ptr<Session>> session =
      is_url ? open_postgres_session(location) : open_sqlite_session(std::string(text));
  if (!session.ok()) return wrap(session.error(), "the ledger cannot be opened");
  auto ledger = std::make_unique<SqlLedger>(std::move(session).value(), clock);
  if (Status ready = ledger->set_up(); !ready.ok()) return wrap(ready.error(), "the ledger cannot be opened");
  return std::unique_ptr<Ledger>(std::move(ledger));
}

}  // namespace godwit::ledger
