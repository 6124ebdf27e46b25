#include "schema/run/repair.h"

#include "schema/folder.h"
#include "schema/run/migration_run.h"
#include "schema/run/uuid.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

class Repair {
 public:
  Repair(const Services& services, const History& history, Database& database, State& state,
         std::string guard)
      : history_(history),
        database_(database),
        state_(state),
        guard_(std::move(guard)),
        marks_(marks_of(database, history)) {
    context_.actor = services.actor;
    context_.commit = services.commit;
    context_.ci_run_id = services.ci_run_id;
    context_.host = services.host;
    context_.version = services.version;
    context_.uuid = new_uuid(services.random_number);
    context_.elapsed_ms = "0";
    context_.now = database.now();
    for (const AppliedMigration& applied : state.recorded.applied)
      context_.batch = std::max(context_.batch, applied.batch);
    ++context_.batch;
  }

  Result<std::string> run(const std::string& kind, const std::string& revision) {
    const auto place = state_.find(revision);
    const bool recorded =
        std::any_of(state_.recorded.applied.begin(), state_.recorded.applied.end(),
                    [&](const AppliedMigration& applied) { return applied.revision == revision; });
    if (kind == "forget") {
      if (!recorded || place)
        return refuse(revision, recorded ? "the folder has it" : "the database does not know it");
      Migration gone;
      gone.revision = revision;
      return change("forgotten", gone, {history_.unrecord_sql(gone, context_, state_.recorded)});
    }
    if (!place) return refuse(revision, "the folder has no such migration");
    const Migration& migration = state_.folder.migrations[*place];
    if (kind == "restart") return change("restarted", migration, {});
    if (kind == "applied" && state_.is_applied(revision) && !has_failed(revision))
      return refuse(revision, "it is recorded as applied already");
    if (kind != "applied" && !recorded && !state_.is_applied(revision))
      return refuse(revision, "it is not recorded as applied");
    std::vector<std::string> statements;
    RecordedHistory before = state_.recorded;
    if (recorded || kind == "reverted") {
      statements.push_back(history_.unrecord_sql(migration, context_, before));
      before = history_.after(std::move(before), migration, Direction::down, context_);
    }
    if (kind != "reverted") statements.push_back(history_.record_sql(migration, context_, before));
    return change(kind == "reverted" ? "reverted" : "adopted", migration, std::move(statements));
  }

 private:
  Error refuse(const std::string& revision, const std::string& why) const {
    return make_error(ErrorKind::usage, fmt::format("{}: {}", revision, why), "see: godwit db status");
  }

  bool has_failed(const std::string& revision) const {
    return std::any_of(
        state_.recorded.applied.begin(), state_.recorded.applied.end(),
        [&](const AppliedMigration& applied) { return applied.revision == revision && applied.failed; });
  }

  Result<std::string> change(const std::string& action, const Migration& migration,
                             std::vector<std::string> statements) {
    std::vector<std::string> message = {database_.dialect() == sql::Dialect::postgres ? "BEGIN"
                                                                                      : "BEGIN IMMEDIATE"};
    if (!guard_.empty()) message.push_back(guard_);
    if (!state_.recorded.exists) message.push_back(history_.create_sql());
    if (!state_.marks.exist) message.push_back(marks_.create_sql());
    message.insert(message.end(), statements.begin(), statements.end());
    message.push_back(marks_.end_progress_sql(migration));
    message.push_back(marks_.note_sql(action, migration, context_));
    message.emplace_back("COMMIT");
    const Status changed = database_.run(message);
    if (!changed.ok()) return wrap(changed.error(), "the history was not changed");
    return fmt::format("{}: {} in {}", migration.revision, action, history_.table());
  }

  const History& history_;
  Database& database_;
  State& state_;
  std::string guard_;  // HistoryLock::guard
  MarksSql marks_;
  RecordContext context_;
};

}  // namespace

Result<std::string> repair_history(const Target& target, const Services& services, const History& history,
                                   const std::string& kind, const std::string& revision) {
  if (target.endpoint.read_only)
    return make_error(ErrorKind::gate, fmt::format("environment {} is read-only", target.environment));
  ASSIGN_OR_RETURN(const auto database, open_database(target.endpoint, services.cancel));
  ASSIGN_OR_RETURN(MigrationFolder folder, read_migrations(history, target.directory, database->dialect()));
  State state(std::move(folder));
  const LockOptions options = lock_options(target, services);
  ASSIGN_OR_RETURN(const auto lock, HistoryLock::acquire(*database, history, options));
  RETURN_IF_ERROR(read_recorded(*database, history, marks_of(*database, history), state));
  return Repair(services, history, *database, state, lock->guard()).run(kind, revision);
}

}  // namespace godwit::schema
