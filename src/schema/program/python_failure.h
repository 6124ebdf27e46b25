// What Alembic said when it failed: the traceback of Python, or its own line. Pure.
#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace godwit::schema {

struct PythonFailure {
  std::string message;   // "KeyError: 'x'", or what stands behind FAILED:; one line
  SourceLocation where;  // in the file asked for, or where the traceback ends; file empty = there is none
  std::string sqlstate;  // as far as psycopg's name of the exception tells; empty = unknown
};

// `file`: of the migration, as its path ends.
[[nodiscard]] PythonFailure python_failure(std::string_view errors, std::string_view file);

}  // namespace godwit::schema
