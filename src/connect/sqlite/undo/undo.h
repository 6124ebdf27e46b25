// Undo of a committed run from the records beside the data, and the purge of a whole scope.
#pragma once

#include "base/time.h"
#include "connect/sink.h"
#include "connect/sqlite/connection.h"

#include <string>

namespace godwit::connect {

// One transaction. With `execute` false it does the same and rolls back. Idempotent: a run that is undone, or
// unknown, gives a plan without tables. ErrorKind::gate when rows are blocked and `execute` is set.
[[nodiscard]] Result<UndoPlan> undo_run(StoreConnection& connection, const std::string& run,
                                        const std::string& store, const Clock& clock,
                                        const UndoOptions& options, bool execute);

// Deletes the owned rows of the scope. Rows that only a link to another store owns refuse: the keys are not
// here.
[[nodiscard]] Result<UndoPlan> purge_scope(StoreConnection& connection, const StoreClosure& closure,
                                           const std::string& scope, bool execute);

}  // namespace godwit::connect
