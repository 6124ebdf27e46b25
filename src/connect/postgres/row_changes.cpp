#include "connect/postgres/row_changes.h"

#include "base/text.h"
#include "connect/postgres/read/scan_sql.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect::postgres {

void RowChanges::add(What what, const TableName& table, const std::string& statement, int64_t rows,
                     const std::string& returning) {
  const size_t n = changes_.size();
  with_ += fmt::format("{}r{} AS ({} RETURNING {})", n == 0 ? "WITH " : ", ", n, statement, returning);
  counts_ += fmt::format("{}(SELECT count(*) FROM r{})", n == 0 ? "" : ", ", n);
  changes_.push_back({what, table, rows});
}

void RowChanges::remove(const TableName& table, const std::string& set, int64_t rows) {
  if (rows == 0) return;
  removals_[table].push_back(fmt::format("r{}", changes_.size()));
  add(What::removal, table,
      fmt::format("DELETE FROM {} t USING {} d WHERE t.tableoid = d.o AND t.ctid = d.c", quoted(table), set),
      rows);
}

void RowChanges::insert(const TableName& table, const std::string& columns, const std::string& select,
                        int64_t rows) {
  if (rows == 0) return;
  std::string statement =
      fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE {}", quoted(table), columns, select);
  // Reading their results is what makes the removals come first.
  for (const std::string& removal : removals_[table])
    statement += fmt::format(" AND (SELECT count(*) FROM {}) >= 0", removal);
  add(What::insertion, table, statement, rows);
}

void RowChanges::update(const TableName& table, const std::string& update, int64_t rows,
                        const std::string& returning, const std::string& keep) {
  if (rows == 0) return;
  const size_t n = changes_.size();
  add(What::overwriting, table, update, rows, returning);
  if (!keep.empty()) with_ += fmt::format(", k{} AS ({} FROM r{})", n, keep, n);
}

Error RowChanges::failure(const Change& change, int64_t done) {
  const char* hint = "choose the trigger policy disable, or repair the trigger";
  switch (change.what) {
    case What::removal:
      return make_error(ErrorKind::failed,
                        fmt::format("{} rows of {} could not be deleted: somebody changed them, or a trigger "
                                    "keeps them",
                                    change.rows - done, change.table.text()),
                        hint);
    case What::insertion:
      return make_error(
          ErrorKind::failed,
          fmt::format("the target took fewer rows of {} than were sent: a trigger leaves rows out",
                      change.table.text()),
          hint);
    case What::overwriting:
      break;
  }
  return make_error(
      ErrorKind::failed,
      fmt::format("a trigger of the target leaves rows of {} out of an update", change.table.text()), hint);
}

Status RowChanges::run() {
  if (changes_.empty()) return {};
  ASSIGN_OR_RETURN(const pg::Rows rows, session_.query(with_ + " SELECT " + counts_));
  for (size_t i = 0; i < changes_.size(); ++i) {
    if (rows.number(0, i) != changes_[i].rows) return failure(changes_[i], rows.number(0, i));
  }
  return {};
}

Result<bool> may_be_remade(pg::Session& session, const TableName& table) {
  ASSIGN_OR_RETURN(const pg::Rows rows,
                   session.query("SELECT NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND "
                                 "confrelid = to_regclass($1) AND confdeltype <> 'a')",
                                 {quoted(table)}));
  return rows.boolean(0, 0);
}

std::string rekeyed_sql(const Table& table, const std::vector<std::string>& identity,
                        const std::map<std::string, std::string>& now,
                        const std::map<std::string, std::string>& then) {
  std::string sql;
  for (const Key& key : table.keys) {
    if (key.columns == identity || key.deferrable) continue;
    for (const std::string& column : key.columns) {
      const auto left = now.find(column);
      const auto right = then.find(column);
      if (left == now.end() || right == then.end()) continue;
      sql += fmt::format("{}{} IS DISTINCT FROM {}", sql.empty() ? "" : " OR ", left->second, right->second);
    }
  }
  return sql.empty() ? sql : "(" + sql + ")";
}

}  // namespace godwit::connect::postgres
