#include "connect/postgres/undo/doomed_rows.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/row_changes.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {

namespace {

constexpr int64_t indexed_rows = 200'000;

}  // namespace

struct DoomedRows::Reference {
  std::string name;
  TableName child;
  TableName whole;   // the partitioned table that the child is a part of, else the child
  std::string join;  // x.fk = t.key
  std::string on_delete;
};

Result<std::string> DoomedRows::make(const char* what, const std::string& select) {
  std::string name = fmt::format("pg_temp.{}_{}", what, next_);
  std::string create = "CREATE TEMPORARY TABLE {0} ON COMMIT DROP AS {1}";
  if (!set_name_.empty()) {
    name = fmt::format("{}_{}_{}\"", set_name_.substr(0, set_name_.size() - 1), what, next_);
    create = "CREATE UNLOGGED TABLE {0} AS {1}";
    unlogged_.push_back(name);
  }
  ++next_;
  RETURN_IF_ERROR(session_.run(
      fmt::format(fmt::runtime("SET LOCAL work_mem TO '64MB'; " + create + "; ANALYZE {0}"), name, select)));
  return name;
}

Result<DoomedRows::Added> DoomedRows::add(const TableName& table, const std::string& select) {
  ASSIGN_OR_RETURN(const std::string name, make("doomed", select));
  const auto known = doomed_.find(table);
  if (known == doomed_.end()) {
    doomed_[table] = name;
  } else {
    RETURN_IF_ERROR(session_.run(fmt::format("INSERT INTO {} SELECT o, c FROM {}", known->second, name)));
  }
  ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM " + name));
  // Small sets are probed row by row; big ones are joined by hash, and an index would only cost.
  if (rows.number(0, 0) <= indexed_rows) {
    RETURN_IF_ERROR(session_.run(fmt::format("CREATE INDEX ON {} (c, o)", doomed_.at(table))));
  }
  return Added{rows.number(0, 0), name};
}

Status DoomedRows::add_restored(const TableName& table, const std::string& select) {
  const auto known = restored_.find(table);
  if (known != restored_.end()) return session_.run(fmt::format("INSERT INTO {} {}", known->second, select));
  ASSIGN_OR_RETURN(restored_[table], make("restored", select));
  return {};
}

std::string DoomedRows::set_of(const TableName& table) const {
  const auto set = doomed_.find(table);
  return set == doomed_.end() ? std::string() : set->second;
}

Status DoomedRows::lock(const TableName& table) {
  ASSIGN_OR_RETURN(const int64_t rows, size(table));
  if (rows == 0) return {};
  ASSIGN_OR_RETURN(
      const pg::Rows locked,
      session_.query(fmt::format("SELECT count(*) FROM (SELECT FROM {} t JOIN {} d ON t.tableoid = "
                                 "d.o AND t.ctid = d.c FOR UPDATE OF t) l",
                                 quoted(table), doomed_.at(table))));
  if (locked.number(0, 0) == rows) return {};
  return make_error(ErrorKind::failed,
                    fmt::format("{} rows of {} were changed while they were looked for",
                                rows - locked.number(0, 0), table.text()),
                    "somebody writes to the target: run again");
}

Result<std::vector<DoomedRows::Reference>> DoomedRows::references_to(const TableName& table) {
  ASSIGN_OR_RETURN(
      const pg::Rows rows,
      session_.query(
          "SELECT k.conname, n.nspname, c.relname, k.confdeltype, "
          "(SELECT string_agg(format('x.%I = t.%I', a.attname, p.attname), ' AND ') "
          "FROM unnest(k.conkey, k.confkey) u(child, parent) "
          "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child "
          "JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = u.parent), wn.nspname, w.relname "
          "FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
          "JOIN pg_namespace n ON n.oid = c.relnamespace "
          "JOIN pg_class w ON w.oid = coalesce(pg_partition_root(c.oid)::oid, c.oid) "
          "JOIN pg_namespace wn ON wn.oid = w.relnamespace "
          "WHERE k.contype = 'f' AND k.confrelid = to_regclass($1) AND k.conparentid = 0",
          {quoted(table)}));
  std::vector<Reference> references;
  for (size_t row = 0; row < rows.size(); ++row) {
    const std::string_view action = rows.text(row, 3);
    references.push_back({rows.string(row, 0),
                          {rows.string(row, 1), rows.string(row, 2)},
                          {rows.string(row, 5), rows.string(row, 6)},
                          rows.string(row, 4),
                          action == "c"   ? "CASCADE"
                          : action == "n" ? "SET NULL"
                          : action == "d" ? "SET DEFAULT"
                                          : ""});
  }
  return references;
}

std::string DoomedRows::outsiders(const TableName& table, const Reference& reference) const {
  std::string sql =
      fmt::format("FROM {} x JOIN {} t ON {} JOIN {} d ON d.o = t.tableoid AND d.c = t.ctid WHERE true",
                  quoted(reference.child), quoted(table), reference.join, doomed_.at(table));
  // Sets are kept by whole tables; a partition's rows stand in them under its own tableoid.
  for (const auto* sets : {&doomed_, &restored_}) {
    const auto set = sets->find(reference.whole);
    if (set == sets->end()) continue;
    sql += fmt::format(" AND NOT EXISTS (SELECT FROM {0} e WHERE e.o = x.tableoid AND e.c = x.ctid)",
                       set->second);
  }
  return sql;
}

Result<Blocker> DoomedRows::blockers(const TableName& table) {
  Blocker blocker;
  ASSIGN_OR_RETURN(const auto references, references_to(table));
  for (const Reference& reference : references) {
    ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) " + outsiders(table, reference)));
    const int64_t count = rows.number(0, 0);
    if (count == 0) continue;
    blocker.rows += count;
    blocker.by += (blocker.by.empty() ? "" : ", ") + reference.child.text() + " over " + reference.name;
    if (!reference.on_delete.empty()) blocker.by += " (ON DELETE " + reference.on_delete + ")";
  }
  return blocker;
}

Result<int64_t> DoomedRows::spare_referenced(const TableName& table) {
  int64_t spared = 0;
  ASSIGN_OR_RETURN(const auto references, references_to(table));
  for (const Reference& reference : references) {
    ASSIGN_OR_RETURN(
        const int64_t rows,
        session_.execute(fmt::format("DELETE FROM {} r USING (SELECT d.o, d.c {}) q WHERE r.o = q.o AND "
                                     "r.c = q.c",
                                     doomed_.at(table), outsiders(table, reference))));
    spared += rows;
  }
  return spared;
}

Result<int64_t> DoomedRows::size(const TableName& table) {
  const auto set = doomed_.find(table);
  if (set == doomed_.end()) return int64_t{0};
  ASSIGN_OR_RETURN(const pg::Rows rows, session_.query("SELECT count(*) FROM " + set->second));
  return rows.number(0, 0);
}

Status DoomedRows::remove(const std::vector<TableName>& tables) {
  RowChanges changes(session_);
  for (const TableName& table : tables) {
    ASSIGN_OR_RETURN(const int64_t rows, size(table));
    changes.remove(table, set_of(table), rows);
  }
  return changes.run();
}

}  // namespace godwit::connect::postgres
