#include "connect/postgres/read/scan_sql.h"

#include "base/check.h"
#include "base/text.h"
#include "connect/postgres/catalog/wire_type.h"

#include <fmt/format.h>

namespace godwit::connect::postgres {

std::string quoted(const TableName& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::string own_rows(const Table& table) {
  return (table.kind == TableKind::table ? "ONLY " : "") + quoted(table.name);
}

std::string array_literal(const std::vector<std::string>& values) {
  std::string text = "{";
  for (const std::string& value : values) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

std::string ScanSql::select(const std::string& list, const std::string& range) const {
  std::string sql = selection.with.empty() ? "" : selection.with + " ";
  sql += "SELECT " + list + " FROM " + selection.from + " WHERE (" + selection.where + ")";
  if (!range.empty()) sql += " AND " + range;
  return sql;
}

ScanSettings settings_of(const Scan& scan) {
  ScanSettings settings = {{"godwit.scope", scan.scope}};
  for (size_t i = 0; i < scan.link_keys.size(); ++i) {
    settings.emplace_back(fmt::format("godwit.link_{}", i), array_literal(scan.link_keys[i].second));
  }
  return settings;
}

SqlDialect dialect_of(const Scan& scan) {
  SqlDialect dialect = postgres_dialect();
  dialect.scope_expression = "current_setting('godwit.scope')";
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < scan.link_keys.size(); ++i)
    index[scan.link_keys[i].first] = i;
  dialect.link_keys = [index](const std::string& foreign_key) -> std::string {
    const auto found = index.find(foreign_key);
    // No keys were handed over: nothing is owned over this link.
    if (found == index.end()) return "SELECT NULL::text WHERE false";
    return fmt::format("SELECT unnest(current_setting('godwit.link_{}')::text[])", found->second);
  };
  return dialect;
}

ScanSql scan_sql(const Scan& scan, const Catalog& catalog) {
  CHECK(scan.dataset != nullptr && scan.closure != nullptr);
  const Dataset& dataset = *scan.dataset;
  ScanSql sql;
  sql.selection = select_rows(*scan.closure, catalog, dataset.table.name, dialect_of(scan));
  sql.settings = settings_of(scan);
  const auto add = [&](const std::string& expression, DecodeColumn decode) {
    sql.columns += (sql.columns.empty() ? "" : ", ") + expression;
    sql.staged.push_back({decode.name, decode.type});
    sql.decode.push_back(std::move(decode));
  };
  for (const DatasetColumn& staged : dataset.columns) {
    const Column* column = dataset.table.column(staged.name);
    CHECK(column != nullptr);
    const auto special = sql.selection.column_expressions.find(staged.name);
    std::string expression = special == sql.selection.column_expressions.end()
                                 ? "t." + quote_identifier(staged.name)
                                 : "(" + special->second + ")";
    const bool cast = needs_text_cast(staged, *column);
    if (cast) expression = output_text(expression, column->type_name);
    add(expression, {staged.name, cast ? WireType::text : *wire_type(*column), duck_type(staged)});
  }
  if (dataset.has_owned_column) {
    add("(" + sql.selection.owned + ")::boolean",
        {std::string(owned_column_name), WireType::boolean, {duck::TypeId::boolean}});
  }
  return sql;
}

std::vector<std::string> page_ranges(const Split& split, int part, int lanes) {
  const int64_t count = int64_t{split.parts} * lanes;
  if (count <= 1) return {""};
  std::vector<std::string> ranges;
  for (int64_t i = int64_t{part} * lanes; i < int64_t{part + 1} * lanes; ++i) {
    std::string range = fmt::format("t.ctid >= '({},0)'::tid", split.pages * i / count);
    if (i + 1 < count) range += fmt::format(" AND t.ctid < '({},0)'::tid", split.pages * (i + 1) / count);
    ranges.push_back(std::move(range));
  }
  return ranges;
}

}  // namespace godwit::connect::postgres
