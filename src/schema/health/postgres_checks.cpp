// What a PostgreSQL server is asked of itself and of the account. Catalogs: PostgreSQL documentation,
// chapters "System Catalogs", "Monitoring Database Activity", "System Administration Functions".
#include "base/text.h"
#include "schema/apply/lease.h"
#include "schema/apply/lock.h"
#include "schema/health/checks.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

#include <cmath>

namespace godwit::schema {

namespace {

Result<Row> one_row(Database& database, const std::string& sql) {
  ASSIGN_OR_RETURN(const auto rows, database.rows(sql));
  if (rows.size() != 1) return make_error(ErrorKind::failed, "the server did not answer with one row");
  return rows[0];
}

std::string text_of(std::string_view value) {
  return literal(value, sql::Dialect::postgres);
}

// "public.schema_migrations" as it stands in the server: for to_regclass.
std::string quoted_table(const History& history) {
  const std::string table = history.table();
  const size_t dot = table.find('.');
  return dot == std::string::npos ? qualified("", table)
                                  : qualified(table.substr(0, dot), table.substr(dot + 1));
}

}  // namespace

Result<Found> encrypted(Database& database, const StoreEndpoint& endpoint) {
  ASSIGN_OR_RETURN(const Row row,
                   one_row(database,
                           "SELECT ssl, version, cipher, pg_catalog.inet_server_addr() IS NULL FROM "
                           "pg_catalog.pg_stat_ssl WHERE pid = pg_catalog.pg_backend_pid()"));
  const std::string mode(to_string(endpoint.tls));
  Found found;
  found.ok = true;  // libpq would not have connected with less than was asked for
  found.threshold = "tls: " + mode;
  if (is_true(row[0])) {
    found.measured = row[1].value_or("TLS");
    found.message = fmt::format("{}, {}", found.measured, row[2].value_or(""));
  } else {
    found.measured = is_true(row[3]) ? "local socket" : "not encrypted";
    found.message = fmt::format("{}, as tls: {} allows", found.measured, mode);
  }
  return found;
}

Result<Found> new_enough(const Database& database, double minimum) {
  const int number = database.server_version_number();
  const auto wanted = static_cast<int>(std::ceil(minimum)) * 10000;
  Found found;
  found.ok = number >= wanted;
  found.measured = database.server_version();
  found.threshold = fmt::format("{}", minimum);
  found.message = fmt::format("{}, at least {} wanted", found.measured, found.threshold);
  return found;
}

Result<Found> may_write(Database& database) {
  ASSIGN_OR_RETURN(const Row row, one_row(database,
                                          "SELECT pg_catalog.pg_is_in_recovery(), "
                                          "pg_catalog.current_setting('transaction_read_only')"));
  if (is_true(row[0]))
    return Found{false, "the server is a standby in recovery: it cannot be written", "standby", "primary"};
  if (row[1] == "on")
    return Found{false, "sessions of this account are read-only (default_transaction_read_only)", "read-only",
                 "read-write"};
  return Found{true, "a primary, and the session may write", "primary", "primary"};
}

Result<Found> has_privileges(Database& database, const History& history) {
  ASSIGN_OR_RETURN(
      const Row row,
      one_row(database,
              fmt::format(
                  "SELECT current_user, pg_catalog.current_schema(), "
                  "pg_catalog.has_schema_privilege(pg_catalog.current_schema(), 'CREATE'), "
                  "pg_catalog.to_regnamespace('godwit') IS NOT NULL, "
                  "CASE WHEN pg_catalog.to_regnamespace('godwit') IS NULL THEN "
                  "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') ELSE "
                  "pg_catalog.has_schema_privilege('godwit', 'CREATE') END, "
                  "(SELECT pg_catalog.pg_has_role(relowner, 'MEMBER') FROM pg_catalog.pg_class WHERE oid = "
                  "pg_catalog.to_regclass({}))",
                  text_of(quoted_table(history)))));
  std::vector<std::string> missing;
  if (!row[1])
    missing.emplace_back("a schema of its search_path");
  else if (!is_true(row[2]))
    missing.push_back("CREATE in schema " + *row[1]);
  if (!is_true(row[4]))
    missing.emplace_back(is_true(row[3]) ? "CREATE in schema godwit" : "CREATE in the database");
  if (row[5] && !is_true(row[5])) missing.push_back("ownership of " + history.table());
  const std::string user = row[0].value_or("");
  return Found{missing.empty(),
               missing.empty() ? user + " may create what migrations create"
                               : fmt::format("{} has not: {}", user, join(missing, ", ")),
               missing.empty() ? "all" : "missing: " + join(missing, ", "), "all"};
}

Result<Found> no_long_transaction(Database& database, double limit_s) {
  ASSIGN_OR_RETURN(
      const auto rows,
      database.rows(
          "SELECT pid, coalesce(nullif(application_name, ''), '?'), coalesce(state, '?'), "
          "extract(epoch FROM pg_catalog.clock_timestamp() - xact_start)::bigint FROM "
          "pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND pid <> "
          "pg_catalog.pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL "
          "ORDER BY xact_start"));
  Found found;
  found.threshold = fmt::format("{} s", limit_s);
  found.measured = rows.empty() ? "0 s" : rows[0][3].value_or("0") + " s";
  size_t long_ones = 0;
  for (const Row& row : rows)
    long_ones += std::stod(row[3].value_or("0")) > limit_s ? 1U : 0U;
  found.ok = long_ones == 0;
  found.message = rows.empty() ? "no open transaction"
                               : fmt::format("{} open transaction(s), the oldest {} s: pid {} ({}, {})",
                                             rows.size(), rows[0][3].value_or("0"), rows[0][0].value_or("?"),
                                             rows[0][1].value_or("?"), rows[0][2].value_or("?"));
  return found;
}

Result<Found> no_lock_held(Database& database, const History& history) {
  std::vector<int64_t> keys = history.lock(database.name()).advisory_keys;
  keys.insert(keys.begin(), own_lock_key(history));
  std::vector<std::string> pairs;
  for (const int64_t key : keys) {
    pairs.push_back(fmt::format("({}, {})", static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32U),
                                static_cast<uint32_t>(static_cast<uint64_t>(key))));
  }
  ASSIGN_OR_RETURN(
      const auto rows,
      database.rows(fmt::format(
          "SELECT l.pid, coalesce(nullif(a.application_name, ''), '?'), CASE WHEN l.locktype = 'advisory' "
          "THEN 'the lock of the history' ELSE l.mode || ' on ' || l.relation::pg_catalog.regclass END, "
          "extract(epoch FROM pg_catalog.clock_timestamp() - coalesce(a.xact_start, "
          "a.backend_start))::bigint "
          "FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid LEFT JOIN "
          "pg_catalog.pg_class c ON c.oid = l.relation WHERE l.granted AND l.pid <> "
          "pg_catalog.pg_backend_pid() AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE "
          "datname "
          "= pg_catalog.current_database()) AND (l.locktype = 'advisory' AND l.objsubid = 1 AND "
          "(l.classid::bigint, l.objid::bigint) IN ({}) OR l.locktype = 'relation' AND c.relkind IN ('r', "
          "'p', 'm', 'v', 'S') AND c.relnamespace <> 'pg_catalog'::pg_catalog.regnamespace AND l.mode IN "
          "('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) ORDER BY 1, 3",
          join(pairs, ", "))));
  std::vector<std::string> held;
  ASSIGN_OR_RETURN(const auto lease, lease_holder(database, history));
  if (lease) held.push_back("the lock of the history: " + *lease);
  for (const Row& row : rows) {
    held.push_back(fmt::format("{} is held by pid {} ({}) for {} s", row[2].value_or("?"),
                               row[0].value_or("?"), row[1].value_or("?"), row[3].value_or("?")));
  }
  return Found{held.empty(),
               held.empty() ? "nobody holds a lock that a migration waits for" : join(held, "; "),
               fmt::format("{}", held.size()), "0"};
}

Result<Found> replicas_keep_up(Database& database, double limit_s) {
  ASSIGN_OR_RETURN(
      const Row row,
      one_row(database,
              "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.pg_has_role(current_user, "
              "'pg_read_all_stats', 'USAGE'), (SELECT count(*) FROM pg_catalog.pg_stat_replication), "
              "(SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::numeric(12, 1) FROM "
              "pg_catalog.pg_stat_replication), CASE WHEN pg_catalog.pg_is_in_recovery() THEN "
              "coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - "
              "pg_catalog.pg_last_xact_replay_timestamp()), 0)::numeric(12, 1) END"));
  const bool standby = is_true(row[0]);
  const std::string replicas = row[2].value_or("0");
  Found found;
  found.threshold = fmt::format("{} s", limit_s);
  if (!standby && replicas != "0" && !is_true(row[1])) {
    found.message = replicas + " standby(s), whose lag this account may not see (pg_read_all_stats)";
    return found;
  }
  const std::string lag = (standby ? row[4] : row[3]).value_or("0");
  found.measured = lag + " s";
  found.ok = std::stod(lag) <= limit_s;
  found.message = standby           ? fmt::format("a standby, {} s behind", lag)
                  : replicas == "0" ? "no standby"
                                    : fmt::format("{} standby(s), at most {} s behind", replicas, lag);
  return found;
}

Result<Found> connections_left(Database& database, double wanted) {
  ASSIGN_OR_RETURN(
      const Row row,
      one_row(database,
              "SELECT least(pg_catalog.current_setting('max_connections')::int - CASE WHEN r.rolsuper THEN 0 "
              "ELSE pg_catalog.current_setting('superuser_reserved_connections')::int END - (SELECT "
              "sum(numbackends) FROM pg_catalog.pg_stat_database), CASE WHEN d.datconnlimit >= 0 AND NOT "
              "r.rolsuper THEN d.datconnlimit - pg_catalog.pg_stat_get_db_numbackends(d.oid) END), "
              "pg_catalog.current_setting('max_connections') FROM pg_catalog.pg_roles r, "
              "pg_catalog.pg_database d WHERE r.rolname = current_user AND d.datname = "
              "pg_catalog.current_database()"));
  Found found;
  found.measured = row[0].value_or("0");
  found.threshold = fmt::format("{}", wanted);
  found.ok = std::stod(found.measured) >= wanted;
  found.message = fmt::format("{} connection(s) free of {}, {} wanted", found.measured, row[1].value_or("?"),
                              found.threshold);
  return found;
}

}  // namespace godwit::schema
