// The tables that an explanation can speak of: from the catalogs of the stores that can be read.
#pragma once

#include "connect/source.h"
#include "model/dataset.h"
#include "pipeline/engine.h"

#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

struct KnownTables {
  std::vector<std::unique_ptr<connect::Source>> sources;
  std::vector<Dataset> datasets;    // every table; with its closure where that can be planned
  std::vector<std::string> unread;  // stores that could not be read
  std::vector<std::string> notes;   // what is not known, and why
  bool closure_known = false;
};

[[nodiscard]] KnownTables read_known_tables(const Services& services, const Settings& settings,
                                            const PipelineSettings& pipeline,
                                            const EnvironmentLookup& environment);

}  // namespace godwit::pipeline
