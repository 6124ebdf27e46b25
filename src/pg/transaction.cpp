#include "pg/transaction.h"

#include "base/text.h"
#include "pg/session.h"

#include <utility>

namespace godwit::pg {

Result<Transaction> Transaction::begin(Session& session, const std::string& modes) {
  RETURN_IF_ERROR(session.run(modes.empty() ? "BEGIN" : "BEGIN " + modes));
  return Transaction(session);
}

Transaction::Transaction(Transaction&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}

Transaction::~Transaction() {
  rollback();
}

void Transaction::rollback() noexcept {
  Session* session = std::exchange(session_, nullptr);
  if (session == nullptr || !session->alive() || !session->in_transaction()) return;
  const CancelPause pause(*session);  // a cancelled run must still be able to roll back
  const Status ignored =
      session->run("ROLLBACK");  // a failure means the connection is gone, and so is the work
  static_cast<void>(ignored);
}

Status run_decisive(Session& session, const std::string& statement) {
  const CancelPause pause(session);
  const Status status = session.run(statement);
  if (status.ok()) return {};
  const Error& cause = status.error();
  // Only an error that the server itself reported, on a connection that still stands, is an answer.
  if (session.alive() && cause.kind != ErrorKind::unreachable) return cause;
  Error doubt = wrap(cause, "the answer to the commit did not arrive");
  doubt.kind = ErrorKind::in_doubt;
  doubt.hint = "run godwit status: the target's marker row decides";
  return doubt;
}

Status Transaction::end(const std::string& statement) {
  Session* session = session_;
  if (session == nullptr || !session->in_transaction()) {
    session_ = nullptr;
    return make_error(ErrorKind::failed, "there is no transaction to commit");
  }
  // COMMIT of a failed transaction answers ROLLBACK without an error, so ask first.
  if (auto usable = session->query("SELECT 1"); !usable.ok()) return usable.error();
  RETURN_IF_ERROR(run_decisive(*session, statement));
  session_ = nullptr;
  return {};
}

Status Transaction::commit() {
  return end("COMMIT");
}

Status Transaction::prepare(const std::string& gid) {
  return end("PREPARE TRANSACTION " + quote_literal(gid));
}

}  // namespace godwit::pg
