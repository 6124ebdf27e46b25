// Which tables refer to each other in circles that the server checks at the end of each statement.
#pragma once

#include "model/catalog.h"

#include <map>
#include <set>

namespace godwit::connect::postgres {

// For every table in a circle of at least two over foreign keys that are not deferrable: the circle's tables
// (a strongly connected component; Tarjan 1972). Tables in no circle are absent.
[[nodiscard]] std::map<TableName, std::set<TableName>> immediate_cycles(const Catalog& catalog);
// A row may refer to another row of the same table, checked at the end of each statement.
[[nodiscard]] bool refers_to_itself(const Table& table);

}  // namespace godwit::connect::postgres
