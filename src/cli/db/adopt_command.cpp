// Adopting: what is there is found, looked at, and written down; nothing else is changed.
#include "cli/db/commands.h"
#include "os/files.h"
#include "schema/adopt/adopt.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::cli {

namespace {

struct Names {
  std::string database, environment, address;
};

Names names_of(const DbArguments& arguments) {
  Names names;
  names.database = arguments.database.empty() ? "app" : arguments.database;
  names.environment = arguments.environment.empty() ? "local" : arguments.environment;
  names.address = arguments.path.empty() ? fmt::format("url: \"${{env:{}}}\"", arguments.url_variable)
                                         : fmt::format("path: {}", arguments.path);
  return names;
}

Result<StoreEndpoint> endpoint_of(const Application& app, const Names& names) {
  const DbArguments& arguments = app.arguments().db;
  Settings settings;
  settings.file = "godwit.yml";
  settings.folder = app.world().current_folder;
  DatabaseSettings database;
  database.store.name = names.database;
  database.store.kind = arguments.path.empty() ? "postgres" : "sqlite";
  StoreEnvironmentSettings address;
  if (arguments.path.empty()) {
    address.url = {fmt::format("${{env:{}}}", arguments.url_variable), {}};
  } else {
    address.path = {arguments.path, {}};
  }
  database.store.environments[names.environment] = address;
  return resolve_database(settings, database, names.environment, app.world().environment);
}

// A new godwit.yml, or the lines behind the one that is there; one that has databases already is a person's
// to change.
Result<std::string> write_settings(const Application& app, const std::string& lines) {
  const std::string path = app.world().current_folder + "/godwit.yml";
  ASSIGN_OR_RETURN(const auto present, os::read_file_if_exists(path));
  if (!present) {
    const std::string& folder = app.world().current_folder;
    const std::string project = folder.substr(folder.rfind('/') + 1);
    RETURN_IF_ERROR(os::write_file(path, fmt::format("version: 1\nproject: \"{}\"\n{}", project, lines),
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
  return text;
}

}  // namespace

Status db_adopt(Application& app) {
  const DbArguments& arguments = app.arguments().db;
  const Names names = names_of(arguments);
  ASSIGN_OR_RETURN(StoreEndpoint endpoint, endpoint_of(app, names));
  // A dry look at a file that is not there must not make one.
  if (endpoint.kind == "sqlite") endpoint.read_only = true;
  ASSIGN_OR_RETURN(
      const schema::Adoption adoption,
      schema::adopt(endpoint, db_services(app, nullptr), app.world().current_folder, arguments.tool));
  const std::string lines =
      schema::settings_lines(adoption, names.database, names.environment, names.address);
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
                                        {"settings", lines},
                                        {"written", written}}
                     .dump(1) +
                 "\n");
  return {};
}

}  // namespace godwit::cli
