// .env: which variables hold the address. Their values stay where they are.
#include "base/text.h"
#include "os/files.h"
#include "schema/convert/address.h"
#include "schema/convert/key_values.h"
#include "schema/convert/sources.h"
#include "schema/history/detect.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

// The names that one address goes by; the first one that the file has counts.
struct Names {
  std::vector<std::string_view> host, port, database, user, password, tls;
};
const std::vector<Names>& known_names() {
  static const std::vector<Names> known = {
      {{"DB_HOST", "DATABASE_HOST"},
       {"DB_PORT", "DATABASE_PORT"},
       {"DB_NAME", "DB_DATABASE", "DATABASE_NAME"},
       {"DB_USER", "DB_USERNAME", "DATABASE_USER"},
       {"DB_PASSWORD", "DB_PASS", "DATABASE_PASSWORD"},
       {"DB_SSLMODE"}},
      {{"PGHOST"}, {"PGPORT"}, {"PGDATABASE"}, {"PGUSER"}, {"PGPASSWORD"}, {"PGSSLMODE"}},
      {{"POSTGRES_HOST"}, {"POSTGRES_PORT"}, {"POSTGRES_DB"}, {"POSTGRES_USER"}, {"POSTGRES_PASSWORD"}, {}},
  };
  return known;
}

std::string_view present(const KeyValues& values, const std::vector<std::string_view>& names) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](std::string_view name) { return values.has(name); });
  return found == names.end() ? std::string_view() : *found;
}

std::string reference(std::string_view variable) {
  return variable.empty() ? std::string() : fmt::format("${{env:{}}}", variable);
}

// From fields, where the file has at least host and database.
bool read_fields(const KeyValues& values, StoreEnvironmentSettings& address,
                 std::vector<std::string>& notes) {
  for (const Names& names : known_names()) {
    if (present(values, names.host).empty() || present(values, names.database).empty()) continue;
    address.host.written = reference(present(values, names.host));
    address.port_reference.written = reference(present(values, names.port));
    address.database.written = reference(present(values, names.database));
    address.user.written = reference(present(values, names.user));
    address.password.written = reference(present(values, names.password));
    if (const auto tls = present(values, names.tls); !tls.empty()) set_tls(address, values.value(tls));
    if (!address.tls_given) connect_as_libpq(address, notes);
    return true;
  }
  return false;
}

bool read_url(const KeyValues& values, StoreEnvironmentSettings& address, std::vector<std::string>& notes) {
  const std::string_view variable = present(values, {"DATABASE_URL", "POSTGRES_URL", "DB_URL"});
  if (variable.empty()) return false;
  const std::string url = values.value(variable);
  StoreEnvironmentSettings read;
  std::vector<std::string> unused;
  if (read_database_url(url, "", "", read, unused) && !read.path.empty()) {
    address.path = read.path;
    return true;
  }
  address.url.written = reference(variable);
  if (url.find("sslmode=") == std::string::npos) connect_as_libpq(address, notes);
  return true;
}

// ".env.test" -> "test".
std::string environment_of(const std::string& file) {
  const std::string name = file.substr(file.rfind('/') + 1);
  const auto parts = split(name, '.');
  return parts.size() > 2 && !parts[2].empty() && parts[2] != "example" ? parts[2] : "local";
}

Status find_migrations(const std::string& folder, Conversion& conversion) {
  MigrationsSettings& migrations = conversion.database.migrations;
  migrations.directory = folder + "/migrations";
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, os::list_tree(folder));
  const std::vector<FoundHistory> found = detect_histories(paths, {});
  if (found.size() == 1) {
    migrations.tool = found[0].tool;
    migrations.directory = below_folder(folder, found[0].folder);
    return {};
  }
  std::vector<std::string> names;
  for (const FoundHistory& one : found)
    names.push_back(one.tool);
  conversion.notes.push_back(
      found.empty()
          ? "no folder of migrations was found whose tool its files tell: format: sql is godwit's own; a "
            "history that the database has: godwit db adopt"
          : "there are migrations of several tools (" + join(names, ", ") +
                "): say which with directory and format, or: godwit db adopt --tool NAME");
  return {};
}

}  // namespace

Result<Conversion> convert_dotenv(const std::string& text, const std::string& file) {
  const KeyValues values = read_dotenv(text);
  Conversion conversion;
  const std::string folder = os::parent_folder(file);
  conversion.project = folder.substr(folder.rfind('/') + 1);
  StoreEnvironmentSettings address;
  if (!read_url(values, address, conversion.notes) && !read_fields(values, address, conversion.notes)) {
    return make_error(ErrorKind::config, fmt::format("{} has no address of a database", file),
                      "known are DATABASE_URL; or DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD; PGHOST …; "
                      "POSTGRES_HOST …");
  }
  if (address.path.empty())
    conversion.notes.push_back("godwit reads the environment of its process, not .env: set -a; . ./" +
                               file.substr(file.rfind('/') + 1) + "; set +a");
  conversion.database.store.environments[environment_of(file)] = std::move(address);
  RETURN_IF_ERROR(find_migrations(folder, conversion));
  return conversion;
}

}  // namespace godwit::schema
