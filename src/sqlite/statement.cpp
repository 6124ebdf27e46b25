#include "base/check.h"
#include "sqlite/database.h"
#include "sqlite/error.h"

#include <sqlite3.h>

#include <cmath>
#include <utility>

namespace godwit::sqlite {

namespace {

Constraint constraint_of(int code) {
  if ((code & 0xFF) != SQLITE_CONSTRAINT) return Constraint::none;
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Constraint::unique;
    case SQLITE_CONSTRAINT_NOTNULL:
      return Constraint::not_null;
    case SQLITE_CONSTRAINT_CHECK:
      return Constraint::check;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Constraint::foreign_key;
    default:
      return Constraint::other;
  }
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : owner_(other.owner_),
      database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      bind_code_(other.bind_code_),
      failed_constraint_(other.failed_constraint_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(database_, other.database_);
  std::swap(statement_, other.statement_);
  std::swap(bind_code_, other.bind_code_);
  std::swap(failed_constraint_, other.failed_constraint_);
  return *this;
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::note(int code) {
  if (code != SQLITE_OK && bind_code_ == SQLITE_OK) bind_code_ = code;
}

Statement& Statement::bind_null(int index) {
  note(sqlite3_bind_null(statement_, index));
  return *this;
}

Statement& Statement::bind(int index, int64_t number) {
  note(sqlite3_bind_int64(statement_, index, number));
  return *this;
}

Statement& Statement::bind_real(int index, double number) {
  note(std::isnan(number) ? SQLITE_MISMATCH : sqlite3_bind_double(statement_, index, number));
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  // A null pointer would bind NULL: an empty view may have one.
  const char* data = text.data() == nullptr ? "" : text.data();
  note(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::bind_blob(int index, std::string_view bytes) {
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  note(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::bind_value(int index, const Value& value) {
  switch (value.type) {
    case ValueType::null:
      return bind_null(index);
    case ValueType::integer:
      return bind(index, value.integer);
    case ValueType::real:
      return bind_real(index, value.real);
    case ValueType::text:
      return bind_text(index, value.bytes);
    case ValueType::blob:
      return bind_blob(index, value.bytes);
  }
  return *this;
}

Result<bool> Statement::step() {
  failed_constraint_ = Constraint::none;
  if (bind_code_ != SQLITE_OK) return sqlite::error_of(nullptr, std::exchange(bind_code_, SQLITE_OK), "bind");
  const int code = sqlite3_step(statement_);
  failed_constraint_ = constraint_of(code);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = owner_->error_of(code, "step");
  sqlite3_reset(statement_);
  return error;
}

Result<int64_t> Statement::run() {
  const int64_t before = sqlite3_total_changes64(database_);
  for (;;) {
    ASSIGN_OR_RETURN(const bool row, step());
    if (!row) break;
  }
  reset();
  // Statements that change no row leave sqlite3_changes() at the value of an earlier one.
  return sqlite3_total_changes64(database_) == before ? int64_t{0} : int64_t{sqlite3_changes64(database_)};
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_);
}

int Statement::columns() const {
  return sqlite3_column_count(statement_);
}

std::string Statement::column_name(int index) const {
  const char* name = sqlite3_column_name(statement_, index);
  return name == nullptr ? "" : name;
}

ValueType Statement::type(int index) const {
  switch (sqlite3_column_type(statement_, index)) {
    case SQLITE_INTEGER:
      return ValueType::integer;
    case SQLITE_FLOAT:
      return ValueType::real;
    case SQLITE_TEXT:
      return ValueType::text;
    case SQLITE_BLOB:
      return ValueType::blob;
    default:
      return ValueType::null;
  }
}

int64_t Statement::integer(int index) const {
  return sqlite3_column_int64(statement_, index);
}

double Statement::real(int index) const {
  return sqlite3_column_double(statement_, index);
}

std::string_view Statement::text(int index) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, index));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, index))};
}

std::string_view Statement::blob(int index) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, index));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, index))};
}

Value Statement::value(int index) const {
  switch (type(index)) {
    case ValueType::null:
      return Value::null();
    case ValueType::integer:
      return Value::of(integer(index));
    case ValueType::real:
      return Value::of(real(index));
    case ValueType::text:
      return Value::text(text(index));
    case ValueType::blob:
      return Value::blob(blob(index));
  }
  return Value::null();
}

int Statement::parameters() const {
  return sqlite3_bind_parameter_count(statement_);
}

}  // namespace godwit::sqlite
