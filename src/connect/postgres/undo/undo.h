// Undo of a committed run, from the records that stand in the target beside the data.
#pragma once

#include "connect/sink.h"
#include "pg/session.h"

#include <string>

namespace godwit::connect::postgres {

// One transaction. With `execute` false it only looks, and rolls back. Idempotent: a run that is undone, or
// unknown, gives a plan without tables.
[[nodiscard]] Result<UndoPlan> undo_run(pg::Session& session, const std::string& run,
                                        const std::string& store, bool execute);

}  // namespace godwit::connect::postgres
