// Which relations a parsed statement locks, and how strongly. Inside this folder only.
//
// Modes after PostgreSQL 15: AlterTableGetLockLevel and its neighbours in tablecmds.c, and the
// documentation's chapter "Explicit Locking"; tests/integration/sql compares them with pg_locks.
#pragma once

#include "sql/classify.h"
#include "sql/facts/parser.h"

namespace godwit::sql {

// Fills `tables` and `lock`.
void find_locks(const Node& statement, StatementFacts& facts);

}  // namespace godwit::sql
