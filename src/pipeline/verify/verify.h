// Verification: the target read again and compared row by row with the run's data.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "duck/database.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <memory>
#include <vector>

namespace godwit::pipeline {

// `targets` are the target stores opened for reading, parallel to the plan's stores. Fills verified,
// mismatched and missing rows of the report's tables; ErrorKind::findings when any row is missing or differs.
[[nodiscard]] Status verify_rows(const RunContext& context,
                                 const std::vector<std::unique_ptr<connect::Source>>& targets,
                                 const Manifest& manifest, duck::Database& staged);

}  // namespace godwit::pipeline
