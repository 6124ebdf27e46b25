// Types between duck/types.h and DuckDB's logical types. Private to src/duck.
#pragma once

#include "duck/capi/handles.h"
#include "duck/types.h"

namespace godwit::duck {

// Types that the rest of the program does not know become TypeId::other.
[[nodiscard]] Type from_logical(duckdb_logical_type type);
// CHECKs that the type is not TypeId::other.
[[nodiscard]] LogicalTypeHandle to_logical(const Type& type);

}  // namespace godwit::duck
