// SQLite, sealed: databases, prepared statements, transactions. Only this folder includes sqlite3.h.
//
// Errors carry SQLite's message only where it names tables and columns (constraint failures, SQL errors of
// our own statements); anything else is the text of the result code. Values never stand in an Error. Kinds:
// busy or locked → locked; cancelled → interrupted; cannot open, not a database → unreachable; read-only →
// gate; disk full, I/O → io; else failed.
#pragma once

#include "base/result.h"
#include "sqlite/value.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace godwit::sqlite {

enum class OpenMode : uint8_t { read_only, read_write, create };

struct OpenOptions {
  OpenMode mode = OpenMode::read_only;
  int busy_timeout_ms = 5000;
  // When set, statements and waits for other processes' locks stop with ErrorKind::interrupted soon after
  // *cancel becomes true; COMMIT and ROLLBACK do not look. It outlives the database.
  const std::atomic<bool>* cancel = nullptr;
};

// The kind of constraint that a step failed on.
enum class Constraint : uint8_t { none, unique, not_null, check, foreign_key, other };

class Database;

// A prepared statement. Must not outlive its Database. One thread at a time.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  // Parameters count from 1. Bytes are copied. A NaN is refused: SQLite would store NULL.
  Statement& bind_null(int index);
  Statement& bind(int index, int64_t number);
  Statement& bind_real(int index, double number);
  Statement& bind_text(int index, std::string_view text);
  Statement& bind_blob(int index, std::string_view bytes);
  Statement& bind_value(int index, const Value& value);

  // True on a row, false at the end. A failed bind is reported here.
  [[nodiscard]] Result<bool> step();
  // Steps to the end, then resets: for statements without rows. The number of rows it changed.
  [[nodiscard]] Result<int64_t> run();
  // Why the last step failed, when a constraint refused it. The transaction goes on.
  [[nodiscard]] Constraint failed_constraint() const { return failed_constraint_; }
  // Ready for the next execution; bindings stay.
  void reset() noexcept;

  // Columns count from 0; valid after step() returned true, views until the next step, run or reset.
  [[nodiscard]] int columns() const;
  [[nodiscard]] std::string column_name(int index) const;
  [[nodiscard]] ValueType type(int index) const;
  [[nodiscard]] bool is_null(int index) const { return type(index) == ValueType::null; }
  [[nodiscard]] int64_t integer(int index) const;
  [[nodiscard]] double real(int index) const;
  // Text or blob bytes as they are stored; numbers are converted to text.
  [[nodiscard]] std::string_view text(int index) const;
  [[nodiscard]] std::string_view blob(int index) const;
  [[nodiscard]] Value value(int index) const;

  [[nodiscard]] int parameters() const;

 private:
  friend class Database;
  Statement(const Database& owner, sqlite3* database, sqlite3_stmt* statement)
      : owner_(&owner), database_(database), statement_(statement) {}
  void note(int code);

  const Database* owner_ = nullptr;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  int bind_code_ = 0;
  Constraint failed_constraint_ = Constraint::none;
};

// A connection. One thread at a time (not always the same thread).
class Database {
 public:
  // Relative paths count from the current folder. Proves that the file is a database by reading its header.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                              const OpenOptions& options);
  [[nodiscard]] static std::string library_version();

  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // One or more statements without parameters; rows are dropped.
  [[nodiscard]] Status run(const std::string& script);
  [[nodiscard]] Result<Statement> prepare(const std::string& sql);
  // The first column of the first row as a number; an Error when there is no row. NULL is 0.
  [[nodiscard]] Result<int64_t> number(const std::string& sql, const std::vector<Value>& parameters = {});
  // Every row, for metadata and tests: never for tables of unknown size.
  [[nodiscard]] Result<std::vector<std::vector<Value>>> rows(const std::string& sql,
                                                             const std::vector<Value>& parameters = {});

  [[nodiscard]] int64_t last_insert_rowid() const;
  [[nodiscard]] bool in_transaction() const;
  // The file could only be opened, or was asked to be opened, for reading.
  [[nodiscard]] bool read_only() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  void set_busy_timeout_ms(int timeout_ms);
  // Triggers of this connection only; on when opened.
  [[nodiscard]] Status set_triggers_enabled(bool enabled);

  // name() returns what `value` gives at the time of the call, as text; nullopt = NULL. Constant within a
  // statement, so that SQLite may use an index on what it is compared with.
  [[nodiscard]] Status register_text_function(const std::string& name,
                                              std::function<std::optional<std::string>()> value);

 private:
  friend class Statement;
  friend class Transaction;
  Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  // Called by SQLite while another process holds a lock; false gives up.
  [[nodiscard]] bool wait_for_lock(int times);
  // The Error of a result code; a wait that was given up because of the cancel flag is an interruption.
  [[nodiscard]] Error error_of(int code, std::string_view doing) const;
  [[nodiscard]] bool cancelled() const { return !ending_ && cancel_ != nullptr && cancel_->load(); }

  sqlite3* handle_ = nullptr;
  std::string path_;
  int busy_timeout_ms_ = 0;
  int waited_ms_ = 0;  // for the lock that is wanted now
  const std::atomic<bool>* cancel_ = nullptr;
  bool ending_ = false;  // a COMMIT or ROLLBACK runs
};

// A transaction; the destructor rolls back what was not committed.
class Transaction {
 public:
  enum class Kind : uint8_t { deferred, immediate, exclusive };
  [[nodiscard]] static Result<Transaction> begin(Database& database, Kind kind = Kind::immediate);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  [[nodiscard]] Status commit();
  void roll_back() noexcept;

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  [[nodiscard]] Status end(const std::string& statement);
  Database* database_;
};

}  // namespace godwit::sqlite
