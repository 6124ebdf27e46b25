// Atlas, its versioned workflow: VERSION_name.sql with "-- atlas:…" directives and the sums of all in
// atlas.sum; table atlas_schema_revisions.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_atlas_history(const HistoryOptions& options);

}  // namespace godwit::schema
