// Values as SQL text, for statements that travel with a migration in one message and so cannot have
// parameters; and read back.
#pragma once

#include "sql/dialect.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::schema {

// 'text' with quotes doubled; as E'…' where PostgreSQL needs it. A NUL byte cannot be said: it is dropped.
[[nodiscard]] std::string literal(std::string_view text, sql::Dialect dialect);
// The same, NULL for an empty text or none.
[[nodiscard]] std::string literal_or_null(std::string_view text, sql::Dialect dialect);
// What select_sql answered for a truth value: PostgreSQL's "t", SQLite's "1".
[[nodiscard]] bool is_true(const std::optional<std::string>& value);
// An SQLite expression for a moment (another such expression) as milliseconds since 1970, an integer: how the
// tools of JavaScript's world keep it.
[[nodiscard]] std::string sqlite_epoch_ms(std::string_view moment);
// "schema"."table"; only "table" without a schema.
[[nodiscard]] std::string qualified(std::string_view schema, std::string_view table);

}  // namespace godwit::schema
