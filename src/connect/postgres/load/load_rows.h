// Streams a dataset's staged rows into a table of the target by COPY.
#pragma once

#include "connect/postgres/load/load_context.h"

namespace godwit::connect::postgres {

// Into a staging table: one COPY. Sets table.rows.
[[nodiscard]] Status copy_to_stage(LoadContext& context, LoadedTable& table, const DatasetLoad& load);
// Straight into the target, recording the keys beside it. Sets table.rows, the outcome, and the undo record.
[[nodiscard]] Status copy_to_target(LoadContext& context, LoadedTable& table, const DatasetLoad& load);

}  // namespace godwit::connect::postgres
