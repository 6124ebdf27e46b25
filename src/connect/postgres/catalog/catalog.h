// Reads the catalog of a PostgreSQL database into the model.
#pragma once

#include "base/result.h"
#include "model/catalog.h"

#include <string>
#include <string_view>

namespace godwit::pg {
class Session;
}

namespace godwit::connect::postgres {

// Every table, view and partition of the user, sorted by name. A partitioned table carries the foreign keys
// of its partitions too (validated only when every partition has them). `default_schema` may be empty: then
// the first schema of the account's own search path that exists, else "public".
[[nodiscard]] Result<Catalog> read_catalog(pg::Session& session, const std::string& store,
                                           const std::string& default_schema);

// The base type decides: domains are seen through.
[[nodiscard]] TypeClass classify_type(std::string_view schema, std::string_view name, char typtype,
                                      char typcategory);

}  // namespace godwit::connect::postgres
