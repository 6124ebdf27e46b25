// Expressions of rules and of CHECK constraints, rewritten from what people and PostgreSQL write to what
// DuckDB means by it. Works on tokens; string literals and quoted identifiers are never touched.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::check {

// `~`, `!~`, `~*`, `!~*` before a string literal: PostgreSQL searches, DuckDB's `~` matches the whole value,
// so the pattern is widened. Casts to "text", "character varying", "bpchar" become VARCHAR; `= ANY
// (ARRAY[...])` becomes `IN (...)`.
[[nodiscard]] std::string rewrite_for_duckdb(std::string_view expression);

// current_timestamp, now() and current_date become constants in UTC, so that one run has one "now" and
// comparisons stay on plain timestamps. `now_text` is "2026-11-21 02:52:19".
[[nodiscard]] std::string freeze_time(std::string_view expression, std::string_view now_text);

// "a < TIMESTAMPTZ '…'" with the moment as the time of day in UTC that staged columns hold: compared as it
// was written, every value would be converted by the calendar.
[[nodiscard]] std::string compare_in_utc(std::string_view expression);

// Asks `replacement(column, pattern)` of every "regexp_matches(column, 'pattern')", a column's bare or
// unquoted name and two arguments; an empty answer leaves it. Both are told as they are meant, without their
// quotes.
using PatternReplacement = std::function<std::string(const std::string& column, const std::string& pattern)>;
std::string replace_pattern_matches(std::string_view expression, const PatternReplacement& replacement);

// Those of `columns` that the expression names, quoted or not; case is ignored, as DuckDB does. A word that
// only looks like a column (a function, an alias) is reported too.
[[nodiscard]] std::vector<std::string> columns_named(std::string_view expression,
                                                     const std::vector<std::string>& columns);

// The bare word `field` becomes the quoted column.
[[nodiscard]] std::string substitute_field(std::string_view expression, std::string_view column);

// Replaces "${name:argument}" by what `value` says of (name, argument).
using TokenValue = std::function<std::string(std::string_view, std::string_view)>;
[[nodiscard]] std::string fill_tokens(const std::string& text, const TokenValue& value);

}  // namespace godwit::check
