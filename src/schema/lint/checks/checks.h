// The checks: each looks at one statement and reports by the ids of rules/. Pure; the order does not matter.
// Internal to src/schema/lint.
#pragma once

#include "schema/lint/look.h"

namespace godwit::schema::lint {

void check_indexes(Look& look);
void check_constraints(Look& look);
void check_columns(Look& look);
void check_transaction(Look& look);
void check_compatibility(Look& look);
void check_data(Look& look);
void check_design(Look& look);
void check_script(Look& look);
// In lower case, without quotes, parentheses, commas and comments; a string is ''.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);
// By words: SQLite has no tree.
void check_sqlite(Look& look);

// "int8", "timestamptz", "varchar": the last part of a TypeName.
[[nodiscard]] std::string type_name(const nlohmann::json& column_or_cast);
[[nodiscard]] std::string column_name(const nlohmann::json& index_element);
// A constraint's own name, or the one that the server would give it.
[[nodiscard]] std::string constraint_name(const nlohmann::json& constraint, std::string_view table,
                                          std::string_view column);
// The constraints of a column or table definition, unwrapped.
[[nodiscard]] std::vector<const nlohmann::json*> constraints_of(const nlohmann::json& definition);
[[nodiscard]] const nlohmann::json* find_constraint(const nlohmann::json& definition, std::string_view kind);
// The column of CHECK (column IS NOT NULL); empty for another one.
[[nodiscard]] std::string proves_not_null(const nlohmann::json& constraint);

}  // namespace godwit::schema::lint
