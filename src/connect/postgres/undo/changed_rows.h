// Which rows are not any more what a run left: their hashes are compared with those that the run recorded.
#pragma once

#include "connect/postgres/undo/undo_records.h"

#include <functional>
#include <string>
#include <vector>

namespace godwit::connect::postgres {

// The target's catalog, read when it is first needed.
using CatalogReader = std::function<Result<const Catalog*>()>;

// The keys (key_text_sql) of rows of `set`, a table of (o, c, touched), that were touched and have other
// values now; rows whose values cannot be compared count among them. `hashes` as hashes_sql gives it.
[[nodiscard]] Result<std::vector<std::string>> changed_rows(pg::Session& session,
                                                            const CatalogReader& catalog,
                                                            const UndoRecord& record, const std::string& set,
                                                            const std::string& hashes);

}  // namespace godwit::connect::postgres
