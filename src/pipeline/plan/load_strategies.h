// How each planned table enters the target: `load` of the pipeline, found among the tables of the plan. Pure.
#pragma once

#include "base/result.h"
#include "config/settings.h"
#include "model/catalog.h"
#include "pipeline/plan/migration_plan.h"

#include <vector>

namespace godwit::pipeline {

// Sets strategies and resolutions of all datasets, and notes what a person should know. `catalogs` are the
// sources', parallel to plan.stores. ErrorKind::config with a place when a reference finds nothing or a
// resolution makes no sense; ErrorKind::plan_refused when a table cannot be replaced.
[[nodiscard]] Status plan_strategies(const PipelineSettings& settings, const std::vector<Catalog>& catalogs,
                                     MigrationPlan& plan);

}  // namespace godwit::pipeline
