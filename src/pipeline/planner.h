// Planning: catalogs of both ends in, a MigrationPlan out. Reads; writes nothing anywhere.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "pipeline/engine.h"
#include "pipeline/masking/mask_context.h"
#include "pipeline/plan/migration_plan.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// The stores of a pipeline, opened for reading at both ends, in pipeline order.
struct OpenStores {
  std::vector<std::unique_ptr<connect::Source>> sources;
  std::vector<std::unique_ptr<connect::Source>> targets;
};

[[nodiscard]] Result<OpenStores> open_stores(const Services& services, const Job& job);
// Of one store at both ends: "prod, cert: NOTE".
[[nodiscard]] std::vector<std::string> connection_notes(const Job& job, const OpenStores& stores,
                                                        size_t store);
[[nodiscard]] Result<MaskContext> mask_context(const Job& job);

// Everything the plan refuses is refused here: unknown scope, missing tables or columns in the target,
// several owning paths, unclassified columns, rules that name nothing.
[[nodiscard]] Result<MigrationPlan> make_plan(const Services& services, const Job& job, OpenStores& stores,
                                              const MaskContext& masks);

}  // namespace godwit::pipeline
