// Loads through a staging table: upsert, shared and needed rows, cycles, tables without a key.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <vector>

namespace godwit::connect::postgres {

// Makes the staging table, fills it, and finds out what each row means: sets the outcome. Nothing is in the
// target yet. A key that another scope owns is an Error.
[[nodiscard]] Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load);
// Inserts and updates: the inserts of all tables in ONE statement, so that their foreign keys may go in
// circles.
[[nodiscard]] Status apply_staged(LoadContext& context, const std::vector<LoadedTable*>& tables);
// Fills in the columns that were loaded as NULL.
[[nodiscard]] Status fill_deferred(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect::postgres
