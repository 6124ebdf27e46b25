// The files that are read as they stand: alembic.ini and pyproject.toml, flyway.conf, supabase/config.toml,
// devflow.yml.
#include "schema/convert/sources.h"

#include "base/text.h"
#include "config/devflow.h"
#include "os/files.h"
#include "schema/convert/address.h"
#include "schema/convert/key_values.h"
#include "schema/convert/tool_configuration.h"
#include "schema/program/alembic_configuration.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int supabase_local_port = 54322;

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void note_default_variable(const std::string& why, Conversion& conversion) {
  conversion.database.store.environments["local"].url.written = "${env:DATABASE_URL}";
  conversion.notes.push_back(why +
                             ": set DATABASE_URL (with ?sslmode=… where the server does not prove itself)");
}

// "filesystem:sql,classpath:db" -> "sql".
std::string flyway_folder(const KeyValues& values, Conversion& conversion) {
  const auto locations = split(values.value("flyway.locations"), ',');
  std::string first;
  for (const std::string& written : locations) {
    const std::string_view location = trim(written);
    const size_t colon = location.find(':');
    const std::string_view kind = colon == std::string_view::npos ? "filesystem" : location.substr(0, colon);
    if (location.empty()) continue;
    if (kind != "filesystem" || !first.empty()) {
      conversion.notes.push_back(fmt::format("the location {} is not read: one folder is, {}", location,
                                             first.empty() ? "of the file system" : first));
      continue;
    }
    first = colon == std::string_view::npos ? location : location.substr(colon + 1);
  }
  return first.empty() ? "sql" : first;
}

// An environment of flyway.toml, or what flyway.conf has of the only one.
void add_flyway_address(const KeyValues& values, const std::string& prefix, const std::string& environment,
                        const std::string& file, Conversion& conversion) {
  StoreEnvironmentSettings address;
  const std::string url = values.value(prefix + "url");
  if (url.starts_with("${") || url.empty()) {
    address.url.written = url.empty() ? "${env:DATABASE_URL}" : with_references(url);
    conversion.notes.push_back(fmt::format(
        "{}: the URL of {} is {}: a URL of PostgreSQL (postgresql://…), not of JDBC, is wanted there",
        name_of(file), environment, address.url.written));
  } else if (!read_database_url(url, "FLYWAY_PASSWORD", name_of(file), address, conversion.notes)) {
    conversion.notes.push_back(fmt::format("{}:{}: the database of {} is of another kind and left out",
                                           name_of(file), values.line(prefix + "url"), environment));
    return;
  }
  const std::string user = values.value(prefix + "user"), password = values.value(prefix + "password");
  if (!user.empty() && address.path.empty()) address.user.written = with_references(user);
  if (!password.empty() && address.path.empty()) {
    address.password.written = with_references(password);
    if (!password.starts_with("${")) {
      address.password.written = "${env:FLYWAY_PASSWORD}";
      conversion.notes.push_back(fmt::format("the password in {}:{} was not copied: set FLYWAY_PASSWORD",
                                             name_of(file), values.line(prefix + "password")));
    }
  }
  const std::string schema =
      values.value("flyway.defaultSchema").empty()
          ? split(values.value(values.has(prefix + "schemas") ? prefix + "schemas" : "flyway.schemas") + ",",
                  ',')[0]
          : values.value("flyway.defaultSchema");
  if (!schema.empty() && address.path.empty())
    address.schema = conversion.database.migrations.schema = schema;
  conversion.database.store.environments[environment] = std::move(address);
}

}  // namespace

Result<Conversion> convert_alembic(const std::string& file) {
  Target target;
  target.programs.ini = file;
  ASSIGN_OR_RETURN(const auto found, find_alembic_configuration(target));
  CHECK(found);  // the file is there
  const std::string& folder = found->folder;
  const alembic::AlembicIni& ini = found->read;
  Conversion conversion;
  conversion.project = name_of(folder);
  MigrationsSettings& migrations = conversion.database.migrations;
  migrations.tool = "alembic";
  migrations.directory = below_folder(folder, ini.version_locations.front());
  if (ini.version_locations.size() > 1)
    conversion.notes.push_back("version_locations names several folders: all of them are read, as " +
                               name_of(file) + " has them");
  const std::string url(ini.url.reveal());
  StoreEnvironmentSettings address;
  const bool example = url.starts_with("driver://");
  if (url.empty() || example ||
      !read_database_url(url, "DB_PASSWORD", name_of(file), address, conversion.notes)) {
    note_default_variable("sqlalchemy.url of " + name_of(file) + " names no database, so env.py does",
                          conversion);
  } else {
    conversion.database.store.environments["local"] = std::move(address);
  }
  conversion.notes.push_back(
      "env.py is not read: version_table and version_table_schema, if it sets them, are "
      "migrations: {table: …, schema: …}");
  return conversion;
}

Result<Conversion> convert_flyway(const std::string& text, const std::string& file) {
  const bool toml = file.ends_with(".toml");
  const KeyValues values = read_flyway_file(text, toml);
  Conversion conversion;
  const std::string folder = os::parent_folder(file);
  // conf/flyway.conf belongs to the folder above.
  const std::string project = name_of(folder) == "conf" && !toml ? os::parent_folder(folder) : folder;
  conversion.project = name_of(project);
  MigrationsSettings& migrations = conversion.database.migrations;
  migrations.tool = "flyway";
  migrations.directory = below_folder(project, flyway_folder(values, conversion));
  if (values.value("flyway.table") != "flyway_schema_history")
    migrations.table = values.value("flyway.table");
  read_flyway_migrations(values, name_of(file), migrations, conversion.names, conversion.notes);
  std::vector<std::string> environments;
  for (const KeyValue& pair : values.all()) {
    const auto parts = split(pair.key, '.');
    if (toml && parts.size() > 2 && parts[0] == "environments" &&
        std::find(environments.begin(), environments.end(), parts[1]) == environments.end())
      environments.push_back(parts[1]);
  }
  for (const std::string& environment : environments)
    add_flyway_address(values, "environments." + environment + ".",
                       environment == "default" ? "local" : environment, file, conversion);
  if (environments.empty()) add_flyway_address(values, "flyway.", "local", file, conversion);
  return conversion;
}

Result<Conversion> convert_supabase(const std::string& text, const std::string& file) {
  const KeyValues values = read_toml(text);
  Conversion conversion;
  const std::string folder = os::parent_folder(file);
  conversion.project =
      values.value("project_id").empty() ? name_of(os::parent_folder(folder)) : values.value("project_id");
  conversion.database.migrations.tool = "supabase";
  conversion.database.migrations.directory = folder + "/migrations";
  StoreEnvironmentSettings& local = conversion.database.store.environments["local"];
  local.host.written = "127.0.0.1";
  const std::string port = values.value("db.port");
  local.port = port.empty() ? supabase_local_port : std::atoi(port.c_str());
  local.database.written = local.user.written = "postgres";
  local.password.written = "${env:SUPABASE_DB_PASSWORD}";
  connect_as_libpq(local, conversion.notes);
  conversion.notes.push_back(
      "the password of the local database is read from SUPABASE_DB_PASSWORD (supabase start "
      "prints it)");
  conversion.notes.push_back(
      "the linked project stands nowhere in config.toml: add an environment with its URL, "
      "for example production: {url: \"${env:DATABASE_URL}\"}");
  if (values.value("db.seed.enabled") == "true")
    conversion.notes.push_back("seeds (db.seed) are not run by godwit");
  return conversion;
}

Result<Conversion> convert_devflow(const std::string& text, const std::string& file) {
  ASSIGN_OR_RETURN(Settings settings, parse_devflow(text, file));
  Conversion conversion;
  conversion.project = settings.project;
  if (settings.databases.empty())
    return make_error(ErrorKind::config, name_of(file) + " has no section database",
                      "nothing is to be converted");
  conversion.database = std::move(settings.databases.begin()->second);
  MigrationsSettings& migrations = conversion.database.migrations;
  migrations.directory = below_folder(settings.folder, migrations.directory);
  auto& environments = conversion.database.store.environments;
  for (auto one = environments.begin(); one != environments.end();) {
    const bool addressed = !one->second.url.empty();
    if (!addressed)
      conversion.notes.push_back(
          fmt::format("environment {} has neither url_env nor url_secret and is left out", one->first));
    one = addressed ? std::next(one) : environments.erase(one);
  }
  conversion.notes.push_back(
      "secrets, deployment, infrastructure and development of devflow.yml are devflow's own");
  return conversion;
}

}  // namespace godwit::schema
