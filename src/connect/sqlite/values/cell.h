// One value between SQLite and DuckDB, both ways without loss.
//
// A value fits its staging type when writing the staged value back stores the very same value again: dates as
// YYYY-MM-DD, times as HH:MM:SS[.ffffff], timestamps with a blank between them (timestamptz: "+00" behind),
// booleans as 0 and 1, uuids in lower case. Anything else makes the column text (restage_sqlstate).
// Text forms: numbers in numeric columns in their shortest exact form (infinity as 9e999); in columns that
// keep any storage class (no declared type, BLOB, unknown types) SQL literals: 'text', 12, 1.5, X'00FF'.
#pragma once

#include "base/result.h"
#include "connect/sqlite/values/types.h"
#include "duck/chunk.h"
#include "duck/types.h"
#include "model/catalog.h"
#include "model/dataset.h"
#include "sqlite/database.h"

#include <cstddef>
#include <string>
#include <vector>

namespace godwit::connect {

struct CellForm {
  std::string column;
  StagingType staging = StagingType::text;
  Affinity affinity = Affinity::text;
  int precision = 0, scale = 0;
  bool as_text = false;
  bool literal = false;  // as_text in SQL literals
};

// By the source's own description of the table, on both ends.
[[nodiscard]] CellForm cell_form(const DatasetColumn& column, const Table& described);
[[nodiscard]] duck::Type staged_type(const DatasetColumn& column);

enum class Fit : uint8_t {
  fits,
  restage,  // not in this staging type, but as text
  refused,  // not at all: a blob or bytes that are not UTF-8 where text stands
};
[[nodiscard]] Fit read_cell(const sqlite::Statement& statement, int index, const CellForm& form,
                            duck::ColumnWriter& out, size_t row);

// The value that SQLite shall store.
[[nodiscard]] sqlite::Value write_cell(const duck::ColumnReader& in, size_t row, const CellForm& form);

}  // namespace godwit::connect
