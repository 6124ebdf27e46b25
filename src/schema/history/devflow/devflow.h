// devflow: *.sql in the order of their names, undone by X.down.sql (or X_down.sql, as its own template calls
// them); one row per name with the SHA-256 of the file. PostgreSQL only.
//
// Where devflow itself goes wrong (it applies X.down.sql as a migration, and everything again at every run),
// this history follows what it documents; its rows stay what it would have written, and ci_run_id is filled.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_devflow_history(const HistoryOptions& options);

// The first eight bytes of MD5("devflow_migrations_" + project), big-endian, signed.
[[nodiscard]] int64_t devflow_lock_key(std::string_view project);

}  // namespace godwit::schema
