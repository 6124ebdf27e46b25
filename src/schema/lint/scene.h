// What the statements before one have left behind: what is new, what is locked, what is proved. Internal to
// src/schema/lint.
#pragma once

#include "sql/classify.h"
#include "sql/tree.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::schema::lint {

// "public.t" and "t" are one table to a person; "t"."c" is a column.
[[nodiscard]] std::string table_key(std::string_view name);
[[nodiscard]] std::string column_key(std::string_view table, std::string_view column);

struct Scene {
  // Since the database is known; a file, where files are not applied together.
  std::set<std::string> new_tables, new_columns, new_types;
  std::set<std::string> never_null;  // columns that a validated CHECK proves
  std::map<std::string, std::string>
      null_checks;                // NOT VALID ones by column_key(table, constraint): the column
  std::set<std::string> indexed;  // first columns of indexes
  std::set<std::string> with_primary_key;
  std::set<std::string> new_indexes, dropped_indexes;  // bare names
  std::set<std::string> checked;                       // tables with a CHECK that was added
  std::set<std::string> droppable;  // constraints that were added, by column_key(table, constraint)

  // Of the file.
  bool strong_seen = false;                // a lock that stops writers, on a table that is not new
  std::set<std::string> created, dropped;  // "TABLE t"
  bool lock_timeout = false, statement_timeout = false;
  bool foreign_keys_off = false;      // SQLite
  std::set<std::string> copied_from;  // SQLite: tables whose rows went into a new one

  // Of the transaction.
  bool begun = false;  // by the script
  // Constraints, by column_key(table, constraint), with the lock that adding them took.
  std::map<std::string, sql::LockMode> not_valid;
  std::set<std::string> new_values;
  std::vector<std::string> locked;  // ACCESS EXCLUSIVE, tables that are not new

  void end_transaction();
  void end_file(bool together);
  [[nodiscard]] bool is_new(std::string_view table) const { return new_tables.contains(table_key(table)); }
  [[nodiscard]] bool is_new(std::string_view table, std::string_view column) const {
    return is_new(table) || new_columns.contains(column_key(table, column));
  }
};

// After a statement was judged. `words` are those of a statement without a tree (SQLite).
void note_statement(const sql::StatementFacts& facts, const sql::Node& node, std::string_view text,
                    Scene& scene);

}  // namespace godwit::schema::lint
