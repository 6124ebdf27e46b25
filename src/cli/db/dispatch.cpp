// Which database and environment a command is about, and who runs it.
#include "base/text.h"
#include "ci/github/approvals.h"
#include "cli/db/commands.h"
#include "schema/program/alembic_configuration.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

struct DbCommand {
  std::string_view name;
  Status (*run)(Application&, const schema::Target&);
};

constexpr DbCommand db_commands[] = {
    {"status", db_status}, {"check", db_check},       {"history", db_history},
    {"heads", db_heads},   {"new", db_new},           {"approve", db_approve},
    {"repair", db_repair}, {"upgrade", db_upgrade},   {"downgrade", db_downgrade},
    {"health", db_health}, {"backup", db_backup},     {"restore", db_restore},
    {"drift", db_drift},   {"rehearse", db_rehearse},
};

template <typename Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map)
    names.push_back(name);
  return names;
}

Result<std::string> choose_environment(const DatabaseSettings& database, const std::string& asked) {
  const auto& environments = database.store.environments;
  if (!asked.empty()) return asked;
  if (environments.size() == 1) return environments.begin()->first;
  for (const char* usual : {"local", "development"}) {
    if (environments.contains(usual)) return std::string(usual);
  }
  return make_error(ErrorKind::usage,
                    fmt::format("database {} has several environments", database.store.name),
                    "say which: --env " + join(names_of(environments), " | --env "));
}

}  // namespace

Status fill_tool_settings(const Application& app, const Settings& settings, schema::Target& target) {
  target.project_name = target.migrations.project.empty() ? settings.project : target.migrations.project;
  for (const auto& [name, value] : target.migrations.placeholders) {
    ASSIGN_OR_RETURN(const Secret resolved, resolve_secret(value, app.world().environment));
    target.placeholders[name] = std::string(resolved.reveal());
  }
  return {};
}

namespace {

// Nobody connects when a receipt is checked, so that its secrets need not be there.
bool needs_no_database(const Application& app) {
  return !app.arguments().db.verify_receipt.empty();
}

Result<schema::Target> target_of(Application& app, const Settings& settings,
                                 const DatabaseSettings& database) {
  ASSIGN_OR_RETURN(const std::string environment,
                   choose_environment(database, app.arguments().db.environment));
  schema::Target target;
  target.database = database.store.name;
  target.environment = environment;
  target.endpoint.kind = database.store.kind;
  if (!needs_no_database(app)) {
    ASSIGN_OR_RETURN(target.endpoint,
                     resolve_database(settings, database, environment, app.world().environment));
  } else if (!database.store.environments.contains(environment)) {
    return make_error(ErrorKind::usage,
                      fmt::format("database {} has no environment {}", database.store.name, environment));
  }
  const std::string& directory = database.migrations.directory;
  target.directory = directory.starts_with('/') ? directory : settings.folder + "/" + directory;
  target.project = settings.folder;
  target.migrations = database.migrations;
  RETURN_IF_ERROR(fill_tool_settings(app, settings, target));
  target.gates = database.gates.at(environment);
  ASSIGN_OR_RETURN(const DatabaseCare care, load_database_care(settings, database.store.name));
  target.programs = care.programs;
  target.names = care.names;
  RETURN_IF_ERROR(schema::place_revisions(target));
  target.lint = care.lint;
  target.lint_gate = care.lint_gates.at(environment);
  target.health = care.health;
  target.health_required = care.health_required.at(environment);
  target.receipt_gate = care.receipt_gates.at(environment);
  target.receipt_key = care.receipt_key;
  target.ci_environment = care.ci_environments.at(environment);
  target.locks = care.locks;
  target.backup = care.backup;
  target.backup_key = care.backup_key;
  const std::string& backups = care.backup.directory;
  target.backup_directory = backups.starts_with('/') ? backups : settings.folder + "/" + backups;
  return target;
}

}  // namespace

Result<std::vector<schema::Target>> db_targets(Application& app) {
  ASSIGN_OR_RETURN(const Settings* settings, app.settings());
  const DbArguments& arguments = app.arguments().db;
  if (settings->databases.empty()) {
    return make_error(ErrorKind::config, fmt::format("{} has no databases", settings->file),
                      "add a section databases; docs/SCHEMA.md shows one");
  }
  std::vector<schema::Target> targets;
  for (const auto& [name, database] : settings->databases) {
    if (!arguments.database.empty() && name != arguments.database) continue;
    if (arguments.all && !arguments.environment.empty() &&
        !database.store.environments.contains(arguments.environment)) {
      continue;
    }
    if (!arguments.all && arguments.database.empty() && settings->databases.size() > 1) {
      return make_error(
          ErrorKind::usage, "there are several databases",
          "say which: --database " + join(names_of(settings->databases), " | --database ") + ", or --all");
    }
    ASSIGN_OR_RETURN(schema::Target target, target_of(app, *settings, database));
    targets.push_back(std::move(target));
  }
  if (targets.empty()) {
    return make_error(ErrorKind::usage, fmt::format("{} has no such database", settings->file),
                      "there is: " + join(names_of(settings->databases), ", "));
  }
  return targets;
}

schema::Services db_services(Application& app, schema::Observer* observer) {
  const pipeline::Services& world = app.world().services;
  const auto variable = [&](const char* name) { return app.world().environment(name).value_or(""); };
  schema::Services services;
  services.clock = app.world().clock;
  services.cancel = world.cancel;
  services.random_number = world.random_number;
  services.actor = world.actor;
  services.host = world.host;
  services.pid = world.pid;
  services.version = world.version;
  services.commit = variable("GITHUB_SHA");
  services.ref = variable("GITHUB_REF");
  services.ci_run_id = variable("GITHUB_RUN_ID");
  services.ci_attempt = variable("GITHUB_RUN_ATTEMPT");
  if (!services.ci_run_id.empty()) {
    services.ci_url = fmt::format("{}/{}/actions/runs/{}", variable("GITHUB_SERVER_URL"),
                                  variable("GITHUB_REPOSITORY"), services.ci_run_id);
  }
  if (const auto run = ci::workflow_run(app.world().environment)) {
    services.ci_approval =
        [run, cancel = world.cancel](const std::string& environment) -> Result<schema::CiApproval> {
      ASSIGN_OR_RETURN(const ci::RunApproval approval, ci::approval_of(*run, environment, cancel));
      return schema::CiApproval{approval.approver, approval.text};
    };
  }
  services.observer = observer;
  services.runs_folder = app.runs_folder();
  services.ledger = [&app] { return app.open_ledger(); };
  services.variable = app.world().environment;
  services.checkpoint = world.test_checkpoint;
  return services;
}

// With --all every database has its turn; the worst outcome is the command's.
Status db_command(Application& app) {
  if (app.arguments().db.command == "lint") return db_lint(app);
  if (app.arguments().db.command == "adopt") return db_adopt(app);
  ASSIGN_OR_RETURN(const std::vector<schema::Target> targets, db_targets(app));
  for (const DbCommand& command : db_commands) {
    if (command.name != app.arguments().db.command) continue;
    Status worst;
    for (const schema::Target& target : targets) {
      Status status = command.run(app, target);
      if (!status.ok() && (worst.ok() || worst.error().exit_code() < status.error().exit_code()))
        worst = std::move(status);
    }
    return worst;
  }
  return make_error(ErrorKind::usage, "unknown command db " + app.arguments().db.command);
}

}  // namespace godwit::cli
