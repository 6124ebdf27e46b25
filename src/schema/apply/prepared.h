// A script made ready to run: split, classified, and how it will run decided. Pure.
#pragma once

#include "base/result.h"
#include "schema/migration.h"
#include "sql/classify.h"
#include "sql/script.h"

#include <string>
#include <vector>

namespace godwit::schema {

enum class RunMode : uint8_t {
  one_message,      // one transaction, one round trip
  one_transaction,  // one transaction, several messages: COPY data travels by itself
  program,          // run by the tool that it is written for
  by_statement      // each statement by itself, progress recorded: something cannot run in a transaction
};

struct PreparedStatement {
  sql::Statement statement;  // views into the script that was prepared
  sql::StatementFacts facts;
};

struct PreparedScript {
  RunMode mode = RunMode::one_message;
  std::string why;  // by_statement: what cannot run in a transaction
  std::vector<PreparedStatement> statements;
};

// `script` must outlive the result. Errors are ErrorKind::config with file, line and column: a script that
// cannot be split, psql commands that have no meaning here, COMMIT in the middle, a file that asks for a
// transaction and cannot have one.
[[nodiscard]] Result<PreparedScript> prepare(const Script& script, sql::Dialect dialect, int server_version);

// Whether it waits for a lock that others queue behind.
[[nodiscard]] bool makes_others_queue(const sql::StatementFacts& facts);

// ErrorKind::config with the place of a statement that cannot do what it means where every transaction may
// meet another session: it sets something for the statements that follow in transactions of their own, or
// needs a limit of time that only a session can be given.
[[nodiscard]] Status fits_shared_sessions(const Script& script, const PreparedScript& prepared);

// Where a statement of a script lies in its file.
[[nodiscard]] SourceLocation place_of(const Script& script, const sql::Statement& statement);

}  // namespace godwit::schema
