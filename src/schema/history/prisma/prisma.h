// Prisma Migrate up to version 7: NAME/migration.sql; table _prisma_migrations with one row per attempt.
// There is no way down: a migration that is undone here is marked as rolled back.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_prisma_history(const HistoryOptions& options);

// Whether a recorded checksum is that of the script: SHA-256 of the text as it is, or with its line ends as
// \n, or as \r\n; and, for rows of an old version, without the leading zero of each byte.
[[nodiscard]] bool prisma_checksum_matches(std::string_view recorded, std::string_view script);

}  // namespace godwit::schema
