// The rows of a statement, and what it did.
#include "bolt/errors.h"
#include "bolt/session_state.h"

#include <utility>

namespace godwit::bolt {

int64_t Summary::counter(std::string_view name) const {
  return number_of(counters, name);
}

Cursor::Cursor(Cursor&& other) noexcept
    : state_(std::exchange(other.state_, nullptr)),
      fields_(std::move(other.fields_)),
      summary_(std::move(other.summary_)),
      ended_(other.ended_),
      broken_(std::move(other.broken_)) {}

Cursor::~Cursor() {
  if (state_ != nullptr && !ended_ && !broken_) state_->interrupt();
}

Result<bool> Cursor::step(std::vector<Value>& row) {
  for (;;) {
    ASSIGN_OR_RETURN(const Answer answer, state_->receive(&row, state_->patience()));
    if (answer.kind == Answer::Kind::record) return true;
    if (answer.kind == Answer::Kind::failure) return error_of(answer.metadata);
    if (answer.kind == Answer::Kind::ignored) {
      state_->interrupt();
      return make_error(ErrorKind::failed, "the graph ignored a statement");
    }
    const Value* more = find(answer.metadata, "has_more");
    if (more == nullptr || *more != Value(true)) {
      if (const Value* stats = find(answer.metadata, "stats");
          stats != nullptr && stats->as<Map>() != nullptr)
        summary_.counters = *stats->as<Map>();
      summary_.type = text_of(answer.metadata, "type");
      summary_.bookmark = text_of(answer.metadata, "bookmark");
      state_->note_bookmark(summary_.bookmark);
      state_->streaming = false;
      ended_ = true;
      return false;
    }
    PackWriter pull = state_->connection->begin(request::pull, 1);
    pull.map(1);
    pull.text("n");
    pull.integer(state_->options.fetch_rows);
    RETURN_IF_ERROR(state_->connection->end(pull));
    RETURN_IF_ERROR(state_->connection->send(state_->patience()));
  }
}

Result<bool> Cursor::next(std::vector<Value>& row) {
  if (broken_) return *broken_;
  if (ended_) return false;
  auto got = step(row);
  if (!got.ok()) {
    broken_ = got.error();
    state_->streaming = false;
    state_->failed = true;
  }
  return got;
}

Result<Summary> Cursor::finish() {
  std::vector<Value> row;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, next(row));
    if (!more) return summary_;
  }
}

}  // namespace godwit::bolt
