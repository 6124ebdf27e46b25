#include "schema/apply/lock.h"

#include "base/text.h"
#include "crypto/sha256.h"
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

Error locked(const std::string& message) {
  return make_error(ErrorKind::locked, message,
                    "wait for it to end, or give more time with migrations: {wait_ms: …}");
}

// Advisory locks on the working session, and a row lock on a session of its own.
class PostgresLock final : public HistoryLock {
 public:
  PostgresLock(Database& database, std::vector<int64_t> keys) : database_(database), keys_(std::move(keys)) {}
  PostgresLock(const PostgresLock&) = delete;
  PostgresLock& operator=(const PostgresLock&) = delete;
  ~PostgresLock() override { release(); }

  // All or none.
  Status try_keys() {
    for (const int64_t key : keys_) {
      ASSIGN_OR_RETURN(const auto rows,
                       database_.rows(fmt::format("SELECT pg_catalog.pg_try_advisory_lock({})", key)));
      if (rows.at(0).at(0) != "t") {
        const std::string holder = describe_holder(key);
        release();
        return locked("another run migrates this database: " + holder);
      }
      held_.push_back(key);
    }
    return {};
  }

  // A database that the tool has not seen yet has no row: its tables are made first, as it would make them.
  Status try_row(const History& history, const ForeignLock& lock, std::unique_ptr<Database> session) {
    const std::vector<std::string> opening = {"BEGIN", "SET LOCAL lock_timeout = 1000"};
    RETURN_IF_ERROR(session->run(opening));
    auto rows = session->rows(lock.row_sql + " RETURNING 1");
    if (!rows.ok() && is_undefined_table(*session, rows.error())) {
      RETURN_IF_ERROR(session->run({"ROLLBACK"}));
      RETURN_IF_ERROR(database_.run({"BEGIN", history.create_sql(), "COMMIT"}));
      RETURN_IF_ERROR(session->run(opening));
      rows = session->rows(lock.row_sql + " RETURNING 1");
    }
    if (rows.ok() && rows->size() == 1) {
      // The answered query keeps its snapshot until the next one, and CREATE INDEX CONCURRENTLY would wait
      // for it.
      RETURN_IF_ERROR(session->run({"SELECT"}));
      row_session_ = std::move(session);
      return {};
    }
    if (!rows.ok() && rows.error().kind != ErrorKind::locked) return rows.error();
    std::string holder;
    if (!lock.row_holder_sql.empty()) {
      const auto named = database_.rows(lock.row_holder_sql);
      if (named.ok() && !named->empty()) holder = named->at(0).at(0).value_or("");
    }
    release();
    return locked("the lock row of the tool is taken" + (holder.empty() ? "" : ": " + holder));
  }

 private:
  std::string describe_holder(int64_t key) {
    const auto high = static_cast<uint32_t>(static_cast<uint64_t>(key) >> 32U);
    const auto low = static_cast<uint32_t>(static_cast<uint64_t>(key));
    const auto rows = database_.rows(
        fmt::format("SELECT a.pid, a.application_name, coalesce(host(a.client_addr), 'local'), a.state, "
                    "extract(epoch FROM pg_catalog.clock_timestamp() - a.backend_start)::bigint FROM "
                    "pg_catalog.pg_locks l JOIN "
                    "pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND "
                    "l.classid::bigint = {} AND "
                    "l.objid::bigint = {} AND l.objsubid = 1 AND l.granted AND l.database = (SELECT oid FROM "
                    "pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
                    high, low));
    if (!rows.ok() || rows->empty()) return "its holder is gone by now";
    const Row& row = rows->at(0);
    return fmt::format("pid {} ({}, from {}, {}, connected for {} s)", row[0].value_or("?"),
                       row[1].value_or("?"), row[2].value_or("?"), row[3].value_or("?"),
                       row[4].value_or("?"));
  }

  // What cannot be released ends with the session.
  void release() noexcept {
    for (const int64_t key : held_) {
      if (database_.alive())
        static_cast<void>(database_.rows(fmt::format("SELECT pg_catalog.pg_advisory_unlock({})", key)));
    }
    held_.clear();
    if (row_session_ != nullptr) static_cast<void>(row_session_->run({"ROLLBACK"}));
    row_session_.reset();
  }

  Database& database_;
  std::vector<int64_t> keys_;
  std::vector<int64_t> held_;
  std::unique_ptr<Database> row_session_;
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
  std::vector<int64_t> keys = {own_lock_key(history)};
  keys.insert(keys.end(), foreign.advisory_keys.begin(), foreign.advisory_keys.end());
  return wait_for(options, [&]() -> Result<std::unique_ptr<HistoryLock>> {
    auto lock = std::make_unique<PostgresLock>(database, keys);
    RETURN_IF_ERROR(lock->try_keys());
    if (!foreign.row_sql.empty()) {
      ASSIGN_OR_RETURN(auto session, options.open_another());
      RETURN_IF_ERROR(lock->try_row(history, foreign, std::move(session)));
    }
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
  return rows->size() == 1 ? Status() : Status(locked("the lock row of the tool is taken"));
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
