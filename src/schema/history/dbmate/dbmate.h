// dbmate: VERSION_name.sql with "-- migrate:up" and "-- migrate:down"; table schema_migrations with the
// versions as text. It has no checksum and no lock.
#pragma once

#include "schema/history/history.h"
#include "schema/history/sections.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_dbmate_history(const HistoryOptions& options);

// The two directions of a file. Several pairs are joined in the order in which they stand, as dbmate runs
// them. ErrorKind::config with file and line for what dbmate refuses.
[[nodiscard]] Result<Sections> read_dbmate_file(const MigrationFile& file);

}  // namespace godwit::schema
