// The JSON documents of a run's folder that people and tools read: checks.json, load.json. docs/FORMATS.md.
#pragma once

#include "base/result.h"
#include "model/check_rule.h"
#include "model/run_report.h"
#include "pipeline/run/run_folder.h"

#include <vector>

namespace godwit::pipeline {

// The one document that may hold failing keys; it never leaves the machine.
[[nodiscard]] Status write_checks(const RunFolder& folder, const std::vector<CheckOutcome>& outcomes,
                                  const CheckSummary& summary);
// The outcomes without their keys' samples lost; absent is an empty list.
[[nodiscard]] Result<std::vector<CheckOutcome>> read_checks(const RunFolder& folder);
[[nodiscard]] Status write_load(const RunFolder& folder, const RunReport& report);
// Fills what the load counted into the report's tables; absent changes nothing.
[[nodiscard]] Status read_load(const RunFolder& folder, RunReport& report);

}  // namespace godwit::pipeline
