// Datasets as relations that checks can name: one per dataset, called by the dataset's id in double quotes.
//
// The columns have the types a rule writer expects: timestamps with time zone appear as UTC timestamps
// (casting once is twenty times cheaper than comparing through ICU), numbers that are staged as text appear
// as DOUBLE. What that loses stands beside them: whether a column that must not be NULL is, and numbers of
// any length exactly.
#pragma once

#include "base/result.h"
#include "duck/database.h"
#include "model/dataset.h"

#include <string>

namespace godwit::check {

// An empty relation of the same shape, for binding rules at plan time.
[[nodiscard]] Status create_empty_relation(duck::Connection& connection, const Dataset& dataset);
// The relation over staged files; `source` is a table expression such as read_parquet([...]).
// `in_memory` copies the rows first: many small questions then open no file.
[[nodiscard]] Status create_relation(duck::Connection& connection, const Dataset& dataset,
                                     const std::string& source, bool in_memory = false);

// The dataset's id as an SQL identifier.
[[nodiscard]] std::string relation_name(const Dataset& dataset);
// "Is NULL", as staged: a value that its visible type cannot hold is not NULL.
[[nodiscard]] std::string is_null_expression(const Column& column);
// True when the visible value is rounded: keys are compared by exact_name().
[[nodiscard]] bool is_rounded(const DatasetColumn& column, const Column* described);
// An identifier: the column's exact value, equal numbers as equal texts.
[[nodiscard]] std::string exact_name(const std::string& column);
// How DuckDB spells the type that a column has in the relation; `described` may be null.
[[nodiscard]] std::string visible_type_sql(const DatasetColumn& column, const Column* described);
// How DuckDB spells the staged type of a column (before the view's casts).
[[nodiscard]] std::string staged_type_sql(const DatasetColumn& column);

}  // namespace godwit::check
