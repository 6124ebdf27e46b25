#include "schema/catalog/recorded.h"

#include "schema/catalog/rights.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

const char* table_of(const Database& database) {
  return database.dialect() == sql::Dialect::postgres ? "godwit.catalog" : "godwit_catalog";
}

}  // namespace

Result<std::optional<RecordedCatalog>> read_recorded_catalog(Database& database, const History& history) {
  const auto rows =
      database.rows(fmt::format("SELECT run, CAST(taken_at AS text), fingerprint, snapshot FROM {} WHERE "
                                "history = {} ORDER BY id DESC LIMIT 1",
                                table_of(database), history_text(database, history)));
  if (!rows.ok()) {
    if (is_undefined_table(database, rows.error())) return std::optional<RecordedCatalog>();
    return rows.error();
  }
  if (rows->empty()) return std::optional<RecordedCatalog>();
  const Row& row = rows->front();
  RecordedCatalog recorded{row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), {}};
  ASSIGN_OR_RETURN(recorded.snapshot, Snapshot::parse(row[3].value_or("")));
  return std::optional<RecordedCatalog>(std::move(recorded));
}

Status record_catalog(Database& database, const History& history, const std::string& run,
                      const std::string& guard) {
  ASSIGN_OR_RETURN(const Snapshot snapshot, take_snapshot(database, history));
  const bool postgres = database.dialect() == sql::Dialect::postgres;
  const char* table = table_of(database);
  const std::string of_history = history_text(database, history);
  std::vector<std::string> message = {postgres ? "BEGIN" : "BEGIN IMMEDIATE"};
  if (!guard.empty()) message.push_back(guard);
  if (postgres) message.emplace_back("SET LOCAL client_min_messages = warning");
  message.push_back(fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (id {}, history text NOT NULL, run text NOT NULL, taken_at {} NOT NULL, "
      "fingerprint text NOT NULL, snapshot text NOT NULL)",
      table,
      postgres ? "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY" : "integer PRIMARY KEY AUTOINCREMENT",
      postgres ? "timestamptz" : "text"));
  // The server writes down its owners and privileges by itself.
  if (postgres) message.push_back(fmt::format("ALTER TABLE {} ADD COLUMN IF NOT EXISTS rights text", table));
  message.push_back(fmt::format(
      "INSERT INTO {} (history, run, taken_at, fingerprint, snapshot{}) VALUES ({}, {}, {}, {}, {}{})", table,
      postgres ? ", rights" : "", of_history, literal(run, database.dialect()), database.now(),
      literal(snapshot.fingerprint(), database.dialect()), literal(snapshot.text(), database.dialect()),
      postgres ? ", " + rights_query() : ""));
  message.push_back(fmt::format(
      "DELETE FROM {0} WHERE history = {1} AND id NOT IN (SELECT id FROM {0} WHERE history = {1} ORDER BY "
      "id DESC LIMIT {2})",
      table, of_history, recorded_catalogs_kept));
  message.emplace_back("COMMIT");
  return database.run(message);
}

}  // namespace godwit::schema
