// Whether a row that stands in the target belongs to the scope, asked of the target itself.

#include "base/text.h"
#include "connect/sqlite/load/load_context.h"
#include "connect/sqlite/values/types.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

namespace {

class OwnershipText {
 public:
  OwnershipText(const LoadContext& context, bool look_up) : context_(context), look_up_(look_up) {}

  std::string owned(const LoadedTable& table, const std::string& alias) {
    path_.insert(table.target.name);
    std::string sql;
    for (const OwnerStep& step : table.closure.owners)
      sql += (sql.empty() ? "" : " OR ") + holds(table, step, alias);
    path_.erase(table.target.name);
    return sql.empty() ? of_this_run(table, alias) : "(" + sql + ")";
  }

 private:
  static std::string of_this_run(const LoadedTable& table, const std::string& alias) {
    return table.rows.has_value() ? table.rows->contains(alias) : "FALSE";
  }

  // The parent is not to be seen from here. A row that is looked up for an incoming one belongs to the scope
  // when both have the same parent: the incoming one's belongs to it, and a parent that does not is found by
  // its own load.
  [[nodiscard]] std::string by_incoming(const LoadedTable& table, const OwnerStep& step,
                                        const std::string& alias) const {
    if (!look_up_ || path_.size() > 1) return of_this_run(table, alias);
    std::string same;
    for (const std::string& name : step.foreign_key.columns) {
      const auto found = std::find(table.columns.begin(), table.columns.end(), name);
      if (found == table.columns.end()) return of_this_run(table, alias);
      same += fmt::format("{}{}.{} IS ?{}", same.empty() ? "" : " AND ", alias, quote_identifier(name),
                          found - table.columns.begin() + 1);
    }
    return "(" + same + ")";
  }

  std::string holds(const LoadedTable& table, const OwnerStep& step, const std::string& alias) {
    if (step.kind == OwnerStep::Kind::root || step.kind == OwnerStep::Kind::key) {
      const Column* column = table.target.column(step.column);
      const bool plain = column != nullptr && affinity_of(column->type_name) == Affinity::blob;
      std::string value = alias + "." + quote_identifier(step.column);
      if (plain) value = "CAST(" + value + " AS TEXT)";
      return "coalesce(" + value + " = godwit_scope(), FALSE)";
    }
    if (step.kind == OwnerStep::Kind::link) return by_incoming(table, step, alias);
    const auto parent = context_.tables.find(step.foreign_key.parent);
    if (parent == context_.tables.end()) return by_incoming(table, step, alias);
    const std::string inner = fmt::format("p{}", ++aliases_);
    std::string on;
    for (size_t i = 0; i < step.foreign_key.columns.size(); ++i) {
      on += fmt::format("{}{}.{} = {}.{}", i == 0 ? "" : " AND ", inner,
                        quote_identifier(step.foreign_key.parent_columns[i]), alias,
                        quote_identifier(step.foreign_key.columns[i]));
    }
    const bool circle = path_.count(step.foreign_key.parent) > 0;
    return fmt::format("EXISTS (SELECT 1 FROM {} AS {} WHERE {} AND {})", table_sql(step.foreign_key.parent),
                       inner, on,
                       circle ? of_this_run(*parent->second, inner) : owned(*parent->second, inner));
  }

  const LoadContext& context_;
  const bool look_up_;
  std::set<TableName> path_;
  int aliases_ = 0;
};

}  // namespace

std::string owned_in_target_sql(const LoadContext& context, const LoadedTable& table,
                                const std::string& alias) {
  return OwnershipText(context, false).owned(table, alias);
}

std::string owned_before_sql(const LoadContext& context, const LoadedTable& table, const std::string& alias) {
  return OwnershipText(context, true).owned(table, alias);
}

}  // namespace godwit::connect
