// Brings staged rows into the target, and keeps what its undo needs.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <vector>

namespace godwit::connect::postgres {

// Deletes, inserts and updates of all these tables in ONE statement, so that their foreign keys may go in
// circles. After meet_target, and find_doomed where rows are replaced.
[[nodiscard]] Status apply_staged(LoadContext& context, const std::vector<LoadedTable*>& tables);
// Fills in the columns that were loaded as NULL.
[[nodiscard]] Status fill_deferred(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect::postgres
