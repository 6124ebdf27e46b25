// The catalog as runs left it: table godwit.catalog (SQLite: godwit_catalog), the newest few of each history.
#pragma once

#include "base/result.h"
#include "schema/catalog/snapshot.h"
#include "schema/database/database.h"

#include <optional>
#include <string>

namespace godwit::schema {

constexpr int recorded_catalogs_kept = 5;

struct RecordedCatalog {
  std::string run, taken_at, fingerprint;
  Snapshot snapshot;
};

// Of the last run of this history; nullopt when there is none.
[[nodiscard]] Result<std::optional<RecordedCatalog>> read_recorded_catalog(Database& database,
                                                                           const History& history);
// Takes a snapshot and records it as of `run`: one message besides the snapshot, which begins with `guard`
// (HistoryLock::guard) if there is one. Older ones go.
[[nodiscard]] Status record_catalog(Database& database, const History& history, const std::string& run,
                                    const std::string& guard);

}  // namespace godwit::schema
