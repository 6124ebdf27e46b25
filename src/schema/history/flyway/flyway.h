// Flyway: V, U, B and R scripts with their .conf; table flyway_schema_history, one row per execution in the
// order of installed_rank, with a CRC-32 per script.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_flyway_history(const HistoryOptions& options);

// "Flyway" as six bytes, and Java's hash of the quoted name of its table.
[[nodiscard]] int64_t flyway_lock_key(std::string_view schema, std::string_view table);

}  // namespace godwit::schema
