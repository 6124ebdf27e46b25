// golang-migrate: VERSION_name.up.sql and VERSION_name.down.sql; one row (version, dirty) in
// schema_migrations, which is a high-water mark: what lies below it counts as applied.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_golang_migrate_history(const HistoryOptions& options);

// The advisory lock of its PostgreSQL driver: crc32(schema NUL table NUL database) * 1486364155, 32 bits.
// `database` as the tool was opened: "/name" by URL, "name" by connection.
[[nodiscard]] int64_t golang_migrate_lock_key(std::string_view schema, std::string_view table,
                                              std::string_view database);

}  // namespace godwit::schema
