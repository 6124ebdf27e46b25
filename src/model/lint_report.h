// What was found in SQL scripts before anybody ran them (`godwit db lint`): plain values that src/schema/lint
// fills and the report writes. Everything here comes from the scripts and the catalog: no values of rows.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit {

struct LintFinding {
  std::string rule;      // "create-index-not-concurrent"
  std::string severity;  // "error", "warning", "note"
  SourceLocation where;
  std::string excerpt;  // the line of the script
  std::string command;  // "CREATE INDEX"; empty where no single statement is meant
  std::string message;  // what this statement does
  std::string why;      // why that hurts, the same for all findings of the rule
  std::string lock;     // "SHARE"; empty = none that matters
  std::vector<std::string> tables;
  std::string blocks;    // "writes, DDL"
  std::string duration;  // "instant", "scan", "rewrite", "unbounded"; empty where no lock is held
  std::string rewrite;   // a safe script for that very statement; empty = none is known
};

// Found, and allowed where it stands.
struct LintAllowance {
  std::string rule, reason;
  SourceLocation where;  // of what was found
};

struct LintReport {
  std::string database, environment;  // empty: files alone
  std::string scope;                  // "files", "folder", "pending"
  bool live = false;                  // a database was asked for the sizes of its tables
  int64_t files = 0, statements = 0;
  std::vector<LintFinding> findings;  // by file, line, column, rule
  std::vector<LintAllowance> allowed;
  std::string version;  // of godwit

  [[nodiscard]] int64_t count(const std::string& severity) const {
    int64_t number = 0;
    for (const LintFinding& finding : findings)
      number += finding.severity == severity ? 1 : 0;
    return number;
  }
};

}  // namespace godwit
