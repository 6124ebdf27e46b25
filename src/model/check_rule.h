// What checks.yml says, typed; and a check: one instantiated rule with a stable id.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

enum class Severity : uint8_t { error, warning, info };
[[nodiscard]] std::string_view to_string(Severity severity);

// The kinds of rule of a checks file. What the catalog and the masking plan generate uses the Check struct
// below directly.
enum class CheckRuleKind : uint8_t {
  row,              // condition: SQL boolean per row; NULL counts as passed unless `null_fails`
  required_fields,  // fields: each must be present and not NULL
  cross_table,      // join `join_table` on `join_condition`; `condition` must hold for each joined row
  exists,           // each row has a row in `join_table` by `join_condition`
  aggregate,        // condition over aggregates, per group_by ("count(*) >= 10")
  cross_store,      // compare the same measure over `stores` within `tolerance`
  field_pattern,    // condition with `field` standing for each column whose name matches `field_pattern`
  sql,              // a query that returns the failing rows' count as one number
};
[[nodiscard]] std::string_view to_string(CheckRuleKind kind);

struct CheckRule {
  std::string name;
  std::string description;
  std::string message;
  CheckRuleKind kind = CheckRuleKind::row;
  Severity severity = Severity::error;
  std::string store;           // empty with all_tables = every store
  std::string table;           // "students" or "schema.students"; empty with all_tables
  bool all_tables = false;     // every table that has the named column(s)
  bool all_id_fields = false;  // every integer column of a primary key
  std::string condition;       // DuckDB SQL boolean; `field` is replaced in field_pattern
  std::vector<std::string> fields;
  std::string field_pattern;  // regular expression over column names
  std::string join_table;
  std::string join_condition;  // aliases: `this` and `other`
  std::string group_by;
  std::vector<std::string> stores;  // cross_store
  std::string measure;  // cross_store: SQL aggregate per store, e.g. "count(*)", or "set(district_id)"
  double tolerance = 0;
  bool null_fails = false;
  SourceLocation where;  // of the rule
  SourceLocation condition_where;
};

struct CheckSettings {
  bool fail_on_warnings = false;
  int64_t max_warnings_allowed = 10;
  int64_t sample_size = 20;  // failing keys kept per check, in checks.json only
};

struct CheckRules {
  int version = 1;
  CheckSettings settings;
  std::vector<CheckRule> rules;
  std::string file;
};

// The family a check belongs to, in reports.
enum class CheckCategory : uint8_t {
  schema,
  not_null,
  unique,
  referential,
  constraint,
  masking,
  completeness,
  business,
  data_quality,
  cross_store,
};
[[nodiscard]] std::string_view to_string(CheckCategory category);

enum class CheckOrigin : uint8_t { catalog, masking, file };

// One check of one run. `id` is stable between runs: "not_null:ids.public.students.email".
struct Check {
  std::string id;
  std::string rule;  // the rule's name or the constraint's name
  CheckCategory category = CheckCategory::schema;
  CheckOrigin origin = CheckOrigin::catalog;
  Severity severity = Severity::error;
  std::string dataset;  // "ids.public.students"; the first one for checks over several
  std::string column;   // empty for table checks
  std::string description;
  // Exactly one of the three, DuckDB SQL. Relations are named like datasets (quoted, one identifier:
  // "ids.public.students").
  std::string row_condition;  // true = the row is fine; compiled into the one scan of its dataset
  std::string aggregate;      // findings as an aggregate over the dataset; compiled into the same scan
  std::string count_query;    // returns one number: how many findings
  bool null_passes = true;    // a NULL row_condition passes
  SourceLocation where;
};

enum class CheckVerdict : uint8_t { passed, failed, warned, skipped };
[[nodiscard]] std::string_view to_string(CheckVerdict verdict);

struct CheckOutcome {
  Check check;
  CheckVerdict verdict = CheckVerdict::skipped;
  int64_t evaluated_rows = 0;
  int64_t findings = 0;                   // failing rows (or groups, keys)
  std::vector<std::string> failing_keys;  // key values; only checks.json ever shows them
  std::string reason;                     // why skipped, or the error of an unevaluable check
};

struct CheckSummary {
  int64_t evaluated = 0, passed = 0, failed = 0, warned = 0, skipped = 0;
  std::string verdict;  // PASSED | PASSED_WITH_WARNINGS | FAILED
};

}  // namespace godwit
