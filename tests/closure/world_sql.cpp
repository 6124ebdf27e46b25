#include "base/text.h"
#include "tests/closure/random_world.h"

#include <fmt/format.h>

namespace godwit::test {
namespace {

std::string quoted(const TableName& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::string create_table(const World& world, const Table& table, bool postgres) {
  std::vector<std::string> parts;
  for (const auto& column : table.columns) {
    parts.push_back(quote_identifier(column.name) + " " + column.type_name +
                    (column.nullable ? "" : " NOT NULL"));
  }
  for (const auto& key : table.keys) {
    std::vector<std::string> columns;
    for (const auto& column : key.columns)
      columns.push_back(quote_identifier(column));
    parts.push_back((key.primary ? "PRIMARY KEY (" : "UNIQUE (") + join(columns, ", ") + ")");
  }
  std::string sql = "CREATE TABLE " + quoted(table.name) + " (" + join(parts, ", ") + ")";
  if (!postgres) return sql + (world.without_rowid.count(table.name) > 0 ? " WITHOUT ROWID;\n" : ";\n");
  if (table.kind != TableKind::partitioned) return sql + ";\n";
  sql += " PARTITION BY HASH (id);\n";
  for (int part = 0; part < 3; ++part) {
    const TableName name{table.name.schema, fmt::format("{} p{}", table.name.name, part)};
    sql += fmt::format("CREATE TABLE {} PARTITION OF {} FOR VALUES WITH (MODULUS 3, REMAINDER {});\n",
                       quoted(name), quoted(table.name), part);
  }
  return sql;
}

}  // namespace

std::string create_sql(const World& world, bool postgres) {
  std::string sql;
  if (postgres) sql = "CREATE SCHEMA w;\nCREATE SCHEMA \"W 2\";\n";
  for (const auto& table : world.catalog.tables) {
    sql += create_table(world, table, postgres);
    for (const auto& row : world.rows.at(table.name)) {
      std::vector<std::string> values;
      for (const auto& cell : row)
        values.push_back(cell ? quote_literal(*cell) : "NULL");
      sql += "INSERT INTO " + quoted(table.name) + " VALUES (" + join(values, ", ") + ");\n";
    }
  }
  return sql;
}

std::string link_keys_sql(const World& world, const std::string& foreign_key) {
  std::string sql = "SELECT CAST(NULL AS text)";
  for (const auto& key : world.link_keys.at(foreign_key))
    sql += " UNION ALL SELECT CAST(" + quote_literal(key) + " AS text)";
  return sql;
}

}  // namespace godwit::test
