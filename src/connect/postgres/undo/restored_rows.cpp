#include "connect/postgres/undo/restored_rows.h"

#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"
#include "pg/session.h"

#include <fmt/format.h>

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

}  // namespace

std::string RestoredRows::present_rows_sql(const UndoRecord& record) {
  return "SELECT o, c FROM " + set_of(record) + " WHERE o IS NOT NULL";
}

Result<std::vector<std::string>> RestoredRows::look(const UndoRecord& record) {
  const std::string mine = fmt::format("u.run = {} AND u.store = {} AND u.ordinal = {}", quote_literal(run_),
                                       quote_literal(store_), record.ordinal);
  std::vector<std::string> parts;
  for (size_t i = 0; i < record.identity.parts(); ++i)
    parts.push_back(fmt::format("u.key[{}]", i + 1));
  RETURN_IF_ERROR(session_.run(fmt::format(
      "SET LOCAL work_mem TO '64MB'; CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT t.tableoid AS o, "
      "t.ctid AS c, u.before, u.key, {} AS name, CASE WHEN t.tableoid IS NULL THEN 'gone' WHEN (t.*)::text = "
      "u.before THEN 'before' WHEN md5((t.*)::text) = u.after_digest THEN 'left' ELSE 'changed' END AS state "
      "FROM godwit.undo_row u LEFT JOIN {} t ON {} AND {} WHERE {}",
      set_of(record), key_text_sql(parts), quoted(record.table), match(record), is_own_row(record.table, "t"),
      mine)));
  ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT name FROM " + set_of(record) +
                                                       " WHERE state IN ('changed', 'gone') ORDER BY c"));
  std::vector<std::string> keys;
  for (size_t row = 0; row < rows.size(); ++row)
    keys.push_back(rows.string(row, 0));
  return keys;
}

Result<int64_t> RestoredRows::rows_to_write(const UndoRecord& record) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session_.query("SELECT count(*) FROM " + set_of(record) + " WHERE state <> 'before'"));
  return rows.number(0, 0);
}

Result<std::vector<std::string>> RestoredRows::columns_of(const UndoRecord& record, bool updatable) {
  // Of an update: all but the key and identities that refuse a value.
  const std::vector<std::string> without = updatable ? record.identity.columns : std::vector<std::string>();
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_.query(fmt::format("SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass($1) "
                                 "AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''{} AND "
                                 "a.attname <> ALL ($2::text[]) ORDER BY a.attnum",
                                 updatable ? " AND a.attidentity <> 'a'" : ""),
                     {quoted(record.table), array_literal(without)}));
  std::vector<std::string> columns;
  for (size_t row = 0; row < rows.size(); ++row)
    columns.push_back(quote_identifier(rows.text(row, 0)));
  return columns;
}

Status RestoredRows::restore(const UndoRecord& record) {
  RETURN_IF_ERROR(insert(record));
  return overwrite(record);
}

Status RestoredRows::overwrite(const UndoRecord& record) {
  ASSIGN_OR_RETURN(const auto columns, columns_of(record, true));
  std::string assignments;
  for (const std::string& column : columns)
    assignments += fmt::format("{}{} = (u.image).{}", assignments.empty() ? "" : ", ", column, column);
  if (assignments.empty()) return {};
  // OFFSET 0: an image is parsed once, not once per column.
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_.query(fmt::format(
          "WITH written AS (UPDATE {0} t SET {1} FROM (SELECT o, c, before, before::{0} AS image FROM {2} "
          "WHERE state IN ('left', 'changed') OFFSET 0) u WHERE t.tableoid = u.o AND t.ctid = u.c RETURNING "
          "(t.*)::text = u.before AS equal) SELECT (SELECT count(*) FROM {2} WHERE state IN ('left', "
          "'changed')), count(*) FILTER (WHERE equal) FROM written",
          quoted(record.table), assignments, set_of(record))));
  if (rows.number(0, 0) == rows.number(0, 1)) return {};
  return make_error(ErrorKind::failed, fmt::format("{} of {} rows are as they were before", rows.number(0, 1),
                                                   rows.number(0, 0)));
}

// Rows that are gone are only here when they were forced.
Status RestoredRows::insert(const UndoRecord& record) {
  ASSIGN_OR_RETURN(const auto columns, columns_of(record, false));
  std::string images;
  for (const std::string& column : columns)
    images += fmt::format("{}(u.image).{}", images.empty() ? "" : ", ", column);
  ASSIGN_OR_RETURN(const int64_t inserted,
                   session_.execute(fmt::format(
                       "INSERT INTO {0} ({1}) OVERRIDING SYSTEM VALUE SELECT {2} FROM (SELECT before::{0} AS "
                       "image FROM {3} WHERE state = 'gone' OFFSET 0) u",
                       quoted(record.table), join(columns, ", "), images, set_of(record))));
  return inserted == 0 ? Status() : demand_inserted(record);
}

Status RestoredRows::demand_inserted(const UndoRecord& record) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_.query(fmt::format("SELECT count(*) FROM {} u WHERE u.state = 'gone' AND NOT EXISTS (SELECT "
                                 "FROM {} t WHERE {} AND (t.*)::text = u.before)",
                                 set_of(record), quoted(record.table), match(record))));
  if (rows.number(0, 0) == 0) return {};
  return make_error(ErrorKind::failed, fmt::format("{} rows of {} did not come back as they were",
                                                   rows.number(0, 0), record.table.text()));
}

}  // namespace godwit::connect::postgres
