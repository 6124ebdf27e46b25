// Strategy replace: which rows of the scope stand in the target and are not brought by the run.
#pragma once

#include "connect/postgres/load/load_context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// A table without a key: which staged rows are there already, each row of the target counted once. As
// LoadedTable::met.
[[nodiscard]] std::string equal_rows_sql(const LoadContext& context, const LoadedTable& table);

// After meet_target of all tables. Finds and locks the rows that go: LoadedTable::doomed and outcome.deleted.
// ErrorKind::gate when rows that stay refer to them, or runs of other scopes need them; nothing is changed
// yet.
[[nodiscard]] Status find_doomed(LoadContext& context, const std::vector<LoadedTable*>& tables);

// Rows of the scope in the target that the run did not bring.
[[nodiscard]] Result<int64_t> count_surplus(LoadContext& context, const LoadedTable& table);

}  // namespace godwit::connect::postgres
