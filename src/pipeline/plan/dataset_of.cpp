#include "pipeline/plan/dataset_of.h"

namespace godwit::pipeline {

bool is_copied(Membership membership) {
  return membership == Membership::owned || membership == Membership::needed ||
         membership == Membership::shared;
}

Dataset dataset_of(const std::string& store, const TableClosure& closure, const Table& table,
                   const connect::Source& source) {
  Dataset dataset;
  dataset.id = dataset_id(store, table.name);
  dataset.store = store;
  dataset.table = table;
  dataset.closure = closure;
  dataset.has_owned_column = closure.membership == Membership::owned && closure.has_needed_rows;
  for (const Column& column : table.columns) {
    if (column.generated != Generated::stored) dataset.columns.push_back(source.stage(column));
  }
  return dataset;
}

}  // namespace godwit::pipeline
