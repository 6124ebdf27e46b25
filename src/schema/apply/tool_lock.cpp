#include "schema/apply/tool_lock.h"

#include "schema/apply/holder.h"
#include "schema/history/sql_text.h"

#include <fmt/format.h>

namespace godwit::schema {

namespace {

Result<bool> row_exists(Database& session, const ForeignLock& lock) {
  if (lock.row_sql.empty()) return false;
  ASSIGN_OR_RETURN(const auto rows,
                   session.rows(fmt::format("SELECT pg_catalog.to_regclass({}) IS NOT NULL",
                                            literal(lock.row_table, sql::Dialect::postgres))));
  return is_true(rows.at(0).at(0));
}

}  // namespace

Error held_by_another(const std::string& message) {
  return make_error(ErrorKind::locked, message,
                    "wait for it to end, or give more time with migrations: {wait_ms: …}");
}

Result<std::unique_ptr<ToolLock>> ToolLock::try_acquire(Database& database, const ForeignLock& lock,
                                                        bool with_keys, const LockOptions& options) {
  if (lock.row_sql.empty() && !(with_keys && !lock.advisory_keys.empty())) return std::unique_ptr<ToolLock>();
  ASSIGN_OR_RETURN(auto session, options.open_another(options.cancel));
  std::unique_ptr<ToolLock> held(new ToolLock(std::move(session)));
  RETURN_IF_ERROR(held->take(database, lock, with_keys));
  return held;
}

Status ToolLock::take(Database& database, const ForeignLock& lock, bool with_keys) {
  RETURN_IF_ERROR(session_->run(
      {"BEGIN", "SET LOCAL lock_timeout = 1000", "SET LOCAL idle_in_transaction_session_timeout = 0"}));
  for (const int64_t key : with_keys ? lock.advisory_keys : std::vector<int64_t>()) {
    ASSIGN_OR_RETURN(const auto rows,
                     session_->rows(fmt::format("SELECT pg_catalog.pg_try_advisory_xact_lock({})", key)));
    if (rows.at(0).at(0) != "t")
      return held_by_another("another run migrates this database: " + holder_of_key(database, key));
  }
  // Without a table there is no row that anybody could hold.
  ASSIGN_OR_RETURN(const bool has_row, row_exists(*session_, lock));
  if (has_row) {
    const auto rows = session_->rows(lock.row_sql + " RETURNING 1");
    if (!rows.ok() && rows.error().kind != ErrorKind::locked) return rows.error();
    if (!rows.ok() || rows->size() != 1) {
      const std::string holder = holder_of_row(database, lock);
      return held_by_another("the lock row of the tool is taken" + (holder.empty() ? "" : ": " + holder));
    }
  }
  // The portal of a query keeps its snapshot until another one takes its place, and CREATE INDEX CONCURRENTLY
  // waits for everybody's snapshots.
  return session_->run({"SELECT 1"});
}

ToolLock::~ToolLock() {
  // What cannot be rolled back ends with the connection.
  if (session_->alive()) static_cast<void>(session_->run({"ROLLBACK"}));
}

}  // namespace godwit::schema
