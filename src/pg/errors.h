// SQLSTATE → Error: the one mapping (codes: PostgreSQL documentation, appendix A).
//
// The server's primary message, detail and context are never used: they quote values. What is kept names
// things: SQLSTATE, schema, table, column, data type, constraint.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace godwit::pg {

// Never fails; unknown codes are ErrorKind::failed.
[[nodiscard]] ErrorKind kind_of(std::string_view sqlstate);
// "unique_violation" for "23505"; the class's name for codes not listed; empty when even that is unknown.
[[nodiscard]] std::string_view condition_name(std::string_view sqlstate);

// Whether the server's primary message may quote a value of a row: false for the classes whose messages name
// things only (appendix A: syntax, privileges, constraints, resources, states). The detail always may.
[[nodiscard]] bool may_quote_values(std::string_view sqlstate);

// The fields of an error that name things.
struct ErrorFields {
  std::string sqlstate, schema, table, column, data_type, constraint, position;
};
// "unique_violation on public.students, constraint students_pkey".
[[nodiscard]] Error error_from(const ErrorFields& fields);
[[nodiscard]] Error connection_lost();

}  // namespace godwit::pg
