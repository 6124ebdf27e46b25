#include "connect/postgres/undo/restored_rows.h"

#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"
#include "pg/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace godwit::connect::postgres {
namespace {

// One row per before-image: where the row stands now (o, c; NULL: nowhere), and in which state:
//   left     as the run left it          before   as it stood before the run
//   gone     not there                   changed  there, and neither
std::string set_of(const UndoRecord& record) {
  return fmt::format("pg_temp.before_{}", record.ordinal);
}

std::string match(const UndoRecord& record) {
  std::string sql;
  for (size_t i = 0; i < record.identity.parts(); ++i) {
    const std::string key = fmt::format("u.key[{}]", i + 1);
    sql += fmt::format("{}{} = {}", i == 0 ? "" : " AND ", record.identity.part("t", i),
                       input_value(key, record.identity.types[i]));
  }
  return sql;
}

bool is_delete(const UndoRecord& record) {
  return record.kind == "delete";
}

// "FROM the before-images u, each parsed once as x.image": OFFSET 0 keeps it from being parsed once per
// column.
std::string images_of(const UndoRecord& record, const char* images, const char* row) {
  return fmt::format("{0} {1} CROSS JOIN LATERAL (SELECT {1}.before::{2} AS image OFFSET 0) {3}",
                     set_of(record), images, quoted(record.table), row);
}

std::string image_list(const std::vector<std::string>& columns, const char* row) {
  std::string list;
  for (const std::string& column : columns)
    list += fmt::format("{}({}.image).{}", list.empty() ? "" : ", ", row, quote_identifier(column));
  return list;
}

std::string quoted_list(const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns)
    list += (list.empty() ? "" : ", ") + quote_identifier(column);
  return list;
}

}  // namespace

std::string RestoredRows::present_rows_sql(const UndoRecord& record) {
  return "SELECT o, c FROM " + set_of(record) + " WHERE o IS NOT NULL";
}

Result<int64_t> RestoredRows::count(const UndoRecord& record, const std::string& condition) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session_.query("SELECT count(*) FROM " + set_of(record) + " u WHERE " + condition));
  return rows.number(0, 0);
}

Result<std::vector<std::string>> RestoredRows::look(const UndoRecord& record) {
  const std::string mine = fmt::format("u.run = {} AND u.store = {} AND u.ordinal = {}", quote_literal(run_),
                                       quote_literal(store_), record.ordinal);
  std::vector<std::string> parts;
  for (size_t i = 0; i < record.identity.parts(); ++i)
    parts.push_back(fmt::format("u.key[{}]", i + 1));
  // Rows without a key are not told from others: none stands in the place of a deleted one.
  const std::string here =
      record.identity.whole_rows ? "false" : match(record) + " AND " + is_own_row(record.table, "t");
  RETURN_IF_ERROR(session_.run(fmt::format(
      "SET LOCAL work_mem TO '64MB'; CREATE TEMPORARY TABLE {0} ON COMMIT DROP AS SELECT t.tableoid AS o, "
      "t.ctid AS c, u.before, u.key, {1} AS name, CASE WHEN t.tableoid IS NULL THEN 'gone' WHEN (t.*)::text "
      "= "
      "u.before THEN 'before' WHEN md5((t.*)::text) = u.after_digest THEN 'left' ELSE 'changed' END AS state "
      "FROM godwit.undo_row u LEFT JOIN {2} t ON {3} WHERE {4}; ANALYZE {0}",
      set_of(record), key_text_sql(parts), quoted(record.table), here, mine)));
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session_.query(fmt::format("SELECT name FROM {} WHERE state IN ('changed'{}) ORDER BY c",
                                              set_of(record), is_delete(record) ? "" : ", 'gone'")));
  std::vector<std::string> keys;
  for (size_t row = 0; row < rows.size(); ++row)
    keys.push_back(rows.string(row, 0));
  return keys;
}

Result<int64_t> RestoredRows::rows_to_write(const UndoRecord& record) {
  return count(record, "state <> 'before'");
}

Result<Blocker> RestoredRows::lacking(const UndoRecord& record, const Table& table, const DoomedRows& doomed,
                                      const std::vector<UndoRecord>& records) {
  Blocker lacking;
  for (const ForeignKey& key : table.foreign_keys) {
    std::string refers;
    std::string present;
    std::string comes_back;
    for (size_t i = 0; i < key.columns.size(); ++i) {
      const std::string value = fmt::format("(x.image).{}", quote_identifier(key.columns[i]));
      const std::string parent = quote_identifier(key.parent_columns[i]);
      refers += fmt::format(" AND {} IS NOT NULL", value);
      present += fmt::format("{}p.{} = {}", i == 0 ? "" : " AND ", parent, value);
      comes_back += fmt::format("{}(y.image).{} = {}", i == 0 ? "" : " AND ", parent, value);
    }
    const std::string goes = doomed.set_of(key.parent);
    if (!goes.empty())
      present +=
          fmt::format(" AND NOT EXISTS (SELECT FROM {} e WHERE e.o = p.tableoid AND e.c = p.ctid)", goes);
    std::string sql = fmt::format(
        "SELECT count(*) FROM {} WHERE u.state <> 'before'{} AND NOT EXISTS (SELECT FROM {} p WHERE {})",
        images_of(record, "u", "x"), refers, quoted(key.parent), present);
    for (const UndoRecord& other : records) {
      if (other.table != key.parent || (other.kind != "update" && !is_delete(other))) continue;
      sql += fmt::format(" AND NOT EXISTS (SELECT FROM {} WHERE {})", images_of(other, "b", "y"), comes_back);
    }
    ASSIGN_OR_RETURN(const pg::Rows rows, session_.query(sql));
    if (rows.number(0, 0) == 0) continue;
    lacking.rows += rows.number(0, 0);
    lacking.by += fmt::format("{}{} over {}", lacking.by.empty() ? "" : ", ", key.parent.text(), key.name);
  }
  return lacking;
}

std::vector<std::string> RestoredRows::columns_of(const UndoRecord& record, const Table& table,
                                                  bool updatable) {
  std::vector<std::string> columns;
  for (const Column& column : table.columns) {
    const auto& key = record.identity.columns;
    if (column.generated == Generated::stored) continue;
    if (updatable && (column.generated == Generated::identity_always ||
                      std::find(key.begin(), key.end(), column.name) != key.end())) {
      continue;
    }
    columns.push_back(column.name);
  }
  return columns;
}

Result<std::string> RestoredRows::remade_rows(const UndoRecord& record, const Table& table, int64_t& rows) {
  rows = 0;
  std::map<std::string, std::string> now;
  std::map<std::string, std::string> then;
  for (const std::string& column : columns_of(record, table, true)) {
    now[column] = "t." + quote_identifier(column);
    then[column] = fmt::format("(x.image).{}", quote_identifier(column));
  }
  const std::string moves = rekeyed_sql(table, record.identity.columns, now, then);
  ASSIGN_OR_RETURN(const bool allowed, may_be_remade(session_, record.table));
  if (moves.empty() || !allowed || record.identity.whole_rows) return std::string();
  std::string name = fmt::format("pg_temp.remade_{}", record.ordinal);
  RETURN_IF_ERROR(session_.run(
      fmt::format("CREATE TEMPORARY TABLE {0} ON COMMIT DROP AS SELECT u.o, u.c, u.before FROM {1} JOIN {2} "
                  "t ON t.tableoid = "
                  "u.o AND t.ctid = u.c WHERE u.state IN ('left', 'changed') AND {3}; ANALYZE {0}",
                  name, images_of(record, "u", "x"), quoted(record.table), moves)));
  ASSIGN_OR_RETURN(const pg::Rows counted, session_.query("SELECT count(*) FROM " + name));
  rows = counted.number(0, 0);
  return rows == 0 ? std::string() : name;
}

Status RestoredRows::plan(const UndoRecord& record, const Table& table, RowChanges& changes) {
  int64_t remade = 0;
  ASSIGN_OR_RETURN(const std::string remade_set, remade_rows(record, table, remade));
  changes.remove(record.table, remade_set, remade);
  const std::vector<std::string> stored = columns_of(record, table, false);
  ASSIGN_OR_RETURN(const int64_t gone, count(record, "state = 'gone'"));
  const std::string select = "SELECT " + image_list(stored, "x") + " FROM ";
  changes.insert(record.table, quoted_list(stored),
                 select + images_of(record, "u", "x") + " WHERE u.state = 'gone'", gone);
  if (remade > 0) {
    changes.insert(
        record.table, quoted_list(stored),
        fmt::format("{}{} u CROSS JOIN LATERAL (SELECT u.before::{} AS image OFFSET 0) x WHERE true", select,
                    remade_set, quoted(record.table)),
        remade);
  }
  std::string assignments;
  for (const std::string& column : columns_of(record, table, true)) {
    assignments +=
        fmt::format("{0}{1} = (x.image).{1}", assignments.empty() ? "" : ", ", quote_identifier(column));
  }
  if (assignments.empty()) return {};
  ASSIGN_OR_RETURN(const int64_t standing, count(record, "state IN ('left', 'changed')"));
  std::string update = fmt::format(
      "UPDATE {} t SET {} FROM {} WHERE u.state IN ('left', 'changed') AND t.tableoid = u.o AND t.ctid = u.c",
      quoted(record.table), assignments, images_of(record, "u", "x"));
  if (remade > 0)
    update += fmt::format(" AND NOT EXISTS (SELECT FROM {} r WHERE r.o = u.o AND r.c = u.c)", remade_set);
  changes.update(record.table, update, standing - remade);
  return {};
}

Status RestoredRows::demand_restored(const UndoRecord& record) {
  if (record.identity.whole_rows) return {};
  ASSIGN_OR_RETURN(
      const int64_t other,
      count(record, fmt::format("NOT EXISTS (SELECT FROM {} t WHERE {} AND (t.*)::text = u.before)",
                                quoted(record.table), match(record))));
  if (other == 0) return {};
  return make_error(ErrorKind::failed,
                    fmt::format("{} rows of {} did not come back as they were", other, record.table.text()));
}

}  // namespace godwit::connect::postgres
