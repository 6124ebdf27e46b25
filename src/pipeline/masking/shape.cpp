#include "pipeline/masking/shape.h"

#include "base/check.h"
#include "check/relations.h"

#include <algorithm>

namespace godwit::pipeline {

mask::ColumnShape shape_of_column(const Dataset& dataset, const std::string& column) {
  const Column* described = dataset.table.column(column);
  CHECK(described != nullptr);
  const bool unique = std::any_of(dataset.table.keys.begin(), dataset.table.keys.end(), [&](const Key& key) {
    return std::find(key.columns.begin(), key.columns.end(), column) != key.columns.end();
  });
  return mask::shape_of(*described, unique, dataset.table.estimated_rows);
}

std::string staged_type(const DatasetColumn& column) {
  return check::staged_type_sql(column);
}

}  // namespace godwit::pipeline
