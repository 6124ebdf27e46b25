// What a parsed statement does besides locking: to its transaction, to its session, to data. Inside this
// folder only.
#pragma once

#include "sql/classify.h"
#include "sql/facts/parser.h"

namespace godwit::sql {

// Why the server would refuse it inside a transaction block (SQLSTATE 25001); empty when it would not.
[[nodiscard]] std::string why_not_transactional(const Node& statement, int server_version);
[[nodiscard]] bool changes_session(const Node& statement);
[[nodiscard]] bool is_destructive(const Node& statement);
[[nodiscard]] std::optional<IndexName> concurrent_index(const Node& statement);

}  // namespace godwit::sql
