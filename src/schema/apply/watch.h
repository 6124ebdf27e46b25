// A second pair of eyes on a migration: while it works, another connection asks the server who waits for
// whom.
//
// Who holds what we wait for is remembered, for the account of a failure: after it, nobody can be asked any
// more. And when others have waited for us longer than the budget, our statement is cancelled
// (pg_cancel_backend of our own session, nobody else's). Short migrations are over before the first look, and
// cost no connection.
//
// Source: PostgreSQL documentation, "System Information Functions" (pg_blocking_pids), "pg_locks",
// "pg_stat_activity". Not behind a transaction pooler: there the session is another one each time.
#pragma once

#include "base/result.h"
#include "model/schema_report.h"
#include "schema/database/database.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace godwit::schema {

struct WatchOptions {
  int64_t backend_pid = 0;      // of the session that migrates
  int64_t lock_timeout_ms = 0;  // after which it gives up waiting; 0 = never
  int64_t budget_ms = 0;        // how long others may wait for it; 0 = as long as it takes
  std::function<Result<std::unique_ptr<Database>>()> open_another;  // called on the watch's thread
};

struct Watched {
  std::vector<SchemaBlocker> blockers;  // who held what was waited for, as last seen
  int64_t waiting = 0;                  // sessions that had waited too long when the statement was cancelled
  [[nodiscard]] bool cancelled() const { return waiting > 0; }
};

// Its thread lives as long as it does. begin() and end() on one thread, in turn.
class Watch {
 public:
  explicit Watch(WatchOptions options);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin();
  // What was seen since begin(). Nothing is cancelled after it returned.
  [[nodiscard]] Watched end();

 private:
  void look_until_the_end();
  void look();
  [[nodiscard]] std::vector<SchemaBlocker> blockers();
  [[nodiscard]] int64_t waiting_too_long();

  WatchOptions options_;
  int64_t look_every_ms_;
  std::unique_ptr<Database> connection_;  // of the thread
  std::mutex mutex_;                      // held while it looks, and by begin() and end()
  std::condition_variable ended_;
  bool end_ = false, watching_ = false, fresh_ = false;
  Watched seen_;
  std::thread thread_;
};

}  // namespace godwit::schema
