// What comes before the first change: the health of the database, and a backup.
#include "schema/backup/backup.h"
#include "schema/gate/gates.h"
#include "schema/health/health.h"
#include "schema/run/migration_run.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

Status MigrationRun::pass_gates(const Plan& plan) {
  GateQuestion question{plan.hash,     target_.database, target_.environment,      services_.commit,
                        services_.ref, services_.actor,  services_.clock->now_us()};
  std::function<Result<CiApproval>()> ci_approval;
  if (services_.ci_approval) ci_approval = [this] { return services_.ci_approval(target_.ci_environment); };
  ASSIGN_OR_RETURN(const GateAnswer answer, check_gates(
                                                target_.gates, question,
                                                [&]() -> Result<std::vector<ledger::ApprovalRecord>> {
                                                  ASSIGN_OR_RETURN(ledger::Ledger * ledger,
                                                                   services_.ledger());
                                                  return ledger->approvals(plan.hash);
                                                },
                                                ci_approval));
  report_.approved_by = answer.approved_by;
  report_.approval = answer.approval;
  return {};
}

// Before a person is asked, so that what was found can be seen by then.
Status MigrationRun::look_at_health() {
  if (options_.direction == Direction::down) return {};
  if (options_.skip_health) {
    if (target_.health_required) {
      return make_error(ErrorKind::gate,
                        fmt::format("environment {} requires the health checks: they cannot be skipped",
                                    target_.environment),
                        "run it without --skip-health-checks");
    }
    report_.skipped.emplace_back("health checks");
    return {};
  }
  Status reached;
  SchemaHealth health = schema::look_at_health(target_, services_, history_, reached);
  const bool success = health.success();
  report_.health = std::move(health.checks);
  if (!reached.ok()) return reached;
  if (success) return {};
  std::string messages;
  for (const SchemaHealthCheck& check : report_.health) {
    if (check.state == "failed" && check.severity == "error")
      messages += fmt::format("; {}: {}", check.name, check.message);
  }
  return make_error(ErrorKind::gate, "health checks failed, nothing was changed" + messages,
                    "look at all of them: " + fmt::format("godwit health --database {} --env {}",
                                                          target_.database, target_.environment));
}

// Under the lock, so that nothing comes between it and the first change.
Status MigrationRun::back_up() {
  const bool required = target_.gates.backup == "required";
  if (!required && !options_.backup) return {};
  BackupRequest request;
  request.run = report_.run;
  request.verify = target_.backup.verify;
  request.history = history_.tool();
  request.history_table = history_.table();
  request.applied = state_.applied;
  auto manifest = take_backup(target_, services_, request);
  if (manifest.ok()) {
    report_.backup_file = manifest->path;
    return {};
  }
  const Error& why = manifest.error();
  if (why.kind == ErrorKind::interrupted) return why;
  return make_error(
      ErrorKind::gate,
      fmt::format("the backup {} failed: {}; nothing was changed",
                  required ? "that this environment requires" : "that was asked for", why.text()),
      why.hint);
}

// What cannot be watched is told: a pooler gives every transaction another session, and a tool has its own.
void MigrationRun::start_watch(const Plan& plan) {
  if (database_->dialect() != sql::Dialect::postgres) return;
  WatchOptions options;
  options.lock_timeout_ms = target_.migrations.lock_timeout_ms;
  options.budget_ms = target_.locks.block_budget_ms;
  if (options.lock_timeout_ms == 0 && options.budget_ms == 0) return;
  const auto is_program = [&](const Step& step) {
    const Migration& migration = state_.folder.migrations[step.migration];
    const Script& script = step.direction == Direction::up ? migration.up : migration.down;
    return script.kind == Script::Kind::delegated;
  };
  if (options.budget_ms > 0 && std::any_of(plan.steps.begin(), plan.steps.end(), is_program))
    report_.skipped.emplace_back("watching who waits: programs work in sessions of their own");
  const bool shared = sessions_are_shared(*database_, target_.locks.kind);
  const auto rows = shared ? Result<std::vector<Row>>(std::vector<Row>())
                           : database_->rows("SELECT pg_catalog.pg_backend_pid()");
  if (!rows.ok() || rows->empty()) {
    if (options.budget_ms > 0)
      report_.skipped.push_back(
          "watching who waits: " +
          (shared ? std::string("a transaction pooler stands between") : rows.error().message));
    return;
  }
  options.backend_pid = std::stoll(rows->at(0).at(0).value_or("0"));
  options.open_another = [this] { return open_database(target_.endpoint, nullptr); };
  watch_ = std::make_unique<Watch>(std::move(options));
}

}  // namespace godwit::schema
