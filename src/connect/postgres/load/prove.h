// What the target says about a loaded table, inside the run's transaction.
#pragma once

#include "connect/postgres/load/load_context.h"

namespace godwit::connect::postgres {

// Rows are found again by key, or by the transaction that wrote them when that gives the same number. Foreign
// keys that the server itself enforces are asked again only where that is cheap.
[[nodiscard]] Result<Proof> prove_table(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect::postgres
