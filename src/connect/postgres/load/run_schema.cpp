#include "connect/postgres/load/run_schema.h"

#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"
#include "pg/session.h"
#include "pg/transaction.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {
namespace {

// Any fixed number: serialises the creation of the schema among godwits.
constexpr const char* creation_lock = "7236842189415421007";

constexpr const char* tables =
    "CREATE SCHEMA IF NOT EXISTS godwit;"
    "CREATE TABLE IF NOT EXISTS godwit.run (run text, store text, pipeline text NOT NULL, scope text NOT "
    "NULL, "
    "plan_hash text NOT NULL, strategy text NOT NULL, state text NOT NULL DEFAULT 'committed' "
    "CHECK (state IN ('committed', 'undone')), xid text NOT NULL DEFAULT pg_current_xact_id()::text, "
    "started timestamptz NOT NULL DEFAULT now(), undone timestamptz, PRIMARY KEY (run, store));"
    "CREATE TABLE IF NOT EXISTS godwit.lane (run text, store text, lane int, lanes int NOT NULL, "
    "table_schemas text[] NOT NULL, table_names text[] NOT NULL, xid text NOT NULL DEFAULT "
    "pg_current_xact_id()::text, PRIMARY KEY (run, store, lane));"
    "CREATE TABLE IF NOT EXISTS godwit.undo_table (run text, store text, ordinal int, load_group int NOT "
    "NULL, "
    "dataset text NOT NULL, table_schema text NOT NULL, table_name text NOT NULL, "
    "kind text NOT NULL, key_columns text[] NOT "
    "NULL, "
    "key_types text[] NOT NULL, whole_rows boolean NOT NULL, triggers text NOT NULL, "
    "row_count bigint NOT NULL, row_columns text[], row_types text[], PRIMARY KEY (run, store, ordinal));"
    "CREATE INDEX IF NOT EXISTS undo_table_relation ON godwit.undo_table (table_schema, table_name, kind);"
    "CREATE TABLE IF NOT EXISTS godwit.undo_key (run text, store text, ordinal int, part int, column_number "
    "int, "
    "integers bigint[], texts text[], packed bytea, PRIMARY KEY (run, store, ordinal, part, column_number));"
    "CREATE TABLE IF NOT EXISTS godwit.undo_row (run text, store text, ordinal int, key text[] NOT NULL, "
    "before text NOT NULL, after_digest text NOT NULL);"
    "CREATE INDEX IF NOT EXISTS undo_row_run ON godwit.undo_row (run, store, ordinal);"
    "CREATE TABLE IF NOT EXISTS godwit.format (version int PRIMARY KEY);"
    "INSERT INTO godwit.format VALUES (5) ON CONFLICT DO NOTHING;"
    // Rows of undo records are rows of the data: only the account that loads may read them.
    "REVOKE ALL ON ALL TABLES IN SCHEMA godwit FROM PUBLIC;";

// Version 1 knew no hashes of inserted rows, version 2 no deleted ones, version 3 no lanes, version 4 no
// packed numbers.
constexpr const char* later_versions =
    // Compressing keys costs more than it saves.
    "ALTER TABLE godwit.undo_key ADD COLUMN IF NOT EXISTS packed bytea, ALTER integers SET STORAGE EXTERNAL, "
    "ALTER packed SET STORAGE EXTERNAL;"
    "ALTER TABLE godwit.undo_table ADD COLUMN IF NOT EXISTS row_columns text[], "
    "ADD COLUMN IF NOT EXISTS row_types text[], DROP CONSTRAINT IF EXISTS undo_table_kind_check, "
    "ADD CONSTRAINT undo_table_kind_check CHECK (kind IN ('insert', 'shared', 'reference', 'update', "
    "'delete'));";

constexpr int64_t known_format = 5;

// 0 = there is no schema. What a newer godwit wrote is not read: it may mean something else.
Result<int64_t> format_of(pg::Session& session) {
  ASSIGN_OR_RETURN(const pg::Rows there, session.query("SELECT to_regclass('godwit.format') IS NOT NULL"));
  if (!there.boolean(0, 0)) return 0;
  ASSIGN_OR_RETURN(const pg::Rows rows, session.query("SELECT coalesce(max(version), 1) FROM godwit.format"));
  const int64_t format = rows.number(0, 0);
  if (format <= known_format) return format;
  return make_error(
      ErrorKind::config,
      fmt::format("schema godwit of the target has format {}, this godwit knows {}", format, known_format),
      "use the godwit that wrote it, or a newer one");
}

}  // namespace

Result<bool> has_run_schema(pg::Session& session) {
  ASSIGN_OR_RETURN(const int64_t format, format_of(session));
  return format > 0;
}

Status ensure_run_schema(pg::Session& session) {
  ASSIGN_OR_RETURN(const int64_t format, format_of(session));
  if (format == known_format) return {};
  ASSIGN_OR_RETURN(pg::Transaction transaction, pg::Transaction::begin(session));
  if (auto lock = session.query(std::string("SELECT pg_advisory_xact_lock(") + creation_lock + ")");
      !lock.ok()) {
    return lock.error();
  }
  if (const Status created = session.run(std::string(tables) + later_versions); !created.ok()) {
    Error refused = at("schema godwit of the target cannot be made", created.error());
    if (refused.sqlstate == "42501") {
      refused.kind = ErrorKind::gate;
      refused.hint = "grant CREATE on the database to the account, or create schema godwit and let it own it";
    }
    return refused;
  }
  return transaction.commit();
}

Result<bool> may_have_run_schema(pg::Session& session) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session.query("SELECT CASE WHEN to_regnamespace('godwit') IS NULL "
                                 "THEN has_database_privilege(current_database(), 'CREATE') "
                                 "ELSE has_schema_privilege('godwit', 'USAGE, CREATE') END"));
  return rows.boolean(0, 0);
}

Status write_marker(pg::Session& session, const RunMarker& marker) {
  auto written = session.query(
      "INSERT INTO godwit.run (run, store, pipeline, scope, plan_hash, strategy) VALUES ($1, $2, $3, $4, $5, "
      "$6)",
      {marker.run, marker.store, marker.pipeline, marker.scope, marker.plan_hash, marker.strategy});
  if (written.ok()) return {};
  if (written.error().sqlstate == "23505") {
    return make_error(ErrorKind::failed, "run " + marker.run + " is in store " + marker.store + " already",
                      "it was committed before: see godwit status");
  }
  return at("writing the marker row", written.error());
}

Result<std::optional<std::string>> marker_state(pg::Session& session, const std::string& run,
                                                const std::string& store) {
  ASSIGN_OR_RETURN(const bool there, has_run_schema(session));
  if (!there) return std::optional<std::string>();
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session.query("SELECT state FROM godwit.run WHERE run = $1 AND store = $2", {run, store}));
  return rows.empty() ? std::nullopt : rows.optional(0, 0);
}

Status write_lane_marker(pg::Session& session, const RunMarker& marker, const LaneMarker& lane) {
  std::vector<std::string> schemas;
  std::vector<std::string> names;
  for (const TableName& table : lane.tables) {
    schemas.push_back(table.schema);
    names.push_back(table.name);
  }
  auto written = session.query(
      "INSERT INTO godwit.lane (run, store, lane, lanes, table_schemas, table_names) VALUES "
      "($1, $2, $3::int, $4::int, $5::text[], $6::text[])",
      {marker.run, marker.store, std::to_string(lane.lane), std::to_string(lane.lanes),
       array_literal(schemas), array_literal(names)});
  if (written.ok()) return {};
  return at("writing the marker row of connection " + std::to_string(lane.lane), written.error());
}

Result<std::vector<LaneMarker>> lane_markers(pg::Session& session, const std::string& run,
                                             const std::string& store) {
  std::vector<LaneMarker> markers;
  ASSIGN_OR_RETURN(const pg::Rows there, session.query("SELECT to_regclass('godwit.lane') IS NOT NULL"));
  if (!there.boolean(0, 0)) return markers;
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query("SELECT l.lane, l.lanes, l.xid, t.schema, t.name FROM godwit.lane l LEFT JOIN "
                    "LATERAL unnest(l.table_schemas, l.table_names) AS t(schema, name) ON true "
                    "WHERE l.run = $1 AND l.store = $2 ORDER BY l.lane",
                    {run, store}));
  for (size_t row = 0; row < rows.size(); ++row) {
    const int lane = static_cast<int>(rows.number(row, 0));
    if (markers.empty() || markers.back().lane != lane)
      markers.push_back({lane, static_cast<int>(rows.number(row, 1)), {}, rows.string(row, 2)});
    if (!rows.is_null(row, 4)) markers.back().tables.push_back({rows.string(row, 3), rows.string(row, 4)});
  }
  return markers;
}

}  // namespace godwit::connect::postgres
