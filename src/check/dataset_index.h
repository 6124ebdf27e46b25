// Finds datasets by the ways a person names a table.
#pragma once

#include "model/dataset.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::check {

// A view over datasets that outlive it.
class DatasetIndex {
 public:
  explicit DatasetIndex(std::vector<const Dataset*> datasets) : datasets_(std::move(datasets)) {}

  [[nodiscard]] const std::vector<const Dataset*>& all() const { return datasets_; }
  // "students", "schema.students", "ids.students", "ids.schema.students"; `store` narrows when it is not
  // empty. More than one match means that the name is ambiguous.
  [[nodiscard]] std::vector<const Dataset*> find(std::string_view store, std::string_view table) const;
  [[nodiscard]] const Dataset* by_id(std::string_view id) const;
  [[nodiscard]] const Dataset* by_table(std::string_view store, const TableName& table) const;
  // "store.table" of every dataset, for hints.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::vector<const Dataset*> datasets_;
};

}  // namespace godwit::check
