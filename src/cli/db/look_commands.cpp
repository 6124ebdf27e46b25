// Commands that only look: status, check, history, heads; and new, which only writes files.
#include "base/text.h"
#include "base/time.h"
#include "cli/db/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;

Result<schema::Overview> look(Application& app, const schema::Target& target) {
  return schema::Engine(target, db_services(app, nullptr)).overview();
}

std::vector<std::string> pending_files(const schema::Overview& overview) {
  std::vector<std::string> files;
  for (const schema::Step& step : overview.plan.steps)
    files.push_back(overview.state.folder.migrations[step.migration].file);
  return files;
}

std::string_view word(schema::Finding::Severity severity) {
  if (severity == schema::Finding::Severity::refusal) return "refusal";
  return severity == schema::Finding::Severity::warning ? "warning" : "note";
}

Json findings_json(const schema::Plan& plan) {
  Json list = Json::array();
  for (const schema::Finding& finding : plan.findings) {
    list.push_back({{"severity", word(finding.severity)},
                    {"kind", finding.kind},
                    {"revision", finding.revision},
                    {"file", finding.file},
                    {"message", finding.message},
                    {"repair", finding.repair}});
  }
  return list;
}

Json status_json(const schema::Overview& overview, const schema::Target& target) {
  const auto files = pending_files(overview);
  Json json = {
      {"version", 1},
      {"success", true},
      {"database", target.database},
      {"environment", target.environment},
      {"executor", overview.tool},
      {"table", overview.table},
      {"server", overview.server},
      {"applied", overview.state.applied.size()},
      {"pending", files.size()},
      {"total", overview.state.folder.migrations.size()},
      {"current", overview.state.applied.empty() ? Json(nullptr) : Json(overview.state.applied.back())},
      {"applied_revisions", overview.state.applied},
      {"pending_files", files},
      {"in_order", !overview.plan.refused()},
      {"plan_hash", overview.plan.hash}};
  json["findings"] = findings_json(overview.plan);
  return json;
}

std::string findings_text(const schema::Plan& plan) {
  std::string text;
  for (const schema::Finding& finding : plan.findings) {
    text += fmt::format("  {}: {}: {}\n", word(finding.severity),
                        finding.file.empty() ? finding.revision : finding.file, finding.message);
    if (!finding.repair.empty()) text += fmt::format("    {}\n", finding.repair);
  }
  return text;
}

std::string status_text(const schema::Overview& overview, const schema::Target& target) {
  const auto files = pending_files(overview);
  std::string text = fmt::format(
      "Migration Status ({})\n  Database: {} ({})\n  Executor: {} ({})\n  Current revision: {}\n  Applied: "
      "{}\n  "
      "Pending: {}\n  Total: {}\n",
      target.environment, target.database, overview.server, overview.tool, overview.table,
      overview.state.applied.empty() ? "None (no migrations applied)" : overview.state.applied.back(),
      overview.state.applied.size(), files.size(), overview.state.folder.migrations.size());
  if (!files.empty()) text += "Pending migrations:\n";
  for (const std::string& file : files)
    text += fmt::format("  - {}\n", file);
  return text + findings_text(overview.plan);
}

std::string migration_line(const schema::Overview& overview, const schema::Migration& migration) {
  const bool applied = overview.state.is_applied(migration.revision);
  const auto mark = overview.state.marks.last.find(migration.revision);
  const bool known = applied && mark != overview.state.marks.last.end();
  return fmt::format("{:<8} {:<24} {}{}\n", applied ? "applied" : "pending", migration.revision,
                     migration.file, known ? "  " + mark->second.run : "");
}

// What nothing comes after: the last of the folder, or every migration that is nobody's parent.
std::vector<std::string> heads_of(const schema::MigrationFolder& folder) {
  std::vector<std::string> heads;
  const bool graph = std::any_of(folder.migrations.begin(), folder.migrations.end(),
                                 [](const schema::Migration& one) { return !one.parents.empty(); });
  std::set<std::string> parents;
  for (const schema::Migration& migration : folder.migrations)
    parents.insert(migration.parents.begin(), migration.parents.end());
  for (const schema::Migration& migration : folder.migrations) {
    if (graph ? !parents.contains(migration.revision) : &migration == &folder.migrations.back())
      heads.push_back(migration.revision);
  }
  return heads;
}

}  // namespace

Status db_status(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const schema::Overview overview, look(app, target));
  if (app.arguments().json) {
    app.print_json(status_json(overview, target).dump(1) + "\n");
  } else {
    app.print(status_text(overview, target));
  }
  return {};
}

Status db_check(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const schema::Overview overview, look(app, target));
  const auto files = pending_files(overview);
  const bool current = files.empty() && !overview.plan.refused();
  if (app.arguments().json) {
    app.print_json(status_json(overview, target).dump(1) + "\n");
  } else {
    app.print(current ? "Database is up-to-date with migrations.\n"
                      : "Database is NOT up-to-date!\n" + status_text(overview, target));
  }
  if (current) return {};
  return make_error(ErrorKind::findings,
                    overview.plan.refused() ? "the history is not in order"
                                            : fmt::format("{} migration(s) pending", files.size()),
                    "godwit db upgrade");
}

Status db_history(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const schema::Overview overview, look(app, target));
  if (app.arguments().json) {
    Json json = {{"version", 1}, {"database", target.database}, {"environment", target.environment}};
    json["migrations"] = Json::array();
    for (const schema::Migration& migration : overview.state.folder.migrations) {
      json["migrations"].push_back({{"revision", migration.revision},
                                    {"name", migration.name},
                                    {"file", migration.file},
                                    {"parents", migration.parents},
                                    {"applied", overview.state.is_applied(migration.revision)},
                                    {"reversible", migration.down.kind != schema::Script::Kind::none},
                                    {"sha256", migration.raw_sha256}});
    }
    app.print_json(json.dump(1) + "\n");
    return {};
  }
  std::string text;
  for (const schema::Migration& migration : overview.state.folder.migrations)
    text += migration_line(overview, migration);
  app.print(text);
  return {};
}

Status db_heads(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const schema::Overview overview, look(app, target));
  const auto heads = heads_of(overview.state.folder);
  if (app.arguments().json) {
    app.print_json(Json{{"version", 1}, {"database", target.database}, {"heads", heads}}.dump(1) + "\n");
    return {};
  }
  std::string text = "Current migration heads:\n";
  for (const std::string& head : heads)
    text += fmt::format("{} (head)\n", head);
  app.print(text);
  return {};
}

Status db_approve(Application& app, const schema::Target& target) {
  const DbArguments& arguments = app.arguments().db;
  ASSIGN_OR_RETURN(ledger::Ledger * ledger, app.open_ledger());
  const int64_t now_us = app.world().clock->now_us();
  const ledger::ApprovalRecord approval{arguments.plan,
                                        target.database,
                                        target.environment,
                                        arguments.commit,
                                        app.world().services.actor,
                                        now_us,
                                        now_us + arguments.hours * 3'600'000'000};
  RETURN_IF_ERROR(ledger->record_approval(approval));
  if (app.arguments().json) {
    app.print_json(Json{{"version", 1},
                        {"success", true},
                        {"plan_hash", approval.plan_hash},
                        {"database", approval.database},
                        {"environment", approval.environment},
                        {"approved_by", approval.actor},
                        {"expires_at", iso_utc(approval.expires_us)}}
                       .dump(1) +
                   "\n");
    return {};
  }
  app.print(fmt::format("{} approves plan {} for {} in {} until {}\n", approval.actor, approval.plan_hash,
                        approval.database, approval.environment, iso_utc(approval.expires_us)));
  return {};
}

Status db_repair(Application& app, const schema::Target& target) {
  const DbArguments& arguments = app.arguments().db;
  if (arguments.repair.empty()) {
    return make_error(ErrorKind::usage, "say what to repair",
                      "--applied, --reverted, --forget, --checksum or --restart, with a revision");
  }
  ASSIGN_OR_RETURN(
      const std::string done,
      schema::Engine(target, db_services(app, nullptr)).repair(arguments.repair, arguments.revision));
  if (app.arguments().json) {
    app.print_json(
        Json{{"version", 1}, {"success", true}, {"repaired", arguments.revision}, {"message", done}}.dump(1) +
        "\n");
  } else {
    app.print(done + "\n");
  }
  return {};
}

Status db_new(Application& app, const schema::Target& target) {
  ASSIGN_OR_RETURN(const auto paths, schema::Engine(target, db_services(app, nullptr))
                                         .write_new(app.arguments().db.title, app.arguments().db.merge));
  if (app.arguments().json) {
    app.print_json(Json{{"version", 1}, {"success", true}, {"files", paths}}.dump(1) + "\n");
    return {};
  }
  std::string text;
  for (const std::string& path : paths)
    text += fmt::format("Created migration: {}\n", path);
  app.print(text);
  return {};
}

}  // namespace godwit::cli
