// Migrations that are programs: the tool runs them, and either godwit's statements record them in the same
// transaction, or the tool has recorded them itself and godwit's note follows.
#include "schema/apply/applier.h"
#include "schema/history/sql_text.h"
#include "sql/script.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

Error no_runner(const Script& script, std::string_view tool) {
  Error error =
      make_error(ErrorKind::config, fmt::format("{} is a program of {}, not SQL", script.file, tool),
                 "godwit runs the programs of Knex and Alembic; apply this one with its own tool");
  error.where = {script.file, 0, 0};
  return error;
}

}  // namespace

// What is there already: the program brings its own BEGIN and COMMIT.
Result<std::vector<std::string>> Applier::record_statements(const Migration& migration, Direction direction) {
  std::vector<std::string> whole = closing(migration, direction);
  whole.pop_back();
  std::vector<std::string> statements;
  for (const std::string& text : whole) {
    ASSIGN_OR_RETURN(const auto parts, sql::split(text, database_.dialect()));
    for (const sql::Statement& part : parts)
      statements.emplace_back(part.text);
  }
  return statements;
}

Status Applier::by_program(const Migration& migration, Direction direction, StepOutcome& outcome) {
  const Script& script = direction == Direction::up ? migration.up : migration.down;
  ProgramRunner* runner = options_.programs;
  if (runner == nullptr) return no_runner(script, history_.tool());
  outcome.mode = RunMode::program;
  ProgramOrder order;
  order.migration = &migration;
  order.direction = direction;
  order.log = options_.program_log;
  order.shared_sessions = options_.shared_sessions;
  if (!options_.guard.empty()) order.before.push_back(options_.guard);
  if (database_.dialect() == sql::Dialect::postgres) {
    if (options_.lock_timeout_ms > 0)
      order.before.push_back(fmt::format("SET LOCAL lock_timeout = {}", options_.lock_timeout_ms));
    if (options_.statement_timeout_ms > 0)
      order.before.push_back(fmt::format("SET LOCAL statement_timeout = {}", options_.statement_timeout_ms));
  }
  ASSIGN_OR_RETURN(order.record, record_statements(migration, direction));
  if (runner->records() && !options_.guard.empty()) RETURN_IF_ERROR(database_.run(guarded({})));
  reached("program");
  ProgramFailure failure;
  const Status status = runner->run(order, failure);
  if (!status.ok()) return program_failed(migration, direction, status, failure, outcome);
  return runner->records() ? note_recorded(migration, direction) : Status();
}

// The tool's row must be there before godwit says that it is.
Status Applier::note_recorded(const Migration& migration, Direction direction) {
  State now(state_.folder);
  RETURN_IF_ERROR(read_recorded(database_, history_, marks_, now));
  if (now.is_applied(migration.revision) != (direction == Direction::up)) {
    return make_error(ErrorKind::partial,
                      fmt::format("{} ended without an error, and {} does not say so of {}",
                                  options_.programs->tool(), history_.table(), migration.revision),
                      "does it migrate the same database? godwit db status");
  }
  const RecordContext context =
      context_now(std::to_string((options_.clock->monotonic_us() - begun_us_) / 1000));
  return database_.run(
      guarded({marks_.note_sql(direction == Direction::up ? "applied" : "reverted", migration, context)}));
}

Status Applier::program_failed(const Migration& migration, Direction direction, const Status& status,
                               const ProgramFailure& failure, StepOutcome& outcome) {
  if (failure.message.empty()) return status;  // it was not the program's
  Autopsy autopsy;
  autopsy.revision = migration.revision;
  autopsy.file = migration.file;
  autopsy.direction = direction;
  autopsy.where = failure.where;
  if (autopsy.where.file.empty()) autopsy.where = {migration.file, 0, 0};
  autopsy.command = options_.programs->tool();
  autopsy.sqlstate = failure.sqlstate;
  autopsy.message = failure.message;
  autopsy.transactional = failure.transactional;
  if (failure.silent) {
    State now(state_.folder);
    const Status read = read_recorded(database_, history_, marks_, now);
    const bool done = read.ok() && now.is_applied(migration.revision) == (direction == Direction::up);
    autopsy.message +=
        done ? "; the history says that it was done" : "; the history says that it was not done";
  }
  Error error = error_of(autopsy, status.error().kind);
  error.hint = status.error().hint;
  if (error.hint.empty() && !options_.program_log.empty())
    error.hint = "all that it said: " + options_.program_log;
  // What ran outside of a transaction stands, as far as it came, and is not to be tried again unseen.
  if (!failure.transactional) {
    error.kind = ErrorKind::partial;
    error.sqlstate.clear();
  }
  outcome.autopsy = std::move(autopsy);
  return error;
}

}  // namespace godwit::schema
