// What `godwit analyze` writes: the catalog, the dependency graph, the load order with every cycle and how it
// is broken, which columns are masked and why, and estimates. Reads the sources; needs no scope value.
#pragma once

#include "base/result.h"
#include "pipeline/engine.h"

#include <string>
#include <vector>

namespace godwit::pipeline {

struct Analysis {
  std::vector<std::string> files;  // absolute
  int64_t tables = 0;
  int64_t foreign_keys = 0;
  int64_t cycles = 0;
  int64_t columns = 0;
  int64_t masked_columns = 0;
  int64_t estimated_rows = 0;
};

// Writes schema-analysis.json, dependency-graph.{dot,json}, load-order.json and masking-coverage.json into
// `folder`.
[[nodiscard]] Result<Analysis> analyze(const Services& services, const Job& job, const std::string& folder);

}  // namespace godwit::pipeline
