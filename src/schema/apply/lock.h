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

namespace godwit::schema {

struct LockOptions {
  int64_t wait_ms = 60'000;
  const Clock* clock = nullptr;
  const std::atomic<bool>* cancel = nullptr;
  Observer* observer = nullptr;
  std::string host;
  int64_t pid = 0;
  std::function<uint64_t()> random_number;  // for the pauses between two attempts
  // A second connection to the same database, for locks that live in an open transaction.
  std::function<Result<std::unique_ptr<Database>>()> open_another;
};

// Held until it goes, or its session ends, however that ends.
class HistoryLock {
 public:
  virtual ~HistoryLock() = default;
  // Waits by asking again and again, never in a queue of the server's: a waiting transaction would keep
  // CREATE INDEX CONCURRENTLY of the holder from ending. ErrorKind::locked after wait_ms, naming the holder;
  // ErrorKind::interrupted when cancelled. The database must outlive the lock.
  [[nodiscard]] static Result<std::unique_ptr<HistoryLock>> acquire(Database& database,
                                                                    const History& history,
                                                                    const LockOptions& options);
};

// The key of godwit's own advisory lock for a history.
[[nodiscard]] int64_t own_lock_key(const History& history);

}  // namespace godwit::schema
