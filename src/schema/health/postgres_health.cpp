// A PostgreSQL server: first whether it can be reached, and where that ends; then everything else.
#include "schema/health/checks.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

enum class Reach : uint8_t { nothing, server, encryption, all };

// How far a connection that failed has come. libpq tells its own failures in English, the server's have a
// SQLSTATE.
Reach reach_of(const Error& error) {
  if (error.kind == ErrorKind::credentials) return Reach::encryption;
  const std::string text = error.text();
  if (text.find("SSL") != std::string::npos || text.find("certificate") != std::string::npos)
    return Reach::server;
  return Reach::nothing;
}

Result<Found> step(bool reached, const std::string& message, const Status& status) {
  if (!reached) return status.error();
  return Found{true, message, "", ""};
}

void tell_connection(CheckList& checks, Database* database, const StoreEndpoint& endpoint,
                     const Status& status) {
  const Reach reach = status.ok() ? Reach::all : reach_of(status.error());
  checks.make("connect", [&](const CheckLimits&) {
    return step(reach >= Reach::server, "Database connection successful", status);
  });
  if (reach == Reach::nothing) {
    checks.skip("tls", "no connection");
    checks.skip("credentials", "no connection");
    return;
  }
  checks.make("tls", [&](const CheckLimits&) -> Result<Found> {
    if (reach == Reach::server) return status.error();
    if (database == nullptr) return Found{true, "as asked for", "", ""};
    return encrypted(*database, endpoint);
  });
  if (reach == Reach::server) {
    checks.skip("credentials", "no connection");
    return;
  }
  checks.make("credentials", [&](const CheckLimits&) {
    return step(reach == Reach::all, "the server takes the account", status);
  });
}

int64_t size_of(Database& database) {
  const auto rows = database.rows("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::text");
  return rows.ok() && !rows->empty() ? std::stoll(rows->at(0).at(0).value_or("0")) : -1;
}

void look_at_server(Database& database, const History& history, CheckList& checks) {
  checks.ask("server_version", database,
             [&](const CheckLimits& limits) { return new_enough(database, limits.limit); });
  checks.ask("recovery", database, [&](const CheckLimits&) { return may_write(database); });
  checks.ask("privileges", database, [&](const CheckLimits&) { return has_privileges(database, history); });
  checks.ask("long_transactions", database,
             [&](const CheckLimits& limits) { return no_long_transaction(database, limits.limit); });
  checks.ask("locks", database, [&](const CheckLimits&) { return no_lock_held(database, history); });
  checks.ask("replication_lag", database,
             [&](const CheckLimits& limits) { return replicas_keep_up(database, limits.limit); });
  checks.ask("connections", database,
             [&](const CheckLimits& limits) { return connections_left(database, limits.limit); });
}

}  // namespace

void look_at_postgres(const Target& target, const Services& services, const History& history,
                      CheckList& checks, Status& reached) {
  StoreEndpoint endpoint = target.endpoint;
  endpoint.connect_timeout_s =
      static_cast<int>(std::max<int64_t>(1, (checks.limits("connect").timeout_ms + 999) / 1000));
  auto opened = open_database(endpoint, services.cancel);
  if (!opened.ok()) reached = opened.error();
  Database* database = opened.ok() ? opened->get() : nullptr;
  tell_connection(checks, database, endpoint, reached);
  if (database == nullptr) {
    for (const char* name :
         {"server_version", "recovery", "privileges", "long_transactions", "locks", "replication_lag",
          "connections", "disk_space", "server_disk", "history", "extensions"})
      checks.skip(name, "no connection");
    return;
  }
  look_at_server(*database, history, checks);
  checks.ask("disk_space", *database, [&](const CheckLimits& limits) -> Result<Found> {
    if (target.gates.backup == "none")
      return Found{std::nullopt, "this environment takes no backups", "", ""};
    const int64_t bytes = size_of(*database);
    if (bytes < 0) return make_error(ErrorKind::failed, "the size of the database cannot be asked");
    return enough_disk(target.backup_directory, bytes, limits.limit);
  });
  checks.ask("server_disk", *database,
             [&](const CheckLimits& limits) { return server_disk(*database, limits.limit); });
  Result<Overview> overview = make_error(ErrorKind::failed, "the history was not read");
  checks.ask("history", *database, [&](const CheckLimits&) {
    overview = overview_of(*database, history, target);
    return history_in_order(overview);
  });
  checks.ask("extensions", *database, [&](const CheckLimits&) -> Result<Found> {
    if (!overview.ok()) return Found{std::nullopt, "the history was not read", "", ""};
    return extensions_offered(*database, overview->state.folder);
  });
}

}  // namespace godwit::schema
