#include "schema/adopt/adopt.h"

#include "base/text.h"
#include "os/files.h"
#include "schema/adopt/liquibase_files.h"
#include "schema/convert/tool_configuration.h"
#include "schema/database/database.h"
#include "schema/history/sql_text.h"
#include "schema/program/alembic_configuration.h"
#include "secrets/resolve.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

// Columns are joined by a character that no name of a column has in practice, and that is no letter.
constexpr const char* postgres_tables =
    "SELECT n.nspname, c.relname, pg_catalog.string_agg(a.attname, E'\\x01' ORDER BY a.attnum) FROM "
    "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
    "pg_catalog.pg_attribute a ON "
    "a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p') AND n.nspname "
    "NOT IN "
    "('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' GROUP BY 1, 2 ORDER BY 1, 2";
constexpr const char* sqlite_tables =
    "SELECT '', m.name, group_concat(c.name, char(1)) FROM sqlite_schema m, pragma_table_info(m.name) c "
    "WHERE m.type = "
    "'table' GROUP BY m.name ORDER BY m.name";

Result<std::vector<FoundTable>> tables_of(Database& database) {
  ASSIGN_OR_RETURN(
      const auto rows,
      database.rows(database.dialect() == sql::Dialect::postgres ? postgres_tables : sqlite_tables));
  std::vector<FoundTable> tables;
  for (const Row& row : rows)
    tables.push_back({row[0].value_or(""), row[1].value_or(""), split(row[2].value_or(""), '\x01')});
  return tables;
}

// What others have installed below the project is not the project's.
bool is_of_the_project(const std::string& path) {
  const auto parts = split(path, '/');
  return std::none_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part == "node_modules" || part == "vendor" || part == "target" || part == "__pycache__";
  });
}

std::string listed(const std::vector<FoundHistory>& histories) {
  std::vector<std::string> lines;
  for (const FoundHistory& history : histories)
    lines.push_back(fmt::format("{} ({})", history.tool, history.reason));
  return join(lines, ", ");
}

// The one that is meant: named; or the only one with a table; or the only one.
Result<FoundHistory> choose(std::vector<FoundHistory> histories, const std::string& tool) {
  if (!tool.empty()) std::erase_if(histories, [&](const FoundHistory& one) { return one.tool != tool; });
  if (histories.empty()) {
    return make_error(
        ErrorKind::usage,
        tool.empty() ? "neither the database nor the project has a history that is known"
                     : fmt::format("there is no history of {} here", tool),
        "known are: alembic, atlas, dbmate, devflow, flyway, golang-migrate, goose, knex, liquibase, "
        "prisma, supabase; a new one begins with: godwit db new");
  }
  const auto with_table = [](const FoundHistory& one) { return !one.table.empty(); };
  if (std::count_if(histories.begin(), histories.end(), with_table) == 1)
    return *std::find_if(histories.begin(), histories.end(), with_table);
  if (histories.size() == 1) return histories[0];
  return make_error(ErrorKind::usage, "there are several histories: " + listed(histories),
                    "say which: --tool NAME");
}

bool is_default_table(const FoundHistory& found, sql::Dialect dialect) {
  HistoryOptions options;
  options.tool = found.tool;
  options.dialect = dialect;
  const auto history = make_history(options);
  if (!history.ok() || found.table.empty()) return true;
  const std::string usual = (*history)->table();
  return usual == found.table || usual == found.schema + "." + found.table;
}

// Alembic's revisions lie where its ini says; relative to the project.
Result<std::string> alembic_folder(const std::string& project, const std::string& folder,
                                   const std::vector<std::string>& paths) {
  std::string ini = folder.empty() ? "alembic.ini" : folder + "/alembic.ini";
  if (std::find(paths.begin(), paths.end(), ini) == paths.end()) {
    const auto any = std::find_if(paths.begin(), paths.end(), [](const std::string& path) {
      return ("/" + path).ends_with("/alembic.ini");
    });
    if (any != paths.end()) ini = *any;
  }
  Target target;
  target.directory = os::parent_folder(project + "/" + ini);
  ASSIGN_OR_RETURN(const auto found, find_alembic_configuration(target));
  if (!found) return folder;
  std::string location = found->read.version_locations[0];
  if (!location.starts_with('/')) location = found->folder + "/" + location;
  return location.starts_with(project + "/") ? location.substr(project.size() + 1) : location;
}

// What the tool is told by its own configuration, and Liquibase's names of files by the rows.
Status fill_migrations(Database& database, const std::string& project, const std::vector<std::string>& paths,
                       Adoption& adoption) {
  MigrationsSettings& migrations = adoption.migrations;
  FoundHistory& found = adoption.found;
  migrations.tool = found.tool;
  if (!is_default_table(found, database.dialect())) {
    migrations.schema = found.schema;
    migrations.table = found.table;
  }
  if (found.tool == "liquibase") {
    std::vector<std::string> names;
    if (!found.table.empty()) {
      ASSIGN_OR_RETURN(const auto rows,
                       database.rows(fmt::format("SELECT DISTINCT FILENAME FROM {} ORDER BY 1",
                                                 qualified(found.schema, found.table))));
      for (const Row& row : rows)
        names.push_back(row[0].value_or(""));
    }
    ASSIGN_OR_RETURN(const std::string changelog, changelog_of(project, paths));
    ASSIGN_OR_RETURN(const LiquibaseFiles files, find_liquibase_files(names, paths, changelog, project));
    found.folder = files.folder;
    migrations.path_prefix = files.prefix;
  }
  if (found.tool == "alembic") {
    ASSIGN_OR_RETURN(found.folder, alembic_folder(project, found.folder, paths));
  }
  migrations.directory = found.folder;
  // Flyway's table lies where its scripts work.
  if (found.tool == "flyway" && found.schema != "public") adoption.default_schema = found.schema;
  return read_tool_configuration(found.tool, project, paths, migrations, adoption.names, adoption.notes);
}

}  // namespace

Result<Adoption> adopt(const StoreEndpoint& endpoint, const Services& services, const std::string& project,
                       const std::string& tool) {
  ASSIGN_OR_RETURN(const auto database, open_database(endpoint, services.cancel));
  ASSIGN_OR_RETURN(const std::vector<FoundTable> tables, tables_of(*database));
  ASSIGN_OR_RETURN(std::vector<std::string> paths, os::list_tree(project));
  std::erase_if(paths, [](const std::string& path) { return !is_of_the_project(path); });
  Adoption adoption;
  ASSIGN_OR_RETURN(adoption.found, choose(detect_histories(paths, tables), tool));
  RETURN_IF_ERROR(fill_migrations(*database, project, paths, adoption));
  Target target;
  target.database = endpoint.store;
  target.environment = endpoint.environment;
  target.endpoint = endpoint;
  target.endpoint.search_path_schema = adoption.default_schema;
  target.project = project;
  target.directory = adoption.found.folder.empty()            ? project
                     : adoption.found.folder.starts_with('/') ? adoption.found.folder
                                                              : project + "/" + adoption.found.folder;
  target.migrations = adoption.migrations;
  target.names = adoption.names;
  target.project_name = adoption.migrations.project;
  for (const auto& [name, value] : adoption.migrations.placeholders) {
    ASSIGN_OR_RETURN(const Secret resolved, resolve_secret(value, services.variable));
    target.placeholders[name] = std::string(resolved.reveal());
  }
  RETURN_IF_ERROR(place_revisions(target));
  ASSIGN_OR_RETURN(adoption.overview, Engine(target, services).overview());
  return adoption;
}

}  // namespace godwit::schema
