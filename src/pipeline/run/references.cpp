#include "base/text.h"
#include "check/generate.h"
#include "duck/parquet.h"
#include "os/files.h"
#include "pipeline/run/check_phase.h"
#include "pipeline/verify/target_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace godwit::pipeline {

namespace {

int64_t first_number(const duck::Rows& rows) {
  int64_t number = 0;
  const std::string text = rows.rows[0][0].value_or("0");
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Keys are compared as text: parent and child may be staged under different integer widths.
std::string key_list(const std::vector<std::string>& columns) {
  std::vector<std::string> out;
  for (size_t i = 0; i < columns.size(); ++i)
    out.push_back(fmt::format("CAST({} AS VARCHAR) AS k{}", quote_identifier(columns[i]), i));
  return join(out, ", ");
}

std::string all_present(const std::vector<std::string>& columns) {
  std::vector<std::string> out;
  for (const std::string& column : columns)
    out.push_back(quote_identifier(column) + " IS NOT NULL");
  return join(out, " AND ");
}

class ReferenceCount {
 public:
  ReferenceCount(const RunContext& context, const std::vector<std::unique_ptr<connect::Source>>& targets,
                 const Manifest& manifest, duck::Connection& connection)
      : context_(context), targets_(targets), manifest_(manifest), connection_(connection) {}

  // Distinct keys that neither the copied rows nor the target have.
  Result<int64_t> missing(const DatasetPlan& child, const ForeignKey& key) {
    const std::string store = key.parent_store.empty() ? child.dataset.store : key.parent_store;
    const DatasetManifest* staged = manifest_.dataset(child.dataset.id);
    std::string wanted = fmt::format("SELECT DISTINCT {} FROM {} WHERE {}", key_list(key.columns),
                                     staged_relation(*context_.folder, *staged), all_present(key.columns));
    if (const DatasetManifest* parent = manifest_.dataset(dataset_id(store, key.parent))) {
      wanted = fmt::format("({}) EXCEPT (SELECT {} FROM {})", wanted, key_list(key.parent_columns),
                           staged_relation(*context_.folder, *parent));
    }
    ASSIGN_OR_RETURN(const auto outside, connection_.query("SELECT count(*) FROM (" + wanted + ")"));
    if (first_number(outside) == 0) return 0;
    ASSIGN_OR_RETURN(const std::string target, target_keys(store, key));
    ASSIGN_OR_RETURN(const auto absent,
                     connection_.query(fmt::format("SELECT count(*) FROM (({}) EXCEPT (SELECT {} FROM {}))",
                                                   wanted, key_list(key.parent_columns), target)));
    return first_number(absent);
  }

 private:
  // The parent's keys as the target holds them.
  Result<std::string> target_keys(const std::string& store, const ForeignKey& key) {
    size_t at = 0;
    while (at < context_.plan->stores.size() && context_.plan->stores[at].store != store)
      ++at;
    CHECK(at < context_.plan->stores.size());
    connect::Source& target = *targets_[at];
    if (std::find(opened_.begin(), opened_.end(), store) == opened_.end()) {
      ASSIGN_OR_RETURN([[maybe_unused]] const auto snapshot, target.snapshot());
      opened_.push_back(store);
    }
    ASSIGN_OR_RETURN(const Catalog catalog, target.catalog());
    const Table* table = catalog.table(key.parent);
    if (table == nullptr) {
      return make_error(ErrorKind::plan_refused,
                        fmt::format("the target of store {} has no table {}", store, key.parent.text()));
    }
    Dataset parent;
    parent.store = store;
    parent.id = dataset_id(store, key.parent);
    parent.table = *table;
    for (const std::string& column : key.parent_columns) {
      const Column* described = table->column(column);
      CHECK(described != nullptr);
      parent.columns.push_back(target.stage(*described));
    }
    const std::string path = fmt::format("{}/references/keys-{}.parquet", context_.folder->path(), serial_);
    RETURN_IF_ERROR(read_target(target, connection_, parent, context_.plan->stores[at].closure,
                                context_.plan->scope, true, path,
                                fmt::format("godwit_reference_{}", serial_)));
    ++serial_;
    return duck::read_parquet_sql({path});
  }

  const RunContext& context_;
  const std::vector<std::unique_ptr<connect::Source>>& targets_;
  const Manifest& manifest_;
  duck::Connection& connection_;
  std::vector<std::string> opened_;
  int serial_ = 0;
};

}  // namespace

Result<std::map<std::string, int64_t>> count_missing_references(
    const RunContext& context, const std::vector<std::unique_ptr<connect::Source>>& targets,
    const Manifest& manifest, duck::Database& staged) {
  std::vector<const Dataset*> datasets;
  for (const StorePlan& store : context.plan->stores) {
    for (const DatasetPlan& planned : store.datasets)
      datasets.push_back(&planned.dataset);
  }
  const check::DatasetIndex index(std::move(datasets));
  ASSIGN_OR_RETURN(const auto connection, staged.connect());
  connection->set_cancel_flag(context.services->cancel);
  ReferenceCount counter(context, targets, manifest, *connection);
  std::map<std::string, int64_t> counted;
  for (const StorePlan& store : context.plan->stores) {
    for (const DatasetPlan& planned : store.datasets) {
      for (const NecessityEdge& edge : planned.dataset.closure.edges) {
        if (!check::needs_target(index, planned.dataset, edge)) continue;
        ASSIGN_OR_RETURN(counted[check::reference_check_id(planned.dataset, edge.foreign_key)],
                         counter.missing(planned, edge.foreign_key));
      }
    }
  }
  RETURN_IF_ERROR(os::remove_all(context.folder->path() + "/references"));
  return counted;
}

}  // namespace godwit::pipeline
