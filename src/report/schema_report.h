// The report of a run that changed a database's structure, in every form. Names, counts, times; the SQL of
// the migrations only where it was asked for. Everything here may leave the machine.
#pragma once

#include "base/result.h"
#include "model/schema_report.h"

#include <string>

namespace godwit::report {

// One JSON document, the contract of docs/CLI_JSON.md.
[[nodiscard]] std::string to_json(const SchemaRunReport& report);
[[nodiscard]] std::string to_markdown(const SchemaRunReport& report);
// Self-contained: no script, no external resource; light and dark.
[[nodiscard]] std::string to_html(const SchemaRunReport& report);
// The checks alone: the document of `godwit health --json`, and its lines for a terminal.
[[nodiscard]] std::string health_json(const SchemaHealth& health, const std::string& database,
                                      const std::string& environment, int exit_code);
[[nodiscard]] std::string health_text(const std::vector<SchemaHealthCheck>& checks);
// For a terminal: several lines, what became of it first.
[[nodiscard]] std::string to_text(const SchemaRunReport& report);
// What stopped the run and what it found in the scripts, for code scanning and as annotations of a pull
// request: SARIF 2.1.0, and a workflow command of GitHub's for each. `directory`: of the migrations,
// absolute; `root`: what paths are told relative to.
[[nodiscard]] std::string to_sarif(const SchemaRunReport& report, const std::string& directory,
                                   const std::string& root);
[[nodiscard]] std::string to_github(const SchemaRunReport& report, const std::string& directory,
                                    const std::string& root);
// report.json, report.md and report.html in the run's folder. ErrorKind::io.
[[nodiscard]] Status write_all(const std::string& folder, const SchemaRunReport& report);

}  // namespace godwit::report
