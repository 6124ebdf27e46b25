// Which histories a project and its database have, for `godwit db adopt`: told from the names of files and
// from tables with their columns. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema {

struct FoundTable {
  std::string schema, name;
  std::vector<std::string> columns;
};

struct FoundHistory {
  std::string tool;
  std::string folder;  // of its migrations, relative to the project; empty = none, or the project itself
  std::string schema, table;  // empty = the database has none
  std::string reason;         // what it was known by, for a person
};

// `paths`: the files of the project, relative, with '/'. `tables`: of the whole database. A history is named
// once: by its table, with the folder that belongs to it; or by its folder alone, where the database has no
// table for it. Sure ones first: those with a table, then those with a folder whose files only one tool names
// so. A folder of plain VERSION_name.sql, which several tools share, is named for the tool whose table is
// there, and else for none.
//
// schema_migrations alone says nothing: golang-migrate has version and dirty, dbmate version alone, Rails the
// same beside ar_internal_metadata, Ecto inserted_at, Supabase its own schema, devflow name and checksum.
// Rails and Ecto are not spoken here, so they are not found.
[[nodiscard]] std::vector<FoundHistory> detect_histories(const std::vector<std::string>& paths,
                                                         const std::vector<FoundTable>& tables);

// The tool whose table this is, by its columns; empty = none that is known. `all`: the tables of the
// database.
[[nodiscard]] std::string tool_of_table(const FoundTable& table, const std::vector<FoundTable>& all);

}  // namespace godwit::schema
