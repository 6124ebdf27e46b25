// The lock that each form of ALTER TABLE takes. Inside this folder only.
#pragma once

#include "sql/classify.h"

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace godwit::sql {

struct AlteredTable {
  const nlohmann::json* relation;  // a RangeVar of the tree
  LockMode mode;
};

// The altered table, in the strongest mode of its forms, and what a foreign key, a partition or a parent
// names.
[[nodiscard]] std::vector<AlteredTable> tables_altered_by(const nlohmann::json& alter);

}  // namespace godwit::sql
