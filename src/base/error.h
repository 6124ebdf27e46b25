// Operating errors as values: what went wrong, where, and what to do next.
//
// Every function that can fail for a reason outside the program returns Result<T> (result.h) with one Error.
// Bugs do not become Errors: they stop the program with CHECK (check.h). An Error never contains tenant data:
// the message names tables, columns, counts and SQLSTATEs, never values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

enum class ErrorKind : uint8_t {
#define GODWIT_ERROR_KIND(name, exit_code, retryable, help) name,
#include "base/error_kinds.def"
#undef GODWIT_ERROR_KIND
};

// One row of error_kinds.def.
struct ErrorKindInfo {
  ErrorKind kind;
  std::string_view name;
  int exit_code;
  bool retryable;
  std::string_view help;
};

// Never fails: the table holds every kind.
[[nodiscard]] const ErrorKindInfo& info(ErrorKind kind);
[[nodiscard]] const std::vector<ErrorKindInfo>& all_error_kinds();

// A position in a file that a person wrote. Line and column count from 1; 0 means unknown.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;

  [[nodiscard]] bool known() const { return !file.empty(); }
  // "file:line:column", shortened where parts are unknown.
  [[nodiscard]] std::string text() const;
};

// Value type; safe to copy and to move between threads.
struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;   // lower case, no full stop, no tenant data
  std::string hint;      // what to do next; may be empty
  std::string sqlstate;  // five characters when a database said so
  SourceLocation where;  // in a configuration or migration file
  std::shared_ptr<const Error> cause;

  [[nodiscard]] int exit_code() const { return info(kind).exit_code; }
  [[nodiscard]] bool retryable() const { return info(kind).retryable; }
  [[nodiscard]] bool in_doubt() const { return kind == ErrorKind::in_doubt; }
  // One line: "file:line:column: message (SQLSTATE 12345): cause".
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] Error make_error(ErrorKind kind, std::string message, std::string hint = {});
// The same error seen from further out: `message` first, the old one as its cause; kind, hint, location stay.
[[nodiscard]] Error wrap(Error inner, std::string message);

}  // namespace godwit
