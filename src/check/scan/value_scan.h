// Row checks of columns with few different values: such a check is evaluated once per value instead of once
// per row, and a value counts as often as there are rows with it.
#pragma once

#include "base/result.h"
#include "duck/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace godwit::check {

// Rows that a dataset must have for this to pay.
inline constexpr int64_t value_scan_rows_min = 200'000;

// How many rows of `relation` (an identifier) fulfil each of `conditions`. Nothing for a condition that is
// better answered by a scan of the rows: it names several columns or none, a column of many values or of few
// conditions, or cannot be evaluated. ErrorKind::interrupted is the only error.
[[nodiscard]] Result<std::vector<std::optional<int64_t>>> count_by_value(
    duck::Connection& connection, const std::string& relation, const std::vector<std::string>& conditions);

}  // namespace godwit::check
