// Who holds a lock that a run waits for, in words for people: process, program, address, age.
#pragma once

#include "schema/database/database.h"
#include "schema/history/history.h"

#include <cstdint>
#include <string>

namespace godwit::schema {

// Of a session-level or transaction-level advisory lock. PostgreSQL.
[[nodiscard]] std::string holder_of_key(Database& database, int64_t key);
// Of the lock row of a tool: what the row says, else the sessions that have changed it and not committed.
// Empty = nobody can be named.
[[nodiscard]] std::string holder_of_row(Database& database, const ForeignLock& lock);

}  // namespace godwit::schema
