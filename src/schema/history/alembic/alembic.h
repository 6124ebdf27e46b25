// Alembic: versions/*.py, a graph of revisions; table alembic_version with one row per head of what is
// applied. No lock and no checksum. The bodies are Python, so both directions are delegated: see render.h.
//
// Facts: Alembic 1.20 and its documentation. Every UPDATE and DELETE of the table must match one row, as
// there.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

// table: "alembic_version" unless env.py says otherwise (version_table), schema: version_table_schema.
[[nodiscard]] std::unique_ptr<History> make_alembic_history(const HistoryOptions& options);

}  // namespace godwit::schema
