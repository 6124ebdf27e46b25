// A run's report in every form. Counts and names only: everything here may leave the machine.
#pragma once

#include "base/result.h"
#include "model/run_report.h"

#include <string>
#include <vector>

namespace godwit::report {

// One JSON document, the contract of docs/CLI_JSON.md.
[[nodiscard]] std::string to_json(const RunReport& report);
[[nodiscard]] std::string to_markdown(const RunReport& report);
// Self-contained: no script, no external resource; light and dark.
[[nodiscard]] std::string to_html(const RunReport& report);
// JUnit XML: one test case per check, one suite per category.
[[nodiscard]] std::string to_junit(const RunReport& report);
// SARIF 2.1.0: one rule per check rule, one result per check that found something.
[[nodiscard]] std::string to_sarif(const RunReport& report);
// RFC 4180 with a header line; a line per table, a line per check. No field acts as a formula.
[[nodiscard]] std::string to_tables_csv(const RunReport& report);
[[nodiscard]] std::string to_checks_csv(const RunReport& report);

// Writes all of them into the run's folder and names them in report.artifacts. Works for a run that failed
// before it knew anything. A run about another one (verify, rollback) writes beside that run's files, under
// its own id in front: "ver-20261121-025219-001.report.html". A report that never started (started_us = 0)
// leaves an earlier one of the same run alone and becomes that one, but for state, exit code, error and hint.
// ErrorKind::io.
[[nodiscard]] Status write_all(const std::string& folder, RunReport& report);
// The report of an earlier run, from its report.json; `about_run` names a verification or rollback in that
// folder. Checks that passed are only counted there. ErrorKind::io, ErrorKind::failed.
[[nodiscard]] Result<RunReport> read_json(const std::string& folder, const std::string& about_run = "");

}  // namespace godwit::report
