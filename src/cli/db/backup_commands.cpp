// Commands that copy a whole database, and bring one back: backup, restore.
#include "base/text.h"
#include "cli/db/commands.h"
#include "cli/db/progress.h"
#include "schema/backup/backup.h"
#include "schema/backup/restore.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;

// Without a history that can be read, a backup is still one.
void note_history(schema::Engine& engine, schema::BackupRequest& request) {
  const auto overview = engine.overview();
  if (!overview.ok()) return;
  request.history = overview->tool;
  request.history_table = overview->table;
  request.applied = overview->state.applied;
}

Json plan_json(const schema::RestorePlan& plan, const schema::Target& target, bool done) {
  return {{"version", 1},
          {"success", true},
          {"database", target.database},
          {"environment", target.environment},
          {"file", plan.manifest.path},
          {"into", plan.into},
          {"kept_as", plan.kept_as.empty() ? Json(nullptr) : Json(plan.kept_as)},
          {"steps", plan.steps},
          {"dry_run", !done}};
}

std::string plan_text(const schema::RestorePlan& plan) {
  std::string text =
      fmt::format("Restore of {} ({}, {}, {}):\n", plan.manifest.path, plan.manifest.database_name,
                  plan.manifest.created_at, human_bytes(plan.manifest.bytes));
  for (size_t i = 0; i < plan.steps.size(); ++i)
    text += fmt::format("  {}. {}\n", i + 1, plan.steps[i]);
  return text;
}

// What is exchanged under running applications is confirmed by a person, or by --yes.
Status confirm_swap(const Application& app, const schema::RestorePlan& plan) {
  if (plan.kept_as.empty() || app.arguments().yes) return {};
  const auto answer = app.ask(fmt::format("Put the backup in the place of {}? [y/N]:", plan.database));
  if (answer && (*answer == "y" || *answer == "Y" || *answer == "yes")) return {};
  if (answer) return make_error(ErrorKind::interrupted, "not confirmed: nothing was changed");
  return make_error(ErrorKind::gate, "--swap is not confirmed, and nobody is there to be asked",
                    "confirm it with --yes");
}

}  // namespace

Status db_backup(Application& app, const schema::Target& target) {
  DbProgress progress(app);
  const schema::Services services = db_services(app, &progress);
  schema::Engine engine(target, services);
  schema::BackupRequest request;
  request.format = app.arguments().db.format;
  request.verify = app.arguments().db.verify || target.backup.verify;
  if (request.verify && target.endpoint.read_only && target.endpoint.kind != "sqlite") {
    return make_error(ErrorKind::gate,
                      fmt::format("environment {} is read-only: --verify restores beside the database",
                                  target.environment));
  }
  if (target.endpoint.kind == "sqlite" && !request.format.empty())
    return make_error(ErrorKind::usage, "--format is for PostgreSQL");
  note_history(engine, request);
  ASSIGN_OR_RETURN(const schema::BackupManifest manifest, schema::take_backup(target, services, request));
  if (app.arguments().json) {
    Json json = Json::parse(schema::to_json(manifest));
    json["success"] = true;
    json["path"] = manifest.path;
    app.print_json(json.dump(1) + "\n");
    return {};
  }
  app.print(fmt::format("Backup: {} ({} of {}, {} tables{}{})\n", manifest.path, human_bytes(manifest.bytes),
                        human_bytes(manifest.database_bytes), manifest.tables.size(),
                        manifest.encrypted ? ", encrypted" : "", manifest.verified ? ", verified" : ""));
  return {};
}

Status db_restore(Application& app, const schema::Target& target) {
  DbProgress progress(app);
  const schema::Services services = db_services(app, &progress);
  const DbArguments& arguments = app.arguments().db;
  schema::RestoreRequest request{arguments.file, arguments.into, arguments.swap, arguments.force};
  ASSIGN_OR_RETURN(const schema::RestorePlan plan, schema::plan_restore(target, services, request));
  if (!app.arguments().json) app.print(plan_text(plan));
  if (!arguments.dry_run) {
    RETURN_IF_ERROR(confirm_swap(app, plan));
    RETURN_IF_ERROR(schema::execute_restore(target, services, request, plan));
  }
  if (app.arguments().json) {
    app.print_json(plan_json(plan, target, !arguments.dry_run).dump(1) + "\n");
  } else if (!arguments.dry_run) {
    app.print(request.swap ? fmt::format("{} is what the backup held; the old one is {}\n", plan.database,
                                         plan.kept_as)
                           : fmt::format("Restored into {}\n", plan.into));
  }
  return {};
}

}  // namespace godwit::cli
