// Supabase CLI: VERSION_name.sql in supabase/migrations; table supabase_migrations.schema_migrations, which
// keeps the statements of a file beside its version. It has no checksum and no lock. PostgreSQL only.
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_supabase_history(const HistoryOptions& options);

// The statements of a script as the CLI stores them: cut at semicolons, trimmed, comments kept with what
// follows them. Where the CLI itself would cut inside a string or a body (its splitter knows no E'…'), ours
// does not. A script that does not split is one statement.
[[nodiscard]] std::vector<std::string> stored_statements(std::string_view script);

}  // namespace godwit::schema
