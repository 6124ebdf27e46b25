#include "sqlite/database.h"

#include "base/check.h"
#include "sqlite/error.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cmath>
#include <utility>

namespace godwit::sqlite {

std::string_view to_string(ValueType type) {
  switch (type) {
    case ValueType::null:
      return "null";
    case ValueType::integer:
      return "integer";
    case ValueType::real:
      return "real";
    case ValueType::text:
      return "text";
    case ValueType::blob:
      return "blob";
  }
  return "?";
}

bool operator==(const Value& left, const Value& right) {
  if (left.type != right.type) return false;
  switch (left.type) {
    case ValueType::null:
      return true;
    case ValueType::integer:
      return left.integer == right.integer;
    case ValueType::real:  // -0.0 and 0.0 are not the same value
      return left.real == right.real && std::signbit(left.real) == std::signbit(right.real);
    case ValueType::text:
    case ValueType::blob:
      return left.bytes == right.bytes;
  }
  return false;
}

namespace {

int open_flags(OpenMode mode) {
  switch (mode) {
    case OpenMode::read_only:
      return SQLITE_OPEN_READONLY;
    case OpenMode::read_write:
      return SQLITE_OPEN_READWRITE;
    case OpenMode::create:
      return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return SQLITE_OPEN_READONLY;
}

// Some 0.1 ms of work between two looks at the cancel flag.
constexpr int steps_per_look = 10'000;
constexpr int lock_look_every_ms = 20;

using TextFunction = std::function<std::optional<std::string>()>;

void call_text_function(sqlite3_context* context, int, sqlite3_value**) {
  const auto* function = static_cast<const TextFunction*>(sqlite3_user_data(context));
  const std::optional<std::string> value = (*function)();
  if (!value.has_value()) {
    sqlite3_result_null(context);
    return;
  }
  sqlite3_result_text64(context, value->data(), value->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const OpenOptions& options) {
  sqlite3* handle = nullptr;
  // One thread at a time by contract, so no mutex of SQLite's own.
  const int flags = open_flags(options.mode) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  database->cancel_ = options.cancel;
  if (code != SQLITE_OK)
    return wrap(sqlite::error_of(handle, code, "open"), fmt::format("cannot open {}", path));
  database->set_busy_timeout_ms(options.busy_timeout_ms);
  sqlite3_busy_handler(
      handle,
      [](void* self, int times) { return static_cast<Database*>(self)->wait_for_lock(times) ? 1 : 0; },
      database.get());
  if (options.cancel != nullptr) {
    sqlite3_progress_handler(
        handle, steps_per_look, [](void* self) { return static_cast<Database*>(self)->cancelled() ? 1 : 0; },
        database.get());
  }
  // Opening is lazy: only a read tells a database from any other file.
  if (Status read = database->run("PRAGMA schema_version"); !read.ok()) {
    return wrap(read.error(), fmt::format("cannot read {}", path));
  }
  return database;
}

std::string Database::library_version() {
  return sqlite3_libversion();
}

Database::~Database() {
  // Statements must be gone; close_v2 would wait for forgotten ones instead of leaking the file's locks.
  sqlite3_close_v2(handle_);
}

Status Database::run(const std::string& script) {
  const char* rest = script.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(handle_, rest, -1, &raw, &rest);
    if (code != SQLITE_OK) return error_of(code, "prepare");
    if (raw == nullptr) continue;  // white space or a comment
    Statement statement(*this, handle_, raw);
    Result<int64_t> changed = statement.run();
    if (!changed.ok()) return changed.error();
  }
  return {};
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return error_of(code, "prepare");
  if (raw == nullptr) return make_error(ErrorKind::failed, "sqlite: prepare failed: empty statement");
  return Statement(*this, handle_, raw);
}

Result<int64_t> Database::number(const std::string& sql, const std::vector<Value>& parameters) {
  ASSIGN_OR_RETURN(Statement statement, prepare(sql));
  for (size_t i = 0; i < parameters.size(); ++i)
    statement.bind_value(static_cast<int>(i) + 1, parameters[i]);
  ASSIGN_OR_RETURN(const bool row, statement.step());
  if (!row) return make_error(ErrorKind::failed, "sqlite: a query that must return one row returned none");
  return statement.integer(0);
}

Result<std::vector<std::vector<Value>>> Database::rows(const std::string& sql,
                                                       const std::vector<Value>& parameters) {
  ASSIGN_OR_RETURN(Statement statement, prepare(sql));
  for (size_t i = 0; i < parameters.size(); ++i)
    statement.bind_value(static_cast<int>(i) + 1, parameters[i]);
  std::vector<std::vector<Value>> rows;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, statement.step());
    if (!more) return rows;
    std::vector<Value>& row = rows.emplace_back();
    for (int column = 0; column < statement.columns(); ++column)
      row.push_back(statement.value(column));
  }
}

int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

bool Database::read_only() const {
  return sqlite3_db_readonly(handle_, "main") != 0;
}

void Database::set_busy_timeout_ms(int timeout_ms) {
  busy_timeout_ms_ = timeout_ms;
}

Error Database::error_of(int code, std::string_view doing) const {
  Error error = sqlite::error_of(handle_, code, doing);
  if (error.kind == ErrorKind::locked && cancelled()) error.kind = ErrorKind::interrupted;
  return error;
}

bool Database::wait_for_lock(int times) {
  if (times == 0) waited_ms_ = 0;
  if (cancelled() || waited_ms_ >= busy_timeout_ms_) return false;
  sqlite3_sleep(lock_look_every_ms);
  waited_ms_ += lock_look_every_ms;
  return true;
}

Status Database::set_triggers_enabled(bool enabled) {
  const int code =
      sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, enabled ? 1 : 0, static_cast<int*>(nullptr));
  if (code != SQLITE_OK) return error_of(code, "configure");
  return {};
}

Status Database::register_text_function(const std::string& name, TextFunction value) {
  // SQLite owns the function object from here on, also when registering fails.
  auto* owned = new TextFunction(std::move(value));
  const int code = sqlite3_create_function_v2(
      handle_, name.c_str(), 0, SQLITE_UTF8 | SQLITE_DETERMINISTIC, owned, call_text_function, nullptr,
      nullptr, [](void* object) { delete static_cast<TextFunction*>(object); });
  if (code != SQLITE_OK) return error_of(code, "register function");
  return {};
}

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  const char* sql = kind == Kind::deferred    ? "BEGIN DEFERRED"
                    : kind == Kind::immediate ? "BEGIN IMMEDIATE"
                                              : "BEGIN EXCLUSIVE";
  RETURN_IF_ERROR(database.run(sql));
  return Transaction(database);
}

Transaction::~Transaction() {
  roll_back();
}

// Not to be interrupted.
Status Transaction::end(const std::string& statement) {
  database_->ending_ = true;
  const Status ended = database_->run(statement);
  database_->ending_ = false;
  return ended;
}

Status Transaction::commit() {
  CHECK(database_ != nullptr);
  RETURN_IF_ERROR(end("COMMIT"));  // a failed COMMIT leaves the transaction open: rolled back later
  database_ = nullptr;
  return {};
}

void Transaction::roll_back() noexcept {
  if (database_ == nullptr) return;
  // Some errors (disk full, I/O) have rolled back already.
  if (database_->in_transaction()) {
    if (Status rolled_back = end("ROLLBACK"); !rolled_back.ok()) {
      // Closing the connection rolls back too: nothing is left to do here.
    }
  }
  database_ = nullptr;
}

}  // namespace godwit::sqlite
