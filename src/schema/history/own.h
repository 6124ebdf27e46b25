// godwit's own history: VERSION_name.sql with VERSION_name.down.sql, or one file with the sections "--
// godwit:up" and "-- godwit:down"; table godwit.migration (SQLite: godwit_migration). Formats:
// docs/FORMATS.md.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_own_history(const HistoryOptions& options);

}  // namespace godwit::schema
