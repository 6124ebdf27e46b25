// The SQL functions of the row digest. Private to src/duck.
#pragma once

#include "base/result.h"
#include "duck/capi/handles.h"
#include "duck/database.h"

namespace godwit::duck {

// godwit_row_hash(any, …).
[[nodiscard]] ScalarFunction row_hash_function();
// godwit_digest(HUGEINT).
[[nodiscard]] Status create_digest_aggregate(duckdb_connection connection);

}  // namespace godwit::duck
