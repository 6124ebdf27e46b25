#include "connect/postgres/load/load_context.h"

#include "connect/postgres/catalog/wire_type.h"
#include "connect/postgres/read/scan_sql.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {

Result<std::unique_ptr<LoadedTable>> loaded_table(const DatasetLoad& load) {
  auto table = std::make_unique<LoadedTable>();
  table->dataset_id = load.dataset->id;
  table->dataset = *load.dataset;
  table->target = *load.target;
  table->closure = load.dataset->closure;
  table->strategy = load.strategy;
  table->triggers = load.triggers;
  table->scope = load.scope;
  table->deferred = load.deferred_columns;
  table->resolve = load.resolve;
  for (const DatasetColumn& column : load.dataset->columns) {
    if (load.target->column(column.name) == nullptr) {
      return make_error(ErrorKind::plan_refused,
                        "the target's table " + load.target->name.text() + " has no column " + column.name);
    }
    table->columns.push_back(column.name);
  }
  table->identity = identity_of(*load.target, table->columns);
  return table;
}

std::string passing_name(LoadContext& context, const char* what) {
  return fmt::format("godwit.\"{}_{}_{}\"", what, context.session.backend_pid(), context.next_ordinal++);
}

Result<std::string> make_set(LoadContext& context, const char* what, const std::string& select) {
  std::string name = passing_name(context, what);
  RETURN_IF_ERROR(
      context.session.run(fmt::format("CREATE UNLOGGED TABLE {0} AS {1}; ANALYZE {0}", name, select)));
  context.sets.push_back(name);
  return name;
}

const char* to_text(TriggerPolicy policy) {
  switch (policy) {
    case TriggerPolicy::fire:
      return "fire";
    case TriggerPolicy::disable:
      return "disable";
    case TriggerPolicy::fail:
      return "fail";
  }
  return "fire";
}

Status record_undo(LoadContext& context, const LoadedTable& table, int ordinal, const char* kind,
                   int64_t rows) {
  if (rows == 0) return {};
  std::vector<std::string> staged;
  for (const DatasetColumn& column : table.dataset.columns)
    staged.push_back(staging_text(column));
  auto recorded = context.session.query(
      "INSERT INTO godwit.undo_table (run, store, ordinal, load_group, dataset, table_schema, table_name, "
      "kind, "
      "key_columns, key_types, whole_rows, triggers, row_count, row_columns, row_types) VALUES ($1, $2, "
      "$3::int, $4::int, $5, $6, "
      "$7, $8, "
      "$9::text[], $10::text[], $11::boolean, $12, $13::bigint, $14::text[], $15::text[])",
      {context.marker.run, context.marker.store, std::to_string(ordinal), std::to_string(table.group),
       table.dataset_id, table.target.name.schema, table.target.name.name, kind,
       array_literal(table.identity.columns), array_literal(table.identity.types),
       table.identity.whole_rows ? "t" : "f", to_text(table.triggers), std::to_string(rows),
       array_literal(table.columns), array_literal(staged)});
  if (!recorded.ok()) return recorded.error();
  return {};
}

}  // namespace godwit::connect::postgres
