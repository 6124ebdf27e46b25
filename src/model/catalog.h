// The catalog: what a store says about its tables. Plain values, the same for every kind of store.
//
// A Source fills it from the store's own metadata (PostgreSQL: pg_constraint and friends, never
// information_schema; SQLite: pragmas). Names are exact, unquoted, case kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace godwit {

// A table inside one store. SQLite tables live in schema "main".
struct TableName {
  std::string schema;
  std::string name;

  friend bool operator==(const TableName&, const TableName&) = default;
  friend auto operator<=>(const TableName&, const TableName&) = default;  // NOLINT(modernize-use-nullptr)
  [[nodiscard]] std::string text() const { return schema + "." + name; }
};

// What a column holds, coarse: drives classification, masking and checks. The exact type stands in type_name.
enum class TypeClass : uint8_t {
  boolean,
  integer,
  decimal,
  floating,
  text,
  binary,
  date,
  time,
  timestamp,
  timestamptz,
  interval,
  uuid,
  json,
  enumeration,
  array,
  range,
  composite,
  network,
  bit_string,
  text_search,
  xml,
  other,
};
[[nodiscard]] std::string_view to_string(TypeClass type_class);

enum class Generated : uint8_t { no, stored, identity_always, identity_by_default };

struct Column {
  std::string name;
  std::string type_name;  // as the store writes it with modifiers: "character varying(255)", "numeric(5,2)"
  std::string
      type_identity;  // schema-qualified base type without modifiers: "pg_catalog.int4"; domains: the domain
  TypeClass type_class = TypeClass::other;
  bool nullable = true;
  bool has_default = false;
  Generated generated = Generated::no;
  int max_length = 0;         // characters of char(n)/varchar(n); 0 = unlimited
  bool fixed_length = false;  // char(n): padded
  int precision = 0;          // numeric(p,s); 0 = unconstrained
  int scale = 0;
  std::vector<std::string> enum_labels;
  std::string domain_base;        // base type of a domain, else empty
  bool case_insensitive = false;  // citext, NOCASE or a nondeterministic collation
};

// A primary key, unique constraint or unique index.
struct Key {
  std::string name;
  std::vector<std::string> columns;  // empty when the index is on expressions only
  bool primary = false;
  bool deferrable = false;
  std::string expression;  // of an expression index, else empty
  std::string predicate;   // of a partial index, else empty
  bool nulls_distinct = true;
};

struct ForeignKey {
  std::string name;
  std::vector<std::string> columns;
  TableName parent;
  std::vector<std::string> parent_columns;  // any unique key, not only the primary one
  bool deferrable = false;
  bool match_full = false;
  std::string on_delete = "NO ACTION";
  std::string on_update = "NO ACTION";
  bool validated = true;
  // A link that no database knows, from the configuration. parent_store is set when it leaves the store.
  bool configured = false;
  std::string parent_store;
};

struct CheckConstraint {
  std::string name;
  std::string expression;  // in the store's own SQL
};

struct Trigger {
  std::string name;
  std::string timing;  // BEFORE, AFTER, INSTEAD OF
  std::string events;  // "INSERT OR UPDATE"
  bool enabled = true;
};

struct Sequence {
  std::string schema;
  std::string name;
  std::string column;  // the column it feeds
  std::optional<int64_t> last_value;
};

enum class TableKind : uint8_t { table, partitioned, partition, view, materialized_view, foreign_table };

struct Table {
  TableName name;
  TableKind kind = TableKind::table;
  std::optional<TableName> partition_of;
  std::vector<Column> columns;
  std::vector<Key> keys;  // the primary key first when there is one
  std::vector<ForeignKey> foreign_keys;
  std::vector<CheckConstraint> checks;
  std::vector<Trigger> triggers;
  std::vector<Sequence> sequences;
  int64_t estimated_rows = 0;
  int64_t estimated_bytes = 0;

  [[nodiscard]] const Column* column(std::string_view column_name) const;
  [[nodiscard]] const Key* primary_key() const;
};

struct Catalog {
  std::string store;  // the store's name in the configuration
  std::string kind;   // "postgres", "sqlite"
  std::string server_version;
  std::string default_schema;  // where an unqualified table name is looked up
  std::vector<Table> tables;   // sorted by name

  [[nodiscard]] const Table* table(const TableName& name) const;
};

// "store.schema.table": the id of a dataset, a check's table, a plan's table.
[[nodiscard]] std::string dataset_id(std::string_view store, const TableName& table);

}  // namespace godwit
