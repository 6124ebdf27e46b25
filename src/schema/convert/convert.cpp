#include "schema/convert/convert.h"

#include "os/files.h"
#include "schema/convert/sources.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Result<Conversion> convert_known(const std::string& file, const Services& services) {
  const std::string name = name_of(file);
  if (name.starts_with("knexfile.")) return convert_knexfile(file, services);
  if (name.ends_with(".ini") || name == "pyproject.toml") return convert_alembic(file);
  ASSIGN_OR_RETURN(const std::string text, os::read_file(file));
  if (name.starts_with("devflow.")) return convert_devflow(text, file);
  if (name == "config.toml") return convert_supabase(text, file);
  if (name.starts_with("flyway.") || name.starts_with("flyway-")) return convert_flyway(text, file);
  if (name.starts_with(".env")) return convert_dotenv(text, file);
  return make_error(
      ErrorKind::usage, fmt::format("{} is no configuration that is known by its name", file),
      "known are: devflow.yml, alembic.ini, pyproject.toml, knexfile.js, supabase/config.toml, flyway.conf, "
      "flyway.toml, .env");
}

}  // namespace

std::string below_folder(const std::string& folder, const std::string& written) {
  if (written.starts_with('/')) return written;
  std::string rest = written;
  while (rest.starts_with("./"))
    rest.erase(0, 2);
  while (rest.ends_with('/'))
    rest.pop_back();
  return rest.empty() || rest == "." ? folder : folder + "/" + rest;
}

Result<Conversion> convert_configuration(const std::string& written, const Services& services) {
  const std::string file = os::absolute_path(written);
  if (!os::exists(file)) return make_error(ErrorKind::usage, fmt::format("there is no file {}", written));
  ASSIGN_OR_RETURN(Conversion conversion, convert_known(file, services));
  DatabaseSettings& database = conversion.database;
  database.store.name = "app";
  database.store.kind = "postgres";
  for (const auto& [name, address] : database.store.environments) {
    if (!address.path.empty()) database.store.kind = "sqlite";
  }
  if (database.store.environments.empty()) {
    return make_error(ErrorKind::config, fmt::format("{} names no database that godwit knows", written),
                      "PostgreSQL and SQLite are known");
  }
  return conversion;
}

}  // namespace godwit::schema
