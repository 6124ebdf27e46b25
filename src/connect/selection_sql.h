// A closure as SQL: which rows of a table move, for stores that speak SQL. Pure text building; no connection.
//
// Rendering rules (DESIGN §5, "Scope closure"; meaning of the sets: model/closure.h):
//   - one common table expression per set of keys that the table's predicate needs, each defined once, in
//     dependency order: linear in the number of edges;
//   - strongly connected owner or include edges become ONE recursive expression over (table number, row
//   identity);
//   - a foreign key with a NULL in it is no reference (MATCH SIMPLE) and an owner step over a NULL says
//   nothing;
//   - the scope value appears only as dialect.scope_expression, compared as the column's own type.
// PostgreSQL sessions that run these set jit = off: the plans are wide, and compiling them costs more than it
// saves. Every identifier is quoted. Runs on PostgreSQL 14 and later and on SQLite 3.35 and later.
#pragma once

#include "model/catalog.h"
#include "model/closure.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace godwit::connect {

// How a store says it. Use postgres_dialect() or sqlite_dialect() and set what the scan brings.
struct SqlDialect {
  // Yields the scope value as text: "current_setting('godwit.scope')", "godwit_scope()".
  std::string scope_expression;
  // OwnerStep::link, by the foreign key's name: a SELECT of ONE text column holding the keys that were handed
  // over (Scan::link_keys). A key of several columns is one JSON array of texts: ["a","b"].
  std::function<std::string(const std::string& foreign_key)> link_keys;
  // SQLite: tables declared WITHOUT ROWID (PRAGMA table_list, column wr); their primary key is their
  // identity.
  std::set<TableName> without_rowid;
  // PostgreSQL: casts to the column's type, (tableoid, ctid) as identity, set membership by join (an IN under
  // OR would be evaluated once per row when the set is too big to hash). SQLite: affinity, rowid, IN.
  bool postgres = true;
};
[[nodiscard]] SqlDialect postgres_dialect();
[[nodiscard]] SqlDialect sqlite_dialect();

// "<with> SELECT <columns of t> FROM <from> WHERE <where>" gives each member row once. More conditions over t
// may be added: "… WHERE (<where>) AND t.ctid >= …". Each such statement evaluates its expressions anew:
// prefer few big ranges to many small ones. To delete the rows: WHERE (t.tableoid, t.ctid) IN (<with> SELECT
// t.tableoid, …).
struct SelectionSql {
  std::string with;   // "WITH …" or empty
  std::string from;   // the table as t, and joins that match at most one row each
  std::string where;  // without WHERE; "TRUE" when every row moves, "FALSE" when the table is not copied
  // Boolean over the joined row, never NULL: the row is owned (for owned_column_name). "TRUE" when all of
  // them are; "FALSE" for tables that hold only shared or needed rows.
  std::string owned;
  // Columns that are not read as they stand (policy null): CASE WHEN the parent is a member THEN t.column
  // END.
  std::map<std::string, std::string> column_expressions;
};
[[nodiscard]] SelectionSql select_rows(const StoreClosure& closure, const Catalog& catalog,
                                       const TableName& table, const SqlDialect& dialect);

// The columns of a foreign key that policy null empties where the parent is no member: those that may be
// NULL, do not own the row, and belong to no other foreign key. Empty when the reference cannot be cut that
// way.
[[nodiscard]] std::vector<std::string> cut_columns(const TableClosure& closure, const Table& table,
                                                   const ForeignKey& foreign_key);

// One statement that returns one number: rows of the table for which one owner step holds and another one
// that has a value does not. "SELECT 0" for tables with fewer than two steps.
[[nodiscard]] std::string count_disagreeing_sql(const StoreClosure& closure, const Catalog& catalog,
                                                const TableName& table, const SqlDialect& dialect);

// One statement that returns one number: member rows whose parent over this foreign key exists by reference
// and is not a member.
[[nodiscard]] std::string count_outside_sql(const StoreClosure& closure, const Catalog& catalog,
                                            const TableName& table, const ForeignKey& foreign_key,
                                            const SqlDialect& dialect);

}  // namespace godwit::connect
