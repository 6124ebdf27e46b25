#include "base/text.h"
#include "connect/selection_sql.h"
#include "connect/sqlite/undo/removal.h"
#include "connect/sqlite/undo/undo.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

namespace {

// Children first: the load order backwards.
std::vector<TableName> undo_order(const StoreClosure& closure) {
  std::vector<TableName> order;
  for (const auto& group : closure.load_order)
    order.insert(order.end(), group.begin(), group.end());
  for (const TableClosure& table : closure.tables) {
    if (std::find(order.begin(), order.end(), table.table) == order.end()) order.push_back(table.table);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

Status refuse_links(const TableClosure& table) {
  for (const OwnerStep& step : table.owners) {
    if (step.kind != OwnerStep::Kind::link) continue;
    return make_error(ErrorKind::plan_refused,
                      fmt::format("{} is owned over link {}: its keys are in another store",
                                  table.table.text(), step.foreign_key.name),
                      "roll the scope's runs back instead");
  }
  return {};
}

Result<int64_t> mark_owned(StoreConnection& connection, const StoreClosure& closure, const Catalog& catalog,
                           Removal& removal, const Table& table) {
  ASSIGN_OR_RETURN(const SqlDialect dialect, connection.dialect({}));
  const SelectionSql selection = select_rows(closure, catalog, table.name, dialect);
  const RowAddress address = removal.address(table);
  ASSIGN_OR_RETURN(RowSet * marked, removal.marked(table));
  ASSIGN_OR_RETURN(auto rows, connection.database().prepare(fmt::format(
                                  "{} SELECT {} FROM {} WHERE ({}) AND {}", selection.with, address.list("t"),
                                  selection.from, selection.where, selection.owned)));
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, rows.step());
    if (!more) return marked->size();
    std::vector<sqlite::Value> found;
    for (int i = 0; i < rows.columns(); ++i)
      found.push_back(rows.value(i));
    ASSIGN_OR_RETURN([[maybe_unused]] const bool fresh, marked->add(found, true, true));
  }
}

void block(UndoPlan& plan, const std::string& dataset, const Removal::Missed& missed) {
  for (UndoTable& table : plan.tables) {
    if (table.dataset != dataset) continue;
    table.blocked += missed.rows;
    table.blocked_by = missed.edge;
  }
}

}  // namespace

Result<UndoPlan> purge_scope(StoreConnection& connection, const StoreClosure& closure,
                             const std::string& scope, bool execute) {
  UndoPlan plan;
  ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin(connection.database()));
  connection.set_scope(scope);
  ASSIGN_OR_RETURN(const Catalog* catalog, connection.catalog(closure.store));
  ASSIGN_OR_RETURN(Removal removal, Removal::begin(connection, closure.store));
  for (const TableName& name : undo_order(closure)) {
    const TableClosure* entry = closure.table(name);
    const Table* table = catalog->table(name);
    if (entry == nullptr || table == nullptr || entry->membership != Membership::owned) continue;
    RETURN_IF_ERROR(refuse_links(*entry));
    UndoTable& line = plan.tables.emplace_back();
    line.dataset = dataset_id(closure.store, name);
    ASSIGN_OR_RETURN(line.to_delete, mark_owned(connection, closure, *catalog, removal, *table));
  }
  RETURN_IF_ERROR(removal.note_orphans());
  RETURN_IF_ERROR(connection.database().set_triggers_enabled(false));
  const Status removed = removal.remove_marked();
  RETURN_IF_ERROR(connection.database().set_triggers_enabled(true));
  RETURN_IF_ERROR(removed);
  ASSIGN_OR_RETURN(const auto missed, removal.missed());
  for (const auto& [name, entry] : missed)
    block(plan, dataset_id(closure.store, name), entry);
  if (!execute) return plan;
  for (const UndoTable& table : plan.tables) {
    if (table.blocked == 0) continue;
    return make_error(ErrorKind::gate,
                      fmt::format("the scope cannot be purged: {} rows refer to rows of {} ({})",
                                  table.blocked, table.dataset, table.blocked_by),
                      "take those rows away first");
  }
  RETURN_IF_ERROR(transaction.commit());
  return plan;
}

}  // namespace godwit::connect
