#include "schema/apply/applier.h"

#include "crypto/sha256.h"
#include "schema/apply/lock.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int64_t first_pause_ms = 100;
constexpr int64_t longest_pause_ms = 10'000;

constexpr std::string_view cancelled = "57014";

bool is_about_locks(const Error& error) {
  return error.sqlstate == "55P03" || error.sqlstate == "40P01";
}

// A lock that could not be had in time, a deadlock, a lost race: nothing happened, and another try may
// succeed.
bool may_succeed_later(const Error& error) {
  return error.sqlstate == "55P03" || error.sqlstate == "40P01" || error.sqlstate == "40001" ||
         error.kind == ErrorKind::locked;
}

Error lost() {
  Error error = make_error(ErrorKind::locked,
                           "the lease of this run expired, and another run took over: what was under way is "
                           "rolled back",
                           "that run goes on; look with godwit db status");
  error.sqlstate = lock_lost;
  return error;
}

const Script& script_of(const Migration& migration, Direction direction) {
  return direction == Direction::up ? migration.up : migration.down;
}

}  // namespace

Applier::Applier(Database& database, const History& history, const MarksSql& marks, State& state,
                 ApplyOptions options)
    : database_(database), history_(history), marks_(marks), state_(state), options_(std::move(options)) {}

void Applier::reached(const std::string& moment) const {
  if (options_.checkpoint) options_.checkpoint(revision_ + " " + moment);
}

Status Applier::prepare_tables() {
  std::vector<std::string> statements;
  if (!state_.recorded.exists) statements.push_back(history_.create_sql());
  if (!state_.marks.exist) statements.push_back(marks_.create_sql());
  if (statements.empty()) return {};
  const Status created = database_.run(guarded(std::move(statements)));
  if (!created.ok() && created.error().sqlstate == lock_lost) return lost();
  if (!created.ok()) return wrap(created.error(), "the tables of the history cannot be created");
  state_.recorded.exists = true;
  state_.marks.exist = true;
  return {};
}

RecordContext Applier::context_now(const std::string& elapsed_ms) const {
  RecordContext context = options_.context;
  context.elapsed_ms = elapsed_ms;
  context.now = database_.now();
  context.uuid = options_.uuid ? options_.uuid() : "";
  return context;
}

std::vector<std::string> Applier::guarded(std::vector<std::string> statements) const {
  if (!options_.guard.empty()) statements.insert(statements.begin(), options_.guard);
  statements.insert(statements.begin(),
                    database_.dialect() == sql::Dialect::postgres ? "BEGIN" : "BEGIN IMMEDIATE");
  statements.emplace_back("COMMIT");
  return statements;
}

// A session that is shared out began with settings of others.
std::vector<std::string> Applier::fresh_settings() const {
  std::vector<std::string> statements = database_.reset_sql();
  if (!options_.shared_sessions) return statements;
  statements.emplace_back("SET client_encoding = 'UTF8'");
  statements.push_back(fmt::format("SET application_name = '{}'", application_name));
  return statements;
}

// Each migration begins with the account's own settings, whatever the one before set.
std::vector<std::string> Applier::opening() const {
  if (database_.dialect() == sql::Dialect::sqlite) return {"BEGIN IMMEDIATE"};
  std::vector<std::string> statements = fresh_settings();
  statements.insert(statements.begin(), "BEGIN");
  if (!options_.guard.empty()) statements.push_back(options_.guard);
  if (options_.lock_timeout_ms > 0)
    statements.push_back(fmt::format("SET LOCAL lock_timeout = {}", options_.lock_timeout_ms));
  if (options_.statement_timeout_ms > 0)
    statements.push_back(fmt::format("SET LOCAL statement_timeout = {}", options_.statement_timeout_ms));
  return statements;
}

std::vector<std::string> Applier::closing(const Migration& migration, Direction direction) {
  const bool postgres = database_.dialect() == sql::Dialect::postgres;
  const RecordContext context = context_now(
      postgres ? "(extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.now()) * 1000)::bigint"
               : std::to_string((options_.clock->monotonic_us() - begun_us_) / 1000));
  // The migration may have set search_path; the history is looked for where the tool would look.
  std::vector<std::string> statements = fresh_settings();
  statements.push_back(direction == Direction::up
                           ? history_.record_sql(migration, context, state_.recorded)
                           : history_.unrecord_sql(migration, context, state_.recorded));
  statements.push_back(
      marks_.note_sql(direction == Direction::up ? "applied" : "reverted", migration, context));
  statements.emplace_back("COMMIT");
  return statements;
}

Status Applier::step(const Migration& migration, Direction direction, StepOutcome& outcome) {
  const Script& script = script_of(migration, direction);
  PreparedScript made;
  const PreparedScript* known = options_.prepared ? options_.prepared(script) : nullptr;
  if (script.kind == Script::Kind::delegated) {
    made.mode = RunMode::program;
  } else if (known == nullptr) {
    ASSIGN_OR_RETURN(made, prepare(script, database_.dialect(), database_.server_version_number()));
  }
  const PreparedScript& prepared = known != nullptr ? *known : made;
  outcome.statements = prepared.statements.size();
  outcome.mode = prepared.mode;
  begun_us_ = options_.clock->monotonic_us();
  revision_ = migration.revision;
  const int64_t deadline_us = begun_us_ + options_.retry_for_ms * 1000;
  int64_t pause_ms = first_pause_ms;
  for (;; ++outcome.attempts) {
    const int cancels = outcome.cancels;
    const Status status = watched_attempt(migration, direction, prepared, outcome);
    outcome.duration_us = options_.clock->monotonic_us() - begun_us_;
    if (!status.ok() && status.error().sqlstate == lock_lost) return lost();
    const bool again = !status.ok() && (may_succeed_later(status.error()) || outcome.cancels > cancels);
    if (!again || options_.clock->monotonic_us() >= deadline_us) return status;
    const auto jitter = static_cast<int64_t>(options_.random_number() % static_cast<uint64_t>(pause_ms));
    if (options_.observer != nullptr) {
      std::string why = status.error().message;
      for (const SchemaBlocker& blocker : outcome.blockers)
        why += "; " + blocker.text();
      options_.observer->on_retry(migration, why, pause_ms / 2 + jitter);
    }
    options_.clock->sleep_ms(pause_ms / 2 + jitter);
    if (options_.cancel != nullptr && options_.cancel->load())
      return make_error(ErrorKind::interrupted, "cancelled between two attempts");
    pause_ms = std::min(pause_ms * 2, longest_pause_ms);
  }
}

// Says of a refusal what the watch knows of it: that it was us who cancelled, and who was in the way.
Status Applier::watched_attempt(const Migration& migration, Direction direction,
                                const PreparedScript& prepared, StepOutcome& outcome) {
  if (options_.watch == nullptr) return attempt(migration, direction, prepared, outcome);
  options_.watch->begin();
  Status status = attempt(migration, direction, prepared, outcome);
  Watched seen = options_.watch->end();
  if (status.ok()) return status;
  Error error = status.error();
  outcome.blockers.clear();
  if (seen.cancelled() && error.sqlstate == cancelled) {
    ++outcome.cancels;
    error.message = fmt::format("cancelled, because {} session(s) had to wait for it longer than {} ms",
                                seen.waiting, options_.block_budget_ms);
  } else if (!is_about_locks(error)) {
    return status;
  }
  outcome.blockers = std::move(seen.blockers);
  if (outcome.autopsy) {
    outcome.autopsy->message = error.message;
    outcome.autopsy->blockers = outcome.blockers;
  }
  return error;
}

Status Applier::attempt(const Migration& migration, Direction direction, const PreparedScript& prepared,
                        StepOutcome& outcome) {
  outcome.autopsy.reset();
  Status status;
  const bool separate = options_.separate_messages && prepared.mode == RunMode::one_message;
  switch (separate ? RunMode::one_transaction : prepared.mode) {
    case RunMode::one_message:
      status = in_one_message(migration, direction, prepared, outcome);
      break;
    case RunMode::one_transaction:
      status = in_one_transaction(migration, direction, prepared, outcome);
      break;
    case RunMode::program:
      status = by_program(migration, direction, outcome);
      break;
    case RunMode::by_statement:
      status = by_statement(migration, direction, prepared, outcome);
      break;
  }
  if (!status.ok()) return status;
  reached("committed");
  state_.recorded = history_.after(std::move(state_.recorded), migration, direction, options_.context);
  return {};
}

Status Applier::failed(const Migration& migration, Direction direction, const PreparedScript& prepared,
                       std::optional<size_t> index, const Status& status, StepOutcome& outcome) {
  // Without its connection nobody can say yet whether the last message was committed.
  if (!database_.alive()) return make_error(ErrorKind::in_doubt, status.error().message);
  if (status.error().kind == ErrorKind::interrupted) return status;
  if (status.error().sqlstate == lock_lost) return status;
  const size_t done = outcome.autopsy ? outcome.autopsy->statements_committed : 0;
  outcome.autopsy = examine_failure(migration, direction, prepared, index, database_, status.error());
  outcome.autopsy->statements_committed = done;
  Error error = error_of(*outcome.autopsy, status.error().kind);
  return error;
}

Status Applier::in_one_message(const Migration& migration, Direction direction,
                               const PreparedScript& prepared, StepOutcome& outcome) {
  std::vector<std::string> message = opening();
  const size_t before = message.size();
  for (const PreparedStatement& one : prepared.statements)
    message.emplace_back(one.statement.text);
  const size_t after = message.size();
  for (std::string& statement : closing(migration, direction))
    message.push_back(std::move(statement));
  reached("message");
  const Status status = database_.run(message);
  if (status.ok()) return status;
  std::optional<size_t> index;
  if (const auto& refusal = database_.refusal();
      refusal && refusal->statement >= before && refusal->statement < after) {
    index = refusal->statement - before;
  }
  return failed(migration, direction, prepared, index, status, outcome);
}

Status Applier::in_one_transaction(const Migration& migration, Direction direction,
                                   const PreparedScript& prepared, StepOutcome& outcome) {
  const Status opened = database_.run(opening());
  if (!opened.ok()) return failed(migration, direction, prepared, std::nullopt, opened, outcome);
  for (size_t i = 0; i < prepared.statements.size(); ++i) {
    const sql::Statement& statement = prepared.statements[i].statement;
    const Status status = statement.kind == sql::Statement::Kind::copy_data
                              ? database_.copy(std::string(statement.text), statement.copy_data)
                              : database_.run({std::string(statement.text)});
    if (!status.ok()) {
      const Status told = failed(migration, direction, prepared, i, status, outcome);
      if (database_.alive()) static_cast<void>(database_.run({"ROLLBACK"}));
      return told;
    }
    reached(fmt::format("in transaction {}", i + 1));
  }
  const Status closed = database_.run(closing(migration, direction));
  return closed.ok() ? closed : failed(migration, direction, prepared, std::nullopt, closed, outcome);
}

}  // namespace godwit::schema
