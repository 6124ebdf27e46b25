#include "pipeline/verify/target_read.h"

#include "base/text.h"
#include "duck/parquet.h"
#include "os/files.h"

#include <fmt/format.h>

namespace godwit::pipeline {

Result<std::shared_ptr<duck::TableProducer>> target_rows(connect::Source& target, const Dataset& dataset,
                                                         const StoreClosure& closure,
                                                         const std::string& scope, bool whole) {
  Dataset wanted = dataset;
  wanted.has_owned_column = false;
  StoreClosure selection = closure;
  for (TableClosure& table : selection.tables) {
    if (table.table != dataset.table.name) continue;
    if (whole) {
      table.membership = Membership::shared;
      table.owners.clear();
    }
    table.has_needed_rows = false;
    // The rows are taken as they are: no edge is cut here.
    for (NecessityEdge& edge : table.edges)
      edge.policy = OutsidePolicy::reference;
    wanted.closure = table;
  }
  connect::Scan scan;
  scan.dataset = &wanted;
  scan.closure = &selection;
  scan.scope = scope;
  return target.read(scan);
}

Result<int64_t> read_target(connect::Source& target, duck::Connection& connection, const Dataset& dataset,
                            const StoreClosure& closure, const std::string& scope, bool whole,
                            const std::string& path, const std::string& function_name) {
  ASSIGN_OR_RETURN(auto producer, target_rows(target, dataset, closure, scope, whole));
  RETURN_IF_ERROR(connection.register_table(function_name, std::move(producer)));
  RETURN_IF_ERROR(os::make_folder(os::parent_folder(path)));
  std::vector<std::string> columns;
  for (const DatasetColumn& column : dataset.columns)
    columns.push_back(quote_identifier(column.name));
  return connection.run(duck::copy_to_parquet_sql(
      fmt::format("SELECT {} FROM {}()", join(columns, ", "), function_name), path, {}));
}

}  // namespace godwit::pipeline
