// SQL scripts judged before anybody runs them: what they lock and for how long, what they break for the code
// that runs today, what they may lose. Pure: scripts and what a database says of its tables in, findings out;
// nothing is executed. PostgreSQL by its own parser's tree, SQLite by the words of src/sql.
#pragma once

#include "base/result.h"
#include "model/lint_report.h"
#include "schema/lint/live/live_tables.h"
#include "schema/lint/rules/rule.h"
#include "schema/migration.h"

#include <map>
#include <string>
#include <vector>

namespace godwit::schema::lint {

struct LintScript {
  const Script* script = nullptr;  // outlives the call; Kind::sql
  std::string head;                // what stands in the file above the script: allowances for the file
};

struct LintOptions {
  sql::Dialect dialect = sql::Dialect::postgres;
  int server_version = 150000;
  std::string tool = "godwit";  // whose files they are: how one says that it has no transaction
  std::map<std::string, Severity> severities;  // by id; what is not named has the rule's own
  int64_t lock_timeout_ms = 0;                 // that whoever applies the files sets; 0 = none
  int64_t statement_timeout_ms = 0;
  // The scripts are applied together, in this order: what one creates is new to the next.
  bool together = true;
  const LiveTables* live = nullptr;  // what the database says of its tables; null = nobody was asked
};

// Adds findings and allowances to `report`, and counts files and statements. Each statement's findings stand
// at its first token.
void lint_scripts(const std::vector<LintScript>& scripts, const LintOptions& options, LintReport& report);

// Of a folder's names and versions alone: duplicate versions, missing ways back, times that have not come.
// `today`: YYYYMMDDHHMMSS, UTC; empty leaves that rule out.
void lint_folder(const MigrationFolder& folder, std::string_view today, const LintOptions& options,
                 LintReport& report);

// A finding that is about no statement. Nothing when the rule is off.
void add_file_finding(std::string_view rule, SourceLocation where, std::string message,
                      const LintOptions& options, LintReport& report);

// By file, line, column and rule.
void sort_findings(LintReport& report);

// "rule: severity" as configured, into severities; aliases are rules too. ErrorKind::config for what is no
// rule.
[[nodiscard]] Result<std::map<std::string, Severity>> read_severities(
    const std::map<std::string, std::string>& configured, const SourceLocation& where);

}  // namespace godwit::schema::lint
