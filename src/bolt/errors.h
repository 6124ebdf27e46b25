// What a Neo4j server refuses → Error: the one mapping (Neo4j manual, "Status codes":
// Neo.CLASS.CATEGORY.TITLE).
//
// The server's message quotes values (a duplicate key, a piece of the query); it is never used, but for the
// line and column of a syntax error. The code is kept: it names the condition.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace godwit::bolt {

// Never fails; unknown codes are ErrorKind::failed. Neo.TransientError.* and what a driver would try again on
// another connection become kinds that are retryable: locked for locks and deadlocks, else unreachable.
[[nodiscard]] ErrorKind kind_of(std::string_view code);

// "the graph refused a statement: Neo.ClientError.Statement.SyntaxError at line 1, column 5".
[[nodiscard]] Error error_from(std::string_view code, std::string_view server_message);
[[nodiscard]] Error connection_lost();

}  // namespace godwit::bolt
