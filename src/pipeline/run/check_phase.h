// The gate before loading: every planned check evaluated over the staged data, checks.json written, the
// verdict.
#pragma once

#include "base/result.h"
#include "connect/source.h"
#include "duck/database.h"
#include "pipeline/run/run_context.h"
#include "pipeline/run/run_folder.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace godwit::pipeline {

// References that leave the copied rows, looked up in the target: findings by check id. `targets` are
// parallel to the plan's stores and opened for reading.
[[nodiscard]] Result<std::map<std::string, int64_t>> count_missing_references(
    const RunContext& context, const std::vector<std::unique_ptr<connect::Source>>& targets,
    const Manifest& manifest, duck::Database& staged);

// ErrorKind::findings when the verdict is FAILED. Outcomes and summary stand in the report either way.
[[nodiscard]] Status run_checks(const RunContext& context, const std::map<std::string, int64_t>& counted,
                                const Manifest& manifest, duck::Database& staged);

}  // namespace godwit::pipeline
