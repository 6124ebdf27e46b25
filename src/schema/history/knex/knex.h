// Knex: files of JavaScript (or TypeScript) that only Knex can run; table knex_migrations with one row per
// file, named as the file is, in batches; a lock row in knex_migrations_lock.
//
// Knex does not see .sql files, and a recorded name that it does not see on disk stops it. So .sql files are
// migrations only where the project's own loadExtensions name ".sql"; they are run here, whole or by the
// sections "-- knex:up" and "-- knex:down".
#pragma once

#include "schema/history/history.h"

namespace godwit::schema {

[[nodiscard]] std::unique_ptr<History> make_knex_history(const HistoryOptions& options);

}  // namespace godwit::schema
