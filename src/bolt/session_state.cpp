#include "bolt/session_state.h"

#include "bolt/errors.h"

namespace godwit::bolt {
namespace {

constexpr int64_t recover_timeout_ms = 30'000;
constexpr int64_t interrupt_timeout_ms = 2'000;

}  // namespace

Patience SessionState::patience() const {
  return {connection->greeting().receive_timeout_s * 1000, cancel};
}

Patience SessionState::resolute() const {
  return {connection->greeting().receive_timeout_s * 1000, nullptr};
}

Status SessionState::ready() {
  if (!connection->alive()) return connection_lost();
  if (cancel != nullptr && cancel->load())
    return make_error(ErrorKind::interrupted, "the work was cancelled before the statement was sent");
  if (streaming)
    return make_error(ErrorKind::failed, "the rows of the statement before are not read to their end");
  if (in_transaction && failed)
    return make_error(ErrorKind::failed, "the transaction has failed and can only be rolled back");
  return failed ? recover() : Status();
}

Result<Answer> SessionState::receive(std::vector<Value>* row, const Patience& how) {
  auto answer = connection->receive(row, how);
  if (!answer.ok()) {
    streaming = false;
    if (answer.error().kind == ErrorKind::interrupted) interrupt();
    failed = true;
    return answer;
  }
  if (answer->kind == Answer::Kind::failure) {
    streaming = false;
    failed = true;
    std::string code = text_of(answer->metadata, "code");
    if (code.empty()) code = text_of(answer->metadata, "neo4j_code");
    refusal = Refusal{std::move(code), text_of(answer->metadata, "message")};
  }
  return answer;
}

void SessionState::interrupt() {
  streaming = false;
  failed = true;
  if (reset_sent || !connection->alive()) return;
  reset_sent = true;
  const PackWriter reset = connection->begin(request::reset, 0);
  Status sent = connection->end(reset);
  if (sent.ok()) sent = connection->send({interrupt_timeout_ms, nullptr});
  static_cast<void>(sent);  // the connection knows that it is dead; who uses it next is told
}

Status SessionState::recover() {
  interrupt();
  Answer::Kind last = Answer::Kind::ignored;
  while (connection->alive() && connection->open_requests() > 0) {
    const auto answer = connection->receive(nullptr, {recover_timeout_ms, nullptr});
    if (!answer.ok()) return answer.error();
    last = answer->kind;
  }
  if (!connection->alive() || last != Answer::Kind::success) {
    connection->give_up();
    return connection_lost();
  }
  failed = false;
  reset_sent = false;
  in_transaction = false;
  return {};
}

void SessionState::write_extra(PackWriter& out) const {
  const size_t entries = (bookmarks.empty() ? 0U : 1U) + (options.transaction_timeout_ms > 0 ? 1U : 0U) +
                         (options.read_only ? 1U : 0U) + (options.database.empty() ? 0U : 1U);
  out.map(entries);
  if (!bookmarks.empty()) {
    out.text("bookmarks");
    out.list(bookmarks.size());
    for (const std::string& bookmark : bookmarks)
      out.text(bookmark);
  }
  if (options.transaction_timeout_ms > 0) {
    out.text("tx_timeout");
    out.integer(options.transaction_timeout_ms);
  }
  if (options.read_only) {
    out.text("mode");
    out.text("r");
  }
  if (!options.database.empty()) {
    out.text("db");
    out.text(options.database);
  }
}

void SessionState::note_bookmark(const std::string& bookmark) {
  if (!bookmark.empty()) bookmarks = {bookmark};
}

}  // namespace godwit::bolt
