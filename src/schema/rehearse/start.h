// A database made to look like another one, from a snapshot of its structure. Internal to rehearse.
#pragma once

#include "schema/catalog/snapshot.h"
#include "schema/state.h"

namespace godwit::schema {

// Makes what can be made, in as many passes as things depend on each other, and records what `live` says is
// applied. What could not be made is seen by comparing. Errors: the history cannot be written.
[[nodiscard]] Status copy_structure(Database& database, const Snapshot& live, const History& history,
                                    const State& state, RecordContext context);

}  // namespace godwit::schema
