// From rules to checks: what the catalog, the masking plan and checks.yml ask for, instantiated per dataset,
// column and constraint, with stable ids.
#pragma once

#include "base/result.h"
#include "check/dataset_index.h"
#include "duck/database.h"
#include "model/check_rule.h"
#include "model/dataset.h"

#include <string>
#include <string_view>
#include <vector>

namespace godwit::check {

struct GenerateInput {
  const DatasetIndex* datasets = nullptr;
  // Relations of every dataset exist here, empty: expressions are bound against them.
  duck::Connection* connection = nullptr;
  std::string scope;
};

// Types, lengths, NOT NULL, keys, foreign keys inside the copied rows, CHECK constraints, enums, sequences,
// the scope itself, row counts. CHECK constraints that DuckDB cannot evaluate are named in `not_translated`:
// the target enforces those itself.
[[nodiscard]] Result<std::vector<Check>> catalog_checks(const GenerateInput& input,
                                                        std::vector<std::string>& not_translated);
// Changed, NULLs kept, format of every masked column.
[[nodiscard]] std::vector<Check> masking_checks(const DatasetIndex& datasets);
// The rules of checks.yml. A rule that names an unknown table or column, or cannot be evaluated, is an
// ErrorKind::config error with its place; all such rules are reported at once.
[[nodiscard]] Result<std::vector<Check>> rule_checks(const GenerateInput& input, const CheckRules& rules);

// References that leave the copied rows (OutsidePolicy::reference): their parents must stand in the target.
// The pipeline asks the target and hands the findings to evaluate() as `counted`.
inline constexpr std::string_view counted_in_target = "${counted}";
[[nodiscard]] std::vector<Check> reference_checks(const DatasetIndex& datasets);
[[nodiscard]] std::string reference_check_id(const Dataset& dataset, const ForeignKey& foreign_key);
// True when the edge's parents may lie outside the copied rows and must be looked up in the target.
[[nodiscard]] bool needs_target(const DatasetIndex& datasets, const Dataset& dataset,
                                const NecessityEdge& edge);

// True when DuckDB binds `expression` as a boolean over the dataset's relation; `problem` says why not.
[[nodiscard]] bool binds(duck::Connection& connection, const Dataset& dataset, const std::string& expression,
                         std::string& problem);

}  // namespace godwit::check
