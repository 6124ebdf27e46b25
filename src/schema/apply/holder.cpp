#include "schema/apply/holder.h"

#include "schema/history/sql_text.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

std::string describe(Database& database, const std::string& locks) {
  const auto rows = database.rows(
      "SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'local'), a.state, extract(epoch FROM "
      "pg_catalog.clock_timestamp() - a.backend_start)::bigint FROM pg_catalog.pg_locks l JOIN "
      "pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.granted AND l.database = (SELECT oid FROM "
      "pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AND " +
      locks);
  if (!rows.ok() || rows->empty()) return {};
  const Row& row = rows->at(0);
  return fmt::format("pid {} ({}, from {}, {}, connected for {} s)", row[0].value_or("?"),
                     row[1].value_or("?"), row[2].value_or("?"), row[3].value_or("?"), row[4].value_or("?"));
}

}  // namespace

std::string holder_of_key(Database& database, int64_t key) {
  const auto high = static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32U);
  const auto low = static_cast<uint32_t>(static_cast<uint64_t>(key));
  const std::string holder =
      describe(database, fmt::format("l.locktype = 'advisory' AND l.classid::bigint = {} AND l.objid::bigint "
                                     "= {} AND l.objsubid = 1",
                                     high, low));
  return holder.empty() ? "its holder is gone by now" : holder;
}

std::string holder_of_row(Database& database, const ForeignLock& lock) {
  if (!lock.row_holder_sql.empty()) {
    const auto named = database.rows(lock.row_holder_sql);
    if (named.ok() && !named->empty()) return named->at(0).at(0).value_or("");
  }
  if (lock.row_table.empty()) return {};
  return describe(database,
                  fmt::format("l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.relation = "
                              "pg_catalog.to_regclass({}) ORDER BY a.xact_start",
                              literal(lock.row_table, sql::Dialect::postgres)));
}

}  // namespace godwit::schema
