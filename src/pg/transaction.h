// Transaction: begins, and rolls back when it goes unless it was committed.
#pragma once

#include "base/result.h"

#include <string>

namespace godwit::pg {

class Session;

// Must not outlive its Session.
class Transaction {
 public:
  // `modes` as in BEGIN: "ISOLATION LEVEL REPEATABLE READ, READ ONLY".
  [[nodiscard]] static Result<Transaction> begin(Session& session, const std::string& modes = {});
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // ErrorKind::in_doubt when the answer to COMMIT did not arrive; failed when the server rolled back instead.
  [[nodiscard]] Status commit();
  // PREPARE TRANSACTION: the transaction leaves this session and survives it. in_doubt as for commit.
  [[nodiscard]] Status prepare(const std::string& gid);
  void rollback() noexcept;

 private:
  explicit Transaction(Session& session) : session_(&session) {}
  [[nodiscard]] Status end(const std::string& statement);
  Session* session_;
};

// Runs a statement whose lost answer leaves its outcome unknown (COMMIT, COMMIT PREPARED): in_doubt then.
[[nodiscard]] Status run_decisive(Session& session, const std::string& statement);

}  // namespace godwit::pg
