#include "pipeline/inspect.h"

#include "base/text.h"
#include "check/dataset_index.h"
#include "duck/database.h"
#include "os/files.h"
#include "pipeline/plan/migration_plan.h"
#include "pipeline/run/run_folder.h"

#include <fmt/format.h>

#include <charconv>

namespace godwit::pipeline {

namespace {

int64_t to_number(const std::optional<std::string>& text) {
  int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

Result<DatasetProfile> profile(duck::Connection& connection, const Dataset& dataset,
                               const std::string& relation, int samples) {
  DatasetProfile out;
  out.dataset = dataset.id;
  std::vector<std::string> facts = {"count(*)"};
  std::vector<std::string> texts;
  for (const DatasetColumn& column : dataset.columns) {
    const std::string name = quote_identifier(column.name);
    facts.push_back(fmt::format("count(*) - count({})", name));
    facts.push_back(fmt::format("approx_count_distinct({})", name));
    facts.push_back(fmt::format("min(length(CAST({} AS VARCHAR)))", name));
    facts.push_back(fmt::format("max(length(CAST({} AS VARCHAR)))", name));
    texts.push_back(fmt::format("CAST({} AS VARCHAR)", name));
  }
  ASSIGN_OR_RETURN(const auto row, connection.query("SELECT " + join(facts, ", ") + " FROM " + relation));
  out.rows = to_number(row.rows[0][0]);
  for (size_t i = 0; i < dataset.columns.size(); ++i) {
    const Column* described = dataset.table.column(dataset.columns[i].name);
    ColumnProfile column;
    column.name = dataset.columns[i].name;
    column.type = described != nullptr ? described->type_name : "";
    column.mask = to_string(dataset.masks[i].strategy);
    column.nulls = to_number(row.rows[0][1 + 4 * i]);
    column.distinct = to_number(row.rows[0][2 + 4 * i]);
    column.shortest = row.rows[0][3 + 4 * i].value_or("");
    column.longest = row.rows[0][4 + 4 * i].value_or("");
    out.columns.push_back(std::move(column));
  }
  if (samples == 0) return out;
  ASSIGN_OR_RETURN(const auto rows, connection.query(fmt::format("SELECT {} FROM {} LIMIT {}",
                                                                 join(texts, ", "), relation, samples)));
  for (const auto& values : rows.rows) {
    std::vector<std::string> sample;
    for (const auto& value : values)
      sample.push_back(value.value_or("NULL"));
    out.samples.push_back(std::move(sample));
  }
  return out;
}

}  // namespace

Result<std::vector<DatasetProfile>> inspect(const std::string& settings_folder, const std::string& run,
                                            const std::string& table, int samples) {
  ASSIGN_OR_RETURN(const RunFolder folder, RunFolder::open(settings_folder, run));
  ASSIGN_OR_RETURN(const std::string text, os::read_file(folder.plan()));
  ASSIGN_OR_RETURN(MigrationPlan plan, plan_from_json(text));
  ASSIGN_OR_RETURN(const Manifest manifest, read_manifest(folder));
  apply_restaging(plan, manifest);
  std::vector<const Dataset*> datasets;
  for (const StorePlan& store : plan.stores) {
    for (const DatasetPlan& planned : store.datasets)
      datasets.push_back(&planned.dataset);
  }
  if (!table.empty()) {
    const check::DatasetIndex index(datasets);
    datasets = index.find("", table);
    if (datasets.empty()) {
      const auto near = nearest(table, index.names());
      return make_error(ErrorKind::usage, fmt::format("run {} has no table {}", run, table),
                        near.empty() ? "" : "did you mean " + near[0] + "?");
    }
  }
  duck::DatabaseOptions options;
  options.folder = folder.path();
  ASSIGN_OR_RETURN(const auto database, duck::Database::open(options));
  ASSIGN_OR_RETURN(const auto connection, database->connect());
  std::vector<DatasetProfile> profiles;
  for (const Dataset* dataset : datasets) {
    const DatasetManifest* staged = manifest.dataset(dataset->id);
    if (staged == nullptr) continue;  // the run stopped before this one
    ASSIGN_OR_RETURN(DatasetProfile one, profile(*connection, *dataset, staged_relation(folder, *staged),
                                                 table.empty() ? 0 : samples));
    profiles.push_back(std::move(one));
  }
  return profiles;
}

}  // namespace godwit::pipeline
