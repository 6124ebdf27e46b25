#include "duck/database.h"

#include "base/text.h"
#include "duck/capi/database_state.h"
#include "duck/capi/error_text.h"
#include "duck/capi/glob_pattern.h"
#include "duck/capi/handles.h"
#include "duck/capi/row_digest_functions.h"

#include <filesystem>
#include <utility>

namespace godwit::duck {
namespace {

class OpenDatabase final : public Database {
 public:
  explicit OpenDatabase(std::shared_ptr<DatabaseState> state) : state_(std::move(state)) {}
  Result<std::unique_ptr<Connection>> connect() override { return make_connection(state_); }

 private:
  std::shared_ptr<DatabaseState> state_;
};

Status check_options(const DatabaseOptions& options) {
  std::error_code ignored;
  if (options.folder.empty() || options.folder.front() != '/' ||
      !std::filesystem::is_directory(options.folder, ignored)) {
    return make_error(ErrorKind::io,
                      "duckdb: the folder " + options.folder + " is not an absolute path of a directory");
  }
  if (options.memory_limit_mb < 16 || options.threads < 1) {
    return make_error(ErrorKind::config, "duckdb: memory limit below 16 MB or no thread");
  }
  return {};
}

Result<ConfigHandle> make_config(const DatabaseOptions& options) {
  const std::pair<const char*, std::string> settings[] = {
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      // Rows of several lanes would otherwise be put in order, in memory.
      {"preserve_insertion_order", "false"},
      {"memory_limit", std::to_string(options.memory_limit_mb) + "MiB"},
      {"threads", std::to_string(options.threads)},
      {"temp_directory", options.temp_directory},
  };
  ConfigHandle config;
  if (library().create_config(config.out()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "duckdb: cannot create a configuration");
  }
  for (const auto& [name, value] : settings) {
    if (library().set_config(config.get(), name, value.c_str()) != DuckDBSuccess) {
      return make_error(ErrorKind::failed,
                        std::string("duckdb: this library does not know the setting ") + name,
                        "use the pinned library: scripts/fetch-duckdb");
    }
  }
  return config;
}

// The order matters: directories before access is taken away, the lock last.
std::string sandbox_sql(const DatabaseOptions& options) {
  // Patterns are compared as they stand before they are expanded: hence the folder as a pattern, too.
  std::string directories = quote_literal(options.folder);
  if (const std::string pattern = glob_pattern(options.folder); pattern != options.folder) {
    directories += ", " + quote_literal(pattern);
  }
  return "SET GLOBAL TimeZone = 'UTC'; SET GLOBAL allowed_directories = [" + directories +
         "]; SET GLOBAL enable_external_access = false; SET GLOBAL lock_configuration = true";
}

Status register_digest(const DatabaseState& state) {
  ConnectionHandle connection;
  if (library().connect(state.handle.get(), connection.out()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "duckdb: cannot connect");
  }
  return create_digest_aggregate(connection.get());
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  RETURN_IF_ERROR(check_options(options));
  RETURN_IF_ERROR(load_once<Library>());
  ASSIGN_OR_RETURN(const ConfigHandle config, make_config(options));
  auto state = std::make_shared<DatabaseState>();
  char* message = nullptr;
  if (library().open_ext(nullptr, state->handle.out(), config.get(), &message) != DuckDBSuccess) {
    Error error = make_error(ErrorKind::failed,
                             "duckdb: cannot open: " + safe_error_text(message == nullptr ? "" : message));
    library().free(message);
    return error;
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, make_connection(state));
  RETURN_IF_ERROR(connection->register_scalar(row_hash_function()));
  RETURN_IF_ERROR(register_digest(*state));
  RETURN_IF_ERROR(connection->run(sandbox_sql(options)));
  return std::unique_ptr<Database>(std::make_unique<OpenDatabase>(std::move(state)));
}

std::string Database::library_version() {
  return library().library_version();
}

}  // namespace godwit::duck
