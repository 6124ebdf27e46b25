#include "connect/postgres/undo/undo_records.h"

#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/read/scan_sql.h"
#include "pg/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace godwit::connect::postgres {
namespace {

std::vector<std::string> strings(const pg::Rows& rows, size_t row, size_t column) {
  const std::string_view text = rows.text(row, column);
  return nlohmann::json::parse(text.begin(), text.end()).get<std::vector<std::string>>();
}

TriggerPolicy policy_from(std::string_view text) {
  return text == "disable" ? TriggerPolicy::disable : TriggerPolicy::fire;
}

// Records of one store may be read by another session's run: the columns say how they were packed.
constexpr const char* records_select =
    "SELECT u.ordinal, u.load_group, u.dataset, u.table_schema, u.table_name, u.kind, "
    "to_json(u.key_columns), "
    "to_json(u.key_types), u.whole_rows, u.triggers, u.row_count, "
    "(SELECT json_agg(k.integers IS NOT NULL OR k.packed IS NOT NULL ORDER BY k.column_number) FROM "
    "godwit.undo_key k "
    "WHERE k.run = u.run AND k.store = u.store AND k.ordinal = u.ordinal AND k.part = 0), u.run, u.store, "
    "to_json(u.row_columns), to_json(u.row_types) "
    "FROM godwit.undo_table u JOIN godwit.run r ON r.run = u.run AND r.store = u.store ";

void read_row_columns(const pg::Rows& rows, size_t row, UndoRecord& record) {
  if (rows.is_null(row, 14) || rows.is_null(row, 15)) return;
  const std::vector<std::string> names = strings(rows, row, 14);
  const std::vector<std::string> types = strings(rows, row, 15);
  for (size_t i = 0; i < names.size() && i < types.size(); ++i) {
    const auto column = staging_from(names[i], types[i]);
    if (column) record.row_columns.push_back(*column);
  }
  if (record.row_columns.size() != names.size()) record.row_columns.clear();
}

UndoRecord record_of(const pg::Rows& rows, size_t row) {
  UndoRecord record;
  record.ordinal = static_cast<int>(rows.number(row, 0));
  record.group = static_cast<int>(rows.number(row, 1));
  record.dataset = rows.string(row, 2);
  record.table = {rows.string(row, 3), rows.string(row, 4)};
  record.kind = rows.string(row, 5);
  record.identity.columns = strings(rows, row, 6);
  record.identity.types = strings(rows, row, 7);
  record.identity.whole_rows = rows.boolean(row, 8);
  record.triggers = policy_from(rows.text(row, 9));
  record.rows = rows.number(row, 10);
  record.identity.integers.assign(record.identity.columns.size(), false);
  read_row_columns(rows, row, record);
  if (rows.is_null(row, 11)) return record;
  const std::string_view packed = rows.text(row, 11);
  const auto integers = nlohmann::json::parse(packed.begin(), packed.end()).get<std::vector<bool>>();
  for (size_t i = 0; i < integers.size() && i < record.identity.integers.size(); ++i) {
    record.identity.integers[i] = integers[i];
  }
  record.hashed = !record.identity.whole_rows && integers.size() > record.identity.columns.size();
  return record;
}

constexpr const char* is_shared = "u.kind = 'shared' AND $3::text IS NOT NULL AND $4::text IS NOT NULL";

// UNION ALL of the unpacked keys of every record that the condition finds for the table.
Result<std::string> keys_of_others(pg::Session& session, const TableName& table, const RowIdentity& identity,
                                   const std::string& condition, const std::string& run,
                                   const std::string& store) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session.query(std::string(records_select) +
                                     "WHERE u.table_schema = $1 AND u.table_name = $2 AND " + condition,
                                 {table.schema, table.name, run, store}));
  std::string sql;
  for (size_t row = 0; row < rows.size(); ++row) {
    const UndoRecord other = record_of(rows, row);
    // Another key than ours: the table was changed in between, and the rows cannot be compared.
    if (other.identity.columns != identity.columns) continue;
    sql += (sql.empty() ? "" : " UNION ALL ") +
           unpack_keys_sql(other.identity, rows.string(row, 12), rows.string(row, 13), other.ordinal);
  }
  return sql;
}

std::string key_list(const RowIdentity& identity) {
  std::string list;
  for (size_t i = 0; i < identity.parts(); ++i)
    list += fmt::format("{}k{}", i == 0 ? "" : ", ", i);
  return list;
}

// The transactions of runs that have records of `kind` of the table, as an array of xid; of a run over
// several connections, all of theirs. A marker row that another transaction wrote came out of a dump, over
// replication or from an undo: its rows' transactions say nothing. Nor do those that are so old that their
// numbers may be used again.
Result<std::string> writers_of(pg::Session& session, const UndoRecord& record, const std::string& kind,
                               const std::optional<std::string>& run,
                               const std::optional<std::string>& store) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query(
          "SELECT array_agg(DISTINCT r.xid)::text FROM (SELECT run, store, xid, xmin FROM godwit.run "
          "UNION ALL SELECT run, store, xid, xmin FROM godwit.lane) r JOIN godwit.undo_table u ON "
          "u.run = r.run AND u.store = r.store WHERE u.table_schema = $1 AND u.table_name = $2 AND "
          "u.kind = $3 AND ($4::text IS NULL OR (r.run, r.store) = ($4, $5)) AND r.xmin = "
          "r.xid::xid8::xid AND pg_snapshot_xmax(pg_current_snapshot())::text::numeric - "
          "r.xid::numeric < 2147483648",
          {record.table.schema, record.table.name, kind, run, store}));
  return rows.is_null(0, 0) ? std::string("'{}'::xid[]")
                            : quote_literal(rows.string(0, 0)) + "::xid8[]::xid[]";
}

std::string touched(const std::string& writers) {
  return "t.xmin <> ALL (" + writers + ")";
}

// `keys` names no key twice, so no row is found twice: a DISTINCT would only sort millions of them.
std::string rows_by_key(const UndoRecord& record, const std::string& keys, const std::string& writers) {
  return fmt::format("SELECT t.tableoid AS o, t.ctid AS c, {} AS touched FROM ({}) k JOIN {} t ON {} AND {}",
                     touched(writers), keys, quoted(record.table), match_key(record.identity, "t", "k"),
                     is_own_row(record.table, "t"));
}

bool same_columns(const UndoRecord& a, const UndoRecord& b) {
  return std::equal(a.row_columns.begin(), a.row_columns.end(), b.row_columns.begin(), b.row_columns.end(),
                    [](const DatasetColumn& x, const DatasetColumn& y) {
                      return x.name == y.name && staging_text(x) == staging_text(y);
                    });
}

}  // namespace

std::string is_own_row(const TableName& table, const std::string& row) {
  const std::string name = quote_literal(quoted(table)) + "::regclass";
  return fmt::format(
      "({0}.tableoid = {1} OR EXISTS (SELECT FROM pg_class WHERE oid = {1} AND relkind = 'p'))", row, name);
}

std::string match_key(const RowIdentity& identity, const std::string& row, const std::string& key) {
  std::string sql;
  for (size_t i = 0; i < identity.parts(); ++i) {
    sql += fmt::format("{}{} = {}.k{}", i == 0 ? "" : " AND ", identity.part(row, i), key, i);
  }
  return sql;
}

Result<std::vector<UndoRecord>> read_undo_records(pg::Session& session, const std::string& run,
                                                  const std::string& store) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session.query(std::string(records_select) + "WHERE u.run = $1 AND u.store = $2 ORDER BY u.load_group "
                                                  "DESC, u.ordinal DESC",
                    {run, store}));
  std::vector<UndoRecord> records;
  for (size_t row = 0; row < rows.size(); ++row)
    records.push_back(record_of(rows, row));
  return records;
}

std::string key_text_sql(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<std::string> escaped;
  for (const std::string& part : parts)
    escaped.push_back(fmt::format(R"(regexp_replace({}, '([\\,])', '\\\1', 'g'))", part));
  return join(escaped, " || ',' || ");
}

Result<std::string> inserted_rows_sql(pg::Session& session, const UndoRecord& record, const std::string& run,
                                      const std::string& store) {
  const std::string keys = unpack_keys_sql(record.identity, run, store, record.ordinal);
  if (!record.identity.whole_rows) {
    ASSIGN_OR_RETURN(const std::string writers, writers_of(session, record, "insert", run, store));
    return rows_by_key(record, keys, writers);
  }
  // Equal rows cannot be told apart: as many of them as the run inserted, the newest first.
  return fmt::format(
      "SELECT t.o, t.c, false AS touched FROM (SELECT x.tableoid AS o, x.ctid AS c, {0} AS row, row_number() "
      "OVER (PARTITION BY {0} ORDER BY x.ctid DESC) AS n FROM {1} x WHERE {3}) t JOIN (SELECT k0, count(*) "
      "AS n FROM "
      "({2}) k GROUP BY k0) k ON t.row = k.k0 AND t.n <= k.n",
      row_text("x", record.identity.columns), quoted(record.table), keys, is_own_row(record.table, "x"));
}

Result<std::string> unshared_rows_sql(pg::Session& session, const UndoRecord& record, const std::string& run,
                                      const std::string& store) {
  ASSIGN_OR_RETURN(const std::string inserted,
                   keys_of_others(session, record.table, record.identity, is_shared, run, store));
  ASSIGN_OR_RETURN(const std::string referred,
                   keys_of_others(session, record.table, record.identity,
                                  "u.kind IN ('reference', 'insert') AND r.state = 'committed' AND (u.run, "
                                  "u.store) <> ($3, $4)",
                                  run, store));
  const std::string list = key_list(record.identity);
  std::string keys = fmt::format("SELECT {} FROM ({}) mine", list,
                                 unpack_keys_sql(record.identity, run, store, record.ordinal));
  if (inserted.empty()) {
    keys += " WHERE false";
  } else {
    keys += fmt::format(" INTERSECT SELECT {} FROM ({}) made", list, inserted);
  }
  if (!referred.empty()) keys += fmt::format(" EXCEPT SELECT {} FROM ({}) others", list, referred);
  ASSIGN_OR_RETURN(const std::string writers,
                   writers_of(session, record, "shared", std::nullopt, std::nullopt));
  return rows_by_key(record, keys, writers);
}

Result<std::string> hashes_sql(pg::Session& session, const UndoRecord& record, const std::string& run,
                               const std::string& store) {
  if (record.row_columns.empty()) return std::string();
  if (record.kind == "insert") {
    return record.hashed ? unpack_hashes_sql(record.identity, run, store, record.ordinal) : std::string();
  }
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session.query(std::string(records_select) +
                                     "WHERE u.table_schema = $1 AND u.table_name = $2 AND u.kind = 'shared'",
                                 {record.table.schema, record.table.name}));
  std::string sql;
  for (size_t row = 0; row < rows.size(); ++row) {
    const UndoRecord other = record_of(rows, row);
    if (!other.hashed || other.identity.columns != record.identity.columns || !same_columns(record, other))
      continue;
    sql += (sql.empty() ? "" : " UNION ALL ") +
           unpack_hashes_sql(other.identity, rows.string(row, 12), rows.string(row, 13), other.ordinal);
  }
  return sql;
}

Result<std::string> shared_keys_sql(pg::Session& session, const TableName& table,
                                    const RowIdentity& identity) {
  return keys_of_others(session, table, identity, is_shared, "", "");
}

Result<std::string> needed_keys_sql(pg::Session& session, const TableName& table, const RowIdentity& identity,
                                    const RunMarker& mine) {
  return keys_of_others(
      session, table, identity,
      "u.kind IN ('shared', 'reference') AND r.state = 'committed' AND (r.pipeline, r.scope) "
      "<> ($3, $4)",
      mine.pipeline, mine.scope);
}

Result<std::string> handed_over_keys_sql(pg::Session& session, const UndoRecord& record,
                                         const std::string& run, const std::string& store) {
  ASSIGN_OR_RETURN(
      const std::string referred,
      keys_of_others(session, record.table, record.identity,
                     "u.kind = 'reference' AND r.state = 'committed' AND (u.run, u.store) <> ($3, $4)", run,
                     store));
  if (referred.empty()) return std::string();
  const std::string list = key_list(record.identity);
  return fmt::format("SELECT {0} FROM ({1}) mine INTERSECT SELECT {0} FROM ({2}) others", list,
                     unpack_keys_sql(record.identity, run, store, record.ordinal), referred);
}

}  // namespace godwit::connect::postgres
