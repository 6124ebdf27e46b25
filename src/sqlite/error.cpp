#include "sqlite/error.h"

#include "base/text.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace godwit::sqlite {

namespace {

ErrorKind kind_of(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorKind::locked;
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
      return ErrorKind::unreachable;
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorKind::credentials;
    case SQLITE_READONLY:
      return ErrorKind::gate;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
      return ErrorKind::io;
    case SQLITE_INTERRUPT:
      return ErrorKind::interrupted;
    default:
      return ErrorKind::failed;
  }
}

std::string hint_of(int primary) {
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process is writing to the file: wait for it to end";
    case SQLITE_CANTOPEN:
      return "check that the file exists and that this user may read it";
    case SQLITE_NOTADB:
      return "check the path: the file is not an SQLite database, or it is encrypted";
    case SQLITE_READONLY:
      return "the file or its folder is read-only for this user";
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return "free disk space, and check quota, the limit on file sizes and the disk itself";
    default:
      return {};
  }
}

// Constraint messages name tables, columns and constraints. Other messages of a running statement may quote
// what it worked on (casts, JSON, user-defined RAISE texts), so they are not repeated.
bool names_columns_only(std::string_view message) {
  for (const std::string_view prefix :
       {"UNIQUE constraint failed: ", "NOT NULL constraint failed: ", "CHECK constraint failed: ",
        "FOREIGN KEY constraint failed", "cannot store "}) {
    if (message.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

}  // namespace

Error error_of(sqlite3* database, int code, std::string_view doing) {
  const int primary = code & 0xFF;
  const std::string_view said = database != nullptr ? sqlite3_errmsg(database) : "";
  std::string detail = sqlite3_errstr(primary);
  // The text of a statement is our own: an SQL error found while preparing it quotes only that.
  const bool repeat = names_columns_only(said) || (doing == "prepare" && primary == SQLITE_ERROR);
  if (!said.empty() && repeat) detail = said.substr(0, 300);
  const ErrorKind kind = kind_of(primary);
  const char* file = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
  if (kind == ErrorKind::io && file != nullptr) detail += fmt::format(", file {}", file);
  return make_error(kind, fmt::format("sqlite: {} failed: {}", doing, detail), hint_of(primary));
}

}  // namespace godwit::sqlite
