#include "schema/run/lint_gate.h"

#include "base/text.h"
#include "schema/lint/migrations.h"

#include <fmt/format.h>

namespace godwit::schema {

Result<std::vector<SchemaFinding>> lint_findings(const Target& target, Database& database, const State& state,
                                                 const Plan& plan) {
  std::vector<SchemaFinding> findings;
  if (target.lint_gate.lint == "off" || plan.steps.empty() || plan.steps[0].direction == Direction::down)
    return findings;
  ASSIGN_OR_RETURN(lint::LintOptions options, lint::options_of(target));
  ASSIGN_OR_RETURN(const lint::LiveTables live, lint::read_live_tables(database));
  options.server_version = database.server_version_number();
  options.live = &live;
  LintReport report;
  lint::lint_plan(target.directory, state, plan, options, report);
  for (const LintFinding& found : report.findings) {
    if (found.severity == "note") continue;
    const bool refused = found.severity == "error" && target.lint_gate.lint == "refuse";
    findings.push_back({refused ? "refusal" : "warning", "lint", "", found.where.text(),
                        fmt::format("[{}] {}", found.rule, found.message), found.rewrite});
  }
  return findings;
}

Status check_lint(const std::vector<SchemaFinding>& findings) {
  std::vector<std::string> lines;
  for (const SchemaFinding& finding : findings)
    if (finding.severity == "refusal") lines.push_back(fmt::format("{}: {}", finding.file, finding.message));
  if (lines.empty()) return {};
  return make_error(
      ErrorKind::gate, "lint refuses the plan:\n" + join(lines, "\n"),
      "godwit db lint shows the safe scripts; where a rule may be broken: -- godwit:allow RULE: REASON");
}

Status check_budget(const LintGate& gates, const std::vector<std::string>& destructive) {
  if (!gates.destructive || static_cast<int64_t>(destructive.size()) <= *gates.destructive) return {};
  return make_error(ErrorKind::gate,
                    fmt::format("{} statement(s) lose data, and the environment allows {}:\n{}",
                                destructive.size(), *gates.destructive, join(destructive, "\n")),
                    "raise environments.NAME.destructive in a reviewed change, or divide the migrations");
}

}  // namespace godwit::schema
