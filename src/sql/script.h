// An SQL script split into its statements, the way psql (or sqlite3) would send them.
//
// PostgreSQL: strings of every kind, dollar quotes, nested comments, parentheses (CREATE RULE … DO (a; b)),
// BEGIN ATOMIC … END, COPY … FROM stdin with its data, psql's backslash commands. SQLite: its quotes, CREATE
// TRIGGER … BEGIN …; END. Assumes standard_conforming_strings, which is on since PostgreSQL 9.1. A byte order
// mark at the start is skipped; line ends may be \n or \r\n. What the statements mean is not looked at: a
// syntax error that leaves quotes and parentheses whole is for the server, or sql::syntax_error, to find.
#pragma once

#include "base/result.h"
#include "sql/dialect.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace godwit::sql {

// Views into the script, which must outlive it. What stands between two statements are blanks, comments and
// semicolons: nothing else is ever left out.
struct Statement {
  enum class Kind : uint8_t {
    sql,
    copy_data,  // COPY … FROM stdin, followed by its data
    meta,       // a psql command: \set, \restrict, \gset, \; (with its data, when it is \copy … from stdin)
  };

  std::string_view text;  // from its first to its last token, without the semicolon; comments inside stay
  size_t offset = 0;      // of `text` in the script, in bytes
  int line = 0;           // of its first token, from 1
  int column = 0;         // in characters, from 1
  Kind kind = Kind::sql;
  std::string_view copy_data;  // whole lines, as they stand, without the line \. that ends them
};

// In the order of the script; none for an empty one. Fails with ErrorKind::config, and line and column (the
// file is the caller's to add), where a string, a name, a comment, a parenthesis, BEGIN ATOMIC, a trigger's
// BEGIN or COPY data starts that never ends; at a psql command inside a statement that it does not send
// (\echo in the middle of a SELECT); at anything but a comment behind COPY … FROM stdin; on its line; at
// SET standard_conforming_strings = off.
[[nodiscard]] Result<std::vector<Statement>> split(std::string_view script, Dialect dialect);

}  // namespace godwit::sql
