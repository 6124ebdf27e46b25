// What an upgrade must not do, by the settings of its environment: break a rule of lint, or lose more than it
// may. Internal to src/schema.
#pragma once

#include "base/result.h"
#include "config/database_care.h"
#include "model/schema_report.h"
#include "schema/database/database.h"
#include "schema/engine.h"

#include <string>
#include <vector>

namespace godwit::schema {

// What lint finds in the steps of the plan, warnings and errors, with the sizes of the database's tables.
// Adds nothing where it is off. ErrorKind::config when the settings name a rule that there is not.
[[nodiscard]] Result<std::vector<SchemaFinding>> lint_findings(const Target& target, Database& database,
                                                               const State& state, const Plan& plan);

// ErrorKind::gate when lint is to refuse and found an error: severity "refusal".
[[nodiscard]] Status check_lint(const std::vector<SchemaFinding>& findings);

// `destructive`: "file:line: COMMAND". ErrorKind::gate, naming them, when they are more than the environment
// allows.
[[nodiscard]] Status check_budget(const LintGate& gates, const std::vector<std::string>& destructive);

}  // namespace godwit::schema
