#include "connect/postgres/ownership_sql.h"

#include "base/text.h"
#include "connect/postgres/read/scan_sql.h"

#include <fmt/format.h>

#include <set>

namespace godwit::connect::postgres {
namespace {

class OwnershipText {
 public:
  explicit OwnershipText(const LoadContext& context) : context_(context) {}

  std::string owned(const LoadedTable& table, const std::string& alias) {
    path_.insert(table.target.name);
    std::string sql;
    for (const OwnerStep& step : table.closure.owners) {
      sql += (sql.empty() ? "" : " OR ") + this->step(table, step, alias);
    }
    path_.erase(table.target.name);
    return sql.empty() ? of_this_run_sql(table, alias) : "(" + sql + ")";
  }

 private:
  std::string step(const LoadedTable& table, const OwnerStep& step, const std::string& alias) {
    switch (step.kind) {
      case OwnerStep::Kind::root:
      case OwnerStep::Kind::key:
        return fmt::format("coalesce({}.{}::text = current_setting('godwit.scope'), false)", alias,
                           quote_identifier(step.column));
      case OwnerStep::Kind::link:
        return of_this_run_sql(table, alias);
      case OwnerStep::Kind::parent:
        break;
    }
    const auto parent = context_.tables.find(step.foreign_key.parent);
    if (parent == context_.tables.end()) return of_this_run_sql(table, alias);
    const std::string inner = fmt::format("p{}", ++aliases_);
    std::string join;
    for (size_t i = 0; i < step.foreign_key.columns.size(); ++i) {
      join += fmt::format("{}{}.{} = {}.{}", i == 0 ? "" : " AND ", inner,
                          quote_identifier(step.foreign_key.parent_columns[i]), alias,
                          quote_identifier(step.foreign_key.columns[i]));
    }
    const bool circle = path_.count(step.foreign_key.parent) > 0;
    return fmt::format("EXISTS (SELECT FROM {} {} WHERE {} AND {})", quoted(step.foreign_key.parent), inner,
                       join,
                       circle ? of_this_run_sql(*parent->second, inner) : owned(*parent->second, inner));
  }

  const LoadContext& context_;
  std::set<TableName> path_;
  int aliases_ = 0;
};

}  // namespace

std::string of_this_run_sql(const LoadedTable& table, const std::string& alias) {
  if (table.stage.empty()) return alias + ".xmin = (SELECT pg_current_xact_id()::xid)";
  return fmt::format("EXISTS (SELECT FROM {} own WHERE own.{} AND {})", table.stage, stage_owned,
                     table.identity.match("own", alias));
}

std::string owned_in_target_sql(const LoadContext& context, const LoadedTable& table,
                                const std::string& alias) {
  return OwnershipText(context).owned(table, alias);
}

}  // namespace godwit::connect::postgres
