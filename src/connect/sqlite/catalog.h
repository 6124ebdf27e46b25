// The catalog of an SQLite file: pragmas, and the text of its CREATE statements where pragmas are silent.
#pragma once

#include "base/result.h"
#include "model/catalog.h"
#include "sqlite/database.h"

#include <set>
#include <string>

namespace godwit::connect {

// Tables live in schema "main". Left out: SQLite's own tables, shadow tables, and godwit's marker and undo
// tables. Every foreign key counts as deferrable: the connection decides (PRAGMA defer_foreign_keys), not the
// table.
[[nodiscard]] Result<Catalog> read_sqlite_catalog(sqlite::Database& database, const std::string& store);

// Tables without a rowid: their primary key is their identity.
[[nodiscard]] Result<std::set<TableName>> tables_without_rowid(sqlite::Database& database);

}  // namespace godwit::connect
