// What a PostgreSQL database says of its tables, as far as it changes a judgement: how many rows they hold,
// which columns are proved not to be NULL, which have an index.
#pragma once

#include "base/result.h"
#include "schema/database/database.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace godwit::schema::lint {

struct LiveTable {
  int64_t rows = -1;                           // the server's estimate; -1 = never counted
  int64_t bytes = 0;                           // without indexes
  std::map<std::string, std::string> columns;  // name to type, as format_type() prints it
  std::set<std::string> never_null;            // NOT NULL, or a validated CHECK (column IS NOT NULL)
  std::set<std::string> indexed;               // first columns of indexes
};

struct LiveTables {
  std::map<std::string, LiveTable>
      tables;  // as StatementFacts spells names; visible ones without a schema too

  // Null for a table that is not there.
  [[nodiscard]] const LiveTable* find(const std::string& name) const;
};

// Locks of seconds are those of small tables: below both, a scan or rewrite counts as instant; from either
// on, as unbounded.
constexpr int64_t small_rows_max = 10'000;
constexpr int64_t small_bytes_max = 8LL << 20;
constexpr int64_t large_rows_min = 1'000'000;
constexpr int64_t large_bytes_min = 1LL << 30;

[[nodiscard]] bool is_small(const LiveTable& table);
[[nodiscard]] bool is_large(const LiveTable& table);

// Reads only, no rows of any table: the catalog. Empty for SQLite.
[[nodiscard]] Result<LiveTables> read_live_tables(Database& database);

}  // namespace godwit::schema::lint
