#include "connect/sqlite/load/row_identity.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::connect {

namespace {

bool contains_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool never_null(const Table& table, const std::string& name) {
  const Column* column = table.column(name);
  return column != nullptr && !column->nullable;
}

RowIdentity made_of(const Table& table, const std::vector<std::string>& columns) {
  RowIdentity identity;
  identity.columns = columns;
  for (const std::string& column : columns)
    identity.nullable.push_back(!never_null(table, column));
  return identity;
}

}  // namespace

std::string table_sql(const TableName& table) {
  return quote_identifier(table.schema) + "." + quote_identifier(table.name);
}

std::string RowIdentity::match(const std::string& alias, const std::vector<int>& parameters) const {
  std::string sql;
  for (size_t i = 0; i < columns.size(); ++i) {
    sql += fmt::format("{}{}.{} {} ?{}", i == 0 ? "" : " AND ", alias, quote_identifier(columns[i]),
                       nullable[i] ? "IS" : "=", parameters[i]);
  }
  return sql;
}

RowIdentity identity_of(const Table& table, const std::vector<std::string>& loaded) {
  const auto usable = [&](const Key& key) {
    if (key.columns.empty() || !key.predicate.empty() || !key.expression.empty()) return false;
    return std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) {
      return contains_name(loaded, column) && (key.primary || never_null(table, column));
    });
  };
  for (const bool primary : {true, false}) {
    for (const Key& key : table.keys) {
      if (key.primary == primary && usable(key)) return made_of(table, key.columns);
    }
  }
  RowIdentity identity = made_of(table, loaded);
  identity.whole_rows = true;
  return identity;
}

std::string RowAddress::list(const std::string& alias) const {
  std::string sql;
  for (const std::string& column : columns)
    sql += (sql.empty() ? "" : ", ") + alias + "." + column;
  return sql;
}

RowAddress address_of(const Table& table, bool without_rowid) {
  RowAddress address;
  if (!without_rowid) {
    // A column may carry one of the three names of the rowid; no sane table carries all of them.
    for (const char* name : {"_rowid_", "rowid", "oid"}) {
      const bool taken = std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        return to_lower_ascii(column.name) == name;
      });
      if (taken) continue;
      address.columns = {name};
      return address;
    }
  }
  address.rowid = false;
  const Key* key = table.primary_key();
  if (key == nullptr) return address;
  for (const std::string& column : key->columns)
    address.columns.push_back(quote_identifier(column));
  return address;
}

Result<RowSet> RowSet::create(sqlite::Database& database, const std::string& name,
                              const RowAddress& address) {
  if (address.columns.empty())
    return make_error(ErrorKind::failed, "a table has neither a rowid nor a primary key");
  std::string columns;
  std::string parameters;
  for (size_t i = 0; i < address.columns.size(); ++i) {
    columns += fmt::format("{}a{}", i == 0 ? "" : ", ", i);
    parameters += fmt::format("?{}, ", i + 1);
  }
  const std::string table = "temp." + name;
  RETURN_IF_ERROR(database.run("DROP TABLE IF EXISTS " + table));
  RETURN_IF_ERROR(database.run(
      address.rowid ? fmt::format("CREATE TEMP TABLE {} (a0 INTEGER PRIMARY KEY, owned, written)", name)
                    : fmt::format("CREATE TEMP TABLE {} ({}, owned, written, PRIMARY KEY ({})) WITHOUT ROWID",
                                  name, columns, columns)));
  const size_t count = address.columns.size();
  ASSIGN_OR_RETURN(auto insert, database.prepare(fmt::format("INSERT OR IGNORE INTO {} VALUES ({}?{}, ?{})",
                                                             table, parameters, count + 1, count + 2)));
  return RowSet(table, address, std::move(insert));
}

Result<bool> RowSet::add(const std::vector<sqlite::Value>& address, bool owned, bool written) {
  int index = 0;
  for (const sqlite::Value& value : address)
    insert_.bind_value(++index, value);
  insert_.bind(index + 1, int64_t{owned ? 1 : 0}).bind(index + 2, int64_t{written ? 1 : 0});
  ASSIGN_OR_RETURN(const int64_t added, insert_.run());
  size_ += added;
  return added == 1;
}

std::string RowSet::join(const TableName& table) const {
  std::string on;
  for (size_t i = 0; i < address_.columns.size(); ++i) {
    on += fmt::format("{}t.{} = r.a{}", i == 0 ? "" : " AND ", address_.columns[i], i);
  }
  return fmt::format("{} AS r JOIN {} AS t ON {}", name_, table_sql(table), on);
}

std::string RowSet::contains(const std::string& alias, bool owned) const {
  return fmt::format("({}) IN (SELECT {} FROM {}{})", address_.list(alias), list(""), name_,
                     owned ? " WHERE owned" : "");
}

std::string RowSet::list(const std::string& prefix) const {
  std::string columns;
  for (size_t i = 0; i < address_.columns.size(); ++i)
    columns += fmt::format("{}{}a{}", i == 0 ? "" : ", ", prefix, i);
  return columns;
}

}  // namespace godwit::connect
