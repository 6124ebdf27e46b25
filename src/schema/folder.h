// A folder of migrations on disk, read by a history's rules.
#pragma once

#include "base/result.h"
#include "schema/history/history.h"
#include "sql/dialect.h"

#include <string>

namespace godwit::schema {

// Every file below `directory` that the history reads; raw_sha256 and meaning are filled in. Places in errors
// are `directory`/file. ErrorKind::config when the folder is not there.
[[nodiscard]] Result<MigrationFolder> read_migrations(const History& history, const std::string& directory,
                                                      sql::Dialect dialect);

}  // namespace godwit::schema
