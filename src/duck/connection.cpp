#include "base/text.h"
#include "duck/capi/chunk_views.h"
#include "duck/capi/database_state.h"
#include "duck/capi/handles.h"
#include "duck/capi/scalar_function.h"
#include "duck/capi/statement.h"
#include "duck/capi/table_function.h"
#include "duck/capi/type_mapping.h"
#include "duck/database.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace godwit::duck {
namespace {

// Fetching a chunk of a stream can take long and has no step at which to look: this thread looks meanwhile.
class CancelWatch {
 public:
  explicit CancelWatch(const Session& session) {
    if (session.cancel == nullptr) return;
    thread_ = std::thread([this, session] {
      std::unique_lock lock(mutex_);
      while (!stop_.wait_for(lock, std::chrono::milliseconds(20), [this] { return done_; })) {
        // Again and again: an interrupt that comes between two fetches is forgotten by the second.
        if (session.cancelled()) library().interrupt(session.connection);
      }
    });
  }
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;
  ~CancelWatch() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    stop_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stop_;
  bool done_ = false;
  std::thread thread_;
};

std::vector<ColumnDef> result_columns(duckdb_result* result) {
  std::vector<ColumnDef> columns;
  for (idx_t index = 0; index < library().column_count(result); ++index) {
    const LogicalTypeHandle type(library().column_logical_type(result, index));
    columns.push_back({library().column_name(result, index), from_logical(type.get())});
  }
  return columns;
}

std::vector<ColumnDef> prepared_columns(duckdb_prepared_statement prepared) {
  std::vector<ColumnDef> columns;
  for (idx_t index = 0; index < library().prepared_statement_column_count(prepared); ++index) {
    const LogicalTypeHandle type(library().prepared_statement_column_logical_type(prepared, index));
    const char* name = library().prepared_statement_column_name(prepared, index);
    columns.push_back({name, from_logical(type.get())});
    library().free(const_cast<char*>(name));
  }
  return columns;
}

bool has_direct_text(const ColumnDef& column) {
  switch (column.type.id) {
    case TypeId::boolean:
    case TypeId::int16:
    case TypeId::int32:
    case TypeId::int64:
    case TypeId::hugeint:
    case TypeId::varchar:
      return true;
    default:
      return false;
  }
}

std::string cell_text(const ColumnReader& column, size_t row) {
  switch (column.type().id) {
    case TypeId::boolean:
      return column.get<bool>(row) ? "true" : "false";
    case TypeId::int16:
      return std::to_string(column.get<int16_t>(row));
    case TypeId::int32:
      return std::to_string(column.get<int32_t>(row));
    case TypeId::int64:
      return std::to_string(column.get<int64_t>(row));
    case TypeId::hugeint:
      return to_text(column.get<HugeInt>(row));
    default:
      return std::string(column.text(row));
  }
}

std::string without_final_semicolon(std::string_view sql) {
  sql = trim(sql);
  while (!sql.empty() && sql.back() == ';')
    sql = trim(sql.substr(0, sql.size() - 1));
  return std::string(sql);
}

class OpenConnection final : public Connection {
 public:
  OpenConnection(std::shared_ptr<DatabaseState> state, ConnectionHandle handle)
      : state_(std::move(state)), handle_(std::move(handle)) {
    session_.connection = handle_.get();
    session_.errors = state_->errors.get();
  }
  OpenConnection(const OpenConnection&) = delete;
  OpenConnection& operator=(const OpenConnection&) = delete;
  ~OpenConnection() override {
    for (const std::string& name : std::set<std::string>(names_))
      unregister_table(name);
  }

  Result<int64_t> run(std::string_view sql) override;
  Result<Rows> query(std::string_view sql, size_t rows_max) override;
  Status stream(std::string_view sql, const std::function<Status(const std::vector<ColumnDef>&)>& start,
                const std::function<Status(const ChunkReader&)>& chunk) override;
  Result<std::vector<ColumnDef>> describe(std::string_view sql) override;
  Status register_table(const std::string& name, std::shared_ptr<TableProducer> producer) override;
  void unregister_table(const std::string& name) override;
  Status register_scalar(ScalarFunction function) override {
    return create_scalar_function(handle_.get(), std::move(function), state_->errors);
  }
  void set_cancel_flag(const std::atomic<bool>* flag) override { session_.cancel = flag; }

 private:
  [[nodiscard]] Result<PreparedHandle> prepare_one(std::string_view sql);
  [[nodiscard]] Status stream_prepared(const PreparedHandle& prepared, ResultMode mode,
                                       const std::function<Status(const std::vector<ColumnDef>&)>& start,
                                       const std::function<Status(const ChunkReader&)>& chunk);

  std::shared_ptr<DatabaseState> state_;
  ConnectionHandle handle_;
  Session session_;
  std::set<std::string> names_;  // table functions registered here
};

Result<PreparedHandle> OpenConnection::prepare_one(std::string_view sql) {
  ASSIGN_OR_RETURN(const Statements statements, parse(session_, sql));
  if (statements.count != 1) {
    return make_error(ErrorKind::failed, "duckdb: one statement was expected, not several");
  }
  return prepare(session_, statements, 0);
}

Result<int64_t> OpenConnection::run(std::string_view sql) {
  ASSIGN_OR_RETURN(const Statements statements, parse(session_, sql));
  int64_t changed = 0;
  for (size_t index = 0; index < statements.count; ++index) {
    ASSIGN_OR_RETURN(const PreparedHandle prepared, prepare(session_, statements, index));
    ASSIGN_OR_RETURN(ResultHandle result, execute(session_, prepared, ResultMode::materialized));
    changed = static_cast<int64_t>(library().rows_changed(result.get()));
  }
  return changed;
}

Result<Rows> OpenConnection::query(std::string_view sql, size_t rows_max) {
  ASSIGN_OR_RETURN(PreparedHandle prepared, prepare_one(sql));
  const std::vector<ColumnDef> columns = prepared_columns(prepared.get());
  if (!std::all_of(columns.begin(), columns.end(), has_direct_text)) {
    if (library().prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
      return make_error(ErrorKind::failed, "duckdb: a column of this statement has no text form here",
                        "use a SELECT with casts to VARCHAR");
    }
    ASSIGN_OR_RETURN(prepared, prepare_one("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\n" +
                                           without_final_semicolon(sql) + "\n)"));
  }
  Rows rows;
  for (const ColumnDef& column : columns)
    rows.columns.push_back(column.name);
  const auto start = [](const std::vector<ColumnDef>&) { return Status(); };
  const auto collect = [&rows, rows_max](const ChunkReader& chunk) -> Status {
    if (rows.rows.size() + chunk.rows() > rows_max) {
      return make_error(ErrorKind::failed,
                        "duckdb: the result has more than " + std::to_string(rows_max) + " rows");
    }
    for (size_t row = 0; row < chunk.rows(); ++row) {
      std::vector<std::optional<std::string>>& cells = rows.rows.emplace_back(chunk.columns());
      for (size_t index = 0; index < chunk.columns(); ++index) {
        const ColumnReader& column = chunk.column(index);
        if (!column.is_null(row)) cells[index] = cell_text(column, row);
      }
    }
    return {};
  };
  // Small, so whole: no chunk is waited for, and nobody need watch.
  RETURN_IF_ERROR(stream_prepared(prepared, ResultMode::materialized, start, collect));
  return rows;
}

Status OpenConnection::stream(std::string_view sql,
                              const std::function<Status(const std::vector<ColumnDef>&)>& start,
                              const std::function<Status(const ChunkReader&)>& chunk) {
  ASSIGN_OR_RETURN(const PreparedHandle prepared, prepare_one(sql));
  return stream_prepared(prepared, ResultMode::streaming, start, chunk);
}

Status OpenConnection::stream_prepared(const PreparedHandle& prepared, ResultMode mode,
                                       const std::function<Status(const std::vector<ColumnDef>&)>& start,
                                       const std::function<Status(const ChunkReader&)>& chunk) {
  ASSIGN_OR_RETURN(ResultHandle result, execute(session_, prepared, mode));
  const std::vector<ColumnDef> columns = result_columns(result.get());
  std::vector<Type> types;
  for (const ColumnDef& column : columns)
    types.push_back(column.type);
  Status status = start(columns);
  bool ended = false;
  {
    std::optional<CancelWatch> watch;
    if (mode == ResultMode::streaming) watch.emplace(session_);
    while (status.ok() && !ended) {
      const ChunkHandle next(library().fetch_chunk(*result.get()));
      if (!next) {
        const char* message = library().result_error(result.get());
        if (message != nullptr && *message != '\0') status = statement_error(session_, message);
        ended = status.ok();
      } else if (session_.cancelled()) {
        status = interrupted_error();
      } else if (library().data_chunk_get_size(next.get()) > 0) {
        status = chunk(ChunkReaderView(next.get(), types));
      }
    }
  }
  finish(session_, std::move(result), !ended);
  return status;
}

Result<std::vector<ColumnDef>> OpenConnection::describe(std::string_view sql) {
  ASSIGN_OR_RETURN(const PreparedHandle prepared, prepare_one(sql));
  return prepared_columns(prepared.get());
}

Status OpenConnection::register_table(const std::string& name, std::shared_ptr<TableProducer> producer) {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->tables.find(name);
  if (found != state_->tables.end()) {
    const std::lock_guard slot_lock(found->second->mutex);
    if (found->second->producer != nullptr) {
      return make_error(ErrorKind::failed, "table function " + name + " is registered already");
    }
    found->second->producer = std::move(producer);
    found->second->scanned = false;
  } else {
    auto slot = std::make_shared<TableSlot>();
    slot->name = name;
    slot->errors = state_->errors;
    slot->producer = std::move(producer);
    RETURN_IF_ERROR(create_table_function(handle_.get(), slot));
    state_->tables.emplace(name, std::move(slot));
  }
  names_.insert(name);
  return {};
}

void OpenConnection::unregister_table(const std::string& name) {
  if (names_.erase(name) == 0) return;
  std::shared_ptr<TableProducer> last;  // destroyed after the locks
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->tables.find(name);
  if (found == state_->tables.end()) return;
  const std::lock_guard slot_lock(found->second->mutex);
  last.swap(found->second->producer);
}

}  // namespace

Result<std::unique_ptr<Connection>> make_connection(std::shared_ptr<DatabaseState> state) {
  ConnectionHandle handle;
  if (library().connect(state->handle.get(), handle.out()) != DuckDBSuccess) {
    return make_error(ErrorKind::failed, "duckdb: cannot connect");
  }
  return std::unique_ptr<Connection>(std::make_unique<OpenConnection>(std::move(state), std::move(handle)));
}

}  // namespace godwit::duck
