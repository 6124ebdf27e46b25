#include "pg/copy.h"

#include "pg/errors.h"
#include "pg/session_state.h"

#include <charconv>
#include <string>
#include <utility>

namespace godwit::pg {

namespace {

void end_copy(SessionState& state) {
  state.in_copy = false;
  state.copying.reset();
}

struct CopyEnd {
  SessionState& state;
  ~CopyEnd() { end_copy(state); }
};

}  // namespace

CopyOut::CopyOut(std::shared_ptr<SessionState> state) : state_(std::move(state)) {
  state_->in_copy = true;
  state_->copying.emplace(state_->streams == nullptr ? nullptr : &state_->streams->read_us);
}

CopyOut::CopyOut(CopyOut&& other) noexcept
    : state_(std::move(other.state_)),
      buffer_(std::exchange(other.buffer_, nullptr)),
      ended_(std::exchange(other.ended_, true)) {}

CopyOut::~CopyOut() {
  if (buffer_ != nullptr) libpq().PQfreemem(buffer_);
  if (ended_ || !state_) return;
  state_->send_cancel();
  char* raw = nullptr;
  while (libpq().PQgetCopyData(state_->connection.get(), &raw, 0) > 0)
    libpq().PQfreemem(raw);
  state_->drain();
  end_copy(*state_);
}

Status CopyOut::next(std::string_view& row) {
  row = {};
  if (buffer_ != nullptr) libpq().PQfreemem(std::exchange(buffer_, nullptr));
  if (ended_) return {};
  for (bool asked = false;; asked = true) {
    const int size = libpq().PQgetCopyData(state_->connection.get(), &buffer_, 1);
    if (size > 0) {
      row = {buffer_, static_cast<size_t>(size)};
      return {};
    }
    if (size < 0) return finish();
    if (!asked && !state_->cancelled()) {
      // More is there already as a rule, and then nothing has to be waited for.
      if (libpq().PQconsumeInput(state_->connection.get()) == 0) return connection_lost();
      continue;
    }
    const Stopwatch waiting(state_->read_waited());
    RETURN_IF_ERROR(state_->wait_readable());
  }
}

Status CopyOut::finish() {
  ended_ = true;
  end_copy(*state_);
  auto result = state_->finish_results();
  if (!result.ok()) return result.error();
  return {};
}

// Sending must not block: the server stops reading while it waits for a lock.
CopyIn::CopyIn(std::shared_ptr<SessionState> state) : state_(std::move(state)) {
  state_->in_copy = true;
  state_->copying.emplace(state_->streams == nullptr ? nullptr : &state_->streams->write_us);
  libpq().PQsetnonblocking(state_->connection.get(), 1);
}

CopyIn::CopyIn(CopyIn&& other) noexcept
    : state_(std::move(other.state_)), ended_(std::exchange(other.ended_, true)) {}

CopyIn::~CopyIn() {
  if (ended_ || !state_) return;
  libpq().PQsetnonblocking(state_->connection.get(), 0);
  libpq().PQputCopyEnd(state_->connection.get(), "godwit: abandoned");
  state_->drain();
  end_copy(*state_);
}

Status CopyIn::put(std::string_view bytes) {
  if (state_->cancelled()) return make_error(ErrorKind::interrupted, "a load was cancelled");
  if (libpq().PQputCopyData(state_->connection.get(), bytes.data(), static_cast<int>(bytes.size())) == 1) {
    const Status sent = state_->flush();
    if (sent.ok() || sent.error().kind == ErrorKind::interrupted) return sent;
  }
  ended_ = true;
  end_copy(*state_);
  libpq().PQsetnonblocking(state_->connection.get(), 0);
  auto result = state_->finish_results();
  return result.ok() ? connection_lost() : result.error();
}

Result<int64_t> CopyIn::finish() {
  ended_ = true;
  libpq().PQsetnonblocking(state_->connection.get(), 0);
  const CopyEnd at_the_end{*state_};
  const Stopwatch waiting(state_->write_waited());
  if (libpq().PQputCopyEnd(state_->connection.get(), nullptr) != 1) return connection_lost();
  ASSIGN_OR_RETURN(const ResultHandle result, state_->finish_results());
  const std::string_view rows(libpq().PQcmdTuples(result.get()));
  int64_t count = 0;
  std::from_chars(rows.data(), rows.data() + rows.size(), count);
  return count;
}

}  // namespace godwit::pg
