#include "schema/lint/checks/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace godwit::schema::lint {

namespace {

using nlohmann::json;

constexpr size_t identifier_bytes_max = 63;  // NAMEDATALEN - 1

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The parser cuts names off as the server would: the text has them whole.
std::string long_name(std::string_view text) {
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'' || c == '$' || text.substr(at, 2) == "--" || text.substr(at, 2) == "/*") {
      if (c == '$') return {};
      const std::string_view end = c == '\'' ? "'" : (c == '-' ? "\n" : "*/");
      at = text.find(end, at + 1);
      if (at == std::string_view::npos) return {};
      continue;
    }
    const bool quoted = c == '"';
    size_t end = at + (quoted ? 1 : 0);
    while (end < text.size() && (quoted ? text[end] != '"' : is_word_byte(text[end])))
      ++end;
    const std::string_view name = text.substr(at, end - at);
    if (name.size() > identifier_bytes_max + (quoted ? 1 : 0))
      return std::string(name.substr(quoted ? 1 : 0));
    at = std::max(end, at + 1) - (quoted ? 0 : 1);
  }
  return {};
}

struct Width {
  size_t size, align;
};

// pg_type's typlen and typalign; what is not here has a length of its own and is padded to four at most.
Width width_of(const std::string& type) {
  static const std::map<std::string, Width> widths = {
      {"bool", {1, 1}},      {"int2", {2, 2}},  {"int4", {4, 4}},        {"date", {4, 4}},
      {"float4", {4, 4}},    {"int8", {8, 8}},  {"timestamptz", {8, 8}}, {"timestamp", {8, 8}},
      {"float8", {8, 8}},    {"time", {8, 8}},  {"interval", {16, 8}},   {"uuid", {16, 1}},
      {"bigserial", {8, 8}}, {"serial", {4, 4}}};
  const auto found = widths.find(type);
  return found == widths.end() ? Width{4, 4} : found->second;
}

size_t padded(const std::vector<Width>& widths) {
  size_t at = 0;
  for (const Width& width : widths)
    at = (at + width.align - 1) / width.align * width.align + width.size;
  return (at + 7) / 8 * 8;
}

void judge_type(Look& look, const json& column) {
  const std::string name = sql::text_of(column, "colname");
  const std::string type = type_name(column);
  const bool limited = !sql::items_of(sql::child(column, "typeName"), "typmods").empty();
  if (type == "timestamp")
    look.report("timestamp-without-time-zone", fmt::format("{} says what a clock showed, not where", name));
  if (type == "bpchar") look.report("char-type", fmt::format("{} is filled with blanks", name));
  if (type == "varchar" && limited)
    look.report("varchar-length", fmt::format("{} has a limit of length", name));
  if (type == "json") look.report("json-type", fmt::format("{} knows no equality", name));
  if (type == "serial" || type == "bigserial" || type == "smallserial")
    look.report("serial-column", fmt::format("{} is {}", name, type));
  const bool narrow = type == "int4" || type == "int2" || type == "serial" || type == "smallserial";
  if (narrow && find_constraint(column, "CONSTR_PRIMARY") != nullptr)
    look.report("integer-primary-key", fmt::format("{} is {}", name, type));
}

bool is_snake(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void name_of(Look& look, const std::string& name) {
  if (!name.empty() && !is_snake(name))
    look.report("naming-convention", fmt::format("{} needs double quotes", name));
}

void created(Look& look, const json& create) {
  const json& relation = sql::child(create, "relation");
  const std::string table = sql::relation_name(relation);
  name_of(look, sql::text_of(relation, "relname"));
  if (sql::text_of(relation, "schemaname").empty() && sql::text_of(relation, "relpersistence") != "t")
    look.report("unqualified-name",
                fmt::format("in which schema {} is made hangs on the search_path", table));
  std::vector<Width> widths;
  std::map<std::string, std::string> types;
  const json* key = find_constraint(create, "CONSTR_PRIMARY");
  bool has_key = key != nullptr;
  bool copies = create.contains("inhRelations") || create.contains("ofTypename");
  for (const json& element : sql::items_of(create, "tableElts")) {
    copies = copies || sql::child(element, "TableLikeClause").is_object();
    const json& column = sql::child(element, "ColumnDef");
    if (!column.is_object()) continue;
    judge_type(look, column);
    name_of(look, sql::text_of(column, "colname"));
    widths.push_back(width_of(type_name(column)));
    types[sql::text_of(column, "colname")] = type_name(column);
    has_key = has_key || find_constraint(column, "CONSTR_PRIMARY") != nullptr;
  }
  if (key != nullptr) {
    const std::vector<std::string> columns = sql::names_of(sql::items_of(*key, "keys"));
    if (columns.size() == 1 && (types[columns[0]] == "int4" || types[columns[0]] == "int2"))
      look.report("integer-primary-key", fmt::format("{} is {}", columns[0], types[columns[0]]));
  }
  if (!has_key && !copies && sql::text_of(relation, "relpersistence") != "t") {
    look.report("table-without-primary-key", fmt::format("nothing names a row of {}", table))
        .unless_primary_key = table_key(table);
  }
  std::vector<Width> sorted = widths;
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &Width::align);
  if (padded(widths) >= padded(sorted) + 8)
    look.report("column-order", fmt::format("each row of {} is {} bytes longer than it need be", table,
                                            padded(widths) - padded(sorted)));
}

}  // namespace

void check_design(Look& look) {
  const json& value = *look.node.value;
  const std::string& type = look.node.type;
  if (type == "CreateStmt") created(look, value);
  if (type == "CreateDomainStmt" && !sql::items_of(value, "constraints").empty())
    look.report("domain-with-check",
                "its constraint cannot be changed without reading every table that uses it");
  for (const AlterCommand& command : look.alter_commands())
    if (command.form == "AT_AddColumn") judge_type(look, sql::child(*command.definition, "ColumnDef"));
  const bool names = type == "CreateStmt" || type == "IndexStmt" || type == "AlterTableStmt" ||
                     type == "RenameStmt" || type == "ViewStmt" || type == "CreateSeqStmt" ||
                     type == "CreateTableAsStmt";
  if (!names) return;
  if (const std::string name = long_name(look.statement.text); !name.empty())
    look.report("identifier-too-long", fmt::format("{} has {} bytes and becomes {}", name, name.size(),
                                                   name.substr(0, identifier_bytes_max)));
}

}  // namespace godwit::schema::lint
