#include "bolt/errors.h"
#include "bolt/session_state.h"

#include <utility>

namespace godwit::bolt {
namespace {

// Only these say that nothing was committed; the server's own faults, and those of a cluster, leave it open.
bool denies_commit(std::string_view code) {
  return code.starts_with("Neo.ClientError.") || code.starts_with("Neo.TransientError.Transaction.");
}

Error in_doubt(const Error& cause) {
  Error doubt = wrap(cause, "whether the graph has committed is unknown");
  doubt.kind = ErrorKind::in_doubt;
  doubt.hint = "run godwit status: the target's marker decides";
  return doubt;
}

// ROLLBACK, or RESET where the server takes nothing else.
Status end_without_commit(SessionState& state) {
  if (state.failed || state.streaming) return state.recover();
  const PackWriter rollback = state.connection->begin(request::rollback, 0);
  RETURN_IF_ERROR(state.connection->end(rollback));
  RETURN_IF_ERROR(state.connection->send(state.resolute()));
  const auto answer = state.receive(nullptr, state.resolute());
  if (!answer.ok()) return answer.error();
  return answer->kind == Answer::Kind::success ? Status() : state.recover();
}

}  // namespace

Transaction::Transaction(Transaction&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Transaction::~Transaction() {
  rollback();
}

void Transaction::rollback() noexcept {
  SessionState* state = std::exchange(state_, nullptr);
  if (state == nullptr) return;
  if (state->connection->alive()) {
    const Status ignored =
        end_without_commit(*state);  // a failure means the connection is gone, and so is the work
    static_cast<void>(ignored);
  }
  state->in_transaction = false;
}

Result<std::string> Transaction::commit() {
  SessionState* state = state_;
  if (state == nullptr) return make_error(ErrorKind::failed, "there is no transaction to commit");
  if (!state->connection->alive()) {
    rollback();
    return connection_lost();
  }
  if (state->failed || state->streaming) {
    const char* why = state->failed ? "the transaction has failed and was rolled back"
                                    : "rows were still to be read; the transaction was rolled back";
    rollback();
    return make_error(ErrorKind::failed, why);
  }
  state_ = nullptr;
  state->in_transaction = false;
  const PackWriter commit = state->connection->begin(request::commit, 0);
  RETURN_IF_ERROR(state->connection->end(commit));
  if (const Status sent = state->connection->send(state->resolute()); !sent.ok())
    return in_doubt(sent.error());
  const auto answer = state->receive(nullptr, state->resolute());
  if (!answer.ok()) return in_doubt(answer.error());
  if (answer->kind == Answer::Kind::failure) {
    const Error refused = error_of(answer->metadata);
    return denies_commit(state->refusal->code) ? refused : in_doubt(refused);
  }
  if (answer->kind != Answer::Kind::success) {
    state->interrupt();
    return in_doubt(make_error(ErrorKind::failed, "the graph's answer does not fit the question"));
  }
  const std::string bookmark = text_of(answer->metadata, "bookmark");
  state->note_bookmark(bookmark);
  return bookmark;
}

}  // namespace godwit::bolt
