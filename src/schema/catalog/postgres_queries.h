// What pg_catalog is asked for a snapshot. Internal to src/schema/catalog.
//
// One query: each part answers (rank, number, kind, name, parent, form, create, drop, parts), rank and number
// being the order in which objects can be made, parts a JSON array or NULL. Formed as pg_dump would form it,
// with the server's own pg_get_…def.
#pragma once

#include <string>

namespace godwit::schema {

// `hidden_array`: an SQL expression of type text[].
[[nodiscard]] std::string postgres_catalog_query(const std::string& hidden_array);

}  // namespace godwit::schema
