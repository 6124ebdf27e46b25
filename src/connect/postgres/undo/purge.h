// Deletes a whole scope by its closure.
#pragma once

#include "connect/sink.h"
#include "pg/session.h"

#include <string>

namespace godwit::connect::postgres {

// Owned rows only; shared and needed rows stay. All rows are found before the first is deleted, children go
// first. With `execute` false it only counts. ErrorKind::gate when rows outside the scope refer to its rows.
[[nodiscard]] Result<UndoPlan> purge_scope(pg::Session& session, const StoreClosure& closure,
                                           const Catalog& catalog, const std::string& scope, bool execute);

}  // namespace godwit::connect::postgres
