// Commands that change a database: upgrade, downgrade.
#include "base/text.h"
#include "cli/db/commands.h"
#include "cli/db/progress.h"
#include "os/files.h"
#include "report/schema_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

bool ask_person(const Application& app, const schema::Plan& plan, const schema::State& state) {
  std::string question;
  for (const schema::Step& step : plan.steps) {
    question += fmt::format("  {} {}\n", step.direction == schema::Direction::up ? "apply" : "undo",
                            state.folder.migrations[step.migration].file);
  }
  const bool down = plan.steps.front().direction == schema::Direction::down;
  question +=
      down ? "WARNING: this will ROLL BACK migrations. Data may be LOST.\nProceed with rollback? [y/N]:"
           : "Proceed with upgrade? [y/N]:";
  const auto answer = app.ask(question);
  return answer && (*answer == "y" || *answer == "Y" || *answer == "yes");
}

// A hash, or a file that holds one: the document of upgrade --dry-run --json.
constexpr int plan_document_version = 1;  // docs/CLI_JSON.md

Result<std::string> plan_hash_of(const std::string& plan) {
  const bool hash = plan.size() == 64 && plan.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (plan.empty() || hash) return plan;
  ASSIGN_OR_RETURN(const auto text, os::read_file_if_exists(plan));
  if (!text)
    return make_error(ErrorKind::usage, fmt::format("'{}' is neither the hash of a plan nor a file", plan));
  const auto document = nlohmann::json::parse(*text, nullptr, false);
  if (!document.is_object() || !document.contains("plan_hash") || !document["plan_hash"].is_string())
    return make_error(ErrorKind::usage, fmt::format("{} holds no plan", plan),
                      "write one: godwit db upgrade --dry-run --json");
  if (!document.contains("version") || document["version"] != plan_document_version) {
    return make_error(ErrorKind::usage, fmt::format("{} is of a version that is not known here", plan),
                      "use the godwit that wrote it, or plan again: godwit db upgrade --dry-run --json");
  }
  return document["plan_hash"].get<std::string>();
}

void tell(Application& app, const schema::Target& target, const SchemaRunReport& report, bool ok) {
  const std::string& format = app.arguments().db.report_format;
  const auto settings = app.settings();
  const std::string root = settings.ok() ? (*settings)->folder : "";
  if (app.arguments().json || format == "json") {
    app.print_json(report::to_json(report));
  } else if (format == "sarif") {
    app.print_json(report::to_sarif(report, target.directory, root));
  } else if (format == "github") {
    app.print(report::to_github(report, target.directory, root));
  } else if (ok || !report.run.empty()) {
    app.print(report::to_text(report));
  }
}

Status migrate(Application& app, const schema::Target& target, schema::MigrateOptions options) {
  const Arguments& arguments = app.arguments();
  options.dry_run = arguments.db.dry_run;
  options.skip_rehearsal = arguments.db.skip_rehearsal;
  options.temporary_folder = app.world().temporary_folder;
  options.backup = arguments.db.backup;
  options.skip_health = arguments.db.skip_health_checks;
  options.skip_validation = arguments.db.skip_validation;
  ASSIGN_OR_RETURN(options.plan_hash, plan_hash_of(arguments.db.plan));
  if (app.world().input_is_terminal && !arguments.yes && !arguments.db.ci) {
    options.confirm = [&app](const schema::Plan& plan, const schema::State& state) {
      return ask_person(app, plan, state);
    };
  }
  DbProgress progress(app);
  SchemaRunReport report;
  Status status = schema::Engine(target, db_services(app, &progress)).migrate(options, report);
  if (!report.run.empty()) {
    const Status written = report::write_all(app.runs_folder() + "/" + report.run, report);
    if (status.ok()) status = written;
  }
  tell(app, target, report, status.ok());
  return status;
}

}  // namespace

Status db_upgrade(Application& app, const schema::Target& target) {
  schema::MigrateOptions options;
  options.direction = schema::Direction::up;
  options.target = app.arguments().db.revision;
  options.receipt_file = app.arguments().db.receipt;
  return migrate(app, target, std::move(options));
}

Status db_downgrade(Application& app, const schema::Target& target) {
  schema::MigrateOptions options;
  options.direction = schema::Direction::down;
  options.downgrade = {app.arguments().db.revision, app.arguments().db.steps, app.arguments().db.run};
  options.receipt_file = app.arguments().db.receipt;
  return migrate(app, target, std::move(options));
}

}  // namespace godwit::cli
