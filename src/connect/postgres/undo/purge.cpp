#include "connect/postgres/undo/purge.h"

#include "connect/postgres/errors.h"
#include "connect/postgres/read/scan_sql.h"
#include "connect/postgres/undo/doomed_rows.h"
#include "connect/selection_sql.h"
#include "pg/transaction.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {
namespace {

Status find_rows(const StoreClosure& closure, const Catalog& catalog, const SqlDialect& dialect,
                 DoomedRows& doomed, UndoPlan& plan, std::vector<std::vector<TableName>>& groups) {
  for (auto group = closure.load_order.rbegin(); group != closure.load_order.rend(); ++group) {
    std::vector<TableName> tables;
    for (const TableName& name : *group) {
      const TableClosure* table = closure.table(name);
      if (table == nullptr || table->membership != Membership::owned || catalog.table(name) == nullptr)
        continue;
      const SelectionSql selection = select_rows(closure, catalog, name, dialect);
      UndoTable entry;
      entry.dataset = dataset_id(catalog.store, name);
      auto found =
          doomed.add(name, fmt::format("{} SELECT t.tableoid AS o, t.ctid AS c FROM {} WHERE ({}) AND ({})",
                                       selection.with, selection.from, selection.where, selection.owned));
      if (!found.ok()) return at("finding the rows of " + entry.dataset, found.error());
      entry.to_delete = found->rows;
      plan.tables.push_back(std::move(entry));
      tables.push_back(name);
    }
    if (!tables.empty()) groups.push_back(std::move(tables));
  }
  return {};
}

}  // namespace

Result<UndoPlan> purge_scope(pg::Session& session, const StoreClosure& closure, const Catalog& catalog,
                             const std::string& scope, bool execute) {
  UndoPlan plan;
  ASSIGN_OR_RETURN(pg::Transaction transaction,
                   pg::Transaction::begin(session, "ISOLATION LEVEL REPEATABLE READ, READ WRITE"));
  Scan scan;
  scan.scope = scope;
  RETURN_IF_ERROR(apply_settings(session, settings_of(scan)));
  DoomedRows doomed(session);
  std::vector<std::vector<TableName>> groups;
  RETURN_IF_ERROR(find_rows(closure, catalog, dialect_of(scan), doomed, plan, groups));
  size_t index = 0;
  for (const auto& tables : groups) {
    for (const TableName& table : tables) {
      ASSIGN_OR_RETURN(const Blocker blocker, doomed.blockers(table));
      plan.tables[index].blocked = blocker.rows;
      plan.tables[index].blocked_by = blocker.by;
      ++index;
    }
  }
  if (!execute) return plan;
  for (const UndoTable& table : plan.tables) {
    if (table.blocked == 0) continue;
    return make_error(ErrorKind::gate,
                      fmt::format("the scope cannot be purged: {} rows outside it refer to {}: {}",
                                  table.blocked, table.dataset, table.blocked_by));
  }
  RETURN_IF_ERROR(session.run("SET LOCAL search_path TO DEFAULT; SET CONSTRAINTS ALL DEFERRED"));
  for (const auto& tables : groups) {
    if (const Status removed = doomed.remove(tables); !removed.ok()) {
      return at("deleting the rows of " + tables.front().text(), removed.error());
    }
  }
  RETURN_IF_ERROR(transaction.commit());
  return plan;
}

}  // namespace godwit::connect::postgres
