// Keys of one column of whole numbers that lie close together: a bit per number instead of a table of hashes.
#pragma once

#include "base/result.h"
#include "duck/database.h"

#include <cstdint>
#include <optional>
#include <string>

namespace godwit::check {

// How many rows of `relation` (an identifier) have a value of `column` that another row before them has:
// exact. Nothing when that is better asked in SQL: the column holds other values than whole numbers of up to
// 64 bits, a NULL, or numbers too far apart for a bit each (of up to 32 per row, 32 MiB in all). An Error is
// the query's own.
[[nodiscard]] Result<std::optional<int64_t>> count_repeated(duck::Connection& connection,
                                                            const std::string& relation,
                                                            const std::string& column);

}  // namespace godwit::check
