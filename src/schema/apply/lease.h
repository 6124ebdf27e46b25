// The lock of a history where sessions are shared out by a transaction pooler, so that a lock of the session
// would belong to anybody: a row in godwit.migration_lease that says until when whose run it is, by the
// server's clock. It is renewed from a thread while the run works, over a connection of its own, and taken
// over after it has expired.
//
// A run that lost its lease without noticing cannot commit: each lease has a higher number than the one
// before
// (`fence`), and every transaction begins with guard(), which refuses when the row has another number. The
// guard locks the row FOR KEY SHARE: the number is part of a key, so nobody can take over until that
// transaction ends, while renewals, which change no key, go on. A transaction that its client leaves idle for
// as long as a lease lasts is ended by the server. docs/FORMATS.md has the table.
//
// Runs that hold the advisory lock of a session (apply/lock.h) are kept out, too: a lease is only taken while
// that lock is free, and whoever has that lock looks at the lease (let_leases_end).
#pragma once

#include "base/result.h"
#include "schema/apply/lock.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace godwit::schema {

class Lease {
 public:
  // One attempt. ErrorKind::locked names the holder. All of them outlive the lease.
  [[nodiscard]] static Result<std::unique_ptr<Lease>> try_acquire(Database& database, const History& history,
                                                                  const LockOptions& options);
  // Ends the renewing and gives the lease back.
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] std::string guard() const;

 private:
  Lease(Database& database, std::string history, std::string fence, const LockOptions& options);
  void renew_until_the_end();
  [[nodiscard]] std::string mine() const;

  Database& database_;
  std::string history_;  // as SQL
  std::string fence_;
  std::function<Result<std::unique_ptr<Database>>(const std::atomic<bool>* cancel)> open_another_;
  int64_t lease_ms_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread renewing_;
};

// Whose lease lasts, for people; nullopt = nobody's.
[[nodiscard]] Result<std::optional<std::string>> lease_holder(Database& database, const History& history);

// For who holds the advisory lock: ErrorKind::locked while a lease of this history lasts, or a transaction of
// it does; one that has expired is ended for good.
[[nodiscard]] Status let_leases_end(Database& database, const History& history);

}  // namespace godwit::schema
