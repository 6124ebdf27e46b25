#include "pipeline/masking/sample.h"

#include "base/text.h"
#include "duck/database.h"
#include "mask/rules/detectors.h"
#include "mask/rules/rule_book.h"

#include <fmt/format.h>

namespace godwit::pipeline {

namespace {

constexpr int sample_rows = 500;

std::vector<size_t> wanted_columns(const mask::RuleBook& book, const Dataset& dataset) {
  std::vector<size_t> wanted;
  for (size_t i = 0; i < dataset.columns.size(); ++i) {
    const Column* column = dataset.table.column(dataset.columns[i].name);
    if (column != nullptr && dataset.columns[i].staging == StagingType::text &&
        book.wants_sample(dataset.store, dataset.table.name, *column)) {
      wanted.push_back(i);
    }
  }
  return wanted;
}

// This instance sees plaintext: it has nowhere to spill, and its one result stays here.
Result<duck::Rows> read_sample(connect::Source& source, const StoreClosure& closure, const std::string& scope,
                               const Dataset& dataset, duck::Database& database, int serial) {
  connect::Scan scan;
  scan.dataset = &dataset;
  scan.closure = &closure;
  scan.scope = scope;
  ASSIGN_OR_RETURN(auto producer, source.read(scan));
  ASSIGN_OR_RETURN(const auto connection, database.connect());
  const std::string name = fmt::format("godwit_sample_{}", serial);
  RETURN_IF_ERROR(connection->register_table(name, std::move(producer)));
  std::vector<std::string> columns;
  for (const DatasetColumn& column : dataset.columns)
    columns.push_back(quote_identifier(column.name));
  return connection->query(
      fmt::format("SELECT {} FROM {}() LIMIT {}", join(columns, ", "), name, sample_rows));
}

}  // namespace

Status sample_columns(connect::Source& source, const StoreClosure& closure, const std::string& scope,
                      const std::vector<Dataset*>& datasets, const MaskRules& rules,
                      const MaskContext& context, const std::string& folder, DetectedColumns& detected) {
  ASSIGN_OR_RETURN(const mask::RuleBook book, mask::RuleBook::compile(rules));
  duck::DatabaseOptions options;
  options.folder = folder;
  options.memory_limit_mb = 128;
  options.threads = 1;
  std::unique_ptr<duck::Database> database;
  int serial = 0;
  for (const Dataset* dataset : datasets) {
    const std::vector<size_t> wanted = wanted_columns(book, *dataset);
    if (wanted.empty()) continue;
    if (database == nullptr) {
      ASSIGN_OR_RETURN(database, duck::Database::open(options));
      ASSIGN_OR_RETURN([[maybe_unused]] const auto snapshot, source.snapshot());
    }
    Dataset narrow = *dataset;
    narrow.has_owned_column = false;
    narrow.columns.clear();
    for (const size_t i : wanted)
      narrow.columns.push_back(dataset->columns[i]);
    ASSIGN_OR_RETURN(const duck::Rows rows, read_sample(source, closure, scope, narrow, *database, serial++));
    for (size_t c = 0; c < wanted.size(); ++c) {
      std::vector<std::string> values;
      for (const auto& row : rows.rows) {
        if (row[c]) values.push_back(*row[c]);
      }
      detected[dataset->id + "." + narrow.columns[c].name] = mask::detected(values, context.dictionaries);
    }
  }
  return {};
}

}  // namespace godwit::pipeline
