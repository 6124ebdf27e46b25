// Many patterns over one column, matched in one pass over each value instead of one pass per pattern.
//
// Source: A. V. Aho, M. J. Corasick's idea for sets of words, carried to regular expressions by RE2::Set, the
// library whose patterns DuckDB's are.
#pragma once

#include "base/result.h"
#include "duck/database.h"

#include <string>
#include <vector>

namespace godwit::check {

// Rewrites every `regexp_matches(column, 'pattern')` of `expressions`, where a text column of `columns` has
// enough of them, to a bit of one function's answer; the function is registered with `connection`. What
// cannot be matched so (other arguments, options, patterns that are not ASCII or not RE2's) stays as it is.
// `serial` counts the functions of the connection.
[[nodiscard]] Status match_patterns_together(duck::Connection& connection,
                                             const std::vector<duck::ColumnDef>& columns, int& serial,
                                             std::vector<std::string>& expressions);

}  // namespace godwit::check
