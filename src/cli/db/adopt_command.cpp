// Adopting: what is there is found, looked at, and written down; nothing else is changed.
#include "cli/db/commands.h"
#include "config/write.h"
#include "os/files.h"
#include "schema/adopt/adopt.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

// The database as godwit.yml will have it; its migrations are still to be found.
DatabaseSettings asked_for(const DbArguments& arguments) {
  DatabaseSettings database;
  database.store.name = arguments.database.empty() ? "app" : arguments.database;
  database.store.kind = arguments.path.empty() ? "postgres" : "sqlite";
  StoreEnvironmentSettings address;
  if (arguments.path.empty()) {
    address.url.written = fmt::format("${{env:{}}}", arguments.url_variable);
  } else {
    address.path.written = arguments.path;
  }
  database.store.environments[arguments.environment.empty() ? "local" : arguments.environment] = address;
  return database;
}

Result<StoreEndpoint> endpoint_of(const Application& app, const DatabaseSettings& database) {
  Settings settings;
  settings.file = "godwit.yml";
  settings.folder = app.world().current_folder;
  return resolve_database(settings, database, database.store.environments.begin()->first,
                          app.world().environment);
}

// A new godwit.yml, or the lines behind the one that is there; one that has databases already is a person's
// to change.
Result<std::string> write_settings(const Application& app, const std::string& lines) {
  const std::string path = app.world().current_folder + "/godwit.yml";
  ASSIGN_OR_RETURN(const auto present, os::read_file_if_exists(path));
  if (!present) {
    const std::string& folder = app.world().current_folder;
    const std::string project = folder.substr(folder.rfind('/') + 1);
    RETURN_IF_ERROR(os::write_file(path,
                                   fmt::format("version: 1\nproject: {}\n{}", yaml_text(project), lines),
                                   os::FileReaders::everybody));
    return "Wrote " + path;
  }
  if (("\n" + *present).find("\ndatabases:") != std::string::npos)
    return path + " has databases already: add the lines there";
  RETURN_IF_ERROR(os::write_file(path, *present + (present->ends_with('\n') ? "" : "\n") + lines,
                                 os::FileReaders::everybody));
  return "Added to " + path;
}

std::string text_of(const schema::Adoption& adoption) {
  const schema::Overview& overview = adoption.overview;
  std::string text = fmt::format(
      "Found: {}, table {}, folder {} (known by {})\n  {} applied, {} pending\n  checksums: {} match, {} "
      "differ, {} "
      "are not kept by the tool\n",
      adoption.found.tool, adoption.found.table.empty() ? "not there yet" : overview.table,
      adoption.found.folder.empty() ? "." : adoption.found.folder, adoption.found.reason,
      overview.state.applied.size(), overview.plan.steps.size(), overview.checksums_match,
      overview.checksums_differ, overview.unchecked);
  for (const schema::Finding& finding : overview.plan.findings)
    text +=
        fmt::format("  {}: {}\n", finding.file.empty() ? finding.revision : finding.file, finding.message);
  for (const std::string& note : adoption.notes)
    text += fmt::format("  note: {}\n", note);
  return text;
}

}  // namespace

Status db_adopt(Application& app) {
  const DbArguments& arguments = app.arguments().db;
  DatabaseSettings database = asked_for(arguments);
  ASSIGN_OR_RETURN(StoreEndpoint endpoint, endpoint_of(app, database));
  // A dry look at a file that is not there must not make one.
  if (endpoint.kind == "sqlite") endpoint.read_only = true;
  ASSIGN_OR_RETURN(
      const schema::Adoption adoption,
      schema::adopt(endpoint, db_services(app, nullptr), app.world().current_folder, arguments.tool));
  database.migrations = adoption.migrations;
  database.store.environments.begin()->second.schema = adoption.default_schema;
  const std::string lines = database_lines(database, adoption.names);
  std::string written = "nothing was written";
  if (!arguments.dry_run) {
    ASSIGN_OR_RETURN(written, write_settings(app, lines));
  }
  if (!app.arguments().json) {
    app.print(text_of(adoption) + lines + written + "\n");
    return {};
  }
  const schema::Overview& overview = adoption.overview;
  app.print_json(nlohmann::ordered_json{{"version", 1},
                                        {"success", true},
                                        {"tool", adoption.found.tool},
                                        {"table", overview.table},
                                        {"folder", adoption.found.folder},
                                        {"reason", adoption.found.reason},
                                        {"applied", overview.state.applied.size()},
                                        {"pending", overview.plan.steps.size()},
                                        {"checksums_match", overview.checksums_match},
                                        {"checksums_differ", overview.checksums_differ},
                                        {"unchecked", overview.unchecked},
                                        {"notes", adoption.notes},
                                        {"settings", lines},
                                        {"written", written}}
                     .dump(1) +
                 "\n");
  return {};
}

}  // namespace godwit::cli
