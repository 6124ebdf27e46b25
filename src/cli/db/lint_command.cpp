// godwit db lint: scripts judged before anybody runs them.
#include "cli/db/commands.h"
#include "report/lint_report.h"
#include "schema/lint/migrations.h"
#include "schema/program/alembic_configuration.h"

#include <fmt/format.h>

namespace godwit::cli {

namespace {

// Without a database: its kind is all that is needed; only what stands in the scripts themselves is resolved.
Result<schema::Target> target_of_files(const Application& app, const Settings& settings,
                                       const std::string& asked) {
  const DatabaseSettings* chosen = nullptr;
  for (const auto& [name, database] : settings.databases) {
    if (asked.empty() ? settings.databases.size() == 1 : name == asked) chosen = &database;
  }
  if (chosen == nullptr) {
    return make_error(
        ErrorKind::usage,
        asked.empty() ? "there are several databases, or none" : "there is no database " + asked,
        "say which: --database NAME; or name the files");
  }
  schema::Target target;
  target.database = chosen->store.name;
  target.endpoint.kind = chosen->store.kind;
  const std::string& directory = chosen->migrations.directory;
  target.directory = directory.starts_with('/') ? directory : settings.folder + "/" + directory;
  target.project = settings.folder;
  target.migrations = chosen->migrations;
  RETURN_IF_ERROR(fill_tool_settings(app, settings, target));
  ASSIGN_OR_RETURN(const DatabaseCare care, load_database_care(settings, chosen->store.name));
  target.programs = care.programs;
  target.names = care.names;
  RETURN_IF_ERROR(schema::place_revisions(target));
  target.lint = care.lint;
  return target;
}

Result<LintReport> lint(Application& app) {
  const DbArguments& arguments = app.arguments().db;
  if (arguments.all)
    return make_error(ErrorKind::usage, "lint looks at one database at a time",
                      "--database NAME instead of --all");
  const auto settings = app.settings();
  if (!settings.ok() || (*settings)->databases.empty()) {
    // Files need no configuration; one that is wrong, or asked for, is not passed over.
    const bool none = !settings.ok() && app.arguments().config.empty() && settings.error().where.file.empty();
    if (arguments.files.empty() || !(none || settings.ok()) || !arguments.environment.empty())
      return settings.ok() ? make_error(ErrorKind::config, "godwit.yml has no databases", "name the files")
                           : settings.error();
    return schema::lint::lint_files(arguments.files);
  }
  schema::lint::LintRequest request;
  request.files = arguments.files;
  request.all_files = arguments.all_files;
  request.ask_database = !arguments.environment.empty();
  const schema::Services services = db_services(app, nullptr);
  if (!request.ask_database) {
    auto target = target_of_files(app, **settings, arguments.database);
    if (!target.ok()) {
      if (arguments.database.empty() && !arguments.files.empty())
        return schema::lint::lint_files(arguments.files);
      return target.error();
    }
    return schema::lint::lint_migrations(*target, services, request, (*settings)->folder);
  }
  ASSIGN_OR_RETURN(const std::vector<schema::Target> targets, db_targets(app));
  return schema::lint::lint_migrations(targets.front(), services, request, (*settings)->folder);
}

}  // namespace

Status db_lint(Application& app) {
  const DbArguments& arguments = app.arguments().db;
  ASSIGN_OR_RETURN(LintReport report, lint(app));
  report.version = app.world().version;
  const int64_t bad = report.count("error") + (arguments.strict ? report.count("warning") : 0);
  Status status;
  if (bad > 0) {
    status =
        make_error(ErrorKind::findings, fmt::format("{} finding(s) stand", bad),
                   "take the safe script, or allow the rule where it stands: -- godwit:allow RULE: REASON");
  }
  if (app.arguments().json || arguments.lint_format == "json") {
    app.print_json(report::to_json(report, status.ok() ? 0 : status.error().exit_code()));
  } else if (arguments.lint_format == "sarif") {
    app.print_json(report::to_sarif(report));
  } else {
    app.print(arguments.lint_format == "github" ? report::to_github(report) : report::to_text(report));
  }
  return status;
}

}  // namespace godwit::cli
