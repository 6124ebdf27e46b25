#include "schema/program/python_failure.h"

#include "base/text.h"

#include <charconv>
#include <vector>

namespace godwit::schema {

namespace {

// `  File "/srv/app/versions/x.py", line 12, in upgrade`
bool read_frame(std::string_view line, SourceLocation& frame) {
  constexpr std::string_view opening = "File \"", middle = "\", line ";
  line = trim(line);
  if (!line.starts_with(opening)) return false;
  const size_t end = line.find(middle);
  if (end == std::string_view::npos) return false;
  frame.file = line.substr(opening.size(), end - opening.size());
  const std::string_view number = line.substr(end + middle.size());
  frame.column = 0;
  std::from_chars(number.data(), number.data() + number.size(), frame.line);
  return true;
}

// psycopg names its exceptions after the conditions of PostgreSQL; those that a migration meets.
struct Condition {
  std::string_view name, sqlstate;
};
constexpr Condition conditions[] = {
    {"UndefinedTable", "42P01"},
    {"DuplicateTable", "42P07"},
    {"UndefinedColumn", "42703"},
    {"DuplicateColumn", "42701"},
    {"DuplicateObject", "42710"},
    {"UndefinedObject", "42704"},
    {"UndefinedFunction", "42883"},
    {"SyntaxError", "42601"},
    {"InsufficientPrivilege", "42501"},
    {"UniqueViolation", "23505"},
    {"ForeignKeyViolation", "23503"},
    {"NotNullViolation", "23502"},
    {"CheckViolation", "23514"},
    {"LockNotAvailable", "55P03"},
    {"DeadlockDetected", "40P01"},
    {"SerializationFailure", "40001"},
    {"QueryCanceled", "57014"},
    {"ActiveSqlTransaction", "25001"},
    {"DependentObjectsStillExist", "2BP01"},
};

// "sqlalchemy.exc.ProgrammingError: (psycopg2.errors.UndefinedTable) relation …"
std::string sqlstate_of(std::string_view message) {
  const size_t errors = message.find(".errors.");
  if (errors == std::string_view::npos) return {};
  const std::string_view name = message.substr(errors + 8, message.find(')', errors) - errors - 8);
  for (const Condition& condition : conditions) {
    if (condition.name == name) return std::string(condition.sqlstate);
  }
  return {};
}

}  // namespace

PythonFailure python_failure(std::string_view errors, std::string_view file) {
  PythonFailure failure;
  SourceLocation last;
  bool in_traceback = false, told = false;
  std::string last_line;
  for (const std::string& line : split(errors, '\n')) {
    if (trim(line).empty()) continue;
    if (line.starts_with("Traceback ")) {
      in_traceback = true;
      told = false;
      failure.where = last = {};
    }
    SourceLocation frame;
    if (read_frame(line, frame)) {
      last = frame;
      if (frame.file.ends_with(file)) failure.where = frame;
      in_traceback = true;
    } else if (in_traceback && line.front() != ' ' && !line.starts_with("Traceback ")) {
      failure.message = trim(line);
      in_traceback = false;
      told = true;
    }
    if (line.starts_with("FAILED: ") || line.find(" FAILED: ") != std::string::npos) {
      failure.message = trim(line.substr(line.find("FAILED: ") + 8));
      told = true;
    }
    last_line = trim(line);
  }
  if (!told) failure.message = last_line.empty() ? "it said nothing" : last_line;
  if (failure.where.file.empty()) failure.where = last;
  failure.sqlstate = sqlstate_of(failure.message);
  return failure;
}

}  // namespace godwit::schema
