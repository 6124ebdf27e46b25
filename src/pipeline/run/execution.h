// The steps of a run after planning, and what its report says of them. The same steps serve a fresh run and a
// resumed one: each looks at what is there already.
#pragma once

#include "base/result.h"
#include "connect/sink.h"
#include "duck/database.h"
#include "pipeline/planner.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <memory>
#include <vector>

namespace godwit::pipeline {

using Sinks = std::vector<std::unique_ptr<connect::Sink>>;

// Extract, check, load, commit, verify. `sinks` are open and hold the targets' locks. `fresh`: no earlier
// attempt of this run has touched anything.
[[nodiscard]] Status execute(const RunContext& context, OpenStores& stores, Sinks& sinks,
                             const MaskContext& masks, bool skip_load, bool fresh);

// DuckDB over the run's masked data; it may spill into the run's folder.
[[nodiscard]] Result<std::unique_ptr<duck::Database>> open_staged(const RunFolder& folder, const Job& job);
void describe_plan(const MigrationPlan& plan, RunReport& report);
void describe_manifest(const Manifest& manifest, RunReport& report);

}  // namespace godwit::pipeline
