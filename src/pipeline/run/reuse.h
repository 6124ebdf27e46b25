// Taking the masked data of an earlier run instead of extracting again: `run --from-run`.
#pragma once

#include "base/result.h"
#include "pipeline/run/run_context.h"

#include <string>

namespace godwit::pipeline {

// Puts files and manifest of `earlier`, a run of the same pipeline and scope, into the context's folder,
// where execute() finds them; the context is planned. Nothing of `earlier` changes. Errors: usage when its
// data is not here or not complete, plan_refused when the plan extracts anything else, gate when it is older
// than reuse_max_age_hours, failed when a file is not the one that was extracted.
[[nodiscard]] Status reuse_data(const RunContext& context, const std::string& earlier);

}  // namespace godwit::pipeline
