#include "connect/selection_sql.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/selection_sets.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {
namespace {

const TableClosure& entry_of(const StoreClosure& closure, const TableName& table) {
  const TableClosure* entry = closure.table(table);
  CHECK(entry != nullptr);
  return *entry;
}

std::string count_sql(const SelectionSets& sets, const std::string& from, const std::string& where) {
  const std::string with = sets.with();
  return fmt::format("{}{}SELECT count(*) FROM {} WHERE {}", with, with.empty() ? "" : "\n", from, where);
}

}  // namespace

SqlDialect postgres_dialect() {
  SqlDialect dialect;
  dialect.scope_expression = "current_setting('godwit.scope')";
  dialect.postgres = true;
  return dialect;
}

SqlDialect sqlite_dialect() {
  SqlDialect dialect;
  dialect.scope_expression = "godwit_scope()";
  dialect.postgres = false;
  return dialect;
}

std::vector<std::string> cut_columns(const TableClosure& closure, const Table& table,
                                     const ForeignKey& foreign_key) {
  const auto contains = [](const std::vector<std::string>& columns, const std::string& name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  std::vector<std::string> free;
  for (const auto& name : foreign_key.columns) {
    const Column* column = table.column(name);
    CHECK(column != nullptr);
    const bool owns = std::any_of(closure.owners.begin(), closure.owners.end(), [&](const OwnerStep& step) {
      return step.column == name || contains(step.foreign_key.columns, name);
    });
    const bool elsewhere =
        std::any_of(closure.edges.begin(), closure.edges.end(), [&](const NecessityEdge& edge) {
          return edge.foreign_key.name != foreign_key.name && contains(edge.foreign_key.columns, name);
        });
    if (column->nullable && column->generated == Generated::no && !owns && !elsewhere) free.push_back(name);
  }
  if (foreign_key.match_full && free.size() < foreign_key.columns.size()) return {};
  return free;
}

SelectionSql select_rows(const StoreClosure& closure, const Catalog& catalog, const TableName& table,
                         const SqlDialect& dialect) {
  const TableClosure& entry = entry_of(closure, table);
  SelectionSets sets(closure, catalog, dialect);
  JoinedTable t = sets.read(table);
  SelectionSql sql;
  sql.where = sets.member(t);
  sql.owned = "FALSE";
  if (entry.membership == Membership::owned) {
    sql.owned = entry.has_needed_rows ? fmt::format("COALESCE({}, FALSE)", sets.owned(t)) : "TRUE";
  }
  std::map<std::string, std::vector<std::string>> conditions;  // by column: each must hold for it to stay
  for (const auto& edge : entry.edges) {
    if (edge.policy != OutsidePolicy::null || edge.inside) continue;
    std::string stays = sets.parent_is_member(t, edge.foreign_key);
    if (stays == "TRUE") continue;
    // Half a reference is none: it stays as it stands.
    const auto& used = edge.foreign_key.columns;
    if (used.size() > 1) stays = fmt::format("({} OR NOT ({}))", stays, none_is_null("t", used));
    for (const auto& column : cut_columns(entry, *t.table, edge.foreign_key))
      conditions[column].push_back(stays);
  }
  for (const auto& [column, stays] : conditions) {
    sql.column_expressions[column] =
        fmt::format("CASE WHEN {} THEN {} END", join(stays, " AND "), column_of("t", column));
  }
  sql.from = t.from;
  sql.with = sets.with();
  return sql;
}

std::string count_disagreeing_sql(const StoreClosure& closure, const Catalog& catalog, const TableName& table,
                                  const SqlDialect& dialect) {
  const TableClosure& entry = entry_of(closure, table);
  if (entry.membership != Membership::owned || entry.owners.size() < 2) return "SELECT 0";
  SelectionSets sets(closure, catalog, dialect);
  JoinedTable t = sets.read(table);
  std::vector<std::string> holding, contradicting;
  for (const auto& step : entry.owners) {
    const std::string holds = fmt::format("COALESCE({}, FALSE)", sets.holds(t, step));
    holding.push_back(holds);
    contradicting.push_back(fmt::format("({} AND NOT {})", SelectionSets::has_value(step), holds));
  }
  return count_sql(sets, t.from,
                   fmt::format("({}) AND ({})", join(holding, " OR "), join(contradicting, " OR ")));
}

std::string count_outside_sql(const StoreClosure& closure, const Catalog& catalog, const TableName& table,
                              const ForeignKey& foreign_key, const SqlDialect& dialect) {
  SelectionSets sets(closure, catalog, dialect);
  JoinedTable t = sets.read(table);
  const std::string member = sets.member(t);
  const std::string stays = sets.parent_is_member(t, foreign_key);
  return count_sql(sets, t.from,
                   fmt::format("({}) AND {} AND NOT COALESCE({}, FALSE)", member,
                               none_is_null("t", foreign_key.columns), stays));
}

}  // namespace godwit::connect
