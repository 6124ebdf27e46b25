// What a lint found, in every form. Everything here may leave the machine: it comes from scripts and
// catalogs.
#pragma once

#include "model/lint_report.h"

#include <string>

namespace godwit::report {

// For a terminal: each finding with its line and a caret, what it locks, and the safe script.
[[nodiscard]] std::string to_text(const LintReport& report);
// One JSON document, the contract of docs/CLI_JSON.md.
[[nodiscard]] std::string to_json(const LintReport& report, int exit_code);
// SARIF 2.1.0: a rule for each rule that was broken, a result for each finding, allowed ones as suppressed.
[[nodiscard]] std::string to_sarif(const LintReport& report);
// GitHub's workflow commands, a line for each finding: they become annotations of the pull request.
[[nodiscard]] std::string to_github(const LintReport& report);

}  // namespace godwit::report
