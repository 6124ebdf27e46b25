// The planner of the scope closure (DESIGN §5): from catalogs and settings to what moves, why, and in what
// order. Pure: no store is asked.
//
// Refuses with everything that is wrong at once, each with the YAML that settles it: ErrorKind::plan_refused
// when a person has to decide (several paths, unclassified tables, a cycle that cannot be loaded),
// ErrorKind::config with file:line:column when a setting names what is not there or cannot hold.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "model/catalog.h"
#include "model/closure.h"

#include <string>
#include <vector>

namespace godwit::pipeline {

// What to plan from; not owned. The catalogs stand in the pipeline's store order.
struct ClosureInput {
  const PipelineSettings* settings = nullptr;
  std::vector<const Catalog*> sources;
};

// One StoreClosure per catalog, in the same order.
[[nodiscard]] Result<std::vector<StoreClosure>> plan_closure(const ClosureInput& input);

// Where the scope's root stands: for scope_exists and scope_values.
struct ScopeRoot {
  std::string store;
  TableName table;
  std::string column;
};
[[nodiscard]] Result<ScopeRoot> find_scope_root(const ClosureInput& input);

}  // namespace godwit::pipeline
