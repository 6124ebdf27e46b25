// One statement through DuckDB's pending-task loop. Private to src/duck.
#pragma once

#include "base/result.h"
#include "duck/capi/error_carrier.h"
#include "duck/capi/handles.h"

#include <atomic>
#include <memory>
#include <string_view>

namespace godwit::duck {

// What a statement runs in; views only.
struct Session {
  duckdb_connection connection = nullptr;
  ErrorCarrier* errors = nullptr;
  const std::atomic<bool>* cancel = nullptr;  // may be null

  [[nodiscard]] bool cancelled() const {
    return cancel != nullptr && cancel->load(std::memory_order_relaxed);
  }
};

struct Statements {
  ExtractedHandle handle;
  size_t count = 0;  // at least 1
};

enum class ResultMode { materialized, streaming };

[[nodiscard]] Error interrupted_error();
// The Error behind DuckDB's message: a callback's own, `interrupted` after a cancel, else the redacted text.
[[nodiscard]] Error statement_error(const Session& session, const char* message);

[[nodiscard]] Result<Statements> parse(const Session& session, std::string_view sql);
[[nodiscard]] Result<PreparedHandle> prepare(const Session& session, const Statements& statements,
                                             size_t index);
// Streaming: returns when the first chunk is ready. On an Error no thread of DuckDB works for it any more.
[[nodiscard]] Result<ResultHandle> execute(const Session& session, const PreparedHandle& prepared,
                                           ResultMode mode);
// Ends what a streaming result left running; returns when no thread works for it any more.
void finish(const Session& session, ResultHandle result, bool aborted);

}  // namespace godwit::duck
