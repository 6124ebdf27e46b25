// What several checks read from a tree.
#include "base/text.h"
#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

using nlohmann::json;

std::string type_name(const json& definition) {
  const std::vector<std::string> names = sql::names_of(
      sql::child(definition, "typeName").is_object() ? sql::child(definition, "typeName")["names"] : json());
  return names.empty() ? std::string() : names.back();
}

std::string column_name(const json& index_element) {
  return sql::text_of(sql::child(index_element, "IndexElem"), "name");
}

std::string constraint_name(const json& constraint, std::string_view table, std::string_view column) {
  if (std::string name = sql::text_of(constraint, "conname"); !name.empty()) return name;
  const std::string_view bare =
      table.substr(table.rfind('.') == std::string_view::npos ? 0 : table.rfind('.') + 1);
  const std::string kind = sql::text_of(constraint, "contype");
  std::vector<std::string> columns;
  for (const char* key : {"fk_attrs", "keys"}) {
    for (std::string& one : sql::names_of(sql::items_of(constraint, key)))
      columns.push_back(std::move(one));
  }
  if (columns.empty() && !column.empty()) columns.emplace_back(column);
  const std::string middle = columns.empty() ? "" : "_" + join(columns, "_");
  if (kind == "CONSTR_FOREIGN") return fmt::format("{}{}_fkey", bare, middle);
  if (kind == "CONSTR_UNIQUE") return fmt::format("{}{}_key", bare, middle);
  if (kind == "CONSTR_PRIMARY") return fmt::format("{}_pkey", bare);
  return fmt::format("{}{}_check", bare, middle);
}

std::vector<const json*> constraints_of(const json& definition) {
  std::vector<const json*> constraints;
  for (const char* key : {"constraints", "tableElts"}) {
    for (const json& wrapped : sql::items_of(definition, key)) {
      const json& constraint = sql::child(wrapped, "Constraint");
      if (constraint.is_object()) constraints.push_back(&constraint);
    }
  }
  return constraints;
}

const json* find_constraint(const json& definition, std::string_view kind) {
  for (const json* constraint : constraints_of(definition))
    if (sql::text_of(*constraint, "contype") == kind) return constraint;
  return nullptr;
}

std::string proves_not_null(const json& constraint) {
  const json& test = sql::child(sql::child(constraint, "raw_expr"), "NullTest");
  if (sql::text_of(test, "nulltesttype") != "IS_NOT_NULL") return {};
  const std::vector<std::string> names =
      sql::names_of(sql::items_of(sql::child(sql::child(test, "arg"), "ColumnRef"), "fields"));
  return names.size() == 1 ? names[0] : std::string();
}

}  // namespace godwit::schema::lint
