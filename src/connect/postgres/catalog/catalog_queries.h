// The SQL that reads a PostgreSQL catalog. Each query yields one row per thing, the table's oid first,
// ordered. Only pg_catalog, never information_schema (which hides what the account does not own). PostgreSQL
// 12 and later.
#pragma once

#include <string>

namespace godwit::connect::postgres {

// oid, schema, name, relkind, is partition, parent's schema, parent's name, reltuples, relpages, bytes
[[nodiscard]] std::string tables_query();
// oid, attname, type_name, own type's schema, own type's name, base type's schema, base type's name, base
// typtype, base typcategory, base typmod, not null, has default, attgenerated, attidentity, enum labels
// (JSON), is domain, nondeterministic collation
[[nodiscard]] std::string columns_query();
// oid, index name, columns (JSON), primary, deferrable, expression, predicate, nulls distinct
[[nodiscard]] std::string keys_query();
// oid, name, columns (JSON), parent schema, parent name, parent columns (JSON), deferrable, match full, on
// delete, on update, validated
[[nodiscard]] std::string foreign_keys_query();
// oid, name, expression
[[nodiscard]] std::string checks_query();
// oid, name, tgtype, tgenabled
[[nodiscard]] std::string triggers_query();
// oid, sequence schema, sequence name, column, last value
[[nodiscard]] std::string sequences_query();

}  // namespace godwit::connect::postgres
