// Whether a row that stands in the target belongs to the scope, asked of the target itself.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <string>

namespace godwit::connect::postgres {

// A boolean over the target's row `alias`: an owner step holds. Steps to parents follow the tables of this
// run; where a path goes in circles or leaves the store, a row counts that this run itself brings. Reads the
// setting godwit.scope. Never NULL.
[[nodiscard]] std::string owned_in_target_sql(const LoadContext& context, const LoadedTable& table,
                                              const std::string& alias);
// A boolean over the target's row: this run wrote it, or holds it in a staging table.
[[nodiscard]] std::string of_this_run_sql(const LoadedTable& table, const std::string& alias);

}  // namespace godwit::connect::postgres
