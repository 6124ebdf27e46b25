// `load: {atomic: table}`: which tables of a store may be divided among several connections, and why none
// may.
#pragma once

#include "config/settings.h"
#include "pipeline/plan/migration_plan.h"

#include <cstdint>

namespace godwit::pipeline {

// Below this a table is not worth a second connection.
inline constexpr int64_t divided_rows_min = 200'000;

// Fills in StorePlan::load, from the catalogs alone. Transactions do not see each other's rows, so a table
// that a foreign key, a link or a path of ownership joins to another one that is loaded is not divided.
void plan_load_connections(const PipelineSettings& settings, MigrationPlan& plan);

}  // namespace godwit::pipeline
