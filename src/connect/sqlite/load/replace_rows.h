// A load that waits until all tables of its store are staged: the target is changed afterwards, and rows of
// the scope that the run does not bring go first. Private to this folder and the sink.
#pragma once

#include "connect/sqlite/load/load_context.h"

namespace godwit::connect {

// Stages the rows; nothing is in the target yet.
[[nodiscard]] Status stage_table(LoadContext& context, LoadedTable& table, const DatasetLoad& load);
// After the last one, in load order. ErrorKind::gate when rows that stay refer to rows that go, or runs of
// other scopes need them. Sets the outcomes.
[[nodiscard]] Status apply_staged(LoadContext& context);
// Rows of the scope in the target that the run did not bring.
[[nodiscard]] Result<int64_t> count_surplus(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect
