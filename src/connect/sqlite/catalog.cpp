#include "connect/sqlite/catalog.h"

#include "base/text.h"
#include "connect/sqlite/create_sql.h"
#include "connect/sqlite/values/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace godwit::connect {

namespace {

using sqlite::Value;
using Row = std::vector<Value>;

constexpr const char* table_list =
    "SELECT l.name, l.type, l.wr, coalesce(s.sql, '') FROM pragma_table_list AS l JOIN sqlite_schema AS s ON "
    "s.name = "
    "l.name AND s.type IN ('table', 'view') WHERE l.schema = 'main' AND l.type IN ('table', 'view', "
    "'virtual') AND "
    "l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND l.name NOT IN ('godwit_run', 'godwit_undo', "
    "'godwit_undo_table') "
    "ORDER BY l.name";

class TableReader {
 public:
  TableReader(sqlite::Database& database, Table& table, std::string sql, bool without_rowid)
      : database_(database), table_(table), sql_(std::move(sql)), without_rowid_(without_rowid) {}

  Status read() {
    text_ = table_.kind == TableKind::table ? read_create_table(table_.name.name, sql_) : TableText{};
    RETURN_IF_ERROR(columns());
    RETURN_IF_ERROR(unique_keys());
    RETURN_IF_ERROR(foreign_keys());
    RETURN_IF_ERROR(triggers());
    if (table_.kind != TableKind::table) return {};
    table_.checks = text_.checks;
    label_columns();
    RETURN_IF_ERROR(sequence());
    return estimate();
  }

 private:
  Result<std::vector<Row>> ask(const std::string& sql) {
    return database_.rows(sql, {Value::text(table_.name.name)});
  }

  Status columns() {
    ASSIGN_OR_RETURN(const auto rows,
                     ask("SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk, hidden FROM "
                         "pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid"));
    std::map<int64_t, std::string> primary;
    for (const Row& row : rows) {
      Column& column = table_.columns.emplace_back();
      column.name = row[0].bytes;
      describe_type(row[1].bytes, column);
      column.nullable = row[2].integer == 0;
      column.has_default = row[3].integer != 0;
      column.generated = row[5].integer >= 2 ? Generated::stored : Generated::no;
      for (const TableText::ColumnText& text : text_.columns) {
        if (text.name == column.name) column.case_insensitive = to_lower_ascii(text.collation) == "nocase";
      }
      if (row[4].integer > 0) primary[row[4].integer] = column.name;
    }
    if (primary.empty()) return {};
    Key& key = table_.keys.emplace_back();
    key.name = table_.name.name + "_pkey";
    key.primary = true;
    for (const auto& [position, name] : primary)
      key.columns.push_back(name);
    for (Column& column : table_.columns) {
      const bool in_key = std::find(key.columns.begin(), key.columns.end(), column.name) != key.columns.end();
      if (!in_key) continue;
      // A rowid alias counts up by itself and is never NULL; other primary keys may be, without NOT NULL.
      const bool alias =
          !without_rowid_ && key.columns.size() == 1 && to_lower_ascii(column.type_name) == "integer";
      if (alias || without_rowid_) column.nullable = false;
      if (alias) column.has_default = true;
    }
    return {};
  }

  Status unique_keys() {
    ASSIGN_OR_RETURN(
        const auto indexes,
        ask("SELECT l.name, l.partial, coalesce(s.sql, '') FROM pragma_index_list(?1) AS l LEFT JOIN "
            "sqlite_schema AS s ON s.name = l.name AND s.type = 'index' WHERE l.\"unique\" = 1 AND "
            "l.origin <> 'pk' ORDER BY l.name"));
    for (const Row& index : indexes) {
      Key key;
      key.name = index[0].bytes;
      const IndexText text = read_create_index(index[2].bytes);
      if (index[1].integer != 0) key.predicate = text.predicate;
      ASSIGN_OR_RETURN(
          const auto columns,
          database_.rows("SELECT cid, name FROM pragma_index_xinfo(?1) WHERE key = 1 ORDER BY seqno",
                         {Value::text(key.name)}));
      for (const Row& column : columns) {
        if (column[0].integer < 0) {
          key.expression = text.expressions;
        } else {
          key.columns.push_back(column[1].bytes);
        }
      }
      if (!key.expression.empty()) key.columns.clear();
      table_.keys.push_back(std::move(key));
    }
    return {};
  }

  Status foreign_keys() {
    ASSIGN_OR_RETURN(const auto rows, ask("SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM "
                                          "pragma_foreign_key_list(?1) ORDER BY id DESC, seq"));
    int64_t id = -1;
    for (const Row& row : rows) {
      if (row[0].integer != id) {
        id = row[0].integer;
        ForeignKey& key = table_.foreign_keys.emplace_back();
        key.parent = {"main", row[1].bytes};
        key.on_update = row[4].bytes;
        key.on_delete = row[5].bytes;
        key.deferrable = true;
      }
      ForeignKey& key = table_.foreign_keys.back();
      key.columns.push_back(row[2].bytes);
      if (row[3].type != sqlite::ValueType::null) key.parent_columns.push_back(row[3].bytes);
    }
    return {};
  }

  Status triggers() {
    ASSIGN_OR_RETURN(const auto rows,
                     ask("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = "
                         "?1 COLLATE NOCASE ORDER BY name"));
    for (const Row& row : rows)
      table_.triggers.push_back(read_create_trigger(row[0].bytes, row[1].bytes));
    return {};
  }

  // A text column that must be one of a list is an enumeration in all but name.
  void label_columns() {
    for (Column& column : table_.columns) {
      if (column.type_class != TypeClass::text) continue;
      for (const CheckConstraint& check : table_.checks) {
        column.enum_labels = labels_of_check(check.expression, column.name);
        if (column.enum_labels.empty()) continue;
        column.type_class = TypeClass::enumeration;
        break;
      }
    }
  }

  Status sequence() {
    if (!text_.autoincrement) return {};
    Sequence& sequence = table_.sequences.emplace_back();
    sequence.schema = "main";
    sequence.name = "sqlite_sequence";
    sequence.column = table_.keys.at(0).columns.at(0);
    ASSIGN_OR_RETURN(const auto rows, ask("SELECT seq FROM sqlite_sequence WHERE name = ?1"));
    if (!rows.empty()) sequence.last_value = rows[0][0].integer;
    return {};
  }

  Status estimate() {
    const std::string table = quote_identifier(table_.name.name);
    // The largest rowid is one look-up away; counting reads the whole table.
    ASSIGN_OR_RETURN(table_.estimated_rows,
                     database_.number(without_rowid_ ? "SELECT count(*) FROM " + table
                                                     : "SELECT coalesce(max(_rowid_), 0) FROM " + table));
    table_.estimated_rows = std::max<int64_t>(0, table_.estimated_rows);
    return {};
  }

  sqlite::Database& database_;
  Table& table_;
  std::string sql_;
  bool without_rowid_;
  TableText text_;
};

// Names in foreign keys are compared without case; the catalog speaks of tables and columns as they are
// written where they are declared.
const std::string* declared_name(const std::vector<Column>& columns, const std::string& name) {
  for (const Column& column : columns) {
    if (to_lower_ascii(column.name) == to_lower_ascii(name)) return &column.name;
  }
  return nullptr;
}

void resolve_foreign_key(Catalog& catalog, Table& child, ForeignKey& key) {
  for (std::string& column : key.columns) {
    if (const std::string* name = declared_name(child.columns, column); name != nullptr) column = *name;
  }
  for (const Table& parent : catalog.tables) {
    if (to_lower_ascii(parent.name.name) != to_lower_ascii(key.parent.name)) continue;
    key.parent = parent.name;
    const Key* primary = parent.primary_key();
    if (key.parent_columns.empty() && primary != nullptr) key.parent_columns = primary->columns;
    for (std::string& column : key.parent_columns) {
      if (const std::string* name = declared_name(parent.columns, column); name != nullptr) column = *name;
    }
    break;
  }
}

// SQLite does not tell the names of foreign keys: they are named as PostgreSQL would name them.
void name_foreign_keys(Table& table) {
  std::map<std::string, int> used;
  for (ForeignKey& key : table.foreign_keys) {
    const std::string name = fmt::format("{}_{}_fkey", table.name.name, join(key.columns, "_"));
    const int count = used[name]++;
    key.name = count == 0 ? name : name + std::to_string(count);
  }
}

}  // namespace

Result<Catalog> read_sqlite_catalog(sqlite::Database& database, const std::string& store) {
  Catalog catalog;
  catalog.store = store;
  catalog.kind = "sqlite";
  catalog.server_version = sqlite::Database::library_version();
  catalog.default_schema = "main";
  ASSIGN_OR_RETURN(const auto tables, database.rows(table_list));
  for (const Row& row : tables) {
    Table& table = catalog.tables.emplace_back();
    table.name = {"main", row[0].bytes};
    table.kind = row[1].bytes == "view"      ? TableKind::view
                 : row[1].bytes == "virtual" ? TableKind::foreign_table
                                             : TableKind::table;
    RETURN_IF_ERROR(TableReader(database, table, row[3].bytes, row[2].integer != 0).read());
  }
  for (Table& table : catalog.tables) {
    for (ForeignKey& key : table.foreign_keys)
      resolve_foreign_key(catalog, table, key);
    name_foreign_keys(table);
  }
  std::sort(catalog.tables.begin(), catalog.tables.end(),
            [](const Table& left, const Table& right) { return left.name < right.name; });
  return catalog;
}

Result<std::set<TableName>> tables_without_rowid(sqlite::Database& database) {
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 1"));
  std::set<TableName> tables;
  for (const Row& row : rows)
    tables.insert({"main", row[0].bytes});
  return tables;
}

}  // namespace godwit::connect
