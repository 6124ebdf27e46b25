// What can be said of a migration that failed: whether it was committed after all, and what to do next.
#include "schema/run/migration_run.h"

#include <fmt/format.h>

namespace godwit::schema {

// The connection broke under a migration: a new one is asked whether its history row is there.
Status MigrationRun::settle_doubt(const Migration& migration, Direction direction) {
  const Error doubt =
      make_error(ErrorKind::in_doubt,
                 fmt::format("the connection broke while {} was under way, and whether it was "
                             "committed cannot be asked",
                             migration.revision),
                 "when the server is back: " + command("status"));
  auto again = open_database(target_.endpoint, services_.cancel);
  if (!again.ok()) return doubt;
  State now(state_.folder);
  if (!read_recorded(**again, history_, *marks_, now).ok()) return doubt;
  const bool done = now.is_applied(migration.revision) == (direction == Direction::up);
  return make_error(
      ErrorKind::unreachable,
      fmt::format("the connection broke; {} {} committed", migration.revision, done ? "was" : "was not"),
      "run it again: " + command(report_.operation));
}

void MigrationRun::note_failure(const Autopsy& autopsy, const Plan& plan, size_t number) {
  SchemaFailure failure;
  failure.revision = autopsy.revision;
  failure.where = autopsy.where;
  failure.excerpt = autopsy.excerpt;
  failure.command = autopsy.command;
  failure.sqlstate = autopsy.sqlstate;
  failure.message = autopsy.message;
  failure.statement = static_cast<int64_t>(autopsy.statement);
  failure.statements = static_cast<int64_t>(autopsy.statements);
  failure.statements_committed = static_cast<int64_t>(autopsy.statements_committed);
  failure.transactional = autopsy.transactional;
  failure.blockers = autopsy.blockers;
  for (size_t i = 0; i < number; ++i)
    failure.committed.push_back(report_.steps[i].revision);
  for (size_t i = number + 1; i < plan.steps.size(); ++i)
    failure.not_begun.push_back(report_.steps[i].revision);
  failure.next_commands = {command("status")};
  if (options_.direction == Direction::up) {
    failure.next_commands.push_back("mend " + autopsy.file + ", then: " + command("upgrade"));
    if (number > 0) failure.next_commands.push_back(command("downgrade --run " + report_.run));
  } else {
    failure.next_commands.push_back("mend " + autopsy.file + ", then: " + command("downgrade"));
  }
  report_.failures.push_back(std::move(failure));
}

}  // namespace godwit::schema
