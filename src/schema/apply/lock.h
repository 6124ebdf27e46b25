// The lock under which a database is migrated: godwit's own, and that of the tool whose history it is.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "schema/database/database.h"
#include "schema/history/history.h"
#include "schema/observer.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace godwit::schema {

struct LockOptions {
  int64_t wait_ms = 60'000;
  std::string kind = "auto";  // PostgreSQL: "session", "lease", or by what stands before the server
  int64_t lease_ms = 30'000;
  const Clock* clock = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  Observer* observer = nullptr;
  std::string host, run;
  int64_t pid = 0;
  std::function<uint64_t()> random_number;  // for the pauses between two attempts
  // A second connection to the same database, for locks that live in an open transaction and for renewals. On
  // any thread; with that cancel flag, or nullptr: what must be ended also after somebody asked to stop.
  std::function<Result<std::unique_ptr<Database>>(const std::atomic<bool>* cancel)> open_another;
};

// Held until it goes, or its session ends, however that ends; a lease, until nobody renews it.
class HistoryLock {
 public:
  virtual ~HistoryLock() = default;
  // Waits by asking again and again, never in a queue of the server's: a waiting transaction would keep
  // CREATE INDEX CONCURRENTLY of the holder from ending. ErrorKind::locked after wait_ms, naming the holder;
  // ErrorKind::interrupted when cancelled. The database must outlive the lock.
  [[nodiscard]] static Result<std::unique_ptr<HistoryLock>> acquire(Database& database,
                                                                    const History& history,
                                                                    const LockOptions& options);
  // A statement that every transaction made under the lock begins with: it refuses (SQLSTATE lock_lost) when
  // somebody else has the lock by now, and keeps that so until the transaction ends. Empty = none is needed:
  // the lock ends with the session.
  [[nodiscard]] virtual std::string guard() const { return {}; }
};

// Of a refusal by the guard.
constexpr std::string_view lock_lost = "GW001";

// Whether a connection of that database may get another session for each transaction: what outlives a
// transaction does not hold then.
[[nodiscard]] bool sessions_are_shared(const Database& database, std::string_view lock_kind);

// The key of godwit's own advisory lock for a history.
[[nodiscard]] int64_t own_lock_key(const History& history);

}  // namespace godwit::schema
