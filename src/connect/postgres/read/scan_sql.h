// A Scan in SQL: the selection of its rows, its columns, its ranges, and the settings that carry its values.
#pragma once

#include "connect/postgres/read/binary_decode.h"
#include "connect/postgres/read/snapshot_pool.h"
#include "connect/selection_sql.h"
#include "connect/source.h"

#include <string>
#include <vector>

namespace godwit::connect::postgres {

// "schema"."name"
[[nodiscard]] std::string quoted(const TableName& table);
// The same in a FROM: without the rows of tables that inherit from it, with those of its partitions.
[[nodiscard]] std::string own_rows(const Table& table);
// '{"a","b"}', with NULL never an element.
[[nodiscard]] std::string array_literal(const std::vector<std::string>& values);

struct ScanSql {
  SelectionSql selection;
  ScanSettings settings;
  std::string columns;  // the select list over t
  std::vector<DecodeColumn> decode;
  std::vector<duck::ColumnDef> staged;

  // "WITH … SELECT <list> FROM … WHERE …"; `range` is one more condition, or empty.
  [[nodiscard]] std::string select(const std::string& list, const std::string& range = {}) const;
};

[[nodiscard]] ScanSettings settings_of(const Scan& scan);
// How PostgreSQL says the scope value and handed over keys, given the settings of settings_of().
[[nodiscard]] SqlDialect dialect_of(const Scan& scan);
[[nodiscard]] ScanSql scan_sql(const Scan& scan, const Catalog& catalog);

// Conditions that cut a part of a table into `lanes` ranges of pages; the last part's last one is open. One
// empty one for a whole table in one lane.
[[nodiscard]] std::vector<std::string> page_ranges(const Split& split, int part, int lanes);

}  // namespace godwit::connect::postgres
