// Loads through a staging table: what overwrites, shared and needed rows, cycles, tables without a key.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <vector>

namespace godwit::connect::postgres {

// Makes the staging table and fills it.
[[nodiscard]] Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load);
// Finds out what each staged row means, from the target as it stands: sets the outcome. Nothing is in the
// target yet. A key that another scope owns is an Error.
[[nodiscard]] Status meet_target(LoadContext& context, LoadedTable& table);

// "The staged row s is new", "its key was inserted by a run as shared".
[[nodiscard]] std::string fresh_sql(const LoadedTable& table);
[[nodiscard]] std::string was_shared_sql(const LoadedTable& table);
// The columns that an existing row gets from the run, and what it gets, from s and t.
[[nodiscard]] std::vector<std::string> overwritten_columns(const LoadedTable& table);
[[nodiscard]] std::string resolved_sql(const LoadedTable& table, const std::string& column);

}  // namespace godwit::connect::postgres
