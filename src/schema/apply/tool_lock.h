// The lock of the tool whose history it is, held in an open transaction on a connection of its own: it ends
// with that connection, and a killed process leaves nothing locked.
#pragma once

#include "base/result.h"
#include "schema/apply/lock.h"

#include <memory>

namespace godwit::schema {

class ToolLock {
 public:
  // One attempt; nothing when the tool needs no such transaction. The row, and with `with_keys` the advisory
  // keys, too: transaction-level locks keep out those of sessions. ErrorKind::locked names the holder, asked
  // on `database`.
  [[nodiscard]] static Result<std::unique_ptr<ToolLock>> try_acquire(Database& database,
                                                                     const ForeignLock& lock, bool with_keys,
                                                                     const LockOptions& options);
  ~ToolLock();
  ToolLock(const ToolLock&) = delete;
  ToolLock& operator=(const ToolLock&) = delete;

 private:
  explicit ToolLock(std::unique_ptr<Database> session) : session_(std::move(session)) {}
  [[nodiscard]] Status take(Database& database, const ForeignLock& lock, bool with_keys);

  std::unique_ptr<Database> session_;
};

// Somebody has it: the message, and the way out.
[[nodiscard]] Error held_by_another(const std::string& message);

}  // namespace godwit::schema
