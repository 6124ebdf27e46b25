// A staged value in the text form that PostgreSQL reads (and, with pinned settings, writes).
#pragma once

#include "duck/chunk.h"

#include <cstddef>
#include <string>

namespace godwit::connect::postgres {

// Appends the value, not NULL, by the column's own DuckDB type. Not escaped.
void append_value_text(std::string& out, const duck::ColumnReader& column, size_t row);

}  // namespace godwit::connect::postgres
