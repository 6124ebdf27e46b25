#include "check/dataset_index.h"

namespace godwit::check {

std::vector<const Dataset*> DatasetIndex::find(std::string_view store, std::string_view table) const {
  std::vector<const Dataset*> found;
  for (const Dataset* dataset : datasets_) {
    if (!store.empty() && dataset->store != store) continue;
    const TableName& name = dataset->table.name;
    if (table == name.name || table == name.text() || table == dataset->store + "." + name.name ||
        table == dataset->id) {
      found.push_back(dataset);
    }
  }
  return found;
}

const Dataset* DatasetIndex::by_id(std::string_view id) const {
  for (const Dataset* dataset : datasets_) {
    if (dataset->id == id) return dataset;
  }
  return nullptr;
}

const Dataset* DatasetIndex::by_table(std::string_view store, const TableName& table) const {
  for (const Dataset* dataset : datasets_) {
    if (dataset->store == store && dataset->table.name == table) return dataset;
  }
  return nullptr;
}

std::vector<std::string> DatasetIndex::names() const {
  std::vector<std::string> out;
  for (const Dataset* dataset : datasets_)
    out.push_back(dataset->store + "." + dataset->table.name.name);
  return out;
}

}  // namespace godwit::check
