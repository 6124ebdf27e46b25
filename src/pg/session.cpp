#include "pg/session.h"

#include "base/check.h"
#include "pg/errors.h"
#include "pg/session_state.h"

#include <poll.h>

#include <cerrno>
#include <cstdlib>

namespace godwit::pg {
namespace {

constexpr int cancel_look_every_ms = 100;

std::string field(const PGresult* result, int code) {
  const char* value = libpq().PQresultErrorField(result, code);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_failure(const PGresult* result) {
  switch (libpq().PQresultStatus(result)) {
    case PGRES_BAD_RESPONSE:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_ABORTED:
      return true;
    default:
      return false;
  }
}

ServerMessage message_of(const PGresult* result, size_t statements_before) {
  ServerMessage message;
  message.sqlstate = field(result, PG_DIAG_SQLSTATE);
  message.text = field(result, PG_DIAG_MESSAGE_PRIMARY);
  message.may_quote_values = may_quote_values(message.sqlstate);
  message.position = std::strtoll(field(result, PG_DIAG_STATEMENT_POSITION).c_str(), nullptr, 10);
  message.statements_before = statements_before;
  return message;
}

}  // namespace

void SessionState::send_cancel() noexcept {
  cancel_sent = true;
  const CancelHandle handle(libpq().PQgetCancel(connection.get()));
  char ignored[256];
  if (handle) libpq().PQcancel(handle.get(), ignored, sizeof ignored);
}

Status SessionState::wait_readable() {
  for (;;) {
    if (!cancel_sent && cancelled()) send_cancel();
    pollfd waiting = {libpq().PQsocket(connection.get()), POLLIN, 0};
    if (waiting.fd < 0) return connection_lost();
    const int ready = poll(&waiting, 1, cancel == nullptr ? -1 : cancel_look_every_ms);
    if (ready > 0) break;
    if (ready < 0 && errno != EINTR) return connection_lost();
  }
  if (libpq().PQconsumeInput(connection.get()) == 0) return connection_lost();
  return {};
}

Status SessionState::flush() {
  for (;;) {
    const int left = libpq().PQflush(connection.get());
    if (left < 0) return connection_lost();
    if (left == 0) return {};
    if (cancelled()) {
      send_cancel();
      return make_error(ErrorKind::interrupted, "a load was cancelled");
    }
    const Stopwatch waited(write_waited());
    // The server may have to say something before it takes more.
    pollfd waiting = {libpq().PQsocket(connection.get()), POLLIN | POLLOUT, 0};
    if (waiting.fd < 0) return connection_lost();
    const int ready = poll(&waiting, 1, cancel == nullptr ? -1 : cancel_look_every_ms);
    if (ready < 0 && errno != EINTR) return connection_lost();
    if (ready > 0 && (waiting.revents & POLLIN) != 0 && libpq().PQconsumeInput(connection.get()) == 0)
      return connection_lost();
  }
}

Result<ResultHandle> SessionState::next_result() {
  while (libpq().PQisBusy(connection.get()) != 0)
    RETURN_IF_ERROR(wait_readable());
  return ResultHandle(libpq().PQgetResult(connection.get()));
}

Error SessionState::error_of(const PGresult* result) const {
  ErrorFields fields;
  if (result != nullptr) {
    fields = {field(result, PG_DIAG_SQLSTATE),          field(result, PG_DIAG_SCHEMA_NAME),
              field(result, PG_DIAG_TABLE_NAME),        field(result, PG_DIAG_COLUMN_NAME),
              field(result, PG_DIAG_DATATYPE_NAME),     field(result, PG_DIAG_CONSTRAINT_NAME),
              field(result, PG_DIAG_STATEMENT_POSITION)};
  }
  if (fields.sqlstate == "57014" && cancel_sent) {
    Error interrupted = make_error(ErrorKind::interrupted, "a statement was cancelled");
    interrupted.sqlstate = fields.sqlstate;
    return interrupted;
  }
  return error_from(fields);
}

Result<ResultHandle> SessionState::finish_results() {
  ResultHandle last;
  std::optional<Error> failure;
  size_t succeeded = 0;
  refusal.reset();
  for (;;) {
    auto next = next_result();
    if (!next.ok()) return failure ? *failure : next.error();
    ResultHandle result = std::move(next).value();
    if (!result) break;
    const ExecStatusType status = libpq().PQresultStatus(result.get());
    if (is_failure(result.get())) {
      if (!failure) {
        failure = error_of(result.get());
        refusal = message_of(result.get(), succeeded);
      }
    } else {
      ++succeeded;
      last = std::move(result);
    }
    // A copy begins: there are no more results until it ends.
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
    if (status == PGRES_FATAL_ERROR && libpq().PQstatus(connection.get()) == CONNECTION_BAD) break;
  }
  if (failure) return *failure;
  if (!last) return connection_lost();
  return last;
}

void SessionState::drain() noexcept {
  for (;;) {
    const ResultHandle result(libpq().PQgetResult(connection.get()));
    if (!result) return;
    const ExecStatusType status = libpq().PQresultStatus(result.get());
    if (status == PGRES_COPY_IN && libpq().PQputCopyEnd(connection.get(), "godwit: abandoned") != 1) return;
    if (status == PGRES_COPY_OUT) {
      char* raw = nullptr;
      while (libpq().PQgetCopyData(connection.get(), &raw, 0) > 0)
        libpq().PQfreemem(raw);
    }
    if (libpq().PQstatus(connection.get()) == CONNECTION_BAD) return;
  }
}

CancelPause::CancelPause(Session& session) : session_(session), flag_(session.state_->cancel) {
  session_.set_cancel_flag(nullptr);
}

CancelPause::~CancelPause() {
  session_.set_cancel_flag(flag_);
}

Session::Session() : state_(std::make_shared<SessionState>()) {}
Session::~Session() = default;

Status Session::ready() const {
  CHECK(!state_->in_copy);
  if (!alive()) return connection_lost();
  if (state_->cancelled()) return make_error(ErrorKind::interrupted, "a statement was cancelled");
  return {};
}

Result<Rows> Session::query(const std::string& sql, const std::vector<Parameter>& parameters) {
  RETURN_IF_ERROR(ready());
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters)
    values.push_back(parameter ? parameter->c_str() : nullptr);
  state_->cancel_sent = false;
  if (libpq().PQsendQueryParams(state_->connection.get(), sql.c_str(), static_cast<int>(values.size()),
                                nullptr, values.data(), nullptr, nullptr, 0) == 0) {
    return connection_lost();
  }
  ASSIGN_OR_RETURN(ResultHandle result, state_->finish_results());
  return Rows(std::make_unique<Rows::Result>(Rows::Result{std::move(result)}));
}

// libpq's pipeline mode, a synchronization point after each: one message each way.
Result<std::vector<Result<Rows>>> Session::query_together(const std::vector<std::string>& statements) {
  RETURN_IF_ERROR(ready());
  PGconn* connection = state_->connection.get();
  state_->cancel_sent = false;
  if (libpq().PQenterPipelineMode(connection) == 0) return connection_lost();
  for (const std::string& statement : statements) {
    if (libpq().PQsendQueryParams(connection, statement.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) ==
            0 ||
        libpq().PQpipelineSync(connection) == 0) {
      return connection_lost();
    }
  }
  RETURN_IF_ERROR(state_->flush());
  std::vector<Result<Rows>> answers;
  for (size_t i = 0; i < statements.size(); ++i) {
    auto answer = state_->finish_results();
    ASSIGN_OR_RETURN(const ResultHandle point, state_->next_result());
    if (libpq().PQresultStatus(point.get()) != PGRES_PIPELINE_SYNC) return connection_lost();
    if (answer.ok()) {
      answers.emplace_back(Rows(std::make_unique<Rows::Result>(Rows::Result{std::move(answer).value()})));
    } else {
      answers.emplace_back(answer.error());
    }
  }
  if (libpq().PQexitPipelineMode(connection) == 0) return connection_lost();
  return answers;
}

Result<int64_t> Session::execute(const std::string& sql, const std::vector<Parameter>& parameters) {
  ASSIGN_OR_RETURN(const Rows rows, query(sql, parameters));
  return rows.affected();
}

Status Session::run(const std::string& sql) {
  RETURN_IF_ERROR(ready());
  state_->cancel_sent = false;
  if (libpq().PQsendQuery(state_->connection.get(), sql.c_str()) == 0) return connection_lost();
  if (auto result = state_->finish_results(); !result.ok()) return result.error();
  return {};
}

Result<CopyOut> Session::copy_out(const std::string& sql) {
  RETURN_IF_ERROR(ready());
  if (libpq().PQsendQuery(state_->connection.get(), sql.c_str()) == 0) return connection_lost();
  state_->cancel_sent = false;
  ASSIGN_OR_RETURN(const ResultHandle result, state_->finish_results());
  CHECK(libpq().PQresultStatus(result.get()) == PGRES_COPY_OUT);
  return CopyOut(state_);
}

Result<CopyIn> Session::copy_in(const std::string& sql) {
  RETURN_IF_ERROR(ready());
  if (libpq().PQsendQuery(state_->connection.get(), sql.c_str()) == 0) return connection_lost();
  state_->cancel_sent = false;
  ASSIGN_OR_RETURN(const ResultHandle result, state_->finish_results());
  CHECK(libpq().PQresultStatus(result.get()) == PGRES_COPY_IN);
  return CopyIn(state_);
}

const std::optional<ServerMessage>& Session::last_refusal() const {
  return state_->refusal;
}

void Session::set_cancel_flag(const std::atomic<bool>* flag) {
  state_->cancel = flag;
}

int Session::backend_pid() const {
  return libpq().PQbackendPID(state_->connection.get());
}

bool Session::alive() const {
  return libpq().PQstatus(state_->connection.get()) == CONNECTION_OK;
}

bool Session::in_transaction() const {
  const PGTransactionStatusType status = libpq().PQtransactionStatus(state_->connection.get());
  return status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

}  // namespace godwit::pg
