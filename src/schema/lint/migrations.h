// Which scripts are linted: files somebody named, the whole folder of migrations, or what a database has not
// applied yet, together with what that database says of its tables.
#pragma once

#include "base/result.h"
#include "schema/engine.h"
#include "schema/lint/lint.h"

#include <string>
#include <vector>

namespace godwit::schema::lint {

struct LintRequest {
  std::vector<std::string> files;  // empty: the folder
  bool all_files = false;          // with a database: applied ones too
  bool ask_database = false;       // the target's endpoint is complete
};

// Files stand in findings as they were named, or as directory/file; `folder` (absolute, that of godwit.yml,
// or empty) is taken off in front. A named file that lies in the folder of migrations is read as its history
// reads it. ErrorKind::io for a file that is not there, ErrorKind::config for nothing to lint.
[[nodiscard]] Result<LintReport> lint_migrations(const Target& target, const Services& services,
                                                 const LintRequest& request, const std::string& folder);

// Without any configuration: the files as PostgreSQL's, in godwit's own format.
[[nodiscard]] Result<LintReport> lint_files(const std::vector<std::string>& files);

// What `target` says of lint and timeouts.
[[nodiscard]] Result<LintOptions> options_of(const Target& target);

// The steps of a plan, up or down, of the migrations in `directory`.
void lint_plan(const std::string& directory, const State& state, const Plan& plan, const LintOptions& options,
               LintReport& report);

}  // namespace godwit::schema::lint
