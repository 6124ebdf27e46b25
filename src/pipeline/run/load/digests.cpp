#include "pipeline/run/load/digests.h"

#include "duck/row_digest.h"

#include <algorithm>

namespace godwit::pipeline {

namespace {

TableReport& report_of(RunReport& report, const std::string& dataset) {
  const auto found = std::find_if(report.tables.begin(), report.tables.end(),
                                  [&](const TableReport& table) { return table.dataset == dataset; });
  CHECK(found != report.tables.end());
  return *found;
}

Status complete(const RunContext& context, duck::Connection& connection, DatasetManifest& staged) {
  TableReport& table = report_of(*context.report, staged.id);
  if (staged.digest.empty()) {
    staged.digest = table.digest;
  } else if (!table.digest.empty() && table.digest != staged.digest) {
    return make_error(ErrorKind::failed,
                      staged.id + ": the rows that were loaded are not those that were staged",
                      "start a new run");
  }
  if (staged.digest.empty()) {
    const DatasetPlan* planned = context.plan->dataset(staged.id);
    CHECK(planned != nullptr);
    ASSIGN_OR_RETURN(staged.digest, digest_of_files(connection, *context.folder, *planned, staged));
  }
  table.digest = staged.digest;
  return {};
}

}  // namespace

Result<std::string> digest_of_files(duck::Connection& connection, const RunFolder& folder,
                                    const DatasetPlan& planned, const DatasetManifest& staged) {
  std::vector<std::string> columns;
  for (const DatasetColumn& column : planned.dataset.columns)
    columns.push_back(column.name);
  ASSIGN_OR_RETURN(const auto rows, connection.query("SELECT " + duck::row_digest_sql(columns) + " FROM " +
                                                     staged_relation(folder, staged)));
  return rows.rows[0][0].value_or("");
}

Status complete_digests(const RunContext& context, Manifest& manifest, duck::Database& staged) {
  ASSIGN_OR_RETURN(const auto connection, staged.connect());
  connection->set_cancel_flag(context.services->cancel);
  for (StoreManifest& store : manifest.stores) {
    for (DatasetManifest& dataset : store.datasets)
      RETURN_IF_ERROR(complete(context, *connection, dataset));
  }
  return write_manifest(*context.folder, manifest);
}

}  // namespace godwit::pipeline
