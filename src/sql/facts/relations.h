// Which relations a parsed statement locks, and how strongly. Inside this folder only.
//
// Modes after PostgreSQL 15: AlterTableGetLockLevel and its neighbours in tablecmds.c, and the
// documentation's chapter "Explicit Locking"; tests/integration/sql compares them with pg_locks.
#pragma once

#include "sql/classify.h"
#include "sql/facts/parser.h"

namespace godwit::sql {

// "s.t" of a RangeVar, quoted where needed.
[[nodiscard]] std::string relation_name(const nlohmann::json& range_variable);
[[nodiscard]] std::string qualified(const std::vector<std::string>& parts);

// Fills `tables` and `lock`.
void find_locks(const Node& statement, StatementFacts& facts);

}  // namespace godwit::sql
