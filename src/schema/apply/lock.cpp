#include "schema/apply/lock.h"

#include "base/text.h"
#include "crypto/sha256.h"
#include "schema/apply/holder.h"
#include "schema/apply/lease.h"
#include "schema/apply/tool_lock.h"
#include "schema/history/sql_text.h"
#include "sqlite/file_lock.h"

#include <fmt/format.h>

#include <algorithm>

namespace godwit::schema {

namespace {

constexpr int64_t first_pause_ms = 25;
constexpr int64_t longest_pause_ms = 1000;

// Tries `attempt` until it gives a lock, an Error that is not ErrorKind::locked, or the time is up.
Result<std::unique_ptr<HistoryLock>> wait_for(
    const LockOptions& options, const std::function<Result<std::unique_ptr<HistoryLock>>()>& attempt) {
  const int64_t deadline_us = options.clock->monotonic_us() + options.wait_ms * 1000;
  int64_t pause_ms = first_pause_ms;
  bool told = false;
  for (;;) {
    auto lock = attempt();
    if (lock.ok() || lock.error().kind != ErrorKind::locked) return lock;
    if (options.cancel != nullptr && options.cancel->load())
      return make_error(ErrorKind::interrupted, "cancelled while waiting for the lock of the history");
    if (options.clock->monotonic_us() >= deadline_us) return lock;
    if (!told && options.observer != nullptr) options.observer->on_wait(lock.error().message);
    told = true;
    const auto jitter = static_cast<int64_t>(options.random_number() % static_cast<uint64_t>(pause_ms));
    options.clock->sleep_ms(pause_ms / 2 + jitter);
    pause_ms = std::min(pause_ms * 2, longest_pause_ms);
  }
}

// A database that the tool has not seen yet has no row to be locked: its tables are made first, as it would
// make them, so that it is kept out of the first run too. Under godwit's own lock.
Status make_lock_row(Database& database, const History& history, const ForeignLock& foreign) {
  if (foreign.row_sql.empty()) return {};
  ASSIGN_OR_RETURN(const auto rows,
                   database.rows(fmt::format("SELECT pg_catalog.to_regclass({}) IS NOT NULL",
                                             literal(foreign.row_table, sql::Dialect::postgres))));
  if (is_true(rows.at(0).at(0))) return {};
  const Status made = database.run({"BEGIN", history.create_sql(), "COMMIT"});
  if (!made.ok()) return wrap(made.error(), "the tables of the history cannot be created");
  return {};
}

// Advisory locks on the working session, and the tool's own lock.
class SessionLock final : public HistoryLock {
 public:
  SessionLock(Database& database, const History& history) : database_(database), history_(history) {}
  SessionLock(const SessionLock&) = delete;
  SessionLock& operator=(const SessionLock&) = delete;
  ~SessionLock() override {
    tool_.reset();
    // What cannot be released ends with the session.
    for (const int64_t key : held_) {
      if (database_.alive())
        static_cast<void>(database_.rows(fmt::format("SELECT pg_catalog.pg_advisory_unlock({})", key)));
    }
  }

  // All or none: what is held goes with this object.
  Status take(const ForeignLock& foreign, const LockOptions& options) {
    ASSIGN_OR_RETURN(const bool leases, take_key(own_lock_key(history_)));
    if (leases) RETURN_IF_ERROR(let_leases_end(database_, history_));
    for (const int64_t key : foreign.advisory_keys) {
      const auto taken = take_key(key);
      if (!taken.ok()) return taken.error();
    }
    RETURN_IF_ERROR(make_lock_row(database_, history_, foreign));
    ASSIGN_OR_RETURN(tool_, ToolLock::try_acquire(database_, foreign, false, options));
    return {};
  }

 private:
  // Whether there is a table of leases.
  Result<bool> take_key(int64_t key) {
    ASSIGN_OR_RETURN(const auto rows, database_.rows(fmt::format(
                                          "SELECT pg_catalog.pg_try_advisory_lock({}), "
                                          "pg_catalog.to_regclass('godwit.migration_lease') IS NOT NULL",
                                          key)));
    if (rows.at(0).at(0) != "t")
      return held_by_another("another run migrates this database: " + holder_of_key(database_, key));
    held_.push_back(key);
    return is_true(rows.at(0).at(1));
  }

  Database& database_;
  const History& history_;
  std::vector<int64_t> held_;
  std::unique_ptr<ToolLock> tool_;
};

class LeaseLock final : public HistoryLock {
 public:
  LeaseLock(std::unique_ptr<Lease> lease, std::unique_ptr<ToolLock> tool)
      : lease_(std::move(lease)), tool_(std::move(tool)) {}
  std::string guard() const override { return lease_->guard(); }

 private:
  std::unique_ptr<Lease> lease_;
  std::unique_ptr<ToolLock> tool_;
};

class SqliteLock final : public HistoryLock {
 public:
  explicit SqliteLock(sqlite::FileLock lock) : lock_(std::move(lock)) {}

 private:
  sqlite::FileLock lock_;
};

Result<std::unique_ptr<HistoryLock>> acquire_postgres(Database& database, const History& history,
                                                      const LockOptions& options) {
  const ForeignLock foreign = history.lock(database.name());
  const bool lease = sessions_are_shared(database, options.kind);
  return wait_for(options, [&]() -> Result<std::unique_ptr<HistoryLock>> {
    if (lease) {
      ASSIGN_OR_RETURN(auto own, Lease::try_acquire(database, history, options));
      RETURN_IF_ERROR(make_lock_row(database, history, foreign));
      ASSIGN_OR_RETURN(auto tool, ToolLock::try_acquire(database, foreign, true, options));
      return std::unique_ptr<HistoryLock>(new LeaseLock(std::move(own), std::move(tool)));
    }
    auto lock = std::make_unique<SessionLock>(database, history);
    RETURN_IF_ERROR(lock->take(foreign, options));
    return std::unique_ptr<HistoryLock>(std::move(lock));
  });
}

// SQLite has one writer at a time; the lock row of a tool is looked at, not taken: a writer of our own would
// wait for it.
Status row_is_free(Database& database, const ForeignLock& foreign) {
  if (foreign.row_sql.empty()) return {};
  RETURN_IF_ERROR(database.run({"BEGIN IMMEDIATE"}));
  const auto rows = database.rows(foreign.row_sql + " RETURNING 1");
  RETURN_IF_ERROR(database.run({"ROLLBACK"}));
  if (!rows.ok() && is_undefined_table(database, rows.error())) return {};
  if (!rows.ok()) return rows.error();
  return rows->size() == 1 ? Status() : Status(held_by_another("the lock row of the tool is taken"));
}

Result<std::unique_ptr<HistoryLock>> acquire_sqlite(Database& database, const History& history,
                                                    const LockOptions& options) {
  const std::string path =
      database.name() + ".godwit-" + to_hex(fmt::format("{}", own_lock_key(history) & 0xFFFF)) + ".lock";
  const ForeignLock foreign = history.lock(database.name());
  return wait_for(options, [&]() -> Result<std::unique_ptr<HistoryLock>> {
    RETURN_IF_ERROR(row_is_free(database, foreign));
    const int64_t now_us = options.clock->now_us();
    ASSIGN_OR_RETURN(
        auto lock, sqlite::FileLock::acquire(path, {options.pid, options.host, "godwit db", now_us}, now_us));
    return std::unique_ptr<HistoryLock>(new SqliteLock(std::move(lock)));
  });
}

}  // namespace

bool sessions_are_shared(const Database& database, std::string_view lock_kind) {
  if (database.dialect() != sql::Dialect::postgres) return false;
  return lock_kind == "lease" || (lock_kind == "auto" && database.pooled());
}

int64_t own_lock_key(const History& history) {
  const crypto::Digest digest = crypto::sha256("godwit db " + history.table());
  uint64_t key = 0;
  for (size_t i = 0; i < 8; ++i)
    key = key << 8U | digest[i];
  return static_cast<int64_t>(key);
}

Result<std::unique_ptr<HistoryLock>> HistoryLock::acquire(Database& database, const History& history,
                                                          const LockOptions& options) {
  return database.dialect() == sql::Dialect::postgres ? acquire_postgres(database, history, options)
                                                      : acquire_sqlite(database, history, options);
}

}  // namespace godwit::schema
