#include "schema/run/migration_run.h"

#include "base/text.h"
#include "schema/catalog/recorded.h"
#include "schema/folder.h"
#include "schema/run/uuid.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

RunState state_of_end(const Status& status, size_t steps_done) {
  if (status.ok()) return RunState::completed;
  if (status.error().kind == ErrorKind::in_doubt) return RunState::in_doubt;
  if (status.error().kind == ErrorKind::interrupted) return RunState::cancelled;
  return steps_done > 0 ? RunState::partial : RunState::failed;
}

}  // namespace

MarksSql marks_of(const Database& database, const History& history) {
  return {database.dialect(), fmt::format("{} {}", history.tool(), history.table())};
}

LockOptions lock_options(const Target& target, const Services& services) {
  LockOptions options;
  options.wait_ms = target.migrations.wait_ms;
  options.clock = services.clock;
  options.cancel = services.cancel;
  options.observer = services.observer;
  options.host = services.host;
  options.pid = services.pid;
  options.random_number = services.random_number;
  options.kind = target.locks.kind;
  options.lease_ms = target.locks.lease_ms;
  options.open_another = [&target](const std::atomic<bool>* cancel) {
    return open_database(target.endpoint, cancel);
  };
  return options;
}

MigrationRun::MigrationRun(const Target& target, const Services& services, const History& history,
                           const MigrateOptions& options, SchemaRunReport& report)
    : target_(target), services_(services), history_(history), options_(options), report_(report) {
  report_.tool = history.tool();
  report_.table = history.table();
  report_.target = options.direction == Direction::up ? options.target : "";
  report_.dry_run = options.dry_run;
  report_.actor = services.actor;
  report_.commit = services.commit;
  report_.ci_run_id = services.ci_run_id;
  report_.ci_url = services.ci_url;
  report_.ci_attempt = services.ci_attempt;
  report_.host = services.host;
  report_.version = services.version;
}

Status MigrationRun::open() {
  // Each takes as long as the other.
  auto files = read_migrations_beside(history_, target_.directory, dialect_of(target_.endpoint));
  ASSIGN_OR_RETURN(database_, open_database(target_.endpoint, services_.cancel));
  marks_ = marks_of(*database_, history_);
  programs_ = make_program_runner(target_, target_.endpoint, services_);
  report_.server = database_->server_version();
  ASSIGN_OR_RETURN(MigrationFolder folder, files.get());
  state_ = State(std::move(folder));
  RETURN_IF_ERROR(read_recorded(*database_, history_, *marks_, state_));
  report_.before = state_.applied;
  report_.after = state_.applied;
  return {};
}

Status MigrationRun::execute() {
  if (options_.backup && target_.gates.backup == "none") {
    return end(make_error(ErrorKind::usage,
                          fmt::format("environment {} takes no backups (backup: none)", target_.environment),
                          "run it without --backup"));
  }
  Status opened = open();
  if (!opened.ok()) return end(std::move(opened));
  auto first = plan();
  if (!first.ok()) return end(first.error());
  Status checked = check_plan(*first);
  if (!checked.ok()) return end(std::move(checked));
  if (first->steps.empty()) {
    report_.outcome = "already current";
    return end({});
  }
  if (options_.dry_run) {
    report_.outcome = "planned";
    return end(preview());
  }
  if (target_.endpoint.read_only)
    return end(make_error(ErrorKind::gate, fmt::format("environment {} is read-only", target_.environment)));
  Status passed = pass_gates(*first);
  if (passed.ok()) passed = check_rehearsed(*first);
  if (!passed.ok()) return end(std::move(passed));
  Status healthy = look_at_health();
  if (!healthy.ok()) return end(std::move(healthy));
  if (options_.confirm && !options_.confirm(*first, state_))
    return end(make_error(ErrorKind::interrupted, "not confirmed: nothing was changed"));
  Status begun = begin_in_ledger();
  if (!begun.ok()) return end(std::move(begun));
  return end(under_lock());
}

Status MigrationRun::begin_in_ledger() {
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, services_.ledger());
  ledger::RunRecord draft;
  draft.kind = "db";
  draft.pipeline = target_.database;
  draft.scope = target_.environment;
  draft.strategy = report_.operation;
  draft.plan_hash = report_.plan_hash;
  draft.of_run = options_.downgrade.run;
  draft.requester = services_.actor;
  draft.host = services_.host;
  draft.pid = services_.pid;
  ASSIGN_OR_RETURN(const ledger::RunRecord record, ledger->begin_run(std::move(draft), false, 0));
  report_.run = record.run;
  return {};
}

// What is pending is decided again under the lock: another run may have been first.
Status MigrationRun::under_lock() {
  LockOptions options = lock_options(target_, services_);
  options.run = report_.run;
  ASSIGN_OR_RETURN(const auto lock, HistoryLock::acquire(*database_, history_, options));
  lock_ = lock.get();
  RETURN_IF_ERROR(read_recorded(*database_, history_, *marks_, state_));
  report_.before = state_.applied;
  ASSIGN_OR_RETURN(const Plan plan, this->plan());
  // The same plan was parsed, linted and passed its gates already; what it is refused for may be new.
  const bool same = plan.hash == report_.plan_hash;
  RETURN_IF_ERROR(same ? plan.refusal() : check_plan(plan));
  if (plan.steps.empty()) {
    report_.outcome = "already current";
    return {};
  }
  if (!same) RETURN_IF_ERROR(pass_gates(plan));
  RETURN_IF_ERROR(check_rehearsed(plan));
  RETURN_IF_ERROR(back_up());
  Status applied = apply(plan);
  if (steps_done_ > 0 && database_->alive()) note_catalog();
  RETURN_IF_ERROR(applied);
  RETURN_IF_ERROR(compare_with_receipt());
  return options_.skip_validation ? Status() : validate(plan);
}

// What `drift` will compare with. What was migrated stands whether or not it could be noted.
void MigrationRun::note_catalog() {
  const Status noted = record_catalog(*database_, history_, report_.run, lock_->guard());
  if (!noted.ok()) report_.skipped.push_back("record of the catalog: " + noted.error().message);
}

ApplyOptions MigrationRun::apply_options() const {
  ApplyOptions options;
  options.lock_timeout_ms = target_.migrations.lock_timeout_ms;
  options.statement_timeout_ms = target_.migrations.statement_timeout_ms;
  options.retry_for_ms = target_.migrations.retry_for_ms;
  options.watch = watch_.get();
  options.block_budget_ms = target_.locks.block_budget_ms;
  options.guard = lock_->guard();
  options.shared_sessions = sessions_are_shared(*database_, target_.locks.kind);
  options.clock = services_.clock;
  options.cancel = services_.cancel;
  options.observer = services_.observer;
  options.random_number = services_.random_number;
  options.uuid = [this] { return new_uuid(services_.random_number); };
  options.checkpoint = services_.checkpoint;
  options.programs = programs_.get();
  options.prepared = [this](const Script& script) -> const PreparedScript* {
    const auto found = prepared_.find(&script);
    return found == prepared_.end() ? nullptr : &found->second;
  };
  if (!services_.runs_folder.empty() && !report_.run.empty())
    options.program_log = services_.runs_folder + "/" + report_.run + "/program.log";
  options.context.run = report_.run;
  options.context.actor = services_.actor;
  options.context.commit = services_.commit;
  options.context.ci_run_id = services_.ci_run_id;
  options.context.host = services_.host;
  options.context.version = services_.version;
  for (const AppliedMigration& applied : state_.recorded.applied)
    options.context.batch = std::max(options.context.batch, applied.batch);
  ++options.context.batch;
  return options;
}

Status MigrationRun::apply(const Plan& plan) {
  start_watch(plan);
  Applier applier(*database_, history_, *marks_, state_, apply_options());
  RETURN_IF_ERROR(applier.prepare_tables());
  for (size_t number = 0; number < plan.steps.size(); ++number) {
    if (services_.cancel != nullptr && services_.cancel->load()) {
      return make_error(ErrorKind::interrupted,
                        fmt::format("cancelled after {} of {} migrations", number, plan.steps.size()),
                        "the next " + report_.operation + " goes on there");
    }
    RETURN_IF_ERROR(one_step(applier, plan, number));
  }
  report_.outcome = options_.direction == Direction::up ? "applied" : "reverted";
  return {};
}

Status MigrationRun::one_step(Applier& applier, const Plan& plan, size_t number) {
  const Step& step = plan.steps[number];
  const Migration& migration = state_.folder.migrations[step.migration];
  SchemaStep& told = report_.steps[number];
  Observer* observer = services_.observer;
  if (observer != nullptr) observer->on_step(migration, step.direction, number + 1, plan.steps.size());
  StepOutcome outcome;
  Status status = applier.step(migration, step.direction, outcome);
  told.duration_us = outcome.duration_us;
  told.attempts = outcome.attempts;
  told.cancels = outcome.cancels;
  told.blockers = outcome.blockers;
  if (!status.ok() && status.error().kind == ErrorKind::in_doubt)
    status = settle_doubt(migration, step.direction);
  if (!status.ok()) {
    told.state = status.error().kind == ErrorKind::in_doubt ? "in doubt" : "failed";
    for (size_t later = number + 1; later < plan.steps.size(); ++later)
      report_.steps[later].state = "not begun";
    if (outcome.autopsy) {
      note_failure(*outcome.autopsy, plan, number);
      if (outcome.autopsy->statements_committed > 0) ++steps_done_;  // the database is not what it was
    }
    return status;
  }
  told.state = step.direction == Direction::up ? "applied" : "reverted";
  ++steps_done_;
  if (observer != nullptr) observer->on_step_done(migration, step.direction, outcome.duration_us);
  return {};
}

std::string MigrationRun::command(std::string_view what) const {
  return fmt::format("godwit db {} --database {} --env {}", what, target_.database, target_.environment);
}

// The recorded set is read again and must be what the plan meant it to be.
Status MigrationRun::validate(const Plan& plan) {
  State now(state_.folder);
  RETURN_IF_ERROR(read_recorded(*database_, history_, *marks_, now));
  report_.after = now.applied;
  std::vector<std::string> wrong;
  for (const Step& step : plan.steps) {
    const std::string& revision = now.folder.migrations[step.migration].revision;
    if (now.is_applied(revision) != (step.direction == Direction::up)) wrong.push_back(revision);
  }
  if (!wrong.empty()) {
    return make_error(ErrorKind::partial,
                      fmt::format("{} does not say of {} what was done", history_.table(), join(wrong, ", ")),
                      "look at it with: " + command("status"));
  }
  report_.validation = fmt::format("{} holds {} applied migrations, as planned; the database answers",
                                   history_.table(), now.applied.size());
  return {};
}

Status MigrationRun::end(Status status) {
  report_.finished_us = services_.clock->now_us();
  if (!status.ok()) {
    Error error = status.error();
    // Some migrations stand, one does not: the database is not what it was.
    if (steps_done_ > 0 && (error.kind == ErrorKind::failed || error.kind == ErrorKind::io))
      error.kind = ErrorKind::partial;
    report_.outcome = error.kind == ErrorKind::interrupted ? "interrupted"
                      : error.kind == ErrorKind::in_doubt  ? "in doubt"
                                                           : "failed";
    report_.error = error.text();
    report_.exit_code = error.exit_code();
    status = error;
    if (database_ != nullptr && database_->alive() && marks_ && steps_done_ > 0) {
      State now(state_.folder);
      if (read_recorded(*database_, history_, *marks_, now).ok()) report_.after = now.applied;
    }
  }
  if (options_.skip_validation && !report_.run.empty()) report_.skipped.emplace_back("validation");
  if (report_.run.empty()) return status;
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, services_.ledger());
  const Status finished =
      ledger->finish_run(report_.run, state_of_end(status, steps_done_), report_.exit_code, report_.error);
  return status.ok() ? finished : status;
}

}  // namespace godwit::schema
