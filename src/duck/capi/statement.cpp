#include "duck/capi/statement.h"

#include "duck/capi/error_text.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

namespace godwit::duck {
namespace {

// The last task of a short statement is over within microseconds; beside a slow source the waits grow until
// they cost nothing.
constexpr std::chrono::microseconds idle_sleep_min{10}, idle_sleep_max{500};

}  // namespace

Error interrupted_error() {
  return make_error(ErrorKind::interrupted, "the statement was cancelled");
}

Error statement_error(const Session& session, const char* message) {
  const std::string_view text = message == nullptr ? std::string_view{"unknown"} : std::string_view(message);
  if (std::optional<Error> carried = session.errors->take(text)) return *std::move(carried);
  if (session.cancelled()) return interrupted_error();
  Error error = make_error(ErrorKind::failed, "duckdb: " + safe_error_text(text));
  if (text.starts_with("IO Error")) {
    error.kind = ErrorKind::io;
    error.hint = "free disk space, and check quota, the limit on file sizes and who owns the run folder";
  }
  return error;
}

Result<Statements> parse(const Session& session, std::string_view sql) {
  if (session.cancelled()) return interrupted_error();
  Statements statements;
  const std::string text(sql);
  statements.count = library().extract_statements(session.connection, text.c_str(), statements.handle.out());
  if (statements.count > 0) return statements;
  const char* message = library().extract_statements_error(statements.handle.get());
  if (message != nullptr && *message != '\0') return statement_error(session, message);
  return make_error(ErrorKind::failed, "duckdb: no statement in the SQL text");
}

Result<PreparedHandle> prepare(const Session& session, const Statements& statements, size_t index) {
  PreparedHandle prepared;
  if (library().prepare_extracted_statement(session.connection, statements.handle.get(), index,
                                            prepared.out()) != DuckDBSuccess) {
    return statement_error(session, library().prepare_error(prepared.get()));
  }
  return prepared;
}

Result<ResultHandle> execute(const Session& session, const PreparedHandle& prepared, ResultMode mode) {
  PendingHandle pending;
  const auto begin =
      mode == ResultMode::streaming ? library().pending_prepared_streaming : library().pending_prepared;
  if (begin(prepared.get(), pending.out()) != DuckDBSuccess) {
    return statement_error(session, library().pending_error(pending.get()));
  }
  bool interrupt_sent = false;
  std::chrono::microseconds idle_sleep = idle_sleep_min;
  duckdb_pending_state state = DUCKDB_PENDING_RESULT_NOT_READY;
  while (!library().pending_execution_is_finished(state)) {
    if (!interrupt_sent && session.cancelled()) {
      library().interrupt(session.connection);
      interrupt_sent = true;
    }
    state = library().pending_execute_task(pending.get());
    if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE) {
      std::this_thread::sleep_for(idle_sleep);
      idle_sleep = std::min(2 * idle_sleep, idle_sleep_max);
    } else {
      idle_sleep = idle_sleep_min;
    }
  }
  ResultHandle result;
  if (state == DUCKDB_PENDING_ERROR) {
    // Asked before duckdb_execute_pending, which would wrap the message in one of its own.
    Error error = statement_error(session, library().pending_error(pending.get()));
    pending.reset();
    finish(session, std::move(result), true);
    return error;
  }
  if (library().execute_pending(pending.get(), result.get()) == DuckDBSuccess) return result;
  Error error = statement_error(session, library().result_error(result.get()));
  pending.reset();
  finish(session, std::move(result), true);
  return error;
}

void finish(const Session& session, ResultHandle result, bool aborted) {
  result.reset();
  if (!aborted) return;
  library().interrupt(session.connection);
  // The next statement of a connection waits for the tasks of the one before; this one also clears the
  // interrupt. Its own outcome does not matter.
  duckdb_result ignored{};
  library().query(session.connection, "SELECT 1", &ignored);
  library().destroy_result(&ignored);
}

}  // namespace godwit::duck
