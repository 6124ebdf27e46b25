// What a script says, without how it is laid out: two scripts that differ in nothing but comments, white
// space outside of literals, the letter case of unquoted words, empty statements or a last semicolon have the
// same canonical form; a changed literal, name, operator or order of statements gives another one.
//
// Literals, quoted names, COPY data and psql commands stay byte for byte, the body of a function in dollar
// quotes among them, and so do line ends inside them.
#pragma once

#include "sql/dialect.h"

#include <string>
#include <string_view>

namespace godwit::sql {

// To be hashed by the caller (crypto::sha256_hex), not to be executed. Never fails: a script that sql::split
// refuses is its own canonical form, line ends aside. The form of a canonical form is itself.
[[nodiscard]] std::string canonical(std::string_view script, Dialect dialect);

}  // namespace godwit::sql
