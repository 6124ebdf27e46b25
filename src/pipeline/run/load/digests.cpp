#include "pipeline/run/load/digests.h"

#include "duck/row_digest.h"

namespace godwit::pipeline {

namespace {

Status complete(const RunContext& context, duck::Connection& connection, DatasetManifest& staged) {
  TableReport& table = context.table_report(staged.id);
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
