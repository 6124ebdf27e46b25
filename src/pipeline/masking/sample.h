// Samples for value detectors: a few values of the columns whose classification they could change. The values
// stay in memory; what leaves are names of detectors.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "model/dataset.h"
#include "model/mask_rule.h"
#include "pipeline/masking/classify.h"
#include "pipeline/masking/mask_context.h"

#include <vector>

namespace godwit::pipeline {

// `source` has a snapshot. Only columns that a rule with a detector might decide are read.
[[nodiscard]] Status sample_columns(connect::Source& source, const StoreClosure& closure,
                                    const std::string& scope, const std::vector<Dataset*>& datasets,
                                    const MaskRules& rules, const MaskContext& context,
                                    const std::string& folder, DetectedColumns& detected);

}  // namespace godwit::pipeline
