// The plan of a run, and everything that it is refused for before anything changes.
#include "schema/program/printed.h"
#include "schema/run/lint_gate.h"
#include "schema/run/migration_run.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

std::string_view name_of(Finding::Severity severity) {
  switch (severity) {
    case Finding::Severity::note:
      return "note";
    case Finding::Severity::warning:
      return "warning";
    case Finding::Severity::refusal:
      return "refusal";
  }
  return "note";
}

}  // namespace

// Bodies that are printed as SQL are part of the plan, and of its hash.
Result<Plan> MigrationRun::plan() {
  const auto decide = [this] {
    return options_.direction == Direction::up
               ? plan_upgrade(history_, state_, target_.migrations, options_.target)
               : plan_downgrade(history_, state_, target_.migrations, options_.downgrade);
  };
  ASSIGN_OR_RETURN(Plan plan, decide());
  ASSIGN_OR_RETURN(const bool printed, print_plan(target_, services_, plan, state_.folder));
  if (!printed) return plan;
  prepared_.clear();  // the scripts that they view were written anew
  return decide();
}

void MigrationRun::note_plan(const Plan& plan) {
  report_.target = plan.target;
  report_.plan_hash = plan.hash;
  report_.findings.clear();
  report_.steps.clear();
  for (const Finding& finding : plan.findings) {
    report_.findings.push_back({std::string(name_of(finding.severity)), finding.kind, finding.revision,
                                finding.file, finding.message, finding.repair});
  }
  for (const Step& step : plan.steps) {
    const Migration& migration = state_.folder.migrations[step.migration];
    const bool up = step.direction == Direction::up;
    SchemaStep planned;
    planned.revision = migration.revision;
    planned.name = migration.name;
    planned.file = up ? migration.up.file : migration.down.file;
    planned.direction = up ? "up" : "down";
    planned.state = "planned";
    planned.sha256 = migration.raw_sha256;
    if (options_.dry_run) planned.sql = up ? migration.up.sql : migration.down.sql;
    report_.steps.push_back(std::move(planned));
  }
}

// Everything that is refused, is refused before anything changes: also what only the scripts themselves show.
Status MigrationRun::check_plan(const Plan& plan) {
  note_plan(plan);
  RETURN_IF_ERROR(plan.refusal());
  if (!options_.plan_hash.empty() && options_.plan_hash != plan.hash) {
    return make_error(ErrorKind::gate,
                      "the plan is not the one that was reviewed: files or database changed since",
                      "look at it again: " + command("upgrade --dry-run --json"));
  }
  std::vector<std::string> destructive;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Migration& migration = state_.folder.migrations[plan.steps[i].migration];
    const Script& script = plan.steps[i].direction == Direction::up ? migration.up : migration.down;
    if (script.kind == Script::Kind::delegated)
      RETURN_IF_ERROR(check_program(migration, script, report_.steps[i]));
    if (script.kind != Script::Kind::sql) continue;
    ASSIGN_OR_RETURN(PreparedScript made,
                     prepare(script, database_->dialect(), database_->server_version_number()));
    const PreparedScript* prepared = &prepared_.insert_or_assign(&script, std::move(made)).first->second;
    if (sessions_are_shared(*database_, target_.locks.kind))
      RETURN_IF_ERROR(fits_shared_sessions(script, *prepared));
    report_.steps[i].statements = static_cast<int64_t>(prepared->statements.size());
    report_.steps[i].mode =
        prepared->mode == RunMode::by_statement ? "statement by statement" : "one transaction";
    for (const PreparedStatement& one : prepared->statements)
      if (one.facts.destructive)
        destructive.push_back(
            fmt::format("{}: {}", place_of(script, one.statement).text(), one.facts.command));
  }
  return check_contents(plan, destructive);
}

// A program's statements cannot be counted: where a limit is set, it is refused.
Status MigrationRun::check_program(const Migration& migration, const Script& script, SchemaStep& told) {
  if (programs_ == nullptr) {
    Error error = make_error(
        ErrorKind::config, fmt::format("{} is a program of {}, not SQL", script.file, history_.tool()),
        "godwit runs the programs of Knex and Alembic; apply this one with its own tool");
    error.where = {target_.directory + "/" + migration.file, 0, 0};
    return error;
  }
  RETURN_IF_ERROR(programs_->check());
  told.mode = "a program, run by " + programs_->tool();
  if (options_.direction == Direction::up && target_.lint_gate.lint != "off") {
    report_.findings.push_back({"warning", "program", migration.revision, migration.file,
                                "is a program: lint does not see its SQL",
                                "rehearse it: godwit db rehearse"});
  }
  if (options_.direction == Direction::down || !target_.lint_gate.destructive) return {};
  return make_error(
      ErrorKind::gate,
      fmt::format("{} is a program: how many of its statements lose data cannot be counted, and the "
                  "environment allows {}",
                  migration.file, *target_.lint_gate.destructive),
      "write it as SQL, or change environments.NAME.destructive in a reviewed change");
}

// Lint looks again only where the plan is another one.
Status MigrationRun::check_contents(const Plan& plan, const std::vector<std::string>& destructive) {
  if (options_.direction == Direction::down) return {};
  if (linted_plan_ != plan.hash) {
    ASSIGN_OR_RETURN(lint_findings_, lint_findings(target_, *database_, state_, plan));
    linted_plan_ = plan.hash;
  }
  report_.findings.insert(report_.findings.end(), lint_findings_.begin(), lint_findings_.end());
  RETURN_IF_ERROR(check_lint(lint_findings_));
  return check_budget(target_.lint_gate, destructive);
}

}  // namespace godwit::schema
