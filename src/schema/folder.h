// A folder of migrations on disk, read by a history's rules.
#pragma once

#include "base/result.h"
#include "schema/history/history.h"
#include "sql/dialect.h"

#include <future>
#include <string>

namespace godwit::schema {

// Every file below `directory` that the history reads; raw_sha256 and meaning are filled in. Places in errors
// are `directory`/file. ErrorKind::config when the folder is not there.
[[nodiscard]] Result<MigrationFolder> read_migrations(const History& history, const std::string& directory,
                                                      sql::Dialect dialect);

// The same on a thread of its own, for whoever has something else to wait for; `history` outlives the future.
[[nodiscard]] std::future<Result<MigrationFolder>> read_migrations_beside(const History& history,
                                                                          std::string directory,
                                                                          sql::Dialect dialect);

}  // namespace godwit::schema
