#include "schema/database/database.h"

#include "schema/database/postgres.h"
#include "schema/database/sqlite.h"

namespace godwit::schema {

bool is_undefined_table(const Database& database, const Error& error) {
  if (database.dialect() == sql::Dialect::postgres)
    return error.sqlstate == "42P01" || error.sqlstate == "3F000";
  return database.refusal() && database.refusal()->message.find("no such table") != std::string::npos;
}

Result<std::unique_ptr<Database>> open_database(const StoreEndpoint& endpoint,
                                                const std::atomic<bool>* cancel) {
  if (endpoint.kind == "postgres") return open_postgres_database(endpoint, cancel);
  if (endpoint.kind == "sqlite") return open_sqlite_database(endpoint, cancel);
  Error error = make_error(ErrorKind::config, "database " + endpoint.store + " is of kind " + endpoint.kind,
                           "kinds are: postgres, sqlite");
  error.where = endpoint.where;
  return error;
}

}  // namespace godwit::schema
